/* What nodes use, from metrics.k8s.io's NodeMetricsList: small (a few hundred bytes a node),
 * polled, read in one piece. */
#include "cluster/kube_usage.h"

#include <string.h>

#include "base/i18n.h"
#include "cluster/kube_decode.h"
#include "cluster/kube_quantity.h"
#include "model/node.h"

struct usage_scan {
	struct json_span name, cpu, memory;
};

struct usage_list {
	struct intern *pool;
	struct table *into;
	struct instant now;
};

static const struct json_field meta_fields[] = {
	JSON_STR("name", struct usage_scan, name),
	JSON_FIELDS_END,
};

static const struct json_field usage_fields[] = {
	JSON_STR("cpu", struct usage_scan, cpu),
	JSON_STR("memory", struct usage_scan, memory),
	JSON_FIELDS_END,
};

static const struct json_field item_fields[] = {
	JSON_INSIDE("metadata", meta_fields),
	JSON_INSIDE("usage", usage_fields),
	JSON_FIELDS_END,
};

static void read_item(struct json_pull *p, void *into)
{
	struct usage_list *list = into;
	struct usage_scan scan;
	struct usage_row row;

	memset(&scan, 0, sizeof(scan));
	json_pull_fields(p, item_fields, &scan);
	if (p->bad != NULL || scan.name.n == 0)
		return;
	row = (struct usage_row){.node = json_span_intern(scan.name, list->pool),
		.cpu_milli = kube_quantity_milli(scan.cpu, -1),
		.mem_bytes = kube_quantity(scan.memory, -1),
		.at = list->now};
	table_put(list->into, &row);
}

static const struct json_field list_fields[] = {
	JSON_LIST("items", read_item),
	JSON_FIELDS_END,
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
