/* Pods in protobuf, as lists send them: a fifth of the bytes of the JSON, which the server writes
 * in half the time. The numbers are those of k8s.io/api/core/v1/generated.proto, which never
 * change. */
#include <string.h>

#include "base/vec.h"
#include "cluster/kube_decode.h"
#include "cluster/kube_pod_row.h"
#include "cluster/kube_pod_scan.h"

static const struct proto_field term_fields[] = {
	PROTO_INT(1, struct pod_term, exit_code),
	PROTO_INT(2, struct pod_term, signal),
	PROTO_BYTES(3, struct pod_term, reason),
	PROTO_BYTES(4, struct pod_term, message),
	PROTO_BYTES(5, struct pod_term, started),
	PROTO_BYTES(6, struct pod_term, finished),
	PROTO_FIELDS_END,
};

static const struct proto_field waiting_fields[] = {
	PROTO_BYTES(1, struct pod_container_status, waiting_reason),
	PROTO_BYTES(2, struct pod_container_status, waiting_message),
	PROTO_FIELDS_END,
};

static const struct proto_field running_fields[] = {
	PROTO_BYTES(1, struct pod_container_status, running_since),
	PROTO_FIELDS_END,
};

static void read_waiting(struct proto_pull *p, void *into)
{
	struct pod_container_status *s = into;

	s->waiting = proto_pull_fields(p, waiting_fields, s);
}

static void read_running(struct proto_pull *p, void *into)
{
	struct pod_container_status *s = into;

	s->running = proto_pull_fields(p, running_fields, s);
}

static void read_terminated(struct proto_pull *p, void *into)
{
	struct pod_container_status *s = into;

	s->terminated.there = proto_pull_fields(p, term_fields, &s->terminated);
}

static void read_last(struct proto_pull *p, void *into)
{
	struct pod_container_status *s = into;

	s->last.there = proto_pull_fields(p, term_fields, &s->last);
}

static const struct proto_field state_fields[] = {
	PROTO_WITH(1, read_waiting),
	PROTO_WITH(2, read_running),
	PROTO_WITH(3, read_terminated),
	PROTO_FIELDS_END,
};

static const struct proto_field last_state_fields[] = {
	PROTO_WITH(3, read_last),
	PROTO_FIELDS_END,
};

static const struct proto_field container_status_fields[] = {
	PROTO_BYTES(1, struct pod_container_status, name),
	PROTO_INSIDE(2, state_fields),
	PROTO_INSIDE(3, last_state_fields),
	PROTO_BOOL(4, struct pod_container_status, ready),
	PROTO_INT(5, struct pod_container_status, restarts),
	PROTO_BYTES(6, struct pod_container_status, image),
	PROTO_BOOL(9, struct pod_container_status, started),
	PROTO_FIELDS_END,
};

static const struct proto_field container_fields[] = {
	PROTO_BYTES(1, struct pod_spec_container, name),
	PROTO_BYTES(2, struct pod_spec_container, image),
	PROTO_BYTES(24, struct pod_spec_container, restart_policy),
	PROTO_FIELDS_END,
};

static const struct proto_field condition_fields[] = {
	PROTO_BYTES(1, struct pod_scan_condition, type),
	PROTO_BYTES(2, struct pod_scan_condition, status),
	PROTO_BYTES(5, struct pod_scan_condition, reason),
	PROTO_BYTES(6, struct pod_scan_condition, message),
	PROTO_FIELDS_END,
};

static void read_container(struct proto_pull *p, void *into)
{
	proto_pull_fields(p, container_fields, vec_add(&((struct pod_scan *)into)->containers));
}

static void read_init(struct proto_pull *p, void *into)
{
	proto_pull_fields(p, container_fields, vec_add(&((struct pod_scan *)into)->inits));
}

static void read_status(struct proto_pull *p, void *into)
{
	proto_pull_fields(p, container_status_fields,
		vec_add(&((struct pod_scan *)into)->container_statuses));
}

static void read_init_status(struct proto_pull *p, void *into)
{
	proto_pull_fields(
		p, container_status_fields, vec_add(&((struct pod_scan *)into)->init_statuses));
}

