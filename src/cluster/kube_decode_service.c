/* Services, EndpointSlices and ConfigMaps. The numbers are those of
 * k8s.io/api/core/v1/generated.proto and discovery/v1/generated.proto. */
#include <stdio.h>

#include "base/address.h"
#include "cluster/kube_decode.h"
#include "model/layer.h"
#include "model/workload.h"

/* ---- Services ---- */

struct service_scan {
	struct kube_meta meta;
	struct json_span type;
	int64_t selectors;
};

static const struct field meta_fields[] = {
	KUBE_META,
	FIELDS_END,
};

static const struct field service_spec_fields[] = {
	FIELD(COUNT, "selector", 2, struct service_scan, selectors),
	FIELD(STR, "type", 4, struct service_scan, type),
	FIELDS_END,
};

static const struct field service_fields[] = {
	FIELD_INSIDE("metadata", 1, meta_fields),
	FIELD_INSIDE("spec", 2, service_spec_fields),
	FIELDS_END,
};

int service_decode(struct json_span object, struct intern *pool, void *row, struct err *e)
{
	struct service_scan scan = {.selectors = 0};

	if (kube_read(object, "service", service_fields, &scan, e) != 0)
		return -1;
	*(struct service_row *)row = (struct service_row){
		.ns = json_span_intern(scan.meta.ns, pool),
		.name = json_span_intern(scan.meta.name, pool),
		.type = scan.type.n > 0 ? json_span_intern(scan.type, pool)
					: intern_str(pool, "ClusterIP"),
		.created_ms = kube_time_or(scan.meta.created, 0),
		.flags = (scan.selectors > 0 ? (unsigned)SERVICE_SELECTS : 0u) |
			 (json_span_is(scan.type, "ExternalName") ? (unsigned)SERVICE_EXTERNAL
								  : 0u) |
			 (scan.meta.deleted.at != NULL ? (unsigned)SERVICE_DELETING : 0u)};
	return 0;
}

/* ---- EndpointSlices ---- */

struct slice_scan {
	struct kube_meta meta;
	struct json_span service;
	unsigned ready, all;
	/* One that does not say whether it is ready counts as ready, as the API defines it. */
	struct slice_endpoint {
		bool unready;
		struct json_span address, first;
	} endpoint;
	struct slice_port {
		int64_t number;
	} port, first_port;
	size_t n_addresses;
	struct json_span addresses[LAYER_MAX_NODES]; /* each endpoint's first */
};

static const struct field endpoint_condition_fields[] = {
	FIELD(FALSE, "ready", 1, struct slice_endpoint, unready),
	FIELDS_END,
};

static void take_address(void *into)
{
	struct slice_endpoint *ep = into;

	if (ep->first.at == NULL)
		ep->first = ep->address;
}

static const struct field endpoint_fields[] = {
	FIELD_EACH("addresses", 1, struct slice_endpoint, address, NULL, take_address),
	FIELD_INSIDE("conditions", 2, endpoint_condition_fields),
	FIELDS_END,
};

static void count_endpoint(void *into)
{
	struct slice_scan *s = into;

	s->all++;
	s->ready += !s->endpoint.unready;
	if (s->endpoint.first.at != NULL && s->n_addresses < LAYER_MAX_NODES)
		s->addresses[s->n_addresses++] = s->endpoint.first;
}

static const struct field port_fields[] = {
	FIELD(INT, "port", 3, struct slice_port, number),
	FIELDS_END,
};

static void take_port(void *into)
{
	struct slice_scan *s = into;

	if (s->first_port.number == 0)
		s->first_port = s->port;
}

static const struct field slice_label_fields[] = {
	FIELD(STR, "kubernetes.io/service-name", 0, struct slice_scan, service),
	FIELDS_END,
};

static const struct field slice_meta_fields[] = {
	KUBE_META,
	FIELD_MAP("labels", 11, slice_label_fields),
	FIELDS_END,
};

static const struct field slice_fields[] = {
	FIELD_INSIDE("metadata", 1, slice_meta_fields),
	FIELD_EACH("endpoints", 2, struct slice_scan, endpoint, endpoint_fields, count_endpoint),
	FIELD_EACH("ports", 3, struct slice_scan, port, port_fields, take_port),
	FIELDS_END,
};

static uint16_t few(unsigned n)
{
	return n > UINT16_MAX ? UINT16_MAX : (uint16_t)n;
}

/* What is no address is no server's. */
static const char *addresses_of(const struct slice_scan *s, struct intern *pool)
{
	char text[LAYER_MAX_NODES * ADDRESS_ROOM] = "", told[ADDRESS_ROOM], address[ADDRESS_ROOM];
	size_t n = 0;

	for (size_t i = 0; i < s->n_addresses; i++) {
		json_span_copy(s->addresses[i], told, sizeof(told));
		if (address_of(told, address) >= ADDRESS_LOOPBACK)
			n += (size_t)snprintf(
				text + n, sizeof(text) - n, n > 0 ? " %s" : "%s", address);
	}
	return intern_n(pool, text, n);
}

static bool leads_to_api_servers(const struct slice_scan *s)
{
	return json_span_is(s->service, "kubernetes") && json_span_is(s->meta.ns, "default");
}

int slice_decode(struct json_span object, struct intern *pool, void *row, struct err *e)
{
	struct slice_scan scan = {.all = 0};
	int64_t number;
	bool api;

	if (kube_read(object, "endpoint slice", slice_fields, &scan, e) != 0)
		return -1;
	api = leads_to_api_servers(&scan);
	number = scan.first_port.number;
	*(struct slice_row *)row = (struct slice_row){.ns = json_span_intern(scan.meta.ns, pool),
		.service = json_span_intern(scan.service, pool),
		.name = json_span_intern(scan.meta.name, pool),
		.addresses = api ? addresses_of(&scan, pool) : "",
		.port = api && number >= 1 && number <= UINT16_MAX ? (uint16_t)number : 0,
		.ready = few(scan.ready),
		.all = few(scan.all)};
	return 0;
}

/* ---- ConfigMaps ---- */

static const struct field edited_meta_fields[] = {
	KUBE_META,
	KUBE_EDITS,
	FIELDS_END,
};

static const struct field config_map_fields[] = {
	FIELD_INSIDE("metadata", 1, edited_meta_fields),
	FIELDS_END,
};

int config_map_decode(struct json_span object, struct intern *pool, void *row, struct err *e)
{
	struct kube_meta meta = {.edited_ms = 0};

	if (kube_read(object, "config map", config_map_fields, &meta, e) != 0)
		return -1;
	*(struct config_map_row *)row =
		(struct config_map_row){.ns = json_span_intern(meta.ns, pool),
			.name = json_span_intern(meta.name, pool),
			.editor = json_span_intern(meta.editor, pool),
			.edited_ms = meta.edited_ms,
			.created_ms = kube_time_or(meta.created, 0)};
	return 0;
}
