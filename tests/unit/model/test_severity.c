/* Every rule of the four levels, on clusters made by hand: what must raise it, and what must not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/pack.h"
#include "base/str.h"
#include "help/samples.h"
#include "model/checks.h"
#include "model/lease.h"
#include "model/level_holder.h"
#include "model/severity.h"

#define GIB (1LL << 30)

static const char *const *core_services; /* configured */

static struct instant ago(int64_t ms)
{
	struct instant now = sample_now();

	return (struct instant){now.wall_ms - ms, now.boot_ms - ms};
}

/* ---- the healthy cluster, with everything the rules look at ---- */

static void add_workload(struct snapshot *s, enum workload_type type, const char *ns,
	const char *name, const char *component, int desired, int available)
{
	struct workload_row w = {.ns = sample_string(ns),
		.name = sample_string(name),
		.component = sample_string(component),
		.images = "",
		.revision = "",
		.editor = "",
		.created_ms = ago(86400000).wall_ms,
		.desired = desired,
		.available = available,
		.type = (uint8_t)type};

	table_put(s->workloads, &w);
}

static void add_service(struct snapshot *s, const char *name, int ready)
{
	struct service_row v = {.ns = "shop",
		.name = sample_string(name),
		.type = "ClusterIP",
		.created_ms = ago(86400000).wall_ms,
		.flags = SERVICE_SELECTS};
	struct slice_row e = {.ns = "shop",
		.service = v.name,
		.name = v.name,
		.ready = (uint16_t)ready,
		.all = 3};

	table_put(s->services, &v);
	table_put(s->slices, &e);
}

static void add_lease(struct snapshot *s, const char *name, const char *host, int64_t seen_ms)
{
	struct lease_row l = {.ns = "kube-system",
		.name = sample_string(name),
		.holder = "m1",
		.host = sample_string(host),
		.renew_ms = ago(seen_ms).wall_ms,
		.seen = ago(seen_ms),
		.renewed = true,
		.duration_s = 15};

	table_put(s->system_leases, &l);
}

static void renew_node_leases(struct snapshot *s)
{
	for (size_t i = 0; i < table_count(s->leases); i++) {
		struct lease_row l = *(const struct lease_row *)table_at(s->leases, i);

		l.renewed = true;
		table_put(s->leases, &l);
	}
}

/* What each control-plane node told by its own shell. */
static struct host_report *told(struct snapshot *s, int i)
{
	return s->hosts[i].report;
}

static void add_hosts(struct snapshot *s)
{
	for (int i = 0; i < 3; i++) {
		struct host_report *r = mem_new(struct host_report);

		*r = (struct host_report){.at = ago(2000),
			.holds_vip = i == 0,
			.ca_sha256 = {7},
			.mem_total_kb = 100,
			.mem_available_kb = 50};
		str_copy(r->manifests, sizeof(r->manifests),
			"etcd.yaml haproxy.yaml kube-apiserver.yaml kube-controller-manager.yaml "
			"kube-scheduler.yaml");
		r->n_containers = 2;
		str_copy(r->containers[0].name, sizeof(r->containers[0].name), "etcd");
		str_copy(r->containers[0].state, sizeof(r->containers[0].state), "Running");
		str_copy(r->containers[1].name, sizeof(r->containers[1].name), "etcd");
		str_copy(r->containers[1].state, sizeof(r->containers[1].state), "Exited");
		snprintf(s->hosts[i].name, sizeof(s->hosts[i].name), "m%d", i + 1);
		s->hosts[i].report = r;
	}
	s->n_hosts = 3;
	s->vip_held = true;
}

static struct snapshot *healthy(void)
{
	struct snapshot *s = sample_healthy();

	add_workload(s, WORKLOAD_DEPLOYMENT, "kube-system", "coredns", "kube-dns", 2, 2);
	add_workload(s, WORKLOAD_DEPLOYMENT, "shop", "web", "web", 60, 60);
	add_workload(s, WORKLOAD_STATEFULSET, "shop", "db", "db", 3, 3);
	add_workload(s, WORKLOAD_DAEMONSET, "kube-system", "kube-proxy", "kube-proxy", 8, 8);
	add_workload(s, WORKLOAD_DAEMONSET, "kube-flannel", "kube-flannel-ds", "flannel", 8, 8);
	add_service(s, "web", 3);
	add_lease(s, "kube-scheduler", "", 1000);
	add_lease(s, "kube-controller-manager", "", 1000);
	add_lease(s, "apiserver-m1", "m1", 4000);
	add_lease(s, "apiserver-m2", "m2", 4000);
	add_lease(s, "apiserver-m3", "m3", 4000);
	renew_node_leases(s);
	add_hosts(s);
	return s;
}

static void judge(struct snapshot *s)
{
	struct impact before = s->impact;

	layer_judge(&s->layers, s->at);
	etcd_judge(&s->etcd);
	impact_take(&s->impact, s, core_services, &before);
	severity_judge(&s->verdict, s);
}

static const struct reason *reason_of(const struct snapshot *s, const char *rule)
{
	for (size_t i = 0; i < s->verdict.n; i++)
		if (str_eq(rule_name(s->verdict.reasons[i].rule), rule))
			return &s->verdict.reasons[i];
	return NULL;
}

static void print_reasons(const struct snapshot *s)
{
	for (size_t i = 0; i < s->verdict.n; i++)
		print_message("  %s %s: %s\n", level_name(s->verdict.reasons[i].level),
			rule_name(s->verdict.reasons[i].rule), s->verdict.reasons[i].text);
}

/* ---- how things break ---- */

static struct probe *probe(struct snapshot *s, int node, enum layer_id layer)
{
	return &s->layers.nodes[node].layer[layer];
}

static void breaks(struct probe *p, const char *text)
{
	*p = (struct probe){
		.state = PROBE_FAILED, .at = ago(300), .since = ago(30000), .latency_us = -1};
	str_copy(p->text, sizeof(p->text), text);
}

static void hide(struct probe *p, const char *text)
{
	*p = (struct probe){.state = PROBE_SKIPPED, .latency_us = -1};
	str_copy(p->text, sizeof(p->text), text);
}

