/* Who serves: whether a master's etcd and API server do, and which API server the load balancer
 * would choose. */
#include "drill/world/raft.h"
#include "drill/world/world.h"

bool world_etcd_ok(const struct world *w, int master)
{
	return !w->machines[master].off && w->machines[master].containers[CONTAINER_ETCD].up &&
	       raft_joined(w, master) && raft_has_leader(w, master) &&
	       w->machines[master].etcd_fault != FAULT_HANG;
}

bool world_api_up(const struct world *w, int master)
{
	const struct machine *m = &w->machines[master];

	return !m->off && m->containers[CONTAINER_APISERVER].up &&
	       (m->api_fault == FAULT_NONE || m->api_fault == FAULT_SLOW);
}

bool world_api_ok(const struct world *w, int master)
{
	return world_api_up(w, master) && world_etcd_ok(w, master);
}

bool world_api_from(const struct world *w, const struct machine *m)
{
	const struct machine *lb = &w->machines[WORLD_LB];

	if (!world_unit_up(lb, UNIT_HAPROXY) || !world_reach(w, m, lb))
		return false;
	for (int i = 0; i < WORLD_MASTERS; i++)
		if (world_api_ok(w, i) && !w->machines[i].lb_maint &&
			world_reach(w, lb, &w->machines[i]))
			return true;
	return false;
}

struct listener *world_choose(void *world)
{
	struct world *w = world;

	for (int i = 0; i < WORLD_MASTERS; i++) {
		struct machine *m = &w->machines[w->next_backend++ % WORLD_MASTERS];

		if (!m->lb_maint && m->lb_bad < WORLD_LB_FALL && m->api != NULL &&
			listener_fault(m->api) != FAULT_REFUSE)
			return m->api;
	}
	return NULL;
}
