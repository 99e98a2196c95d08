/* Evictions, and the budgets that stand in their way, in kube-apiserver's words. */
#include "fake_kube_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "io/json.h"

static void too_many(struct exchange *x, const char *cause)
{
	struct buf details;
	struct jsw j;

	buf_init(&details, 1 << 12);
	jsw_init(&j, &details);
	jsw_object(&j, NULL);
	jsw_array(&j, "causes");
	jsw_object(&j, NULL);
	jsw_str(&j, "reason", "DisruptionBudget");
	jsw_str(&j, "message", cause);
	jsw_end_object(&j);
	jsw_end_array(&j);
	jsw_end_object(&j);
	kube_status(x, 429, "TooManyRequests", buf_text(&details),
		"Cannot evict pod as it would violate the pod's disruption budget.");
	buf_done(&details);
}

/* True when the budget answered in the eviction's place. */
static bool budget_blocks(const struct world *w, struct exchange *x, const struct object *pdb)
{
	struct budget b;
	char cause[400];

	if (jt_at(object_span(pdb), "status.observedGeneration").at == NULL) {
		snprintf(cause, sizeof(cause),
			"The disruption budget %s is still being processed by the server.",
			pdb->name);
		exchange_add_header(x, "retry-after", "10");
		too_many(x, cause);
		return true;
	}
	budget_count(w, pdb, &b);
	if (b.allowed > 0)
		return false;
	snprintf(cause, sizeof(cause),
		"The disruption budget %s needs %d healthy pods and has %d currently", pdb->name,
		b.desired, b.healthy);
	too_many(x, cause);
	return true;
}

static bool budgets_block(const struct world *w, struct exchange *x, const struct object *pod)
{
	const struct object *found = NULL;
	int n = 0;

	for (size_t i = 0; i < store_count(w->store, KIND_PDB); i++) {
		const struct object *pdb = store_nth(w->store, KIND_PDB, i);

		if (budget_covers(pdb, pod)) {
			found = pdb;
			n++;
		}
	}
	if (n > 1)
		kube_status(x, 500, NULL, NULL,
			"This pod has more than one PodDisruptionBudget, which the eviction "
			"subresource does not support.");
	return n > 1 || (n == 1 && budget_blocks(w, x, found));
}

/* What is not running needs no budget. */
static bool is_free(const struct object *pod)
{
	struct json_span phase = jt_at(object_span(pod), "status.phase");

	return jt_at(object_span(pod), "metadata.deletionTimestamp").at != NULL ||
	       !jt_str_is(phase, "Running");
}

/* deleteOptions.dryRun, or the query's. */
static bool is_dry(const struct exchange *x, struct json_span options)
{
	return kube_dry_run(x) || jt_is(jt_get(options, "dryRun"), "[\"All\"]");
}

static void evict_pod(struct fake_kube *k, struct exchange *x, const struct route *r,
	const struct object *pod, struct json_span options)
{
	if (kube_not_admitted(k->world, x, r, "CREATE", object_span(pod)) ||
		kube_precondition_fails(x, pod, options) ||
		(!is_free(pod) && budgets_block(k->world, x, pod)))
		return;
	if (!is_dry(x, options))
		pods_delete(k->world, r->ns, r->name,
			jt_int(jt_get(options, "gracePeriodSeconds"), 30));
	kube_status(x, 201, NULL, NULL, "%s", "");
}

void kube_write_eviction(struct fake_kube *k, struct exchange *x, const struct route *r)
{
	const struct object *pod = store_get(k->world->store, KIND_POD, r->ns, r->name);
	char *body = kube_body(x);

	if (body == NULL)
		return;
	if (!jt_str_is(jt_at(jt_of(body), "metadata.name"), r->name))
		kube_status(x, 400, "BadRequest", NULL,
			"name in URL does not match name in Eviction object");
	else if (kube_ends_here(k->world, x, r, r->name))
		;
	else if (pod == NULL)
		kube_not_found(x, r);
	else
		evict_pod(k, x, r, pod, jt_get(jt_of(body), "deleteOptions"));
	free(body);
}
