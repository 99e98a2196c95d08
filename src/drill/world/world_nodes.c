/* Nodes: what each kubelet reports (lease, conditions), what the node controller
 * concludes from a kubelet's silence (NotReady, taints, eviction), and the locks that
 * scheduler, controller-manager and API servers keep in kube-system's leases. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "drill/world/world.h"

enum {
	LEASE_MS = 10000,
	HEARTBEAT_MS = 300000,
	GRACE_MS = 50000,
	EVICT_MS = 300000,
	LEADER_RENEW_MS = 2000,
	LEADER_LEASE_MS = 15000,
	LEADER_GIVES_UP_MS = 10000
};

static char *micro_time(int64_t wall_ms, char dst[40])
{
	char s[32];

	instant_rfc3339(wall_ms, s, sizeof(s));
	snprintf(dst, 40, "%.19s.%03d417Z", s, (int)(wall_ms % 1000));
	return dst;
}

/* ---- the Node object ---- */

static void condition(struct buf *out, const char *type, const char *status, const char *reason,
	const char *message, int64_t beat_ms, int64_t since_ms)
{
	char beat[32], since[32];

	if (out->at[out->len - 1] == '}')
		buf_putc(out, ',');
	buf_fmt(out,
		"{\"type\":\"%s\",\"status\":\"%s\",\"lastHeartbeatTime\":\"%s\","
		"\"lastTransitionTime\":\"%s\","
		"\"reason\":\"%s\",\"message\":\"%s\"}",
		type, status, instant_rfc3339(beat_ms, beat, sizeof(beat)),
		instant_rfc3339(since_ms, since, sizeof(since)), reason, message);
}

static const char *ready_word(const struct machine *m)
{
	return m->ready == READY_TRUE ? "True" : m->ready == READY_FALSE ? "False" : "Unknown";
}

static void add_conditions(const struct world *w, const struct machine *m, struct buf *out)
{
	static const char *const types[][3] = {
		{"MemoryPressure", "KubeletHasSufficientMemory",
			"kubelet has sufficient memory available"},
		{"DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"},
		{"PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"},
	};
	bool unknown = m->ready == READY_UNKNOWN;
	int64_t beat = unknown ? w->now.wall_ms - 50000 : w->now.wall_ms, since = m->ready_wall_ms;

	buf_puts(out, "\"conditions\":[");
	condition(out, "NetworkUnavailable", "False", "FlannelIsUp",
		"Flannel is running on this node", m->units[UNIT_SSH].since_ms,
		m->units[UNIT_SSH].since_ms);
	for (size_t i = 0; i < 3; i++)
		condition(out, types[i][0], unknown ? "Unknown" : "False",
			unknown ? "NodeStatusUnknown" : types[i][1],
			unknown ? "Kubelet stopped posting node status." : types[i][2], beat,
			unknown ? since : m->units[UNIT_SSH].since_ms);
	condition(out, "Ready", ready_word(m),
		unknown                  ? "NodeStatusUnknown"
		: m->ready == READY_TRUE ? "KubeletReady"
					 : "KubeletNotReady",
		unknown                  ? "Kubelet stopped posting node status."
		: m->ready == READY_TRUE ? "kubelet is posting ready status"
					 : "[container runtime is down, PLEG is not healthy: pleg "
					   "was last seen active 3m ago]",
		beat, since);
	buf_putc(out, ']');
}

static void add_resources(
	const struct machine *m, const char *key, int64_t reserved_mb, struct buf *out)
{
	buf_fmt(out,
		"\"%s\":{\"cpu\":\"%lld\",\"ephemeral-storage\":\"101430960Ki\",\"hugepages-2Mi\":"
		"\"0\","
		"\"memory\":\"%lldKi\",\"pods\":\"110\"},",
		key, (long long)(m->cpu_milli / 1000),
		(long long)((m->mem_bytes >> 10) - reserved_mb * 1024));
}