static void fall_silent(struct probe *p, int64_t for_ms)
{
	*p = (struct probe){
		.state = PROBE_SILENT, .at = ago(300), .since = ago(for_ms), .latency_us = -1};
}

static void lose_member(struct snapshot *s, int i, enum etcd_health health)
{
	struct etcd_member *m = &s->etcd.members[i];

	m->health = health;
	m->leader = false;
	m->leader_id = 0;
	m->silent_since = ago(60000);
	str_copy(m->error, sizeof(m->error), "connection refused");
	s->etcd.read_us = -1;
}

static void not_ready(struct snapshot *s, const char *name)
{
	const struct node_row key = {.name = name};
	struct node_row n = *(const struct node_row *)table_find(s->nodes, &key);

	pack_ref(n.detail);
	n.ready = NODE_READY_UNKNOWN;
	n.ready_since_ms = ago(180000).wall_ms;
	table_put(s->nodes, &n);
}

static void lease_stops(struct snapshot *s, const char *name, int64_t for_ms)
{
	struct lease_row l = *snapshot_lease(s, "kube-node-lease", name);

	l.seen = ago(for_ms);
	l.renewed = true;
	table_put(s->leases, &l);
}

static void cut_node(struct snapshot *s, int i, const char *name)
{
	for (int l = LAYER_TCP; l <= LAYER_READY; l++)
		breaks(probe(s, i, (enum layer_id)l), "no answer");
	lose_member(s, i, ETCD_DOWN);
	lease_stops(s, name, 60000);
	not_ready(s, name);
}

static void api_all(struct snapshot *s)
{
	for (int i = 0; i < 3; i++) {
		breaks(probe(s, i, LAYER_APISERVER), "connection refused");
		breaks(probe(s, i, LAYER_READY), "connection refused");
	}
	breaks(&s->layers.load_balancer, "no server is available behind it");
}

static void api_all_hang(struct snapshot *s)
{
	for (int i = 0; i < 3; i++)
		fall_silent(probe(s, i, LAYER_APISERVER), 12000);
	fall_silent(&s->layers.load_balancer, 12000);
}

static void two_masters(struct snapshot *s)
{
	cut_node(s, 1, "m2");
	cut_node(s, 2, "m3");
}

static void quorum(struct snapshot *s)
{
	lose_member(s, 1, ETCD_DOWN);
	lose_member(s, 2, ETCD_SILENT);
	for (int i = 0; i < 3; i++)
		breaks(probe(s, i, LAYER_READY), "HTTP 500: [-]etcd failed: reason withheld");
}

/* No credentials for etcd: only the API servers' word. */
static void quorum_unseen(struct snapshot *s)
{
	for (int i = 0; i < 3; i++) {
		s->etcd.members[i].health = ETCD_UNKNOWN;
		s->etcd.members[i].cluster_id = 0;
		hide(probe(s, i, LAYER_ETCD), "no credentials");
		breaks(probe(s, i, LAYER_READY), "HTTP 500: [-]etcd failed: reason withheld");
	}
	s->etcd.read_us = -1;
}

static void wiped(struct snapshot *s)
{
	struct etcd_member *m = &s->etcd.members[0];

	m->cluster_id = 0x1234;
	m->leader = true;
	m->leader_id = m->id = 0x77;
	m->raft_term = 2;
	m->revision = 1;
}

static void nospace(struct snapshot *s)
{
	s->etcd.members[2].alarms = ETCD_ALARM_NOSPACE;
}

static void balancer(struct snapshot *s)
{
	breaks(&s->layers.load_balancer, "connection refused");
}

static void certificates(struct snapshot *s)
{
	for (int i = 0; i < 3; i++) {
		breaks(probe(s, i, LAYER_CERTIFICATES),
			"the API server's certificate expired 1 days ago");
		hide(probe(s, i, LAYER_APISERVER), "its certificate is refused: see certificates");
		hide(probe(s, i, LAYER_READY), "its certificate is refused: see certificates");
	}
	hide(&s->layers.load_balancer, "its certificate is refused: see certificates");
}

static void one_master(struct snapshot *s)
{
	cut_node(s, 1, "m2");
}

static void master_kubelet(struct snapshot *s)
{
	breaks(probe(s, 1, LAYER_KUBELET), "kubelet is inactive");
}

static void one_api(struct snapshot *s)
{
	breaks(probe(s, 1, LAYER_APISERVER), "connection refused");
	breaks(probe(s, 1, LAYER_READY), "connection refused");
}

/* Behind the load balancer: only its identity lease tells. */
static void hidden_api(struct snapshot *s)
{
	for (int i = 0; i < 3; i++) {
		hide(probe(s, i, LAYER_APISERVER), "not visible from here");
		hide(probe(s, i, LAYER_READY), "not visible from here");
		hide(probe(s, i, LAYER_TCP), "not visible from here");
	}
	add_lease(s, "apiserver-m2", "m2", 90000);
}

static void one_certificate(struct snapshot *s)
{
	breaks(probe(s, 1, LAYER_CERTIFICATES), "the API server's certificate expired 1 days ago");
	hide(probe(s, 1, LAYER_APISERVER), "its certificate is refused: see certificates");
	hide(probe(s, 1, LAYER_READY), "its certificate is refused: see certificates");
}

static void one_member(struct snapshot *s)
{
	lose_member(s, 2, ETCD_DOWN);
	s->etcd.read_us = 2000;
}

static void hung_member(struct snapshot *s)
{
	lose_member(s, 2, ETCD_SILENT);
	s->etcd.read_us = 2000;
}

static void dns(struct snapshot *s)
{
	add_workload(s, WORKLOAD_DEPLOYMENT, "kube-system", "coredns", "kube-dns", 2, 0);
}

static void dns_scaled_to_nothing(struct snapshot *s)
{
	add_workload(s, WORKLOAD_DEPLOYMENT, "kube-system", "coredns", "kube-dns", 0, 0);
}

static void dns_deleted(struct snapshot *s)
{
	const struct workload_row key = {
		.ns = "kube-system", .name = "coredns", .type = WORKLOAD_DEPLOYMENT};

	judge(s); /* it is seen once */
	table_remove(s->workloads, &key);
}

