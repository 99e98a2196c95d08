/* Folding: entry by entry, an incident becomes what its journal says. The entries are kept, so that
 * one that arrives late (an import from another machine) is folded where it belongs and not where
 * it came; the usual case, an entry later than all others, is folded onto what is there.
 *
 * The order is the same on every machine: each origin's chain as it is, chains merged by time,
 * where a clock that was set back does not reorder a chain. What does not fit (two people
 * acknowledged on two machines) changes nothing and stays in the timeline. */
#include "ops/incident/incidents.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ops/incident/entry.h"

struct item {
	struct journal_entry *entry; /* owned */
	int64_t key;                 /* the latest time in its chain up to it */
};

struct story {
	char id[ULID_SIZE];
	struct incident *incident; /* NULL until folded */
	VEC(struct item) items;    /* in folding order, unless stale */
	bool stale;
};

struct incidents {
	VEC(struct story *) stories;
	char chosen[ULID_SIZE];
};

static struct story *story_of(const struct incidents *is, const char *id)
{
	for (size_t k = 0; k < is->stories.len; k++)
		if (str_eq(is->stories.at[k]->id, id))
			return is->stories.at[k];
	return NULL;
}

static void story_free(struct story *s)
{
	for (size_t k = 0; k < s->items.len; k++)
		free(s->items.at[k].entry);
	vec_done(&s->items);
	incident_unref(s->incident);
	free(s);
}

struct incidents *incidents_new(void)
{
	return mem_new(struct incidents);
}

void incidents_free(struct incidents *is)
{
	if (is == NULL)
		return;
	for (size_t k = 0; k < is->stories.len; k++)
		story_free(is->stories.at[k]);
	vec_done(&is->stories);
	free(is);
}

/* Chain by chain; those in memory only behind all others, as they were said. */
static int by_chain(const void *a, const void *b)
{
	const struct journal_entry *x = ((const struct item *)a)->entry;
	const struct journal_entry *y = ((const struct item *)b)->entry;
	int origin = strcmp(x->origin, y->origin);

	if ((x->row == 0) != (y->row == 0))
		return x->row == 0 ? 1 : -1;
	if (origin != 0)
		return origin;
	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	return strcmp(x->id, y->id);
}

static int by_key(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return by_chain(a, b);
}

static void sort(struct story *s)
{
	struct item *at = s->items.at;

	qsort(at, s->items.len, sizeof(*at), by_chain);
	for (size_t k = 0; k < s->items.len; k++) {
		bool goes_on = k > 0 && str_eq(at[k].entry->origin, at[k - 1].entry->origin);

		at[k].key = at[k].entry->row == 0 ? INT64_MAX : at[k].entry->at_ms;
		if (goes_on && at[k - 1].key > at[k].key)
			at[k].key = at[k - 1].key;
	}
	qsort(at, s->items.len, sizeof(*at), by_key);
}

static const struct incident *settle(struct story *s)
{
	if (!s->stale)
		return s->incident;
	sort(s);
	incident_unref(s->incident);
	s->incident = incident_new(s->id);
	for (size_t k = 0; k < s->items.len; k++)
		entry_fold(s->incident, s->items.at[k].entry);
	s->stale = false;
	return s->incident;
}

/* Is it the next one of the only chain there is, or later than all? */
static bool comes_last(const struct story *s, const struct journal_entry *en)
{
	const struct item *last = s->items.len ? &s->items.at[s->items.len - 1] : NULL;

	return last == NULL || (last->entry->row != 0 && en->row != 0 && en->at_ms > last->key);
}

void incidents_add(struct incidents *is, const struct journal_entry *en)
{
	struct story *s = story_of(is, en->incident);
	struct item *item = NULL;

	if (en->incident[0] == '\0')
		return;
	if (s == NULL) {
		s = *vec_add(&is->stories) = mem_new(struct story);
		str_copy(s->id, sizeof(s->id), en->incident);
		s->incident = incident_new(s->id);
	}
	for (size_t k = s->items.len; k > 0 && item == NULL; k--)
		if (str_eq(s->items.at[k - 1].entry->id, en->id))
			item = &s->items.at[k - 1];
	if (item != NULL) {
		free(item->entry);
		item->entry = entry_copy(en);
		s->stale = true;
		return;
	}
	s->stale |= !comes_last(s, en);
	item = vec_add(&s->items);
	item->entry = entry_copy(en);
	item->key = en->at_ms;
	if (!s->stale)
		entry_fold(s->incident, item->entry);
}

static int add_to(void *to, const struct journal_entry *en)
{
	incidents_add(to, en);
	return 0;
}

int incidents_load(struct incidents *is, struct journal *j, struct err *e)
{
	return journal_each(j, 0, add_to, is, e);
}

size_t incidents_count(const struct incidents *is)
{
	return is->stories.len;
}

const struct incident *incidents_at(struct incidents *is, size_t k)
{
	return settle(is->stories.at[k]);
}

const struct incident *incidents_get(struct incidents *is, const char *id)
{
	struct story *s = story_of(is, id);

	return s ? settle(s) : NULL;
}

/* Not yet recovered before recovered, then worse before milder, then later before earlier. */
static bool comes_before(const struct incident *a, const struct incident *b)
{
	bool past_a = incident_state(a) >= INCIDENT_IS_RECOVERED;
	bool past_b = incident_state(b) >= INCIDENT_IS_RECOVERED;

	if (past_a != past_b)
		return past_b;
	if (!past_a && a->level != b->level)
		return a->level < b->level;
	return a->time[INCIDENT_DETECTED].at_ms >= b->time[INCIDENT_DETECTED].at_ms;
}

static bool may_be_one(const char *a, const char *b)
{
	return a[0] == '\0' || b[0] == '\0' || str_eq(a, b);
}

void incident_cluster_of(const char *name, const char *authority, struct incident_cluster *out)
{
	memset(out, 0, sizeof(*out));
	str_copy(out->name, sizeof(out->name), name != NULL ? name : "");
	str_copy_n(out->authority, sizeof(out->authority), authority, sizeof(out->authority) - 1);
}

bool incident_is_of(const struct incident *i, const struct incident_cluster *c)
{
	return may_be_one(i->cluster, c->name) && may_be_one(i->authority, c->authority);
}

const struct incident *incidents_current(struct incidents *is, const struct incident_cluster *c)
{
	const struct incident *best = NULL;

	for (size_t k = 0; k < is->stories.len; k++) {
		const struct incident *i = settle(is->stories.at[k]);

		if (i->levels.len == 0 || incident_state(i) == INCIDENT_IS_CLOSED ||
			!incident_is_of(i, c))
			continue;
		if (str_eq(i->id, is->chosen))
			return i;
		if (best == NULL || comes_before(i, best))
			best = i;
	}
	return best;
}

void incidents_choose(struct incidents *is, const char *id)
{
	str_copy(is->chosen, sizeof(is->chosen), id);
}
