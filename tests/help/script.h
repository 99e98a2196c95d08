/* An HTTP server that answers by a script: each request, on whatever connection, takes the next
 * step. Past the last one requests hang. Every answer ends its connection. */
#ifndef HELP_SCRIPT_H
#define HELP_SCRIPT_H

#include <stddef.h>

#include "io/tls_server.h"

enum script_then {
	SCRIPT_CLOSE,
	SCRIPT_HOLD, /* until the server stops */
	SCRIPT_WAIT, /* until the client closes, which is counted */
	SCRIPT_DRIP, /* a space every now and then, until the client closes */
	SCRIPT_RESET
};

struct script_step {
	/* Words that the request's head must hold, separated by spaces; NULL: any request. */
	const char *expect;
	const char *reject;    /* a word that it must not hold, or NULL */
	int status;            /* 0: no answer at all, the connection just ends */
	const char *headers;   /* "Name: value\r\n"..., or NULL */
	const char *body;      /* NULL: empty */
	size_t body_bytes;     /* of a body with NULs in it; 0: up to the first */
	enum script_then then; /* after the body */
	size_t drip;           /* so many bytes at a time; 0: all at once */
};

struct script;

/* steps are borrowed */
struct script *script_start(struct tls_server *tls, const struct script_step *steps, size_t n);
int script_port(const struct script *s);
int script_asked(struct script *s); /* requests so far */
/* Until so many clients closed before a SCRIPT_WAIT */
void script_wait_left(struct script *s, int n);
/* Stops it and fails the running test when a request was not the expected one. */
void script_stop(struct script *s);

#endif