static void proxy(struct snapshot *s)
{
	add_workload(s, WORKLOAD_DAEMONSET, "kube-system", "kube-proxy", "kube-proxy", 8, 0);
}

static void cni_on_workers(struct snapshot *s)
{
	add_workload(s, WORKLOAD_DAEMONSET, "kube-flannel", "kube-flannel-ds", "flannel", 8, 3);
}

static void scheduler(struct snapshot *s)
{
	add_lease(s, "kube-scheduler", "", 30000);
}

static void controllers(struct snapshot *s)
{
	add_lease(s, "kube-controller-manager", "", 30000);
}

/* One look is enough where a lease is far behind all others. */
static void controllers_long_dead(struct snapshot *s)
{
	struct lease_row l = {.ns = "kube-system",
		.name = "kube-controller-manager",
		.holder = "m1",
		.host = "",
		.renew_ms = ago(3600000).wall_ms,
		.seen = ago(500)};

	table_put(s->system_leases, &l);
}

static void two_hold_the_vip(struct snapshot *s)
{
	told(s, 2)->holds_vip = true;
	told(s, 2)->vip_since = ago(30000);
}

static void nobody_holds_the_vip(struct snapshot *s)
{
	told(s, 0)->holds_vip = false;
	told(s, 0)->vip_since = ago(30000);
}

static void another_authority(struct snapshot *s)
{
	told(s, 1)->ca_foreign = true;
}

static void etcd_exited(struct snapshot *s)
{
	str_copy(
		told(s, 1)->containers[0].state, sizeof(told(s, 1)->containers[0].state), "Exited");
	told(s, 1)->containers[0].attempt = 4;
}

static void manifest_missing(struct snapshot *s)
{
	str_copy(told(s, 2)->manifests, sizeof(told(s, 2)->manifests),
		"etcd.yaml haproxy.yaml kube-apiserver.yaml kube-controller-manager.yaml");
}

static void manifest_stray(struct snapshot *s)
{
	str_copy(told(s, 2)->manifests, sizeof(told(s, 2)->manifests),
		"etcd.yaml etcd.yaml.bak haproxy.yaml kube-apiserver.yaml "
		"kube-controller-manager.yaml kube-scheduler.yaml");
}

/* No metrics server: the node itself says so. */
static void memory_by_ssh(struct snapshot *s)
{
	told(s, 1)->mem_available_kb = 5;
	table_clear(s->usage);
}

static void configured_missing(struct snapshot *s)
{
	static const char *const core[] = {"ingress/gateway", NULL};

	(void)s;
	core_services = core;
}

static void configured_down(struct snapshot *s)
{
	static const char *const core[] = {"gateway", NULL};

	core_services = core;
	add_workload(s, WORKLOAD_DEPLOYMENT, "ingress", "gateway", "gateway", 3, 0);
}

static void lonely(struct snapshot *s)
{
	struct etcd_member *m = &s->etcd.members[2];

	m->health = ETCD_UNHEALTHY;
	m->leader_id = 0;
	str_copy(m->errors, sizeof(m->errors), "etcdserver: no leader");
}

static void cut_from_the_api(struct snapshot *s)
{
	lease_stops(s, "m2", 60000);
	breaks(probe(s, 1, LAYER_KUBELET), "has not renewed its lease for 60 s");
	s->layers.nodes[1].kubelet_alive = true;
}

static void cut_from_here(struct snapshot *s)
{
	breaks(probe(s, 1, LAYER_TCP), "no answer");
	breaks(probe(s, 1, LAYER_APISERVER), "no answer");
}

static void worker(struct snapshot *s)
{
	not_ready(s, "w3");
}

static void worker_lease(struct snapshot *s)
{
	lease_stops(s, "w3", 25000);
}

static void workload(struct snapshot *s)
{
	add_workload(s, WORKLOAD_STATEFULSET, "shop", "db", "db", 3, 2);
}

static void service(struct snapshot *s)
{
	add_service(s, "web", 0);
}

static void slow_api(struct snapshot *s)
{
	s->layers.nodes[0].layer[LAYER_APISERVER].latency_us = 1800000;
	s->impact.slow_since = ago(4000);
}

static void slow_disk(struct snapshot *s)
{
	s->etcd.members[1].fsync_p99_us = 250000;
}

static void elections(struct snapshot *s)
{
	for (int i = 0; i < HISTORY_SLOTS; i++)
		s->etcd_terms.at[i] = i < 40 ? -1 : i < 80 ? 34 : 38;
}

static void alerts(struct snapshot *s)
{
	names_add(&s->alerts, "KubePodCrashLooping");
}

static void usage(struct snapshot *s, const char *node, int cpu, int mem)
{
	const struct node_row key = {.name = node};
	const struct node_row *n = table_find(s->nodes, &key);
	struct usage_row u = {.node = n->name,
		.cpu_milli = n->cpu_milli * cpu / 100,
		.mem_bytes = n->mem_bytes * mem / 100,
		.at = ago(3000)};

	table_put(s->usage, &u);
}

static void cpu(struct snapshot *s)
{
	usage(s, "w2", 81, 20);
}

static void memory(struct snapshot *s)
{
	usage(s, "w2", 20, 91);
}

static void disk(struct snapshot *s)
{
	s->layers.nodes[1].disk_percent = 93;
}

static void expiry(struct snapshot *s)
{
	breaks(probe(s, 2, LAYER_CERTIFICATES), "apiserver.crt expires in 9 days");
	probe(s, 2, LAYER_CERTIFICATES)->state = PROBE_WARN;
}

static void clock_off(struct snapshot *s)
{
	breaks(probe(s, 2, LAYER_CLOCK), "its clock is 90.0 s behind");
}

static void add_events(struct snapshot *s, int n, int64_t first_ms, int64_t last_ms, uint32_t count)
{
	for (int i = 0; i < n; i++) {
		struct event_row e = {.ns = "shop",
			.type = "Warning",
			.reason = "BackOff",
			.kind = "Pod",
			.name = "web",
			.source = "kubelet",
			.first_ms = ago(first_ms).wall_ms,
			.last_ms = ago(last_ms).wall_ms,
			.count = count,
			.message = rstr_new("x", 1)};

		snprintf(e.uid, sizeof(e.uid), "burst-%lld-%d", (long long)first_ms, i);
		table_put(s->events, &e);
	}
}

