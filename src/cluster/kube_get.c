/* One GET, its body gathered, its end told as one error value: for /version, metrics and whatever
 * is asked once in a while. */
#include "cluster/kube_get.h"

#include <stdlib.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"

#define BUSY_MS      200
#define BUSY_MOST_MS 10000

struct get {
	struct http *http;
	struct kube_client *client;
	struct kube_endpoint at;
	char *path;
	int64_t total_ms;
	int64_t patience_ms; /* BOOTTIME until which it waits for a credential */
	kube_got done;
	void *arg;
	struct buf body;
	struct err err;
};

static void finish(struct get *g, const struct http_result *result)
{
	g->done(g->arg, &g->err, result, buf_text(&g->body), g->body.len);
	kube_client_unref(g->client);
	buf_done(&g->body);
	free(g->path);
	free(g);
}

static void finish_unsent(void *arg, bool closing)
{
	struct get *g = arg;
	struct http_result none = http_unanswered;

	if (closing)
		err_set(&g->err, ERR_CANCELLED, _("cancelled"));
	none.err = g->err;
	finish(g, &none);
}

static int on_data(void *arg, const char *bytes, size_t n)
{
	struct get *g = arg;

	return buf_add(&g->body, bytes, n);
}

static void on_done(void *arg, const struct http_result *result)
{
	struct get *g = arg;

	g->err = result->err;
	if (g->body.over)
		err_set(&g->err, ERR_LIMIT, _("the answer to %s is larger than %u bytes"), g->path,
			KUBE_GET_MAX);
	else if (result->err.code == ERR_NONE && (result->status < 200 || result->status > 299))
		http_status_err(&g->err, result->status, buf_text(&g->body), g->body.len);
	kube_client_learn(g->client, &g->at, result);
	finish(g, result);
}

static uint64_t begin(struct get *g);

static void begin_again(void *arg, bool closing)
{
	if (closing)
		finish_unsent(arg, closing);
	else
		begin(arg);
}

static uint64_t begin(struct get *g)
{
	static const struct http_calls calls = {.data = on_data, .done = on_done};
	struct http_request r = {.total_ms = g->total_ms, .gzip = true};
	struct kube_hold *hold;
	uint64_t id;

	if (kube_client_fill(g->client, &g->at, g->path, &r, &hold, &g->err) != 0) {
		bool wait = g->err.code == ERR_BUSY && instant_now().boot_ms < g->patience_ms;

		http_after(g->http, wait ? BUSY_MS : 0, wait ? begin_again : finish_unsent, g);
		return 0;
	}
	id = http_start(g->http, &r, &calls, g);
	kube_hold_release(hold);
	return id;
}

/* Where, what, how long, and whom to tell: no two of these belong together.
 * NOLINTNEXTLINE(readability-function-size) */
uint64_t kube_get(struct http *h, struct kube_client *c, const struct kube_endpoint *to,
	const char *path, int64_t total_ms, kube_got done, void *arg)
{
	struct get *g = mem_new(struct get);

	*g = (struct get){.http = h,
		.client = kube_client_ref(c),
		.at = *to,
		.path = mem_str(path),
		.total_ms = total_ms,
		.patience_ms = instant_now().boot_ms + (total_ms > 0 ? total_ms : BUSY_MOST_MS),
		.done = done,
		.arg = arg};
	buf_init(&g->body, KUBE_GET_MAX);
	return begin(g);
}
