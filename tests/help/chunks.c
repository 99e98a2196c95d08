/* Chunks of many sizes in one stream: mostly a few bytes, which finds what breaks at a border, now
 * and then as much as the network gives at once. */
#include "help/chunks.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* How long the chunk is that begins with this byte. */
static size_t chunk_bytes(unsigned char byte, size_t at, unsigned seed)
{
	static const size_t spans[] = {1, 2, 3, 7, 16, 61, 300, 16384};
	size_t which = (byte + at + seed) % (sizeof(spans) / sizeof(spans[0]));

	return 1 + (byte * 131u + at * 7u + seed) % spans[which];
}

static size_t next_bytes(const char *bytes, size_t n, size_t at, unsigned seed)
{
	size_t some = seed == 0   ? n
		      : seed == 1 ? 1
				  : chunk_bytes((unsigned char)bytes[at], at, seed);

	return some < n - at ? some : n - at;
}

int chunks_feed(const char *bytes, size_t n, unsigned seed,
	int (*feed)(void *arg, const char *bytes, size_t n), void *arg)
{
	int rc = 0;

	for (size_t at = 0, some; rc == 0 && at < n; at += some) {
		char *exact;

		some = next_bytes(bytes, n, at, seed);
		exact = malloc(some);
		if (exact == NULL)
			abort();
		memcpy(exact, bytes + at, some);
		rc = feed(arg, exact, some);
		free(exact);
	}
	return rc;
}
