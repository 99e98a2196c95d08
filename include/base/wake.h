/* A wake-up that stays: an eventfd that is readable from wake_set until
 * wake_clear, however often either is called. Any thread. */
#ifndef BASE_WAKE_H
#define BASE_WAKE_H

int wake_open(void); /* a descriptor; close(). Without one the program ends, as without memory */
void wake_set(int fd);
void wake_clear(int fd);

#endif