static void read_condition(struct proto_pull *p, void *into)
{
	proto_pull_fields(p, condition_fields, vec_add(&((struct pod_scan *)into)->conditions));
}

static const struct proto_field owner_fields[] = {
	PROTO_BYTES(1, struct pod_owner, kind),
	PROTO_BYTES(3, struct pod_owner, name),
	PROTO_BOOL(6, struct pod_owner, controller),
	PROTO_FIELDS_END,
};

static void read_owner(struct proto_pull *p, void *into)
{
	struct pod_owner o = {.controller = false};

	if (proto_pull_fields(p, owner_fields, &o))
		pod_scan_owner(into, &o);
}

/* An entry of a map of strings. */
struct pair {
	struct json_span key, value;
};

static const struct proto_field pair_fields[] = {
	PROTO_BYTES(1, struct pair, key),
	PROTO_BYTES(2, struct pair, value),
	PROTO_FIELDS_END,
};

static void read_label(struct proto_pull *p, void *into)
{
	struct pod_scan *pod = into;
	struct pair label = {.value = {.at = ""}};

	if (!proto_pull_fields(p, pair_fields, &label))
		return;
	if (json_span_is(label.key, "component"))
		pod->label_component = label.value;
	else if (json_span_is(label.key, "k8s-app"))
		pod->label_k8s_app = label.value;
	else if (json_span_is(label.key, "app"))
		pod->label_app = label.value;
}

static void read_annotation(struct proto_pull *p, void *into)
{
	struct pod_scan *pod = into;
	struct pair annotation = {.value = {.at = ""}};

	if (proto_pull_fields(p, pair_fields, &annotation) &&
		json_span_is(annotation.key, "kubernetes.io/config.mirror"))
		pod->mirror = annotation.value;
}

static const struct proto_field meta_fields[] = {
	PROTO_BYTES(1, struct pod_scan, name),
	PROTO_BYTES(3, struct pod_scan, ns),
	PROTO_BYTES(5, struct pod_scan, uid),
	PROTO_BYTES(8, struct pod_scan, created),
	PROTO_BYTES(9, struct pod_scan, deleted),
	PROTO_WITH(11, read_label),
	PROTO_WITH(12, read_annotation),
	PROTO_WITH(13, read_owner),
	PROTO_FIELDS_END,
};

static const struct proto_field spec_fields[] = {
	PROTO_WITH(2, read_container),
	PROTO_BYTES(10, struct pod_scan, node),
	PROTO_WITH(20, read_init),
	PROTO_BYTES(24, struct pod_scan, priority_class),
	PROTO_FIELDS_END,
};

static const struct proto_field status_fields[] = {
	PROTO_BYTES(1, struct pod_scan, phase),
	PROTO_WITH(2, read_condition),
	PROTO_BYTES(3, struct pod_scan, message),
	PROTO_BYTES(4, struct pod_scan, reason),
	PROTO_BYTES(5, struct pod_scan, host_ip),
	PROTO_BYTES(6, struct pod_scan, ip),
	PROTO_WITH(8, read_status),
	PROTO_BYTES(9, struct pod_scan, qos),
	PROTO_WITH(10, read_init_status),
	PROTO_FIELDS_END,
};

static const struct proto_field pod_fields[] = {
	PROTO_INSIDE(1, meta_fields),
	PROTO_INSIDE(2, spec_fields),
	PROTO_INSIDE(3, status_fields),
	PROTO_FIELDS_END,
};

int pod_decode_proto(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e)
{
	struct proto_pull p;
	struct pod_scan pod;
	int rc;

	memset(row, 0, sizeof(struct system_pod_row));
	memset(&pod, 0, sizeof(pod));
	pod.time = kube_time_proto;
	proto_pull_init(&p, bytes, n);
	proto_pull_fields(&p, pod_fields, &pod);
	rc = kube_decoded_proto(&p, "pod", pod.ns, pod.name, e);
	if (rc == 0)
		pod_scan_row(&pod, pool, row);
	pod_scan_done(&pod);
	return rc;
}
