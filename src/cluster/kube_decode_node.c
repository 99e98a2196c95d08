/* Nodes: where in the object everything stands, then the row, with the words kubectl get nodes -o
 * wide uses, and the detail pane's conditions, taints and labels. The numbers are those of
 * k8s.io/api/core/v1/generated.proto. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cluster/kube_decode.h"
#include "cluster/kube_quantity.h"
#include "model/node.h"

#define ROLE_PREFIX "node-role.kubernetes.io/"

struct scan_condition {
	struct json_span type, status, reason, message, heartbeat, transition;
};
struct scan_taint {
	struct json_span key, value, effect;
};
struct scan_address {
	struct json_span type, address;
};

struct node_scan {
	struct kube_meta meta;
	struct json_span pod_cidr, provider_id;
	bool unschedulable;
	struct json_span cpu, memory, pods;
	struct json_span os_image, kernel, runtime, version, architecture;
	FIELD_VEC(struct scan_condition) conditions;
	FIELD_VEC(struct scan_taint) taints;
	FIELD_VEC(struct scan_address) addresses;
	FIELD_VEC(struct field_pair) labels;
};

static const struct field meta_fields[] = {
	KUBE_META,
	FIELD_PAIRS("labels", 11, struct node_scan, labels),
	FIELDS_END,
};

static const struct field taint_fields[] = {
	FIELD(STR, "key", 1, struct scan_taint, key),
	FIELD(STR, "value", 2, struct scan_taint, value),
	FIELD(STR, "effect", 3, struct scan_taint, effect),
	FIELDS_END,
};

static const struct field spec_fields[] = {
	FIELD(STR, "podCIDR", 1, struct node_scan, pod_cidr),
	FIELD(STR, "providerID", 3, struct node_scan, provider_id),
	FIELD(BOOL, "unschedulable", 4, struct node_scan, unschedulable),
	FIELD_LIST("taints", 5, struct node_scan, taints, taint_fields),
	FIELDS_END,
};

static const struct field allocatable_fields[] = {
	FIELD(QUANTITY, "cpu", 0, struct node_scan, cpu),
	FIELD(QUANTITY, "memory", 0, struct node_scan, memory),
	FIELD(QUANTITY, "pods", 0, struct node_scan, pods),
	FIELDS_END,
};

static const struct field condition_fields[] = {
	FIELD(STR, "type", 1, struct scan_condition, type),
	FIELD(STR, "status", 2, struct scan_condition, status),
	FIELD(TIME, "lastHeartbeatTime", 3, struct scan_condition, heartbeat),
	FIELD(TIME, "lastTransitionTime", 4, struct scan_condition, transition),
	FIELD(STR, "reason", 5, struct scan_condition, reason),
	FIELD(STR, "message", 6, struct scan_condition, message),
	FIELDS_END,
};

static const struct field address_fields[] = {
	FIELD(STR, "type", 1, struct scan_address, type),
	FIELD(STR, "address", 2, struct scan_address, address),
	FIELDS_END,
};

static const struct field info_fields[] = {
	FIELD(STR, "kernelVersion", 4, struct node_scan, kernel),
	FIELD(STR, "osImage", 5, struct node_scan, os_image),
	FIELD(STR, "containerRuntimeVersion", 6, struct node_scan, runtime),
	FIELD(STR, "kubeletVersion", 7, struct node_scan, version),
	FIELD(STR, "architecture", 10, struct node_scan, architecture),
	FIELDS_END,
};

static const struct field status_fields[] = {
	FIELD_MAP("allocatable", 2, allocatable_fields),
	FIELD_LIST("conditions", 4, struct node_scan, conditions, condition_fields),
	FIELD_LIST("addresses", 5, struct node_scan, addresses, address_fields),
	FIELD_INSIDE("nodeInfo", 7, info_fields),
	FIELDS_END,
};

static const struct field node_fields[] = {
	FIELD_INSIDE("metadata", 1, meta_fields),
	FIELD_INSIDE("spec", 2, spec_fields),
	FIELD_INSIDE("status", 3, status_fields),
	FIELDS_END,
};

/* The first of each type counts, as for kubectl. */
static struct json_span address_of(const struct node_scan *node, const char *type)
{
	for (size_t i = 0; i < node->addresses.len; i++)
		if (json_span_is(node->addresses.at[i].type, type))
			return node->addresses.at[i].address;
	return (struct json_span){.at = NULL};
}

