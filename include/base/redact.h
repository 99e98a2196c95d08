/* Masks what must not be seen: bearer tokens, basic credentials in URLs,
 * bootstrap tokens, JWTs, PEM private keys, and values of keys that look like
 * password/token/secret. Rules are rows. */
#ifndef BASE_REDACT_H
#define BASE_REDACT_H

#include <stddef.h>

/* A copy with every secret replaced by "[redacted]"; free(). */
char *redact_text(const char *text, size_t n);

#endif
