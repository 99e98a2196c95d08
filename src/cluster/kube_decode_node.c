/* Nodes, with the words kubectl get nodes -o wide uses, and the detail pane's conditions, taints
 * and labels. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/vec.h"
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
struct scan_label {
	struct json_span key, value;
};
struct scan_address {
	struct json_span type, address;
};

struct node_scan {
	struct json_span name, created, deleted;
	struct json_span pod_cidr, provider_id;
	bool unschedulable;
	struct json_span cpu, memory, pods;
	struct json_span internal_ip, external_ip, hostname;
	struct json_span os_image, kernel, runtime, version, architecture;
	VEC(struct scan_condition) conditions;
	VEC(struct scan_taint) taints;
	VEC(struct scan_label) labels;
};

static const struct json_field condition_fields[] = {
	JSON_STR("type", struct scan_condition, type),
	JSON_STR("status", struct scan_condition, status),
	JSON_STR("reason", struct scan_condition, reason),
	JSON_STR("message", struct scan_condition, message),
	JSON_STR("lastHeartbeatTime", struct scan_condition, heartbeat),
	JSON_STR("lastTransitionTime", struct scan_condition, transition),
	JSON_FIELDS_END,
};

static const struct json_field taint_fields[] = {
	JSON_STR("key", struct scan_taint, key),
	JSON_STR("value", struct scan_taint, value),
	JSON_STR("effect", struct scan_taint, effect),
	JSON_FIELDS_END,
};

static const struct json_field address_fields[] = {
	JSON_STR("type", struct scan_address, type),
	JSON_STR("address", struct scan_address, address),
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

/* The first of each type counts, as for kubectl. */
static void read_address(struct json_pull *p, void *into)
{
	struct node_scan *node = into;
	struct scan_address a = {.type = {.at = NULL}};
	struct json_span *to = NULL;

	json_pull_fields(p, address_fields, &a);
	if (json_span_is(a.type, "InternalIP"))
		to = &node->internal_ip;
	else if (json_span_is(a.type, "ExternalIP"))
		to = &node->external_ip;
	else if (json_span_is(a.type, "Hostname"))
		to = &node->hostname;
	if (to != NULL && to->at == NULL)
		*to = a.address;
}

static void read_labels(struct json_pull *p, void *into)
{
	struct node_scan *node = into;
	struct scan_label label = {.key = {.at = NULL}};

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
		const struct scan_label *l = &node->labels.at[i];

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
	row->ready = json_span_is(c->status, "True")    ? NODE_READY_TRUE
		     : json_span_is(c->status, "False") ? NODE_READY_FALSE
							: NODE_READY_UNKNOWN;
	row->ready_since_ms =
		kube_time_or(c->transition, row->created_ms > 0 ? row->created_ms : 1);
	row->ready_reason = json_span_intern(c->reason, pool);
}

static const char *word_or(struct json_span s, struct intern *pool, const char *otherwise)
{
	return s.n > 0 ? json_span_intern(s, pool) : intern_str(pool, otherwise);
}

static void fill_row(const struct node_scan *node, struct intern *pool, struct node_row *row)
{
	row->name = json_span_intern(node->name, pool);
	row->roles = roles_of(node, pool);
	row->version = json_span_intern(node->version, pool);
	row->internal_ip = word_or(node->internal_ip, pool, "<none>");
	row->external_ip = word_or(node->external_ip, pool, "<none>");
	row->os_image = word_or(node->os_image, pool, "<unknown>");
	row->kernel = word_or(node->kernel, pool, "<unknown>");
	row->runtime = word_or(node->runtime, pool, "<unknown>");
	row->created_ms = kube_time_or(node->created, 0);
	row->ready_reason = "";
	row->cpu_milli = kube_quantity_milli(node->cpu, 0);
	row->mem_bytes = kube_quantity(node->memory, 0);
	row->pods_max = kube_quantity(node->pods, 0);
	row->flags = (is_control_plane(node) ? NODE_CONTROL_PLANE : 0u) |
		     (node->unschedulable ? NODE_CORDONED : 0u) |
		     (node->deleted.n > 0 ? NODE_DELETING : 0u);
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
		.hostname = kube_scratch_str(&scratch, node->hostname),
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

int node_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e)
{
	static const struct json_span no_ns;
	struct node_row *out = row;
	struct node_scan node;
	struct json_pull p;
	int rc;

	memset(out, 0, sizeof(*out));
	memset(&node, 0, sizeof(node));
	json_pull_init(&p, bytes, n);
	json_pull_fields(&p, node_fields, &node);
	rc = kube_decoded(&p, "node", no_ns, node.name, e);
	if (rc == 0) {
		fill_row(&node, pool, out);
		out->detail = make_detail(&node);
	}
	vec_done(&node.conditions);
	vec_done(&node.taints);
	vec_done(&node.labels);
	return rc;
}
