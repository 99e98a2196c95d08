/* Names are never given back one by one: pods come and go by the million, and a count in each name
 * would cost more than all else. Instead the pool is changed for a fresh one whenever as much was
 * added as then lived: the rows that are there move over, and the old pool goes with the last
 * snapshot or letter that holds it. So memory is bounded by what lives, and each name is moved but
 * a few times in its life. */
#include "ops/watch/kube_names.h"

#include "base/log.h"

/* Two pools are there at once while one takes the other's place, beside the tables. 150,000 pods
 * take a third of one. */
#define NAMES_MAX      ((size_t)32 << 20)
#define NAMES_STEP     ((size_t)8 << 20) /* less is not worth moving for */
#define TURN_AGAIN_MS  60000             /* when nearly all of it lives, each turn brings little */
#define FULL_TAIL(max) ((max) / 8)       /* so much room is kept for what comes before the turn */

void kube_names_begin(struct kube_names *n, struct kube_tables *tables, size_t max)
{
	*n = (struct kube_names){0};
	tables->names = intern_new(max > 0 ? max : NAMES_MAX);
}

static bool is_due(const struct kube_names *n, const struct intern *names, struct instant now)
{
	size_t bytes = intern_bytes(names), max = intern_max(names);
	size_t step = n->lived > NAMES_STEP ? n->lived : NAMES_STEP;
	int64_t age_ms = instant_age_ms(n->turned, now);

	if (intern_is_full(names) || bytes > max - FULL_TAIL(max))
		return age_ms < 0 || age_ms >= TURN_AGAIN_MS;
	return bytes >= n->lived + step;
}

void kube_names_turn(struct kube_names *n, struct kube_tables *tables, struct instant now)
{
	struct intern *old = tables->names;
	bool lost = intern_is_full(old);

	if (!is_due(n, old, now))
		return;
	kube_tables_rename(tables, intern_new(intern_max(old)));
	n->turned = now;
	n->lived = intern_bytes(tables->names);
	log_put(LOG_INFO, "engine", "names: %zu KB live of %zu KB", n->lived >> 10,
		intern_bytes(old) >> 10);
	if (lost && n->lived < intern_max(old) / 2) /* names that were refused fell into one row */
		kube_tables_relist(tables);
	intern_unref(old);
}
