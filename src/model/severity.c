/* The four levels, as rows. Each row is one question to a snapshot, and its answer in words.
 *
 * What cannot be seen from here is no fault: a probe that was skipped or never asked says nothing.
 * Where a direct look is barred (the load balancer answers, the server behind it does not) others
 * are asked: leases, node conditions, the members' own view. And when nothing at all can be
 * reached, nothing is judged, for then this console's own link is the first suspect. */
#include "model/severity.h"

#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "model/severity_facts.h"
#include "model/severity_hosts.h"
#include "model/snapshot.h"

#define SLOW_FOR_MS    3000
#define TERMS_TOO_MANY 3 /* elections in the last quarter of an hour */

typedef bool rule_holds(const struct severity_facts *v, char *text, size_t size);

static bool nothing_answers(const struct snapshot *s)
{
	return s->layers.broken && s->layers.first == LAYER_OWN_LINK;
}

static bool nothing_to_go_by(const struct snapshot *s)
{
	if (nothing_answers(s))
		return true;
	if (s->layers.load_balancer.state >= PROBE_OK)
		return false;
	for (size_t i = 0; i < s->layers.n; i++)
		if (s->layers.nodes[i].layer[LAYER_APISERVER].state >= PROBE_OK ||
			s->layers.nodes[i].layer[LAYER_CERTIFICATES].state == PROBE_FAILED)
			return false;
	return true;
}

/* ---- P0 ---- */

/* It has not been asked for long enough to be called down, and no server that is down now answered
 * us when it last did: what refuses a direct look may live behind it all the same. */
static bool balancer_may_live(const struct severity_facts *v)
{
	const struct probe *lb = &v->s->layers.load_balancer;
	bool asked_first = lb->state == PROBE_NEVER && v->s->layers.load_balancer_name[0];

	if (v->balancer_down || !(lb->state == PROBE_SILENT || asked_first))
		return false;
	for (size_t i = 0; i < v->s->layers.n; i++) {
		const struct probe *api = &v->s->layers.nodes[i].layer[LAYER_APISERVER];

		if (severity_facts_is_down(v, api) && api->good.boot_ms != 0 &&
			api->since.boot_ms >= lb->good.boot_ms)
			return false;
	}
	return true;
}

static bool api_down(const struct severity_facts *v, char *text, size_t size)
{
	char list[160];

	if (v->api_live > 0 || v->balancer_ok || (v->api_down == 0 && !v->balancer_down) ||
		v->api_down < v->api_asked || balancer_may_live(v))
		return false;
	if (v->api_down == 0)
		return severity_say(text, size, _("no API server answers: %s"),
			probe_why(&v->s->layers.load_balancer));
	severity_facts_list_down(v, LAYER_APISERVER, list, sizeof(list));
	return severity_say(text, size, _("no API server answers (%s)"), list);
}

static bool control_plane_lost(const struct severity_facts *v, char *text, size_t size)
{
	char list[NAMES_ROOM + 20];

	return v->masters_down.n >= 2 &&
	       severity_say(text, size, _("%u control-plane nodes are down: %s"), v->masters_down.n,
		       names_text(&v->masters_down, list, sizeof(list)));
}

/* Was any member ever asked with success, in this run? */
static bool etcd_is_visible(const struct etcd_state *e)
{
	for (size_t i = 0; i < e->n; i++)
		if (etcd_answers(&e->members[i]) || e->members[i].silent_since.boot_ms != 0)
			return true;
	return false;
}

static bool member_was_heard(const struct etcd_member *m)
{
	return etcd_answers(m) || m->silent_since.boot_ms != 0;
}

/* Every API server that lives says it is not ready for want of etcd. */
static bool servers_miss_etcd(const struct severity_facts *v)
{
	unsigned miss = 0;

	for (size_t i = 0; i < v->s->layers.n; i++) {
		const struct node_layers *m = &v->s->layers.nodes[i];

		if (!probe_is_good(&m->layer[LAYER_APISERVER]))
			continue;
		if (!severity_facts_is_down(v, &m->layer[LAYER_READY]) ||
			strstr(m->layer[LAYER_READY].text, "etcd") == NULL)
			return false;
		miss++;
	}
	return miss > 0;
}

