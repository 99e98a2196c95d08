/* The exchanges that run on a connection of the drill's server. Answers collect in exchange.out; the
 * loop turns them into frames once per turn, so a handler may answer from anywhere. */
#include "server_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/str.h"

struct exchange *exchange_new(struct conn *c, int32_t stream)
{
	struct exchange *x = mem_new(struct exchange);

	x->c = c;
	x->stream = stream;
	buf_init(&x->body, CONN_MAX_BODY);
	buf_init(&x->out, CONN_MAX_UNSENT);
	x->next = c->first;
	c->first = x;
	return x;
}

static void headers_free(struct header *h, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(h[i].name);
		free(h[i].value);
	}
}

void exchange_free(struct exchange *x)
{
	void (*gone)(void *arg) = x->gone;

	for (struct exchange **at = &x->c->first; *at != NULL; at = &(*at)->next)
		if (*at == x) {
			*at = x->next;
			break;
		}
	if (x->slow_timer != 0)
		server_forget(x->c->s, x->slow_timer);
	x->gone = NULL;
	if (gone != NULL && !x->ended)
		gone(x->gone_arg);
	headers_free(x->headers.at, x->headers.len);
	headers_free(x->answer.at, x->answer.len);
	vec_done(&x->headers);
	vec_done(&x->answer);
	buf_done(&x->body);
	buf_done(&x->out);
	free(x->method);
	free(x->path);
	free(x->query);
	free(x->grpc_message);
	free(x);
}

