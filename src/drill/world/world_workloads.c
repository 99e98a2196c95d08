/* The objects that speak of what runs on the practice cluster: namespaces, Deployments and their
 * like with their counts, Services and the EndpointSlices that name the pods behind them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "drill/world/world.h"
#include "pod_text.h"

static const char *const namespaces[] = {"default", "kube-system", "kube-public", "kube-node-lease",
	"kube-flannel", "shop", "monitoring", "media"};

static const enum kind_id kind_of[] = {[WORK_DEPLOYMENT] = KIND_DEPLOYMENT,
	[WORK_STATEFULSET] = KIND_STATEFULSET,
	[WORK_DAEMONSET] = KIND_DAEMONSET,
	[WORK_JOB] = KIND_JOB,
	[WORK_BARE] = KIND_POD};

static const char *service_name(const struct workload *of)
{
	return strcmp(of->name, "coredns") == 0 ? "kube-dns" : of->name;
}

static void template_text(const struct workload *of, struct buf *out)
{
	buf_fmt(out,
		"\"selector\":{\"matchLabels\":{\"%s\":\"%s\"}},\"template\":{\"metadata\":{"
		"\"labels\":{\"%s\":\"%s\"}},"
		"\"spec\":{\"containers\":[{\"name\":\"%s\",\"image\":\"%s\",\"resources\":{},"
		"\"imagePullPolicy\":\"IfNotPresent\"}],"
		"\"restartPolicy\":\"%s\",\"terminationGracePeriodSeconds\":30,\"dnsPolicy\":"
		"\"ClusterFirst\",\"securityContext\":{}}}",
		of->label, of->value, of->label, of->value, of->name, of->image,
		of->kind == WORK_JOB ? "Never" : "Always");
}

static void status_text(const struct workload *of, int wanted, int all, int ready, struct buf *out)
{
	switch (of->kind) {
	case WORK_DAEMONSET:
		buf_fmt(out,
			"\"status\":{\"currentNumberScheduled\":%d,\"desiredNumberScheduled\":%d,"
			"\"numberAvailable\":%d,"
			"\"numberMisscheduled\":0,\"numberReady\":%d,\"numberUnavailable\":%d,"
			"\"observedGeneration\":1,\"updatedNumberScheduled\":%d}",
			all, wanted, ready, ready, wanted - ready, all);
		break;
	case WORK_JOB:
		buf_puts(out, "\"status\":{\"conditions\":[{\"type\":\"Complete\",\"status\":"
			      "\"True\"}],\"succeeded\":1}");
		break;
	case WORK_STATEFULSET:
		buf_fmt(out,
			"\"status\":{\"replicas\":%d,\"readyReplicas\":%d,\"availableReplicas\":%d,"
			"\"currentReplicas\":%d,"
			"\"updatedReplicas\":%d,\"observedGeneration\":1,\"collisionCount\":0}",
			all, ready, ready, all, all);
		break;
	case WORK_DEPLOYMENT:
	case WORK_STATIC:
	case WORK_BARE:
		buf_fmt(out,
			"\"status\":{\"observedGeneration\":1,\"replicas\":%d,\"updatedReplicas\":%"
			"d,\"readyReplicas\":%d,"
			"\"availableReplicas\":%d,\"unavailableReplicas\":%d,\"conditions\":[{"
			"\"type\":\"Available\",\"status\":\"%s\","
			"\"reason\":\"%s\"},{\"type\":\"Progressing\",\"status\":\"True\","
			"\"reason\":\"NewReplicaSetAvailable\"}]}",
			all, all, ready, ready, wanted - ready,
			ready * 4 >= wanted * 3 ? "True" : "False",
			ready * 4 >= wanted * 3 ? "MinimumReplicasAvailable"
						: "MinimumReplicasUnavailable");
		break;
	}
}

static void workload_create(struct world *w, const struct workload *of)
{
	struct buf body;
	char rs[80];

	buf_init(&body, 1 << 16);
	buf_fmt(&body, "{\"metadata\":{\"generation\":1,\"labels\":{\"%s\":\"%s\"}},\"spec\":{",
		of->label, of->value);
	if (of->kind == WORK_DEPLOYMENT || of->kind == WORK_STATEFULSET)
		buf_fmt(&body, "\"replicas\":%d,", of->replicas);
	template_text(of, &body);
	buf_puts(&body, "},");
	status_text(of, of->replicas, of->replicas, of->replicas, &body);
	buf_putc(&body, '}');
	store_create(w->store, kind_of[of->kind], of->ns, of->name, buf_text(&body),
		"kubectl-client-side-apply");
	if (of->kind == WORK_DEPLOYMENT) {
		owner_name(of, rs, sizeof(rs));
		store_create(w->store, KIND_REPLICASET, of->ns, rs, buf_text(&body),
			"kube-controller-manager");
	}
	buf_done(&body);
}

static void service_create(struct world *w, const struct workload *of, int i)
{
	char body[600], ip[24];

	snprintf(ip, sizeof(ip), strcmp(of->name, "coredns") == 0 ? "10.96.0.10" : "10.104.33.%d",
		11 + i);
	snprintf(body, sizeof(body),
		"{\"metadata\":{\"labels\":{\"%s\":\"%s\"}},\"spec\":{\"ports\":[{\"name\":"
		"\"main\",\"protocol\":\"TCP\",\"port\":%d,\"targetPort\":%d}],"
		"\"selector\":{\"%s\":\"%s\"},\"clusterIP\":\"%s\",\"clusterIPs\":[\"%s\"],"
		"\"type\":\"ClusterIP\",\"sessionAffinity\":\"None\"},"
		"\"status\":{\"loadBalancer\":{}}}",
		of->label, of->value, of->port, of->port, of->label, of->value, ip, ip);
	store_create(w->store, KIND_SERVICE, of->ns, service_name(of), body,
		"kubectl-client-side-apply");
}

static void slice_text(const struct world *w, const struct workload *of, struct buf *out)
{
	bool comma = false;

	buf_fmt(out,
		"{\"metadata\":{\"labels\":{\"kubernetes.io/"
		"service-name\":\"%s\",\"endpointslice.kubernetes.io/managed-by\":"
		"\"endpointslice-controller.k8s.io\"}},\"addressType\":\"IPv4\",\"ports\":[{"
		"\"name\":\"main\",\"port\":%d,\"protocol\":\"TCP\"}],\"endpoints\":[",
		service_name(of), of->port);
	for (size_t i = 0; i < w->pods.len; i++) {
		const struct sim_pod *p = w->pods.at[i];
		const char *ready = p->ready && !p->lost ? "true" : "false";

		if (p->of != of || p->gone || p->ip[0] == '\0')
			continue;
		buf_fmt(out,
			"%s{\"addresses\":[\"%s\"],\"conditions\":{\"ready\":%s,\"serving\":%s,"
			"\"terminating\":%s},"
			"\"nodeName\":\"%s\",\"targetRef\":{\"kind\":\"Pod\",\"namespace\":\"%s\","
			"\"name\":\"%s\"}}",
			comma ? "," : "", p->ip, ready, ready,
			p->state == SIM_TERMINATING ? "true" : "false", w->machines[p->node].name,
			of->ns, p->name);
		comma = true;
	}
	buf_puts(out, "]}");
}

static void slice_put(struct world *w, const struct workload *of)
{
	struct buf body;
	char name[80];

	buf_init(&body, 1 << 18);
	slice_text(w, of, &body);
	snprintf(name, sizeof(name), "%s-x7k2p", service_name(of));
	if (store_patch(w->store, KIND_ENDPOINTSLICE, of->ns, name, buf_text(&body),
		    "kube-controller-manager") == NULL)
		store_create(w->store, KIND_ENDPOINTSLICE, of->ns, name, buf_text(&body),
			"kube-controller-manager");
	buf_done(&body);
}

static void workload_update(struct world *w, const struct workload *of)
{
	struct buf patch;
	char rs[80];
	bool there;
	int all, ready = pods_ready(w, of, &all);

	buf_init(&patch, 1 << 16);
	buf_putc(&patch, '{');
	status_text(of, pods_wanted(w, of), all, ready, &patch);
	buf_putc(&patch, '}');
	there = store_patch(w->store, kind_of[of->kind], of->ns, of->name, buf_text(&patch),
			"kube-controller-manager") != NULL;
	if (of->kind == WORK_DEPLOYMENT) {
		owner_name(of, rs, sizeof(rs));
		store_patch(w->store, KIND_REPLICASET, of->ns, rs, buf_text(&patch),
			"kube-controller-manager");
	}
	buf_done(&patch);
	if (there && of->port != 0)
		slice_put(w, of);
}

/* All that is left in a namespace, and then itself. */
void namespace_empty(struct world *w, const char *ns)
{
	for (int k = 0; k < KIND_COUNT; k++)
		for (size_t i = store_count(w->store, k); i-- > 0;) {
			const struct object *o = store_nth(w->store, k, i);
			char *name;

			if (strcmp(o->ns, ns) != 0)
				continue;
			name = mem_str(o->name);
			store_delete(w->store, k, ns, name);
			free(name);
		}
	store_delete(w->store, KIND_NAMESPACE, "", ns);
}

