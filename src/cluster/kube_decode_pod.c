/* Pods: where in the object everything stands, noted in one pass, which costs nothing; then the
 * row. Only for the system's own pods the detail with its copies is made. With 20,000 pods this is
 * the hottest code between the socket and the screen. The numbers are those of
 * k8s.io/api/core/v1/generated.proto. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cluster/kube_decode.h"
#include "cluster/kube_pod_scan.h"
#include "cluster/kube_pod_status.h"

static const struct field owner_fields[] = {
	FIELD(STR, "kind", 1, struct pod_owner, kind),
	FIELD(STR, "name", 3, struct pod_owner, name),
	FIELD(BOOL, "controller", 6, struct pod_owner, controller),
	FIELDS_END,
};

/* The controlling one, else the first, is kept. */
static void take_owner(void *into)
{
	struct pod_scan *pod = into;

	if (pod->owner.kind.at == NULL || (pod->one_owner.controller && !pod->owner.controller))
		pod->owner = pod->one_owner;
}

static const struct field label_fields[] = {
	FIELD(STR, "component", 0, struct pod_scan, label_component),
	FIELD(STR, "k8s-app", 0, struct pod_scan, label_k8s_app),
	FIELD(STR, "app", 0, struct pod_scan, label_app),
	FIELDS_END,
};

static const struct field annotation_fields[] = {
	FIELD(STR, "kubernetes.io/config.mirror", 0, struct pod_scan, mirror),
	FIELDS_END,
};

static const struct field meta_fields[] = {
	KUBE_META,
	FIELD(STR, "uid", 5, struct pod_scan, uid),
	FIELD_MAP("labels", 11, label_fields),
	FIELD_MAP("annotations", 12, annotation_fields),
	FIELD_EACH("ownerReferences", 13, struct pod_scan, one_owner, owner_fields, take_owner),
	FIELDS_END,
};

static const struct field container_fields[] = {
	FIELD(STR, "name", 1, struct pod_spec_container, name),
	FIELD(STR, "image", 2, struct pod_spec_container, image),
	FIELD(STR, "restartPolicy", 24, struct pod_spec_container, restart_policy),
	FIELDS_END,
};

static const struct field spec_fields[] = {
	FIELD_LIST("containers", 2, struct pod_scan, containers, container_fields),
	FIELD(STR, "nodeName", 10, struct pod_scan, node),
	FIELD_LIST("initContainers", 20, struct pod_scan, inits, container_fields),
	FIELD(STR, "priorityClassName", 24, struct pod_scan, priority_class),
	FIELDS_END,
};

static const struct field waiting_fields[] = {
	FIELD(STR, "reason", 1, struct pod_waiting, reason),
	FIELD(STR, "message", 2, struct pod_waiting, message),
	FIELDS_END,
};

static const struct field running_fields[] = {
	FIELD(TIME, "startedAt", 1, struct pod_running, since),
	FIELDS_END,
};

static const struct field term_fields[] = {
	FIELD(INT, "exitCode", 1, struct pod_term, exit_code),
	FIELD(INT, "signal", 2, struct pod_term, signal),
	FIELD(STR, "reason", 3, struct pod_term, reason),
	FIELD(STR, "message", 4, struct pod_term, message),
	FIELD(TIME, "finishedAt", 6, struct pod_term, finished),
	FIELDS_END,
};

static const struct field state_fields[] = {
	FIELD_OPTIONAL("waiting", 1, struct pod_container_status, waiting, waiting_fields),
	FIELD_OPTIONAL("running", 2, struct pod_container_status, running, running_fields),
	FIELD_OPTIONAL("terminated", 3, struct pod_container_status, terminated, term_fields),
	FIELDS_END,
};

static const struct field last_state_fields[] = {
	FIELD_OPTIONAL("terminated", 3, struct pod_container_status, last, term_fields),
	FIELDS_END,
};

static const struct field container_status_fields[] = {
	FIELD(STR, "name", 1, struct pod_container_status, name),
	FIELD_INSIDE("state", 2, state_fields),
	FIELD_INSIDE("lastState", 3, last_state_fields),
	FIELD(BOOL, "ready", 4, struct pod_container_status, ready),
	FIELD(INT, "restartCount", 5, struct pod_container_status, restarts),
	FIELD(STR, "image", 6, struct pod_container_status, image),
	FIELD(BOOL, "started", 9, struct pod_container_status, started),
	FIELDS_END,
};

static const struct field condition_fields[] = {
	FIELD(STR, "type", 1, struct pod_scan_condition, type),
	FIELD(STR, "status", 2, struct pod_scan_condition, status),
	FIELD(STR, "reason", 5, struct pod_scan_condition, reason),
	FIELD(STR, "message", 6, struct pod_scan_condition, message),
	FIELDS_END,
};