/* Members that have said nothing for a moment only: servers stop for a few seconds, all of them,
 * where they share a disk or a host, and go on. */
static int briefly_silent(const struct severity_facts *v)
{
	const struct etcd_state *e = &v->s->etcd;
	int n = 0;

	for (size_t i = 0; i < e->n; i++)
		n += e->members[i].health == ETCD_SILENT && !e->members[i].learner &&
		     !silence_is_down(&v->s->limits, e->members[i].silent_since, v->s->at);
	return n;
}

/* An API server's own word, asked after the last member was lost: its etcd answers it. What the
 * members tell us is then wrong, or the way to them is. */
#define READY_IS_OLD_MS 5000 /* an API server may repeat what etcd said as long ago */
static bool server_has_etcd(const struct severity_facts *v)
{
	int64_t lost = 0;

	for (size_t i = 0; i < v->s->etcd.n; i++)
		if (v->s->etcd.members[i].silent_since.boot_ms > lost)
			lost = v->s->etcd.members[i].silent_since.boot_ms;
	for (size_t i = 0; i < v->s->layers.n; i++) {
		const struct node_layers *m = &v->s->layers.nodes[i];

		if (probe_is_good(&m->layer[LAYER_APISERVER]) &&
			probe_is_good(&m->layer[LAYER_READY]) &&
			m->layer[LAYER_READY].good.boot_ms > lost + READY_IS_OLD_MS)
			return true;
	}
	return false;
}

static bool quorum_lost(const struct severity_facts *v, char *text, size_t size)
{
	const struct etcd_state *e = &v->s->etcd;

	if (e->quorum == ETCD_QUORUM_LOST &&
		e->healthy_voters + briefly_silent(v) < e->quorum_size &&
		(etcd_is_visible(e) || !v->somebody_renews) && !server_has_etcd(v))
		return severity_say(text, size,
			_("etcd has lost quorum: %d of %d members take part, %d are needed"),
			e->healthy_voters, e->voters, e->quorum_size);
	if (e->quorum == ETCD_QUORUM_UNKNOWN && servers_miss_etcd(v))
		return severity_say(
			text, size, "%s", _("etcd serves no API server: every /readyz names it"));
	return false;
}

static bool etcd_split(const struct severity_facts *v, char *text, size_t size)
{
	const struct etcd_state *e = &v->s->etcd;

	for (size_t i = 0; i < e->n; i++)
		if (e->members[i].foreign)
			return severity_say(text, size,
				_("etcd is split: %s runs a cluster of its own (id %llx, the "
				  "others %llx)"),
				e->members[i].name[0] ? e->members[i].name : e->members[i].address,
				(unsigned long long)e->members[i].cluster_id,
				(unsigned long long)e->cluster_id);
	if (e->split)
		return severity_say(text, size, "%s", _("etcd is split: two leaders in one term"));
	if (e->corrupt)
		return severity_say(text, size, "%s",
			_("etcd's members hold different data at the same revision"));
	return false;
}

static bool etcd_nospace(const struct severity_facts *v, char *text, size_t size)
{
	return (v->s->etcd.alarms & ETCD_ALARM_NOSPACE) != 0 &&
	       severity_say(text, size, "%s",
		       _("etcd refuses every write: its quota is full (alarm NOSPACE)"));
}

static bool balancer_down(const struct severity_facts *v, char *text, size_t size)
{
	return v->balancer_down && v->api_live > 0 &&
	       severity_say(text, size,
		       _("the load balancer %s is down, though %u API servers live: %s"),
		       v->s->layers.load_balancer_name, v->api_live,
		       probe_why(&v->s->layers.load_balancer));
}

/* Refused certificates make an API server useless, and its own layer says "see certificates". */
static bool certificate_bars(const struct node_layers *m)
{
	return m->layer[LAYER_CERTIFICATES].state == PROBE_FAILED &&
	       m->layer[LAYER_APISERVER].state == PROBE_SKIPPED;
}

