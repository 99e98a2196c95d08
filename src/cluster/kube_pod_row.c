/* Builds a pod's row from the spans the decoder noted in its one pass, which costs nothing; only
 * for the system's own pods the detail with its copies is made. With 20,000 pods this is the
 * hottest code between the socket and the screen. */
#include "cluster/kube_pod_row.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "cluster/kube_decode.h"
#include "cluster/kube_pod_status.h"

void pod_scan_owner(struct pod_scan *pod, const struct pod_owner *o)
{
	if (pod->owner_controls || (pod->owner_kind.at != NULL && !o->controller))
		return;
	pod->owner_kind = o->kind;
	pod->owner_name = o->name;
	pod->owner_controls = o->controller;
}

void pod_scan_done(struct pod_scan *pod)
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
	int64_t created = pod->time(pod->created);
	struct pod_columns columns;
	char name[256];

	pod_columns(pod, &columns);
	json_span_copy(pod->name, name, sizeof(name));
	row->ns = json_span_intern(pod->ns, pool);
	pod_set_name(row, name, pool);
	row->node = json_span_intern(pod->node, pool);
	row->status = intern_str(pool, columns.status[0] != '\0' ? columns.status : "Unknown");
	row->created_ms = created == INT64_MIN ? 0 : created;
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

static void fill_state(struct pod_container *c, const struct pod_scan *pod,
	const struct pod_container_status *s, struct kube_scratch *scratch)
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
		c->started_ms = pod->time(s->running_since);
	} else {
		c->reason = kube_scratch_str(scratch, s->waiting_reason);
		c->message = kube_scratch_str(scratch, s->waiting_message);
	}
	if (ended->there)
		c->exit_code = (int)ended->exit_code;
	if (s->last.there) {
		c->last_reason = kube_scratch_str(scratch, s->last.reason);
		c->last_finished_ms = pod->time(s->last.finished);
	}
}

static void fill_containers(struct pod_container *to, const struct pod_scan *pod, bool init,
	struct kube_scratch *scratch)
{
	const struct pod_specs *specs = init ? &pod->inits : &pod->containers;
	const struct pod_statuses *statuses = init ? &pod->init_statuses : &pod->container_statuses;

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
			fill_state(&to[i], pod, s, scratch);
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

	fill_containers(containers, pod, true, &scratch);
	fill_containers(containers + pod->inits.len, pod, false, &scratch);
	made = pod_detail_new(&from);
	free(containers);
	free(conditions);
	kube_scratch_done(&scratch);
	return made;
}

void pod_scan_row(const struct pod_scan *pod, struct intern *pool, struct system_pod_row *out)
{
	fill_row(pod, pool, &out->pod);
	if ((out->pod.flags & (POD_SYSTEM | POD_CNI)) != 0)
		out->detail = make_detail(pod);
}
