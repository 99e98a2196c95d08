/* One ranking says how good a server is to go to, for watches and for all else; a move never goes
 * to one that is not ready, since eleven lists are what it could bear least. */
#include "ops/watch/api_place.h"

#include "base/i18n.h"
#include "base/log.h"
#include "base/str.h"

#define PULSE_LOST_MS  4000  /* without a pulse for so long the connection is given up */
#define NODES_ALONE_MS 500   /* the other lists wait so long for the nodes' */
#define STAY_MS        5000  /* a new place is given so long before the next move */
#define STAY_MAX_MS    80000 /* it doubles where one place after the other gave no pulse */

void api_place_init(struct api_place *p, struct api_watch *api, struct kube_tables *tables)
{
	*p = (struct api_place){.api = api, .tables = tables};
	api_sides_init(&p->sides, api->http, api->client, api->to, tables);
}

const struct api_endpoint *api_place_at(const struct api_place *p)
{
	return &p->api->at[p->active];
}

static const struct question *pulse_of(const struct api_place *p)
{
	return &p->sides.at[SIDE_PULSE];
}

/* ---- the watches ---- */

/* What a watch brings is a pulse: nothing need be asked while it does. */
static void hear_watch(void *room, struct letter *letter, struct instant now)
{
	struct kube_letter *l = (struct kube_letter *)letter;
	struct api_place *p = room;

	if (!kube_tables_hear(p->tables, l))
		return;
	if (letter->kind != KUBE_TROUBLE) {
		question_heard(&p->sides.at[SIDE_PULSE], l->at);
		kube_tables_alive(p->tables, l->at);
	}
	/* Another cluster's may be listed or watched now: its identity is asked with the nodes. */
	if (l->of == &kube_nodes && letter->kind == KUBE_LIST_BEGIN)
		api_sides_doubt(&p->sides, now);
	else if (l->of == &kube_nodes && letter->kind == KUBE_ALIVE)
		question_again(&p->sides.at[SIDE_IDENTITY]);
}

static void watch(struct api_place *p, struct kube_table *t)
{
	const struct hearer to = {.box = p->api->to, .hear = hear_watch, .room = p};
	const struct kube_endpoint *at = &api_place_at(p)->at;
	struct source *src = &p->tables->sources[t->kind->source];

	t->watch =
		kube_watch_start(p->api->http, p->api->client, at, t->kind, p->tables->names, &to);
	t->number = kube_watch_number(t->watch);
	str_copy(src->via, sizeof(src->via), at->label);
}

void api_place_move(struct api_place *p, int to, bool poison, struct instant now)
{
	bool served = pulse_of(p)->probe.good.boot_ms > p->moved.boot_ms;

	p->stay_ms = served || p->stay_ms == 0 ? STAY_MS : p->stay_ms * 2;
	p->stay_ms = p->stay_ms < STAY_MAX_MS ? p->stay_ms : STAY_MAX_MS;
	p->active = to;
	api_sides_begin(&p->sides, p->moved.boot_ms == 0, now);
	p->moved = now;
	kube_tables_stop(p->tables, poison);
	watch(p, &p->tables->at[KUBE_TABLE_NODES]);
	watch(p, &p->tables->at[KUBE_TABLE_PODS]);
	log_put(LOG_INFO, "engine", "watching at %s", api_place_at(p)->at.label);
}

/* Eleven lists at once take as long as their sum, each of them: so what is looked at first has the
 * server for itself, until the nodes are there or are late. */
void api_place_watch_rest(struct api_place *p, struct instant now)
{
	const struct source *nodes = &p->tables->sources[SOURCE_NODES];

	if (nodes->state != SOURCE_LIVE && !nodes->error[0] &&
		instant_age_ms(p->moved, now) < NODES_ALONE_MS)
		return;
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++)
		if (!p->tables->at[i].watch)
			watch(p, &p->tables->at[i]);
}

/* On the net thread, behind the watches that stop: what these leave there is the other cluster's,
 * too. */
static void forget_rations(void *arg, bool closing)
{
	struct kube_client *client = arg;

	(void)closing;
	kube_rations_forget(kube_client_rations(client));
	kube_client_unref(client);
}