static const struct field status_fields[] = {
	FIELD(STR, "phase", 1, struct pod_scan, phase),
	FIELD_LIST("conditions", 2, struct pod_scan, conditions, condition_fields),
	FIELD(STR, "message", 3, struct pod_scan, message),
	FIELD(STR, "reason", 4, struct pod_scan, reason),
	FIELD(STR, "hostIP", 5, struct pod_scan, host_ip),
	FIELD(STR, "podIP", 6, struct pod_scan, ip),
	FIELD_LIST("containerStatuses", 8, struct pod_scan, container_statuses,
		container_status_fields),
	FIELD(STR, "qosClass", 9, struct pod_scan, qos),
	FIELD_LIST("initContainerStatuses", 10, struct pod_scan, init_statuses,
		container_status_fields),
	FIELDS_END,
};

static const struct field pod_fields[] = {
	FIELD_INSIDE("metadata", 1, meta_fields),
	FIELD_INSIDE("spec", 2, spec_fields),
	FIELD_INSIDE("status", 3, status_fields),
	FIELDS_END,
};

static uint8_t phase_of(struct json_span phase)
{
	static const char *const words[] = {[POD_PENDING] = "Pending",
		[POD_RUNNING] = "Running",
		[POD_SUCCEEDED] = "Succeeded",
		[POD_FAILED] = "Failed"};

	for (int i = POD_PENDING; i <= POD_FAILED; i++)
		if (json_span_is(phase, words[i]))
			return (uint8_t)i;
	return POD_UNKNOWN;
}

static struct json_span component_of(const struct pod_scan *pod)
{
	if (pod->label_component.n > 0)
		return pod->label_component;
	return pod->label_k8s_app.n > 0 ? pod->label_k8s_app : pod->label_app;
}

/* Any of the three labels may be the one the system is known by. */
static unsigned system_flags(const struct pod_scan *pod, const char *ns)
{
	const struct json_span labels[] = {
		pod->label_component, pod->label_k8s_app, pod->label_app};
	unsigned flags = pod_system_flags(ns, "");
	char text[128];

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (labels[i].n > 0 && labels[i].n < sizeof(text)) {
			json_span_copy(labels[i], text, sizeof(text));
			flags |= pod_system_flags(ns, text);
		}
	return flags;
}

static void fill_row(const struct pod_scan *pod, struct intern *pool, struct pod_row *row)
{
	struct pod_columns columns;
	char name[256];

	pod_columns(pod, &columns);
	json_span_copy(pod->meta.name, name, sizeof(name));
	row->ns = json_span_intern(pod->meta.ns, pool);
	pod_set_name(row, name, pool);
	row->node = json_span_intern(pod->node, pool);
	row->status = intern_str(pool, columns.status[0] != '\0' ? columns.status : "Unknown");
	row->created_ms = kube_time_or(pod->meta.created, 0);
	row->restarts = columns.restarts;
	row->ready = columns.ready > UINT16_MAX ? UINT16_MAX : (uint16_t)columns.ready;
	row->containers =
		columns.containers > UINT16_MAX ? UINT16_MAX : (uint16_t)columns.containers;
	row->phase = phase_of(pod->phase);
	row->flags = (uint8_t)(system_flags(pod, row->ns) |
			       (pod->meta.deleted.n > 0 ? POD_DELETING : 0) |
			       (pod->mirror.at != NULL ? POD_MIRROR : 0) |
			       (pod_condition_true(pod, "Ready") ? POD_READY : 0));
}

static const struct pod_container_status *status_of(
	const struct pod_scan *pod, bool init, struct json_span name)
{
	const struct pod_container_status *all =
		init ? pod->init_statuses.at : pod->container_statuses.at;
	size_t n = init ? pod->init_statuses.len : pod->container_statuses.len;

	for (size_t i = 0; i < n; i++)
		if (name.at != NULL && all[i].name.at != NULL && all[i].name.n == name.n &&
			memcmp(all[i].name.at, name.at, name.n) == 0)
			return &all[i];
	return NULL;
}

static void fill_state(
	struct pod_container *c, const struct pod_container_status *s, struct kube_scratch *scratch)
{
	const struct pod_term *ended = s->terminated.there ? &s->terminated : &s->last;

