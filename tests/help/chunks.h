/* A stream as the network brings it: cut where nobody expects it. The places come from the bytes
 * themselves and a seed, so that a fuzzer moves them; each chunk lies in memory of exactly its own
 * size, so that a sanitizer sees one byte too far. */
#ifndef HELP_CHUNKS_H
#define HELP_CHUNKS_H

#include <stddef.h>

/* Feeds all of bytes, chunk by chunk, until one is refused: gives what feed gave last. seed 0: in
 * one chunk; 1: byte by byte. */
int chunks_feed(const char *bytes, size_t n, unsigned seed,
	int (*feed)(void *arg, const char *bytes, size_t n), void *arg);

#endif
