/* A row per kind of entry that is told. */
#include "ops/incident/incident_notify.h"

#include <string.h>

#include "io/json.h"
#include "ops/journal/entry_kind.h"

struct telling {
	struct notification *a;
	const struct incident *i;
	const struct js *p;
};

static const char *text(const struct telling *t, const char *key)
{
	return js_text_or(t->p, key, "");
}

static enum level level_of(const struct telling *t, const char *key)
{
	enum level l = LEVEL_NONE;

	level_parse(text(t, key), &l);
	return l;
}

static int64_t deadline(const struct telling *t, enum sla_clock c)
{
	struct sla_state s = incident_clock(t->i, c, t->a->at_ms);

	return s.stopped ? NOTIFICATION_NEVER : s.deadline_ms;
}

static void due(struct telling *t, enum sla_clock c)
{
	str_copy(t->a->clock, sizeof(t->a->clock), sla_name(c));
	t->a->deadline_ms = deadline(t, c);
}

static void opened(struct telling *t)
{
	due(t, SLA_RESPOND);
}

static void reopened(struct telling *t)
{
	due(t, SLA_RECOVER);
	str_copy(t->a->why, sizeof(t->a->why), text(t, "reason"));
}

static void acknowledged(struct telling *t)
{
	due(t, SLA_RECOVER);
}

/* How many changes there were before this one. */
static unsigned changes_before(const struct telling *t, enum level to)
{
	size_t k = t->i->levels.len;

	while (k > 1 && (t->i->levels.at[k - 1].time.at_ms > t->a->at_ms ||
				t->i->levels.at[k - 1].level != to))
		k--;
	return k > 2 ? (unsigned)(k - 2) : 0;
}

static void changed(struct telling *t)
{
	t->a->before = level_of(t, "from");
	t->a->level = level_of(t, "to");
	t->a->serial = changes_before(t, t->a->level);
	str_copy(t->a->why, sizeof(t->a->why), text(t, "reason"));
	due(t, SLA_RECOVER);
}

static void clock_told(struct telling *t)
{
	for (int c = 0; c < SLA_CLOCKS; c++)
		if (str_eq(text(t, "clock"), sla_name((enum sla_clock)c)))
			due(t, (enum sla_clock)c);
	t->a->level = level_of(t, "level");
	t->a->percent = (int)js_int(t->p, "percent", 0);
}

static const struct row {
	enum entry_kind entry;
	enum notification_kind alert;
	void (*fill)(struct telling *t); /* or NULL */
} rows[] = {
	{ENTRY_OPENED, NOTIFICATION_DETECTED, opened},
	{ENTRY_REOPENED, NOTIFICATION_DETECTED, reopened},
	{ENTRY_LEVEL, NOTIFICATION_LEVEL, changed},
	{ENTRY_ACKNOWLEDGED, NOTIFICATION_ACKNOWLEDGED, acknowledged},
	{ENTRY_WARNING, NOTIFICATION_WARNING, clock_told},
	{ENTRY_BREACH, NOTIFICATION_BREACH, clock_told},
	{ENTRY_RECOVERED, NOTIFICATION_RECOVERED, NULL},
};

static const struct row *row_of(const char *kind)
{
	enum entry_kind k = entry_kind_of(kind);

	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++)
		if (rows[r].entry == k)
			return &rows[r];
	return NULL;
}

static enum level worst_of(const struct incident *i)
{
	enum level worst = i->level;

	for (size_t k = 0; k < i->levels.len; k++)
		if (i->levels.at[k].level < worst)
			worst = i->levels.at[k].level;
	return worst;
}

static void fill_common(struct telling *t, const struct journal_entry *en)
{
	struct notification *a = t->a;
	const struct incident *i = t->i;

	str_copy(a->cluster, sizeof(a->cluster), i->cluster);
	str_copy(a->incident, sizeof(a->incident), i->id);
	str_copy(a->alias, sizeof(a->alias), i->alias);
	str_copy(a->title, sizeof(a->title), rstr_text(i->title));
	str_copy(a->broken, sizeof(a->broken), rstr_text(i->broken));
	str_copy(a->who, sizeof(a->who), str_eq(en->author, "k911") ? "" : en->author);
	a->level = i->level;
	a->worst = worst_of(i);
	a->at_ms = en->at_ms;
	a->detected_ms = incident_present(&i->time[INCIDENT_DETECTED]);
	a->serial = (unsigned)i->reopened;
	if (en->row != 0)
		sha_hex(en->hash, a->anchor);
	for (size_t k = 0; k < i->reasons.len && a->n_reasons < NOTIFICATION_REASONS; k++)
		str_copy(a->reasons[a->n_reasons++], sizeof(a->reasons[0]),
			rstr_text(i->reasons.at[k]));
}

bool incident_notification(struct notification *a, const struct incident *i, const struct journal_entry *en)
{
	const struct row *row = row_of(en->kind);
	struct telling t = {.a = a, .i = i};
	struct js *p;

	if (!row || i->levels.len == 0 ||
		(p = js_parse(en->payload, strlen(en->payload), NULL)) == NULL)
		return false;
	t.p = p;
	notification_init(a, row->alert);
	fill_common(&t, en);
	if (row->fill)
		row->fill(&t);
	js_free(p);
	return true;
}
