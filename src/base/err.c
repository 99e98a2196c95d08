/* Errors as values. A sentence that is too long for its place loses its end, not
 * its beginning: what and where come first. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

static void text_vset(struct err *e, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

static void text_vset(struct err *e, const char *fmt, va_list args)
{
	vsnprintf(e->text, sizeof(e->text), fmt, args);
	str_mend(e->text);
}

int err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list args;

	if (e == NULL)
		return -1;
	e->code = code;
	va_start(args, fmt);
	text_vset(e, fmt, args);
	va_end(args);
	return -1;
}

int err_sys(struct err *e, int errnum, const char *fmt, ...)
{
	char room[128];
	size_t used;
	va_list args;

	if (e == NULL)
		return -1;
	e->code = ERR_SYSTEM;
	va_start(args, fmt);
	text_vset(e, fmt, args);
	va_end(args);
	used = strlen(e->text);
	snprintf(e->text + used, sizeof(e->text) - used, ": %s",
		strerror_r(errnum, room, sizeof(room)));
	str_mend(e->text);
	return -1;
}

int err_in(struct err *e, const char *where)
{
	char was[sizeof(e->text)];

	if (e == NULL)
		return -1;
	memcpy(was, e->text, sizeof(was));
	snprintf(e->text, sizeof(e->text), "%s: ", where);
	str_mend(e->text);
	str_copy(e->text + strlen(e->text), sizeof(e->text) - strlen(e->text), was);
	return -1;
}

void err_clear(struct err *e)
{
	if (e == NULL)
		return;
	e->code = ERR_NONE;
	e->text[0] = '\0';
}

const char *err_word(enum err_code code)
{
	static const char *const words[] = {
		[ERR_NONE] = "none",
		[ERR_USAGE] = "usage",
		[ERR_INPUT] = "input",
		[ERR_MISSING] = "missing",
		[ERR_AUTH] = "auth",
		[ERR_REFUSED] = "refused",
		[ERR_UNREACHABLE] = "unreachable",
		[ERR_TIMEOUT] = "timeout",
		[ERR_TLS] = "tls",
		[ERR_GONE] = "gone",
		[ERR_CONFLICT] = "conflict",
		[ERR_BUSY] = "busy",
		[ERR_SERVER] = "server",
		[ERR_LIMIT] = "limit",
		[ERR_CANCELLED] = "cancelled",
		[ERR_UNSUPPORTED] = "unsupported",
		[ERR_SYSTEM] = "system",
	};

	return (size_t)code < sizeof(words) / sizeof(words[0]) ? words[code] : "unknown";
}
