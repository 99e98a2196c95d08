/* Clusters made by hand: each sample starts from the healthy one and breaks what its name says. */
#include "help/samples.h"

#include <stdio.h>
#include <string.h>

#include "base/intern.h"
#include "base/pack.h"
#include "base/str.h"
#include "model/lease.h"

#define MINUTE 60000LL
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define GIB    (1LL << 30)
#define MIB    (1LL << 20)

static struct intern *strings;

const char *sample_string(const char *s)
{
	if (strings == NULL)
		strings = intern_new(8 << 20);
	return intern_str(strings, s);
}

void samples_done(void)
{
	intern_unref(strings);
	strings = NULL;
}

struct instant sample_now(void)
{
	return (struct instant){instant_parse("2026-11-23T04:43:50Z"), 900 * HOUR};
}

static struct instant ago(int64_t ms)
{
	struct instant now = sample_now();

	return (struct instant){now.wall_ms - ms, now.boot_ms - ms};
}

static const char *numbered(const char *prefix, int i)
{
	char text[80];

	snprintf(text, sizeof(text), "%s%d", prefix, i);
	return sample_string(text);
}

/* Nodes. */

static struct node_detail *node_detail(const char *name, bool master, bool ready)
{
	const int64_t since = ago(41 * DAY).wall_ms;
	struct node_condition conditions[] = {
		{"MemoryPressure", "False", "KubeletHasSufficientMemory",
			"kubelet has sufficient memory available", since, since},
		{"DiskPressure", "False", "KubeletHasNoDiskPressure",
			"kubelet has no disk pressure", since, since},
		{"PIDPressure", "False", "KubeletHasSufficientPID",
			"kubelet has sufficient PID available", since, since},
		{"Ready", "True", "KubeletReady", "kubelet is posting ready status", since, since},
	};
	struct node_taint taint = {"node-role.kubernetes.io/control-plane", "", "NoSchedule"};
	struct node_label labels[] = {
		{"beta.kubernetes.io/arch", "amd64"},
		{"kubernetes.io/hostname", name},
		{"kubernetes.io/os", "linux"},
		{"node-role.kubernetes.io/control-plane", ""},
	};
	struct node_detail from = {.n_conditions = 4,
		.n_taints = master ? 1 : 0,
		.n_labels = master ? 4 : 3,
		.conditions = conditions,
		.taints = &taint,
		.labels = labels,
		.hostname = name,
		.architecture = "amd64",
		.pod_cidr = "10.244.1.0/24",
		.provider_id = ""};

	if (!ready) {
		for (int i = 0; i < 4; i++) {
			conditions[i].status = "Unknown";
			conditions[i].reason = "NodeStatusUnknown";
			conditions[i].message = "Kubelet stopped posting node status.";
			conditions[i].transition_ms = ago(2 * MINUTE + 22000).wall_ms;
		}
	}
	return node_detail_new(&from);
}

static void add_node(struct snapshot *s, const char *name, bool master, int i)
{
	struct node_row n = {.name = name,
		.roles = master ? "control-plane" : "<none>",
		.version = "v1.36.3",
		.internal_ip = numbered(master ? "10.0.1.1" : "10.0.1.2", i),
		.external_ip = "<none>",
		.os_image = "Debian GNU/Linux 12 (bookworm)",
		.kernel = "6.1.0-31-amd64",
		.runtime = "containerd://2.1.4",
		.created_ms = ago(41 * DAY + 3 * HOUR).wall_ms,
		.ready_since_ms = ago(41 * DAY).wall_ms,
		.ready_reason = "KubeletReady",
		.cpu_milli = master ? 4000 : 16000,
		.mem_bytes = master ? 8 * GIB : 64 * GIB,
		.pods_max = 110,
		.ready = NODE_READY_TRUE,
		.flags = master ? NODE_CONTROL_PLANE : 0,
		.detail = node_detail(name, master, true)};
	struct lease_row l = {.ns = "kube-node-lease",
		.name = name,
		.holder = name,
		.renew_ms = ago(1000 * (i % 9 + 1)).wall_ms,
		.seen = ago(1000 * (i % 9 + 1)),
		.duration_s = 40};
	struct usage_row u = {.node = name,
		.cpu_milli = n.cpu_milli * (7 + 11 * (i % 8)) / 100,
		.mem_bytes = n.mem_bytes * (21 + 9 * (i % 8)) / 100,
		.at = ago(9000)};

	table_put(s->nodes, &n);
	table_put(s->leases, &l);
	table_put(s->usage, &u);
}