/* A namespace ends when its last pod has. */
static void namespace_ends(struct world *w, const char *ns)
{
	size_t left = 0;

	for (size_t i = 0; i < w->pods.len; i++) {
		struct sim_pod *p = w->pods.at[i];

		if (strcmp(p->of->ns, ns) != 0 || p->gone)
			continue;
		left++;
		pods_delete(w, ns, p->name, 30);
	}
	if (left == 0)
		namespace_empty(w, ns);
}

static void namespaces_tick(struct world *w)
{
	for (size_t i = store_count(w->store, KIND_NAMESPACE); i-- > 0;) {
		const struct object *o = store_nth(w->store, KIND_NAMESPACE, i);
		char ns[64];

		str_copy(ns, sizeof(ns), o->name);
		if (object_is_ending(o))
			namespace_ends(w, ns);
	}
}

void workloads_tick(struct world *w)
{
	if (w->kcm.holder < 0 || !w->machines[w->kcm.holder].containers[CONTAINER_KCM].up ||
		!world_api_ok(w, w->kcm.holder))
		return;
	volumes_tick(w);
	if (!w->changed)
		return;
	w->changed = false;
	for (size_t i = 0; i < n_workloads; i++)
		if (workloads[i].kind != WORK_STATIC)
			workload_update(w, &workloads[i]);
	budgets_tick(w);
	apiservices_tick(w);
	namespaces_tick(w);
}

