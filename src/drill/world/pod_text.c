/* Pods as the API server tells them: the whole object when one is made, and its
 * status whenever its kubelet reports. */
#include "pod_text.h"

#include <stdio.h>
#include <string.h>

#include "base/sha.h"

void owner_name(const struct workload *of, char *dst, size_t size)
{
	unsigned char d[SHA_BYTES];
	char hex[SHA_HEX];

	if (of->kind != WORK_DEPLOYMENT) {
		str_copy(dst, size, of->name);
		return;
	}
	sha_of(of->name, strlen(of->name), d);
	sha_hex(d, hex);
	snprintf(dst, size, "%s-%.10s", of->name, hex);
}

static const char *container_of(const struct workload *of)
{
	return of->kind == WORK_STATIC ? container_name(of->container) : of->name;
}

static void add_owner(const struct world *w, const struct sim_pod *p, struct buf *out)
{
	static const enum kind_id kind_of[] = {[WORK_STATIC] = KIND_NODE,
		[WORK_DEPLOYMENT] = KIND_REPLICASET,
		[WORK_STATEFULSET] = KIND_STATEFULSET,
		[WORK_DAEMONSET] = KIND_DAEMONSET,
		[WORK_JOB] = KIND_JOB};
	enum kind_id kind = kind_of[p->of->kind];
	const struct object *o;
	char name[80], api[64];

	if (kind == KIND_NODE)
		str_copy(name, sizeof(name), w->machines[p->node].name);
	else
		owner_name(p->of, name, sizeof(name));
	o = store_get(w->store, kind, kind == KIND_NODE ? "" : p->of->ns, name);
	buf_fmt(out,
		",\"ownerReferences\":[{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"name\":\"%s\","
		"\"uid\":\"%s\",\"controller\":true%s}]",
		kind_api(kind, api), kinds[kind].name, name, o != NULL ? o->uid : "",
		kind == KIND_NODE ? "" : ",\"blockOwnerDeletion\":true");
}

static void add_metadata(const struct world *w, const struct sim_pod *p, struct buf *out)
{
	const struct workload *of = p->of;
	char created[32], owner[80];

	owner_name(of, owner, sizeof(owner));
	buf_fmt(out, "\"metadata\":{\"creationTimestamp\":\"%s\",\"labels\":{\"%s\":\"%s\"",
		instant_rfc3339(p->created_wall_ms, created, sizeof(created)), of->label,
		of->value);
	if (of->kind == WORK_STATIC)
		buf_puts(out, ",\"tier\":\"control-plane\"");
	if (of->kind == WORK_DEPLOYMENT)
		buf_fmt(out, ",\"pod-template-hash\":\"%s\"", owner + strlen(of->name) + 1);
	buf_putc(out, '}');
	if (of->kind == WORK_STATIC && p->node >= 0) {
		const struct machine *m = &w->machines[p->node];

		buf_puts(out, ",\"annotations\":{");
		if (of->container == CONTAINER_APISERVER)
			buf_fmt(out,
				"\"kubeadm.kubernetes.io/"
				"kube-apiserver.advertise-address.endpoint\":\"%s:%d\",",
				m->address, w->api_port);
		if (of->container == CONTAINER_ETCD)
			buf_fmt(out,
				"\"kubeadm.kubernetes.io/etcd.advertise-client-urls\":\"https://"
				"%s:%d\",",
				m->address, w->client_port);
		buf_fmt(out,
			"\"kubernetes.io/"
			"config.hash\":\"93224d9fcc70fb9efd64613cee15%04llx\",\"kubernetes.io/"
			"config.mirror\":"
			"\"93224d9fcc70fb9efd64613cee15%04llx\",\"kubernetes.io/"
			"config.seen\":\"%s\",\"kubernetes.io/config.source\":\"file\"}",
			(unsigned long long)p->number, (unsigned long long)p->number, created);
	} else if (of->voice == VOICE_ORDER) {
		buf_puts(out, ",\"annotations\":{\"ops.example.com/owner\":\"订单组 值班 8102\"}");
	}
	add_owner(w, p, out);
	buf_putc(out, '}');
}

