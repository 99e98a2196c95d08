/* Pods. One pass over the object notes where everything stands, which costs nothing; the row is
 * made from that, and only for the system's own pods the detail with its copies. 20,000 pods are 61
 * MB of JSON: this is the hottest code between the socket and the screen. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "cluster/kube_decode.h"
#include "cluster/kube_pod_scan.h"
#include "model/pod.h"

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

struct owner {
	struct json_span kind, name;
	bool controller;
};

static const struct json_field owner_fields[] = {
	JSON_STR("kind", struct owner, kind),
	JSON_STR("name", struct owner, name),
	JSON_BOOL("controller", struct owner, controller),
	JSON_FIELDS_END,
};

/* The controlling owner, else the first. */
static void read_owner(struct json_pull *p, void *into)
{
	struct pod_scan *pod = into;
	struct owner o = {.controller = false};

	if (!json_pull_fields(p, owner_fields, &o) || pod->owner_controls ||
		(pod->owner_kind.at != NULL && !o.controller))
		return;
	pod->owner_kind = o.kind;
	pod->owner_name = o.name;
	pod->owner_controls = o.controller;
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

static void scan_done(struct pod_scan *pod)
{
	vec_done(&pod->containers);
	vec_done(&pod->inits);
	vec_done(&pod->container_statuses);
	vec_done(&pod->init_statuses);
	vec_done(&pod->conditions);
}

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
	json_span_copy(pod->name, name, sizeof(name));
	row->ns = json_span_intern(pod->ns, pool);
	pod_set_name(row, name, pool);
	row->node = json_span_intern(pod->node, pool);
	row->status = intern_str(pool, columns.status[0] != '\0' ? columns.status : "Unknown");
	row->created_ms = kube_time_or(pod->created, 0);
	row->restarts = columns.restarts;
	row->ready = columns.ready > UINT16_MAX ? UINT16_MAX : (uint16_t)columns.ready;
	row->containers =
		columns.containers > UINT16_MAX ? UINT16_MAX : (uint16_t)columns.containers;
	row->phase = phase_of(pod->phase);
	row->flags =
		(uint8_t)(system_flags(pod, row->ns) | (pod->deleted.n > 0 ? POD_DELETING : 0) |
			  (pod->mirror.at != NULL ? POD_MIRROR : 0) |
			  (pod_condition_true(pod, "Ready") ? POD_READY : 0));
}

static const struct pod_container_status *status_of(
	const struct pod_statuses *all, struct json_span name)
{
	for (size_t i = 0; i < all->len; i++)
		if (name.at != NULL && all->at[i].name.at != NULL && all->at[i].name.n == name.n &&
			memcmp(all->at[i].name.at, name.at, name.n) == 0)
			return &all->at[i];
	return NULL;
}

static uint32_t count_of(int64_t v)
{
	return v < 0 ? 0 : v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static void fill_state(
	struct pod_container *c, const struct pod_container_status *s, struct kube_scratch *scratch)
{
	const struct pod_term *ended = s->terminated.there ? &s->terminated : &s->last;

	c->ready = s->ready;
	c->restarts = count_of(s->restarts);
	if (s->image.n > 0)
		c->image = kube_scratch_str(scratch, s->image);
	if (s->terminated.there) {
		c->state = "Terminated";
		c->reason = kube_scratch_str(scratch, s->terminated.reason);
		c->message = kube_scratch_str(scratch, s->terminated.message);
	} else if (s->running) {
		c->state = "Running";
		c->started_ms = kube_time(s->running_since);
	} else {
		c->reason = kube_scratch_str(scratch, s->waiting_reason);
		c->message = kube_scratch_str(scratch, s->waiting_message);
	}
	if (ended->there)
		c->exit_code = (int)ended->exit_code;
	if (s->last.there) {
		c->last_reason = kube_scratch_str(scratch, s->last.reason);
		c->last_finished_ms = kube_time(s->last.finished);
	}
}

static void fill_containers(struct pod_container *to, const struct pod_specs *specs,
	const struct pod_statuses *statuses, bool init, struct kube_scratch *scratch)
{
	for (size_t i = 0; i < specs->len; i++) {
		const struct pod_container_status *s = status_of(statuses, specs->at[i].name);

		to[i] = (struct pod_container){.name = kube_scratch_str(scratch, specs->at[i].name),
			.image = kube_scratch_str(scratch, specs->at[i].image),
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
	if (pod->owner_kind.n == 0)
		return "";
	return kube_scratch_keep(
		scratch, str_fmt("%s/%s", kube_scratch_str(scratch, pod->owner_kind),
				 kube_scratch_str(scratch, pod->owner_name)));
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

	fill_containers(containers, &pod->inits, &pod->init_statuses, true, &scratch);
	fill_containers(containers + pod->inits.len, &pod->containers, &pod->container_statuses,
		false, &scratch);
	made = pod_detail_new(&from);
	free(containers);
	free(conditions);
	kube_scratch_done(&scratch);
	return made;
}

int pod_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e)
{
	struct system_pod_row *out = row;
	struct pod_scan pod;
	struct json_pull p;
	int rc;

	memset(out, 0, sizeof(*out));
	memset(&pod, 0, sizeof(pod));
	json_pull_init(&p, bytes, n);
	json_pull_fields(&p, pod_fields, &pod);
	rc = kube_decoded(&p, "pod", pod.ns, pod.name, e);
	if (rc == 0) {
		fill_row(&pod, pool, &out->pod);
		if ((out->pod.flags & (POD_SYSTEM | POD_CNI)) != 0)
			out->detail = make_detail(&pod);
	}
	scan_done(&pod);
	return rc;
}
