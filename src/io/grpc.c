/* gRPC as plain HTTP/2: a message is five bytes (a flag, its length) and the encoded
 * bytes; the outcome is in the trailers. etcd never compresses unless it is asked to,
 * so a compressed message is refused. */
#include "io/grpc.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/grpc_frames.h"

#define FRAME_HEAD 5

struct grpc_call {
	struct grpc_frames frames;
	struct buf page; /* the beginning of an answer that is no gRPC */
	long status;
	bool is_grpc;
	struct grpc_calls calls;
	void *arg;
};

#define PAGE_MAX 4096

static int on_head(void *arg, const struct http_head *head)
{
	struct grpc_call *c = arg;

	c->status = head->status;
	c->is_grpc = head->status == 200 && str_starts(head->content_type, "application/grpc");
	return 0;
}

static int on_data(void *arg, const char *bytes, size_t n)
{
	struct grpc_call *c = arg;
	size_t room = PAGE_MAX - c->page.len;

	if (c->is_grpc)
		return grpc_frames_feed(&c->frames, bytes, n);
	buf_add(&c->page, bytes, n < room ? n : room);
	return 0;
}

static enum err_code code_of(int grpc_status)
{
	static const enum err_code codes[] = {
		[0] = ERR_NONE,
		[1] = ERR_CANCELLED,
		[2] = ERR_SERVER,
		[3] = ERR_USAGE,
		[4] = ERR_TIMEOUT,
		[5] = ERR_MISSING,
		[6] = ERR_CONFLICT,
		[7] = ERR_AUTH,
		[8] = ERR_BUSY,
		[9] = ERR_CONFLICT,
		[10] = ERR_CONFLICT,
		[11] = ERR_GONE, /* etcd: the revision was compacted */
		[12] = ERR_UNSUPPORTED,
		[13] = ERR_SERVER,
		[14] = ERR_UNREACHABLE,
		[15] = ERR_SERVER,
		[16] = ERR_AUTH,
	};

	return grpc_status < (int)(sizeof(codes) / sizeof(codes[0])) ? codes[grpc_status]
								     : ERR_SERVER;
}

/* What came of it: our own stop, the transport, the trailers, or no gRPC at all. */
static void outcome(const struct grpc_call *c, const struct http_result *r, struct err *e)
{
	err_clear(e);
	if (c->frames.err.code != ERR_NONE)
		*e = c->frames.err;
	else if (r->err.code != ERR_NONE)
		*e = r->err;
	else if (r->grpc_status > 0)
		err_set(e, code_of(r->grpc_status), _("%s (gRPC %d)"),
			r->grpc_message[0] != '\0' ? r->grpc_message : _("no reason was given"),
			r->grpc_status);
	else if (r->status != 200)
		http_status_err(e, r->status, buf_text(&c->page), c->page.len);
	else if (!c->is_grpc || r->http_version != 2)
		err_set(e, ERR_INPUT, _("the answer is no gRPC: another service listens there"));
	else if (r->grpc_status < 0 || !grpc_frames_are_whole(&c->frames))
		err_set(e, ERR_INPUT, _("the gRPC answer ended in the middle"));
}

static void call_init(struct grpc_call *c,
	int (*message)(void *arg, const unsigned char *bytes, size_t n), void *arg)
{
	memset(c, 0, sizeof(*c));
	grpc_frames_init(&c->frames, message, arg);
	buf_init(&c->page, PAGE_MAX);
}

static void call_done(struct grpc_call *c)
{
	grpc_frames_done(&c->frames);
	buf_done(&c->page);
}

struct wire {
	struct http_request request;
	char *url, *body;
};

/* The caller's request with the call's own parts put in. */
static void wire_init(struct wire *w, const struct grpc_request *r)
{
	static const char *const headers[] = {
		"Content-Type: application/grpc", "TE: trailers", NULL};
	const unsigned char head[FRAME_HEAD] = {0, (unsigned char)(r->n >> 24),
		(unsigned char)(r->n >> 16), (unsigned char)(r->n >> 8), (unsigned char)r->n};

	w->url = str_fmt("%s%s", r->to->url, r->path);
	w->body = mem_zero(FRAME_HEAD + r->n, 1);
	memcpy(w->body, head, FRAME_HEAD);
	if (r->n > 0)
		memcpy(w->body + FRAME_HEAD, r->message, r->n);
	w->request = *r->to;
	w->request.method = "POST";
	w->request.url = w->url;
	w->request.headers = headers;
	w->request.body = w->body;
	w->request.body_bytes = FRAME_HEAD + r->n;
	w->request.version = str_starts(r->to->url, "http://") ? HTTP_V2_CLEAR : HTTP_V2;
}

static void wire_done(struct wire *w)
{
	free(w->url);
	free(w->body);
}

static void on_done(void *arg, const struct http_result *result)
{
	struct grpc_call *c = arg;
	struct err e;

	outcome(c, result, &e);
	c->calls.done(c->arg, &e, result);
	call_done(c);
	free(c);
}

uint64_t grpc_start(
	struct http *h, const struct grpc_request *r, const struct grpc_calls *calls, void *arg)
{
	static const struct http_calls mine = {.head = on_head, .data = on_data, .done = on_done};
	struct grpc_call *c = mem_new(struct grpc_call);
	struct wire w;
	uint64_t id;

	call_init(c, calls->message, arg);
	c->calls = *calls;
	c->arg = arg;
	wire_init(&w, r);
	id = http_start(h, &w.request, &mine, c);
	wire_done(&w);
	return id;
}

int grpc_perform_stream(const struct grpc_request *r, int cancel_fd,
	int (*each)(void *arg, const unsigned char *bytes, size_t n), void *arg,
	struct http_result *result, struct err *e)
{
	static const struct http_calls mine = {.head = on_head, .data = on_data};
	struct grpc_call c;
	struct wire w;
	struct err why;

	call_init(&c, each, arg);
	wire_init(&w, r);
	http_perform_calls(&w.request, cancel_fd, &mine, &c, result);
	outcome(&c, result, &why);
	wire_done(&w);
	call_done(&c);
	return why.code == ERR_NONE ? 0 : err_set(e, why.code, "%s", why.text);
}

static int to_buf(void *arg, const unsigned char *bytes, size_t n)
{
	return buf_add(arg, bytes, n);
}

int grpc_perform(const struct grpc_request *r, int cancel_fd, struct buf *out,
	struct http_result *result, struct err *e)
{
	int rc = grpc_perform_stream(r, cancel_fd, to_buf, out, result, e);

	if (rc != 0 && out->over)
		return err_set(e, ERR_LIMIT, _("the answer is larger than %zu bytes"), out->max);
	return rc;
}
