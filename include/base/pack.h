/* Building a value and everything it points to in one allocation: the same walk runs twice, first
 * to measure, then to copy. One free() drops it all. Any thread, one pack at a time. */
#ifndef BASE_PACK_H
#define BASE_PACK_H

#include <stddef.h>

struct pack {
	char *at;    /* NULL while measuring */
	size_t used; /* bytes so far */
};

/* Room for n elements, aligned for any of our types; NULL while measuring, or when n is 0. */
void *pack_room(struct pack *p, size_t n, size_t size);
/* The copy of s inside the pack (s itself while measuring); NULL copies "". */
const char *pack_str(struct pack *p, const char *s);

#endif
