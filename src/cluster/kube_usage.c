/* What nodes use, from metrics.k8s.io's NodeMetricsList: small (a few hundred bytes a node),
 * polled, read in one piece. */
#include "cluster/kube_usage.h"

#include "base/i18n.h"
#include "cluster/kube_quantity.h"
#include "io/json_pull.h"
#include "model/node.h"

struct usage_scan {
	struct json_span name, cpu, memory;
};

struct usage_list {
	struct intern *pool;
	struct table *into;
	struct instant now;
	struct usage_scan item;
};

/* The group is served by an add-on, in JSON alone. */
static const struct field meta_fields[] = {
	FIELD(STR, "name", 0, struct usage_scan, name),
	FIELDS_END,
};

static const struct field usage_fields[] = {
	FIELD(QUANTITY, "cpu", 0, struct usage_scan, cpu),
	FIELD(QUANTITY, "memory", 0, struct usage_scan, memory),
	FIELDS_END,
};

static const struct field item_fields[] = {
	FIELD_INSIDE("metadata", 0, meta_fields),
	FIELD_INSIDE("usage", 0, usage_fields),
	FIELDS_END,
};

static void take_item(void *into)
{
	struct usage_list *list = into;
	const struct usage_scan *item = &list->item;
	struct usage_row row;

	if (item->name.n == 0)
		return;
	row = (struct usage_row){.node = json_span_intern(item->name, list->pool),
		.cpu_milli = kube_quantity_milli(item->cpu, -1),
		.mem_bytes = kube_quantity(item->memory, -1),
		.at = list->now};
	table_put(list->into, &row);
}

static const struct field list_fields[] = {
	FIELD_EACH("items", 0, struct usage_list, item, item_fields, take_item),
	FIELDS_END,
};

int kube_usage_decode(const char *body, size_t n, struct intern *pool, struct table *into,
	struct instant now, struct err *e)
{
	struct usage_list list = {.pool = pool, .into = into, .now = now};
	struct json_pull p;

	json_pull_init(&p, body, n);
	if (!json_pull_fields(&p, list_fields, &list) && p.bad == NULL)
		return err_set(e, ERR_INPUT, _("the metrics server answered with no object"));
	return json_pull_end(&p, e);
}
