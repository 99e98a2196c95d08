/* Nodes in protobuf, as lists send them. The numbers are those of
 * k8s.io/api/core/v1/generated.proto, which never change. */
#include <string.h>

#include "cluster/kube_decode.h"
#include "cluster/kube_node_row.h"
#include "cluster/kube_node_scan.h"

static const struct proto_field condition_fields[] = {
	PROTO_BYTES(1, struct node_scan_condition, type),
	PROTO_BYTES(2, struct node_scan_condition, status),
	PROTO_BYTES(3, struct node_scan_condition, heartbeat),
	PROTO_BYTES(4, struct node_scan_condition, transition),
	PROTO_BYTES(5, struct node_scan_condition, reason),
	PROTO_BYTES(6, struct node_scan_condition, message),
	PROTO_FIELDS_END,
};

static const struct proto_field taint_fields[] = {
	PROTO_BYTES(1, struct node_scan_taint, key),
	PROTO_BYTES(2, struct node_scan_taint, value),
	PROTO_BYTES(3, struct node_scan_taint, effect),
	PROTO_FIELDS_END,
};

static const struct proto_field address_fields[] = {
	PROTO_BYTES(1, struct node_scan_address, type),
	PROTO_BYTES(2, struct node_scan_address, address),
	PROTO_FIELDS_END,
};

static const struct proto_field label_fields[] = {
	PROTO_BYTES(1, struct node_scan_label, key),
	PROTO_BYTES(2, struct node_scan_label, value),
	PROTO_FIELDS_END,
};

static void read_condition(struct proto_pull *p, void *into)
{
	proto_pull_fields(p, condition_fields, vec_add(&((struct node_scan *)into)->conditions));
}

static void read_taint(struct proto_pull *p, void *into)
{
	proto_pull_fields(p, taint_fields, vec_add(&((struct node_scan *)into)->taints));
}

static void read_label(struct proto_pull *p, void *into)
{
	proto_pull_fields(p, label_fields, vec_add(&((struct node_scan *)into)->labels));
}

static void read_address(struct proto_pull *p, void *into)
{
	struct node_scan_address a = {.type = {.at = NULL}};

	proto_pull_fields(p, address_fields, &a);
	node_scan_address(into, &a);
}

/* An entry of a map of quantities, each a message of one string. */
struct resource {
	struct json_span name, quantity;
};

static const struct proto_field quantity_fields[] = {
	PROTO_BYTES(1, struct resource, quantity),
	PROTO_FIELDS_END,
};

static const struct proto_field resource_fields[] = {
	PROTO_BYTES(1, struct resource, name),
	PROTO_INSIDE(2, quantity_fields),
	PROTO_FIELDS_END,
};

static void read_allocatable(struct proto_pull *p, void *into)
{
	struct node_scan *node = into;
	struct resource r = {.name = {.at = NULL}};

	if (!proto_pull_fields(p, resource_fields, &r))
		return;
	if (json_span_is(r.name, "cpu"))
		node->cpu = r.quantity;
	else if (json_span_is(r.name, "memory"))
		node->memory = r.quantity;
	else if (json_span_is(r.name, "pods"))
		node->pods = r.quantity;
}

static const struct proto_field meta_fields[] = {
	PROTO_BYTES(1, struct node_scan, name),
	PROTO_BYTES(8, struct node_scan, created),
	PROTO_BYTES(9, struct node_scan, deleted),
	PROTO_WITH(11, read_label),
	PROTO_FIELDS_END,
};

static const struct proto_field spec_fields[] = {
	PROTO_BYTES(1, struct node_scan, pod_cidr),
	PROTO_BYTES(3, struct node_scan, provider_id),
	PROTO_BOOL(4, struct node_scan, unschedulable),
	PROTO_WITH(5, read_taint),
	PROTO_FIELDS_END,
};

static const struct proto_field info_fields[] = {
	PROTO_BYTES(4, struct node_scan, kernel),
	PROTO_BYTES(5, struct node_scan, os_image),
	PROTO_BYTES(6, struct node_scan, runtime),
	PROTO_BYTES(7, struct node_scan, version),
	PROTO_BYTES(10, struct node_scan, architecture),
	PROTO_FIELDS_END,
};

static const struct proto_field status_fields[] = {
	PROTO_WITH(2, read_allocatable),
	PROTO_WITH(4, read_condition),
	PROTO_WITH(5, read_address),
	PROTO_INSIDE(7, info_fields),
	PROTO_FIELDS_END,
};

static const struct proto_field node_fields[] = {
	PROTO_INSIDE(1, meta_fields),
	PROTO_INSIDE(2, spec_fields),
	PROTO_INSIDE(3, status_fields),
	PROTO_FIELDS_END,
};

int node_decode_proto(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e)
{
	static const struct json_span no_ns;
	struct node_scan node;
	struct proto_pull p;
	int rc;

	memset(row, 0, sizeof(struct node_row));
	memset(&node, 0, sizeof(node));
	node.time = kube_time_proto;
	proto_pull_init(&p, bytes, n);
	proto_pull_fields(&p, node_fields, &node);
	rc = kube_decoded_proto(&p, "node", no_ns, node.name, e);
	if (rc == 0)
		node_scan_row(&node, pool, row);
	node_scan_done(&node);
	return rc;
}