static bool certificates_expired(const struct severity_facts *v, char *text, size_t size)
{
	const struct node_layers *first = NULL;

	if (v->api_live > 0 || v->balancer_ok)
		return false;
	for (size_t i = 0; i < v->s->layers.n; i++) {
		const struct node_layers *m = &v->s->layers.nodes[i];

		if (certificate_bars(m) && first == NULL)
			first = m;
		else if (!certificate_bars(m) && m->layer[LAYER_APISERVER].state != PROBE_SKIPPED)
			return false;
	}
	return first != NULL &&
	       severity_say(text, size,
		       _("the API servers' certificates are refused everywhere (%s: %s)"),
		       first->name, probe_why(&first->layer[LAYER_CERTIFICATES]));
}

/* ---- P1 ---- */

static bool control_plane_node_down(const struct severity_facts *v, char *text, size_t size)
{
	char list[NAMES_ROOM + 20], what[160];

	if (v->masters_down.n == 1)
		return severity_say(text, size, _("control-plane node %s is down"),
			names_text(&v->masters_down, list, sizeof(list)));
	if (v->masters_impaired.n == 0)
		return false;
	if (severity_facts_list_down(v, LAYER_RUNTIME, what, sizeof(what)) == 0)
		severity_facts_list_down(v, LAYER_KUBELET, what, sizeof(what));
	return severity_say(text, size, _("control-plane node impaired: %s"), what);
}

static bool apiserver_down(const struct severity_facts *v, char *text, size_t size)
{
	char list[NAMES_ROOM + 40];

	if (severity_facts_list_down(v, LAYER_APISERVER, list, sizeof(list)) > 0)
		return severity_say(text, size, _("API server down: %s"), list);
	for (size_t i = 0; i < v->s->layers.n; i++)
		if (certificate_bars(&v->s->layers.nodes[i]))
			return severity_say(text, size, _("API server unusable: %s: %s"),
				v->s->layers.nodes[i].name,
				probe_why(&v->s->layers.nodes[i].layer[LAYER_CERTIFICATES]));
	if (severity_facts_list_down(v, LAYER_READY, list, sizeof(list)) > 0)
		return severity_say(text, size, _("API server not ready: %s"), list);
	return v->impact->apiservers_late.n > 0 &&
	       severity_say(text, size, _("API server no longer renews its identity lease: %s"),
		       names_text(&v->impact->apiservers_late, list, sizeof(list)));
}

/* Its node's API server is ready, and that asks its own etcd first. */
static bool server_vouches(const struct severity_facts *v, const struct etcd_member *m)
{
	for (size_t i = 0; i < v->s->layers.n; i++)
		if (str_eq(v->s->layers.nodes[i].address, m->address))
			return v->s->layers.nodes[i].layer[LAYER_READY].state == PROBE_OK;
	return false;
}

static bool member_is_down(const struct severity_facts *v, const struct etcd_member *m)
{
	if (!member_was_heard(m) && (!etcd_is_visible(&v->s->etcd) || server_vouches(v, m)))
		return false;
	if (m->health == ETCD_SILENT)
		return silence_is_down(&v->s->limits, m->silent_since, v->s->at);
	return m->health == ETCD_DOWN || (m->health == ETCD_UNHEALTHY && m->leader_id == 0);
}

static bool etcd_member_down(const struct severity_facts *v, char *text, size_t size)
{
	const struct etcd_state *e = &v->s->etcd;
	struct names down = {.n = 0};
	char list[NAMES_ROOM + 20];
	const char *error = "";

	for (size_t i = 0; i < e->n; i++) {
		const struct etcd_member *m = &e->members[i];

		if (!member_is_down(v, m))
			continue;
		names_add(&down, m->name[0] ? m->name : m->address);
		error = m->error[0] ? m->error : m->errors[0] ? m->errors : _("no answer");
	}
	if (down.n == 0)
		return false;
	names_text(&down, list, sizeof(list));
	return down.n == 1
		       ? severity_say(text, size, _("etcd member %s is down: %s"), list, error)
		       : severity_say(text, size, _("%u etcd members are down: %s"), down.n, list);
}

static bool core_service_down(const struct severity_facts *v, char *text, size_t size)
{
	char list[NAMES_ROOM + 20];

	return v->impact->core.down.n > 0 &&
	       severity_say(text, size, _("core service down: %s"),
		       names_text(&v->impact->core.down, list, sizeof(list)));
}

