/* Counting what is affected: one walk over each table.
 *
 * A core service is one of a few known names, in whatever namespace, or one the configuration
 * names. It is down when nobody of it is available, or when a DaemonSet lacks it on half of the
 * nodes that are well; a single missing pod is a failing workload, no more. */
#include "model/impact.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "model/core_service.h"
#include "model/lease.h"
#include "model/snapshot.h"

#define RECENT_MS        (5 * 60000LL)
#define HOUR_MS          (60 * 60000LL)
#define BURST_LEAST      4.0 /* a minute */
#define BURST_TIMES      3.0
#define SERVICE_YOUNG_MS 60000

bool pace_is_burst(const struct pace *p)
{
	return p->recent >= BURST_LEAST && p->recent > BURST_TIMES * p->before;
}

/* ---- nodes ---- */

struct counting {
	struct impact *to;
	const struct snapshot *s;
	bool leases_known;
};

static bool is_live(const struct snapshot *s, enum source_id id)
{
	return s->sources[id].state == SOURCE_LIVE;
}

static bool node_is_lost(const struct counting *c, const struct node_row *n)
{
	const struct lease_row *l = snapshot_lease(c->s, "kube-node-lease", n->name);

	return !node_is_ready(n) ||
	       (c->leases_known && l != NULL && lease_is_late(&c->to->leases, l));
}

static void add_percent(struct names *to, const char *node, int64_t used, int64_t all, int limit)
{
	char text[100];

	if (!limit_passed(used, all, limit))
		return;
	snprintf(text, sizeof(text), "%.80s %d%%", node, (int)((used * 100 + all / 2) / all));
	names_add(to, text);
}

static void count_node(struct counting *c, const struct node_row *n)
{
	const struct usage_row *u = snapshot_usage(c->s, n->name);
	bool master = (n->flags & NODE_CONTROL_PLANE) != 0;

	c->to->nodes++;
	*(master ? &c->to->masters : &c->to->workers) += 1;
	if (node_is_lost(c, n)) {
		int64_t for_ms = n->ready_since_ms > 0 && !node_is_ready(n)
					 ? c->s->at.wall_ms - n->ready_since_ms
					 : -1;

		names_add(master ? &c->to->masters_lost : &c->to->workers_lost, n->name);
		if (!master && for_ms > c->to->lost_ms)
			c->to->lost_ms = for_ms;
	}
	if (u != NULL) {
		add_percent(&c->to->cpu_high, n->name, u->cpu_milli, n->cpu_milli,
			c->s->limits.cpu_percent);
		add_percent(&c->to->memory_high, n->name, u->mem_bytes, n->mem_bytes,
			c->s->limits.memory_percent);
	}
	if ((n->flags & NODE_MEM_PRESSURE) != 0 && u == NULL)
		names_add(&c->to->memory_high, n->name);
	if ((n->flags & NODE_DISK_PRESSURE) != 0)
		names_add(&c->to->disk_high, n->name);
}

static void count_nodes(struct counting *c)
{
	struct table_walk w = table_walk(c->s->nodes);
	const struct node_row *n;

	c->to->nodes_known = is_live(c->s, SOURCE_NODES);
	c->leases_known = is_live(c->s, SOURCE_NODE_LEASES);
	c->to->lost_ms = -1;
	while ((n = table_next(&w)) != NULL)
		count_node(c, n);
	for (size_t i = 0; i < c->s->layers.n; i++) {
		const struct node_layers *m = &c->s->layers.nodes[i];

		const struct host_report *r = snapshot_host(c->s, m->name);

		if (r != NULL && r->mem_available_kb >= 0 && snapshot_usage(c->s, m->name) == NULL)
			add_percent(&c->to->memory_high, m->name,
				r->mem_total_kb - r->mem_available_kb, r->mem_total_kb,
				c->s->limits.memory_percent);
		if (!names_has(&c->to->disk_high, m->name))
			add_percent(&c->to->disk_high, m->name, m->disk_percent, 100,
				c->s->limits.disk_percent);
	}
}

/* ---- pods ---- */

/* Few nodes are lost at a time, many pods are looked at: the lost ones' names first. */
static void count_stranded(struct counting *c)
{
	const struct node_row *lost[64];
	struct table_walk w = table_walk(c->s->nodes), pods = table_walk(c->s->pods);
	const struct node_row *n;
	const struct pod_row *p;
	size_t found = 0;

	while (found < sizeof(lost) / sizeof(lost[0]) && (n = table_next(&w)) != NULL)
		if (node_is_lost(c, n))
			lost[found++] = n;
	if (found == 0)
		return;
	while ((p = table_next(&pods)) != NULL)
		for (size_t i = 0; i < found; i++)
			if (p->node == lost[i]->name || str_eq(p->node, lost[i]->name)) {
				c->to->pods_stranded += p->phase != POD_SUCCEEDED;
				break;
			}
}

/* ---- workloads and Services ---- */

