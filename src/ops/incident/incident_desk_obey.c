/* What the operator says at the console: a row per command. Making an entry asks whether it may be;
 * a refusal is a notice with its reason. */
#include <stdio.h>

#include "base/i18n.h"
#include "base/str.h"
#include "incident_desk_parts.h"
#include "ops/incident/entry.h"

struct saying {
	struct incident_desk *d;
	const struct command *c;
	const struct incident *i; /* NULL only for COMMAND_OPEN and _SAW_ALERTS */
	struct entry_by by;
};

/* Nothing is said of what shows by itself. */
static bool record(struct saying *s, struct journal_draft *draft, const struct err *e)
{
	if (draft)
		return incident_desk_record(s->d, draft);
	notice_say(s->d->notices, NOTICE_WARN, "%s", e->text);
	return false;
}

/* Were the team told before it was opened, its item is ticked as well. */
static void tick_told(struct saying *s, const char *id)
{
	const struct entry_by a = {.by = s->d->watch.by, .now_ms = s->by.now_ms};
	const struct incident *i = incidents_get(s->d->is, id);
	struct journal_draft *out[CHECKLIST_ROWS];

	if (i && s->d->announced.sent[0] && incident_desk_was_announced(s->d, i))
		incident_desk_record_all(
			s->d, out, entry_saw(i, EVIDENCE_NOTIFIED, s->d->announced.sent, &a, out));
}

static void open_one(struct saying *s)
{
	struct incident_desk *d = s->d;
	bool seen = d->verdict.known && d->verdict.n > 0;
	struct entry_opening r = {.title = s->c->text,
		.cluster = d->cluster.name,
		.authority = d->cluster.authority,
		.level = s->c->level,
		.detected_ms = s->c->at_ms ? s->c->at_ms : INCIDENT_NEVER,
		.started_ms = INCIDENT_NEVER,
		.broken = d->broken[0] ? d->broken : NULL};
	char id[ULID_SIZE];
	struct journal_draft *draft;
	struct err e = {0};

	if (r.level >= LEVEL_COUNT)
		r.level = seen ? d->verdict.now : LEVEL_P2;
	if (seen) {
		r.reasons = d->reasons;
		r.n_reasons = d->verdict.n;
	}
	if (r.title[0] == '\0' && seen)
		r.title = d->reasons[0];
	r.target = d->targets[r.level];
	for (int l = 0; l < CHECKLIST_COUNT; l++)
		r.lists[l] = (const char *const *)d->lists[l];
	draft = entry_open(&r, &s->by, &e);
	if (draft)
		str_copy(id, sizeof(id), draft->incident);
	if (!record(s, draft, &e))
		return;
	incidents_choose(d->is, id);
	tick_told(s, id);
	notice_say(d->notices, NOTICE_INFO,
		_("an incident is open: a says that you are on it, i shows it"));
}

static void record_one(struct saying *s)
{
	const struct command *c = s->c;
	const struct entry_request q = {.i = s->i,
		.words = {.name = c->name,
			.text = c->text,
			.level = c->level,
			.at_ms = INCIDENT_NEVER,
			.on = c->on},
		.targets = s->d->targets};
	struct err e = {0};

	record(s, entry_make(c->entry, &q, &s->by, &e), &e);
}

static void choose(struct saying *s)
{
	incidents_choose(s->d->is, s->i->id);
	s->d->stale = true;
}

/* The operator looked at what fires: evidence for the item that asks for it. */
static void saw_alerts(struct saying *s)
{
	const struct incident *current = incidents_current(s->d->is, &s->d->cluster);
	struct journal_draft *out[CHECKLIST_ROWS];
	char names[NAMES_ROOM + 40], text[300];

	if (!current || !s->d->alerts_live)
		return;
	if (s->d->alerts.n == 0)
		str_copy(text, sizeof(text), _("looked: no alert fires"));
	else
		snprintf(text, sizeof(text), _("looked: %u alerts fire: %s"), s->d->alerts.n,
			names_text(&s->d->alerts, names, sizeof(names)));
	incident_desk_record_all(s->d, out, entry_saw(current, EVIDENCE_ALERTS, text, &s->by, out));
}

static const struct row {
	enum command_kind kind;
	bool about; /* an incident */
	void (*say)(struct saying *s);
} rows[] = {
	{COMMAND_OPEN, false, open_one},
	{COMMAND_RECORD, true, record_one},
	{COMMAND_CHOOSE, true, choose},
	{COMMAND_SAW_ALERTS, false, saw_alerts},
};

static const struct row *row_of(int kind)
{
	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
		if ((int)rows[k].kind == kind)
			return &rows[k];
	return NULL;
}

bool incident_desk_obey(struct incident_desk *d, const struct command *c, struct instant now)
{
	const struct row *row = row_of(c->letter.kind);
	struct saying s = {.d = d, .c = c, .by = {.by = d->by, .now_ms = now.wall_ms}};

	if (!row)
		return false;
	if (row->about)
		s.i = incidents_get(d->is, c->incident);
	if (!d->writer && row->kind != COMMAND_SAW_ALERTS)
		notice_say(d->notices, NOTICE_WARN, "%s",
			d->health.why[0] ? d->health.why : _("there is no journal here"));
	else if (row->about && !s.i)
		notice_say(
			d->notices, NOTICE_WARN, "%s", _("that incident is not in this journal"));
	else if (d->writer)
		row->say(&s);
	return true;
}
