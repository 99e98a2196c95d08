/* Deployments, StatefulSets, DaemonSets. Each counts with words and numbers of its own; the row has
 * one set. Who edited what is read from managedFields: the newest entry that is no controller's
 * report. The numbers are those of k8s.io/api/apps/v1/generated.proto. */
#include <string.h>

#include "base/buf.h"
#include "cluster/kube_decode.h"
#include "model/workload.h"

#define IMAGES_MAX 2048

struct workload_scan {
	struct kube_meta meta;
	struct json_span k8s_app, component, app, app_name;
	struct json_span revision;
	int64_t generation, observed;
	int64_t desired, ready, updated, available;
	struct json_span current, update; /* a StatefulSet's revisions */
	bool paused, unavailable, stuck, complete, progressing;
	struct scan_condition {
		struct json_span type, status, reason;
	} condition;
	struct scan_image {
		struct json_span name;
	} image;
	struct buf images;
};

static const struct field label_fields[] = {
	FIELD(STR, "k8s-app", 0, struct workload_scan, k8s_app),
	FIELD(STR, "component", 0, struct workload_scan, component),
	FIELD(STR, "app", 0, struct workload_scan, app),
	FIELD(STR, "app.kubernetes.io/name", 0, struct workload_scan, app_name),
	FIELDS_END,
};

static const struct field annotation_fields[] = {
	FIELD(STR, "deployment.kubernetes.io/revision", 0, struct workload_scan, revision),
	FIELD(STR, "deprecated.daemonset.template.generation", 0, struct workload_scan, revision),
	FIELDS_END,
};

static const struct field meta_fields[] = {
	KUBE_META,
	KUBE_EDITS,
	FIELD(INT, "generation", 7, struct workload_scan, generation),
	FIELD_MAP("labels", 11, label_fields),
	FIELD_MAP("annotations", 12, annotation_fields),
	FIELDS_END,
};

static void add_image(void *into)
{
	struct workload_scan *scan = into;
	char text[300];

	json_span_copy(scan->image.name, text, sizeof(text));
	if (scan->images.len + strlen(text) + 1 < scan->images.max)
		buf_fmt(&scan->images, "%s%s", scan->images.len > 0 ? " " : "", text);
}

static const struct field image_fields[] = {
	FIELD(STR, "image", 2, struct scan_image, name),
	FIELDS_END,
};

static const struct field pod_spec_fields[] = {
	FIELD_EACH("containers", 2, struct workload_scan, image, image_fields, add_image),
	FIELDS_END,
};

static const struct field template_fields[] = {
	FIELD_INSIDE("spec", 2, pod_spec_fields),
	FIELDS_END,
};

static void take_condition(void *into)
{
	struct workload_scan *scan = into;
	const struct scan_condition *c = &scan->condition;

	if (json_span_is(c->type, "Available")) {
		scan->unavailable = json_span_is(c->status, "False");
	} else if (json_span_is(c->type, "Progressing")) {
		scan->progressing = true;
		scan->stuck = json_span_is(c->status, "False");
		scan->complete = json_span_is(c->reason, "NewReplicaSetAvailable");
	}
}

static const struct field condition_fields[] = {
	FIELD(STR, "type", 1, struct scan_condition, type),
	FIELD(STR, "status", 2, struct scan_condition, status),
	FIELD(STR, "reason", 4, struct scan_condition, reason),
	FIELDS_END,
};

/* A macro, as each type has another number for it. */
#define CONDITIONS(number)                                                                         \
	FIELD_EACH("conditions", number, struct workload_scan, condition, condition_fields,        \
		take_condition)

static const struct field deployment_spec_fields[] = {
	FIELD(INT, "replicas", 1, struct workload_scan, desired),
	FIELD_INSIDE("template", 3, template_fields),
	FIELD(BOOL, "paused", 7, struct workload_scan, paused),
	FIELDS_END,
};

static const struct field deployment_status_fields[] = {
	FIELD(INT, "observedGeneration", 1, struct workload_scan, observed),
	FIELD(INT, "updatedReplicas", 3, struct workload_scan, updated),
	FIELD(INT, "availableReplicas", 4, struct workload_scan, available),
	CONDITIONS(6),
	FIELD(INT, "readyReplicas", 7, struct workload_scan, ready),
	FIELDS_END,
};

static const struct field deployment_fields[] = {
	FIELD_INSIDE("metadata", 1, meta_fields),
	FIELD_INSIDE("spec", 2, deployment_spec_fields),
	FIELD_INSIDE("status", 3, deployment_status_fields),
	FIELDS_END,
};

static const struct field stateful_set_spec_fields[] = {
	FIELD(INT, "replicas", 1, struct workload_scan, desired),
	FIELD_INSIDE("template", 3, template_fields),
	FIELDS_END,
};