static void node_body(const struct world *w, const struct machine *m, struct buf *out)
{
	int i = world_index(w, m);

	buf_fmt(out,
		"{\"metadata\":{\"labels\":{\"beta.kubernetes.io/"
		"arch\":\"amd64\",\"beta.kubernetes.io/os\":\"linux\","
		"\"kubernetes.io/arch\":\"amd64\",\"kubernetes.io/"
		"hostname\":\"%s\",\"kubernetes.io/os\":\"linux\"%s,"
		"\"topology.kubernetes.io/zone\":\"rack-%c\"},"
		"\"annotations\":{\"flannel.alpha.coreos.com/"
		"backend-type\":\"vxlan\",\"flannel.alpha.coreos.com/public-ip\":\"%s\","
		"\"kubeadm.alpha.kubernetes.io/cri-socket\":\"unix:///run/containerd/"
		"containerd.sock\",\"node.alpha.kubernetes.io/ttl\":\"0\","
		"\"ops.example.com/location\":\"上海机房 %d "
		"号机柜\",\"volumes.kubernetes.io/controller-managed-attach-detach\":\"true\"}},",
		m->name,
		m->master ? ",\"node-role.kubernetes.io/control-plane\":\"\",\"node.kubernetes.io/"
			    "exclude-from-external-load-balancers\":\"\""
			  : "",
		'a' + i % 3, m->address, 3 + i);
	buf_fmt(out,
		"\"spec\":{\"podCIDR\":\"10.244.%d.0/24\",\"podCIDRs\":[\"10.244.%d.0/24\"]%s},", i,
		i,
		m->master ? ",\"taints\":[{\"key\":\"node-role.kubernetes.io/"
			    "control-plane\",\"effect\":\"NoSchedule\"}]"
			  : "");
	buf_puts(out, "\"status\":{");
	add_resources(m, "capacity", 0, out);
	add_resources(m, "allocatable", 100, out);
	add_conditions(w, m, out);
	buf_fmt(out,
		",\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"%s\"},{\"type\":"
		"\"Hostname\",\"address\":\"%s\"}],"
		"\"daemonEndpoints\":{\"kubeletEndpoint\":{\"Port\":10250}},\"nodeInfo\":{"
		"\"machineID\":\"4c4c4544004b4e10805%d\","
		"\"systemUUID\":\"4c4c4544-004b-4e10-805%d-b4c04f4d3932\",\"bootID\":\"7f1c5a9e-"
		"0b7c-4f34-9be2-3d0c41e0a11%d\",\"kernelVersion\":\"6.1.0-28-amd64\","
		"\"osImage\":\"Debian GNU/Linux 12 "
		"(bookworm)\",\"containerRuntimeVersion\":\"containerd://"
		"1.7.24\",\"kubeletVersion\":\"%s\","
		"\"kubeProxyVersion\":\"\",\"operatingSystem\":\"linux\",\"architecture\":"
		"\"amd64\"}}}",
		m->address, m->name, i, i, i, WORLD_VERSION);
}

static void node_report(struct world *w, struct machine *m, const char *manager)
{
	struct buf patch;

	buf_init(&patch, 1 << 16);
	buf_puts(&patch, "{\"status\":{");
	add_conditions(w, m, &patch);
	buf_puts(&patch, "}}");
	store_patch(w->store, KIND_NODE, "", m->name, buf_text(&patch), manager);
	buf_done(&patch);
	m->heartbeat_due_ms = w->now.boot_ms + world_ms(w, HEARTBEAT_MS);
}

static void node_create(struct world *w, struct machine *m)
{
	struct buf body;

	buf_init(&body, 1 << 16);
	node_body(w, m, &body);
	store_create(w->store, KIND_NODE, "", m->name, buf_text(&body), "kubelet");
	buf_done(&body);
}

static void lease_put(
	struct world *w, const char *ns, const char *name, const char *manager, const char *body)
{
	if (store_patch(w->store, KIND_LEASE, ns, name, body, manager) == NULL)
		store_create(w->store, KIND_LEASE, ns, name, body, manager);
}

