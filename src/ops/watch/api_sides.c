/* Small things, each with its path and period. The pulse is the connection's and the identity the
 * server's; the others are the cluster's, and are not asked anew wherever the watches move. */
#include "ops/watch/api_sides.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/kube_get.h"
#include "cluster/kube_usage.h"
#include "io/json.h"

#define PULSE_RAREST_MS   4000
#define SIDES_RAREST_MS   120000
#define VERSION_EVERY_MS  60000
#define USAGE_EVERY_MS    45000 /* metrics-server looks every 15 s, and has others to serve */
#define IDENTITY_EVERY_MS 60000
#define IDENTITY_SOON_MS  5000 /* after an answer that tells of trouble */
#define IDENTITY_WAIT_MS  4000 /* how long a server is given to say which cluster it is */
#define SIDE_TOTAL_MS     4000

static const struct {
	const char *path;
	int64_t every_ms;
} sides[SIDE_COUNT] = {
	[SIDE_PULSE] = {"/livez/ping", PULSE_EVERY_MS},
	[SIDE_VERSION] = {"/version", VERSION_EVERY_MS},
	[SIDE_USAGE] = {"/apis/metrics.k8s.io/v1beta1/nodes", USAGE_EVERY_MS},
	[SIDE_IDENTITY] = {"/api/v1/namespaces/kube-system", IDENTITY_EVERY_MS},
};

struct side_letter {
	struct letter letter;
	enum side_id side;
	uint64_t asking;
	char via[80]; /* the server that was asked */
	struct err err;
	int64_t latency_us, retry_ms;
	long status;
	char *body;
	size_t n;
};

static void side_drop(struct letter *l)
{
	struct side_letter *x = (struct side_letter *)l;

	free(x->body);
	free(x);
}

static void on_side(void *arg, const struct err *err, const struct http_result *result,
	const char *body, size_t n)
{
	struct side_letter *x = arg;

	x->err = *err;
	x->latency_us = result->total_us;
	x->status = result->status;
	x->retry_ms = http_retry_ms(result);
	if (err->code == ERR_NONE) {
		x->body = mem_dup(body, n);
		x->n = n;
	}
	letter_answer(&x->letter);
}

void api_sides_init(struct api_sides *s, struct http *http, struct kube_client *client,
	struct mailbox *to, struct kube_tables *tables)
{
	*s = (struct api_sides){.http = http, .client = client, .to = to, .tables = tables};
}

void api_sides_recall(struct api_sides *s, const char *uid, const char *version)
{
	str_copy(s->saved_uid, sizeof(s->saved_uid), uid);
	str_copy(s->version, sizeof(s->version), version);
}

void api_sides_begin(struct api_sides *s, bool all, struct instant now)
{
	for (size_t i = 0; i < SIDE_COUNT; i++) {
		if (!all && i != SIDE_PULSE && i != SIDE_IDENTITY)
			continue;
		question_init(&s->at[i], sides[i].every_ms);
		question_backs_off(&s->at[i], i == SIDE_PULSE ? PULSE_RAREST_MS : SIDES_RAREST_MS);
	}
	if (all)
		s->identity_since = now;
	api_sides_doubt(s, now);
}

void api_sides_forget(struct api_sides *s)
{
	s->version[0] = s->saved_uid[0] = '\0';
	s->another = false;
}

/* ---- which cluster ---- */

static bool identity_is_late(const struct api_sides *s, struct instant now)
{
	return probe_is_bad(&s->at[SIDE_IDENTITY].probe) ||
	       instant_age_ms(s->identity_since, now) >= IDENTITY_WAIT_MS;
}

bool api_sides_knows_cluster(const struct api_sides *s, struct instant now)
{
	return s->identity != IDENTITY_AWAITED || identity_is_late(s, now);
}

void api_sides_doubt(struct api_sides *s, struct instant now)
{
	question_again(&s->at[SIDE_IDENTITY]);
	s->at[SIDE_IDENTITY].every_ms = IDENTITY_EVERY_MS;
	if (s->identity == IDENTITY_AWAITED)
		return;
	s->identity = IDENTITY_AWAITED;
	s->identity_since = now;
}

void api_sides_identify(struct api_sides *s, const char *uid, bool refused)
{
	char was[sizeof(s->uid)];

	s->at[SIDE_IDENTITY].every_ms = uid || refused ? IDENTITY_EVERY_MS : IDENTITY_SOON_MS;
	if (!uid || !uid[0]) {
		if (s->identity == IDENTITY_AWAITED)
			log_put(LOG_WARN, "engine", "the server does not say which cluster it is");
		s->identity = IDENTITY_UNTOLD;
		return;
	}
	str_copy(was, sizeof(was), s->uid[0] ? s->uid : s->saved_uid);
	str_copy(s->uid, sizeof(s->uid), uid);
	s->another = s->another || (was[0] && !str_eq(was, s->uid));
	s->identity = IDENTITY_KNOWN;
}

