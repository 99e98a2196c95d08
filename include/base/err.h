/* Errors are values: a code to branch on and a sentence for the operator that
 * says what, where and what to do. Functions return 0 or -1 and fill a caller's
 * struct err, which may be NULL. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

enum err_code {
	ERR_NONE,
	ERR_USAGE,       /* the command line or a key press is wrong */
	ERR_INPUT,       /* a file or an answer is malformed */
	ERR_MISSING,     /* it is not there (ENOENT, HTTP 404) */
	ERR_AUTH,        /* 401, 403, a refused client certificate, ssh's publickey */
	ERR_REFUSED,     /* TCP connection refused */
	ERR_UNREACHABLE, /* no route, no such host, connection reset */
	ERR_TIMEOUT,     /* no answer in time */
	ERR_TLS,         /* certificate or handshake */
	ERR_GONE,        /* HTTP 410: the resource version is too old */
	ERR_CONFLICT,    /* HTTP 409, 412 */
	ERR_BUSY,        /* HTTP 429, 503; try later */
	ERR_SERVER,      /* any other answer that is not a success */
	ERR_LIMIT,       /* a ceiling of ours was reached */
	ERR_CANCELLED,
	ERR_UNSUPPORTED,
	ERR_SYSTEM /* an OS call failed */
};

struct err {
	enum err_code code;
	char text[400];
};

/* Each returns -1, so that a function can end in `return err_set(...)`. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Appends ": No such file or directory". */
int err_sys(struct err *e, int errnum, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int err_in(struct err *e, const char *where); /* prefixes "where: " to what is there */

void err_clear(struct err *e);
const char *err_word(enum err_code code); /* "refused", "timeout" ...: for logs and JSON */

#endif