static void node_lease(struct world *w, struct machine *m)
{
	char at[40], body[300];

	snprintf(body, sizeof(body),
		"{\"spec\":{\"holderIdentity\":\"%s\",\"leaseDurationSeconds\":40,\"renewTime\":\"%"
		"s\"}}",
		m->name, micro_time(w->now.wall_ms, at));
	lease_put(w, "kube-node-lease", m->name, "kubelet", body);
	m->renewed_ms = w->now.boot_ms;
	m->lease_due_ms = w->now.boot_ms + world_ms(w, LEASE_MS);
}

/* ---- kubelets ---- */

static void pods_follow(struct world *w, const struct machine *m, bool lost)
{
	int node = world_index(w, m);

	for (size_t i = 0; i < w->pods.len; i++)
		if (w->pods.at[i]->node == node && w->pods.at[i]->lost != lost) {
			w->pods.at[i]->lost = lost;
			w->pods.at[i]->transition_wall_ms = w->now.wall_ms;
			w->pods.at[i]->dirty = true;
			w->changed = true;
		}
}

static void kubelet_registers(struct world *w, struct machine *m)
{
	m->registered = true;
	if (store_get(w->store, KIND_NODE, "", m->name) == NULL) {
		m->ready = READY_FALSE;
		node_create(w, m);
		world_event(w, "Normal", "RegisteredNode", KIND_NODE, "", m->name,
			"node-controller", "Node %s event: Registered Node %s in Controller",
			m->name, m->name);
	}
	world_event(
		w, "Normal", "Starting", KIND_NODE, "", m->name, "kubelet", "Starting kubelet.");
	world_event(w, "Normal", "NodeAllocatableEnforced", KIND_NODE, "", m->name, "kubelet",
		"Updated Node Allocatable limit across pods");
}

static void kubelet_tick(struct world *w, struct machine *m)
{
	int wanted = world_unit_up(m, UNIT_CONTAINERD) ? READY_TRUE : READY_FALSE;

	if (!world_unit_up(m, UNIT_KUBELET) || !world_api_from(w, m))
		return;
	if (!m->registered)
		kubelet_registers(w, m);
	if (store_get(w->store, KIND_NODE, "", m->name) == NULL)
		return; /* deleted: a running kubelet does not register again */
	if (w->now.boot_ms >= m->lease_due_ms)
		node_lease(w, m);
	if ((int)m->ready != wanted) {
		m->ready = wanted;
		m->ready_wall_ms = w->now.wall_ms;
		m->lost_ms = 0;
		node_report(w, m, "kubelet");
		world_event(w, wanted == READY_TRUE ? "Normal" : "Warning",
			wanted == READY_TRUE ? "NodeReady" : "NodeNotReady", KIND_NODE, "", m->name,
			"kubelet", "Node %s status is now: %s", m->name,
			wanted == READY_TRUE ? "NodeReady" : "NodeNotReady");
		pods_follow(w, m, wanted != READY_TRUE);
	} else if (w->now.boot_ms >= m->heartbeat_due_ms) {
		node_report(w, m, "kubelet");
	}
}

/* ---- the node controller ---- */

static const char *const controller_taints[] = {"not-ready", "unreachable", "unschedulable"};

/* One of those that the node controller puts and takes by itself; gives its short name. */
static const char *controller_taint(struct json_span taint)
{
	char key[64];

	for (size_t i = 0; i < sizeof(controller_taints) / sizeof(*controller_taints); i++) {
		snprintf(key, sizeof(key), "node.kubernetes.io/%s", controller_taints[i]);
		if (jt_str_is(jt_get(taint, "key"), key))
			return controller_taints[i];
	}
	return NULL;
}

