/* Which API server the watches run at. A hung server is invisible to a watch, so the same
 * connection is asked for a pulse when it has brought nothing for two seconds; when that stops, or
 * the server's own probe fails for long, the watches move to a server that is well, over a new
 * connection, and list again. Where they are, they stay through what a sick server says of itself:
 * an open watch costs it nothing, and lists are what it can bear least. */
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/kube_get.h"
#include "cluster/kube_usage.h"
#include "io/json.h"
#include "model/lease.h"
#include "ops/engine/engine_parts.h"

#define PULSE_EVERY_MS     2000
#define PULSE_RAREST_MS    4000
#define SIDES_RAREST_MS    120000
#define PULSE_LOST_MS      4000  /* without a pulse for so long the connection is given up */
#define NODES_ALONE_MS     500   /* the other lists wait so long for the nodes' */
#define STAY_MS            5000  /* a new place is given so long before the next move */
#define STAY_MAX_MS        80000 /* it doubles where one place after the other gave no pulse */
#define VERSION_EVERY_MS   60000
#define USAGE_EVERY_MS     45000 /* metrics-server looks every 15 s, and has others to serve */
#define ENDPOINTS_EVERY_MS 60000
#define IDENTITY_EVERY_MS  60000
#define SIDE_TOTAL_MS      4000

static const struct {
	const char *path;
	int64_t every_ms;
} sides[SIDE_COUNT] = {
	[SIDE_PULSE] = {"/livez/ping", PULSE_EVERY_MS},
	[SIDE_VERSION] = {"/version", VERSION_EVERY_MS},
	[SIDE_USAGE] = {"/apis/metrics.k8s.io/v1beta1/nodes", USAGE_EVERY_MS},
	[SIDE_IDENTITY] = {"/api/v1/namespaces/kube-system", IDENTITY_EVERY_MS},
	[SIDE_ENDPOINTS] = {"/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
		ENDPOINTS_EVERY_MS},
};

struct side_letter {
	struct letter letter;
	enum side_id side;
	uint64_t asking;
	struct err err;
	int64_t latency_us, retry_ms;
	long status;
	char *body;
	size_t n;
};

static void side_drop(struct letter *l)
{
	struct side_letter *s = (struct side_letter *)l;

	free(s->body);
	free(s);
}

static void on_side(void *arg, const struct err *err, const struct http_result *result,
	const char *body, size_t n)
{
	struct side_letter *s = arg;

	s->err = *err;
	s->latency_us = result->total_us;
	s->status = result->status;
	s->retry_ms = http_retry_ms(result);
	if (err->code == ERR_NONE) {
		s->body = mem_dup(body, n);
		s->n = n;
	}
	letter_answer(&s->letter);
}

static const struct kube_endpoint *active_endpoint(const struct engine *en)
{
	return &en->api.at[en->active].at;
}

static void watch(struct engine *en, struct kube_table *r)
{
	const struct hearer to = {.box = en->in, .hear = engine_hear_watch, .room = en};

	r->watch = kube_watch_start(
		en->http, en->client, active_endpoint(en), r->kind, en->names, &to);
	r->number = kube_watch_number(r->watch);
	str_copy(en->tables.sources[r->kind->source].via, sizeof(en->tables.sources[0].via),
		active_endpoint(en)->label);
}

void engine_watch_stop(struct engine *en, bool poison)
{
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++) {
		struct kube_table *r = &en->tables.at[i];

		if (r->watch)
			kube_watch_stop(r->watch, poison);
		r->watch = NULL;
		r->number = 0;
	}
}

void engine_watch_at(struct engine *en, int endpoint, bool poison, struct instant now)
{
	bool served = en->side[SIDE_PULSE].probe.good.boot_ms > en->moved.boot_ms;
	bool first = en->moved.boot_ms == 0;

	en->stay_ms = served || en->stay_ms == 0 ? STAY_MS : en->stay_ms * 2;
	en->stay_ms = en->stay_ms < STAY_MAX_MS ? en->stay_ms : STAY_MAX_MS;
	en->active = endpoint;
	en->moved = now;
	/* The pulse is the connection's, the identity the server's; the others are the cluster's.
	 */
	for (size_t i = 0; i < SIDE_COUNT; i++) {
		if (!first && i != SIDE_PULSE && i != SIDE_IDENTITY)
			continue;
		question_init(&en->side[i], sides[i].every_ms);
		question_backs_off(
			&en->side[i], i == SIDE_PULSE ? PULSE_RAREST_MS : SIDES_RAREST_MS);
	}
	engine_doubt(en, now);
	engine_watch_stop(en, poison);
	watch(en, &en->tables.at[KUBE_TABLE_NODES]);
	watch(en, &en->tables.at[KUBE_TABLE_PODS]);
	log_put(LOG_INFO, "engine", "watching at %s", active_endpoint(en)->label);
}