static void add_command(const struct world *w, const struct sim_pod *p, struct buf *out)
{
	const struct machine *m = p->node >= 0 ? &w->machines[p->node] : NULL;

	if (p->of->kind != WORK_STATIC || m == NULL)
		return;
	if (p->of->container == CONTAINER_ETCD)
		buf_fmt(out,
			",\"command\":[\"etcd\",\"--advertise-client-urls=https://"
			"%s:%d\",\"--data-dir=/var/lib/etcd\","
			"\"--listen-client-urls=https://127.0.0.1:2379,https://"
			"%s:%d\",\"--listen-metrics-urls=http://127.0.0.1:2381\","
			"\"--listen-peer-urls=https://%s:%d\",\"--name=%s\"]",
			m->address, w->client_port, m->address, w->client_port, m->address,
			w->peer_port, m->name);
	else
		buf_fmt(out, ",\"command\":[\"%s\",\"--kubeconfig=/etc/kubernetes/%s.conf\"]",
			container_of(p->of), container_of(p->of));
}

static void add_spec(const struct world *w, const struct sim_pod *p, struct buf *out)
{
	const struct workload *of = p->of;
	bool node_bound = of->kind == WORK_STATIC || of->kind == WORK_DAEMONSET;

	buf_puts(out, "\"spec\":{\"volumes\":[");
	if (of->empty_dir)
		buf_puts(out, "{\"name\":\"scratch\",\"emptyDir\":{}},");
	if (of->kind == WORK_STATEFULSET)
		buf_fmt(out,
			"{\"name\":\"data\",\"persistentVolumeClaim\":{\"claimName\":\"data-%s\"}}"
			",",
			p->name);
	buf_fmt(out,
		"{\"name\":\"kube-api-access\",\"projected\":{\"sources\":[{"
		"\"serviceAccountToken\":{\"expirationSeconds\":3607,\"path\":\"token\"}}],"
		"\"defaultMode\":420}}],\"containers\":[{\"name\":\"%s\",\"image\":\"%s\"",
		container_of(of), of->image);
	add_command(w, p, out);
	if (of->port != 0)
		buf_fmt(out, ",\"ports\":[{\"containerPort\":%d,\"protocol\":\"TCP\"}]", of->port);
	buf_fmt(out,
		",\"resources\":{\"requests\":{\"cpu\":\"100m\",\"memory\":\"100Mi\"}},"
		"\"terminationMessagePath\":\"/dev/termination-log\","
		"\"terminationMessagePolicy\":\"File\",\"imagePullPolicy\":\"IfNotPresent\"}],"
		"\"restartPolicy\":\"%s\","
		"\"terminationGracePeriodSeconds\":30,\"dnsPolicy\":\"ClusterFirst\","
		"\"serviceAccountName\":\"default\"",
		of->kind == WORK_JOB ? "Never" : "Always");
	if (p->node >= 0)
		buf_fmt(out, ",\"nodeName\":\"%s\"", w->machines[p->node].name);
	if (of->host_network)
		buf_puts(out, ",\"hostNetwork\":true");
	buf_fmt(out,
		",\"securityContext\":{},\"schedulerName\":\"default-scheduler\",\"tolerations\":[%"
		"s]",
		node_bound ? "{\"operator\":\"Exists\"}"
			   : "{\"key\":\"node.kubernetes.io/"
			     "not-ready\",\"operator\":\"Exists\",\"effect\":\"NoExecute\","
			     "\"tolerationSeconds\":300},"
			     "{\"key\":\"node.kubernetes.io/"
			     "unreachable\",\"operator\":\"Exists\",\"effect\":\"NoExecute\","
			     "\"tolerationSeconds\":300}");
	if (of->priority != NULL)
		buf_fmt(out, ",\"priorityClassName\":\"%s\",\"priority\":2000001000", of->priority);
	buf_puts(out,
		",\"enableServiceLinks\":true,\"preemptionPolicy\":\"PreemptLowerPriority\"},");
}

void pod_body(const struct world *w, const struct sim_pod *p, struct buf *out)
{
	struct buf status;

	buf_putc(out, '{');
	add_metadata(w, p, out);
	buf_putc(out, ',');
	add_spec(w, p, out);
	buf_init(&status, 1 << 16);
	pod_status(w, p, &status);
	buf_puts(out, buf_text(&status) + 1);
	buf_done(&status);
}

/* ---- status ---- */

static void add_condition(
	struct buf *out, const char *type, bool yes, int64_t since_ms, const char *why)
{
	char at[32];

	if (out->at[out->len - 1] == '}')
		buf_putc(out, ',');
	buf_fmt(out,
		"{\"type\":\"%s\",\"status\":\"%s\",\"lastProbeTime\":null,\"lastTransitionTime\":"
		"\"%s\"",
		type, yes ? "True" : "False", instant_rfc3339(since_ms, at, sizeof(at)));
	if (!yes && why != NULL)
		buf_fmt(out, ",\"reason\":\"%s\"", why);
	buf_putc(out, '}');
}