static void add_taint(struct buf *out, const char *name, const char *effect, int64_t since_ms)
{
	char at[32];

	if (out->at[out->len - 1] == '}')
		buf_putc(out, ',');
	buf_fmt(out, "{\"key\":\"node.kubernetes.io/%s\",\"effect\":\"%s\"", name, effect);
	if (since_ms > 0)
		buf_fmt(out, ",\"timeAdded\":\"%s\"", instant_rfc3339(since_ms, at, sizeof(at)));
	buf_putc(out, '}');
}

/* Its own taints follow from what it knows; those of others stay. */
static void node_taints(struct world *w, struct machine *m)
{
	const struct object *o = store_get(w->store, KIND_NODE, "", m->name);
	const char *key = m->ready == READY_UNKNOWN ? "unreachable" : "not-ready";
	struct json_span k, v;
	struct buf patch;

	buf_init(&patch, 1 << 16);
	buf_puts(&patch, "{\"spec\":{\"taints\":[");
	for (size_t pos = 0; jt_each(jt_at(object_span(o), "spec.taints"), &pos, &k, &v);)
		if (controller_taint(v) == NULL)
			buf_fmt(&patch, "%s%.*s", patch.at[patch.len - 1] == '}' ? "," : "",
				(int)v.n, v.at);
	if (jt_is(jt_at(object_span(o), "spec.unschedulable"), "true"))
		add_taint(&patch, "unschedulable", "NoSchedule", 0);
	if (m->ready != READY_TRUE) {
		add_taint(&patch, key, "NoSchedule", m->ready_wall_ms);
		add_taint(&patch, key, "NoExecute", m->ready_wall_ms);
	}
	if (patch.at[patch.len - 1] == '[')
		patch.len -= strlen("[");
	buf_puts(&patch, patch.at[patch.len - 1] == ':' ? "null}}" : "]}}");
	store_patch(w->store, KIND_NODE, "", m->name, buf_text(&patch), "kube-controller-manager");
	buf_done(&patch);
}

static void node_lost(struct world *w, struct machine *m)
{
	m->ready = READY_UNKNOWN;
	m->ready_wall_ms = w->now.wall_ms;
	m->lost_ms = w->now.boot_ms;
	node_report(w, m, "kube-controller-manager");
	world_event(w, "Normal", "NodeNotReady", KIND_NODE, "", m->name, "node-controller",
		"Node %s status is now: NodeNotReady", m->name);
	pods_follow(w, m, true);
}

static void node_evict(struct world *w, const struct machine *m)
{
	int node = world_index(w, m);

	for (size_t i = 0; i < w->pods.len; i++) {
		struct sim_pod *p = w->pods.at[i];

		if (p->node != node || p->state == SIM_TERMINATING ||
			p->of->kind == WORK_DAEMONSET || p->of->kind == WORK_STATIC)
			continue;
		world_event(w, "Normal", "TaintManagerEviction", KIND_POD, p->of->ns, p->name,
			"taint-eviction-controller", "Marking for deletion Pod %s/%s", p->of->ns,
			p->name);
		pods_delete(w, p->of->ns, p->name, 30);
	}
}

bool node_is_off(const struct world *w, const struct machine *m)
{
	const struct object *o = store_get(w->store, KIND_NODE, "", m->name);
	struct json_span k, v;

	for (size_t pos = 0; jt_each(jt_at(object_span(o), "spec.taints"), &pos, &k, &v);)
		if (jt_str_is(jt_get(v, "key"), "node.kubernetes.io/out-of-service"))
			return true;
	return false;
}

/* Somebody vouches that the machine is off: what should end on it has ended. */
static void node_bury(struct world *w, const struct machine *m)
{
	int node = world_index(w, m);

	node_evict(w, m);
	for (size_t i = 0; m->ready != READY_TRUE && i < w->pods.len; i++) {
		const struct sim_pod *p = w->pods.at[i];

		if (p->node == node && p->state == SIM_TERMINATING && !p->gone)
			pods_delete(w, p->of->ns, p->name, 0);
	}
}