static void burst(struct snapshot *s)
{
	add_events(s, 60, 120000, 1000, 1);
}

static void log_burst(struct snapshot *s)
{
	names_add(&s->log_bursts, "m2 kubelet 40/min");
}

static void near_quota(struct snapshot *s)
{
	s->etcd.members[0].db_bytes = s->etcd.members[0].quota_bytes * 81 / 100;
}

static void ssh(struct snapshot *s)
{
	breaks(probe(s, 0, LAYER_SSH), "ssh: connection refused");
}

static void balancer_degraded(struct snapshot *s)
{
	breaks(&s->layers.load_balancer, "haproxy on lb has apiservers/m2 down");
	s->layers.load_balancer.state = PROBE_WARN;
}

struct story {
	const char *rule;
	enum level level; /* of the whole cluster then */
	void (*happens)(struct snapshot *s);
	const char *names; /* must stand in the reason */
};

static const struct story stories[] = {
	{"api-down", LEVEL_P0, api_all, "connection refused"},
	{"api-down", LEVEL_P0, api_all_hang, "no answer"},
	{"control-plane-lost", LEVEL_P0, two_masters, "m2, m3"},
	{"etcd-quorum-lost", LEVEL_P0, quorum, "1 of 3"},
	{"etcd-quorum-lost", LEVEL_P0, quorum_unseen, "readyz"},
	{"etcd-split", LEVEL_P0, wiped, "m1"},
	{"etcd-nospace", LEVEL_P0, nospace, "quota"},
	{"load-balancer-down", LEVEL_P0, balancer, "10.0.1.5:6443"},
	{"certificates-expired", LEVEL_P0, certificates, "expired"},
	{"control-plane-node-down", LEVEL_P1, one_master, "m2"},
	{"control-plane-node-down", LEVEL_P1, master_kubelet, "m2: kubelet is inactive"},
	{"apiserver-down", LEVEL_P1, one_api, "m2: connection refused"},
	{"apiserver-down", LEVEL_P1, hidden_api, "m2"},
	{"apiserver-down", LEVEL_P1, one_certificate, "m2"},
	{"etcd-member-down", LEVEL_P1, one_member, "m3"},
	{"etcd-member-down", LEVEL_P1, hung_member, "m3"},
	{"core-service-down", LEVEL_P1, dns, "CoreDNS 0/2"},
	{"core-service-down", LEVEL_P1, dns_scaled_to_nothing, "CoreDNS 0/0"},
	{"core-service-down", LEVEL_P1, dns_deleted, "CoreDNS"},
	{"core-service-down", LEVEL_P1, proxy, "kube-proxy 0/8"},
	{"core-service-down", LEVEL_P1, cni_on_workers, "CNI 3/8"},
	{"core-service-down", LEVEL_P1, scheduler, "scheduler"},
	{"core-service-down", LEVEL_P1, controllers, "controller-manager"},
	{"core-service-down", LEVEL_P1, controllers_long_dead, "controller-manager"},
	{"core-service-down", LEVEL_P1, configured_missing, "ingress/gateway"},
	{"core-service-down", LEVEL_P1, configured_down, "gateway 0/3"},
	{"partition", LEVEL_P1, lonely, "m3"},
	{"partition", LEVEL_P1, cut_from_the_api, "m2"},
	{"partition", LEVEL_P1, cut_from_here, "m2"},
	{"worker-not-ready", LEVEL_P2, worker, "w3 is not ready, for 3m"},
	{"worker-not-ready", LEVEL_P2, worker_lease, "w3"},
	{"workloads-failing", LEVEL_P2, workload, "shop/db 2/3"},
	{"services-without-endpoints", LEVEL_P2, service, "shop/web"},
	{"performance", LEVEL_P2, slow_api, "m1 1800 ms"},
	{"performance", LEVEL_P2, slow_disk, "m2: fsync p99 250 ms"},
	{"performance", LEVEL_P2, elections, "4 times"},
	{"vip-holders", LEVEL_P2, two_hold_the_vip, "m1, m3"},
	{"vip-holders", LEVEL_P2, nobody_holds_the_vip, "no control-plane node"},
	{"foreign-authority", LEVEL_P2, another_authority, "m2"},
	{"static-pods-exited", LEVEL_P3, etcd_exited, "m2 etcd (5)"},
	{"static-manifests", LEVEL_P3, manifest_missing, "missing: m3 kube-scheduler.yaml"},
	{"static-manifests", LEVEL_P3, manifest_stray, "m3 etcd.yaml.bak"},
	{"memory-high", LEVEL_P3, memory_by_ssh, "m2 95%"},
	{"alerts-firing", LEVEL_P3, alerts, "KubePodCrashLooping"},
	{"cpu-high", LEVEL_P3, cpu, "w2 81%"},
	{"memory-high", LEVEL_P3, memory, "w2 91%"},
	{"disk-high", LEVEL_P3, disk, "m2 93%"},
	{"certificate-expiry", LEVEL_P3, expiry, "m3: apiserver.crt expires in 9 days"},
	{"clock-skew", LEVEL_P3, clock_off, "m3"},
	{"event-burst", LEVEL_P3, burst, "12 a minute"},
	{"log-burst", LEVEL_P3, log_burst, "m2 kubelet"},
	{"etcd-near-quota", LEVEL_P3, near_quota, "m1 uses 8"},
	{"ssh-lost", LEVEL_P3, ssh, "m1: ssh: connection refused"},
	{"load-balancer-degraded", LEVEL_P3, balancer_degraded, "apiservers/m2"},
};

#define N_STORIES (sizeof(stories) / sizeof(stories[0]))

static void test_each_story_raises_its_level_with_its_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_STORIES; i++) {
		struct snapshot *s = healthy();
		const struct reason *r;

		core_services = NULL;
		stories[i].happens(s);
		judge(s);
		r = reason_of(s, stories[i].rule);
		if (r == NULL || s->verdict.now != stories[i].level ||
			strstr(r->text, stories[i].names) == NULL) {
			print_message("story %zu\n", i);
			print_reasons(s);
			fail_msg("%s with \"%s\" was to make it %s", stories[i].rule,
				stories[i].names, level_name(stories[i].level));
		}
		snapshot_unref(s);
	}
	core_services = NULL;
}

