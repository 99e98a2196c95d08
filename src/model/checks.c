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

#define RULES_MAX 6

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

enum check_status check_of_level(enum level l)
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

/* Gives false when nothing was seen; the text then says why. */
typedef bool summary(const struct snapshot *s, char *text, size_t size);

static bool say(char *text, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static bool say(char *text, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, size, fmt, ap);
	va_end(ap);
	str_mend(text);
	return true;
}

static bool unseen(char *text, size_t size, const char *why)
{
	str_copy(text, size, why[0] ? why : _("not seen"));
	return false;
}

static bool source_unseen(const struct snapshot *s, enum source_id id, char *text, size_t size)
{
	return unseen(text, size, s->sources[id].error);
}

static bool is_live(const struct snapshot *s, enum source_id id)
{
	return s->sources[id].state == SOURCE_LIVE;
}

static bool is_good(const struct probe *p)
{
	return p->state == PROBE_OK || p->state == PROBE_WARN;
}

static bool sum_nodes(const struct snapshot *s, char *text, size_t size)
{
	const struct impact *i = &s->impact;

	if (!is_live(s, SOURCE_NODES))
		return source_unseen(s, SOURCE_NODES, text, size);
	return say(text, size, _("%u of %u are ready"),
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

static bool sum_pods(const struct snapshot *s, char *text, size_t size)
{
	if (!is_live(s, SOURCE_PODS))
		return source_unseen(s, SOURCE_PODS, text, size);
	return say(text, size, _("%zu system pods run"), table_count(s->system_pods));
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

static bool sum_control_plane(const struct snapshot *s, char *text, size_t size)
{
	char scheduler[64], controllers[64];

	if (s->layers.n == 0 && !is_live(s, SOURCE_NODES))
		return unseen(text, size, _("no control-plane node is known"));
	holder_of(s, "kube-scheduler", scheduler, sizeof(scheduler));
	holder_of(s, "kube-controller-manager", controllers, sizeof(controllers));
	return say(text, size, _("%u nodes; scheduler on %s, controller-manager on %s"),
		s->impact.masters > 0 ? s->impact.masters : (unsigned)s->layers.n, scheduler,
		controllers);
}

static bool sum_apiserver(const struct snapshot *s, char *text, size_t size)
{
	if (s->layers.api_live > 0)
		return say(text, size, _("%d of %d answer"), s->layers.api_live, s->layers.api_all);
	if (is_good(&s->layers.load_balancer))
		return say(text, size, "%s",
			_("answers through the load balancer; not visible one by one from here"));
	return unseen(text, size, _("none was asked with success"));
}

static bool sum_etcd(const struct snapshot *s, char *text, size_t size)
{
	const struct etcd_state *e = &s->etcd;
	const char *leader = "-";

	for (size_t i = 0; i < e->n; i++)
		if (e->members[i].leader)
			leader = e->members[i].name;
	if (e->quorum == ETCD_QUORUM_UNKNOWN || e->healthy_voters == 0)
		return source_unseen(s, SOURCE_ETCD, text, size);
	return say(text, size, _("%d of %d members healthy, leader %s, may lose %d"),
		e->healthy_voters, e->voters, leader, e->may_lose);
}

static bool core_summary(const struct snapshot *s, enum core_service c, char *text, size_t size)
{
	if (!s->impact.core_known[c])
		return unseen(text, size,
			is_live(s, SOURCE_PODS) ? _("there is none that k911 knows")
						: s->sources[SOURCE_PODS].error);
	return say(text, size, _("%s is available"), core_service_name(c));
}

static bool sum_dns(const struct snapshot *s, char *text, size_t size)
{
	return core_summary(s, CORE_DNS, text, size);
}

static bool sum_cni(const struct snapshot *s, char *text, size_t size)
{
	return core_summary(s, CORE_CNI, text, size);
}

static bool sum_resources(const struct snapshot *s, char *text, size_t size)
{
	if (s->sources[SOURCE_USAGE].state == SOURCE_ABSENT)
		return unseen(text, size, _("no metrics server"));
	if (!is_live(s, SOURCE_USAGE))
		return source_unseen(s, SOURCE_USAGE, text, size);
	return say(
		text, size, _("%zu nodes measured, none above the limits"), table_count(s->usage));
}

static bool sum_disk(const struct snapshot *s, char *text, size_t size)
{
	int most = -1;

	for (size_t i = 0; i < s->layers.n; i++)
		if (s->layers.nodes[i].disk_percent > most)
			most = s->layers.nodes[i].disk_percent;
	if (most > 0)
		return say(text, size, _("the fullest of the control plane is at %d%%"), most);
	if (is_live(s, SOURCE_NODES))
		return say(text, size, "%s", _("no node reports disk pressure"));
	return unseen(text, size, "");
}

/* Of a layer of all control-plane nodes: how many are well. */
static bool sum_layer(const struct snapshot *s, enum layer_id id, char *text, size_t size)
{
	unsigned well = 0;

	for (size_t i = 0; i < s->layers.n; i++)
		well += is_good(&s->layers.nodes[i].layer[id]);
	if (well == 0)
		return unseen(text, size, _("not visible from here"));
	return say(text, size, _("%u of %zu control-plane nodes are well"), well, s->layers.n);
}

static bool sum_certificates(const struct snapshot *s, char *text, size_t size)
{
	return sum_layer(s, LAYER_CERTIFICATES, text, size);
}

static bool sum_clock(const struct snapshot *s, char *text, size_t size)
{
	return sum_layer(s, LAYER_CLOCK, text, size);
}

static bool sum_balancer(const struct snapshot *s, char *text, size_t size)
{
	const struct probe *p = &s->layers.load_balancer;

	if (!is_good(p))
		return unseen(text, size, p->text);
	return say(text, size, _("%s answers in %lld ms"), s->layers.load_balancer_name,
		(long long)(p->latency_us / 1000));
}

struct row {
	const char *id;
	enum source_id source;
	summary *says;
	const char *rules[RULES_MAX]; /* that make it bad; NULL-terminated */
};

static const struct row before_nodes[] = {
	{"nodes", SOURCE_NODES, sum_nodes,
		{"control-plane-lost", "control-plane-node-down", "worker-not-ready", NULL}},
	{"system-pods", SOURCE_PODS, sum_pods, {NULL}},
	{"control-plane", SOURCE_PROBES, sum_control_plane,
		{"control-plane-lost", "control-plane-node-down", "partition", NULL}},
	{"apiserver", SOURCE_PROBES, sum_apiserver,
		{"api-down", "certificates-expired", "apiserver-down", NULL}},
	{"etcd", SOURCE_ETCD, sum_etcd,
		{"etcd-quorum-lost", "etcd-split", "etcd-nospace", "etcd-member-down",
			"etcd-near-quota", NULL}},
	{"dns", SOURCE_DEPLOYMENTS, sum_dns, {NULL}},
	{"resources", SOURCE_USAGE, sum_resources, {"cpu-high", "memory-high", NULL}},
};

static const struct row after_nodes[] = {
	{"cni", SOURCE_DAEMON_SETS, sum_cni, {NULL}},
	{"disk", SOURCE_PROBES, sum_disk, {"disk-high", NULL}},
	{"certificates", SOURCE_PROBES, sum_certificates,
		{"certificates-expired", "certificate-expiry", NULL}},
	{"clock", SOURCE_PROBES, sum_clock, {"clock-skew", NULL}},
	{"load-balancer", SOURCE_PROBES, sum_balancer,
		{"load-balancer-down", "load-balancer-degraded", NULL}},
};

static const struct reason *worst_of(const struct snapshot *s, const char *const *rules)
{
	for (size_t i = 0; i < s->verdict.n; i++)
		for (size_t k = 0; k < RULES_MAX && rules[k]; k++)
			if (str_eq(s->verdict.reasons[i].rule, rules[k]))
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

/* What no rule says by itself: failing system pods, and which core service is down. */
static void add_own_judgement(struct check *c, const struct snapshot *s)
{
	const enum core_service core = str_eq(c->id, "dns") ? CORE_DNS : CORE_CNI;
	struct names failing = {.n = 0};
	char list[NAMES_ROOM + 20];

	if (str_eq(c->id, "system-pods") && c->status == CHECK_OK) {
		failing_pods(s, &failing);
		if (failing.n == 0)
			return;
		c->status = CHECK_WARNING;
		snprintf(c->text, sizeof(c->text), _("%u of %zu fail: %s"), failing.n,
			table_count(s->system_pods), names_text(&failing, list, sizeof(list)));
	} else if ((str_eq(c->id, "dns") || str_eq(c->id, "cni")) && s->impact.core_is_down[core]) {
		c->status = CHECK_CRITICAL;
		snprintf(c->text, sizeof(c->text), _("%s is down"), core_service_name(core));
	} else if (str_eq(c->id, "load-balancer") && probe_is_bad(&s->layers.load_balancer)) {
		c->status = CHECK_CRITICAL;
		if (c->text[0] == '\0' || s->layers.load_balancer.text[0] == '\0')
			str_copy(c->text, sizeof(c->text), _("no answer"));
	} else if (str_eq(c->id, "control-plane") &&
		   (s->impact.core_is_down[CORE_SCHEDULER] ||
			   s->impact.core_is_down[CORE_CONTROLLERS])) {
		c->status = CHECK_CRITICAL;
		snprintf(c->text, sizeof(c->text), _("%s has no live lease"),
			core_service_name(s->impact.core_is_down[CORE_SCHEDULER]
						  ? CORE_SCHEDULER
						  : CORE_CONTROLLERS));
	}
}

static void add_row(struct checks *h, const struct snapshot *s, const struct row *row)
{
	struct check *c = add(h, s, row->id, row->source);
	const struct reason *bad = worst_of(s, row->rules);

	if (bad != NULL) {
		c->status = check_of_level(bad->level);
		str_copy(c->text, sizeof(c->text), bad->text);
		return;
	}
	c->status = row->says(s, c->text, sizeof(c->text)) ? CHECK_OK : CHECK_UNKNOWN;
	add_own_judgement(c, s);
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
	c->status = probe_is_bad(p)          ? CHECK_CRITICAL
		    : p->state == PROBE_WARN ? CHECK_WARNING
		    : p->state == PROBE_OK   ? CHECK_OK
					     : CHECK_UNKNOWN;
	if (p->text[0] != '\0')
		str_copy(c->text, sizeof(c->text), p->text);
	else
		str_copy(c->text, sizeof(c->text),
			c->status == CHECK_OK        ? _("runs")
			: c->status == CHECK_UNKNOWN ? _("not asked")
						      : _("no answer"));
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