/* Eleven lists at once take as long as their sum, each of them: so what is looked at first has the
 * server for itself, until the nodes are there or are late. */
void engine_watch_rest(struct engine *en, struct instant now)
{
	const struct source *nodes = &en->tables.sources[SOURCE_NODES];

	if (nodes->state != SOURCE_LIVE && !nodes->error[0] &&
		instant_age_ms(en->moved, now) < NODES_ALONE_MS)
		return;
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++)
		if (!en->tables.at[i].watch)
			watch(en, &en->tables.at[i]);
}

static bool api_is_bad(const struct api_endpoint *ep, struct instant now)
{
	const struct probe *p = &ep->live.probe;

	return p->state == PROBE_FAILED ||
	       (p->state == PROBE_SILENT && instant_age_ms(p->since, now) >= PULSE_LOST_MS);
}

static bool pulse_is_lost(const struct engine *en, struct instant now)
{
	const struct question *q = &en->side[SIDE_PULSE];

	return q->silent.boot_ms != 0 && instant_age_ms(q->silent, now) >= PULSE_LOST_MS;
}

static bool ready_is_bad(const struct api_endpoint *ep)
{
	return probe_is_bad(&ep->ready.probe);
}

/* An API server whose own etcd is dead or cut off keeps its watches open and says nothing more.
 * When no lease is renewed any longer though etcd has its quorum, it is the watch that stands
 * still, not every kubelet at once. */
static bool stands_still(const struct engine *en, struct instant now)
{
	return en->etcd.state.quorum == ETCD_QUORUM_OK &&
	       instant_age_ms(instant_later(en->moved, en->strain.woke), now) >= LEASE_STALE_MS &&
	       en->tables.sources[SOURCE_NODE_LEASES].state == SOURCE_LIVE &&
	       table_count(en->tables.at[KUBE_TABLE_NODE_LEASES].shown) > 0 &&
	       instant_age_ms(kube_tables_newest_lease(&en->tables), now) >= LEASE_STALE_MS;
}

/* May it be listed at once, or was it a moment ago? */
static bool is_rested(const struct engine *en, const struct api_endpoint *ep, struct instant now)
{
	return kube_ration_wait_ms(
		       kube_client_rations(en->client), ep->at.label, SOURCE_NODES, true, now) == 0;
}

/* The next one that is well, beginning behind the active one, so that a load balancer that leads to
 * a hung server is left for a direct way; rather one that was not listed a moment ago. -1 when none
 * is. */
static int another(const struct engine *en, struct instant now)
{
	int found = -1;

	for (size_t k = 1; k < en->api.n; k++) {
		size_t i = ((size_t)en->active + k) % en->api.n;
		const struct api_endpoint *ep = &en->api.at[i];

		if (ep->live.probe.state != PROBE_OK || ready_is_bad(ep))
			continue;
		if (is_rested(en, ep, now))
			return (int)i;
		if (found < 0)
			found = (int)i;
	}
	return found;
}

static bool has_pulse(const struct engine *en, struct instant now)
{
	const struct question *q = &en->side[SIDE_PULSE];

	return q->probe.state == PROBE_OK &&
	       instant_age_ms(q->probe.good, now) < PULSE_EVERY_MS + PULSE_LOST_MS;
}

/* The server is back: what rests after a failure need not rest to its end, and what stayed open
 * says so. Not before there is a pulse, which is asked for at once. */
static void wake_watches(struct engine *en, struct instant now)
{
	const struct api_endpoint *at = &en->api.at[en->active];

	if (at->live.probe.state != PROBE_OK)
		return;
	if (!has_pulse(en, now)) {
		if (at->back.boot_ms > en->side[SIDE_PULSE].asked.boot_ms)
			question_again(&en->side[SIDE_PULSE]);
		return;
	}
	en->lost = false;
	engine_doubt(en, now);
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++)
		if (en->tables.at[i].watch &&
			en->tables.sources[en->tables.at[i].kind->source].state != SOURCE_LIVE)
			kube_watch_wake(en->tables.at[i].watch);
}