static enum check_status check_of(const struct snapshot *s, const char *id)
{
	enum check_status status = CHECK_UNKNOWN;
	struct checks h;

	checks_run(&h, s);
	for (size_t i = 0; i < h.len; i++)
		if (str_eq(h.at[i].id, id))
			status = h.at[i].status;
	checks_done(&h);
	return status;
}

static enum check_status worst_check(const struct snapshot *s)
{
	enum check_status worst = CHECK_OK;
	struct checks h;

	checks_run(&h, s);
	for (size_t i = 0; i < h.len; i++)
		if (h.at[i].status != CHECK_UNKNOWN && h.at[i].status > worst)
			worst = h.at[i].status;
	checks_done(&h);
	return worst;
}

/* Whoever reads only the checks sees it, too. */
static void test_what_raises_p0_or_p1_makes_a_check_critical(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_STORIES; i++) {
		struct snapshot *s = healthy();

		core_services = NULL;
		stories[i].happens(s);
		judge(s);
		if (stories[i].level <= LEVEL_P1 && worst_check(s) != CHECK_CRITICAL)
			fail_msg("story %zu: no check tells of %s", i, stories[i].rule);
		snapshot_unref(s);
	}
	core_services = NULL;
}

/* One word, one thing: levels, what is affected and checks agree on what is down. */
static void test_silence_is_down_to_all_at_the_same_moment(void **state)
{
	static const int64_t silent_ms[] = {2000, LIMIT_SILENCE_MS - 1, LIMIT_SILENCE_MS};

	(void)state;
	for (size_t i = 0; i < sizeof(silent_ms) / sizeof(silent_ms[0]); i++) {
		struct snapshot *s = healthy();
		bool down = silent_ms[i] >= LIMIT_SILENCE_MS;

		fall_silent(&s->layers.load_balancer, silent_ms[i]);
		fall_silent(probe(s, 1, LAYER_APISERVER), silent_ms[i]);
		fall_silent(probe(s, 1, LAYER_KUBELET), silent_ms[i]);
		judge(s);
		assert_int_equal(reason_of(s, "load-balancer-down") != NULL, down);
		assert_int_equal(reason_of(s, "apiserver-down") != NULL, down);
		assert_int_equal(s->impact.parts_down.n, down);
		assert_int_equal(check_of(s, "load-balancer") == CHECK_CRITICAL, down);
		assert_int_equal(check_of(s, "apiserver") == CHECK_CRITICAL, down);
		assert_int_equal(check_of(s, "node/m2/kubelet") == CHECK_CRITICAL, down);
		snapshot_unref(s);
	}
}

/* A watch that opens again and again and brings nothing: what grows old is not the lease. */
static void test_while_no_renewal_is_seen_no_node_and_no_part_is_lost(void **state)
{
	static const char *const nodes[] = {"m1", "m2", "m3", "w1", "w2", "w3", "w4", "w5"};
	struct snapshot *s = healthy();

	(void)state;
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		if (snapshot_lease(s, "kube-node-lease", nodes[i]) != NULL)
			lease_stops(s, nodes[i], 15000);
	lease_stops(s, "w3", 24000);
	add_lease(s, "kube-scheduler", "", 24000);
	add_lease(s, "kube-controller-manager", "", 18000);
	add_lease(s, "apiserver-m1", "m1", 18000);
	add_lease(s, "apiserver-m2", "m2", 18000);
	add_lease(s, "apiserver-m3", "m3", 18000);
	judge(s);
	assert_null(reason_of(s, "worker-not-ready"));
	assert_null(reason_of(s, "core-service-down"));
	lease_stops(s, "w1", 1000);
	add_lease(s, "apiserver-m1", "m1", 1000);
	judge(s);
	assert_non_null(reason_of(s, "worker-not-ready"));
	assert_non_null(reason_of(s, "core-service-down"));
	snapshot_unref(s);
}

static void test_a_configured_threshold_is_what_the_level_goes_by(void **state)
{
	struct snapshot *s = healthy();

	(void)state;
	s->limits.cpu_percent = 1;
	s->limits.etcd_fsync_ms = 1;
	judge(s);
	assert_non_null(reason_of(s, "cpu-high"));
	assert_non_null(reason_of(s, "performance"));
	snapshot_unref(s);
}

static void test_each_rule_has_a_story(void **state)
{
	enum level before = LEVEL_P0;

	(void)state;
	for (int i = 0; i < RULE_COUNT; i++) {
		const char *rule = rule_name((enum rule_id)i);
		bool told = false;

		assert_true(rule_level((enum rule_id)i) >= before); /* worst first */
		before = rule_level((enum rule_id)i);
		for (size_t k = 0; k < N_STORIES; k++)
			told = told || str_eq(stories[k].rule, rule);
		if (!told)
			fail_msg("no test tells of %s", rule);
	}
}

static void test_a_healthy_cluster_has_no_level(void **state)
{
	struct snapshot *s = healthy();

	(void)state;
	judge(s);
	print_reasons(s);
	assert_true(s->verdict.known);
	assert_int_equal(s->verdict.now, LEVEL_NONE);
	assert_int_equal(s->verdict.n, 0);
	snapshot_unref(s);
}

/* ---- what must not raise a level ---- */

static void moving_vip(struct snapshot *s)
{
	told(s, 2)->holds_vip = true;
	told(s, 2)->vip_since = ago(3000);
}

static void vip_held_elsewhere(struct snapshot *s)
{
	told(s, 0)->holds_vip = s->vip_held = false;
}

static void old_report_of_a_second_holder(struct snapshot *s)
{
	told(s, 2)->holds_vip = true;
	told(s, 2)->at = ago(60000);
}

/* The kubeconfig trusts the balancer's authority alone. */
static void all_authorities_differ(struct snapshot *s)
{
	for (int i = 0; i < 3; i++)
		told(s, i)->ca_foreign = true;
}

static void no_manifests_at_all(struct snapshot *s)
{
	told(s, 1)->manifests[0] = '\0';
}