static int compare_roles(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* As kubectl: node-role.kubernetes.io/ROLE and kubernetes.io/role=ROLE, sorted, each once. */
static const char *roles_of(const struct node_scan *node, struct intern *pool)
{
	struct kube_scratch roles = {0};
	struct buf joined;
	const char *kept;

	buf_init(&joined, 1024);
	for (size_t i = 0; i < node->labels.len; i++) {
		const struct field_pair *l = &node->labels.at[i];

		if (json_span_starts(l->key, ROLE_PREFIX) && l->key.n > strlen(ROLE_PREFIX))
			kube_scratch_str(
				&roles, (struct json_span){.at = l->key.at + strlen(ROLE_PREFIX),
						.n = l->key.n - strlen(ROLE_PREFIX),
						.escaped = l->key.escaped});
		else if (json_span_is(l->key, "kubernetes.io/role"))
			kube_scratch_str(&roles, l->value);
	}
	if (roles.len > 1)
		qsort(roles.at, roles.len, sizeof(*roles.at), compare_roles);
	for (size_t i = 0; i < roles.len; i++)
		if (i == 0 || strcmp(roles.at[i], roles.at[i - 1]) != 0)
			buf_fmt(&joined, "%s%s", i > 0 ? "," : "", roles.at[i]);
	kept = intern_str(pool, joined.len > 0 ? joined.at : "<none>");
	buf_done(&joined);
	kube_scratch_done(&roles);
	return kept;
}

static bool is_control_plane(const struct node_scan *node)
{
	for (size_t i = 0; i < node->labels.len; i++)
		if (json_span_is(node->labels.at[i].key, ROLE_PREFIX "control-plane") ||
			json_span_is(node->labels.at[i].key, ROLE_PREFIX "master"))
			return true;
	return false;
}

static unsigned pressure_of(const struct scan_condition *c)
{
	static const struct {
		const char *type;
		unsigned flag;
	} rows[] = {
		{"MemoryPressure", NODE_MEM_PRESSURE},
		{"DiskPressure", NODE_DISK_PRESSURE},
		{"PIDPressure", NODE_PID_PRESSURE},
		{"NetworkUnavailable", NODE_NET_UNAVAILABLE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (json_span_is(c->type, rows[i].type) && json_span_is(c->status, "True"))
			return rows[i].flag;
	return 0;
}

/* A Ready condition without a time still is one: ready_since_ms 0 means there is none. */
static void fill_ready(struct node_row *row, const struct scan_condition *c, struct intern *pool)
{
	int64_t since = kube_time(c->transition);

	row->ready = json_span_is(c->status, "True")    ? NODE_READY_TRUE
		     : json_span_is(c->status, "False") ? NODE_READY_FALSE
							: NODE_READY_UNKNOWN;
	row->ready_since_ms = since != INT64_MIN    ? since
			      : row->created_ms > 0 ? row->created_ms
						    : 1;
	row->ready_reason = json_span_intern(c->reason, pool);
}

static const char *word_or(struct json_span s, struct intern *pool, const char *otherwise)
{
	return s.n > 0 ? json_span_intern(s, pool) : intern_str(pool, otherwise);
}

static void fill_row(const struct node_scan *node, struct intern *pool, struct node_row *row)
{
	memset(row, 0, sizeof(*row));
	row->name = json_span_intern(node->meta.name, pool);
	row->roles = roles_of(node, pool);
	row->version = json_span_intern(node->version, pool);
	row->internal_ip = word_or(address_of(node, "InternalIP"), pool, "<none>");
	row->external_ip = word_or(address_of(node, "ExternalIP"), pool, "<none>");
	row->os_image = word_or(node->os_image, pool, "<unknown>");
	row->kernel = word_or(node->kernel, pool, "<unknown>");
	row->runtime = word_or(node->runtime, pool, "<unknown>");
	row->created_ms = kube_time_or(node->meta.created, 0);
	row->ready_reason = "";
	row->cpu_milli = kube_quantity_milli(node->cpu, 0);
	row->mem_bytes = kube_quantity(node->memory, 0);
	row->pods_max = kube_quantity(node->pods, 0);
	row->flags = (is_control_plane(node) ? NODE_CONTROL_PLANE : 0u) |
		     (node->unschedulable ? NODE_CORDONED : 0u) |
		     (node->meta.deleted.n > 0 ? NODE_DELETING : 0u);
	for (size_t i = 0; i < node->conditions.len; i++) {
		row->flags |= pressure_of(&node->conditions.at[i]);
		if (json_span_is(node->conditions.at[i].type, "Ready"))
			fill_ready(row, &node->conditions.at[i], pool);
	}
}

static void fill_conditions(
	const struct node_scan *node, struct node_condition *to, struct kube_scratch *scratch)
{
	for (size_t i = 0; i < node->conditions.len; i++) {
		const struct scan_condition *c = &node->conditions.at[i];

		to[i].type = kube_scratch_str(scratch, c->type);
		to[i].status = kube_scratch_str(scratch, c->status);
		to[i].reason = kube_scratch_str(scratch, c->reason);
		to[i].message = kube_scratch_str(scratch, c->message);
		to[i].heartbeat_ms = kube_time(c->heartbeat);
		to[i].transition_ms = kube_time(c->transition);
	}
}

static void fill_pairs(const struct node_scan *node, struct node_taint *taints,
	struct node_label *labels, struct kube_scratch *scratch)
{
	for (size_t i = 0; i < node->taints.len; i++) {
		taints[i].key = kube_scratch_str(scratch, node->taints.at[i].key);
		taints[i].value = kube_scratch_str(scratch, node->taints.at[i].value);
		taints[i].effect = kube_scratch_str(scratch, node->taints.at[i].effect);
	}
	for (size_t i = 0; i < node->labels.len; i++) {
		labels[i].key = kube_scratch_str(scratch, node->labels.at[i].key);
		labels[i].value = kube_scratch_str(scratch, node->labels.at[i].value);
	}
}

static struct node_detail *make_detail(const struct node_scan *node)
{
	struct kube_scratch scratch = {0};
	struct node_condition *conditions = mem_zero(node->conditions.len + 1, sizeof(*conditions));
	struct node_taint *taints = mem_zero(node->taints.len + 1, sizeof(*taints));
	struct node_label *labels = mem_zero(node->labels.len + 1, sizeof(*labels));
	struct node_detail from = {.n_conditions = node->conditions.len,
		.n_taints = node->taints.len,
		.n_labels = node->labels.len,
		.conditions = conditions,
		.taints = taints,
		.labels = labels,
		.hostname = kube_scratch_str(&scratch, address_of(node, "Hostname")),
		.architecture = kube_scratch_str(&scratch, node->architecture),
		.pod_cidr = kube_scratch_str(&scratch, node->pod_cidr),
		.provider_id = kube_scratch_str(&scratch, node->provider_id)};
	struct node_detail *made;

	fill_conditions(node, conditions, &scratch);
	fill_pairs(node, taints, labels, &scratch);
	made = node_detail_new(&from);
	free(conditions);
	free(taints);
	free(labels);
	kube_scratch_done(&scratch);
	return made;
}

int node_decode(struct json_span object, struct intern *pool, void *row, struct err *e)
{
	struct node_scan node = {.unschedulable = false};
	struct node_row *out = row;
	int rc = kube_read(object, "node", node_fields, &node, e);

	if (rc == 0) {
		fill_row(&node, pool, out);
		out->detail = make_detail(&node);
	}
	vec_done(&node.conditions);
	vec_done(&node.taints);
	vec_done(&node.addresses);
	vec_done(&node.labels);
	return rc;
}
