/* HTTP/1.1, as much as etcd's peer port, the node commands' socket and a plain
 * curl need: requests with a length, answers with a length or chunked, one
 * exchange at a time, connections kept. */
#include "server_parts.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{200, "OK"},
	{201, "Created"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{409, "Conflict"},
	{410, "Gone"},
	{411, "Length Required"},
	{415, "Unsupported Media Type"},
	{422, "Unprocessable Entity"},
	{429, "Too Many Requests"},
	{500, "Internal Server Error"},
	{503, "Service Unavailable"},
	{504, "Gateway Timeout"},
};

static const char *http_reason(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Status";
}

static void h1_refuse(struct conn *c, int status)
{
	buf_fmt(&c->out, "HTTP/1.1 %d %s\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", status,
		http_reason(status));
	c->closing = true;
	buf_clear(&c->in);
}

static int request_line(struct exchange *x, const char *line, size_t n)
{
	const char *blank = memchr(line, ' ', n), *second;

	if (blank == NULL)
		return -1;
	second = memchr(blank + 1, ' ', n - (size_t)(blank + 1 - line));
	if (second == NULL || !str_starts(second, " HTTP/1."))
		return -1;
	x->method = mem_dup(line, (size_t)(blank - line));
	return exchange_target(x, blank + 1, (size_t)(second - blank - 1));
}

static int header_line(struct exchange *x, const char *line, size_t n)
{
	const char *colon = memchr(line, ':', n), *end = line + n, *value;

	if (colon == NULL || colon == line)
		return -1;
	for (value = colon + 1; value < end && (*value == ' ' || *value == '\t'); value++)
		;
	exchange_add_request_header(x, line, (size_t)(colon - line), value, (size_t)(end - value));
	return 0;
}

static int h1_head_lines(struct exchange *x, const char *head, size_t n)
{
	const char *at = head, *end = head + n;

	while (at < end) {
		const char *eol = memmem(at, (size_t)(end - at), "\r\n", 2);
		size_t len = eol != NULL ? (size_t)(eol - at) : (size_t)(end - at);

		if ((at == head ? request_line(x, at, len) : header_line(x, at, len)) != 0)
			return -1;
		at += len + 2;
	}
	return 0;
}

/* 1: an exchange was handed on; 0: more bytes needed; else the status to refuse with. */
static int h1_one(struct conn *c)
{
	const char *gap = c->in.len > 0 ? memmem(c->in.at, c->in.len, "\r\n\r\n", 4) : NULL;
	struct exchange *x;
	uint64_t length = 0;
	const char *said;
	size_t head;

	if (gap == NULL)
		return c->in.len > CONN_MAX_HEAD ? 400 : 0;
	head = (size_t)(gap - c->in.at);
	x = exchange_new(c, 0);
	if (h1_head_lines(x, c->in.at, head) != 0 || x->path == NULL) {
		exchange_free(x);
		return 400;
	}
	said = exchange_header(x, "content-length");
	if (exchange_header(x, "transfer-encoding")[0] != '\0' ||
		(said[0] != '\0' && (!str_u64(said, &length) || length > CONN_MAX_BODY))) {
		exchange_free(x);
		return 411;
	}
	if (c->in.len < head + 4 + length) {
		exchange_free(x);
		return 0;
	}
	buf_add(&x->body, c->in.at + head + 4, length);
	buf_drop(&c->in, head + 4 + length);
	exchange_ask(x);
	return 1;
}

static int h1_parse(struct conn *c)
{
	while (!c->dead && !c->closing && c->first == NULL) {
		int rc = h1_one(c);

		if (rc == 0)
			break;
		if (rc > 1)
			h1_refuse(c, rc);
	}
	return 0;
}

static int h1_read(struct conn *c, const void *bytes, size_t n)
{
	return buf_add(&c->in, bytes, n) != 0 ? -1 : h1_parse(c);
}

static void h1_head(struct exchange *x)
{
	struct buf *out = &x->c->out;
	bool length = false;

	buf_fmt(out, "HTTP/1.1 %d %s\r\n", x->status, http_reason(x->status));
	for (size_t i = 0; i < x->answer.len; i++) {
		buf_fmt(out, "%s: %s\r\n", x->answer.at[i].name, x->answer.at[i].value);
		length = length || strcmp(x->answer.at[i].name, "content-length") == 0;
	}
	x->chunked = !length;
	buf_puts(out, x->chunked ? "transfer-encoding: chunked\r\n\r\n" : "\r\n");
}

static void h1_more(struct exchange *x)
{
	struct conn *c = x->c;

	if (x->out.len > 0) {
		if (x->chunked)
			buf_fmt(&c->out, "%zx\r\n", x->out.len);
		buf_add(&c->out, x->out.at, x->out.len);
		if (x->chunked)
			buf_puts(&c->out, "\r\n");
		buf_clear(&x->out);
	}
	if (!x->ended)
		return;
	if (x->chunked)
		buf_puts(&c->out, "0\r\n\r\n");
	if (str_eq(exchange_header(x, "connection"), "close"))
		c->closing = true;
	exchange_free(x);
	if (c->out.over)
		c->closing = true;
}

static void h1_reset(struct exchange *x)
{
	x->c->closing = true;
}

const struct wire h1_wire = {h1_read, h1_parse, h1_head, h1_more, h1_reset, NULL};
