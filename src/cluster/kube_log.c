/* A followed log. Bytes are cut into lines and posted per chunk. A receiver that cannot keep up
 * ends the feed (a log can be asked for again; what was lost cannot be shown), and is told so once
 * it has room. */
#include "cluster/kube_log.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "cluster/kube_query.h"
#include "cluster/log_lines.h"

#define BODY_MAX (64u << 10)
#define BUSY_MS  200

struct kube_log {
	struct http *http;
	struct kube_client *client;
	struct kube_endpoint at;
	struct hearer to;
	char *path;
	uint64_t number;
	bool stopping, over; /* over: END was posted */
	bool full;           /* the mailbox refused a letter */
	uint64_t timer, transfer;
	long status;
	struct buf body; /* of an answer that is no success */
	struct err err;  /* what END will say */
	struct log_lines lines;
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
	log_lines_done(&l->lines);
	buf_done(&l->body);
	kube_client_unref(l->client);
	free(l->path);
	free(l);
}

static int post(struct kube_log *l, int kind)
{
	struct kube_log_letter *letter = mem_new(struct kube_log_letter);

	letter->letter.kind = kind;
	letter->letter.drop = letter_drop;
	letter->letter.to = l->to;
	letter->number = l->number;
	if (kind == KUBE_LOG_END) {
		letter->err = l->err;
	} else {
		letter->lines = log_lines_take(&l->lines, &letter->n);
	}
	if (letter_post(&letter->letter) == 0)
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
	if (l->lines.whole.len == 0)
		return 0;
	if (post(l, KUBE_LOG_LINES) == 0)
		return 0;
	l->full = true;
	return -1;
}

static int on_head(void *arg, const struct http_head *head)
{
	((struct kube_log *)arg)->status = head->status;
	return 0;
}

static int on_data(void *arg, const char *bytes, size_t n)
{
	struct kube_log *l = arg;

	if (l->status != 200) {
		buf_add(&l->body, bytes, n);
		return 0;
	}
	log_lines_feed(&l->lines, bytes, n);
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
		http_status_err(&l->err, result->status, buf_text(&l->body), l->body.len);
	else if (!l->full)
		log_lines_end(&l->lines);
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
	const struct kube_endpoint *at, const struct kube_log_options *o, const struct hearer *to)
{
	struct kube_log *l = mem_new(struct kube_log);

	l->http = h;
	l->client = kube_client_ref(c);
	l->at = *at;
	l->to = *to;
	l->number = o->number;
	l->path = make_path(o);
	buf_init(&l->body, BODY_MAX);
	log_lines_init(&l->lines);
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
