/* Nodes in JSON, as watches send them, and as lists where the server has no protobuf. */
#include <string.h>

#include "cluster/kube_decode.h"
#include "cluster/kube_node_row.h"
#include "cluster/kube_node_scan.h"

static const struct json_field condition_fields[] = {
	JSON_STR("type", struct node_scan_condition, type),
	JSON_STR("status", struct node_scan_condition, status),
	JSON_STR("reason", struct node_scan_condition, reason),
	JSON_STR("message", struct node_scan_condition, message),
	JSON_STR("lastHeartbeatTime", struct node_scan_condition, heartbeat),
	JSON_STR("lastTransitionTime", struct node_scan_condition, transition),
	JSON_FIELDS_END,
};

static const struct json_field taint_fields[] = {
	JSON_STR("key", struct node_scan_taint, key),
	JSON_STR("value", struct node_scan_taint, value),
	JSON_STR("effect", struct node_scan_taint, effect),
	JSON_FIELDS_END,
};

static const struct json_field address_fields[] = {
	JSON_STR("type", struct node_scan_address, type),
	JSON_STR("address", struct node_scan_address, address),
	JSON_FIELDS_END,
};

static void read_condition(struct json_pull *p, void *into)
{
	json_pull_fields(p, condition_fields, vec_add(&((struct node_scan *)into)->conditions));
}

static void read_taint(struct json_pull *p, void *into)
{
	json_pull_fields(p, taint_fields, vec_add(&((struct node_scan *)into)->taints));
}

static void read_address(struct json_pull *p, void *into)
{
	struct node_scan_address a = {.type = {.at = NULL}};

	json_pull_fields(p, address_fields, &a);
	node_scan_address(into, &a);
}

static void read_labels(struct json_pull *p, void *into)
{
	struct node_scan *node = into;
	struct node_scan_label label = {.key = {.at = NULL}};

	if (!json_pull_object(p))
		return;
	while (json_pull_member(p, &label.key))
		if (json_pull_str(p, &label.value))
			*vec_add(&node->labels) = label;
}

static const struct json_field meta_fields[] = {
	JSON_STR("name", struct node_scan, name),
	JSON_STR("creationTimestamp", struct node_scan, created),
	JSON_STR("deletionTimestamp", struct node_scan, deleted),
	JSON_WITH("labels", read_labels),
	JSON_FIELDS_END,
};

static const struct json_field spec_fields[] = {
	JSON_STR("podCIDR", struct node_scan, pod_cidr),
	JSON_STR("providerID", struct node_scan, provider_id),
	JSON_BOOL("unschedulable", struct node_scan, unschedulable),
	JSON_LIST("taints", read_taint),
	JSON_FIELDS_END,
};

static const struct json_field allocatable_fields[] = {
	JSON_STR("cpu", struct node_scan, cpu),
	JSON_STR("memory", struct node_scan, memory),
	JSON_STR("pods", struct node_scan, pods),
	JSON_FIELDS_END,
};

static const struct json_field info_fields[] = {
	JSON_STR("osImage", struct node_scan, os_image),
	JSON_STR("kernelVersion", struct node_scan, kernel),
	JSON_STR("containerRuntimeVersion", struct node_scan, runtime),
	JSON_STR("kubeletVersion", struct node_scan, version),
	JSON_STR("architecture", struct node_scan, architecture),
	JSON_FIELDS_END,
};

static const struct json_field status_fields[] = {
	JSON_INSIDE("allocatable", allocatable_fields),
	JSON_INSIDE("nodeInfo", info_fields),
	JSON_LIST("conditions", read_condition),
	JSON_LIST("addresses", read_address),
	JSON_FIELDS_END,
};

static const struct json_field node_fields[] = {
	JSON_INSIDE("metadata", meta_fields),
	JSON_INSIDE("spec", spec_fields),
	JSON_INSIDE("status", status_fields),
	JSON_FIELDS_END,
};

int node_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e)
{
	static const struct json_span no_ns;
	struct node_scan node;
	struct json_pull p;
	int rc;

	memset(row, 0, sizeof(struct node_row));
	memset(&node, 0, sizeof(node));
	node.time = kube_time;
	json_pull_init(&p, bytes, n);
	json_pull_fields(&p, node_fields, &node);
	rc = kube_decoded(&p, "node", no_ns, node.name, e);
	if (rc == 0)
		node_scan_row(&node, pool, row);
	node_scan_done(&node);
	return rc;
}