/* ---- what the answers say ---- */

static void hear_version(struct api_sides *s, const struct side_letter *x)
{
	struct js *doc = js_parse(x->body, x->n, NULL);

	if (doc && js_text(doc, "gitVersion"))
		str_copy(s->version, sizeof(s->version), js_text(doc, "gitVersion"));
	js_free(doc);
}

static void hear_usage(struct api_sides *s, const struct side_letter *x, struct instant now)
{
	struct source *src = &s->tables->sources[SOURCE_USAGE];
	struct err e = x->err;
	struct table *fresh;

	if (e.code == ERR_NONE) {
		fresh = table_new(&usage_ops);
		if (kube_usage_decode(x->body, x->n, s->tables->names, fresh, now, &e) == 0) {
			table_free(s->tables->usage);
			s->tables->usage = fresh;
			*src = (struct source){.state = SOURCE_LIVE, .good = now};
			str_copy(src->via, sizeof(src->via), x->via);
			return;
		}
		table_free(fresh);
	}
	str_copy(src->error, sizeof(src->error), e.text);
	/* 503: the API is registered, but no metrics server stands behind it */
	src->state = table_count(s->tables->usage)          ? SOURCE_STALE
		     : x->status == 404 || x->status == 503 ? SOURCE_ABSENT
							    : SOURCE_NEVER;
}

static void hear_identity(struct api_sides *s, const struct side_letter *x)
{
	struct js *doc = x->err.code == ERR_NONE ? js_parse(x->body, x->n, NULL) : NULL;

	api_sides_identify(
		s, js_text(js_at(doc, "metadata"), "uid"), x->status >= 400 && x->status < 429);
	js_free(doc);
}

static void hear_side(void *room, struct letter *l, struct instant now)
{
	struct api_sides *s = room;
	const struct side_letter *x = (const struct side_letter *)l;
	struct err e;

	if (!question_awaits(&s->at[x->side], x->asking))
		return; /* asked of an endpoint that was left */
	e = x->err;
	if (x->status != 0) /* a 403 is a pulse too */
		err_clear(&e);
	question_answered(&s->at[x->side], now, &e, x->latency_us);
	question_hold(&s->at[x->side], now, x->retry_ms);
	if (x->side == SIDE_PULSE && e.code == ERR_NONE)
		kube_tables_alive(s->tables, now);
	else if (x->side == SIDE_VERSION && x->err.code == ERR_NONE)
		hear_version(s, x);
	else if (x->side == SIDE_USAGE && x->status != 0)
		hear_usage(s, x, now);
	else if (x->side == SIDE_IDENTITY && x->status != 0)
		hear_identity(s, x);
}

/* ---- asking ---- */

static void ask(
	struct api_sides *s, const struct kube_endpoint *at, enum side_id side, struct instant now)
{
	struct side_letter *x = mem_new(struct side_letter);

	x->letter.drop = side_drop;
	x->letter.to = (struct hearer){.box = s->to, .hear = hear_side, .room = s};
	x->side = side;
	x->asking = question_asked(&s->at[side], now);
	str_copy(x->via, sizeof(x->via), at->label);
	kube_get(s->http, s->client, at, sides[side].path, SIDE_TOTAL_MS, on_side, x);
}

void api_sides_tick(struct api_sides *s, const struct kube_endpoint *at, struct instant now)
{
	for (int i = 0; i < SIDE_COUNT; i++) {
		/* The others can wait until the server has shown a pulse. */
		if (i != SIDE_PULSE && s->at[SIDE_PULSE].probe.state != PROBE_OK)
			continue;
		if (question_due(&s->at[i], now))
			ask(s, at, (enum side_id)i, now);
		question_wait(&s->at[i], now);
	}
}

void api_sides_fill(const struct api_sides *s, struct snapshot *to)
{
	struct instant pulse = s->at[SIDE_PULSE].probe.good;

	str_copy(to->version, sizeof(to->version), s->version);
	str_copy(to->uid, sizeof(to->uid), s->uid);
	to->uid_untold = s->identity == IDENTITY_UNTOLD;
	to->watch_age_ms = pulse.boot_ms ? instant_age_ms(pulse, to->at) : -1;
}
