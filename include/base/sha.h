/* SHA-256 and its HMAC (OpenSSL's). One struct sha belongs to one thread; the rest is any's. */
#ifndef BASE_SHA_H
#define BASE_SHA_H

#include <stdbool.h>
#include <stddef.h>

#define SHA_BYTES 32
#define SHA_HEX   (2 * SHA_BYTES + 1)

struct sha;

struct sha *sha_new(void);
void sha_free(struct sha *s);
void sha_add(struct sha *s, const void *bytes, size_t n);
void sha_end(struct sha *s, unsigned char digest[SHA_BYTES]); /* and begins anew */
void sha_of(const void *bytes, size_t n, unsigned char digest[SHA_BYTES]);
/* RFC 2104; either may be empty */
void sha_hmac(const void *key, size_t key_n, const void *bytes, size_t n,
	unsigned char digest[SHA_BYTES]);
char *sha_hex(const unsigned char digest[SHA_BYTES], char hex[SHA_HEX]);
bool sha_parse(const char *hex, unsigned char digest[SHA_BYTES]); /* all 64 digits; NULL is none */

#endif