void sample_add_nodes(struct snapshot *s, int n)
{
	for (int i = 0; i < n; i++) {
		char name[40];

		snprintf(name, sizeof(name), "worker-%05d", i);
		add_node(s, sample_string(name), false, i);
	}
}

/* Takes the row out, so that the caller may change it and put it back. */
static struct node_row node_copy(struct snapshot *s, const char *name)
{
	const struct node_row key = {.name = name};
	struct node_row n = *(const struct node_row *)table_find(s->nodes, &key);

	pack_ref(n.detail);
	return n;
}

static void node_goes_down(struct snapshot *s, const char *name, unsigned flags)
{
	struct node_row n = node_copy(s, name);
	struct lease_row l = *snapshot_lease(s, "kube-node-lease", name);

	pack_unref(n.detail);
	n.detail = node_detail(n.name, n.flags & NODE_CONTROL_PLANE, false);
	n.ready = NODE_READY_UNKNOWN;
	n.ready_since_ms = ago(2 * MINUTE + 22000).wall_ms;
	n.ready_reason = "NodeStatusUnknown";
	n.flags |= flags;
	table_put(s->nodes, &n);
	l.seen = ago(3 * MINUTE + 12000);
	l.renew_ms = l.seen.wall_ms;
	table_put(s->leases, &l);
	table_remove(s->usage, &(struct usage_row){.node = name});
	s->nodes_not_ready++;
}

/* Pods. */

static struct pod_detail *pod_detail(const char *container, const char *owner, const char *ip)
{
	struct pod_container k = {.name = container,
		.image = "registry.k8s.io/pause:3.10",
		.state = "Running",
		.exit_code = -1,
		.last_finished_ms = INT64_MIN,
		.started_ms = ago(41 * DAY).wall_ms,
		.ready = true};
	struct pod_condition conditions[] = {{"PodScheduled", "True", "", ""},
		{"Initialized", "True", "", ""}, {"ContainersReady", "True", "", ""},
		{"Ready", "True", "", ""}};
	struct pod_detail from = {.n_containers = 1,
		.n_conditions = 4,
		.containers = &k,
		.conditions = conditions,
		.uid = "0b5f9c1e-6a8e-4b0e-9a53-6d3f2c0f9a11",
		.ip = ip,
		.host_ip = ip,
		.owner = owner,
		.component = container,
		.priority_class = "system-node-critical",
		.qos = "Burstable"};

	return pod_detail_new(&from);
}

static struct pod_row pod_row(const char *ns, const char *name, const char *node, unsigned flags)
{
	struct pod_row p = {.ns = sample_string(ns),
		.node = node,
		.status = "Running",
		.created_ms = ago(41 * DAY).wall_ms,
		.ready = 1,
		.containers = 1,
		.phase = POD_RUNNING,
		.flags = (uint8_t)(flags | POD_READY)};

	pod_set_name(&p, sample_string(name), NULL);
	return p;
}

static void count_pods(struct snapshot *s)
{
	struct table_walk w = table_walk(s->pods);
	const struct pod_row *p;

	memset(&s->pod_counts, 0, sizeof(s->pod_counts));
	while ((p = table_next(&w)) != NULL)
		pod_counts_add(&s->pod_counts, p, s->at.wall_ms, 1);
}

static void put_pod(struct snapshot *s, const struct system_pod_row *row)
{
	struct system_pod_row both = *row;

	table_put(s->pods, &both.pod);
	table_put(s->system_pods, &both);
}

static void add_system_pod(
	struct snapshot *s, const char *component, const char *name, const char *node)
{
	bool flannel = strcmp(component, "flannel") == 0, mirror = strstr(name, node) != NULL;
	struct system_pod_row row = {
		.pod = pod_row(flannel ? "kube-flannel" : "kube-system", name, node,
			POD_SYSTEM | (flannel ? POD_CNI : 0u) | (mirror ? POD_MIRROR : 0u)),
		.detail = pod_detail(sample_string(component),
			mirror    ? numbered(node[0] == 'm' ? "Node/m" : "Node/w", node[1] - '0')
			: flannel ? "DaemonSet/kube-flannel-ds"
				  : "DaemonSet/kube-proxy",
			"10.0.1.11")};

	put_pod(s, &row);
}