static void node_controller(struct world *w, struct machine *m)
{
	if (store_get(w->store, KIND_NODE, "", m->name) == NULL)
		return;
	if (m->ready != READY_UNKNOWN && w->now.boot_ms - m->renewed_ms > world_ms(w, GRACE_MS))
		node_lost(w, m);
	if (m->lost_ms != 0 && w->now.boot_ms - m->lost_ms > world_ms(w, EVICT_MS)) {
		node_evict(w, m);
		m->lost_ms = w->now.boot_ms;
	}
	if (node_is_off(w, m))
		node_bury(w, m);
	node_taints(w, m);
}

void nodes_delete(struct world *w, const char *name)
{
	struct machine *m = world_machine(w, name);
	int node = m != NULL ? world_index(w, m) : -1;

	if (m == NULL || node >= WORLD_NODES)
		return;
	m->lost_ms = 0;
	for (size_t i = 0; i < w->pods.len; i++)
		if (w->pods.at[i]->node == node)
			pods_delete(w, w->pods.at[i]->of->ns, w->pods.at[i]->name, 0);
	store_delete(w->store, KIND_LEASE, "kube-node-lease", name);
}

/* ---- locks ---- */

static void leader_write(struct world *w, struct leader *l, const char *name)
{
	char body[400], now[40], got[40];

	snprintf(body, sizeof(body),
		"{\"spec\":{\"holderIdentity\":\"%s_5d4c1b7e-20c8-4e7f-9b1a-6f5b3a7c%04d\","
		"\"leaseDurationSeconds\":15,"
		"\"acquireTime\":\"%s\",\"renewTime\":\"%s\",\"leaseTransitions\":%d}}",
		w->machines[l->holder].name, l->holder * 97 + l->transitions,
		micro_time(l->acquired_wall_ms, got), micro_time(w->now.wall_ms, now),
		l->transitions);
	lease_put(w, "kube-system", name, name, body);
	l->renewed_ms = w->now.boot_ms;
	l->due_ms = w->now.boot_ms + world_ms(w, LEADER_RENEW_MS);
}

static bool leader_fit(const struct world *w, int master, enum container_id c)
{
	return w->machines[master].containers[c].up && world_api_ok(w, master);
}

static void leader_take(struct world *w, struct leader *l, enum container_id c)
{
	for (int i = 0; i < WORLD_MASTERS; i++) {
		int master = (l->holder + 1 + i) % WORLD_MASTERS;

		if (!leader_fit(w, master, c))
			continue;
		l->transitions += l->holder >= 0 && l->holder != master;
		l->holder = master;
		l->gave_up = false;
		l->acquired_wall_ms = w->now.wall_ms;
		leader_write(w, l, container_name(c));
		world_event(w, "Normal", "LeaderElection", KIND_LEASE, "kube-system",
			container_name(c), container_name(c), "%s_5d4c1b7e became leader",
			w->machines[master].name);
		/* A new node controller gives every kubelet its grace anew. */
		for (int n = 0; c == CONTAINER_KCM && n < WORLD_NODES; n++)
			w->machines[n].renewed_ms = w->now.boot_ms;
		return;
	}
}

static void leader_tick(struct world *w, struct leader *l, enum container_id c)
{
	int64_t age = w->now.boot_ms - l->renewed_ms;

	if (l->holder >= 0 && leader_fit(w, l->holder, c)) {
		if (w->now.boot_ms >= l->due_ms)
			leader_write(w, l, container_name(c));
		l->gave_up = false;
		return;
	}
	if (l->holder >= 0 && !l->gave_up && age > world_ms(w, LEADER_GIVES_UP_MS)) {
		l->gave_up = true;
		static_exit(w, &w->machines[l->holder], c, "leaderelection lost");
	}
	if (l->holder < 0 || age > world_ms(w, LEADER_LEASE_MS))
		leader_take(w, l, c);
}

