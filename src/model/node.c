/* Node rows and their usage. A row's strings are interned, so copying a row copies
 * pointers; only the detail is counted. */
#include "model/node.h"

#include <stddef.h>
#include <stdio.h>

#include "base/pack.h"

static const uint16_t node_names[] = {offsetof(struct node_row, name),
	offsetof(struct node_row, roles), offsetof(struct node_row, version),
	offsetof(struct node_row, internal_ip), offsetof(struct node_row, external_ip),
	offsetof(struct node_row, os_image), offsetof(struct node_row, kernel),
	offsetof(struct node_row, runtime), offsetof(struct node_row, ready_reason)};
const struct row_ops node_ops = {.size = sizeof(struct node_row),
	ROW_NAMES(node_names),
	.n_keys = 1,
	.shared = offsetof(struct node_row, detail)};

static const uint16_t usage_names[] = {offsetof(struct usage_row, node)};
const struct row_ops usage_ops = {
	.size = sizeof(struct usage_row), ROW_NAMES(usage_names), .n_keys = 1};

bool node_is_ready(const struct node_row *n)
{
	return n->ready == NODE_READY_TRUE;
}

char *node_status(const struct node_row *n, char *dst, size_t size)
{
	static const char *const words[] = {
		[NODE_READY_UNKNOWN] = "Unknown",
		[NODE_READY_FALSE] = "NotReady",
		[NODE_READY_TRUE] = "Ready",
	};
	/* kubectl prints NotReady for the condition Unknown too; Unknown is for a node without the
	 * condition. */
	const char *word = n->ready == NODE_READY_UNKNOWN && n->ready_since_ms > 0
				   ? "NotReady"
				   : words[n->ready];

	snprintf(dst, size, "%s%s", word, n->flags & NODE_CORDONED ? ",SchedulingDisabled" : "");
	return dst;
}

static const uint16_t condition_texts[] = {offsetof(struct node_condition, type),
	offsetof(struct node_condition, status), offsetof(struct node_condition, reason),
	offsetof(struct node_condition, message)};
static const struct pack_kind condition_kind = {
	.size = sizeof(struct node_condition), PACK_TEXTS(condition_texts)};
static const uint16_t taint_texts[] = {offsetof(struct node_taint, key),
	offsetof(struct node_taint, value), offsetof(struct node_taint, effect)};
static const struct pack_kind taint_kind = {
	.size = sizeof(struct node_taint), PACK_TEXTS(taint_texts)};
static const uint16_t label_texts[] = {
	offsetof(struct node_label, key), offsetof(struct node_label, value)};
static const struct pack_kind label_kind = {
	.size = sizeof(struct node_label), PACK_TEXTS(label_texts)};
static const struct pack_array detail_arrays[] = {
	{offsetof(struct node_detail, conditions), offsetof(struct node_detail, n_conditions),
		&condition_kind},
	{offsetof(struct node_detail, taints), offsetof(struct node_detail, n_taints), &taint_kind},
	{offsetof(struct node_detail, labels), offsetof(struct node_detail, n_labels), &label_kind},
};
static const uint16_t detail_texts[] = {offsetof(struct node_detail, hostname),
	offsetof(struct node_detail, architecture), offsetof(struct node_detail, pod_cidr),
	offsetof(struct node_detail, provider_id)};
static const struct pack_kind detail_kind = {.size = sizeof(struct node_detail),
	PACK_TEXTS(detail_texts),
	.arrays = detail_arrays,
	.n_arrays = 3};

struct node_detail *node_detail_new(const struct node_detail *from)
{
	return pack_shared(from, &detail_kind);
}
