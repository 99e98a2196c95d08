/* Controllers make pods, the scheduler places them; nothing is made while they are away, or while a
 * webhook lets nothing through. */
#include <stdio.h>

#include "drill/world/world.h"
#include "pod_text.h"
#include "pods.h"

/* A cordon, or a taint that no pod here tolerates. */
static bool keeps_away(struct json_span node)
{
	struct json_span k, v;

	for (size_t pos = 0; jt_each(jt_at(node, "spec.taints"), &pos, &k, &v);)
		if (!jt_str_is(jt_get(v, "effect"), "PreferNoSchedule"))
			return true;
	return jt_is(jt_at(node, "spec.unschedulable"), "true");
}

static bool node_takes(const struct world *w, int node, bool any)
{
	const struct machine *m = &w->machines[node];
	const struct object *o = store_get(w->store, KIND_NODE, "", m->name);

	if (o == NULL)
		return false;
	return any || (!m->master && m->ready == READY_TRUE && !keeps_away(object_span(o)));
}

int pods_wanted(const struct world *w, const struct workload *of)
{
	int n = 0;
	enum kind_id kind = of->kind == WORK_DEPLOYMENT ? KIND_DEPLOYMENT : KIND_STATEFULSET;
	const struct object *o;

	if (of->kind == WORK_DAEMONSET) {
		for (int i = 0; i < WORLD_NODES; i++)
			n += node_takes(w, i, true);
		return n;
	}
	if (of->kind == WORK_JOB)
		return 1;
	o = store_get(w->store, kind, of->ns, of->name);
	return o != NULL ? (int)jt_int(jt_at(object_span(o), "spec.replicas"), of->replicas) : 0;
}

static const struct sim_pod *pod_of(
	const struct world *w, const struct workload *of, int ordinal, int node)
{
	for (size_t i = 0; i < w->pods.len; i++) {
		const struct sim_pod *p = w->pods.at[i];

		if (p->of == of && !p->gone && (node < 0 ? p->ordinal == ordinal : p->node == node))
			return p;
	}
	return NULL;
}

static enum kind_id owner_kind(const struct workload *of)
{
	return of->kind == WORK_DEPLOYMENT  ? KIND_REPLICASET
	       : of->kind == WORK_DAEMONSET ? KIND_DAEMONSET
					    : KIND_STATEFULSET;
}

static void controller_made(struct world *w, struct sim_pod *p)
{
	char owner[80];

	owner_name(p->of, owner, sizeof(owner));
	pod_store(w, p, "kube-controller-manager");
	world_event(w, "Normal", "SuccessfulCreate", owner_kind(p->of), p->of->ns, owner,
		"replicaset-controller", "Created pod: %s", p->name);
}

static void pod_surplus(struct world *w, const struct workload *of, int n)
{
	for (size_t i = w->pods.len; i-- > 0 && n > 0;) {
		struct sim_pod *p = w->pods.at[i];

		if (p->of != of || p->gone || p->state == SIM_TERMINATING)
			continue;
		pods_delete(w, of->ns, p->name, 30);
		n--;
	}
}

static bool takes_new(const struct world *w, const char *ns)
{
	const struct object *o = store_get(w->store, KIND_NAMESPACE, "", ns);

	return o != NULL && !object_is_ending(o);
}

/* May it make one now? Else it says why not, now and then. */
static bool may_make(struct world *w, const struct workload *of)
{
	char why[500], owner[80];

	if (pods_admitted(w, of, why, sizeof(why)))
		return true;
	if (w->now.boot_ms - w->refused_ms > world_ms(w, POD_WARN_MS)) {
		w->refused_ms = w->now.boot_ms;
		owner_name(of, owner, sizeof(owner));
		world_event(w, "Warning", "FailedCreate", owner_kind(of), of->ns, owner,
			"replicaset-controller", "Error creating: %s", why);
	}
	return false;
}

static void make(struct world *w, const struct workload *of, int ordinal, int node)
{
	if (may_make(w, of))
		controller_made(w, pod_new(w, of, ordinal, node));
}

static void controller(struct world *w, const struct workload *of)
{
	int wanted = pods_wanted(w, of), all;

	if (!takes_new(w, of->ns))
		return;
	if (of->kind == WORK_DAEMONSET) {
		for (int i = 0; i < WORLD_NODES; i++)
			if (node_takes(w, i, true) && pod_of(w, of, 0, i) == NULL)
				make(w, of, 0, i);
		return;
	}
	if (of->kind == WORK_STATEFULSET) {
		for (int i = 0; i < wanted; i++)
			if (pod_of(w, of, i, -1) == NULL)
				make(w, of, i, -1);
	}
	pods_ready(w, of, &all);
	for (; of->kind == WORK_DEPLOYMENT && all < wanted; all++)
		make(w, of, 0, -1);
	if (of->kind != WORK_JOB && all > wanted)
		pod_surplus(w, of, all - wanted);
}

static int node_emptiest(const struct world *w)
{
	int best = -1, least = 0;

	for (int i = 0; i < WORLD_NODES; i++) {
		int n = 0;

		if (!node_takes(w, i, false))
			continue;
		for (size_t k = 0; k < w->pods.len; k++)
			n += w->pods.at[k]->node == i;
		if (best < 0 || n < least) {
			best = i;
			least = n;
		}
	}
	return best;
}

static void schedule(struct world *w, struct sim_pod *p)
{
	int node = node_emptiest(w);
	char patch[60];

	if (node < 0) {
		if (w->now.boot_ms - p->warned_ms > world_ms(w, POD_WARN_MS)) {
			p->warned_ms = w->now.boot_ms;
			world_event(w, "Warning", "FailedScheduling", KIND_POD, p->of->ns, p->name,
				"default-scheduler",
				"0/%d nodes are available: no node is ready and schedulable",
				WORLD_NODES);
		}
		return;
	}
	p->node = node;
	snprintf(patch, sizeof(patch), "{\"spec\":{\"nodeName\":\"%s\"}}", w->machines[node].name);
	store_patch(w->store, KIND_POD, p->of->ns, p->name, patch, "kube-scheduler");
	world_event(w, "Normal", "Scheduled", KIND_POD, p->of->ns, p->name, "default-scheduler",
		"Successfully assigned %s/%s to %s", p->of->ns, p->name, w->machines[node].name);
	pod_turn(w, p, SIM_CREATING, POD_CREATE_MS + world_random(w, 1000));
}

void controllers_tick(struct world *w)
{
	bool writes = world_api_from(w, &w->machines[WORLD_LB]);
	bool kcm = writes && w->kcm.holder >= 0 &&
		   w->machines[w->kcm.holder].containers[CONTAINER_KCM].up;
	bool scheduler = writes && w->scheduler.holder >= 0 &&
			 w->machines[w->scheduler.holder].containers[CONTAINER_SCHEDULER].up;

	for (size_t i = 0; scheduler && i < w->pods.len; i++)
		if (!w->pods.at[i]->gone && w->pods.at[i]->node < 0)
			schedule(w, w->pods.at[i]);
	for (size_t i = 0; kcm && w->second && i < n_workloads; i++)
		if (workloads[i].kind != WORK_STATIC)
			controller(w, &workloads[i]);
}