void api_place_begin_anew(struct api_place *p, struct instant now)
{
	enum identity told = p->sides.identity;

	api_sides_forget(&p->sides);
	p->moved = (struct instant){0}; /* the first of its places: everything is asked */
	kube_tables_stop(p->tables, true);
	http_call(p->api->http, forget_rations, kube_client_ref(p->api->client));
	api_place_move(p, 0, true, now);
	p->sides.identity = told;
}

/* ---- which server ---- */

/* How good an API server is to go to, the more the better. */
enum rank {
	RANK_AWAY,
	RANK_ANSWERS, /* but says that it is not ready */
	RANK_READY,
	RANK_RESTED /* and was not listed a moment ago */
};

/* A balancer is asked less often than the servers behind it: when each of these refuses, its own
 * last answer is of the past. Servers that are only out of sight tell nothing of it. */
static bool all_behind_refuse(const struct api_watch *w)
{
	bool refuse = w->n > 1;

	for (size_t i = 0; i < w->n; i++) {
		const struct probe *p = &w->at[i].live.probe;

		refuse = refuse && ((int)i == w->vip || (p->state == PROBE_FAILED && p->answered));
	}
	return refuse;
}

static enum rank rank_of(const struct api_place *p, size_t i, struct instant now)
{
	const struct api_endpoint *ep = &p->api->at[i];
	bool vip = ep == api_watch_vip(p->api);

	if (ep->live.probe.state != PROBE_OK || (vip && all_behind_refuse(p->api)))
		return RANK_AWAY;
	if (probe_is_bad(&ep->ready.probe))
		return RANK_ANSWERS;
	return kube_ration_wait_ms(kube_client_rations(p->api->client), ep->at.label, SOURCE_NODES,
		       true, now) > 0
		       ? RANK_READY
		       : RANK_RESTED;
}

/* The best but the active one, beginning behind it, so that a load balancer that leads to a hung
 * server is left for a direct way. -1 when none is as good as `least`. */
static int another(const struct api_place *p, enum rank least, struct instant now)
{
	enum rank best = least;
	int found = -1;

	for (size_t k = 1; k < p->api->n; k++) {
		size_t i = ((size_t)p->active + k) % p->api->n;
		enum rank rank = rank_of(p, i, now);

		if (rank > best || (found < 0 && rank == best)) {
			best = rank;
			found = (int)i;
		}
	}
	return found;
}

static int choose(const struct api_place *p, struct instant now)
{
	return rank_of(p, (size_t)p->active, now) != RANK_AWAY ? p->active
							       : another(p, RANK_ANSWERS, now);
}

const struct kube_endpoint *api_place_choose(const struct api_place *p, struct instant now)
{
	int i = choose(p, now);

	return i >= 0 ? &p->api->at[i].at : NULL;
}

void api_place_keep(struct api_place *p, const struct host *nodes, size_t n, struct instant now)
{
	bool stays = api_watch_is_of(p->api, (size_t)p->active, nodes, n);
	int to;

	api_watch_keep(p->api, nodes, n, &p->active);
	if (stays)
		return;
	to = choose(p, now);
	api_place_move(p, to >= 0 ? to : p->active, false, now);
}

/* ---- staying and moving ---- */

static bool api_is_bad(const struct api_endpoint *ep, struct instant now)
{
	const struct probe *p = &ep->live.probe;

	return p->state == PROBE_FAILED ||
	       (p->state == PROBE_SILENT && instant_age_ms(p->since, now) >= PULSE_LOST_MS);
}

static bool pulse_is_lost(const struct api_place *p, struct instant now)
{
	struct instant silent = pulse_of(p)->silent;

	return silent.boot_ms != 0 && instant_age_ms(silent, now) >= PULSE_LOST_MS;
}

static bool has_pulse(const struct api_place *p, struct instant now)
{
	const struct probe *pulse = &pulse_of(p)->probe;

	return pulse->state == PROBE_OK &&
	       instant_age_ms(pulse->good, now) < PULSE_EVERY_MS + PULSE_LOST_MS;
}

/* An API server whose own etcd is dead or cut off keeps its watches open and says nothing more.
 * When no lease is renewed any longer though etcd has its quorum, it is the watch that stands
 * still, not every kubelet at once. */
