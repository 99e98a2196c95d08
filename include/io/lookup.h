/* The addresses of a host's name. The system's resolver cannot be told to stop, so it runs on a
 * thread of its own that is left to itself when its answer is not wanted any more. One thread. */
#ifndef IO_LOOKUP_H
#define IO_LOOKUP_H

#include <netdb.h>

struct lookup;

struct lookup *lookup_start(const char *host, int port); /* never blocks */
int lookup_fd(const struct lookup *l);                   /* readable once it is over */
/* 0 with the addresses, the caller's to freeaddrinfo; EAI_INPROGRESS while it is not over; another
 * EAI_ when there are none. */
int lookup_take(struct lookup *l, struct addrinfo **list);
void lookup_end(struct lookup *l); /* over or not; never blocks */

#endif
