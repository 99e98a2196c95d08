/* From state to snapshot: references to the tables' chunks, copies of the small things, and what is
 * counted over them. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/meter.h"
#include "base/str.h"
#include "ops/engine/engine_parts.h"

#define COUNT_EVERY_MS 1000 /* failing depends on age, so counts move on by themselves */
#define COUNT_NEW_MS   200  /* when rows changed: a walk over 20,000 is about a millisecond */
#define RECENT_MS      60000

static void push(struct history *h, int32_t value)
{
	memmove(h->at, h->at + 1, sizeof(h->at) - sizeof(h->at[0]));
	h->at[HISTORY_SLOTS - 1] = value;
}

static int32_t slowest_etcd_ms(const struct engine *en)
{
	int64_t most = -1;

	for (size_t i = 0; i < en->etcd.state.n; i++)
		if (en->etcd.state.members[i].latency_us > most &&
			en->etcd.state.members[i].health == ETCD_HEALTHY)
			most = en->etcd.state.members[i].latency_us;
	return most < 0 ? -1 : (int32_t)(most / 1000);
}

static void remember(struct engine *en, struct instant now)
{
	int64_t api_us = en->api.at[en->active].live.probe.latency_us;

	if (instant_age_ms(en->history_at, now) < HISTORY_SLOT_MS)
		return;
	en->history_at = now;
	push(&en->api_latency, api_us < 0 ? -1 : (int32_t)(api_us / 1000));
	push(&en->etcd_latency, slowest_etcd_ms(en));
	push(&en->etcd_terms, en->etcd.state.raft_term > 0
				      ? (int32_t)(en->etcd.state.raft_term & INT32_MAX)
				      : -1);
	push(&en->warnings, (int32_t)en->warnings_per_minute);
}

static double count_warnings(const struct table *events, struct instant now)
{
	struct table_walk w = table_walk(events);
	const struct event_row *e;
	unsigned n = 0;

	while ((e = table_next(&w)) != NULL)
		if (event_is_warning(e) && e->last_ms > now.wall_ms - RECENT_MS)
			n++;
	return n;
}

static void count(struct engine *en, struct instant now)
{
	uint64_t generation = table_generation(en->tables.small_pods);
	struct table_walk w = table_walk(en->tables.small_pods);
	const struct pod_row *p;

	if (en->counted.boot_ms != 0 &&
		instant_age_ms(en->counted, now) <
			(generation == en->counted_generation ? COUNT_EVERY_MS : COUNT_NEW_MS))
		return;
	if (en->tables.sources[SOURCE_PODS].saved && generation == en->counted_generation)
		return; /* the saved counts stand until there are pods to count */
	memset(&en->counts, 0, sizeof(en->counts));
	while ((p = table_next(&w)) != NULL)
		pod_counts_add(&en->counts, p, now.wall_ms, 1);
	en->counted = now;
	en->counted_generation = generation;
	en->warnings_per_minute = count_warnings(en->tables.at[KUBE_TABLE_EVENTS].shown, now);
}

static int count_not_ready(const struct table *nodes)
{
	struct table_walk w = table_walk(nodes);
	const struct node_row *n;
	int not_ready = 0;

	while ((n = table_next(&w)) != NULL)
		not_ready += !node_is_ready(n);
	return not_ready;
}

void engine_share(struct table **dst, const struct table *src)
{
	table_free(*dst);
	*dst = table_share(src);
}

void engine_mark(const struct engine *en, struct cluster_mark *out)
{
	str_copy(out->uid, sizeof(out->uid), en->uid);
	str_copy(out->authority, sizeof(out->authority), cluster_key_authority(&en->key));
}

static void fill_names(const struct engine *en, struct snapshot *s)
{
	const struct kube_access *a = kube_client_access(en->client);
	struct cluster_mark mark;

	str_copy(s->cluster, sizeof(s->cluster), a->cluster ? a->cluster : "");
	str_copy(s->context, sizeof(s->context), a->context ? a->context : "");
	str_copy(s->user, sizeof(s->user), a->user ? a->user : "");
	str_copy(s->namespace_, sizeof(s->namespace_), a->namespace_ ? a->namespace_ : "");
	str_copy(s->server, sizeof(s->server), a->server);
	str_copy(s->version, sizeof(s->version), en->version);
	engine_mark(en, &mark);
	str_copy(s->uid, sizeof(s->uid), mark.uid);
	str_copy(s->authority, sizeof(s->authority), mark.authority);
	s->read_only = en->read_only;
	s->uid_untold = en->identity == IDENTITY_UNTOLD;
	s->names_bytes = intern_bytes(en->names);
	s->names_max = intern_max(en->names);
}

static void fill_sources(const struct engine *en, struct snapshot *s, struct instant now)
{
	const struct question *pulse = &en->side[SIDE_PULSE];
	struct source *etcd = &s->sources[SOURCE_ETCD];

	memcpy(s->sources, en->tables.sources, sizeof(s->sources));
	for (size_t i = 0; i < en->etcd.state.n; i++) {
		struct instant good = en->etcd.state.members[i].good;

		if (good.boot_ms == 0 ||
			(etcd->good.boot_ms != 0 && good.boot_ms <= etcd->good.boot_ms))
			continue;
		etcd->good = good;
		etcd->saved = false;
	}
	if (etcd->good.boot_ms != 0 && !etcd->saved)
		etcd->state = instant_age_ms(etcd->good, now) < 5000 ? SOURCE_LIVE : SOURCE_STALE;
	if (en->etcd.credentials.state != ETCD_CREDENTIALS_FOUND)
		str_copy(etcd->error, sizeof(etcd->error), en->etcd.credentials.from);
	engine_strain_fill(en, &s->sources[SOURCE_PROBES], now);
	s->watch_age_ms = pulse->probe.good.boot_ms ? instant_age_ms(pulse->probe.good, now) : -1;
	s->vip_latency_us = en->board.load_balancer.latency_us;
}

