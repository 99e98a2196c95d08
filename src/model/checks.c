/* One row per check: its id, where it looks, the rules that make it bad, and a sentence for when
 * none of them does. What a sentence cannot be written for, because nothing was seen, is unknown,
 * never ok. */
#include "model/checks.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/vec.h"
#include "model/lease.h"

static const char *const words[] = {
	[CHECK_OK] = "ok",
	[CHECK_WARNING] = "warning",
	[CHECK_CRITICAL] = "critical",
	[CHECK_UNKNOWN] = "unknown",
};

const char *check_word(enum check_status s)
{
	return words[s];
}

static enum check_status check_of_level(enum level l)
{
	return l <= LEVEL_P1 ? CHECK_CRITICAL : l < LEVEL_NONE ? CHECK_WARNING : CHECK_OK;
}

enum check_status checks_overall(const struct snapshot *s)
{
	if (!s->verdict.known)
		return CHECK_UNKNOWN;
	if (s->verdict.now == LEVEL_NONE && s->sources[SOURCE_NODES].state != SOURCE_LIVE)
		return CHECK_UNKNOWN;
	return check_of_level(s->verdict.now);
}

/* What none of its rules says: CHECK_OK, or that nothing was seen and why; or what is bad where
 * several rules speak of more than this one thing. arg: the row's. */
typedef enum check_status summary(const struct snapshot *s, int arg, char *text, size_t size);

static void put(char *text, size_t size, const char *fmt, va_list ap)
{
	vsnprintf(text, size, fmt, ap);
	str_mend(text);
}