/* It answers, but says of itself that it is not well, and the watches live all the same. */
static bool is_only_sick(const struct engine *en, struct instant now)
{
	const struct question *live = &en->api.at[en->active].live;

	return live->probe.state == PROBE_FAILED && live->probe.answered &&
	       live->code != ERR_REFUSED && live->code != ERR_TLS && has_pulse(en, now) &&
	       instant_age_ms(live->probe.since, now) < LIMIT_SILENCE_MS;
}

/* The server answered a probe after its connection with the watches had fallen silent: a new one
 * to it is worth trying. A server that hangs would hang in that too, and a list that is merely slow
 * would never come to its end. */
static bool only_the_connection_is_lost(const struct engine *en)
{
	const struct probe *live = &en->api.at[en->active].live.probe;

	return live->state == PROBE_OK &&
	       live->good.boot_ms > en->side[SIDE_PULSE].silent.boot_ms + QUESTION_SILENT_MS;
}

static void move_watches(struct engine *en, bool lost, struct instant now)
{
	int to = another(en, now);

	if (instant_age_ms(en->moved, now) < en->stay_ms)
		return;
	if (to < 0 && lost && only_the_connection_is_lost(en))
		to = en->active;
	if (to >= 0) /* else its watches go on trying where they are */
		engine_watch_at(en, to, true, now);
}

/* Without quorum nothing can be written: what an API server still tells is the last that was, and
 * no watch will bring news, however well its connection lives. */
static bool freeze(struct engine *en)
{
	if (en->etcd.state.quorum != ETCD_QUORUM_LOST)
		return false;
	en->lost = true;
	kube_tables_trouble(&en->tables, _("etcd has lost quorum: nothing can change"));
	return true;
}

void engine_follow(struct engine *en, struct instant now)
{
	const struct api_endpoint *at = &en->api.at[en->active], *vip = api_watch_vip(&en->api);
	bool bad = api_is_bad(at, now), lost = pulse_is_lost(en, now) || stands_still(en, now);
	bool frozen = freeze(en);

	kube_rations_set_balancer(kube_client_rations(en->client), vip ? vip->at.label : "");
	if (!bad && !lost) {
		if (en->lost && !frozen)
			wake_watches(en, now);
		return;
	}
	if (!lost && !frozen && is_only_sick(en, now))
		return;
	en->lost = true;
	if (lost || !has_pulse(en, now))
		kube_tables_trouble(
			&en->tables, at->live.probe.text[0] ? at->live.probe.text : _("no answer"));
	move_watches(en, lost, now);
}

/* What a watch brings is a pulse: nothing need be asked while it does. */
static void has_spoken(struct engine *en, const struct kube_letter *l)
{
	if (l->letter.kind == KUBE_TROUBLE)
		return;
	question_heard(&en->side[SIDE_PULSE], l->at);
	kube_tables_alive(&en->tables, l->at);
}

void engine_hear_watch(void *room, struct letter *letter, struct instant now)
{
	struct kube_letter *l = (struct kube_letter *)letter;
	struct engine *en = room;

	if (!kube_tables_hear(&en->tables, l))
		return;
	has_spoken(en, l);
	/* Another cluster's may be listed or watched now: its identity is asked with the nodes. */
	if (l->of == &kube_nodes && letter->kind == KUBE_LIST_BEGIN)
		engine_doubt(en, now);
	else if (l->of == &kube_nodes && letter->kind == KUBE_ALIVE)
		question_again(&en->side[SIDE_IDENTITY]);
}

/* ---- what the answers say ---- */

static void hear_version(struct engine *en, const struct side_letter *s)
{
	struct js *doc = js_parse(s->body, s->n, NULL);

	if (doc && js_text(doc, "gitVersion"))
		str_copy(en->version, sizeof(en->version), js_text(doc, "gitVersion"));
	js_free(doc);
}

static void hear_usage(struct engine *en, const struct side_letter *s, struct instant now)
{
	struct source *src = &en->tables.sources[SOURCE_USAGE];
	struct err e = s->err;
	struct table *fresh;

	if (e.code == ERR_NONE) {
		fresh = table_new(&usage_ops);
		if (kube_usage_decode(s->body, s->n, en->names, fresh, now, &e) == 0) {
			table_free(en->tables.usage);
			en->tables.usage = fresh;
			*src = (struct source){.state = SOURCE_LIVE, .good = now};
			str_copy(src->via, sizeof(src->via), active_endpoint(en)->label);
			return;
		}
		table_free(fresh);
	}
	str_copy(src->error, sizeof(src->error), e.text);
	/* 503: the API is registered, but no metrics server stands behind it */
	src->state = table_count(en->tables.usage)          ? SOURCE_STALE
		     : s->status == 404 || s->status == 503 ? SOURCE_ABSENT
							    : SOURCE_NEVER;
}

