/* APIServices: the API server's own, and the one that the metrics server stands behind. */
#include <stdio.h>
#include <string.h>

#include "drill/world/world.h"

#define METRICS "v1beta1.metrics.k8s.io"

void apiservices_begin(struct world *w)
{
	static const char *const local[][3] = {{"v1.", "", "v1"}, {"v1.apps", "apps", "v1"},
		{"v1.batch", "batch", "v1"}, {"v1.policy", "policy", "v1"},
		{"v1.storage.k8s.io", "storage.k8s.io", "v1"}};
	char body[400];

	for (size_t i = 0; i < sizeof(local) / sizeof(*local); i++) {
		snprintf(body, sizeof(body),
			"{\"spec\":{\"group\":\"%s\",\"version\":\"%s\",\"groupPriorityMinimum\":"
			"17800,\"versionPriority\":15},\"status\":{\"conditions\":[{\"type\":"
			"\"Available\",\"status\":\"True\",\"reason\":\"Local\",\"message\":"
			"\"Local "
			"APIServices are always available\"}]}}",
			local[i][1], local[i][2]);
		store_create(w->store, KIND_APISERVICE, "", local[i][0], body, "kube-apiserver");
	}
	store_create(w->store, KIND_APISERVICE, "", METRICS,
		"{\"spec\":{\"service\":{\"namespace\":\"kube-system\",\"name\":\"metrics-server\","
		"\"port\":443},\"group\":\"metrics.k8s.io\",\"version\":\"v1beta1\","
		"\"insecureSkipTLSVerify\":true,\"groupPriorityMinimum\":100,\"versionPriority\":"
		"100}}",
		"kubectl-client-side-apply");
}

void apiservices_tick(struct world *w)
{
	int ready = 0, all;

	for (size_t i = 0; i < n_workloads; i++)
		if (strcmp(workloads[i].name, "metrics-server") == 0)
			ready = pods_ready(w, &workloads[i], &all);
	store_patch(w->store, KIND_APISERVICE, "", METRICS,
		ready > 0 ? "{\"status\":{\"conditions\":[{\"type\":\"Available\",\"status\":"
			    "\"True\",\"reason\":\"Passed\",\"message\":\"all checks passed\"}]}}"
			  : "{\"status\":{\"conditions\":[{\"type\":\"Available\",\"status\":"
			    "\"False\",\"reason\":\"MissingEndpoints\",\"message\":\"endpoints for "
			    "service/metrics-server in \\\"kube-system\\\" have no addresses with "
			    "port "
			    "name \\\"https\\\"\"}]}}",
		"kube-apiserver");
}
