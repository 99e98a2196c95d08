/* A throwaway authority, for the drill and the tests. */
#ifndef IO_TLS_AUTHORITY_H
#define IO_TLS_AUTHORITY_H

#include <stdint.h>

#include "base/err.h"

struct tls_authority;
struct tls_authority *tls_authority_new(const char *name, struct err *e);
void tls_authority_free(struct tls_authority *ca);
const char *tls_authority_pem(const struct tls_authority *ca);
struct tls_issue {
	const char *cn, *org;     /* org may be NULL */
	const char *const *names; /* DNS names or IPs, NULL-terminated; NULL: a client only */
	int64_t not_before_ms, not_after_ms;
};
/* The pems are new strings. */
int tls_authority_issue(struct tls_authority *ca, const struct tls_issue *what, char **cert_pem,
	char **key_pem, struct err *e);

#endif
