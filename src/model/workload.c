/* Workloads and Services: which of them fall short.
 *
 * Fewer available than desired is a fault at once when nothing is being rolled out. During a
 * rollout some are missing on purpose: then only a rollout that lost all of them, passed its
 * deadline, or goes on for too long counts. */
#include "model/workload.h"

#include "base/intern.h"

static const char *const type_names[WORKLOAD_TYPES] = {
	[WORKLOAD_DEPLOYMENT] = "Deployment",
	[WORKLOAD_STATEFULSET] = "StatefulSet",
	[WORKLOAD_DAEMONSET] = "DaemonSet",
};

const char *workload_type_name(enum workload_type t)
{
	return (unsigned)t < WORKLOAD_TYPES ? type_names[t] : "";
}

static int compare_names(const char *ns, const char *name, const char *other_ns, const char *other)
{
	int order = intern_compare(ns, other_ns);

	return order != 0 ? order : intern_compare(name, other);
}

static int workload_compare(const void *a, const void *b)
{
	const struct workload_row *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return compare_names(x->ns, x->name, y->ns, y->name);
}

static const uint16_t workload_names[] = {offsetof(struct workload_row, ns),
	offsetof(struct workload_row, name), offsetof(struct workload_row, component),
	offsetof(struct workload_row, images), offsetof(struct workload_row, revision),
	offsetof(struct workload_row, editor)};
const struct row_ops workload_ops = {.size = sizeof(struct workload_row),
	ROW_NAMES(workload_names),
	.compare = workload_compare};

static bool is_below(const struct workload_row *w)
{
	return w->available < w->desired && (w->flags & WORKLOAD_DELETING) == 0;
}

bool workload_failing(const struct workload_row *w, struct instant now)
{
	bool rolling = (w->flags & WORKLOAD_ROLLING) != 0;
	int64_t below_ms = instant_age_ms(w->below, now);

	if (!is_below(w))
		return false;
	if ((w->flags & WORKLOAD_STUCK) != 0)
		return true;
	if (w->created_ms > now.wall_ms - WORKLOAD_GRACE_MS)
		return false;
	return !rolling || w->available == 0 || (w->flags & WORKLOAD_UNAVAILABLE) != 0 ||
	       below_ms >= WORKLOAD_ROLLOUT_MS;
}

void workload_stamp(struct workload_row *fresh, const struct workload_row *old, struct instant at)
{
	fresh->below = (struct instant){0};
	if (is_below(fresh))
		fresh->below = old != NULL && old->below.boot_ms != 0 ? old->below : at;
}

static const uint16_t service_names[] = {offsetof(struct service_row, ns),
	offsetof(struct service_row, name), offsetof(struct service_row, type)};
const struct row_ops service_ops = {
	.size = sizeof(struct service_row), ROW_NAMES(service_names), .n_keys = 2};

static const uint16_t slice_names[] = {offsetof(struct slice_row, ns),
	offsetof(struct slice_row, service), offsetof(struct slice_row, name),
	offsetof(struct slice_row, addresses)};
const struct row_ops slice_ops = {
	.size = sizeof(struct slice_row), ROW_NAMES(slice_names), .n_keys = 3};

static const uint16_t config_map_names[] = {offsetof(struct config_map_row, ns),
	offsetof(struct config_map_row, name), offsetof(struct config_map_row, editor)};
const struct row_ops config_map_ops = {
	.size = sizeof(struct config_map_row), ROW_NAMES(config_map_names), .n_keys = 2};

void services_each(const struct table *services, const struct table *slices,
	void (*each)(void *arg, const struct service_row *s, unsigned ready), void *arg)
{
	struct table_walk walk = table_walk(services), behind = table_walk(slices);
	const struct slice_row *slice = table_next(&behind);
	const struct service_row *s;

	while ((s = table_next(&walk)) != NULL) {
		unsigned ready = 0;
		int order = -1;

		while (slice != NULL &&
			(order = compare_names(slice->ns, slice->service, s->ns, s->name)) <= 0) {
			ready += order == 0 ? slice->ready : 0;
			slice = table_next(&behind);
		}
		if ((s->flags & SERVICE_SELECTS) != 0 &&
			(s->flags & (SERVICE_EXTERNAL | SERVICE_DELETING)) == 0)
			each(arg, s, ready);
	}
}
