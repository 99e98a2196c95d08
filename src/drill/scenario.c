/* The drill's scenarios: what each breaks, in the terms of the simulated cluster,
 * and the way back to health. Nothing here speaks to a client: what an operator sees
 * follows from what is broken. */
#include "drill/scenario.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "drill/world/drill_files.h"
#include "drill/world/raft.h"

enum { HEALTHY_MS = 5000 };

const struct drill_scenario drill_scenarios[] = {
	{"healthy", N_("Nothing is broken"), N_("Look around: every pane, every layer, live."), 0},
	{"worker-down", N_("A worker's kubelet has stopped"),
		N_("w3 turns NotReady: restart its kubelet, or replace the node."), HEALTHY_MS},
	{"master-down", N_("A master has lost power"),
		N_("m2 is off: two of three remain, and no further loss is allowed."), HEALTHY_MS},
	{"etcd-member-down", N_("An etcd member has failed"),
		N_("m3's etcd ends again and again, and its API server with it."), HEALTHY_MS},
	{"etcd-quorum-lost", N_("etcd has lost its quorum"),
		N_("Two of three members are gone: only cached reads are answered."), HEALTHY_MS},
	{"apiserver-down", N_("An API server has failed"),
		N_("m1's kube-apiserver ends again and again."), HEALTHY_MS},
	{"all-apiservers-down", N_("All API servers have failed"),
		N_("Only etcd and the nodes can still be asked."), HEALTHY_MS},
	{"cni-broken", N_("The pod network has failed"),
		N_("flannel crashes on every worker: no new pod gets a network."), HEALTHY_MS},
	{"dns-down", N_("Cluster DNS has failed"), N_("Both CoreDNS pods crash in a loop."),
		HEALTHY_MS},
	{"resources-high", N_("Nodes run out of resources"),
		N_("CPU and memory of two workers are nearly used up."), HEALTHY_MS},
	{"partition", N_("The network is split"),
		N_("m1 and w1 no longer reach the others, nor the others them."), HEALTHY_MS},
	{"webhook-blocks", N_("A webhook lets no pod through"),
		N_("Nobody is left behind the policy webhook, which fails closed: no pod is made, "
		   "its own neither."),
		HEALTHY_MS},
};
const size_t drill_n_scenarios = sizeof(drill_scenarios) / sizeof(*drill_scenarios);

const struct drill_scenario *drill_find(const char *name)
{
	for (size_t i = 0; i < drill_n_scenarios; i++)
		if (strcmp(drill_scenarios[i].name, name) == 0)
			return &drill_scenarios[i];
	return NULL;
}

/* ---- single faults ---- */

static void container_crash(struct world *w, struct machine *m, enum container_id c)
{
	m->containers[c].crash = true;
	static_exit(w, m, c, NULL);
}

static void machine_off(struct world *w, struct machine *m)
{
	m->off = true;
	for (int c = 0; c < CONTAINER_COUNT; c++) {
		m->containers[c].state = m->containers[c].state == CONTAINER_NONE
						 ? CONTAINER_NONE
						 : CONTAINER_EXITED;
		m->containers[c].up = false;
		m->containers[c].due_ms = 0;
		m->containers[c].finished_wall_ms = w->now.wall_ms;
	}
}

static void machine_on(struct world *w, struct machine *m)
{
	if (!m->off)
		return;
	m->off = false;
	files_boot(m);
	for (int u = 0; u < UNIT_COUNT; u++)
		if (m->units[u].state != UNIT_ABSENT)
			world_unit_set(w, m, u, UNIT_ACTIVE);
}