static bool stands_still(
	const struct api_place *p, enum etcd_quorum quorum, struct instant woke, struct instant now)
{
	const struct kube_tables *t = p->tables;

	return quorum == ETCD_QUORUM_OK &&
	       instant_age_ms(instant_later(p->moved, woke), now) >= LEASE_STALE_MS &&
	       t->sources[SOURCE_NODE_LEASES].state == SOURCE_LIVE &&
	       table_count(t->at[KUBE_TABLE_NODE_LEASES].shown) > 0 &&
	       instant_age_ms(kube_tables_newest_lease(t), now) >= LEASE_STALE_MS;
}

/* The server is back: what rests after a failure need not rest to its end, and what stayed open
 * says so. Not before there is a pulse, which is asked for at once. */
static void wake_watches(struct api_place *p, struct instant now)
{
	const struct api_endpoint *at = api_place_at(p);

	if (at->live.probe.state != PROBE_OK)
		return;
	if (!has_pulse(p, now)) {
		if (at->back.boot_ms > pulse_of(p)->asked.boot_ms)
			question_again(&p->sides.at[SIDE_PULSE]);
		return;
	}
	p->lost = false;
	api_sides_doubt(&p->sides, now);
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++) {
		const struct kube_table *t = &p->tables->at[i];

		if (t->watch && p->tables->sources[t->kind->source].state != SOURCE_LIVE)
			kube_watch_wake(t->watch);
	}
}

/* It answers, but says of itself that it is not well, and the watches live all the same. */
static bool is_only_sick(const struct api_place *p, struct instant now)
{
	const struct question *live = &api_place_at(p)->live;

	return live->probe.state == PROBE_FAILED && live->probe.answered &&
	       live->code != ERR_REFUSED && live->code != ERR_TLS && has_pulse(p, now) &&
	       instant_age_ms(live->probe.since, now) < LIMIT_SILENCE_MS;
}

/* The server answered a probe after its connection with the watches had fallen silent: a new one
 * to it is worth trying. A server that hangs would hang in that too, and a list that is merely slow
 * would never come to its end. */
static bool only_the_connection_is_lost(const struct api_place *p)
{
	const struct probe *live = &api_place_at(p)->live.probe;

	return live->state == PROBE_OK &&
	       live->good.boot_ms > pulse_of(p)->silent.boot_ms + QUESTION_SILENT_MS;
}

static void leave(struct api_place *p, bool lost, struct instant now)
{
	int to = another(p, RANK_READY, now);

	if (instant_age_ms(p->moved, now) < p->stay_ms)
		return;
	if (to < 0 && lost && only_the_connection_is_lost(p))
		to = p->active;
	if (to >= 0) /* else its watches go on trying where they are */
		api_place_move(p, to, true, now);
}

/* Without quorum nothing can be written: what an API server still tells is the last that was, and
 * no watch will bring news, however well its connection lives. */
static bool freeze(struct api_place *p, enum etcd_quorum quorum)
{
	if (quorum != ETCD_QUORUM_LOST)
		return false;
	p->lost = true;
	kube_tables_trouble(p->tables, _("etcd has lost quorum: nothing can change"));
	return true;
}

static void follow(
	struct api_place *p, enum etcd_quorum quorum, struct instant woke, struct instant now)
{
	const struct api_endpoint *at = api_place_at(p);
	bool lost = pulse_is_lost(p, now) || stands_still(p, quorum, woke, now);
	bool frozen = freeze(p, quorum);

	if (!api_is_bad(at, now) && !lost) {
		if (p->lost && !frozen)
			wake_watches(p, now);
		return;
	}
	if (!lost && !frozen && is_only_sick(p, now))
		return;
	p->lost = true;
	if (lost || !has_pulse(p, now))
		kube_tables_trouble(
			p->tables, at->live.probe.text[0] ? at->live.probe.text : _("no answer"));
	leave(p, lost, now);
}

void api_place_tick(
	struct api_place *p, enum etcd_quorum quorum, struct instant woke, struct instant now)
{
	const struct api_endpoint *vip = api_watch_vip(p->api);

	kube_rations_set_balancer(kube_client_rations(p->api->client), vip ? vip->at.label : "");
	api_sides_tick(&p->sides, &api_place_at(p)->at, now);
	follow(p, quorum, woke, now);
}