static void add_pods(struct snapshot *s)
{
	static const char *const parts[] = {
		"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"};
	static const char suffix[] = "2c4hj7kmpq9rtvwx";
	char name[80];

	for (int i = 0; i < 8; i++) {
		const char *node = i < 3 ? numbered("m", i + 1) : numbered("w", i - 2);

		for (int p = 0; i < 3 && p < 4; p++) {
			snprintf(name, sizeof(name), "%s-%s", parts[p], node);
			add_system_pod(s, parts[p], name, node);
		}
		snprintf(name, sizeof(name), "kube-proxy-%.5s", suffix + i);
		add_system_pod(s, "kube-proxy", name, node);
		snprintf(name, sizeof(name), "kube-flannel-ds-%.5s", suffix + i);
		add_system_pod(s, "flannel", name, node);
	}
	add_system_pod(s, "kube-dns", "coredns-7db6d8ff4d-8x2kd", numbered("w", 1));
	add_system_pod(s, "kube-dns", "coredns-7db6d8ff4d-vq9sz", numbered("w", 2));
	for (int i = 0; i < 60; i++) {
		struct pod_row p;

		snprintf(name, sizeof(name), "web-6f9c8d7b5-%05d", i);
		p = pod_row("shop", name, numbered("w", i % 5 + 1), 0);
		table_put(s->pods, &p);
	}
}

static void pod_fails(struct snapshot *s, const char *name, const char *status, uint32_t restarts)
{
	struct system_pod_row key = {.pod = {.ns = "kube-system"}}, row;
	struct pod_container k = {.name = "coredns",
		.image = "registry.k8s.io/coredns/coredns:v1.12.1",
		.state = "Waiting",
		.reason = status,
		.message = "back-off 5m0s restarting failed container=coredns "
			   "pod=coredns-7db6d8ff4d-8x2kd",
		.exit_code = 137,
		.last_reason = "OOMKilled",
		.last_finished_ms = ago(4 * MINUTE).wall_ms,
		.started_ms = INT64_MIN,
		.restarts = restarts};
	struct pod_container side = {.name = "metrics",
		.image = "quay.io/example/sidecar:1.0",
		.state = "Running",
		.exit_code = -1,
		.last_finished_ms = INT64_MIN,
		.started_ms = ago(2 * HOUR).wall_ms,
		.ready = true};
	struct pod_container both[2] = {k, side};
	struct pod_condition conditions[] = {{"PodScheduled", "True", "", ""},
		{"Ready", "False", "ContainersNotReady",
			"containers with unready status: [coredns]"}};
	struct pod_detail from = {.n_containers = 2,
		.n_conditions = 2,
		.containers = both,
		.conditions = conditions,
		.uid = "5d2a7e44-1b8c-4d33-8c8f-2f1f8d6b7a90",
		.ip = "10.244.3.17",
		.host_ip = "10.0.1.21",
		.owner = "ReplicaSet/coredns-7db6d8ff4d",
		.component = "kube-dns",
		.priority_class = "system-cluster-critical",
		.qos = "Burstable"};

	pod_set_name(&key.pod, name, NULL);
	row = *(const struct system_pod_row *)table_find(s->system_pods, &key);
	row.detail = pod_detail_new(&from);
	row.pod.status = sample_string(status);
	row.pod.restarts = restarts;
	row.pod.ready = 1;
	row.pod.containers = 2;
	row.pod.flags = (uint8_t)(row.pod.flags & ~POD_READY);
	put_pod(s, &row);
}

/* Events. */

struct sample_event {
	const char *type, *reason, *kind, *name, *ns, *source, *message;
	int64_t age_ms;
	uint32_t count;
};

static void add_event(struct snapshot *s, const struct sample_event *from)
{
	struct event_row e = {.ns = from->ns,
		.type = from->type,
		.reason = from->reason,
		.kind = from->kind,
		.name = from->name,
		.source = from->source,
		.first_ms = ago(from->age_ms + 20 * MINUTE).wall_ms,
		.last_ms = ago(from->age_ms).wall_ms,
		.count = from->count,
		.message = rstr_new(from->message, strlen(from->message))};

	snprintf(e.uid, sizeof(e.uid), "uid-%zu", table_count(s->events));
	table_put(s->events, &e);
}

