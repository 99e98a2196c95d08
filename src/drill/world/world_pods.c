/* Pods at work: kubelets start, restart and end them, and report. A pod goes on without its kubelet,
 * but nobody hears of it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "drill/world/world.h"
#include "pod_text.h"
#include "pods.h"

enum {
	CRASH_MS = 1500,
	STOP_MS = 1500,
	BACKOFF_MS = 10000,
	BACKOFF_MAX_MS = 300000,
	RESTART_MS = 240000
};

struct sim_pod *pod_new(struct world *w, const struct workload *of, int ordinal, int node)
{
	static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
	struct sim_pod *p = mem_new(struct sim_pod);
	char owner[64], tail[6] = "";

	for (int i = 0; i < 5; i++)
		tail[i] = letters[world_random(w, sizeof(letters) - 1)];
	owner_name(of, owner, sizeof(owner));
	if (of->kind == WORK_STATIC)
		snprintf(p->name, sizeof(p->name), "%s-%s", of->name, w->machines[node].name);
	else if (of->kind == WORK_STATEFULSET)
		snprintf(p->name, sizeof(p->name), "%s-%d", of->name, ordinal);
	else
		snprintf(p->name, sizeof(p->name), "%s-%s", owner, tail);
	p->of = of;
	p->ordinal = ordinal;
	p->node = node;
	p->number = ++w->numbers;
	p->created_wall_ms = p->transition_wall_ms = w->now.wall_ms;
	p->state = node >= 0 ? SIM_CREATING : SIM_PENDING;
	p->due_ms = w->now.boot_ms + world_ms(w, POD_CREATE_MS + world_random(w, 1000));
	*vec_add(&w->pods) = p;
	return p;
}

static void pod_address(struct world *w, struct sim_pod *p)
{
	if (p->of->host_network)
		str_copy(p->ip, sizeof(p->ip), w->machines[p->node].address);
	else
		snprintf(p->ip, sizeof(p->ip), "10.244.%d.%d", p->node, (int)(p->number % 250) + 2);
}

void pod_store(struct world *w, struct sim_pod *p, const char *manager)
{
	struct buf body;

	buf_init(&body, 1 << 17);
	pod_body(w, p, &body);
	store_create(w->store, KIND_POD, p->of->ns, p->name, buf_text(&body), manager);
	buf_done(&body);
	p->dirty = false;
	w->changed = true;
}

void pod_turn(struct world *w, struct sim_pod *p, enum sim_state state, int64_t ms)
{
	bool ready = state == SIM_RUNNING && !p->crash;

	p->state = state;
	p->due_ms = ms < 0 ? INT64_MAX : w->now.boot_ms + world_ms(w, ms);
	if (p->ready != ready)
		p->transition_wall_ms = w->now.wall_ms;
	p->ready = ready;
	p->dirty = w->changed = true;
}

struct sim_pod *pods_find(const struct world *w, const char *ns, const char *name)
{
	for (size_t i = 0; i < w->pods.len; i++)
		if (strcmp(w->pods.at[i]->name, name) == 0 &&
			strcmp(w->pods.at[i]->of->ns, ns) == 0 && !w->pods.at[i]->gone)
			return w->pods.at[i];
	return NULL;
}

struct sim_pod *pods_static(const struct world *w, int master, enum container_id c)
{
	for (size_t i = 0; i < w->pods.len; i++) {
		struct sim_pod *p = w->pods.at[i];

		if (p->node == master && p->of->kind == WORK_STATIC && p->of->container == c &&
			!p->gone)
			return p;
	}
	return NULL;
}

bool pods_cni_up(const struct world *w, int node)
{
	for (size_t i = 0; i < w->pods.len; i++)
		if (w->pods.at[i]->of->voice == VOICE_FLANNEL && w->pods.at[i]->node == node &&
			w->pods.at[i]->ready)
			return true;
	return false;
}

int pods_ready(const struct world *w, const struct workload *of, int *all)
{
	int ready = 0;

	*all = 0;
	for (size_t i = 0; i < w->pods.len; i++) {
		const struct sim_pod *p = w->pods.at[i];

		if (p->of != of || p->gone || p->state == SIM_TERMINATING)
			continue;
		(*all)++;
		ready += p->ready && !p->lost;
	}
	return ready;
}

void pods_crash(struct world *w, const char *ns, const char *workload, bool crash)
{
	for (size_t i = 0; i < w->pods.len; i++) {
		struct sim_pod *p = w->pods.at[i];

		if (strcmp(p->of->ns, ns) != 0 || strcmp(p->of->name, workload) != 0 ||
			p->crash == crash)
			continue;
		p->crash = crash;
		p->due_ms = w->now.boot_ms;
	}
}

/* ---- the end of pods ---- */

