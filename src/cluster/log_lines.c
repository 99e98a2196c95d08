/* Most lines lie whole in their chunk and are taken from there; only what has no end yet is kept.
 */
#include "cluster/log_lines.h"

#include <stdlib.h>
#include <string.h>

void log_lines_init(struct log_lines *l)
{
	memset(l, 0, sizeof(*l));
	buf_init(&l->rest, LOG_LINE_MAX);
}

void log_lines_done(struct log_lines *l)
{
	for (size_t i = 0; i < l->whole.len; i++)
		rstr_unref(l->whole.at[i]);
	vec_done(&l->whole);
	buf_done(&l->rest);
}

static void take_line(struct log_lines *l, const char *bytes, size_t n)
{
	if (n > 0 && bytes[n - 1] == '\r')
		n--;
	*vec_add(&l->whole) = rstr_new(bytes, n);
}

/* A piece of a line: what came before it waits in rest. Whole when its newline came. */
static void take_piece(struct log_lines *l, const char *bytes, size_t n, bool whole)
{
	while (l->rest.len + n > LOG_LINE_MAX) {
		size_t part = LOG_LINE_MAX - l->rest.len;

		buf_add(&l->rest, bytes, part);
		take_line(l, buf_text(&l->rest), l->rest.len);
		buf_clear(&l->rest);
		bytes += part;
		n -= part;
	}
	if (whole && l->rest.len == 0) {
		take_line(l, bytes, n);
		return;
	}
	buf_add(&l->rest, bytes, n);
	if (!whole)
		return;
	take_line(l, buf_text(&l->rest), l->rest.len);
	buf_clear(&l->rest);
}

void log_lines_feed(struct log_lines *l, const char *bytes, size_t n)
{
	const char *end = bytes + n, *newline;

	while (bytes < end && (newline = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL) {
		take_piece(l, bytes, (size_t)(newline - bytes), true);
		bytes = newline + 1;
	}
	if (bytes < end)
		take_piece(l, bytes, (size_t)(end - bytes), false);
}

void log_lines_end(struct log_lines *l)
{
	if (l->rest.len == 0)
		return;
	take_line(l, buf_text(&l->rest), l->rest.len);
	buf_clear(&l->rest);
}

struct rstr **log_lines_take(struct log_lines *l, size_t *n)
{
	struct rstr **lines = l->whole.at;

	*n = l->whole.len;
	memset(&l->whole, 0, sizeof(l->whole));
	return lines;
}