static void test_what_nodes_tell_alone_or_for_a_moment_is_no_fault(void **state)
{
	static void (*const rows[])(struct snapshot * s) = {moving_vip, vip_held_elsewhere,
		old_report_of_a_second_holder, all_authorities_differ, no_manifests_at_all};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct snapshot *s = healthy();

		rows[i](s);
		judge(s);
		print_reasons(s);
		assert_int_equal(s->verdict.n, 0);
		snapshot_unref(s);
	}
}

static void nothing_reachable(struct snapshot *s)
{
	for (int i = 0; i < 3; i++)
		cut_node(s, i, i == 0 ? "m1" : i == 1 ? "m2" : "m3");
	breaks(&s->layers.load_balancer, "no route to host");
}

static void test_own_link_is_the_first_suspect(void **state)
{
	struct snapshot *s = healthy(), *fresh = sample_nothing();

	(void)state;
	nothing_reachable(s);
	judge(s);
	assert_int_equal(s->layers.first, LAYER_OWN_LINK);
	assert_false(s->verdict.known);
	assert_true(s->verdict.dark);
	assert_int_equal(s->verdict.now, LEVEL_NONE);
	s->layers.link_works = true; /* somebody takes connections: they hang, all of them */
	judge(s);
	assert_true(s->verdict.known);
	assert_false(s->verdict.dark);
	assert_int_equal(s->verdict.now, LEVEL_P0);
	judge(fresh);
	assert_false(fresh->verdict.known);
	assert_false(fresh->verdict.dark);
	snapshot_unref(s);
	snapshot_unref(fresh);
}

/* A host or a disk they share holds them up for a few seconds. */
static void test_members_that_say_nothing_for_a_moment_are_no_lost_quorum(void **state)
{
	static const struct {
		int64_t silent_ms;
		bool lost;
	} rows[] = {{1600, false}, {4000, false}, {LIMIT_SILENCE_MS, true}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct snapshot *s = healthy();

		s->etcd.read_us = -1;
		for (int k = 0; k < 3; k++) {
			s->etcd.members[k].health = ETCD_SILENT;
			s->etcd.members[k].silent_since = ago(rows[i].silent_ms);
			probe(s, k, LAYER_READY)->good = ago(rows[i].silent_ms);
		}
		judge(s);
		assert_int_equal(s->etcd.quorum, ETCD_QUORUM_LOST);
		assert_int_equal(reason_of(s, "etcd-quorum-lost") != NULL, rows[i].lost);
		snapshot_unref(s);
	}
}