/* ---- what the servers were asked ---- */

static bool is_at(const char *url, const char *name)
{
	const char *at = strstr(url, "://");

	return at != NULL && str_eq(at + 3, name);
}

static enum rate_of rate_kind(const struct engine *en, const struct meter_reading *r)
{
	if (r->kind == METER_SSH)
		return RATE_NODE;
	for (size_t i = 0; i < en->api.n; i++)
		if ((int)i != en->api.vip && str_eq(en->api.at[i].at.label, r->name))
			return RATE_API;
	for (size_t i = 0; i < en->etcd.state.n; i++) {
		const struct etcd_member *m = &en->etcd.state.members[i];

		if (is_at(m->client_url, r->name) || is_at(m->peer_url, r->name))
			return RATE_ETCD;
	}
	return RATE_KINDS;
}

/* The control-plane node at the name's address. */
static const char *rate_node(const struct layer_board *b, const char *name)
{
	char host[METER_NAME], *colon;

	str_copy(host, sizeof(host), name[0] == '[' ? name + 1 : name);
	if (name[0] == '[')
		host[strcspn(host, "]")] = '\0';
	else if ((colon = strchr(host, ':')) != NULL && strchr(colon + 1, ':') == NULL)
		*colon = '\0';
	for (size_t i = 0; i < b->n; i++)
		if (host[0] != '\0' && str_eq(b->nodes[i].address, host))
			return b->nodes[i].name;
	return "";
}

static void fill_rates(const struct engine *en, struct snapshot *s, struct instant now)
{
	struct meter_reading all[METER_MAX];
	size_t n = meter_read(all, now.boot_ms);

	for (int of = 0; of <= RATE_KINDS; of++) {
		for (size_t i = 0; i < n; i++) {
			struct rate_row *row = &s->rates[s->n_rates];

			if ((int)rate_kind(en, &all[i]) != of)
				continue;
			row->of = (enum rate_of)of;
			str_copy(row->name, sizeof(row->name), all[i].name);
			str_copy(row->node, sizeof(row->node), rate_node(&en->board, row->name));
			row->rate.requests = (double)all[i].n[METER_REQUESTS] / METER_SECONDS;
			row->rate.connections = (double)all[i].n[METER_CONNECTIONS] / METER_SECONDS;
			s->n_rates++;
		}
	}
}

void engine_clear_history(struct engine *en)
{
	memset(&en->api_latency, 0xff, sizeof(en->api_latency));
	memset(&en->etcd_latency, 0xff, sizeof(en->etcd_latency));
	memset(&en->warnings, 0xff, sizeof(en->warnings));
	memset(&en->etcd_terms, 0xff, sizeof(en->etcd_terms));
}

void engine_publish(struct engine *en, struct instant now)
{
	struct snapshot *s = snapshot_new();

	count(en, now);
	remember(en, now);
	s->number = ++en->number;
	s->at = now;
	s->woke = en->strain.woke;
	fill_names(en, s);
	fill_sources(en, s, now);
	fill_rates(en, s, now);
	s->names = intern_ref(en->names);
	engine_share(&s->nodes, en->tables.at[KUBE_TABLE_NODES].shown);
	engine_share(&s->pods, en->tables.small_pods);
	engine_share(&s->system_pods, en->tables.at[KUBE_TABLE_PODS].shown);
	engine_share(&s->events, en->tables.at[KUBE_TABLE_EVENTS].shown);
	engine_share(&s->leases, en->tables.at[KUBE_TABLE_NODE_LEASES].shown);
	engine_share(&s->system_leases, en->tables.at[KUBE_TABLE_SYSTEM_LEASES].shown);
	engine_share(&s->usage, en->tables.usage);
	engine_share(&s->workloads, en->tables.workloads);
	engine_share(&s->services, en->tables.at[KUBE_TABLE_SERVICES].shown);
	engine_share(&s->slices, en->tables.at[KUBE_TABLE_SLICES].shown);
	engine_share(&s->config_maps, en->tables.at[KUBE_TABLE_CONFIG_MAPS].shown);
	alert_watch_fill(&en->alerts, s, now);
	node_watch_fill(&en->nodes, s);
	node_watch_bursts(&en->nodes, &s->log_bursts, now);
	s->pod_counts = en->counts;
	s->nodes_not_ready = count_not_ready(s->nodes);
	s->warnings_per_minute = en->warnings_per_minute;
	s->etcd = en->etcd.state;
	s->layers = en->board;
	s->api_latency_ms = en->api_latency;
	s->etcd_latency_ms = en->etcd_latency;
	s->warnings = en->warnings;
	s->etcd_terms = en->etcd_terms;
	feeds_publish(&en->feeds, s);
	asks_fill(&en->asks, s);
	engine_judge(en, s);
	incident_desk_fill(en->desk, s);
	engine_fill_keeping(en, s);
	audience_tell(en->audience, s);
	en->dirty = false;
	en->published = now;
}