static const struct sample_event quiet_events[] = {
	{"Normal", "Scheduled", "Pod", "web-6f9c8d7b5-00001", "shop", "default-scheduler",
		"Successfully assigned shop/web-6f9c8d7b5-00001 to w2", 8000, 1},
	{"Normal", "Pulled", "Pod", "web-6f9c8d7b5-00001", "shop", "kubelet",
		"Container image \"nginx:1.29\" already present on machine", 7000, 1},
	{"Normal", "Created", "Pod", "web-6f9c8d7b5-00001", "shop", "kubelet",
		"Created container: nginx", 6000, 1},
	{"Normal", "Started", "Pod", "web-6f9c8d7b5-00001", "shop", "kubelet",
		"Started container nginx", 5000, 1},
	{"Normal", "ScalingReplicaSet", "Deployment", "web", "shop", "deployment-controller",
		"Scaled up replica set web-6f9c8d7b5 from 59 to 60", 9000, 1},
	{"Normal", "LeaderElection", "Lease", "kube-scheduler", "kube-system", "kube-scheduler",
		"m1_4e6b7a5e-0c50-4d7c-a5ad-0b6d5a8e33aa became leader", 2 * HOUR, 1},
};

static const struct sample_event loud_events[] = {
	{"Warning", "NodeNotReady", "Node", "m2", "", "node-controller",
		"Node m2 status is now: NodeNotReady", 2 * MINUTE + 22000, 1},
	{"Warning", "BackOff", "Pod", "coredns-7db6d8ff4d-8x2kd", "kube-system", "kubelet",
		"Back-off restarting failed container coredns in pod "
		"coredns-7db6d8ff4d-8x2kd_kube-system("
		"5d2a7e44-1b8c-4d33-8c8f-2f1f8d6b7a90)",
		3000, 41},
	{"Warning", "Unhealthy", "Pod", "coredns-7db6d8ff4d-8x2kd", "kube-system", "kubelet",
		"Readiness probe failed: Get \"http://10.244.3.17:8181/ready\": dial tcp "
		"10.244.3.17:8181: connect: "
		"connection refused",
		11000, 128},
	{"Warning", "FailedMount", "Pod", "web-6f9c8d7b5-00007", "shop", "kubelet",
		"MountVolume.SetUp failed for volume \"config\" : configmap \"web\" not found",
		40000, 9},
	{"Normal", "NodeNotSchedulable", "Node", "w3", "", "kubelet",
		"Node w3 status is now: NodeNotSchedulable", 12 * MINUTE, 1},
};

/* etcd and layers. */

static void add_members(struct snapshot *s)
{
	static const uint64_t ids[] = {0x8e9e05c52164694d, 0x91bc3c398fb3c146, 0xfd422379fda50e48};

	s->etcd.n = 3;
	for (int i = 0; i < 3; i++) {
		struct etcd_member *m = &s->etcd.members[i];

		*m = (struct etcd_member){.id = ids[i],
			.cluster_id = 0xef37ad9dc622a7c4,
			.listed = true,
			.leader = i == 0,
			.health = ETCD_HEALTHY,
			.version = "3.6.5",
			.db_bytes = 92 * MIB + i * MIB / 3,
			.db_used_bytes = 61 * MIB,
			.quota_bytes = 2 * GIB,
			.raft_term = 34,
			.raft_index = 18234567 - (uint64_t)(i == 2 ? 2 : 0),
			.raft_applied = 18234565,
			.leader_id = ids[0],
			.revision = 15344821,
			.latency_us = 1400 + 900 * i,
			.fsync_p99_us = 7800 + 1000 * i,
			.leader_changes = 3,
			.good = ago(600)};
		snprintf(m->name, sizeof(m->name), "m%d", i + 1);
		snprintf(m->address, sizeof(m->address), "10.0.1.1%d", i + 1);
		snprintf(m->client_url, sizeof(m->client_url), "https://10.0.1.1%d:2379", i + 1);
		snprintf(m->peer_url, sizeof(m->peer_url), "https://10.0.1.1%d:2380", i + 1);
	}
	s->etcd.read_us = 2100;
	etcd_judge(&s->etcd);
}

static void member_goes(
	struct snapshot *s, int i, enum etcd_health health, const char *error, int64_t since_ms)
{
	struct etcd_member *m = &s->etcd.members[i];

	m->health = health;
	m->leader = false;
	m->good = m->silent_since = ago(since_ms);
	str_copy(m->error, sizeof(m->error), error);
	etcd_judge(&s->etcd);
}