static int port_in(const struct js *port)
{
	int64_t n = js_int(port, "port", 6443);

	return n >= 1 && n <= 65535 ? (int)n : 0;
}

static void add_endpoints(struct engine *en, const struct js *slice)
{
	const struct js *list = js_get(slice, "endpoints"),
			*port = js_nth(js_get(slice, "ports"), 0);
	const char *service =
		js_text(js_at(slice, "metadata.labels"), "kubernetes.io/service-name");

	if (!str_eq(service, "kubernetes"))
		return;
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *addresses = js_get(js_nth(list, i), "addresses");

		for (size_t k = 0; k < js_len(addresses) && en->endpoints.n < LAYER_MAX_NODES;
			k++) {
			struct host *n = &en->endpoints.at[en->endpoints.n];

			memset(n, 0, sizeof(*n));
			n->api_port = port_in(port);
			en->endpoints.n += n->api_port != 0 &&
					   address_of(js_str(js_nth(addresses, k)), n->address) >=
						   ADDRESS_LOOPBACK;
		}
	}
}

static void hear_endpoints(struct engine *en, const struct side_letter *s)
{
	struct js *doc = s->err.code == ERR_NONE ? js_parse(s->body, s->n, NULL) : NULL;
	const struct js *items = js_get(doc, "items");

	if (js_len(items))
		en->endpoints.n = 0;
	for (size_t i = 0; i < js_len(items); i++)
		add_endpoints(en, js_nth(items, i));
	js_free(doc);
	en->endpoints.known =
		true; /* also when it may not be asked: then the usual port is assumed */
	en->learned_nodes = 0;
}

static void hear_identity(struct engine *en, const struct side_letter *s, struct instant now)
{
	struct js *doc = s->err.code == ERR_NONE ? js_parse(s->body, s->n, NULL) : NULL;

	engine_identify(en, js_text(js_at(doc, "metadata"), "uid"),
		s->status >= 400 && s->status < 429, now);
	js_free(doc);
}

static void hear_side(void *room, struct letter *l, struct instant now)
{
	struct engine *en = room;
	const struct side_letter *s = (const struct side_letter *)l;
	struct err e;

	if (!question_awaits(&en->side[s->side], s->asking))
		return; /* asked of an endpoint that was left */
	e = s->err;
	if (s->status != 0) /* a 403 is a pulse too */
		err_clear(&e);
	question_answered(&en->side[s->side], now, &e, s->latency_us);
	question_hold(&en->side[s->side], now, s->retry_ms);
	if (s->side == SIDE_PULSE && e.code == ERR_NONE)
		kube_tables_alive(&en->tables, now);
	else if (s->side == SIDE_VERSION && s->err.code == ERR_NONE)
		hear_version(en, s);
	else if (s->side == SIDE_USAGE && s->status != 0)
		hear_usage(en, s, now);
	else if (s->side == SIDE_ENDPOINTS && s->status != 0)
		hear_endpoints(en, s);
	else if (s->side == SIDE_IDENTITY && s->status != 0)
		hear_identity(en, s, now);
}

static void ask_side(struct engine *en, enum side_id side, struct instant now)
{
	struct side_letter *s = mem_new(struct side_letter);

	s->letter.drop = side_drop;
	s->side = side;
	s->asking = question_asked(&en->side[side], now);
	s->letter.to = (struct hearer){.box = en->in, .hear = hear_side, .room = en};
	kube_get(en->http, en->client, active_endpoint(en), sides[side].path, SIDE_TOTAL_MS,
		on_side, s);
}

void engine_ask_sides(struct engine *en, struct instant now)
{
	for (int i = 0; i < SIDE_COUNT; i++) {
		/* The others can wait until the server has shown a pulse. */
		if (i != SIDE_PULSE && en->side[SIDE_PULSE].probe.state != PROBE_OK)
			continue;
		if (question_due(&en->side[i], now))
			ask_side(en, (enum side_id)i, now);
		question_wait(&en->side[i], now);
	}
}