static void add_pod_conditions(const struct sim_pod *p, struct buf *out)
{
	bool ready = p->ready && !p->lost;
	bool placed = p->node >= 0;
	int64_t since = p->transition_wall_ms;

	buf_puts(out, "\"conditions\":[");
	if (placed) {
		const char *why = p->state == SIM_DONE ? "PodCompleted" : "ContainersNotReady";

		add_condition(
			out, "PodReadyToStartContainers", p->state != SIM_CREATING, since, NULL);
		add_condition(out, "Initialized", true, p->created_wall_ms, NULL);
		add_condition(out, "Ready", ready, since, why);
		add_condition(out, "ContainersReady", p->ready, since, why);
	}
	add_condition(out, "PodScheduled", placed, p->created_wall_ms, "Unschedulable");
	buf_putc(out, ']');
}

static void add_terminated(const struct sim_pod *p, struct buf *out)
{
	char from[32], to[32];

	buf_fmt(out,
		"{\"terminated\":{\"exitCode\":%d,\"reason\":\"%s\",\"startedAt\":\"%s\","
		"\"finishedAt\":\"%s\","
		"\"containerID\":\"containerd://%060llx%04d\"}}",
		p->exit_code, p->last_reason != NULL ? p->last_reason : "Completed",
		instant_rfc3339(p->started_wall_ms < p->finished_wall_ms ? p->started_wall_ms
									 : p->finished_wall_ms,
			from, sizeof(from)),
		instant_rfc3339(p->finished_wall_ms, to, sizeof(to)), (unsigned long long)p->number,
		p->restarts);
}

static void add_container_status(const struct sim_pod *p, struct buf *out)
{
	char at[32];

	buf_fmt(out, "\"containerStatuses\":[{\"name\":\"%s\",\"state\":", container_of(p->of));
	if (p->state == SIM_RUNNING || p->state == SIM_TERMINATING)
		buf_fmt(out, "{\"running\":{\"startedAt\":\"%s\"}}",
			instant_rfc3339(p->started_wall_ms, at, sizeof(at)));
	else if (p->state == SIM_DONE)
		add_terminated(p, out);
	else if (p->state == SIM_WAITING)
		buf_fmt(out,
			"{\"waiting\":{\"reason\":\"CrashLoopBackOff\",\"message\":\"back-off %ds "
			"restarting failed container=%s pod=%s_%s\"}}",
			p->restarts < 2   ? 10
			: p->restarts < 6 ? 10 << (p->restarts - 1)
					  : 300,
			container_of(p->of), p->name, p->of->ns);
	else
		buf_puts(out, "{\"waiting\":{\"reason\":\"ContainerCreating\"}}");
	buf_puts(out, ",\"lastState\":");
	if (p->restarts > 0 && p->state != SIM_DONE)
		add_terminated(p, out);
	else
		buf_puts(out, "{}");
	buf_fmt(out,
		",\"ready\":%s,\"restartCount\":%d,\"image\":\"%s\",\"imageID\":\"\","
		"\"containerID\":\"containerd://%060llx%04d\",\"started\":%s}]",
		p->ready ? "true" : "false", p->restarts, p->of->image,
		(unsigned long long)p->number, p->restarts + 1,
		p->state == SIM_RUNNING ? "true" : "false");
}

void pod_status(const struct world *w, const struct sim_pod *p, struct buf *out)
{
	const struct machine *m = p->node >= 0 ? &w->machines[p->node] : NULL;
	char at[32];

	buf_fmt(out, "{\"status\":{\"phase\":\"%s\",",
		p->state == SIM_DONE                                  ? "Succeeded"
		: p->state == SIM_PENDING || p->state == SIM_CREATING ? "Pending"
								      : "Running");
	add_pod_conditions(p, out);
	if (m != NULL) {
		buf_fmt(out, ",\"hostIP\":\"%s\",\"hostIPs\":[{\"ip\":\"%s\"}]", m->address,
			m->address);
		if (p->ip[0] != '\0')
			buf_fmt(out, ",\"podIP\":\"%s\",\"podIPs\":[{\"ip\":\"%s\"}]", p->ip,
				p->ip);
		buf_fmt(out, ",\"startTime\":\"%s\",",
			instant_rfc3339(p->created_wall_ms, at, sizeof(at)));
		add_container_status(p, out);
	}
	buf_puts(out, ",\"qosClass\":\"Burstable\"}}");
}