static void set_ok(struct probe *p, int64_t latency_us)
{
	*p = (struct probe){
		.state = PROBE_OK, .at = ago(400), .good = ago(400), .latency_us = latency_us};
}

static void set_probe(struct probe *p, enum probe_state state, const char *text, int64_t since_ms)
{
	*p = (struct probe){.state = state,
		.at = ago(300),
		.good = ago(since_ms),
		.since = ago(since_ms),
		.latency_us = -1};
	str_copy(p->text, sizeof(p->text), text);
}

static void add_layers(struct snapshot *s)
{
	static const int64_t latency_us[LAYER_NODE_COUNT] = {
		400, 81000, 64000, 1200, 1900, 4200, 11800, -1, 3000};

	s->layers.n = 3;
	for (int i = 0; i < 3; i++) {
		struct node_layers *n = &s->layers.nodes[i];

		snprintf(n->name, sizeof(n->name), "m%d", i + 1);
		snprintf(n->address, sizeof(n->address), "10.0.1.1%d", i + 1);
		for (int l = 0; l < LAYER_NODE_COUNT; l++)
			set_ok(&n->layer[l], latency_us[l] > 0 ? latency_us[l] + i * 300 : -1);
	}
	set_ok(&s->layers.load_balancer, 12300);
	str_copy(s->layers.load_balancer_name, sizeof(s->layers.load_balancer_name),
		"10.0.1.5:6443");
	set_ok(&s->layers.own_link, -1);
	set_ok(&s->layers.own_credential, -1);
	layer_judge(&s->layers, sample_now());
}

static void add_history(struct snapshot *s)
{
	for (int i = 0; i < HISTORY_SLOTS; i++) {
		s->api_latency_ms.at[i] =
			i < 12 ? -1 : 10 + (i * 7) % 9 + (i > 70 && i < 78 ? 60 : 0);
		s->etcd_latency_ms.at[i] = i < 12 ? -1 : 1 + i % 3;
		s->warnings.at[i] = i < 12 ? -1 : i > 60 ? i % 5 : 0;
	}
}

static void add_rates(struct snapshot *s)
{
	static const struct rate_row rows[] = {
		{RATE_API, "10.0.1.11:6443", "m1", {1.08, 1.05}},
		{RATE_API, "10.0.1.12:6443", "m2", {4.5166, 1.0}},
		{RATE_API, "10.0.1.13:6443", "m3", {1.0, 2.0166}},
		{RATE_ETCD, "10.0.1.11:2379", "m1", {1.4, 0.0166}},
		{RATE_ETCD, "10.0.1.12:2379", "m2", {1.4166, 0.0}},
		{RATE_ETCD, "10.0.1.13:2379", "m3", {1.4, 0.0}},
		{RATE_NODE, "10.0.1.11", "m1", {0.1, 0.0}},
		{RATE_NODE, "10.0.1.12", "m2", {0.1, 0.0166}},
		{RATE_NODE, "10.0.1.13", "m3", {0.1, 0.0}},
		{RATE_KINDS, "", "", {0.0333, 0.0}},
		{RATE_KINDS, "10.0.1.5:6443", "", {2.25, 1.0}},
	};

	s->n_rates = sizeof(rows) / sizeof(rows[0]);
	memcpy(s->rates, rows, sizeof(rows));
}

struct snapshot *sample_nothing(void)
{
	struct snapshot *s = snapshot_new();

	s->at = sample_now();
	str_copy(s->cluster, sizeof(s->cluster), "prod-a");
	str_copy(s->user, sizeof(s->user), "kubernetes-admin");
	s->vip_latency_us = s->watch_age_ms = s->etcd.read_us = -1;
	s->layers.load_balancer.latency_us = -1;
	etcd_judge(&s->etcd);
	layer_judge(&s->layers, s->at);
	return s;
}

struct snapshot *sample_healthy(void)
{
	struct snapshot *s = sample_nothing();

	for (int i = 1; i <= 3; i++)
		add_node(s, numbered("m", i), true, i);
	for (int i = 1; i <= 5; i++)
		add_node(s, numbered("w", i), false, i);
	add_pods(s);
	for (size_t i = 0; i < sizeof(quiet_events) / sizeof(quiet_events[0]); i++)
		add_event(s, &quiet_events[i]);
	add_members(s);
	add_layers(s);
	add_history(s);
	add_rates(s);
	count_pods(s);
	for (int i = 0; i < SOURCE_COUNT; i++) {
		s->sources[i].state = SOURCE_LIVE;
		s->sources[i].good = ago(200);
		str_copy(s->sources[i].via, sizeof(s->sources[i].via), "10.0.1.5:6443");
	}
	s->vip_latency_us = 12300;
	s->watch_age_ms = 200;
	return s;
}

