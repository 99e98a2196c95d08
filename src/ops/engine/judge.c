/* Counting over the tables costs, so it is done once a second and whenever a source came to life or
 * went; the rules themselves read a few small structs and are asked at every publish, so that a
 * level is raised with the very snapshot that shows why. */
#include "judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"

#define IMPACT_EVERY_MS 1000

static size_t count_words(const char *const *words)
{
	size_t n = 0;

	while (words && words[n])
		n++;
	return n;
}

void judge_init(struct judge *j, const struct limits *limits, const char *const *core_services)
{
	size_t n = count_words(core_services);

	memset(j, 0, sizeof(*j));
	j->limits = *limits;
	j->core_services = mem_zero(n + 1, sizeof(char *));
	for (size_t i = 0; i < n; i++)
		j->core_services[i] = mem_str(core_services[i]);
	level_holder_init(&j->holder);
}

void judge_done(struct judge *j)
{
	for (size_t i = 0; j->core_services && j->core_services[i]; i++)
		free(j->core_services[i]);
	free(j->core_services);
}

void judge_forget(struct judge *j)
{
	memset(&j->impact, 0, sizeof(j->impact));
	level_holder_init(&j->holder);
}

static unsigned live_sources(const struct snapshot *s)
{
	unsigned live = 0;

	for (int i = 0; i < SOURCE_COUNT; i++)
		live |= s->sources[i].state == SOURCE_LIVE ? 1u << i : 0;
	return live;
}

static void count_impact(struct judge *j, struct snapshot *s)
{
	unsigned live = live_sources(s);
	int64_t age_ms = instant_age_ms(j->impact.at, s->at);

	if (age_ms < 0 || age_ms >= IMPACT_EVERY_MS || live != j->live)
		impact_take(&s->impact, s, (const char *const *)j->core_services, &j->impact);
	else
		s->impact = j->impact;
	j->impact = s->impact;
	j->live = live;
}

void judge_fill(struct judge *j, struct snapshot *s, bool settled)
{
	enum level was = j->holder.level;

	s->limits = j->limits;
	count_impact(j, s);
	if (settled) /* else nothing is known: what was seen may be over */
		severity_judge(&s->verdict, s);
	if (!level_holder_take(&j->holder, &s->verdict, s->limits.hold_down_ms, s->at))
		return;
	log_put(LOG_INFO, "engine", "level %s, was %s: %s",
		s->verdict.level == LEVEL_NONE ? "none" : level_name(s->verdict.level),
		was == LEVEL_NONE ? "none" : level_name(was),
		s->verdict.n > 0 ? s->verdict.reasons[0].text : "nothing is wrong");
}