static void count_workloads(struct counting *c)
{
	struct table_walk w = table_walk(c->s->workloads);
	const struct workload_row *row;

	c->to->workloads_known = is_live(c->s, SOURCE_DEPLOYMENTS) &&
				 is_live(c->s, SOURCE_STATEFUL_SETS) &&
				 is_live(c->s, SOURCE_DAEMON_SETS);
	c->to->workloads = (unsigned)table_count(c->s->workloads);
	while ((row = table_next(&w)) != NULL) {
		char text[160];

		if (!workload_failing(row, c->s->at))
			continue;
		snprintf(text, sizeof(text), "%.60s/%.60s %d/%d", row->ns, row->name,
			row->available, row->desired);
		names_add(&c->to->workloads_failing, text);
	}
}

static void count_service(void *arg, const struct service_row *s, unsigned ready)
{
	struct counting *c = arg;
	char text[160];

	c->to->services++;
	if (ready > 0 || s->created_ms > c->s->at.wall_ms - SERVICE_YOUNG_MS)
		return;
	snprintf(text, sizeof(text), "%.60s/%.60s", s->ns, s->name);
	names_add(&c->to->services_dark, text);
}

static void count_services(struct counting *c)
{
	c->to->services_known = is_live(c->s, SOURCE_SERVICES) && is_live(c->s, SOURCE_SLICES);
	services_each(c->s->services, c->s->slices, count_service, c);
}

/* ---- API servers and their parts ---- */

static void count_late_servers(struct counting *c)
{
	struct table_walk w = table_walk(c->s->system_leases);
	const struct lease_row *l;

	if (!is_live(c->s, SOURCE_SYSTEM_LEASES))
		return;
	while ((l = table_next(&w)) != NULL) {
		const struct node_row key = {.name = l->host};

		if (l->host == NULL || l->host[0] == '\0' || !str_starts(l->name, "apiserver-"))
			continue;
		if (table_find(c->s->nodes, &key) != NULL && lease_is_late(&c->to->leases, l))
			names_add(&c->to->apiservers_late, l->host);
	}
}

static void count_parts(struct counting *c)
{
	static const enum layer_id parts[] = {LAYER_ETCD, LAYER_APISERVER};
	char text[100];

	for (size_t i = 0; i < c->s->layers.n; i++) {
		const struct node_layers *n = &c->s->layers.nodes[i];

		for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++) {
			if (!probe_is_down(&n->layer[parts[k]], &c->s->limits, c->s->at))
				continue;
			snprintf(text, sizeof(text), "%s %s", n->name, layer_name(parts[k]));
			names_add(&c->to->parts_down, text);
		}
		if (!probe_is_good(&n->layer[LAYER_APISERVER]) ||
			!limit_is_slow(
				n->layer[LAYER_APISERVER].latency_us, c->s->limits.api_latency_ms))
			continue;
		snprintf(text, sizeof(text), "%s %lld ms", n->name,
			(long long)(n->layer[LAYER_APISERVER].latency_us / 1000));
		names_add(&c->to->slow, text);
	}
	for (int i = CORE_SCHEDULER; i <= CORE_CONTROLLERS; i++)
		if (c->to->core.is_down[i])
			names_add(&c->to->parts_down, core_service_name((enum core_service)i));
}

/* ---- events ---- */

/* How many of an event's occurrences fall into a window: a folded event says only when the first
 * and the last were, so they are taken as evenly spread. */
static double share_of(const struct event_row *e, int64_t from_ms, int64_t to_ms)
{
	int64_t first = e->first_ms > 0 && e->first_ms < e->last_ms ? e->first_ms : e->last_ms;
	int64_t begin = first > from_ms ? first : from_ms;
	int64_t end = e->last_ms < to_ms ? e->last_ms : to_ms;

	if (e->last_ms < from_ms || first > to_ms)
		return 0;
	if (first == e->last_ms)
		return e->count;
	return (double)e->count * (double)(end - begin) / (double)(e->last_ms - first);
}

static void count_warnings(struct counting *c)
{
	int64_t now = c->s->at.wall_ms;
	struct table_walk w = table_walk(c->s->events);
	const struct event_row *e;
	double recent = 0, before = 0;

	while ((e = table_next(&w)) != NULL) {
		if (!event_is_warning(e) || e->last_ms < now - HOUR_MS)
			continue;
		recent += share_of(e, now - RECENT_MS, now + RECENT_MS);
		before += share_of(e, now - HOUR_MS, now - RECENT_MS - 1);
	}
	c->to->warnings.recent = recent * 60000 / (double)RECENT_MS;
	c->to->warnings.before = before * 60000 / (double)(HOUR_MS - RECENT_MS);
}

/* ---- the whole ---- */

void impact_take(struct impact *out, const struct snapshot *s, const char *const *core_services,
	const struct impact *before)
{
	struct counting c = {.to = out, .s = s};

	memset(out, 0, sizeof(*out));
	out->at = s->at;
	out->leases = lease_judge_of(s);
	out->core.seen = before != NULL ? before->core.seen : 0;
	out->pods_failing = s->pod_counts.failing;
	count_nodes(&c);
	count_stranded(&c);
	count_workloads(&c);
	count_services(&c);
	count_warnings(&c);
	core_services_judge(&out->core,
		&(struct core_context){.s = s,
			.leases = &out->leases,
			.lost = out->masters_lost.n + out->workers_lost.n,
			.workloads_known = out->workloads_known},
		core_services);
	count_late_servers(&c);
	count_parts(&c);
	if (out->slow.n > 0)
		out->slow_since = before != NULL && before->slow_since.boot_ms != 0
					  ? before->slow_since
					  : s->at;
}