static enum check_status well(char *text, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static enum check_status well(char *text, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(text, size, fmt, ap);
	va_end(ap);
	return CHECK_OK;
}

/* As bad as that rule makes it. */
static enum check_status bad(enum rule_id rule, char *text, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static enum check_status bad(enum rule_id rule, char *text, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(text, size, fmt, ap);
	va_end(ap);
	return check_of_level(rule_level(rule));
}

static enum check_status unseen(char *text, size_t size, const char *why)
{
	str_copy(text, size, why[0] ? why : _("not seen"));
	return CHECK_UNKNOWN;
}

static enum check_status source_unseen(
	const struct snapshot *s, enum source_id id, char *text, size_t size)
{
	return unseen(text, size, s->sources[id].error);
}

static bool is_live(const struct snapshot *s, enum source_id id)
{
	return s->sources[id].state == SOURCE_LIVE;
}

static enum check_status sum_nodes(const struct snapshot *s, int arg, char *text, size_t size)
{
	const struct impact *i = &s->impact;

	(void)arg;
	if (!is_live(s, SOURCE_NODES))
		return source_unseen(s, SOURCE_NODES, text, size);
	return well(text, size, _("%u of %u are ready"),
		i->nodes - i->masters_lost.n - i->workers_lost.n, i->nodes);
}

static void failing_pods(const struct snapshot *s, struct names *to)
{
	struct table_walk w = table_walk(s->system_pods);
	const struct system_pod_row *p;
	char text[160];

	while ((p = table_next(&w)) != NULL) {
		if (!pod_failing(&p->pod, s->at.wall_ms))
			continue;
		snprintf(text, sizeof(text), "%.90s %.40s", pod_name(&p->pod), p->pod.status);
		names_add(to, text);
	}
}

static enum check_status sum_pods(const struct snapshot *s, int arg, char *text, size_t size)
{
	struct names failing = {.n = 0};
	char list[NAMES_ROOM + 20];

	(void)arg;
	if (!is_live(s, SOURCE_PODS))
		return source_unseen(s, SOURCE_PODS, text, size);
	failing_pods(s, &failing);
	if (failing.n > 0) {
		well(text, size, _("%u of %zu fail: %s"), failing.n, table_count(s->system_pods),
			names_text(&failing, list, sizeof(list)));
		return CHECK_WARNING; /* no level goes by it */
	}
	return well(text, size, _("%zu system pods run"), table_count(s->system_pods));
}

/* "m1_0b5f..." as a leader's lease has it: the node alone. */
static void holder_of(const struct snapshot *s, const char *lease, char *dst, size_t size)
{
	const struct lease_row *l = snapshot_lease(s, "kube-system", lease);
	size_t n = l != NULL && l->holder != NULL ? strcspn(l->holder, "_") : 0;

	str_copy(dst, size, "-");
	if (n > 0)
		str_copy_n(dst, size, l->holder, n);
}

static enum check_status sum_control_plane(
	const struct snapshot *s, int arg, char *text, size_t size)
{
	char scheduler[64], controllers[64];

	(void)arg;
	if (s->layers.n == 0 && !is_live(s, SOURCE_NODES))
		return unseen(text, size, _("no control-plane node is known"));
	for (int c = CORE_SCHEDULER; c <= CORE_CONTROLLERS; c++)
		if (s->impact.core.is_down[c])
			return bad(RULE_CORE_SERVICE_DOWN, text, size, _("%s has no live lease"),
				core_service_name((enum core_service)c));
	holder_of(s, "kube-scheduler", scheduler, sizeof(scheduler));
	holder_of(s, "kube-controller-manager", controllers, sizeof(controllers));
	return well(text, size, _("%u nodes; scheduler on %s, controller-manager on %s"),
		s->impact.masters > 0 ? s->impact.masters : (unsigned)s->layers.n, scheduler,
		controllers);
}

static enum check_status sum_apiserver(const struct snapshot *s, int arg, char *text, size_t size)
{
	(void)arg;
	if (s->layers.api_live > 0)
		return well(
			text, size, _("%d of %d answer"), s->layers.api_live, s->layers.api_all);
	if (probe_is_good(&s->layers.load_balancer))
		return well(text, size, "%s",
			_("answers through the load balancer; not visible one by one from here"));
	return unseen(text, size, _("none was asked with success"));
}

static enum check_status sum_etcd(const struct snapshot *s, int arg, char *text, size_t size)
{
	const struct etcd_state *e = &s->etcd;
	const char *leader = "-";

	(void)arg;
	for (size_t i = 0; i < e->n; i++)
		if (e->members[i].leader)
			leader = e->members[i].name;
	if (e->quorum == ETCD_QUORUM_UNKNOWN || e->healthy_voters == 0)
		return source_unseen(s, SOURCE_ETCD, text, size);
	return well(text, size, _("%d of %d members healthy, leader %s, may lose %d"),
		e->healthy_voters, e->voters, leader, e->may_lose);
}

static enum check_status sum_core(const struct snapshot *s, int arg, char *text, size_t size)
{
	const char *name = core_service_name((enum core_service)arg);

	if (s->impact.core.is_down[arg])
		return bad(RULE_CORE_SERVICE_DOWN, text, size, _("%s is down"), name);
	if (!s->impact.core.known[arg])
		return unseen(text, size,
			is_live(s, SOURCE_PODS) ? _("there is none that k911 knows")
						: s->sources[SOURCE_PODS].error);
	return well(text, size, _("%s is available"), name);
}

static enum check_status sum_resources(const struct snapshot *s, int arg, char *text, size_t size)
{
	(void)arg;
	if (s->sources[SOURCE_USAGE].state == SOURCE_ABSENT)
		return unseen(text, size, _("no metrics server"));
	if (!is_live(s, SOURCE_USAGE))
		return source_unseen(s, SOURCE_USAGE, text, size);
	return well(
		text, size, _("%zu nodes measured, none above the limits"), table_count(s->usage));
}

static enum check_status sum_disk(const struct snapshot *s, int arg, char *text, size_t size)
{
	int most = -1;

	(void)arg;
	for (size_t i = 0; i < s->layers.n; i++)
		if (s->layers.nodes[i].disk_percent > most)
			most = s->layers.nodes[i].disk_percent;
	if (most > 0)
		return well(text, size, _("the fullest of the control plane is at %d%%"), most);
	if (is_live(s, SOURCE_NODES))
		return well(text, size, "%s", _("no node reports disk pressure"));
	return unseen(text, size, "");
}

/* Of a layer of all control-plane nodes: how many are well. */
static enum check_status sum_layer(const struct snapshot *s, int arg, char *text, size_t size)
{
	unsigned well_there = 0;

	for (size_t i = 0; i < s->layers.n; i++)
		well_there += probe_is_good(&s->layers.nodes[i].layer[arg]);
	if (well_there == 0)
		return unseen(text, size, _("not visible from here"));
	return well(
		text, size, _("%u of %zu control-plane nodes are well"), well_there, s->layers.n);
}

static enum check_status sum_balancer(const struct snapshot *s, int arg, char *text, size_t size)
{
	const struct probe *p = &s->layers.load_balancer;

	(void)arg;
	if (probe_is_down(p, &s->limits, s->at))
		return bad(RULE_LOAD_BALANCER_DOWN, text, size, "%s", probe_why(p));
	if (!probe_is_good(p))
		return unseen(text, size, p->text);
	return well(text, size, _("%s answers in %lld ms"), s->layers.load_balancer_name,
		(long long)(p->latency_us / 1000));
}

/* What is bad is said by the worst of its rules. */
struct row {
	const char *id;
	enum source_id source;
	summary *says;
	int arg;
	uint64_t rules; /* as bits */
};

#define RULE(name) (UINT64_C(1) << RULE_##name)
_Static_assert(RULE_COUNT <= 64, "a bit for each rule");

static const struct row before_nodes[] = {
	{"nodes", SOURCE_NODES, sum_nodes, 0,
		RULE(CONTROL_PLANE_LOST) | RULE(CONTROL_PLANE_NODE_DOWN) | RULE(WORKER_NOT_READY)},
	{"system-pods", SOURCE_PODS, sum_pods, 0, RULE(CORE_SERVICE_DOWN)},
	{"control-plane", SOURCE_PROBES, sum_control_plane, 0,
		RULE(CONTROL_PLANE_LOST) | RULE(CONTROL_PLANE_NODE_DOWN) | RULE(PARTITION) |
			RULE(STATIC_PODS_EXITED) | RULE(STATIC_MANIFESTS)},
	{"apiserver", SOURCE_PROBES, sum_apiserver, 0,
		RULE(API_DOWN) | RULE(CERTIFICATES_EXPIRED) | RULE(APISERVER_DOWN)},
	{"etcd", SOURCE_ETCD, sum_etcd, 0,
		RULE(ETCD_QUORUM_LOST) | RULE(ETCD_SPLIT) | RULE(ETCD_NOSPACE) |
			RULE(ETCD_MEMBER_DOWN) | RULE(ETCD_NEAR_QUOTA)},
	{"dns", SOURCE_DEPLOYMENTS, sum_core, CORE_DNS, 0},
	{"resources", SOURCE_USAGE, sum_resources, 0, RULE(CPU_HIGH) | RULE(MEMORY_HIGH)},
};

static const struct row after_nodes[] = {
	{"cni", SOURCE_DAEMON_SETS, sum_core, CORE_CNI, 0},
	{"disk", SOURCE_PROBES, sum_disk, 0, RULE(DISK_HIGH)},
	{"certificates", SOURCE_PROBES, sum_layer, LAYER_CERTIFICATES,
		RULE(CERTIFICATES_EXPIRED) | RULE(CERTIFICATE_EXPIRY) | RULE(FOREIGN_AUTHORITY)},
	{"clock", SOURCE_PROBES, sum_layer, LAYER_CLOCK, RULE(CLOCK_SKEW)},
	{"load-balancer", SOURCE_PROBES, sum_balancer, 0,
		RULE(LOAD_BALANCER_DOWN) | RULE(LOAD_BALANCER_DEGRADED) | RULE(VIP_HOLDERS)},
};

static const struct reason *worst_of(const struct snapshot *s, uint64_t rules)
{
	for (size_t i = 0; i < s->verdict.n; i++)
		if ((rules >> s->verdict.reasons[i].rule & 1) != 0)
			return &s->verdict.reasons[i];
	return NULL;
}

static struct check *add(
	struct checks *h, const struct snapshot *s, const char *id, enum source_id source)
{
	struct check *c = vec_add(h);

	str_copy(c->id, sizeof(c->id), id);
	c->source = source_name(source);
	c->age_ms = instant_age_ms(s->sources[source].good, s->at);
	return c;
}

static void add_row(struct checks *h, const struct snapshot *s, const struct row *row)
{
	struct check *c = add(h, s, row->id, row->source);
	const struct reason *worst = worst_of(s, row->rules);

	if (worst != NULL) {
		c->status = check_of_level(worst->level);
		str_copy(c->text, sizeof(c->text), worst->text);
		return;
	}
	c->status = row->says(s, row->arg, c->text, sizeof(c->text));
}

/* ---- node by node ---- */

static void add_probe(struct checks *h, const struct snapshot *s, const struct node_layers *n,
	enum layer_id layer)
{
	const struct probe *p = &n->layer[layer];
	struct check *c;
	char id[96];

	snprintf(id, sizeof(id), "node/%s/%s", n->name, layer_name(layer));
	c = add(h, s, id, SOURCE_PROBES);
	c->age_ms = instant_age_ms(p->at, s->at);
	c->status = probe_is_down(p, &s->limits, s->at) ? CHECK_CRITICAL
		    : p->state == PROBE_WARN            ? CHECK_WARNING
		    : p->state == PROBE_OK              ? CHECK_OK
							: CHECK_UNKNOWN;
	if (p->text[0] != '\0')
		str_copy(c->text, sizeof(c->text), p->text);
	else
		str_copy(c->text, sizeof(c->text),
			c->status == CHECK_OK ? _("runs")
			: probe_is_bad(p)     ? _("no answer")
					      : _("not asked"));
}

/* A node no ssh round goes to: what the API server says of it. */
static void add_listed(struct checks *h, const struct snapshot *s, const struct node_row *n)
{
	int64_t lease_ms = snapshot_lease_age(s, n->name);
	struct check *c;
	char id[96];

	snprintf(id, sizeof(id), "node/%.60s/kubelet", n->name);
	c = add(h, s, id, SOURCE_NODES);
	if (!is_live(s, SOURCE_NODES)) {
		c->status = CHECK_UNKNOWN;
		source_unseen(s, SOURCE_NODES, c->text, sizeof(c->text));
	} else if (!node_is_ready(n)) {
		c->status = CHECK_WARNING;
		snprintf(c->text, sizeof(c->text), _("not ready: %s"),
			n->ready_reason && n->ready_reason[0] ? n->ready_reason : "-");
	} else if (names_has(&s->impact.workers_lost, n->name)) {
		c->status = CHECK_WARNING;
		snprintf(c->text, sizeof(c->text), _("has not renewed its lease for %lld s"),
			(long long)(lease_ms / 1000));
	} else {
		str_copy(c->text, sizeof(c->text), _("ready"));
	}
}

static bool is_probed(const struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->layers.n; i++)
		if (str_eq(s->layers.nodes[i].name, name))
			return true;
	return false;
}

static void add_nodes(struct checks *h, const struct snapshot *s)
{
	struct table_walk w = table_walk(s->nodes);
	const struct node_row *n;

	for (size_t i = 0; i < s->layers.n; i++) {
		add_probe(h, s, &s->layers.nodes[i], LAYER_KUBELET);
		add_probe(h, s, &s->layers.nodes[i], LAYER_RUNTIME);
	}
	while ((n = table_next(&w)) != NULL)
		if (!is_probed(s, n->name))
			add_listed(h, s, n);
}

void checks_run(struct checks *h, const struct snapshot *s)
{
	memset(h, 0, sizeof(*h));
	for (size_t i = 0; i < sizeof(before_nodes) / sizeof(before_nodes[0]); i++)
		add_row(h, s, &before_nodes[i]);
	add_nodes(h, s);
	for (size_t i = 0; i < sizeof(after_nodes) / sizeof(after_nodes[0]); i++)
		add_row(h, s, &after_nodes[i]);
}

void checks_done(struct checks *h)
{
	vec_done(h);
}