static int set_fault(struct world *w, struct machine *m, const char *port, const char *to)
{
	static const char *const words[] = {[FAULT_NONE] = "none",
		[FAULT_REFUSE] = "refuse",
		[FAULT_HANG] = "hang",
		[FAULT_RESET] = "reset",
		[FAULT_SLOW] = "slow",
		[FAULT_CUT] = "cut"};

	for (size_t f = 0; f < sizeof(words) / sizeof(*words); f++) {
		if (strcmp(words[f], to) != 0)
			continue;
		m->slow_ms = f == FAULT_SLOW ? 1500 : 0;
		if (strcmp(port, "api") == 0)
			m->api_fault = f;
		else if (strcmp(port, "etcd") == 0)
			m->etcd_fault = f;
		else
			w->vip_fault = f;
		return 0;
	}
	return -1;
}

static int set_unit(struct world *w, struct machine *m, enum unit_id u, const char *to)
{
	if (strcmp(to, "stop") == 0)
		world_unit_set(w, m, u, UNIT_INACTIVE);
	else if (strcmp(to, "fail") == 0)
		world_unit_set(w, m, u, UNIT_FAILED);
	else if (strcmp(to, "hang") == 0)
		m->units[u].hung = true;
	else if (strcmp(to, "start") == 0 || strcmp(to, "restart") == 0)
		world_unit_set(w, m, u, UNIT_ACTIVE);
	else
		return -1;
	return 0;
}

static int set_container(struct world *w, struct machine *m, const char *name, const char *to)
{
	for (int c = 0; c < CONTAINER_COUNT; c++) {
		if (strcmp(container_name(c), name) != 0)
			continue;
		if (strcmp(to, "crash") == 0)
			container_crash(w, m, c);
		else if (strcmp(to, "exit") == 0)
			static_exit(w, m, c, "signal: killed");
		else if (strcmp(to, "mend") == 0)
			static_mend(m);
		else if (strcmp(to, "image-gone") == 0 || strcmp(to, "image-back") == 0)
			m->containers[c].no_image = strcmp(to, "image-gone") == 0;
		else
			return -1;
		return 0;
	}
	return -1;
}

static void logs_calm(struct machine *m)
{
	m->logged_ms = 0;
	for (int u = 0; u < UNIT_COUNT; u++)
		m->units[u].noisy = false;
	for (int c = 0; c < CONTAINER_COUNT; c++)
		m->containers[c].noisy = false;
}

static bool *noisy_of(struct machine *m, const char *log)
{
	if (strcmp(log, "kubelet") == 0)
		return &m->units[UNIT_KUBELET].noisy;
	if (strcmp(log, "containerd") == 0)
		return &m->units[UNIT_CONTAINERD].noisy;
	for (int c = 0; c < CONTAINER_COUNT; c++)
		if (strcmp(container_name(c), log) == 0)
			return &m->containers[c].noisy;
	return NULL;
}

static int set_log(struct machine *m, const char *log, const char *to)
{
	bool *noisy = noisy_of(m, log);

	if (noisy == NULL || (strcmp(to, "noisy") != 0 && strcmp(to, "calm") != 0))
		return -1;
	*noisy = strcmp(to, "noisy") == 0;
	m->logged_ms = 0;
	return 0;
}

static int set_machine(
	struct world *w, const char *verb, struct machine *m, const char *rest, const char *to)
{
	static const struct {
		const char *verb;
		enum unit_id unit;
	} units[] = {{"kubelet", UNIT_KUBELET}, {"containerd", UNIT_CONTAINERD},
		{"haproxy", UNIT_HAPROXY}, {"sshd", UNIT_SSH}};

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strcmp(verb, units[i].verb) == 0)
			return set_unit(w, m, units[i].unit, to);
	if (strcmp(verb, "api") == 0 || strcmp(verb, "etcd") == 0)
		return m->master ? set_fault(w, m, verb, to) : -1;
	if (strcmp(verb, "machine") == 0 && strcmp(to, "off") == 0)
		machine_off(w, m);
	else if (strcmp(verb, "machine") == 0 && strcmp(to, "on") == 0)
		machine_on(w, m);
	else if (strcmp(verb, "link") == 0)
		m->group = strcmp(to, "cut") == 0 ? 1 : 0;
	else if (strcmp(verb, "load") == 0)
		m->cpu_percent = m->mem_percent = strcmp(to, "high") == 0 ? 95 : 40;
	else if (strcmp(verb, "livez") == 0 && m->master)
		m->livez_bad = strcmp(to, "fail") == 0;
	else if (strcmp(verb, "data") == 0 && m->master)
		m->differs = strcmp(to, "differ") == 0;
	else if (strcmp(verb, "container") == 0 && m->master)
		return set_container(w, m, rest, to);
	else if (strcmp(verb, "log") == 0)
		return set_log(m, rest, to);
	else
		return -1;
	return 0;
}

