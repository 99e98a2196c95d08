/* Names that sort by time and are never given twice: 48 bits of milliseconds and 80 of chance, in
 * 26 characters (Crockford's base 32). Two machines that share nothing do not give the same one. */
#ifndef BASE_ULID_H
#define BASE_ULID_H

#include <stdbool.h>
#include <stdint.h>

#define ULID_SIZE 27 /* with its NUL */

/* The last one given: what comes next is greater, also within a millisecond and when the clock
 * was set back. Zeroed at first; one thread at a time, and not shared over a fork. */
struct ulid {
	unsigned char bytes[16];
};

void ulid_next(struct ulid *last, int64_t wall_ms, char dst[ULID_SIZE]);
bool ulid_valid(const char *s); /* 26 of its characters, capitals; NULL is not */

#endif