/* A proxy before every member answers nonsense: the servers that use them know better. */
static void test_no_quorum_is_lost_that_an_api_server_has_since(void **state)
{
	static const struct {
		int64_t lost_ms, ready_ms; /* so long ago */
		bool lost;
	} rows[] = {{20000, 19000, true}, {20000, 16000, true}, {20000, 1000, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct snapshot *s = healthy();

		s->etcd.read_us = -1;
		for (int k = 0; k < 3; k++) {
			s->etcd.members[k].health = ETCD_DOWN;
			s->etcd.members[k].silent_since = ago(rows[i].lost_ms);
			probe(s, k, LAYER_READY)->good = ago(rows[i].ready_ms);
		}
		judge(s);
		assert_int_equal(reason_of(s, "etcd-quorum-lost") != NULL, rows[i].lost);
		assert_true(s->verdict.now != LEVEL_NONE);
		snapshot_unref(s);
	}
}

static void a_refusal_alone(struct snapshot *s)
{
	s->layers.n = 0;
	breaks(&s->layers.load_balancer, "connection refused");
	s->layers.load_balancer.answered = true;
}

static void test_a_refusal_proves_the_link(void **state)
{
	struct snapshot *s = healthy();

	(void)state;
	a_refusal_alone(s);
	judge(s);
	assert_true(s->verdict.known);
	assert_non_null(reason_of(s, "api-down"));
	snapshot_unref(s);
}

/* Every server has refused a direct look for 30 s, or ever, and the balancer is slow for a moment.
 */
static bool down_with_a_slow_balancer(bool ever, int64_t good_ms_ago, int64_t silent_ms)
{
	struct snapshot *s = healthy();
	bool down;

	for (int i = 0; i < 3; i++) {
		breaks(probe(s, i, LAYER_APISERVER), "connection refused");
		probe(s, i, LAYER_APISERVER)->good = ever ? ago(30001) : (struct instant){0};
	}
	fall_silent(&s->layers.load_balancer, silent_ms);
	s->layers.load_balancer.good = good_ms_ago ? ago(good_ms_ago) : (struct instant){0};
	judge(s);
	down = reason_of(s, "api-down") != NULL;
	snapshot_unref(s);
	return down;
}

static void test_a_balancer_that_is_slow_for_a_moment_is_not_every_server_down(void **state)
{
	(void)state;
	assert_false(down_with_a_slow_balancer(true, 3000, 2500));
	assert_false(down_with_a_slow_balancer(false, 31000, 2500));
	assert_false(down_with_a_slow_balancer(false, 0, 2500)); /* at the start */
	assert_true(down_with_a_slow_balancer(false, 0, LIMIT_SILENCE_MS));
	assert_true(down_with_a_slow_balancer(true, 7000, LIMIT_SILENCE_MS + 1500));
	/* it has not answered since they refuse: believed at once */
	assert_true(down_with_a_slow_balancer(true, 31000, 2500));
}

/* Only the load balancer can be reached from here: everything behind it is judged by others. */
static void laptop(struct snapshot *s)
{
	for (int i = 0; i < 3; i++) {
		for (int l = LAYER_TCP; l <= LAYER_READY; l++)
			hide(probe(s, i, (enum layer_id)l), "not visible from here");
		lose_member(s, i, ETCD_DOWN);
		s->etcd.members[i].silent_since = (struct instant){0};
		s->etcd.members[i].good = (struct instant){0};
		s->etcd.members[i].cluster_id = 0;
	}
}

static void test_what_is_not_visible_from_here_is_no_fault(void **state)
{
	struct snapshot *s = healthy();

	(void)state;
	laptop(s);
	judge(s);
	print_reasons(s);
	assert_true(s->verdict.known);
	assert_int_equal(s->verdict.n, 0);
	snapshot_unref(s);
}

static void test_from_a_laptop_a_lost_master_is_still_seen(void **state)
{
	struct snapshot *s = healthy();

	(void)state;
	laptop(s);
	not_ready(s, "m2");
	judge(s);
	assert_non_null(reason_of(s, "control-plane-node-down"));
	snapshot_unref(s);
}

static void test_small_things_are_no_fault(void **state)
{
	struct snapshot *s = healthy();

	(void)state;
	hide(probe(s, 0, LAYER_SSH), "ssh is not configured");
	fall_silent(probe(s, 0, LAYER_APISERVER), 2000); /* not for long */
	usage(s, "w1", 80, 90);                          /* at the limit, not above */
	add_events(s, 60, 3500000, 1000, 300);           /* loud, but so all the hour */
	add_workload(s, WORKLOAD_DAEMONSET, "kube-system", "kube-proxy", "kube-proxy", 9, 9);
	s->layers.nodes[1].layer[LAYER_APISERVER].latency_us = 1800000; /* one slow answer */
	judge(s);
	print_reasons(s);
	assert_int_equal(s->verdict.n, 0);
	snapshot_unref(s);
}

static void test_a_cluster_without_core_dns_is_not_broken_for_that(void **state)
{
	const struct workload_row dns_key = {
		.ns = "kube-system", .name = "coredns", .type = WORKLOAD_DEPLOYMENT};
	const struct lease_row key = {.ns = "kube-system", .name = "kube-scheduler"};
	struct snapshot *s = healthy();

	(void)state;
	table_remove(s->workloads, &dns_key);
	table_remove(s->system_leases, &key);
	judge(s);
	print_reasons(s);
	assert_int_equal(s->verdict.n, 0);
	snapshot_unref(s);
}

/* A lost node lacks every DaemonSet's pod: the node is the fault. */
static void test_a_lost_node_is_not_a_lost_core_service(void **state)
{
	struct snapshot *s = healthy();

	(void)state;
	not_ready(s, "w1");
	not_ready(s, "w2");
	not_ready(s, "w3");
	not_ready(s, "w4");
	add_workload(s, WORKLOAD_DAEMONSET, "kube-system", "kube-proxy", "kube-proxy", 8, 4);
	judge(s);
	assert_null(reason_of(s, "core-service-down"));
	assert_int_equal(s->verdict.now, LEVEL_P2);
	snapshot_unref(s);
}

static void test_old_tables_are_not_judged(void **state)
{
	struct snapshot *s = healthy();

	(void)state;
	for (int i = 0; i < SOURCE_COUNT; i++)
		if (i != SOURCE_PROBES && i != SOURCE_ETCD)
			s->sources[i].state = SOURCE_STALE;
	not_ready(s, "w3");
	add_service(s, "web", 0);
	dns(s);
	scheduler(s);
	judge(s);
	print_reasons(s);
	assert_int_equal(s->verdict.n, 0);
	snapshot_unref(s);
}

/* Without rights to read workloads the pods of kube-system must do. */
static void test_core_dns_is_judged_by_its_pods_where_workloads_are_hidden(void **state)
{
	struct snapshot *s = healthy();

	(void)state;
	s->sources[SOURCE_DEPLOYMENTS].state = SOURCE_NEVER;
	table_clear(s->workloads);
	judge(s);
	assert_int_equal(s->verdict.n, 0);
	for (size_t i = 0; i < table_count(s->system_pods); i++) {
		struct system_pod_row row =
			*(const struct system_pod_row *)table_at(s->system_pods, i);

		if (!str_starts(pod_name(&row.pod), "coredns"))
			continue;
		row.pod.flags = (uint8_t)(row.pod.flags & ~POD_READY);
		pack_ref(row.detail);
		table_put(s->system_pods, &row);
	}
	judge(s);
	assert_non_null(reason_of(s, "core-service-down"));
	snapshot_unref(s);
}

static void test_reasons_come_worst_first(void **state)
{
	struct snapshot *s = healthy();

	(void)state;
	cpu(s);
	worker(s);
	one_member(s);
	balancer(s);
	judge(s);
	assert_int_equal(s->verdict.now, LEVEL_P0);
	for (size_t i = 1; i < s->verdict.n; i++)
		assert_true(s->verdict.reasons[i - 1].level <= s->verdict.reasons[i].level);
	assert_string_equal(rule_name(s->verdict.reasons[0].rule), "load-balancer-down");
	assert_string_equal(rule_name(s->verdict.reasons[s->verdict.n - 1].rule), "cpu-high");
	snapshot_unref(s);
}

/* ---- what is affected ---- */

static void test_impact_counts_what_stands_on_lost_nodes(void **state)
{
	struct snapshot *s = healthy();
	char text[200];

	(void)state;
	not_ready(s, "w3");
	cut_node(s, 1, "m2");
	service(s);
	judge(s);
	assert_int_equal(s->impact.nodes, 8);
	assert_int_equal(s->impact.masters, 3);
	assert_int_equal(s->impact.workers, 5);
	assert_int_equal(s->impact.workers_lost.n, 1);
	assert_true(s->impact.pods_stranded >= 12 + 2 + 6);
	assert_string_equal(names_text(&s->impact.services_dark, text, sizeof(text)), "shop/web");
	names_text(&s->impact.parts_down, text, sizeof(text));
	assert_non_null(strstr(text, "m2 etcd"));
	assert_non_null(strstr(text, "m2 apiserver"));
	snapshot_unref(s);
}

static void test_many_names_are_cut_and_counted(void **state)
{
	struct names list = {.n = 0};
	char text[200], name[32];

	(void)state;
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "worker-%d", i);
		names_add(&list, name);
	}
	names_text(&list, text, sizeof(text));
	assert_non_null(strstr(text, "worker-0, worker-1"));
	assert_non_null(strstr(text, " more"));
	assert_int_equal(list.n, 40);
	assert_true(names_has(&list, "worker-3"));
	assert_false(names_has(&list, "worker"));
	assert_false(names_has(&list, "worker-39"));
}

/* ---- raised at once, lowered late ---- */

struct beat {
	int64_t at_s;
	int now; /* enum level; -1: nothing can be said */
	enum level shown;
};

