/* A team's policy, asked of every pod that is to be made, its own too: with nobody left to answer it
 * lets nothing through, and so never comes back by itself. */
#include <string.h>

#include "drill/world/world.h"

#define POLICY_NS   "policy-system"
#define POLICY_NAME "policy-webhook"

static const struct workload *policy_workload(void)
{
	for (size_t i = 0; i < n_workloads; i++)
		if (strcmp(workloads[i].name, POLICY_NAME) == 0)
			return &workloads[i];
	return NULL;
}

void policy_begin(struct world *w)
{
	store_create(w->store, KIND_NAMESPACE, "", POLICY_NS,
		"{\"metadata\":{\"labels\":{\"kubernetes.io/metadata.name\":\"" POLICY_NS
		"\"}},\"spec\":{\"finalizers\":[\"kubernetes\"]},\"status\":{\"phase\":\"Active\"}"
		"}",
		"kube-apiserver");
	store_create(w->store, KIND_VALIDATING, "", "policy.example.com",
		"{\"webhooks\":[{\"name\":\"pods.policy.example.com\",\"clientConfig\":{"
		"\"service\":{"
		"\"namespace\":\"" POLICY_NS "\",\"name\":\"" POLICY_NAME
		"\",\"path\":\"/validate\",\"port\":8443}},\"rules\":[{\"operations\":[\"CREATE\"],"
		"\"apiGroups\":[\"\"],\"apiVersions\":[\"v1\"],\"resources\":[\"pods\"],"
		"\"scope\":\"Namespaced\"}],\"failurePolicy\":\"Fail\",\"sideEffects\":\"None\","
		"\"timeoutSeconds\":10,\"admissionReviewVersions\":[\"v1\"]}]}",
		"kubectl-client-side-apply");
	workloads_add(w, policy_workload());
	w->changed = true;
}

void policy_end(struct world *w)
{
	store_delete(w->store, KIND_VALIDATING, "", "policy.example.com");
	if (store_get(w->store, KIND_NAMESPACE, "", POLICY_NS) == NULL)
		return;
	for (size_t i = 0; i < w->pods.len; i++)
		if (strcmp(w->pods.at[i]->of->ns, POLICY_NS) == 0)
			pods_delete(w, POLICY_NS, w->pods.at[i]->name, 0);
	namespace_empty(w, POLICY_NS);
	w->changed = true;
}