/* The kubelet of a node that still counts as ready has fallen silent. */
static void lease_stops(struct snapshot *s, const char *name, int64_t age_ms)
{
	struct lease_row l = *snapshot_lease(s, "kube-node-lease", name);

	l.seen = ago(age_ms);
	table_put(s->leases, &l);
}

struct snapshot *sample_broken(void)
{
	struct snapshot *s = sample_healthy();
	struct node_layers *m2 = &s->layers.nodes[1];

	node_goes_down(s, "m2", 0);
	node_goes_down(s, "w3", NODE_CORDONED);
	pod_fails(s, "coredns-7db6d8ff4d-8x2kd", "CrashLoopBackOff", 41);
	for (size_t i = 0; i < sizeof(loud_events) / sizeof(loud_events[0]); i++)
		add_event(s, &loud_events[i]);
	s->warnings_per_minute = 12.4;
	lease_stops(s, "w5", 24000);
	member_goes(s, 1, ETCD_DOWN, "connection refused", 3 * MINUTE + 14000);
	s->etcd.members[2].alarms = ETCD_ALARM_NOSPACE;
	s->etcd.members[2].db_bytes = 2 * GIB - 40 * MIB;
	etcd_judge(&s->etcd);
	set_probe(&m2->layer[LAYER_KUBELET], PROBE_FAILED, "kubelet is not running (inactive)",
		3 * MINUTE + 12000);
	set_probe(&m2->layer[LAYER_ETCD], PROBE_FAILED, "connection refused", 3 * MINUTE + 14000);
	set_probe(&m2->layer[LAYER_APISERVER], PROBE_SILENT, "", 7400);
	set_probe(&m2->layer[LAYER_READY], PROBE_SILENT, "", 7400);
	set_probe(&s->layers.nodes[2].layer[LAYER_CERTIFICATES], PROBE_WARN,
		"apiserver.crt expires in 9 days (2026-12-02)", 3 * HOUR);
	set_probe(&s->layers.nodes[0].layer[LAYER_SSH], PROBE_SKIPPED, "", 0);
	layer_judge(&s->layers, sample_now());
	count_pods(s);
	return s;
}

/* As if every lease had been seen so much earlier. */
static void leases_age(struct snapshot *s, int64_t by_ms)
{
	for (size_t i = 0; i < table_count(s->leases); i++) {
		struct lease_row l = *(const struct lease_row *)table_at(s->leases, i);

		l.seen.wall_ms -= by_ms;
		l.seen.boot_ms -= by_ms;
		table_put(s->leases, &l);
	}
}

struct snapshot *sample_stale(void)
{
	struct snapshot *s = sample_broken();

	for (int i = 0; i < SOURCE_COUNT; i++) {
		if (i == SOURCE_PROBES || i == SOURCE_ETCD)
			continue;
		s->sources[i].state = SOURCE_STALE;
		s->sources[i].good = ago(3 * MINUTE + 12000);
		str_copy(s->sources[i].error, sizeof(s->sources[i].error), "connection refused");
	}
	for (int i = 0; i < 3; i++) {
		set_probe(&s->layers.nodes[i].layer[LAYER_ETCD], PROBE_FAILED, "connection refused",
			4 * MINUTE);
		set_probe(&s->layers.nodes[i].layer[LAYER_APISERVER], PROBE_FAILED,
			"connection refused", 3 * MINUTE);
	}
	leases_age(s, 3 * MINUTE + 12000);
	set_ok(&s->layers.nodes[1].layer[LAYER_KUBELET], 1500);
	set_probe(&s->layers.load_balancer, PROBE_FAILED, "no server is available behind it",
		3 * MINUTE);
	layer_judge(&s->layers, sample_now());
	s->etcd.read_us = -1;
	str_copy(s->etcd.read_error, sizeof(s->etcd.read_error), "etcdserver: no leader");
	member_goes(s, 0, ETCD_SILENT, "no answer in time", 9000);
	s->vip_latency_us = s->watch_age_ms = -1;
	return s;
}

static bool is_list(int source)
{
	return source <= SOURCE_CONFIG_MAPS && source != SOURCE_USAGE;
}

