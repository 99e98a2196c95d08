/* A followed log. Bytes are cut into lines and posted per chunk; a line without end is cut every 16
 * KiB. A receiver that cannot keep up ends the feed (a log can be asked for again; what was lost
 * cannot be shown), and is told so once it has room. */
#include "cluster/kube_log.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/vec.h"
#include "cluster/kube_query.h"

#define LINE_MAX_BYTES (16u << 10)
#define BODY_MAX       (64u << 10)
#define BUSY_MS        200

struct kube_log {
	struct http *http;
	struct kube_client *client;
	struct kube_endpoint at;
	struct mailbox *to;
	char *path;
	uint64_t number;
	bool stopping, over; /* over: END was posted */
	bool full;           /* the mailbox refused a letter */
	uint64_t timer, transfer;
	long status;
	struct buf rest; /* the line that has no end yet; of an error, the body */
	struct err err;  /* what END will say */
	struct {
		struct rstr **at;
		size_t len, cap;
	} lines;
};

static void letter_drop(struct letter *letter)
{
	struct kube_log_letter *l = (struct kube_log_letter *)(void *)letter;

	for (size_t i = 0; i < l->n; i++)
		rstr_unref(l->lines[i]);
	free(l->lines);
	free(l);
}

static void log_free(struct kube_log *l)
{
	for (size_t i = 0; i < l->lines.len; i++)
		rstr_unref(l->lines.at[i]);
	vec_done(&l->lines);
	buf_done(&l->rest);
	kube_client_unref(l->client);
	free(l->path);
	free(l);
}

static int post(struct kube_log *l, int kind)
{
	struct kube_log_letter *letter = mem_new(struct kube_log_letter);

	letter->letter.kind = kind;
	letter->letter.drop = letter_drop;
	letter->number = l->number;
	if (kind == KUBE_LOG_END) {
		letter->err = l->err;
	} else {
		letter->lines = l->lines.at;
		letter->n = l->lines.len;
		memset(&l->lines, 0, sizeof(l->lines));
	}
	if (mailbox_post(l->to, &letter->letter) == 0)
		return 0;
	letter_drop(&letter->letter);
	return -1;
}

static void end_when_room(void *arg, bool closing)
{
	struct kube_log *l = arg;

	l->timer = 0;
	if (closing || l->stopping)
		return;
	l->over = post(l, KUBE_LOG_END) == 0;
	if (!l->over)
		l->timer = http_after(l->http, BUSY_MS, end_when_room, l);
}

static int post_lines(struct kube_log *l)
{
	if (l->lines.len == 0)
		return 0;
	if (post(l, KUBE_LOG_LINES) == 0)
		return 0;
	l->full = true;
	return -1;
}

static void take_line(struct kube_log *l, const char *bytes, size_t n)
{
	if (n > 0 && bytes[n - 1] == '\r')
		n--;
	*vec_add(&l->lines) = rstr_new(bytes, n);
}

/* A piece of a line: what came before it waits in rest. Whole when its newline came. */
static void take_piece(struct kube_log *l, const char *bytes, size_t n, bool whole)
{
	while (l->rest.len + n > LINE_MAX_BYTES) {
		size_t part = LINE_MAX_BYTES - l->rest.len;

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

static int on_head(void *arg, const struct http_head *head)
{
	((struct kube_log *)arg)->status = head->status;
	return 0;
}

static int on_data(void *arg, const char *bytes, size_t n)
{
	struct kube_log *l = arg;
	const char *end = bytes + n, *newline;

	if (l->status != 200) {
		buf_add(&l->rest, bytes, n);
		return 0;
	}
	while (bytes < end && (newline = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL) {
		take_piece(l, bytes, (size_t)(newline - bytes), true);
		bytes = newline + 1;
	}
	if (bytes < end)
		take_piece(l, bytes, (size_t)(end - bytes), false);
	return post_lines(l);
}

static void on_done(void *arg, const struct http_result *result)
{
	struct kube_log *l = arg;

	l->transfer = 0;
	if (l->stopping) {
		log_free(l);
		return;
	}
	if (result->err.code == ERR_CANCELLED && !l->full)
		return; /* the net thread ends */
	l->err = result->err;
	if (result->err.code == ERR_NONE && result->status != 200)
		http_status_err(&l->err, result->status, buf_text(&l->rest), l->rest.len);
	else if (l->rest.len > 0 && !l->full)
		take_line(l, buf_text(&l->rest), l->rest.len);
	kube_client_learn(l->client, &l->at, result);
	post_lines(l);
	if (l->full)
		err_set(&l->err, ERR_LIMIT,
			_("the log came faster than it could be taken in: open it again"));
	end_when_room(l, false);
}

static void ask(void *arg, bool closing)
{
	static const struct http_calls calls = {.head = on_head, .data = on_data, .done = on_done};
	struct kube_log *l = arg;
	struct http_request r = {.method = NULL};
	struct kube_hold *hold;

	l->timer = 0;
	if (closing || l->stopping)
		return;
	if (kube_client_fill(l->client, &l->at, l->path, &r, &hold, &l->err) == 0) {
		err_clear(&l->err);
		l->transfer = http_start(l->http, &r, &calls, l);
		kube_hold_release(hold);
	} else if (l->err.code == ERR_BUSY) {
		l->timer = http_after(l->http, BUSY_MS, ask, l);
	} else {
		end_when_room(l, false);
	}
}

static char *make_path(const struct kube_log_options *o)
{
	struct buf path;

	buf_init(&path, 4096);
	buf_puts(&path, "/api/v1/namespaces/");
	kube_query_escape(&path, o->ns);
	buf_puts(&path, "/pods/");
	kube_query_escape(&path, o->pod);
	buf_puts(&path, "/log");
	if (o->container != NULL && o->container[0] != '\0')
		kube_query_add(&path, "container", o->container);
	if (o->follow)
		kube_query_add(&path, "follow", "true");
	if (o->previous)
		kube_query_add(&path, "previous", "true");
	if (o->tail > 0)
		kube_query_int(&path, "tailLines", o->tail);
	return buf_take(&path);
}

struct kube_log *kube_log_start(struct http *h, struct kube_client *c,
	const struct kube_endpoint *at, const struct kube_log_options *o, struct mailbox *to)
{
	struct kube_log *l = mem_new(struct kube_log);

	l->http = h;
	l->client = kube_client_ref(c);
	l->at = *at;
	l->to = to;
	l->number = o->number;
	l->path = make_path(o);
	buf_init(&l->rest, BODY_MAX);
	http_call(h, ask, l);
	return l;
}

static void stop_now(void *arg, bool closing)
{
	struct kube_log *l = arg;

	(void)closing;
	l->stopping = true;
	if (l->timer != 0)
		http_after_cancel(l->http, l->timer);
	if (l->transfer != 0)
		http_cancel(l->http, l->transfer, false);
	else
		log_free(l);
}

void kube_log_stop(struct kube_log *l)
{
	http_call(l->http, stop_now, l);
}