static void pod_mark(struct world *w, const struct sim_pod *p, int64_t grace_s)
{
	char patch[160], at[32];

	snprintf(patch, sizeof(patch),
		"{\"metadata\":{\"deletionTimestamp\":\"%s\",\"deletionGracePeriodSeconds\":%lld}}",
		instant_rfc3339(w->now.wall_ms + grace_s * 1000, at, sizeof(at)),
		(long long)grace_s);
	store_patch(w->store, KIND_POD, p->of->ns, p->name, patch, "kube-apiserver");
}

/* Its end; where finalizers hold the object, the end of all but that. */
static void pod_remove(struct world *w, struct sim_pod *p)
{
	const struct object *o = store_get(w->store, KIND_POD, p->of->ns, p->name);

	w->changed = true;
	if (o == NULL || !object_is_held(o)) {
		p->gone = true;
		store_delete(w->store, KIND_POD, p->of->ns, p->name);
		return;
	}
	if (!object_is_ending(o))
		pod_mark(w, p, 0);
	p->held = true;
	p->ready = false;
	p->state = SIM_TERMINATING;
	p->due_ms = INT64_MAX;
}

void pods_release(struct world *w, const char *ns, const char *name)
{
	struct sim_pod *p = pods_find(w, ns, name);

	if (p != NULL && p->held)
		pod_remove(w, p);
}

bool pods_delete(struct world *w, const char *ns, const char *name, int64_t grace_s)
{
	struct sim_pod *p = pods_find(w, ns, name);

	if (p == NULL)
		return store_delete(w->store, KIND_POD, ns, name);
	if (p->of->kind == WORK_STATIC || grace_s == 0 || p->node < 0 || p->state == SIM_DONE) {
		pod_remove(w, p);
		return true;
	}
	if (p->state == SIM_TERMINATING)
		return true;
	pod_mark(w, p, grace_s);
	world_event(w, "Normal", "Killing", KIND_POD, ns, name, "kubelet", "Stopping container %s",
		p->of->name);
	pod_turn(w, p, SIM_TERMINATING, STOP_MS);
	return true;
}

void pods_delete_one(struct world *w, const char *ns, const char *workload)
{
	for (size_t i = 0; i < w->pods.len; i++) {
		struct sim_pod *p = w->pods.at[i];

		if (p->gone || strcmp(p->of->ns, ns) != 0 || strcmp(p->of->name, workload) != 0)
			continue;
		pod_remove(w, p);
		return;
	}
}

static void pods_sweep(struct world *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->pods.len; i++) {
		if (w->pods.at[i]->gone)
			pod_free(w->pods.at[i]);
		else
			w->pods.at[kept++] = w->pods.at[i];
	}
	w->pods.len = kept;
}

/* ---- kubelets ---- */