/* A member that answers us but has no leader, while the others do. */
static const struct etcd_member *lonely_member(const struct etcd_state *e)
{
	for (size_t i = 0; i < e->n && e->quorum == ETCD_QUORUM_OK; i++) {
		const struct etcd_member *m = &e->members[i];

		if (etcd_answers(m) && m->leader_id == 0 && !m->foreign && !m->learner)
			return m;
	}
	return NULL;
}

static bool partition(const struct severity_facts *v, char *text, size_t size)
{
	const struct etcd_member *m = lonely_member(&v->s->etcd);
	char list[NAMES_ROOM + 20];

	if (m != NULL)
		return severity_say(text, size,
			_("partition: etcd member %s runs, but does not hear the others"),
			m->name[0] ? m->name : m->address);
	return v->cut_off.n > 0 &&
	       severity_say(text, size, _("partition: %s runs, but not everybody can reach it"),
		       names_text(&v->cut_off, list, sizeof(list)));
}

/* ---- P2 ---- */

static bool worker_not_ready(const struct severity_facts *v, char *text, size_t size)
{
	const struct names *lost = &v->impact->workers_lost;
	char list[NAMES_ROOM + 20], age[32];

	if (lost->n == 0 || !v->impact->nodes_known)
		return false;
	names_text(lost, list, sizeof(list));
	if (lost->n == 1 && v->impact->lost_ms >= 0)
		return severity_say(text, size, _("worker %s is not ready, for %s"), list,
			instant_age(v->impact->lost_ms, age, sizeof(age)));
	return lost->n == 1 ? severity_say(text, size, _("worker %s is not ready"), list)
			    : severity_say(text, size, _("%u of %u workers are not ready: %s"),
				      lost->n, v->impact->workers, list);
}

static bool workloads_failing(const struct severity_facts *v, char *text, size_t size)
{
	const struct names *failing = &v->impact->workloads_failing;
	char list[NAMES_ROOM + 20];

	return v->impact->workloads_known && failing->n > 0 &&
	       severity_say(text, size,
		       P_("%u workload is below its desired count: %s",
			       "%u workloads are below their desired count: %s", failing->n),
		       failing->n, names_text(failing, list, sizeof(list)));
}

static bool services_dark(const struct severity_facts *v, char *text, size_t size)
{
	const struct names *dark = &v->impact->services_dark;
	char list[NAMES_ROOM + 20];

	return v->impact->services_known && dark->n > 0 &&
	       severity_say(text, size,
		       P_("%u Service has no ready endpoint: %s",
			       "%u Services have no ready endpoint: %s", dark->n),
		       dark->n, names_text(dark, list, sizeof(list)));
}

/* How many times a new leader was sought, as far as the history goes back. */
static int elections(const struct history *terms)
{
	int first = -1, last = -1;

	for (int i = 0; i < HISTORY_SLOTS; i++) {
		if (terms->at[i] < 0)
			continue;
		if (first < 0)
			first = terms->at[i];
		last = terms->at[i];
	}
	return last - first;
}

static bool performance(const struct severity_facts *v, char *text, size_t size)
{
	const struct etcd_state *e = &v->s->etcd;
	char list[NAMES_ROOM + 20];
	int terms = elections(&v->s->etcd_terms);

	if (v->impact->slow.n > 0 && instant_age_ms(v->impact->slow_since, v->s->at) >= SLOW_FOR_MS)
		return severity_say(text, size, _("slow API server: %s (the limit is %d ms)"),
			names_text(&v->impact->slow, list, sizeof(list)),
			v->s->limits.api_latency_ms);
	for (size_t i = 0; i < e->n; i++)
		if (limit_is_slow(e->members[i].fsync_p99_us, v->s->limits.etcd_fsync_ms))
			return severity_say(text, size,
				_("slow disk under etcd member %s: fsync p99 %lld ms (the limit is "
				  "%d ms)"),
				e->members[i].name, (long long)(e->members[i].fsync_p99_us / 1000),
				v->s->limits.etcd_fsync_ms);
	return terms >= TERMS_TOO_MANY &&
	       severity_say(text, size,
		       _("etcd sought a new leader %d times in the last 15 minutes"), terms);
}