static const struct field stateful_set_status_fields[] = {
	FIELD(INT, "observedGeneration", 1, struct workload_scan, observed),
	FIELD(INT, "readyReplicas", 3, struct workload_scan, ready),
	FIELD(INT, "updatedReplicas", 5, struct workload_scan, updated),
	FIELD(STR, "currentRevision", 6, struct workload_scan, current),
	FIELD(STR, "updateRevision", 7, struct workload_scan, update),
	CONDITIONS(10),
	FIELD(INT, "availableReplicas", 11, struct workload_scan, available),
	FIELDS_END,
};

static const struct field stateful_set_fields[] = {
	FIELD_INSIDE("metadata", 1, meta_fields),
	FIELD_INSIDE("spec", 2, stateful_set_spec_fields),
	FIELD_INSIDE("status", 3, stateful_set_status_fields),
	FIELDS_END,
};

static const struct field daemon_set_spec_fields[] = {
	FIELD_INSIDE("template", 2, template_fields),
	FIELDS_END,
};

static const struct field daemon_set_status_fields[] = {
	FIELD(INT, "desiredNumberScheduled", 3, struct workload_scan, desired),
	FIELD(INT, "numberReady", 4, struct workload_scan, ready),
	FIELD(INT, "observedGeneration", 5, struct workload_scan, observed),
	FIELD(INT, "updatedNumberScheduled", 6, struct workload_scan, updated),
	FIELD(INT, "numberAvailable", 7, struct workload_scan, available),
	CONDITIONS(10),
	FIELDS_END,
};

static const struct field daemon_set_fields[] = {
	FIELD_INSIDE("metadata", 1, meta_fields),
	FIELD_INSIDE("spec", 2, daemon_set_spec_fields),
	FIELD_INSIDE("status", 3, daemon_set_status_fields),
	FIELDS_END,
};

static const char *component_of(const struct workload_scan *s, struct intern *pool)
{
	const struct json_span in_order[] = {s->k8s_app, s->component, s->app, s->app_name};

	for (size_t i = 0; i < sizeof(in_order) / sizeof(in_order[0]); i++)
		if (in_order[i].n > 0)
			return json_span_intern(in_order[i], pool);
	return "";
}

static bool same(struct json_span a, struct json_span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.at, b.at, a.n) == 0);
}

/* A Deployment says itself whether its rollout is complete; the others are complete when all of
 * them are of the newest revision. */
static bool is_rolling(const struct workload_scan *s, const struct workload_row *row)
{
	if (row->observed < row->generation)
		return true;
	if (row->type == WORKLOAD_DEPLOYMENT && s->progressing)
		return !s->complete && row->updated < row->desired;
	if (row->type == WORKLOAD_STATEFULSET)
		return s->update.n > 0 && !same(s->current, s->update);
	return row->updated < row->desired;
}

static void fill_row(const struct workload_scan *s, struct intern *pool, struct workload_row *row)
{
	*row = (struct workload_row){.type = row->type,
		.ns = json_span_intern(s->meta.ns, pool),
		.name = json_span_intern(s->meta.name, pool),
		.component = component_of(s, pool),
		.images = intern_str(pool, buf_text(&s->images)),
		.revision = json_span_intern(
			row->type == WORKLOAD_STATEFULSET ? s->update : s->revision, pool),
		.editor = json_span_intern(s->meta.editor, pool),
		.edited_ms = s->meta.edited_ms,
		.created_ms = kube_time_or(s->meta.created, 0),
		.generation = s->generation,
		.observed = s->observed,
		.desired = kube_count(s->desired),
		.ready = kube_count(s->ready),
		.updated = kube_count(s->updated),
		.available = kube_count(s->available)};
	row->flags = (uint8_t)((is_rolling(s, row) ? WORKLOAD_ROLLING : 0) |
			       (s->stuck ? WORKLOAD_STUCK : 0) |
			       (s->unavailable ? WORKLOAD_UNAVAILABLE : 0) |
			       (s->meta.deleted.at != NULL ? WORKLOAD_DELETING : 0) |
			       (s->paused ? WORKLOAD_PAUSED : 0));
}

static int decode(enum workload_type type, const struct field *fields, struct json_span object,
	struct intern *pool, struct workload_row *row, struct err *e)
{
	/* One replica when it is not said; a DaemonSet's come from the nodes. */
	struct workload_scan scan = {.desired = type != WORKLOAD_DAEMONSET};
	int rc;

	row->type = (uint8_t)type;
	buf_init(&scan.images, IMAGES_MAX);
	rc = kube_read(object, workload_type_name(type), fields, &scan, e);
	if (rc == 0)
		fill_row(&scan, pool, row);
	buf_done(&scan.images);
	return rc;
}

int deployment_decode(struct json_span object, struct intern *pool, void *row, struct err *e)
{
	return decode(WORKLOAD_DEPLOYMENT, deployment_fields, object, pool, row, e);
}

int stateful_set_decode(struct json_span object, struct intern *pool, void *row, struct err *e)
{
	return decode(WORKLOAD_STATEFULSET, stateful_set_fields, object, pool, row, e);
}

int daemon_set_decode(struct json_span object, struct intern *pool, void *row, struct err *e)
{
	return decode(WORKLOAD_DAEMONSET, daemon_set_fields, object, pool, row, e);
}
