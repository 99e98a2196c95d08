/* A place for the newest of something: a put drops the unread one before it.
 * Any thread puts, one thread takes. */
#ifndef BASE_SLOT_H
#define BASE_SLOT_H

struct slot;

struct slot *slot_new(void (*drop)(void *thing));
void slot_free(struct slot *s);             /* drops the unread one; NULL is fine */
void slot_put(struct slot *s, void *thing); /* moves */
void *slot_take(struct slot *s);            /* gives, or NULL when nothing new came */
int slot_fd(const struct slot *s);          /* readable while one waits */

#endif