/* ---- P3 ---- */

static bool list_says(const struct names *names, const char *label, char *text, size_t size)
{
	char list[NAMES_ROOM + 20];

	return names->n > 0 &&
	       severity_say(text, size, "%s: %s", label, names_text(names, list, sizeof(list)));
}

static bool alerts_firing(const struct severity_facts *v, char *text, size_t size)
{
	return list_says(&v->s->alerts, _("alerts are firing"), text, size);
}

static bool cpu_high(const struct severity_facts *v, char *text, size_t size)
{
	return list_says(&v->impact->cpu_high, _("high CPU use"), text, size);
}

static bool memory_high(const struct severity_facts *v, char *text, size_t size)
{
	return list_says(&v->impact->memory_high, _("high memory use"), text, size);
}

static bool disk_high(const struct severity_facts *v, char *text, size_t size)
{
	return list_says(&v->impact->disk_high, _("disk nearly full"), text, size);
}

/* The first probe of a layer that is not as it should be, with its node's name. */
static bool layer_says(const struct severity_facts *v, enum layer_id id, const char *label,
	char *text, size_t size)
{
	for (size_t i = 0; i < v->s->layers.n; i++) {
		const struct node_layers *m = &v->s->layers.nodes[i];

		if (m->layer[id].state == PROBE_WARN || severity_facts_is_down(v, &m->layer[id]))
			return severity_say(
				text, size, "%s: %s: %s", label, m->name, probe_why(&m->layer[id]));
	}
	return false;
}

static bool certificate_expiry(const struct severity_facts *v, char *text, size_t size)
{
	const struct probe *own = &v->s->layers.own_credential;

	if (layer_says(v, LAYER_CERTIFICATES, _("certificate"), text, size))
		return true;
	return (own->state == PROBE_WARN || own->state == PROBE_FAILED) &&
	       severity_say(text, size, _("k911's own credential: %s"), probe_why(own));
}

static bool clock_skew(const struct severity_facts *v, char *text, size_t size)
{
	return layer_says(v, LAYER_CLOCK, _("clock"), text, size);
}

static bool event_burst(const struct severity_facts *v, char *text, size_t size)
{
	const struct pace *p = &v->impact->warnings;

	return v->s->sources[SOURCE_EVENTS].state == SOURCE_LIVE && pace_is_burst(p) &&
	       severity_say(text, size,
		       _("a burst of warning events: %.0f a minute, %.1f in the hour before"),
		       p->recent, p->before);
}

static bool log_burst(const struct severity_facts *v, char *text, size_t size)
{
	return list_says(&v->s->log_bursts, _("a burst of errors in the logs"), text, size);
}

static bool etcd_near_quota(const struct severity_facts *v, char *text, size_t size)
{
	const struct etcd_state *e = &v->s->etcd;

	for (size_t i = 0; i < e->n; i++) {
		const struct etcd_member *m = &e->members[i];

		if (limit_passed(m->db_bytes, m->quota_bytes, LIMIT_QUOTA_PERCENT))
			return severity_say(text, size,
				_("etcd member %s uses %lld%% of its quota"), m->name,
				(long long)(m->db_bytes * 100 / m->quota_bytes));
	}
	return false;
}

static bool ssh_lost(const struct severity_facts *v, char *text, size_t size)
{
	return layer_says(v, LAYER_SSH, _("ssh no longer works"), text, size);
}

static bool balancer_degraded(const struct severity_facts *v, char *text, size_t size)
{
	return v->s->layers.load_balancer.state == PROBE_WARN &&
	       severity_say(
		       text, size, _("load balancer: %s"), probe_why(&v->s->layers.load_balancer));
}

/* ---- the table ---- */

