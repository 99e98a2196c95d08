/* TLS for a server of the tests at 127.0.0.1, and what a client needs to trust it. */
#ifndef HELP_SECURE_H
#define HELP_SECURE_H

#include "io/http.h"
#include "io/tls_authority.h"
#include "io/tls_server.h"

struct secure {
	struct tls_authority *ca;
	struct tls_server *server;
	struct http_tls *client;
};

void secure_open(struct secure *s); /* a failure ends the test program */
void secure_done(struct secure *s);

#endif
