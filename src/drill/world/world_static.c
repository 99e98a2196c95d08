/* The control plane's containers: started by a master's kubelet from the files in
 * its manifests directory, restarted with a back-off when they end, killed when their
 * liveness probe fails. An API server starts only when its own etcd member serves it. */
#include <stdio.h>

#include "drill/world/raft.h"
#include "drill/world/world.h"
#include "io/file.h"

enum {
	START_MS = 3000, /* an API server, from start to ready */
	START_OTHER_MS = 1000,
	API_WAITS_FOR_ETCD_MS = 20000,
	CRASH_AFTER_MS = 2000,
	LIVENESS_MS = 80000 /* eight probes of ten seconds */
};

static bool manifest_there(const struct machine *m, enum container_id c)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/etc/kubernetes/manifests/%s.yaml", m->root,
		container_name(c));
	return file_exists(path);
}

static void container_start(struct world *w, struct machine *m, enum container_id id)
{
	struct container *c = &m->containers[id];
	int64_t takes = c->crash                    ? CRASH_AFTER_MS
			: id == CONTAINER_APISERVER ? START_MS
						    : START_OTHER_MS;

	if (c->state == CONTAINER_EXITED)
		c->attempt++;
	c->state = CONTAINER_RUNNING;
	c->up = false;
	c->sick_ms = 0;
	c->due_ms = w->now.boot_ms + world_ms(w, takes);
	c->started_wall_ms = w->now.wall_ms;
	if (id == CONTAINER_ETCD)
		raft_restarted(w, world_index(w, m));
}

/* Past its start: does it come up, wait on, or give up? */
static void container_come_up(struct world *w, struct machine *m, enum container_id id)
{
	struct container *c = &m->containers[id];

	if (c->crash) {
		static_exit(w, m, id, NULL);
		return;
	}
	if (id != CONTAINER_APISERVER || world_etcd_ok(w, world_index(w, m))) {
		c->up = true;
		return;
	}
	if (w->now.boot_ms - c->due_ms > world_ms(w, API_WAITS_FOR_ETCD_MS))
		static_exit(w, m, id,
			"error creating storage: failed to reach etcd at https://127.0.0.1:2379: "
			"context deadline exceeded");
}

static void liveness(struct world *w, struct machine *m)
{
	struct container *c = &m->containers[CONTAINER_APISERVER];

	if (world_etcd_ok(w, world_index(w, m))) {
		c->sick_ms = 0;
		return;
	}
	if (c->sick_ms == 0)
		c->sick_ms = w->now.boot_ms;
	else if (w->now.boot_ms - c->sick_ms > world_ms(w, LIVENESS_MS))
		static_exit(w, m, CONTAINER_APISERVER,
			"liveness probe failed: HTTP probe failed with statuscode: 500");
}

static void container_sync(struct world *w, struct machine *m, enum container_id id)
{
	struct container *c = &m->containers[id];
	bool was = c->wanted;

	c->wanted = manifest_there(m, id);
	if (!c->wanted) {
		c->state = CONTAINER_NONE;
		c->up = c->crash = false;
		c->failures = 0;
		return;
	}
	if (c->state == CONTAINER_NONE && !was)
		c->attempt = 0;
	if (!c->no_image && (c->state == CONTAINER_NONE ||
				    (c->state == CONTAINER_EXITED && w->now.boot_ms >= c->due_ms)))
		container_start(w, m, id);
}

void static_tick(struct world *w, struct machine *m)
{
	bool kubelet = world_unit_up(m, UNIT_KUBELET) && world_unit_up(m, UNIT_CONTAINERD);

	/* One that has not heard of its Node since it started waits for a balancer that does not
	 * say no, and starts nothing. */
	if (w->vip_fault != FAULT_HANG)
		m->unheard = false;
	kubelet = kubelet && !m->unheard;

	if (m->off)
		return;
	for (int i = 0; i < CONTAINER_COUNT; i++) {
		struct container *c = &m->containers[i];

		if (kubelet && w->second)
			container_sync(w, m, i);
		if (c->state == CONTAINER_RUNNING && !c->up && w->now.boot_ms >= c->due_ms)
			container_come_up(w, m, i);
		if (c->crash && c->up)
			static_exit(w, m, i, NULL);
	}
	if (kubelet && m->containers[CONTAINER_APISERVER].up)
		liveness(w, m);
}

void static_begin(struct world *w)
{
	for (int i = 0; i < WORLD_MASTERS; i++)
		for (int id = 0; id < CONTAINER_COUNT; id++) {
			struct container *c = &w->machines[i].containers[id];

			c->wanted = c->up = true;
			c->state = CONTAINER_RUNNING;
			c->attempt = i == 1 && id == CONTAINER_KCM ? 1 : 0;
			c->started_wall_ms = w->now.wall_ms - 9 * 86400000LL + i * 61000LL;
			c->finished_wall_ms = c->started_wall_ms - 40000;
		}
}