/* "lists" are all kinds' lists; else one kind's, or a place of its own. */
static int set_answers(struct world *w, const char *whose, const char *machine, const char *to)
{
	const struct hostile_row *row = hostile_find(to);
	struct machine *m = world_machine(w, machine);
	int rc = -1;

	if (row == NULL && strcmp(to, "none") != 0)
		return -1;
	if (strcmp(whose, "etcd") == 0) {
		if (m == NULL)
			return -1;
		m->etcd_answers = row;
		return 0;
	}
	for (int i = 0; i < HOSTILE_PLACES; i++)
		if (strcmp(whose, hostile_places[i]) == 0) {
			w->answers[i] = row;
			return 0;
		}
	for (int k = 0; k < KIND_COUNT; k++)
		if (strcmp(whose, "lists") == 0 || strcmp(whose, kinds[k].plural) == 0) {
			w->lists[k] = row;
			rc = 0;
		}
	return rc;
}

static int set_webhook(struct world *w, const char *name, const char *to)
{
	bool block = strcmp(to, "block") == 0;

	if (strcmp(name, "policy") != 0 || (!block && strcmp(to, "none") != 0))
		return -1;
	if (block)
		policy_begin(w);
	else
		policy_end(w);
	return 0;
}

static int set_next(struct world *w, const char *which, const char *to)
{
	static const char *const words[] = {[NEXT_WELL] = "well",
		[NEXT_LOST] = "lose",
		[NEXT_BUSY] = "busy",
		[NEXT_CROWDED] = "crowded",
		[NEXT_CONFLICT] = "conflict"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(words[i], to) != 0)
			continue;
		if (strcmp(which, "write") == 0)
			w->next_write = i;
		else if (strcmp(which, "read") == 0)
			w->next_read = i;
		else
			return -1;
		return 0;
	}
	return -1;
}

static int set_right(struct world *w, const char *verb, const char *resource, const char *to)
{
	bool deny = strcmp(to, "deny") == 0;
	char right[80];
	int room = -1;

	snprintf(right, sizeof(right), "%s %s", verb, resource);
	for (int i = 0; i < WORLD_DENIED; i++) {
		if (strcmp(w->denied[i], right) == 0)
			w->denied[i][0] = '\0';
		if (w->denied[i][0] == '\0')
			room = i;
	}
	if (!deny)
		return strcmp(to, "allow") == 0 ? 0 : -1;
	if (room >= 0)
		str_copy(w->denied[room], sizeof(w->denied[room]), right);
	return room >= 0 ? 0 : -1;
}

