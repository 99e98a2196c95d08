/* HTTP/2 by libnghttp2, the server's side: frames become exchanges, and what
 * exchanges have to say becomes frames when the loop asks. gRPC's status goes out as
 * trailers. */
#include "server_parts.h"

#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { H2_MAX_STREAMS = 250, H2_WINDOW = 1 << 20 };

static struct exchange *stream_exchange(nghttp2_session *h2, int32_t stream)
{
	return nghttp2_session_get_stream_user_data(h2, stream);
}

static int on_begin(nghttp2_session *h2, const nghttp2_frame *frame, void *arg)
{
	struct conn *c = arg;

	if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
		nghttp2_session_set_stream_user_data(
			h2, frame->hd.stream_id, exchange_new(c, frame->hd.stream_id));
	return 0;
}

static int on_header(nghttp2_session *h2, const nghttp2_frame *frame, const uint8_t *name, size_t n,
	const uint8_t *value, size_t m, uint8_t flags, void *arg)
{
	struct exchange *x = stream_exchange(h2, frame->hd.stream_id);

	(void)flags;
	(void)arg;
	if (x == NULL)
		return 0;
	if (n == 7 && memcmp(name, ":method", n) == 0)
		x->method = x->method != NULL ? x->method : mem_dup(value, m);
	else if (n == 5 && memcmp(name, ":path", n) == 0)
		return exchange_target(x, (const char *)value, m) == 0
			       ? 0
			       : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	else if (n > 0 && name[0] != ':')
		exchange_add_request_header(x, (const char *)name, n, (const char *)value, m);
	return 0;
}

static int on_data(nghttp2_session *h2, uint8_t flags, int32_t stream, const uint8_t *bytes,
	size_t n, void *arg)
{
	struct exchange *x = stream_exchange(h2, stream);

	(void)flags;
	(void)arg;
	if (x != NULL && buf_add(&x->body, bytes, n) != 0)
		nghttp2_submit_rst_stream(h2, NGHTTP2_FLAG_NONE, stream, NGHTTP2_ENHANCE_YOUR_CALM);
	return 0;
}

static int on_frame(nghttp2_session *h2, const nghttp2_frame *frame, void *arg)
{
	struct exchange *x;

	(void)arg;
	if ((frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) ||
		(frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0)
		return 0;
	x = stream_exchange(h2, frame->hd.stream_id);
	if (x != NULL && !x->asked && x->method != NULL && x->path != NULL)
		exchange_ask(x);
	return 0;
}

static int on_stream_close(nghttp2_session *h2, int32_t stream, uint32_t code, void *arg)
{
	struct exchange *x = stream_exchange(h2, stream);

	(void)code;
	(void)arg;
	if (x != NULL) {
		nghttp2_session_set_stream_user_data(h2, stream, NULL);
		exchange_free(x);
	}
	return 0;
}

static int h2_read(struct conn *c, const void *bytes, size_t n)
{
	ssize_t used = nghttp2_session_mem_recv(c->h2, bytes, n);

	return used == (ssize_t)n ? 0 : -1;
}

/* Keeps little more than one chunk ahead: flow control does the rest. */
static int h2_fill(struct conn *c)
{
	const uint8_t *bytes;
	ssize_t n = 0;

	while (c->out.len < CONN_OUT_CHUNK && (n = nghttp2_session_mem_send(c->h2, &bytes)) > 0)
		if (buf_add(&c->out, bytes, (size_t)n) != 0)
			return -1;
	if (n < 0)
		return -1;
	if (!nghttp2_session_want_read(c->h2) && !nghttp2_session_want_write(c->h2))
		c->closing = true;
	return 0;
}

static nghttp2_nv nv(const char *name, const char *value)
{
	nghttp2_nv v = {.name = (uint8_t *)(uintptr_t)name,
		.value = (uint8_t *)(uintptr_t)value,
		.namelen = strlen(name),
		.valuelen = strlen(value)};

	return v;
}

static void submit_trailers(nghttp2_session *h2, const struct exchange *x)
{
	char code[12];
	nghttp2_nv trailers[2];

	snprintf(code, sizeof(code), "%d", x->grpc_code);
	trailers[0] = nv("grpc-status", code);
	trailers[1] = nv("grpc-message", x->grpc_message != NULL ? x->grpc_message : "");
	nghttp2_submit_trailer(h2, x->stream, trailers, x->grpc_message != NULL ? 2 : 1);
}

static ssize_t read_out(nghttp2_session *h2, int32_t stream, uint8_t *dst, size_t size,
	uint32_t *flags, nghttp2_data_source *source, void *arg)
{
	struct exchange *x = source->ptr;
	size_t n = x->out.len < size ? x->out.len : size;

	(void)stream;
	(void)arg;
	if (n == 0 && !x->ended)
		return NGHTTP2_ERR_DEFERRED;
	if (n > 0)
		memcpy(dst, x->out.at, n);
	buf_drop(&x->out, n);
	if (x->ended && x->out.len == 0) {
		*flags |= NGHTTP2_DATA_FLAG_EOF;
		if (x->grpc) {
			*flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
			submit_trailers(h2, x);
		}
	}
	return (ssize_t)n;
}

static void h2_head(struct exchange *x)
{
	nghttp2_data_provider from = {.source.ptr = x, .read_callback = read_out};
	VEC(nghttp2_nv) head = {0};
	char status[12];

	snprintf(status, sizeof(status), "%d", x->status);
	*vec_add(&head) = nv(":status", status);
	for (size_t i = 0; i < x->answer.len; i++)
		*vec_add(&head) = nv(x->answer.at[i].name, x->answer.at[i].value);
	nghttp2_submit_response(x->c->h2, x->stream, head.at, head.len, &from);
	vec_done(&head);
}

static void h2_more(struct exchange *x)
{
	nghttp2_session_resume_data(x->c->h2, x->stream);
}

static void h2_reset(struct exchange *x)
{
	nghttp2_submit_rst_stream(x->c->h2, NGHTTP2_FLAG_NONE, x->stream, NGHTTP2_INTERNAL_ERROR);
}

static void h2_close(struct conn *c)
{
	nghttp2_session_del(c->h2);
	c->h2 = NULL;
}

static const struct wire h2_wire = {h2_read, h2_fill, h2_head, h2_more, h2_reset, h2_close};

int h2_open(struct conn *c)
{
	const nghttp2_settings_entry settings[] = {
		{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, H2_MAX_STREAMS},
		{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, H2_WINDOW},
	};
	nghttp2_session_callbacks *calls;
	nghttp2_session *h2 = NULL;
	int rc;

	if (nghttp2_session_callbacks_new(&calls) != 0)
		return -1;
	nghttp2_session_callbacks_set_on_begin_headers_callback(calls, on_begin);
	nghttp2_session_callbacks_set_on_header_callback(calls, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(calls, on_frame);
	nghttp2_session_callbacks_set_on_stream_close_callback(calls, on_stream_close);
	rc = nghttp2_session_server_new(&h2, calls, c);
	nghttp2_session_callbacks_del(calls);
	if (rc != 0)
		return -1;
	c->h2 = h2;
	c->wire = &h2_wire;
	return nghttp2_submit_settings(h2, NGHTTP2_FLAG_NONE, settings, 2) == 0 ? 0 : -1;
}