static void pod_starts(struct world *w, struct sim_pod *p)
{
	if (!p->of->host_network && !pods_cni_up(w, p->node)) {
		p->due_ms = w->now.boot_ms + world_ms(w, 2000);
		if (w->now.boot_ms - p->warned_ms > world_ms(w, POD_WARN_MS)) {
			p->warned_ms = w->now.boot_ms;
			world_event(w, "Warning", "FailedCreatePodSandBox", KIND_POD, p->of->ns,
				p->name, "kubelet",
				"Failed to create pod sandbox: rpc error: code = Unknown desc = "
				"failed to setup network for sandbox: "
				"plugin type=\"flannel\" failed (add): open "
				"/run/flannel/subnet.env: no such file or directory");
		}
		return;
	}
	pod_address(w, p);
	p->started_wall_ms = w->now.wall_ms;
	world_event(w, "Normal", "Started", KIND_POD, p->of->ns, p->name, "kubelet",
		"Started container %s", p->of->name);
	pod_turn(w, p, SIM_RUNNING, p->crash ? CRASH_MS : -1);
}

static void pod_fails(struct world *w, struct sim_pod *p)
{
	int64_t wait = (int64_t)BACKOFF_MS << (p->restarts < 6 ? p->restarts : 5);

	p->exit_code = 1;
	p->last_reason = "Error";
	p->finished_wall_ms = w->now.wall_ms;
	p->restarts++;
	pod_turn(w, p, SIM_WAITING, wait < BACKOFF_MAX_MS ? wait : BACKOFF_MAX_MS);
	world_event(w, "Warning", "BackOff", KIND_POD, p->of->ns, p->name, "kubelet",
		"Back-off restarting failed container %s in pod %s_%s", p->of->name, p->name,
		p->of->ns);
}

/* What happens on the node when the time has come, whoever hears of it. */
static void pod_moves(struct world *w, struct sim_pod *p)
{
	switch (p->state) {
	case SIM_CREATING:
		pod_starts(w, p);
		break;
	case SIM_RUNNING:
		if (p->crash)
			pod_fails(w, p);
		else /* mended while it ran: it is well from here on */
			pod_turn(w, p, SIM_RUNNING, -1);
		break;
	case SIM_WAITING:
		p->started_wall_ms = w->now.wall_ms;
		pod_turn(w, p, SIM_RUNNING, p->crash ? CRASH_MS : -1);
		break;
	case SIM_TERMINATING:
		pod_remove(w, p);
		break;
	case SIM_PENDING:
	case SIM_DONE:
		p->due_ms = INT64_MAX;
		break;
	}
}

/* A mirror pod tells of its container. */
static void pod_mirrors(struct world *w, struct sim_pod *p, const struct container *c)
{
	enum sim_state state = c->state == CONTAINER_RUNNING ? SIM_RUNNING : SIM_WAITING;

	if (state == SIM_WAITING && p->state != SIM_WAITING) {
		p->exit_code = 1;
		p->last_reason = "Error";
		p->finished_wall_ms = c->finished_wall_ms;
	}
	if (p->state != state || p->ready != c->up || p->restarts != c->attempt) {
		p->restarts = c->attempt;
		pod_turn(w, p, state, -1);
		p->ready = c->up;
		p->started_wall_ms = c->started_wall_ms;
	}
}

static void static_pods(struct world *w, int master)
{
	struct machine *m = &w->machines[master];

	for (size_t i = 0; i < n_workloads && workloads[i].kind == WORK_STATIC; i++) {
		struct container *c = &m->containers[workloads[i].container];
		struct sim_pod *p = pods_static(w, master, workloads[i].container);

		if (!c->wanted) {
			if (p != NULL)
				pod_remove(w, p);
			continue;
		}
		if (p == NULL && pods_admitted(w, &workloads[i], NULL, 0)) {
			p = pod_new(w, &workloads[i], 0, master);
			p->due_ms = INT64_MAX;
			p->created_wall_ms = c->started_wall_ms;
			pod_address(w, p);
			pod_mirrors(w, p, c);
			pod_store(w, p, "kubelet");
		}
	}
}

static void kubelet_reports(struct world *w, struct sim_pod *p)
{
	struct buf status;

	buf_init(&status, 1 << 16);
	pod_status(w, p, &status);
	store_patch(w->store, KIND_POD, p->of->ns, p->name, buf_text(&status), "kubelet");
	buf_done(&status);
	p->dirty = false;
}

