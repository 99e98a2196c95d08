/* Names are never given back one by one: pods come and go by the million, and a count in each name
 * would cost more than all else. Instead the pool is changed for a fresh one whenever as much was
 * added as then lived: the rows that are there move over, and the old pool goes with the last
 * snapshot or letter that holds it. So memory is bounded by what lives, and each name is moved but
 * a few times in its life. */
#include "base/i18n.h"
#include "base/log.h"
#include "ops/engine/engine_parts.h"

/* Two pools are there at once while one takes the other's place, beside the tables. 150,000 pods
 * take a third of one. */
#define NAMES_MAX      ((size_t)48 << 20)
#define NAMES_STEP     ((size_t)8 << 20) /* less is not worth moving for */
#define TURN_AGAIN_MS  60000             /* when nearly all of it lives, each turn brings little */
#define FULL_TAIL(max) ((max) / 8)       /* so much room is kept for what comes before the turn */

void engine_names_init(struct engine *en, size_t max)
{
	en->names = intern_new(max > 0 ? max : NAMES_MAX);
	en->names_lived = 0;
	en->tables.names = en->names;
}

static bool is_due(const struct engine *en, struct instant now)
{
	size_t bytes = intern_bytes(en->names), max = intern_max(en->names);
	size_t step = en->names_lived > NAMES_STEP ? en->names_lived : NAMES_STEP;

	int64_t age_ms = instant_age_ms(en->names_turned, now);

	if (intern_is_full(en->names) || bytes > max - FULL_TAIL(max))
		return age_ms < 0 || age_ms >= TURN_AGAIN_MS;
	return bytes >= en->names_lived + step;
}

/* Names that were refused fell into one row: they are listed anew. */
static void list_anew(struct engine *en)
{
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++)
		if (en->tables.at[i].watch)
			kube_watch_relist(en->tables.at[i].watch);
}

void engine_names_turn(struct engine *en, struct instant now)
{
	struct intern *old = en->names;
	bool lost = intern_is_full(old);

	if (!is_due(en, now))
		return;
	en->names = intern_new(intern_max(old));
	kube_tables_rename(&en->tables, en->names);
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++)
		if (en->tables.at[i].watch)
			kube_watch_rename(en->tables.at[i].watch, en->names);
	en->names_turned = now;
	en->names_lived = intern_bytes(en->names);
	log_put(LOG_INFO, "engine", "names: %zu KB live of %zu KB", en->names_lived >> 10,
		intern_bytes(old) >> 10);
	if (lost && en->names_lived < intern_max(old) / 2)
		list_anew(en);
	intern_unref(old);
}