static const struct rule {
	enum level level;
	const char *name;
	rule_holds *holds;
} rules[RULE_COUNT] = {
	[RULE_API_DOWN] = {LEVEL_P0, "api-down", api_down},
	[RULE_CONTROL_PLANE_LOST] = {LEVEL_P0, "control-plane-lost", control_plane_lost},
	[RULE_ETCD_QUORUM_LOST] = {LEVEL_P0, "etcd-quorum-lost", quorum_lost},
	[RULE_ETCD_SPLIT] = {LEVEL_P0, "etcd-split", etcd_split},
	[RULE_ETCD_NOSPACE] = {LEVEL_P0, "etcd-nospace", etcd_nospace},
	[RULE_LOAD_BALANCER_DOWN] = {LEVEL_P0, "load-balancer-down", balancer_down},
	[RULE_CERTIFICATES_EXPIRED] = {LEVEL_P0, "certificates-expired", certificates_expired},
	[RULE_CONTROL_PLANE_NODE_DOWN] = {LEVEL_P1, "control-plane-node-down",
		control_plane_node_down},
	/* a dead member makes its API server not ready: the cause comes first */
	[RULE_ETCD_MEMBER_DOWN] = {LEVEL_P1, "etcd-member-down", etcd_member_down},
	[RULE_APISERVER_DOWN] = {LEVEL_P1, "apiserver-down", apiserver_down},
	[RULE_CORE_SERVICE_DOWN] = {LEVEL_P1, "core-service-down", core_service_down},
	[RULE_PARTITION] = {LEVEL_P1, "partition", partition},
	[RULE_WORKER_NOT_READY] = {LEVEL_P2, "worker-not-ready", worker_not_ready},
	[RULE_WORKLOADS_FAILING] = {LEVEL_P2, "workloads-failing", workloads_failing},
	[RULE_SERVICES_WITHOUT_ENDPOINTS] = {LEVEL_P2, "services-without-endpoints", services_dark},
	[RULE_PERFORMANCE] = {LEVEL_P2, "performance", performance},
	[RULE_VIP_HOLDERS] = {LEVEL_P2, "vip-holders", hosts_vip_holders},
	[RULE_FOREIGN_AUTHORITY] = {LEVEL_P2, "foreign-authority", hosts_foreign_authority},
	[RULE_ALERTS_FIRING] = {LEVEL_P3, "alerts-firing", alerts_firing},
	[RULE_CPU_HIGH] = {LEVEL_P3, "cpu-high", cpu_high},
	[RULE_MEMORY_HIGH] = {LEVEL_P3, "memory-high", memory_high},
	[RULE_DISK_HIGH] = {LEVEL_P3, "disk-high", disk_high},
	[RULE_CERTIFICATE_EXPIRY] = {LEVEL_P3, "certificate-expiry", certificate_expiry},
	[RULE_CLOCK_SKEW] = {LEVEL_P3, "clock-skew", clock_skew},
	[RULE_EVENT_BURST] = {LEVEL_P3, "event-burst", event_burst},
	[RULE_LOG_BURST] = {LEVEL_P3, "log-burst", log_burst},
	[RULE_ETCD_NEAR_QUOTA] = {LEVEL_P3, "etcd-near-quota", etcd_near_quota},
	[RULE_SSH_LOST] = {LEVEL_P3, "ssh-lost", ssh_lost},
	[RULE_STATIC_PODS_EXITED] = {LEVEL_P3, "static-pods-exited", hosts_static_pods_exited},
	[RULE_STATIC_MANIFESTS] = {LEVEL_P3, "static-manifests", hosts_static_manifests},
	[RULE_LOAD_BALANCER_DEGRADED] = {LEVEL_P3, "load-balancer-degraded", balancer_degraded},
};

const char *rule_name(enum rule_id r)
{
	return rules[r].name;
}

enum level rule_level(enum rule_id r)
{
	return rules[r].level;
}

void severity_judge(struct verdict *v, const struct snapshot *s)
{
	struct severity_facts sight;

	v->n = 0;
	v->now = LEVEL_NONE;
	v->dark = nothing_answers(s);
	v->known = !nothing_to_go_by(s);
	if (!v->known)
		return;
	severity_facts_take(&sight, s);
	for (int i = 0; i < RULE_COUNT; i++) {
		struct reason *r = &v->reasons[v->n];

		if (!rules[i].holds(&sight, r->text, sizeof(r->text)))
			continue;
		r->level = rules[i].level;
		r->rule = (enum rule_id)i;
		if (v->n++ == 0)
			v->now = r->level;
	}
}
