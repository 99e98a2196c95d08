/* Deployments, StatefulSets, DaemonSets. Each counts with words of its own; the row has one set.
 * Who edited what is read from managedFields: the newest entry that is no controller's report. */
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "cluster/kube_decode.h"
#include "cluster/kube_workload_scan.h"
#include "model/workload.h"

#define IMAGES_MAX 2048

struct workload_scan {
	struct kube_meta meta;
	struct json_span revision, template_revision;
	struct kube_component component;
	bool paused;
	int64_t replicas; /* spec; -1 when it is not said: then one */
	int64_t observed;
	int64_t ready, updated, available, total;
	int64_t wanted, placed, placed_ready, placed_updated, placed_available; /* a DaemonSet's */
	struct json_span current, update; /* a StatefulSet's revisions */
	bool unavailable, stuck, complete, progressing;
	struct buf images;
};

struct scan_condition {
	struct json_span type, status, reason;
};

static const struct json_field condition_fields[] = {
	JSON_STR("type", struct scan_condition, type),
	JSON_STR("status", struct scan_condition, status),
	JSON_STR("reason", struct scan_condition, reason),
	JSON_FIELDS_END,
};

static void read_condition(struct json_pull *p, void *into)
{
	struct workload_scan *scan = into;
	struct scan_condition c = {.type = {.at = NULL}};

	json_pull_fields(p, condition_fields, &c);
	if (json_span_is(c.type, "Available")) {
		scan->unavailable = json_span_is(c.status, "False");
	} else if (json_span_is(c.type, "Progressing")) {
		scan->progressing = true;
		scan->stuck = json_span_is(c.status, "False");
		scan->complete = json_span_is(c.reason, "NewReplicaSetAvailable");
	}
}

struct scan_image {
	struct json_span image;
};

static const struct json_field image_fields[] = {
	JSON_STR("image", struct scan_image, image),
	JSON_FIELDS_END,
};

static void read_image(struct json_pull *p, void *into)
{
	struct workload_scan *scan = into;
	struct scan_image i = {.image = {.at = NULL}};
	char text[300];

	json_pull_fields(p, image_fields, &i);
	json_span_copy(i.image, text, sizeof(text));
	if (scan->images.len + strlen(text) + 1 < scan->images.max)
		buf_fmt(&scan->images, "%s%s", scan->images.len > 0 ? " " : "", text);
}

static const struct json_field pod_spec_fields[] = {
	JSON_LIST("containers", read_image),
	JSON_FIELDS_END,
};

static const struct json_field template_fields[] = {
	JSON_INSIDE("spec", pod_spec_fields),
	JSON_FIELDS_END,
};

static const struct json_field annotation_fields[] = {
	JSON_STR("deployment.kubernetes.io/revision", struct workload_scan, revision),
	JSON_STR("deprecated.daemonset.template.generation", struct workload_scan,
		template_revision),
	JSON_FIELDS_END,
};

static void read_managed(struct json_pull *p, void *into)
{
	kube_meta_read_managed(p, &((struct workload_scan *)into)->meta);
}

static const struct json_field meta_fields[] = {
	JSON_STR("name", struct workload_scan, meta.name),
	JSON_STR("namespace", struct workload_scan, meta.ns),
	JSON_STR("creationTimestamp", struct workload_scan, meta.created),
	JSON_STR("deletionTimestamp", struct workload_scan, meta.deleted),
	JSON_INT("generation", struct workload_scan, meta.generation),
	JSON_LIST("managedFields", read_managed),
	JSON_OBJECT("labels", struct workload_scan, component, kube_component_fields),
	JSON_INSIDE("annotations", annotation_fields),
	JSON_FIELDS_END,
};

static const struct json_field spec_fields[] = {
	JSON_INT("replicas", struct workload_scan, replicas),
	JSON_BOOL("paused", struct workload_scan, paused),
	JSON_INSIDE("template", template_fields),
	JSON_FIELDS_END,
};