	c->ready = s->ready;
	c->restarts = (uint32_t)kube_count(s->restarts);
	if (s->image.n > 0)
		c->image = kube_scratch_str(scratch, s->image);
	if (s->terminated.there) {
		c->state = "Terminated";
		c->reason = kube_scratch_str(scratch, s->terminated.reason);
		c->message = kube_scratch_str(scratch, s->terminated.message);
	} else if (s->running.there) {
		c->state = "Running";
		c->started_ms = kube_time(s->running.since);
	} else {
		c->reason = kube_scratch_str(scratch, s->waiting.reason);
		c->message = kube_scratch_str(scratch, s->waiting.message);
	}
	if (ended->there)
		c->exit_code = (int)ended->exit_code;
	if (s->last.there) {
		c->last_reason = kube_scratch_str(scratch, s->last.reason);
		c->last_finished_ms = kube_time(s->last.finished);
	}
}

static void fill_containers(struct pod_container *to, const struct pod_scan *pod, bool init,
	struct kube_scratch *scratch)
{
	const struct pod_spec_container *specs = init ? pod->inits.at : pod->containers.at;
	size_t n = init ? pod->inits.len : pod->containers.len;

	for (size_t i = 0; i < n; i++) {
		const struct pod_container_status *s = status_of(pod, init, specs[i].name);

		to[i] = (struct pod_container){.name = kube_scratch_str(scratch, specs[i].name),
			.image = kube_scratch_str(scratch, specs[i].image),
			.state = "Waiting",
			.reason = "",
			.message = "",
			.last_reason = "",
			.exit_code = -1,
			.last_finished_ms = INT64_MIN,
			.started_ms = INT64_MIN,
			.init = init};
		if (s != NULL)
			fill_state(&to[i], s, scratch);
	}
}

static struct pod_condition *make_conditions(
	const struct pod_scan *pod, struct kube_scratch *scratch)
{
	struct pod_condition *to = mem_zero(pod->conditions.len + 1, sizeof(*to));

	for (size_t i = 0; i < pod->conditions.len; i++) {
		const struct pod_scan_condition *c = &pod->conditions.at[i];

		to[i].type = kube_scratch_str(scratch, c->type);
		to[i].status = kube_scratch_str(scratch, c->status);
		to[i].reason = kube_scratch_str(scratch, c->reason);
		to[i].message = kube_scratch_str(scratch, c->message);
	}
	return to;
}

static const char *owner_of(const struct pod_scan *pod, struct kube_scratch *scratch)
{
	if (pod->owner.kind.n == 0)
		return "";
	return kube_scratch_keep(
		scratch, str_fmt("%s/%s", kube_scratch_str(scratch, pod->owner.kind),
				 kube_scratch_str(scratch, pod->owner.name)));
}

static struct pod_detail *make_detail(const struct pod_scan *pod)
{
	struct kube_scratch scratch = {0};
	size_t n = pod->inits.len + pod->containers.len;
	struct pod_container *containers = mem_zero(n + 1, sizeof(*containers));
	struct pod_condition *conditions = make_conditions(pod, &scratch);
	struct pod_detail from = {.n_containers = n,
		.n_conditions = pod->conditions.len,
		.containers = containers,
		.conditions = conditions,
		.uid = kube_scratch_str(&scratch, pod->uid),
		.ip = kube_scratch_str(&scratch, pod->ip),
		.host_ip = kube_scratch_str(&scratch, pod->host_ip),
		.owner = owner_of(pod, &scratch),
		.component = kube_scratch_str(&scratch, component_of(pod)),
		.priority_class = kube_scratch_str(&scratch, pod->priority_class),
		.qos = kube_scratch_str(&scratch, pod->qos),
		.message = kube_scratch_str(&scratch, pod->message),
		.reason = kube_scratch_str(&scratch, pod->reason)};
	struct pod_detail *made;

	fill_containers(containers, pod, true, &scratch);
	fill_containers(containers + pod->inits.len, pod, false, &scratch);
	made = pod_detail_new(&from);
	free(containers);
	free(conditions);
	kube_scratch_done(&scratch);
	return made;
}

int pod_decode(struct json_span object, struct intern *pool, void *row, struct err *e)
{
	struct pod_scan pod = {.uid = {.at = NULL}};
	struct system_pod_row *out = row;
	int rc = kube_read(object, "pod", pod_fields, &pod, e);

	memset(out, 0, sizeof(*out));
	if (rc == 0)
		fill_row(&pod, pool, &out->pod);
	if (rc == 0 && (out->pod.flags & (POD_SYSTEM | POD_CNI)) != 0)
		out->detail = make_detail(&pod);
	vec_done(&pod.containers);
	vec_done(&pod.inits);
	vec_done(&pod.container_statuses);
	vec_done(&pod.init_statuses);
	vec_done(&pod.conditions);
	return rc;
}
