#include "help/secure.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/instant.h"
#include "io/tls_authority.h"
#include "io/tls_server.h"

#define DAY_MS INT64_C(86400000)

void secure_open(struct secure *s)
{
	static const char *const names[] = {"127.0.0.1", "localhost", NULL};
	int64_t now = instant_now().wall_ms;
	const struct tls_issue what = {.cn = "server",
		.names = names,
		.not_before_ms = now - DAY_MS,
		.not_after_ms = now + DAY_MS};
	char *cert = NULL, *key = NULL;
	struct err e;

	s->ca = tls_authority_new("test", &e);
	s->server = NULL;
	if (s->ca != NULL && tls_authority_issue(s->ca, &what, &cert, &key, &e) == 0)
		s->server = tls_server_new(cert, key, NULL, false, &e);
	if (s->server == NULL) {
		fprintf(stderr, "%s\n", e.text);
		exit(2);
	}
	s->client = http_tls_new(tls_authority_pem(s->ca), NULL, NULL);
	free(cert);
	free(key);
}

void secure_done(struct secure *s)
{
	http_tls_unref(s->client);
	tls_server_free(s->server);
	tls_authority_free(s->ca);
}
