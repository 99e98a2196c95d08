/* Services, EndpointSlices and ConfigMaps, and what their decoders share with the workloads'. */
#include <string.h>

#include "cluster/kube_decode.h"
#include "cluster/kube_workload_scan.h"
#include "model/workload.h"

/* ---- shared ---- */

struct managed {
	struct json_span manager, time, subresource;
};

static const struct json_field managed_fields[] = {
	JSON_STR("manager", struct managed, manager),
	JSON_STR("time", struct managed, time),
	JSON_STR("subresource", struct managed, subresource),
	JSON_FIELDS_END,
};

void kube_meta_read_managed(struct json_pull *p, struct kube_meta *meta)
{
	struct managed m = {.manager = {.at = NULL}};
	int64_t at;

	json_pull_fields(p, managed_fields, &m);
	at = kube_time_or(m.time, 0);
	if (m.subresource.n > 0 || at <= meta->edited_ms)
		return;
	meta->edited_ms = at;
	meta->editor = m.manager;
}

const struct json_field kube_component_fields[] = {
	JSON_STR("k8s-app", struct kube_component, k8s_app),
	JSON_STR("component", struct kube_component, component),
	JSON_STR("app", struct kube_component, app),
	JSON_STR("app.kubernetes.io/name", struct kube_component, name),
	JSON_FIELDS_END,
};

const char *kube_component(const struct kube_component *c, struct intern *pool)
{
	const struct json_span in_order[] = {c->k8s_app, c->component, c->app, c->name};

	for (size_t i = 0; i < sizeof(in_order) / sizeof(in_order[0]); i++)
		if (in_order[i].n > 0)
			return json_span_intern(in_order[i], pool);
	return "";
}

/* ---- Services ---- */

struct service_scan {
	struct kube_meta meta;
	struct json_span type;
	bool selects;
};

static void read_selector(struct json_pull *p, void *into)
{
	struct service_scan *s = into;
	struct json_span key;

	if (!json_pull_object(p))
		return;
	while (json_pull_member(p, &key)) {
		s->selects = true;
		json_pull_skip(p);
	}
}

static const struct json_field service_meta_fields[] = {
	JSON_STR("name", struct service_scan, meta.name),
	JSON_STR("namespace", struct service_scan, meta.ns),
	JSON_STR("creationTimestamp", struct service_scan, meta.created),
	JSON_STR("deletionTimestamp", struct service_scan, meta.deleted),
	JSON_FIELDS_END,
};

static const struct json_field service_spec_fields[] = {
	JSON_STR("type", struct service_scan, type),
	JSON_WITH("selector", read_selector),
	JSON_FIELDS_END,
};

static const struct json_field service_fields[] = {
	JSON_INSIDE("metadata", service_meta_fields),
	JSON_INSIDE("spec", service_spec_fields),
	JSON_FIELDS_END,
};

int service_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e)
{
	struct service_row *out = row;
	struct service_scan scan;
	struct json_pull p;

	memset(out, 0, sizeof(*out));
	memset(&scan, 0, sizeof(scan));
	json_pull_init(&p, bytes, n);
	json_pull_fields(&p, service_fields, &scan);
	if (kube_decoded(&p, "service", scan.meta.ns, scan.meta.name, e) != 0)
		return -1;
	out->ns = json_span_intern(scan.meta.ns, pool);
	out->name = json_span_intern(scan.meta.name, pool);
	out->type =
		scan.type.n > 0 ? json_span_intern(scan.type, pool) : intern_str(pool, "ClusterIP");
	out->created_ms = kube_time_or(scan.meta.created, 0);
	out->flags = (scan.selects ? (unsigned)SERVICE_SELECTS : 0u) |
		     (json_span_is(scan.type, "ExternalName") ? (unsigned)SERVICE_EXTERNAL : 0u) |
		     (scan.meta.deleted.at != NULL ? (unsigned)SERVICE_DELETING : 0u);
	return 0;
}

/* ---- EndpointSlices ---- */

struct slice_scan {
	struct kube_meta meta;
	struct json_span service;
	unsigned ready, all;
};

struct scan_endpoint {
	bool ready;
};

static const struct json_field endpoint_condition_fields[] = {
	JSON_BOOL("ready", struct scan_endpoint, ready),
	JSON_FIELDS_END,
};

static const struct json_field endpoint_fields[] = {
	JSON_INSIDE("conditions", endpoint_condition_fields),
	JSON_FIELDS_END,
};

/* An endpoint that does not say whether it is ready counts as ready, as the API defines it. */
static void read_endpoint(struct json_pull *p, void *into)
{
	struct slice_scan *s = into;
	struct scan_endpoint e = {.ready = true};

	json_pull_fields(p, endpoint_fields, &e);
	s->all++;
	s->ready += e.ready;
}

static const struct json_field slice_label_fields[] = {
	JSON_STR("kubernetes.io/service-name", struct slice_scan, service),
	JSON_FIELDS_END,
};

static const struct json_field slice_meta_fields[] = {
	JSON_STR("name", struct slice_scan, meta.name),
	JSON_STR("namespace", struct slice_scan, meta.ns),
	JSON_INSIDE("labels", slice_label_fields),
	JSON_FIELDS_END,
};

static const struct json_field slice_fields[] = {
	JSON_INSIDE("metadata", slice_meta_fields),
	JSON_LIST("endpoints", read_endpoint),
	JSON_FIELDS_END,
};

static uint16_t few(unsigned n)
{
	return n > UINT16_MAX ? UINT16_MAX : (uint16_t)n;
}

int slice_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e)
{
	struct slice_row *out = row;
	struct slice_scan scan;
	struct json_pull p;

	memset(out, 0, sizeof(*out));
	memset(&scan, 0, sizeof(scan));
	json_pull_init(&p, bytes, n);
	json_pull_fields(&p, slice_fields, &scan);
	if (kube_decoded(&p, "endpoint slice", scan.meta.ns, scan.meta.name, e) != 0)
		return -1;
	out->ns = json_span_intern(scan.meta.ns, pool);
	out->service = json_span_intern(scan.service, pool);
	out->name = json_span_intern(scan.meta.name, pool);
	out->ready = few(scan.ready);
	out->all = few(scan.all);
	return 0;
}

/* ---- ConfigMaps ---- */

static void read_config_managed(struct json_pull *p, void *into)
{
	kube_meta_read_managed(p, into);
}

static const struct json_field config_meta_fields[] = {
	JSON_STR("name", struct kube_meta, name),
	JSON_STR("namespace", struct kube_meta, ns),
	JSON_STR("creationTimestamp", struct kube_meta, created),
	JSON_LIST("managedFields", read_config_managed),
	JSON_FIELDS_END,
};

static const struct json_field config_fields[] = {
	JSON_INSIDE("metadata", config_meta_fields),
	JSON_FIELDS_END,
};

int config_map_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e)
{
	struct config_map_row *out = row;
	struct kube_meta meta;
	struct json_pull p;

	memset(out, 0, sizeof(*out));
	memset(&meta, 0, sizeof(meta));
	json_pull_init(&p, bytes, n);
	json_pull_fields(&p, config_fields, &meta);
	if (kube_decoded(&p, "config map", meta.ns, meta.name, e) != 0)
		return -1;
	out->ns = json_span_intern(meta.ns, pool);
	out->name = json_span_intern(meta.name, pool);
	out->editor = json_span_intern(meta.editor, pool);
	out->edited_ms = meta.edited_ms;
	out->created_ms = kube_time_or(meta.created, 0);
	return 0;
}
