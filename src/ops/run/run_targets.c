/* Where a step is done: one machine by its name, or a set as the snapshot knows it. */
#include <stdlib.h>

#include "base/i18n.h"
#include "base/str.h"
#include "run_inner.h"

bool run_targets_have(const struct run_targets *t, const char *name)
{
	for (size_t k = 0; k < t->n; k++)
		if (str_eq(t->at[k], name))
			return true;
	return false;
}

static void add(struct run_targets *t, const char *name)
{
	if (!run_targets_have(t, name) && t->n < RUN_TARGETS)
		str_copy(t->at[t->n++], sizeof(t->at[0]), name);
}

static void add_control_plane(const struct run *r, const char *but, struct run_targets *t)
{
	for (size_t k = 0; k < r->now->layers.n; k++)
		if (!str_eq(r->now->layers.nodes[k].name, but))
			add(t, r->now->layers.nodes[k].name);
}

static void add_workers(const struct run *r, struct run_targets *t)
{
	struct table_walk w = table_walk(r->now->nodes);
	const struct node_row *n;

	while ((n = table_next(&w)) != NULL)
		if (!(n->flags & NODE_CONTROL_PLANE))
			add(t, n->name);
}

static void add_balancers(const struct run *r, struct run_targets *t)
{
	for (size_t k = 0; k < r->world->n_balancers; k++)
		add(t, r->world->balancers[k].name);
}

static const char *const set_words[] = {
	[SET_CONTROL_PLANE] = N_("no control-plane node is known"),
	[SET_OTHER_CONTROL_PLANE] = N_("no other control-plane node is known"),
	[SET_WORKERS] = N_("no worker is known"),
	[SET_NODES] = N_("no node is known"),
	[SET_BALANCERS] =
		N_("no machine of a load balancer is configured (load_balancer.haproxy_nodes)"),
};

static void add_set(const struct run *r, enum runbook_set_of among, struct run_targets *t)
{
	const char *node = runbook_values_get(&r->values, "node");

	if (among == SET_CONTROL_PLANE || among == SET_NODES)
		add_control_plane(r, NULL, t);
	if (among == SET_OTHER_CONTROL_PLANE)
		add_control_plane(r, node ? node : "", t);
	if (among == SET_WORKERS || among == SET_NODES)
		add_workers(r, t);
	if (among == SET_BALANCERS)
		add_balancers(r, t);
}

int run_targets(
	const struct run *r, const struct runbook_step *s, struct run_targets *out, struct err *e)
{
	char *one;

	out->n = 0;
	out->at[0][0] = '\0';
	if (s->on == ON_HERE)
		return 0;
	if (s->on == ON_ONE) {
		one = runbook_fill(s->target, &r->values, e);
		if (!one)
			return -1;
		add(out, one);
		free(one);
		return 0;
	}
	add_set(r, s->among, out);
	return out->n > 0 ? 0 : err_set(e, ERR_MISSING, "%s", _(set_words[s->among]));
}