static void beats(const struct beat *b, size_t n)
{
	struct level_holder h;

	level_holder_init(&h);
	for (size_t i = 0; i < n; i++) {
		struct instant at = {b[i].at_s * 1000 + 1, b[i].at_s * 1000 + 1};
		struct verdict v = {.known = b[i].now >= 0,
			.now = b[i].now < 0 ? LEVEL_NONE : (enum level)b[i].now};

		level_holder_take(&h, &v, 60000, at);
		if (v.level != b[i].shown)
			fail_msg("beat %zu: %s, was to be %s", i, level_name(v.level),
				level_name(b[i].shown));
	}
}

static void test_a_level_rises_at_once_and_falls_after_a_quiet_minute(void **state)
{
	static const struct beat b[] = {{0, LEVEL_NONE, LEVEL_NONE}, {1, LEVEL_P2, LEVEL_P2},
		{2, LEVEL_P0, LEVEL_P0}, {10, LEVEL_NONE, LEVEL_P0}, {69, LEVEL_NONE, LEVEL_P0},
		{70, LEVEL_NONE, LEVEL_NONE}};

	(void)state;
	beats(b, sizeof(b) / sizeof(b[0]));
}

static void test_a_flap_does_not_flicker(void **state)
{
	static const struct beat b[] = {{0, LEVEL_P1, LEVEL_P1}, {30, LEVEL_NONE, LEVEL_P1},
		{60, LEVEL_P1, LEVEL_P1}, {90, LEVEL_NONE, LEVEL_P1}, {149, LEVEL_NONE, LEVEL_P1},
		{150, LEVEL_NONE, LEVEL_NONE}};

	(void)state;
	beats(b, sizeof(b) / sizeof(b[0]));
}

static void test_it_falls_no_further_than_what_still_flaps(void **state)
{
	static const struct beat b[] = {{0, LEVEL_P1, LEVEL_P1}, {10, LEVEL_P3, LEVEL_P1},
		{40, LEVEL_NONE, LEVEL_P1}, {60, LEVEL_P3, LEVEL_P1}, {70, LEVEL_NONE, LEVEL_P3},
		{129, LEVEL_NONE, LEVEL_P3}, {130, LEVEL_NONE, LEVEL_NONE}};

	(void)state;
	beats(b, sizeof(b) / sizeof(b[0]));
}

static void test_not_knowing_lowers_nothing(void **state)
{
	static const struct beat b[] = {{0, LEVEL_P1, LEVEL_P1}, {10, LEVEL_NONE, LEVEL_P1},
		{60, -1, LEVEL_P1}, {300, -1, LEVEL_P1}, {301, LEVEL_NONE, LEVEL_P1},
		{360, LEVEL_NONE, LEVEL_P1}, {361, LEVEL_NONE, LEVEL_NONE}};

	(void)state;
	beats(b, sizeof(b) / sizeof(b[0]));
}

static void test_the_green_stretch_has_a_beginning(void **state)
{
	struct level_holder h;
	struct verdict v = {.known = true, .now = LEVEL_P1};

	(void)state;
	level_holder_init(&h);
	assert_true(level_holder_take(&h, &v, 60000, (struct instant){1000, 1000}));
	assert_int_equal(v.green.boot_ms, 0);
	assert_int_equal(v.since.boot_ms, 1000);
	v.now = LEVEL_NONE;
	assert_false(level_holder_take(&h, &v, 60000, (struct instant){5000, 5000}));
	assert_false(level_holder_take(&h, &v, 60000, (struct instant){9000, 9000}));
	assert_int_equal(v.green.boot_ms, 5000);
	assert_true(level_holder_take(&h, &v, 60000, (struct instant){65000, 65000}));
	assert_int_equal(v.green.boot_ms, 5000);
	assert_int_equal(v.since.boot_ms, 65000);
}

static int setup(void **state)
{
	(void)state;
	core_services = NULL;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	samples_done();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_healthy_cluster_has_no_level),
		cmocka_unit_test(test_what_nodes_tell_alone_or_for_a_moment_is_no_fault),
		cmocka_unit_test(test_each_story_raises_its_level_with_its_reason),
		cmocka_unit_test(test_while_no_renewal_is_seen_no_node_and_no_part_is_lost),
		cmocka_unit_test(test_a_configured_threshold_is_what_the_level_goes_by),
		cmocka_unit_test(test_each_rule_has_a_story),
		cmocka_unit_test(test_what_raises_p0_or_p1_makes_a_check_critical),
		cmocka_unit_test(test_silence_is_down_to_all_at_the_same_moment),
		cmocka_unit_test(test_own_link_is_the_first_suspect),
		cmocka_unit_test(test_members_that_say_nothing_for_a_moment_are_no_lost_quorum),
		cmocka_unit_test(test_no_quorum_is_lost_that_an_api_server_has_since),
		cmocka_unit_test(test_a_refusal_proves_the_link),
		cmocka_unit_test(
			test_a_balancer_that_is_slow_for_a_moment_is_not_every_server_down),
		cmocka_unit_test(test_what_is_not_visible_from_here_is_no_fault),
		cmocka_unit_test(test_from_a_laptop_a_lost_master_is_still_seen),
		cmocka_unit_test(test_small_things_are_no_fault),
		cmocka_unit_test(test_a_cluster_without_core_dns_is_not_broken_for_that),
		cmocka_unit_test(test_a_lost_node_is_not_a_lost_core_service),
		cmocka_unit_test(test_old_tables_are_not_judged),
		cmocka_unit_test(test_core_dns_is_judged_by_its_pods_where_workloads_are_hidden),
		cmocka_unit_test(test_reasons_come_worst_first),
		cmocka_unit_test(test_impact_counts_what_stands_on_lost_nodes),
		cmocka_unit_test(test_many_names_are_cut_and_counted),
		cmocka_unit_test(test_a_level_rises_at_once_and_falls_after_a_quiet_minute),
		cmocka_unit_test(test_a_flap_does_not_flicker),
		cmocka_unit_test(test_it_falls_no_further_than_what_still_flaps),
		cmocka_unit_test(test_not_knowing_lowers_nothing),
		cmocka_unit_test(test_the_green_stretch_has_a_beginning),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