static bool leader_alive(const struct world *w, const struct leader *l, enum container_id c)
{
	return l->holder >= 0 && leader_fit(w, l->holder, c);
}

/* API servers say that they live by leases of their own. */
static void identity_lease(struct world *w, int master)
{
	static const char *const ids[WORLD_MASTERS] = {"apiserver-276wpfzo55z6xlhwmv7sebbpdm",
		"apiserver-adkfkrghmfikf7izpjatkklyyi", "apiserver-ormoeicu2rhguypboutgrrqply"};
	char body[500], at[40];

	if (!world_api_ok(w, master))
		return;
	snprintf(body, sizeof(body),
		"{\"metadata\":{\"labels\":{\"apiserver.kubernetes.io/"
		"identity\":\"kube-apiserver\",\"kubernetes.io/hostname\":\"%s\"}},"
		"\"spec\":{\"holderIdentity\":\"%s_604763f4-e01e-45e4-b355-f134508e166%d\","
		"\"leaseDurationSeconds\":3600,\"renewTime\":\"%s\"}}",
		w->machines[master].name, ids[master], master, micro_time(w->now.wall_ms, at));
	lease_put(w, "kube-system", ids[master], "kube-apiserver", body);
}

void nodes_begin(struct world *w)
{
	store_age(w->store, 9 * 86400000LL);
	for (int i = 0; i < WORLD_NODES; i++) {
		struct machine *m = &w->machines[i];

		m->ready = READY_TRUE;
		m->ready_wall_ms = w->now.wall_ms - 9 * 86400000LL + i * 47000LL;
		m->registered = true;
		node_create(w, m);
		m->heartbeat_due_ms =
			w->now.boot_ms + world_ms(w, (int64_t)HEARTBEAT_MS / WORLD_NODES * (i + 1));
		node_lease(w, m);
		m->lease_due_ms =
			w->now.boot_ms + world_ms(w, (int64_t)LEASE_MS / WORLD_NODES * (i + 1));
	}
	w->kcm.holder = 1;
	w->scheduler.holder = 2;
	w->kcm.acquired_wall_ms = w->scheduler.acquired_wall_ms = w->now.wall_ms - 5 * 86400000LL;
	w->kcm.transitions = 3;
	w->scheduler.transitions = 2;
	leader_write(w, &w->kcm, container_name(CONTAINER_KCM));
	leader_write(w, &w->scheduler, container_name(CONTAINER_SCHEDULER));
	for (int i = 0; i < WORLD_MASTERS; i++)
		identity_lease(w, i);
	store_age(w->store, 0);
}

void nodes_tick(struct world *w)
{
	leader_tick(w, &w->kcm, CONTAINER_KCM);
	leader_tick(w, &w->scheduler, CONTAINER_SCHEDULER);
	for (int i = 0; i < WORLD_NODES; i++) {
		kubelet_tick(w, &w->machines[i]);
		if (w->second && leader_alive(w, &w->kcm, CONTAINER_KCM))
			node_controller(w, &w->machines[i]);
	}
	if (w->now.boot_ms < w->identity_due_ms)
		return;
	w->identity_due_ms = w->now.boot_ms + world_ms(w, LEASE_MS);
	for (int i = 0; i < WORLD_MASTERS; i++)
		identity_lease(w, i);
}

void machine_usage(
	const struct world *w, const struct machine *m, int64_t *cpu_milli, int64_t *mem_bytes)
{
	double t = (double)w->now.boot_ms / 1000, i = world_index(w, m);
	double cpu = m->cpu_percent + 4.0 * sin(t / 37 + i) + 2.0 * sin(t / 11 + i * 3);
	double mem = m->mem_percent + 1.5 * sin(t / 171 + i * 2);

	cpu = cpu < 1 ? 1 : cpu > 99 ? 99 : cpu;
	*cpu_milli = (int64_t)((double)m->cpu_milli * cpu / 100);
	*mem_bytes = (int64_t)((double)m->mem_bytes * mem / 100);
}