/* Percent-decodes n bytes; a plus is a blank in queries. Never grows. */
static size_t decode(char *dst, size_t size, const char *src, size_t n, bool plus)
{
	size_t len = 0;

	for (size_t i = 0; i < n && len + 1 < size; i++) {
		char c = src[i];

		if (c == '%' && i + 2 < n && str_hex_byte(src + i + 1) >= 0) {
			c = (char)str_hex_byte(src + i + 1);
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		dst[len++] = c;
	}
	dst[len] = '\0';
	return len;
}

int exchange_target(struct exchange *x, const char *target, size_t n)
{
	const char *mark = memchr(target, '?', n);
	size_t path = mark != NULL ? (size_t)(mark - target) : n;

	if (n == 0 || target[0] != '/' || x->path != NULL)
		return -1;
	x->path = mem_zero(path + 1, 1);
	decode(x->path, path + 1, target, path, false);
	x->query = mark != NULL ? mem_dup(mark + 1, n - path - 1) : mem_str("");
	return 0;
}

void exchange_add_request_header(
	struct exchange *x, const char *name, size_t n, const char *value, size_t m)
{
	struct header *h = vec_add(&x->headers);

	h->name = mem_dup(name, n);
	h->value = mem_dup(value, m);
	for (char *p = h->name; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p |= 0x20;
}

static void exchange_handle(void *arg)
{
	struct exchange *x = arg;

	x->slow_timer = 0;
	x->c->l->as.handle(x->c->l->as.arg, x);
}

void exchange_ask(struct exchange *x)
{
	const struct listener *l = x->c->l, *front = x->c->front;

	if (front->fault == FAULT_SLOW)
		l = front;
	x->asked = true;
	x->c->l->count.requests++;
	if (l->fault == FAULT_SLOW)
		x->slow_timer = server_after(l->s, l->slow_ms, exchange_handle, x);
	else
		exchange_handle(x);
}

const char *exchange_method(const struct exchange *x)
{
	return x->method;
}

const char *exchange_path(const struct exchange *x)
{
	return x->path;
}

const char *exchange_header(const struct exchange *x, const char *name)
{
	for (size_t i = 0; i < x->headers.len; i++)
		if (strcmp(x->headers.at[i].name, name) == 0)
			return x->headers.at[i].value;
	return "";
}

bool exchange_query(const struct exchange *x, const char *key, char *dst, size_t size)
{
	size_t k = strlen(key);

	for (const char *p = x->query; p != NULL && *p != '\0';) {
		size_t n = strcspn(p, "&");

		if (n >= k && strncmp(p, key, k) == 0 && (n == k || p[k] == '=')) {
			decode(dst, size, p + k + (n > k), n - k - (n > k), true);
			return true;
		}
		p += n + (p[n] == '&');
	}
	return false;
}

bool exchange_query_true(const struct exchange *x, const char *key)
{
	char value[8];

	return exchange_query(x, key, value, sizeof(value)) &&
	       (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}

const char *exchange_body(const struct exchange *x, size_t *n)
{
	*n = x->body.len;
	return buf_text(&x->body);
}

const char *exchange_cn(const struct exchange *x)
{
	return x->c->tls != NULL ? tls_conn_peer_cn(x->c->tls) : "";
}

const char *exchange_org(const struct exchange *x)
{
	return x->c->tls != NULL ? tls_conn_peer_org(x->c->tls) : "";
}

struct server *exchange_server(const struct exchange *x)
{
	return x->c->s;
}

void exchange_on_gone(struct exchange *x, void (*gone)(void *arg), void *arg)
{
	x->gone = gone;
	x->gone_arg = arg;
}

/* ---- answers ---- */

void exchange_add_header(struct exchange *x, const char *name, const char *value)
{
	struct header *h = vec_add(&x->answer);

	h->name = mem_str(name);
	h->value = mem_str(value);
}

void exchange_head(struct exchange *x, int status, const char *type)
{
	char date[40];
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	x->status = status;
	if (type != NULL)
		exchange_add_header(x, "content-type", type);
	exchange_add_header(x, "date", date);
	x->c->wire->head(x);
	server_dirty(x->c);
}

/* Over HTTP/1.1 an ended exchange is freed here. */
static void exchange_more(struct exchange *x)
{
	struct conn *c = x->c;

	c->wire->more(x);
	server_dirty(c);
}

void exchange_reply(struct exchange *x, int status, const char *type, const void *body, size_t n)
{
	char length[24];

	if (x->lost) {
		exchange_reset(x);
		return;
	}
	snprintf(length, sizeof(length), "%zu", n);
	exchange_add_header(x, "content-length", length);
	exchange_head(x, status, type);
	if (strcmp(x->method, "HEAD") == 0 || exchange_send(x, body, n) == 0)
		exchange_end(x);
	else
		exchange_reset(x);
}

int exchange_send(struct exchange *x, const void *bytes, size_t n)
{
	if (n == 0)
		return 0;
	if (buf_add(&x->out, bytes, n) != 0)
		return -1;
	exchange_more(x);
	return 0;
}

void exchange_end(struct exchange *x)
{
	x->ended = true;
	exchange_more(x);
}

void exchange_end_grpc(struct exchange *x, int code, const char *message)
{
	x->grpc = true;
	x->grpc_code = code;
	x->grpc_message = mem_str(message);
	exchange_end(x);
}

void exchange_reset(struct exchange *x)
{
	x->ended = true;
	x->c->wire->reset(x);
	server_dirty(x->c);
}

void exchange_lose(struct exchange *x)
{
	x->lost = true;
}

struct later {
	struct exchange *x;
	uint64_t timer;
	void (*fn)(struct exchange *x);
};

static void later_due(void *arg)
{
	struct later *l = arg;

	exchange_on_gone(l->x, NULL, NULL);
	l->fn(l->x);
	free(l);
}

static void later_gone(void *arg)
{
	struct later *l = arg;

	server_forget(exchange_server(l->x), l->timer);
	free(l);
}

void exchange_later(struct exchange *x, int64_t ms, void (*fn)(struct exchange *x))
{
	struct later *l = mem_new(struct later);

	l->x = x;
	l->fn = fn;
	l->timer = server_after(exchange_server(x), ms, later_due, l);
	exchange_on_gone(x, later_gone, l);
}
