/* Failing depends on age, so counts move on by themselves. */
#include "counts.h"

#include <string.h>

#define COUNT_EVERY_MS 1000
#define COUNT_NEW_MS   200 /* when rows changed: a walk over 20,000 is about a millisecond */
#define RECENT_MS      60000

static double count_warnings(const struct table *events, struct instant now)
{
	struct table_walk w = table_walk(events);
	const struct event_row *e;
	unsigned n = 0;

	while ((e = table_next(&w)) != NULL)
		if (event_is_warning(e) && e->last_ms > now.wall_ms - RECENT_MS)
			n++;
	return n;
}

static void count(struct counts *c, const struct snapshot *s)
{
	uint64_t generation = table_generation(s->pods);
	struct table_walk w = table_walk(s->pods);
	const struct pod_row *p;

	if (c->at.boot_ms != 0 &&
		instant_age_ms(c->at, s->at) <
			(generation == c->generation ? COUNT_EVERY_MS : COUNT_NEW_MS))
		return;
	if (s->sources[SOURCE_PODS].saved && generation == c->generation)
		return;
	memset(&c->pods, 0, sizeof(c->pods));
	while ((p = table_next(&w)) != NULL)
		pod_counts_add(&c->pods, p, s->at.wall_ms, 1);
	c->at = s->at;
	c->generation = generation;
	c->warnings_per_minute = count_warnings(s->events, s->at);
}

static int count_not_ready(const struct table *nodes)
{
	struct table_walk w = table_walk(nodes);
	const struct node_row *n;
	int not_ready = 0;

	while ((n = table_next(&w)) != NULL)
		not_ready += !node_is_ready(n);
	return not_ready;
}

void counts_fill(struct counts *c, struct snapshot *s)
{
	count(c, s);
	s->pod_counts = c->pods;
	s->warnings_per_minute = c->warnings_per_minute;
	s->nodes_not_ready = count_not_ready(s->nodes);
}

void counts_recall(struct counts *c, const struct pod_counts *saved, const struct table *pods,
	struct instant now)
{
	c->pods = *saved;
	c->at = now;
	c->generation = table_generation(pods);
}
