/* Pods in JSON, as watches send them, and as lists where the server has no protobuf: where in the
 * object everything stands that a row is made of. */
#include <string.h>

#include "base/vec.h"
#include "cluster/kube_decode.h"
#include "cluster/kube_pod_row.h"
#include "cluster/kube_pod_scan.h"

static const struct json_field term_fields[] = {
	JSON_STR("reason", struct pod_term, reason),
	JSON_STR("message", struct pod_term, message),
	JSON_STR("startedAt", struct pod_term, started),
	JSON_STR("finishedAt", struct pod_term, finished),
	JSON_INT("exitCode", struct pod_term, exit_code),
	JSON_INT("signal", struct pod_term, signal),
	JSON_FIELDS_END,
};

static const struct json_field waiting_fields[] = {
	JSON_STR("reason", struct pod_container_status, waiting_reason),
	JSON_STR("message", struct pod_container_status, waiting_message),
	JSON_FIELDS_END,
};

static const struct json_field running_fields[] = {
	JSON_STR("startedAt", struct pod_container_status, running_since),
	JSON_FIELDS_END,
};

static void read_waiting(struct json_pull *p, void *into)
{
	struct pod_container_status *s = into;

	s->waiting = json_pull_fields(p, waiting_fields, s);
}

static void read_running(struct json_pull *p, void *into)
{
	struct pod_container_status *s = into;

	s->running = json_pull_fields(p, running_fields, s);
}

static void read_terminated(struct json_pull *p, void *into)
{
	struct pod_container_status *s = into;

	s->terminated.there = json_pull_fields(p, term_fields, &s->terminated);
}

static void read_last(struct json_pull *p, void *into)
{
	struct pod_container_status *s = into;

	s->last.there = json_pull_fields(p, term_fields, &s->last);
}

static const struct json_field state_fields[] = {
	JSON_WITH("waiting", read_waiting),
	JSON_WITH("running", read_running),
	JSON_WITH("terminated", read_terminated),
	JSON_FIELDS_END,
};

static const struct json_field last_state_fields[] = {
	JSON_WITH("terminated", read_last),
	JSON_FIELDS_END,
};

static const struct json_field status_fields[] = {
	JSON_STR("name", struct pod_container_status, name),
	JSON_STR("image", struct pod_container_status, image),
	JSON_BOOL("ready", struct pod_container_status, ready),
	JSON_BOOL("started", struct pod_container_status, started),
	JSON_INT("restartCount", struct pod_container_status, restarts),
	JSON_INSIDE("state", state_fields),
	JSON_INSIDE("lastState", last_state_fields),
	JSON_FIELDS_END,
};

static const struct json_field container_fields[] = {
	JSON_STR("name", struct pod_spec_container, name),
	JSON_STR("image", struct pod_spec_container, image),
	JSON_STR("restartPolicy", struct pod_spec_container, restart_policy),
	JSON_FIELDS_END,
};

static const struct json_field condition_fields[] = {
	JSON_STR("type", struct pod_scan_condition, type),
	JSON_STR("status", struct pod_scan_condition, status),
	JSON_STR("reason", struct pod_scan_condition, reason),
	JSON_STR("message", struct pod_scan_condition, message),
	JSON_FIELDS_END,
};

static void read_container(struct json_pull *p, void *into)
{
	json_pull_fields(p, container_fields, vec_add(&((struct pod_scan *)into)->containers));
}

static void read_init(struct json_pull *p, void *into)
{
	json_pull_fields(p, container_fields, vec_add(&((struct pod_scan *)into)->inits));
}

static void read_status(struct json_pull *p, void *into)
{
	json_pull_fields(p, status_fields, vec_add(&((struct pod_scan *)into)->container_statuses));
}

static void read_init_status(struct json_pull *p, void *into)
{
	json_pull_fields(p, status_fields, vec_add(&((struct pod_scan *)into)->init_statuses));
}

static void read_condition(struct json_pull *p, void *into)
{
	json_pull_fields(p, condition_fields, vec_add(&((struct pod_scan *)into)->conditions));
}

static const struct json_field owner_fields[] = {
	JSON_STR("kind", struct pod_owner, kind),
	JSON_STR("name", struct pod_owner, name),
	JSON_BOOL("controller", struct pod_owner, controller),
	JSON_FIELDS_END,
};

static void read_owner(struct json_pull *p, void *into)
{
	struct pod_owner o = {.controller = false};

	if (json_pull_fields(p, owner_fields, &o))
		pod_scan_owner(into, &o);
}

static const struct json_field label_fields[] = {
	JSON_STR("component", struct pod_scan, label_component),
	JSON_STR("k8s-app", struct pod_scan, label_k8s_app),
	JSON_STR("app", struct pod_scan, label_app),
	JSON_FIELDS_END,
};

static const struct json_field annotation_fields[] = {
	JSON_STR("kubernetes.io/config.mirror", struct pod_scan, mirror),
	JSON_FIELDS_END,
};

static const struct json_field meta_fields[] = {
	JSON_STR("name", struct pod_scan, name),
	JSON_STR("namespace", struct pod_scan, ns),
	JSON_STR("uid", struct pod_scan, uid),
	JSON_STR("creationTimestamp", struct pod_scan, created),
	JSON_STR("deletionTimestamp", struct pod_scan, deleted),
	JSON_INSIDE("labels", label_fields),
	JSON_INSIDE("annotations", annotation_fields),
	JSON_LIST("ownerReferences", read_owner),
	JSON_FIELDS_END,
};

static const struct json_field spec_fields[] = {
	JSON_LIST("containers", read_container),
	JSON_LIST("initContainers", read_init),
	JSON_STR("nodeName", struct pod_scan, node),
	JSON_STR("priorityClassName", struct pod_scan, priority_class),
	JSON_FIELDS_END,
};

static const struct json_field pod_status_fields[] = {
	JSON_STR("phase", struct pod_scan, phase),
	JSON_STR("reason", struct pod_scan, reason),
	JSON_STR("message", struct pod_scan, message),
	JSON_STR("podIP", struct pod_scan, ip),
	JSON_STR("hostIP", struct pod_scan, host_ip),
	JSON_STR("qosClass", struct pod_scan, qos),
	JSON_LIST("conditions", read_condition),
	JSON_LIST("containerStatuses", read_status),
	JSON_LIST("initContainerStatuses", read_init_status),
	JSON_FIELDS_END,
};

static const struct json_field pod_fields[] = {
	JSON_INSIDE("metadata", meta_fields),
	JSON_INSIDE("spec", spec_fields),
	JSON_INSIDE("status", pod_status_fields),
	JSON_FIELDS_END,
};

int pod_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e)
{
	struct pod_scan pod;
	struct json_pull p;
	int rc;

	memset(row, 0, sizeof(struct system_pod_row));
	memset(&pod, 0, sizeof(pod));
	pod.time = kube_time;
	json_pull_init(&p, bytes, n);
	json_pull_fields(&p, pod_fields, &pod);
	rc = kube_decoded(&p, "pod", pod.ns, pod.name, e);
	if (rc == 0)
		pod_scan_row(&pod, pool, row);
	pod_scan_done(&pod);
	return rc;
}
