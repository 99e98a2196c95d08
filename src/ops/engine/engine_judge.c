/* What the snapshot adds up to. Counting over the tables costs, so it is done once a second and
 * whenever a source came to life or went; the rules themselves read a few small structs and are
 * asked at every publish, so that a level is raised with the very snapshot that shows why. */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "model/level_holder.h"
#include "ops/engine/engine_parts.h"

#define IMPACT_EVERY_MS 1000

static size_t count_words(const char *const *words)
{
	size_t n = 0;

	while (words && words[n])
		n++;
	return n;
}

void engine_judge_init(struct engine *en, const struct engine_options *o)
{
	size_t n = count_words(o->core_services);

	en->limits = o->limits;
	en->core_services = mem_zero(n + 1, sizeof(char *));
	for (size_t i = 0; i < n; i++)
		en->core_services[i] = mem_str(o->core_services[i]);
	level_holder_init(&en->holder);
}

void engine_judge_done(struct engine *en)
{
	for (size_t i = 0; en->core_services && en->core_services[i]; i++)
		free(en->core_services[i]);
	free(en->core_services);
}

static unsigned live_sources(const struct snapshot *s)
{
	unsigned live = 0;

	for (int i = 0; i < SOURCE_COUNT; i++)
		live |= s->sources[i].state == SOURCE_LIVE ? 1u << i : 0;
	return live;
}

static void count_impact(struct engine *en, struct snapshot *s)
{
	unsigned live = live_sources(s);
	int64_t age_ms = instant_age_ms(en->impact.at, s->at);

	if (age_ms < 0 || age_ms >= IMPACT_EVERY_MS || live != en->impact_live)
		impact_take(&s->impact, s, (const char *const *)en->core_services, &en->impact);
	else
		s->impact = en->impact;
	en->impact = s->impact;
	en->impact_live = live;
}

void engine_judge(struct engine *en, struct snapshot *s)
{
	enum level was = en->holder.level;
	bool changed;

	s->limits = en->limits;
	count_impact(en, s);
	if (engine_is_settled(en, s->at)) /* else nothing is known: what was seen may be over */
		severity_judge(&s->verdict, s);
	changed = level_holder_take(&en->holder, &s->verdict, s->limits.hold_down_ms, s->at);
	if (s->verdict.known && s->verdict.level == LEVEL_NONE && s->impact.nodes_known)
		en->changes.healthy_ms = s->at.wall_ms;
	change_log_fill(&en->changes, &s->changes, s->at.wall_ms);
	if (!changed)
		return;
	log_put(LOG_INFO, "engine", "level %s, was %s: %s",
		s->verdict.level == LEVEL_NONE ? "none" : level_name(s->verdict.level),
		was == LEVEL_NONE ? "none" : level_name(was),
		s->verdict.n > 0 ? s->verdict.reasons[0].text : "nothing is wrong");
}