static void kubelet_pods(struct world *w, struct sim_pod *p)
{
	struct machine *m = &w->machines[p->node];
	bool kubelet = world_unit_up(m, UNIT_KUBELET), heard = kubelet && world_api_from(w, m);

	if (p->of->kind == WORK_STATIC)
		pod_mirrors(w, p, &m->containers[p->of->container]);
	else if (kubelet && world_unit_up(m, UNIT_CONTAINERD) && w->now.boot_ms >= p->due_ms &&
		 (heard || (p->state != SIM_TERMINATING && p->state != SIM_CREATING)))
		pod_moves(w, p);
	if (p->dirty && !p->gone &&
		(heard || (p->lost && world_api_from(w, &w->machines[WORLD_LB]))))
		kubelet_reports(w, p);
}

/* Now and then an application's container ends and is started again. */
static void restart_somebody(struct world *w)
{
	struct sim_pod *p;

	if (w->now.boot_ms < w->restart_ms || w->pods.len == 0)
		return;
	w->restart_ms = w->now.boot_ms + world_ms(w, RESTART_MS / 2 + world_random(w, RESTART_MS));
	p = w->pods.at[world_random(w, (uint32_t)w->pods.len)];
	if (p->state != SIM_RUNNING || p->of->voice != VOICE_ORDER || p->lost)
		return;
	p->exit_code = 137;
	p->last_reason = "OOMKilled";
	p->finished_wall_ms = w->now.wall_ms;
	p->restarts++;
	pod_turn(w, p, SIM_WAITING, 3000);
	world_event(w, "Warning", "BackOff", KIND_POD, p->of->ns, p->name, "kubelet",
		"Back-off restarting failed container %s in pod %s_%s", p->of->name, p->name,
		p->of->ns);
}

void pods_tick(struct world *w)
{
	for (int i = 0; i < WORLD_MASTERS; i++)
		if (world_unit_up(&w->machines[i], UNIT_KUBELET) &&
			world_api_from(w, &w->machines[i]))
			static_pods(w, i);
	for (size_t i = 0; i < w->pods.len; i++) {
		struct sim_pod *p = w->pods.at[i];

		if (!p->gone && p->node >= 0)
			kubelet_pods(w, p);
	}
	restart_somebody(w);
	pods_sweep(w);
}

/* ---- the beginning ---- */

static void pod_old(struct world *w, struct sim_pod *p)
{
	int64_t age = (2 + (int64_t)(p->number * 7 % 70)) * 3600000LL;

	p->created_wall_ms = w->now.wall_ms - age;
	p->transition_wall_ms = p->started_wall_ms = p->created_wall_ms + 4000;
	p->state = p->of->kind == WORK_JOB ? SIM_DONE : SIM_RUNNING;
	p->finished_wall_ms = p->started_wall_ms + 71000;
	p->ready = p->state == SIM_RUNNING;
	p->due_ms = INT64_MAX;
	pod_address(w, p);
	pod_store(w, p, "kube-controller-manager");
}

void pods_begin(struct world *w)
{
	int worker = 0;

	for (int i = 0; i < WORLD_MASTERS; i++)
		static_pods(w, i);
	for (size_t i = 0; i < n_workloads; i++) {
		const struct workload *of = &workloads[i];
		int n = of->kind == WORK_DAEMONSET ? WORLD_NODES
			: of->kind == WORK_JOB     ? 1
			: of->later                ? 0
						   : of->replicas;

		for (int k = 0; of->kind != WORK_STATIC && k < n; k++)
			pod_old(w, pod_new(w, of, k,
					   of->kind == WORK_DAEMONSET
						   ? k
						   : WORLD_MASTERS + worker++ % WORLD_WORKERS));
	}
	w->restart_ms = w->now.boot_ms + world_ms(w, RESTART_MS);
}
