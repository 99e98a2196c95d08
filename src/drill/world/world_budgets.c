/* PodDisruptionBudgets, counted as the disruption controller does. */
#include <stdio.h>
#include <string.h>

#include "drill/world/world.h"

bool budget_covers(const struct object *pdb, const struct object *pod)
{
	struct json_span selector = jt_at(object_span(pdb), "spec.selector");

	return strcmp(pdb->ns, pod->ns) == 0 && selector.at != NULL &&
	       world_selects(selector, jt_at(object_span(pod), "metadata.labels"));
}

/* A number, or a percentage of all, rounded up. */
static int share_of(struct json_span v, int all)
{
	char text[24];

	if (!jt_str(v, text, sizeof(text)))
		return (int)jt_int(v, 0);
	text[strcspn(text, "%")] = '\0';
	v = (struct json_span){.at = text, .n = strlen(text)};
	return (int)((jt_int(v, 0) * all + 99) / 100);
}

/* What the controllers of the pods behind it want: each counted once. */
static int expected_of(const struct world *w, const struct object *pdb)
{
	const struct workload *seen[16];
	size_t n = 0;
	int all = 0;

	for (size_t i = 0; i < w->pods.len; i++) {
		const struct sim_pod *p = w->pods.at[i];
		const struct object *o = store_get(w->store, KIND_POD, p->of->ns, p->name);
		size_t k = 0;

		if (o == NULL || p->gone || !budget_covers(pdb, o))
			continue;
		while (k < n && seen[k] != p->of)
			k++;
		if (k < n || n == sizeof(seen) / sizeof(*seen))
			continue;
		seen[n++] = p->of;
		all += p->own != NULL ? 1 : pods_wanted(w, p->of);
	}
	return all;
}

void budget_count(const struct world *w, const struct object *pdb, struct budget *out)
{
	struct json_span spec = jt_get(object_span(pdb), "spec");
	struct json_span most = jt_get(spec, "maxUnavailable");

	memset(out, 0, sizeof(*out));
	out->expected = expected_of(w, pdb);
	for (size_t i = 0; i < w->pods.len; i++) {
		const struct sim_pod *p = w->pods.at[i];
		const struct object *o = store_get(w->store, KIND_POD, p->of->ns, p->name);

		if (o != NULL && !p->gone && p->ready && !p->lost && p->state != SIM_TERMINATING &&
			budget_covers(pdb, o))
			out->healthy++;
	}
	out->desired = most.at != NULL ? out->expected - share_of(most, out->expected)
				       : share_of(jt_get(spec, "minAvailable"), out->expected);
	if (out->desired < 0)
		out->desired = 0;
	out->allowed = out->healthy > out->desired ? out->healthy - out->desired : 0;
}

void budgets_tick(struct world *w)
{
	for (size_t i = 0; i < store_count(w->store, KIND_PDB); i++) {
		const struct object *pdb = store_nth(w->store, KIND_PDB, i);
		struct budget b;
		char patch[240];

		budget_count(w, pdb, &b);
		snprintf(patch, sizeof(patch),
			"{\"status\":{\"currentHealthy\":%d,\"desiredHealthy\":%d,"
			"\"disruptionsAllowed\":%d,\"expectedPods\":%d,\"observedGeneration\":1}}",
			b.healthy, b.desired, b.allowed, b.expected);
		store_patch(
			w->store, KIND_PDB, pdb->ns, pdb->name, patch, "kube-controller-manager");
	}
}
