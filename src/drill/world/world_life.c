/* The simulated cluster from its beginning to its end, and the ticker that drives kubelets,
 * controllers and etcd. What is down here is down on the wire: at the end of each tick the
 * listeners' faults follow from the machines' state. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "drill/world/raft.h"
#include "drill/world/world.h"

enum { LB_CHECK_MS = 1000 };

static void machine_init(struct machine *m, const char *dir, const char *net, int i)
{
	bool lb = i == WORLD_LB, master = i < WORLD_MASTERS;
	enum unit_state node = lb ? UNIT_ABSENT : UNIT_ACTIVE;
	char address[24];

	if (lb)
		str_copy(m->name, sizeof(m->name), "lb");
	else
		snprintf(m->name, sizeof(m->name), "%c%d", master ? 'm' : 'w',
			master ? i + 1 : i + 1 - WORLD_MASTERS);
	snprintf(address, sizeof(address), "%s%d", net,
		lb       ? 5
		: master ? 10 + i
			 : 20 + i - WORLD_MASTERS);
	str_copy(m->address, sizeof(m->address), address);
	snprintf(m->root, sizeof(m->root), "%s/nodes/%s", dir, m->name);
	m->master = master;
	m->units[UNIT_KUBELET].state = m->units[UNIT_CONTAINERD].state = node;
	m->units[UNIT_HAPROXY].state = lb ? UNIT_ACTIVE : UNIT_ABSENT;
	m->units[UNIT_SSH].state = UNIT_ACTIVE;
	m->cpu_milli = master ? 4000 : 8000;
	m->mem_bytes = (int64_t)(master ? 8 : 16) << 30;
	m->cpu_percent = 18 + i * 7 % 23;
	m->mem_percent = 38 + i * 11 % 26;
}

struct world *world_new(struct server *s, const char *dir, const char *net)
{
	struct world *w = mem_new(struct world);

	w->server = s;
	w->store = store_new();
	w->speed = 1;
	w->seed = 911;
	w->now = instant_now();
	w->began_ms = w->now.boot_ms;
	w->kcm.holder = w->scheduler.holder = -1;
	for (int i = 0; i < WORLD_MACHINES; i++) {
		machine_init(&w->machines[i], dir, net, i);
		for (int u = 0; u < UNIT_COUNT; u++)
			w->machines[i].units[u].since_ms = w->now.wall_ms - 9 * 86400000LL;
	}
	str_copy(w->vip_address, sizeof(w->vip_address), w->machines[WORLD_LB].address);
	w->raft = raft_new(w);
	return w;
}

void world_free(struct world *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < w->pods.len; i++)
		pod_free(w->pods.at[i]);
	vec_done(&w->pods);
	events_end(w);
	raft_free(w->raft);
	store_free(w->store);
	free(w);
}

void world_unit_set(struct world *w, struct machine *m, enum unit_id u, enum unit_state state)
{
	struct unit *unit = &m->units[u];

	if (unit->state == UNIT_ABSENT)
		return;
	if (state == UNIT_ACTIVE && u == UNIT_KUBELET) {
		static_mend(m);
		m->registered = false;
		m->unheard = true;
		m->lease_due_ms = m->heartbeat_due_ms = 0;
	}
	unit->restarts += unit->state == UNIT_ACTIVE && state == UNIT_ACTIVE;
	unit->state = state;
	unit->hung = false;
	unit->since_ms = w->now.wall_ms;
}

static void balancer_check(struct world *w)
{
	const struct machine *lb = &w->machines[WORLD_LB];

	for (int i = 0; i < WORLD_MASTERS; i++) {
		struct machine *m = &w->machines[i];

		if (world_api_ok(w, i) && world_reach(w, lb, m))
			m->lb_bad = 0;
		else if (m->lb_bad < WORLD_LB_FALL)
			m->lb_bad++;
	}
}

static enum fault wanted_fault(const struct machine *m, enum fault asked, bool up)
{
	if (m->off)
		return FAULT_CUT;
	if (asked != FAULT_NONE)
		return asked;
	return up ? FAULT_NONE : FAULT_REFUSE;
}

static void listeners_follow(struct world *w)
{
	const struct machine *lb = &w->machines[WORLD_LB];

	for (int i = 0; i < WORLD_MASTERS; i++) {
		struct machine *m = &w->machines[i];
		bool etcd = m->containers[CONTAINER_ETCD].up;
		enum fault client = wanted_fault(m, m->etcd_fault, etcd);

		/* A member that has not found its cluster since its start: the port is open, nobody
		 * answers. */
		if (client == FAULT_NONE && !raft_joined(w, i))
			client = FAULT_HANG;
		if (m->api == NULL)
			continue;
		listener_set_fault(m->api,
			wanted_fault(m, m->api_fault, m->containers[CONTAINER_APISERVER].up),
			m->slow_ms);
		listener_sever(m->api, !world_reach(w, lb, m));
		listener_set_fault(m->etcd, client, m->slow_ms);
		listener_set_fault(m->peer, wanted_fault(m, m->etcd_fault, etcd), m->slow_ms);
	}
	if (w->vip != NULL)
		listener_set_fault(w->vip,
			wanted_fault(lb, w->vip_fault, world_unit_up(lb, UNIT_HAPROXY)),
			lb->slow_ms);
}

void world_tick(struct world *w)
{
	w->now = instant_now();
	w->second = w->now.boot_ms >= w->second_ms;
	for (int i = 0; i < WORLD_MASTERS; i++)
		static_tick(w, &w->machines[i]);
	raft_tick(w);
	if (w->second) {
		w->second_ms = w->now.boot_ms + world_ms(w, LB_CHECK_MS);
		balancer_check(w);
	}
	nodes_tick(w);
	pods_tick(w);
	controllers_tick(w);
	if (w->second)
		workloads_tick(w);
	events_tick(w);
	listeners_follow(w);
}
