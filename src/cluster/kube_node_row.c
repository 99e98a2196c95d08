/* A node's row, with the words kubectl get nodes -o wide uses, and the detail pane's conditions,
 * taints and labels, from where everything stands in the object. */
#include "cluster/kube_node_row.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cluster/kube_decode.h"
#include "cluster/kube_quantity.h"

#define ROLE_PREFIX "node-role.kubernetes.io/"

void node_scan_address(struct node_scan *node, const struct node_scan_address *a)
{
	struct json_span *to = NULL;

	if (json_span_is(a->type, "InternalIP"))
		to = &node->internal_ip;
	else if (json_span_is(a->type, "ExternalIP"))
		to = &node->external_ip;
	else if (json_span_is(a->type, "Hostname"))
		to = &node->hostname;
	if (to != NULL && to->at == NULL)
		*to = a->address;
}

void node_scan_done(struct node_scan *node)
{
	vec_done(&node->conditions);
	vec_done(&node->taints);
	vec_done(&node->labels);
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
		const struct node_scan_label *l = &node->labels.at[i];

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

static unsigned pressure_of(const struct node_scan_condition *c)
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
static void fill_ready(struct node_row *row, const struct node_scan *node,
	const struct node_scan_condition *c, struct intern *pool)
{
	int64_t since = node->time(c->transition);

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
	int64_t created = node->time(node->created);

	row->name = json_span_intern(node->name, pool);
	row->roles = roles_of(node, pool);
	row->version = json_span_intern(node->version, pool);
	row->internal_ip = word_or(node->internal_ip, pool, "<none>");
	row->external_ip = word_or(node->external_ip, pool, "<none>");
	row->os_image = word_or(node->os_image, pool, "<unknown>");
	row->kernel = word_or(node->kernel, pool, "<unknown>");
	row->runtime = word_or(node->runtime, pool, "<unknown>");
	row->created_ms = created == INT64_MIN ? 0 : created;
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
			fill_ready(row, node, &node->conditions.at[i], pool);
	}
}

static void fill_conditions(
	const struct node_scan *node, struct node_condition *to, struct kube_scratch *scratch)
{
	for (size_t i = 0; i < node->conditions.len; i++) {
		const struct node_scan_condition *c = &node->conditions.at[i];

		to[i].type = kube_scratch_str(scratch, c->type);
		to[i].status = kube_scratch_str(scratch, c->status);
		to[i].reason = kube_scratch_str(scratch, c->reason);
		to[i].message = kube_scratch_str(scratch, c->message);
		to[i].heartbeat_ms = node->time(c->heartbeat);
		to[i].transition_ms = node->time(c->transition);
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

void node_scan_row(const struct node_scan *node, struct intern *pool, struct node_row *out)
{
	fill_row(node, pool, out);
	out->detail = make_detail(node);
}