static const char *const config_maps[][2] = {
	{"coredns", "{\"data\":{\"Corefile\":\".:53 {\\n    errors\\n    health\\n    kubernetes "
		    "cluster.local in-addr.arpa ip6.arpa\\n    forward . /etc/resolv.conf\\n    "
		    "cache 30\\n    loop\\n}\\n\"}}"},
	{"kube-proxy", "{\"data\":{\"config.conf\":\"kind: KubeProxyConfiguration\\nmode: "
		       "iptables\\n\"}}"},
	{"kubeadm-config", "{\"data\":{\"ClusterConfiguration\":\"clusterName: drill\\nkind: "
			   "ClusterConfiguration\\nkubernetesVersion: " WORLD_VERSION "\\n\"}}"},
	{"kubelet-config", "{\"data\":{\"kubelet\":\"kind: KubeletConfiguration\\nstaticPodPath: "
			   "/etc/kubernetes/manifests\\n\"}}"},
	{"extension-apiserver-authentication",
		"{\"data\":{\"requestheader-allowed-names\":\"[\\\"front-proxy-client\\\"]\"}}"},
};

/* The API servers behind the Service "kubernetes". */
static void kubernetes_endpoints(struct world *w)
{
	struct buf body;

	buf_init(&body, 1 << 16);
	buf_fmt(&body,
		"{\"metadata\":{\"labels\":{\"kubernetes.io/"
		"service-name\":\"kubernetes\"}},\"addressType\":\"IPv4\","
		"\"ports\":[{\"name\":\"https\",\"port\":%d,\"protocol\":\"TCP\"}],\"endpoints\":[",
		w->api_port);
	for (int i = 0; i < WORLD_MASTERS; i++)
		buf_fmt(&body, "%s{\"addresses\":[\"%s\"],\"conditions\":{\"ready\":true}}",
			i > 0 ? "," : "", w->machines[i].address);
	buf_puts(&body, "]}");
	store_create(w->store, KIND_ENDPOINTSLICE, "default", "kubernetes", buf_text(&body),
		"kube-apiserver");
	buf_done(&body);
}

static void namespace_create(struct world *w, const char *ns)
{
	char body[200];

	snprintf(body, sizeof(body),
		"{\"metadata\":{\"labels\":{\"kubernetes.io/metadata.name\":\"%s\"}},\"spec\":{"
		"\"finalizers\":[\"kubernetes\"]},\"status\":{\"phase\":\"Active\"}}",
		ns);
	store_create(w->store, KIND_NAMESPACE, "", ns, body, "kube-apiserver");
}

void workloads_add(struct world *w, const struct workload *of)
{
	if (of->kind != WORK_STATIC)
		workload_create(w, of);
	if (of->port != 0)
		service_create(w, of, (int)(of - workloads));
}

void workloads_begin(struct world *w)
{
	store_age(w->store, 9 * 86400000LL);
	for (size_t i = 0; i < sizeof(namespaces) / sizeof(*namespaces); i++)
		namespace_create(w, namespaces[i]);
	for (size_t i = 0; i < n_workloads; i++)
		if (!workloads[i].later)
			workloads_add(w, &workloads[i]);
	apiservices_begin(w);
	store_create(w->store, KIND_SERVICE, "default", "kubernetes",
		"{\"spec\":{\"clusterIP\":\"10.96.0.1\",\"ports\":[{\"name\":\"https\",\"port\":"
		"443,\"targetPort\":6443,\"protocol\":\"TCP\"}]}}",
		"kube-apiserver");
	kubernetes_endpoints(w);
	for (size_t i = 0; i < sizeof(config_maps) / sizeof(*config_maps); i++)
		store_create(w->store, KIND_CONFIGMAP, "kube-system", config_maps[i][0],
			config_maps[i][1], "kubeadm");
	store_create(w->store, KIND_PDB, "shop", "postgres",
		"{\"spec\":{\"minAvailable\":1,\"selector\":{\"matchLabels\":{\"app\":\"postgres\"}"
		"}},"
		"\"status\":{\"currentHealthy\":2,\"desiredHealthy\":1,\"disruptionsAllowed\":1,"
		"\"expectedPods\":2,\"observedGeneration\":1}}",
		"kubectl-client-side-apply");
	store_age(w->store, 0);
}
