/* Base64 (RFC 4648), both alphabets. Any thread. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>

/* Reads either alphabet, with or without padding, over white space. A new string, NUL-terminated,
 * its length in *out_n (may be NULL); NULL when it is no base64. */
char *base64_decode(const char *text, size_t n, size_t *out_n);
/* The common alphabet, padded; a new string. */
char *base64_encode(const void *bytes, size_t n);

#endif