int scenario_set(struct world *w, const char *what, const char *to)
{
	char verb[32], name[64], rest[80] = "";
	size_t n = strcspn(what, "/"), k;
	struct machine *m;

	str_copy_n(verb, sizeof(verb), what, n);
	what += n + (what[n] == '/');
	k = strcspn(what, "/");
	str_copy_n(name, sizeof(name), what, k);
	str_copy(rest, sizeof(rest), what + k + (what[k] == '/'));
	if (strcmp(verb, "vip") == 0)
		return set_fault(w, &w->machines[WORLD_LB], verb, to);
	if (strcmp(verb, "watches") == 0) {
		store_compact(w->store);
		return 0;
	}
	if (strcmp(verb, "events") == 0) {
		w->flooded = strcmp(to, "flood") == 0;
		return 0;
	}
	if (strcmp(verb, "answers") == 0)
		return set_answers(w, name, rest, to);
	if (strcmp(verb, "next") == 0)
		return set_next(w, name, to);
	if (strcmp(verb, "rights") == 0)
		return set_right(w, name, rest, to);
	if (strcmp(verb, "webhook") == 0)
		return set_webhook(w, name, to);
	if (strcmp(verb, "pods") == 0 && strcmp(to, "delete") == 0) {
		pods_delete_one(w, name, rest);
		return 0;
	}
	if (strcmp(verb, "pods") == 0) {
		pods_crash(w, name, rest, strcmp(to, "crash") == 0);
		return 0;
	}
	m = world_machine(w, name);
	return m != NULL ? set_machine(w, verb, m, rest, to) : -1;
}

/* ---- scenarios ---- */

struct blow {
	const char *scenario, *what, *to;
};

static const struct blow blows[] = {
	{"worker-down", "kubelet/w3", "fail"},
	{"master-down", "machine/m2", "off"},
	{"etcd-member-down", "container/m3/etcd", "crash"},
	{"etcd-quorum-lost", "container/m2/etcd", "crash"},
	{"etcd-quorum-lost", "container/m3/etcd", "crash"},
	{"apiserver-down", "container/m1/kube-apiserver", "crash"},
	{"all-apiservers-down", "container/m1/kube-apiserver", "crash"},
	{"all-apiservers-down", "container/m2/kube-apiserver", "crash"},
	{"all-apiservers-down", "container/m3/kube-apiserver", "crash"},
	{"cni-broken", "pods/kube-flannel/kube-flannel-ds", "crash"},
	{"dns-down", "pods/kube-system/coredns", "crash"},
	{"resources-high", "load/w2", "high"},
	{"resources-high", "load/w4", "high"},
	{"partition", "link/m1", "cut"},
	{"partition", "link/w1", "cut"},
	{"webhook-blocks", "webhook/policy", "block"},
	{"webhook-blocks", "pods/shop/web", "delete"},
};

void scenario_break(struct world *w, const char *name)
{
	for (size_t i = 0; i < sizeof(blows) / sizeof(*blows); i++)
		if (strcmp(blows[i].scenario, name) == 0)
			scenario_set(w, blows[i].what, blows[i].to);
}

void scenario_heal(struct world *w)
{
	w->vip_fault = FAULT_NONE;
	w->flooded = false;
	memset(w->lists, 0, sizeof(w->lists));
	memset(w->answers, 0, sizeof(w->answers));
	memset(w->denied, 0, sizeof(w->denied));
	w->next_write = w->next_read = NEXT_WELL;
	policy_end(w);
	for (int i = 0; i < WORLD_MACHINES; i++) {
		struct machine *m = &w->machines[i];

		machine_on(w, m);
		m->group = 0;
		m->api_fault = m->etcd_fault = FAULT_NONE;
		m->livez_bad = m->differs = false;
		m->etcd_answers = NULL;
		if (m->cpu_percent > 90)
			m->cpu_percent = m->mem_percent = 40;
		logs_calm(m);
		for (int u = 0; u < UNIT_COUNT; u++)
			if (m->units[u].state != UNIT_ABSENT && !world_unit_up(m, u))
				world_unit_set(w, m, u, UNIT_ACTIVE);
		static_mend(m);
		for (int c = 0; m->master && c < CONTAINER_COUNT; c++) {
			m->containers[c].no_image = false;
			if (!m->containers[c].wanted)
				files_manifest(w, m, c, NULL);
		}
		m->lb_maint = false;
	}
	files_balancer(w, NULL);
	for (size_t i = 0; i < n_workloads; i++)
		pods_crash(w, workloads[i].ns, workloads[i].name, false);
	raft_mend(w);
}
