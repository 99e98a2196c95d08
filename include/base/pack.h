/* Building a value and everything it points to in one allocation: the same walk runs twice, first
 * to measure, then to copy. One free() drops it all. Any thread, one pack at a time. */
#ifndef BASE_PACK_H
#define BASE_PACK_H

#include <stddef.h>
#include <stdint.h>

struct pack {
	char *at;    /* NULL while measuring */
	size_t used; /* bytes so far */
};

/* Room for n elements, aligned for any of our types; NULL while measuring, or when n is 0. */
void *pack_room(struct pack *p, size_t n, size_t size);
/* The copy of s inside the pack (s itself while measuring); NULL copies "". */
const char *pack_str(struct pack *p, const char *s);

/* A kind of struct, by the places of its strings and of its arrays. All const. */
struct pack_array {
	uint16_t at, n; /* where the pointer is, where the size_t */
	const struct pack_kind *of;
};
struct pack_kind {
	size_t size;
	const uint16_t *texts;
	size_t n_texts;
	const struct pack_array *arrays;
	size_t n_arrays;
};
#define PACK_TEXTS(places) .texts = (places), .n_texts = sizeof(places) / sizeof((places)[0])

/* A copy of one with all it points to, immutable and shared by count, which is 1. */
void *pack_shared(const void *from, const struct pack_kind *kind);
void *pack_ref(void *shared); /* NULL is fine; any thread, as is unref */
void pack_unref(void *shared);

#endif