struct snapshot *sample_unlisted(void)
{
	struct snapshot *s = sample_healthy();

	for (int i = 0; i < SOURCE_COUNT; i++) {
		if (!is_list(i))
			continue;
		s->sources[i].state = SOURCE_NEVER;
		str_copy(s->sources[i].error, sizeof(s->sources[i].error), "HTTP 503: busy");
	}
	return s;
}

struct snapshot *sample_listing(void)
{
	struct snapshot *s = sample_healthy();

	for (int i = SOURCE_PODS; i < SOURCE_COUNT; i++)
		if (is_list(i))
			s->sources[i].state = i % 2 == 0 ? SOURCE_LOADING : SOURCE_NEVER;
	return s;
}

struct snapshot *sample_forbidden(void)
{
	struct snapshot *s = sample_healthy();

	s->sources[SOURCE_SERVICES].state = SOURCE_NEVER;
	str_copy(s->sources[SOURCE_SERVICES].error, sizeof(s->sources[SOURCE_SERVICES].error),
		"HTTP 403: services is forbidden");
	return s;
}

struct snapshot *sample_saved(void)
{
	struct snapshot *s = sample_healthy();

	for (int i = 0; i < SOURCE_COUNT; i++) {
		s->sources[i].state = i == SOURCE_NODES ? SOURCE_STALE : SOURCE_LOADING;
		s->sources[i].saved = true;
		s->sources[i].good = (struct instant){ago(2 * HOUR).wall_ms, 5};
	}
	s->watch_age_ms = -1;
	return s;
}

struct snapshot *sample_hostile(void)
{
	struct snapshot *s = sample_healthy();
	struct node_row n = node_copy(s, "w1");
	struct system_pod_row key = {.pod = {.ns = "kube-system"}}, row;
	char flood[3000];
	struct sample_event events[] = {
		{"Warning", "Evil\x1b[2JClear", "Pod", "web\x1b]0;owned\x07", "shop", "kubelet",
			"\x1b[31mred\x1b[0m \r\ncarriage \xe2\x80\xae"
			"desrever\xe2\x80\xac \x9b"
			"31m \xff\xfe broken",
			1000, 1},
		{"Warning", "磁盘压力", "Node", "节点-一", "", "内核",
			"磁盘空间不足：剩余 3%，请清理 /var/lib/containerd", 2000, 7},
		{"Normal", "Zero\xe2\x80\x8bWidth", "Pod", "e\xcc\x81migr\xc3\xa9", "shop", "a\tb",
			flood, 3000, 4000000000u},
	};

	memset(flood, 'A', sizeof(flood) - 1);
	flood[sizeof(flood) - 1] = '\0';
	n.name = sample_string(
		"a-very-long-node-name.with.many.labels.in-some-datacentre.example.internal");
	n.os_image = sample_string("Evil\x1b[1mOS \xe2\x80\xae 12");
	table_put(s->nodes, &n);
	n = node_copy(s, "w2");
	n.name = sample_string("节点-东京-一号机房");
	n.flags = NODE_DISK_PRESSURE | NODE_CORDONED;
	table_put(s->nodes, &n);
	for (size_t i = 0; i < 3; i++)
		add_event(s, &events[i]);
	pod_set_name(&key.pod, "kube-scheduler-m3", NULL);
	row = *(const struct system_pod_row *)table_find(s->system_pods, &key);
	row.detail = pod_detail("x\x1b[7m", "Node/\xe2\x80\xaem3", "fe80::1:2:3:4:5:6:7");
	row.pod.status = sample_string("Init:\x1b]8;;http://evil\x07"
				       "Error");
	row.pod.phase = POD_FAILED;
	pod_set_name(&row.pod,
		sample_string("kube-scheduler-a-name-so-long-that-it-lives-elsewhere-because-it-"
			      "does-not-fit-inline-m3"),
		NULL);
	put_pod(s, &row);
	str_copy(s->cluster, sizeof(s->cluster), "生产\x1b[31m-集群\xe2\x80\xae-东京-一号机房-主");
	str_copy(s->user, sizeof(s->user), "root\x07\x1b[0m");
	str_copy(s->etcd.members[0].name, sizeof(s->etcd.members[0].name), "etcd\x1b[2J-成员");
	str_copy(s->etcd.members[1].errors, sizeof(s->etcd.members[1].errors),
		"corrupt\x1b[5m\r\nalarm");
	count_pods(s);
	return s;
}
