/* A container of the control plane: its name, and how it ends and is healed. */
#include "drill/world/world.h"

enum { BACKOFF_MS = 10000, BACKOFF_MAX_MS = 300000 };

static const char *const names[CONTAINER_COUNT] = {
	[CONTAINER_APISERVER] = "kube-apiserver",
	[CONTAINER_ETCD] = "etcd",
	[CONTAINER_KCM] = "kube-controller-manager",
	[CONTAINER_SCHEDULER] = "kube-scheduler",
};

static const char *const last_words[CONTAINER_COUNT] = {
	[CONTAINER_APISERVER] = "command failed: failed to load client CA file: open "
				"/etc/kubernetes/pki/ca.crt: permission denied",
	[CONTAINER_ETCD] = "wal: max entry size limit exceeded, recBytes: 15921, "
			   "fileSize(64000000) - offset(63994512)",
	[CONTAINER_KCM] = "leaderelection lost",
	[CONTAINER_SCHEDULER] = "leaderelection lost",
};

const char *container_name(enum container_id c)
{
	return names[c];
}

void static_exit(struct world *w, struct machine *m, enum container_id id, const char *why)
{
	struct container *c = &m->containers[id];
	int64_t wait = c->failures == 0
			       ? 1000
			       : (int64_t)BACKOFF_MS << (c->failures < 6 ? c->failures - 1 : 5);

	if (c->state != CONTAINER_RUNNING)
		return;
	c->state = CONTAINER_EXITED;
	c->up = false;
	c->why = why != NULL ? why : last_words[id];
	c->failures++;
	c->finished_wall_ms = w->now.wall_ms;
	c->due_ms = w->now.boot_ms + world_ms(w, wait < BACKOFF_MAX_MS ? wait : BACKOFF_MAX_MS);
}

void static_mend(struct machine *m)
{
	for (int i = 0; i < CONTAINER_COUNT; i++) {
		m->containers[i].crash = false;
		m->containers[i].failures = 0;
		if (m->containers[i].state == CONTAINER_EXITED)
			m->containers[i].due_ms = 0;
	}
}