static const struct json_field status_fields[] = {
	JSON_INT("observedGeneration", struct workload_scan, observed),
	JSON_INT("replicas", struct workload_scan, total),
	JSON_INT("readyReplicas", struct workload_scan, ready),
	JSON_INT("updatedReplicas", struct workload_scan, updated),
	JSON_INT("availableReplicas", struct workload_scan, available),
	JSON_INT("desiredNumberScheduled", struct workload_scan, wanted),
	JSON_INT("currentNumberScheduled", struct workload_scan, placed),
	JSON_INT("numberReady", struct workload_scan, placed_ready),
	JSON_INT("updatedNumberScheduled", struct workload_scan, placed_updated),
	JSON_INT("numberAvailable", struct workload_scan, placed_available),
	JSON_STR("currentRevision", struct workload_scan, current),
	JSON_STR("updateRevision", struct workload_scan, update),
	JSON_LIST("conditions", read_condition),
	JSON_FIELDS_END,
};

static const struct json_field workload_fields[] = {
	JSON_INSIDE("metadata", meta_fields),
	JSON_INSIDE("spec", spec_fields),
	JSON_INSIDE("status", status_fields),
	JSON_FIELDS_END,
};

static int32_t count_of(int64_t n)
{
	return n < 0 ? 0 : n > INT32_MAX ? INT32_MAX : (int32_t)n;
}

static bool same(struct json_span a, struct json_span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.at, b.at, a.n) == 0);
}

static void fill_counts(const struct workload_scan *s, struct workload_row *row)
{
	bool daemons = row->type == WORKLOAD_DAEMONSET;

	row->desired = count_of(daemons ? s->wanted : s->replicas < 0 ? 1 : s->replicas);
	row->ready = count_of(daemons ? s->placed_ready : s->ready);
	row->updated = count_of(daemons ? s->placed_updated : s->updated);
	row->available = count_of(daemons ? s->placed_available : s->available);
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
	struct json_span revision = row->type == WORKLOAD_STATEFULSET ? s->update
				    : s->revision.at != NULL          ? s->revision
								      : s->template_revision;

	row->ns = json_span_intern(s->meta.ns, pool);
	row->name = json_span_intern(s->meta.name, pool);
	row->component = kube_component(&s->component, pool);
	row->images = intern_str(pool, buf_text(&s->images));
	row->revision = json_span_intern(revision, pool);
	row->editor = json_span_intern(s->meta.editor, pool);
	row->edited_ms = s->meta.edited_ms;
	row->created_ms = kube_time_or(s->meta.created, 0);
	row->generation = s->meta.generation;
	row->observed = s->observed;
	fill_counts(s, row);
	row->flags = (uint8_t)((is_rolling(s, row) ? WORKLOAD_ROLLING : 0) |
			       (s->stuck ? WORKLOAD_STUCK : 0) |
			       (s->unavailable ? WORKLOAD_UNAVAILABLE : 0) |
			       (s->meta.deleted.at != NULL ? WORKLOAD_DELETING : 0) |
			       (s->paused ? WORKLOAD_PAUSED : 0));
}

static int decode(enum workload_type type, const char *bytes, size_t n, struct intern *pool,
	struct workload_row *row, struct err *e)
{
	struct workload_scan scan;
	struct json_pull p;
	int rc;

	memset(row, 0, sizeof(*row));
	memset(&scan, 0, sizeof(scan));
	scan.replicas = -1;
	row->type = (uint8_t)type;
	buf_init(&scan.images, IMAGES_MAX);
	json_pull_init(&p, bytes, n);
	json_pull_fields(&p, workload_fields, &scan);
	rc = kube_decoded(&p, workload_type_name(type), scan.meta.ns, scan.meta.name, e);
	if (rc == 0)
		fill_row(&scan, pool, row);
	buf_done(&scan.images);
	return rc;
}

int deployment_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e)
{
	return decode(WORKLOAD_DEPLOYMENT, bytes, n, pool, row, e);
}

int stateful_set_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e)
{
	return decode(WORKLOAD_STATEFULSET, bytes, n, pool, row, e);
}

int daemon_set_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e)
{
	return decode(WORKLOAD_DAEMONSET, bytes, n, pool, row, e);
}
