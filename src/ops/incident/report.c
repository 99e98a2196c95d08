/* The report: what the journal knows is filled in, what only people know is asked for in block
 * quotes. Texts from the cluster and from people are made harmless first: no control characters,
 * and none of Markdown's own signs where they would change the page. */
#include "ops/incident/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/incident_status.h"
#include "ops/incident/entry.h"

/* ---- pieces ---- */

/* s for the middle of a line, and of a table's cell. */
static void put_text(struct buf *out, const char *s)
{
	size_t n = strlen(s), room = 8 * n + 1;
	char *safe = mem_zero(room, 1);

	text_safe(safe, room, s, n);
	for (const char *c = safe; *c; c++) {
		if (strchr("\\|<*`", *c) != NULL)
			buf_putc(out, '\\');
		buf_putc(out, *c);
	}
	free(safe);
}

static void put_time(struct buf *out, int64_t ms)
{
	char text[32];

	buf_puts(out, ms == INCIDENT_NEVER ? "—" : instant_rfc3339(ms, text, sizeof(text)));
}

static void put_heading(struct buf *out, const char *title)
{
	buf_fmt(out, "\n## %s\n\n", title);
}

static void put_prompt(struct buf *out, const char *question)
{
	buf_fmt(out, "> %s\n", question);
}

static void put_row(struct buf *out, const char *name, const char *value)
{
	buf_fmt(out, "| %s | ", name);
	put_text(out, value);
	buf_puts(out, " |\n");
}

/* ---- the head ---- */

static void put_facts(struct buf *out, const struct incident *i)
{
	char level[64];

	buf_fmt(out, "| | |\n|---|---|\n");
	str_copy(level, sizeof(level), level_name(i->level));
	buf_fmt(out, "| %s | %s %s |\n", _("Level"), level, _(level_title(i->level)));
	buf_fmt(out, "| %s | %s |\n", _("State"), _(incident_state_title(incident_state(i))));
	if (i->cluster[0])
		put_row(out, _("Cluster"), i->cluster);
	for (int m = 0; m < INCIDENT_MOMENTS; m++) {
		buf_fmt(out, "| %s | ", _(incident_moment_title((enum incident_moment)m)));
		put_time(out, i->time[m].at_ms);
		buf_puts(out, " |\n");
	}
	for (size_t k = 0; k < i->roles.len; k++) {
		if (!i->roles.at[k].who[0])
			continue;
		buf_puts(out, "| ");
		put_text(out, i->roles.at[k].role);
		buf_puts(out, " | ");
		put_text(out, i->roles.at[k].who);
		buf_puts(out, " |\n");
	}
}

static void put_summary(struct buf *out, const struct incident *i, int64_t now_ms)
{
	struct buf status;

	put_heading(out, _("Summary"));
	buf_init(&status, REPORT_MAX);
	incident_status(i, now_ms, &status);
	put_text(out, buf_text(&status));
	buf_done(&status);
	buf_puts(out, "\n\n");
	put_prompt(out,
		_("In three sentences, for someone who was not there: what happened, who noticed, "
		  "what ended it?"));
}

static void put_impact(
	struct buf *out, const struct incident *i, const struct availability *a, int64_t now_ms)
{
	struct sla_state s = incident_clock(i, SLA_RECOVER, now_ms);
	char span[32];

	put_heading(out, _("Impact"));
	buf_fmt(out, s.stopped ? _("- It lasted %s.\n") : _("- It has lasted %s so far.\n"),
		incident_span(s.elapsed_ms, span, sizeof(span)));
	for (size_t k = 0; k < i->reasons.len; k++) {
		buf_puts(out, "- ");
		put_text(out, rstr_text(i->reasons.at[k]));
		buf_putc(out, '\n');
	}
	if (i->broken) {
		buf_fmt(out, "- %s: ", _("First broken layer"));
		put_text(out, rstr_text(i->broken));
		buf_putc(out, '\n');
	}
	if (a != NULL && a->watched_ms > 0)
		buf_fmt(out, _("- The API was unreachable for %s this month, see Availability.\n"),
			incident_span(a->down_ms, span, sizeof(span)));
	buf_putc(out, '\n');
	put_prompt(out, _("Which users and services felt it, how, and from when to when?"));
}

/* ---- what happened ---- */

static void put_timeline(struct buf *out, const struct incident *i)
{
	put_heading(out, _("Timeline"));
	buf_fmt(out, "| %s | %s | %s |\n|---|---|---|\n", _("Time (UTC)"), _("Who"), _("What"));
	for (size_t k = 0; k < i->events.len; k++) {
		const struct incident_event *ev = &i->events.at[k];

		buf_puts(out, "| ");
		put_time(out, ev->at_ms);
		buf_puts(out, " | ");
		put_text(out, ev->author);
		buf_puts(out, " | ");
		put_text(out, rstr_text(ev->text));
		buf_puts(out, " |\n");
	}
}

static void put_said(struct buf *out, int64_t at_ms, const char *who, const char *what)
{
	buf_puts(out, "- ");
	put_time(out, at_ms);
	buf_puts(out, " ");
	put_text(out, who);
	buf_puts(out, ": ");
	put_text(out, what);
	buf_putc(out, '\n');
}

static void put_notes(struct buf *out, const struct incident *i)
{
	bool any = false;

	for (size_t k = 0; k < i->notes.len; k++) {
		const struct incident_note *n = &i->notes.at[k];

		if (!n->starred)
			continue;
		if (!any)
			put_heading(out, _("Starred notes"));
		any = true;
		put_said(out, n->at_ms, n->author, rstr_text(n->text));
	}
}

/* Entries of a kind whose row has a heading. */
static void put_kinds(struct buf *out, const struct incident *i)
{
	const char *heading, *kind;

	for (size_t n = 0; (heading = entry_heading(n, &kind)) != NULL; n++) {
		bool any = false;

		for (size_t k = 0; k < i->events.len; k++) {
			const struct incident_event *ev = &i->events.at[k];

			if (!str_eq(ev->kind, kind))
				continue;
			if (!any)
				put_heading(out, _(heading));
			any = true;
			put_said(out, ev->at_ms, ev->author, rstr_text(ev->text));
		}
	}
}

static const char *result_of(const struct sla_state *s)
{
	if (s->breached)
		return _("breached");
	return s->stopped ? _("kept") : _("running");
}

static void put_clocks(struct buf *out, const struct incident *i, int64_t now_ms)
{
	char span[32];

	put_heading(out, _("Clocks against targets"));
	buf_fmt(out, "| %s | %s | %s | %s | %s |\n|---|---|---|---|---|\n", _("Clock"), _("Target"),
		_("Deadline"), _("Taken"), _("Result"));
	for (int c = 0; c < SLA_CLOCKS; c++) {
		struct sla_state s = incident_clock(i, (enum sla_clock)c, now_ms);

		buf_fmt(out, "| %s | %s | ", _(sla_title((enum sla_clock)c)),
			incident_span(s.left_ms + s.elapsed_ms, span, sizeof(span)));
		put_time(out, s.deadline_ms);
		buf_fmt(out, " | %s | %s |\n", incident_span(s.elapsed_ms, span, sizeof(span)),
			result_of(&s));
	}
	buf_putc(out, '\n');
	for (size_t k = 1; k < i->levels.len; k++) {
		const struct incident_level *l = &i->levels.at[k];

		buf_puts(out, "- ");
		put_time(out, l->time.at_ms);
		buf_fmt(out, " %s → %s, ", level_name(i->levels.at[k - 1].level),
			level_name(l->level));
		put_text(out, l->author);
		buf_puts(out, ": ");
		put_text(out, rstr_text(l->reason));
		buf_putc(out, '\n');
	}
}

static void put_actions(struct buf *out, const struct incident *i)
{
	put_heading(out, _("Actions"));
	if (i->actions.len == 0) {
		put_prompt(out, _("k911 recorded no action. What was done by hand, by whom, and "
				  "what came of it?"));
		return;
	}
	buf_fmt(out, "| %s | %s | %s | %s |\n|---|---|---|---|\n", _("Time (UTC)"), _("Who"),
		_("Action"), _("Result"));
	for (size_t k = 0; k < i->actions.len; k++) {
		const struct incident_action *a = &i->actions.at[k];

		buf_puts(out, "| ");
		put_time(out, a->at_ms);
		buf_puts(out, " | ");
		put_text(out, a->author);
		buf_puts(out, " | ");
		put_text(out, a->title ? rstr_text(a->title) : a->id);
		buf_puts(out, " | ");
		put_text(out, a->state);
		buf_puts(out, a->result ? ": " : "");
		put_text(out, rstr_text(a->result));
		buf_puts(out, " |\n");
	}
}

static void put_commands(struct buf *out, const struct incident *i)
{
	bool any = false;

	for (size_t k = 0; k < i->actions.len; k++) {
		const char *command = rstr_text(i->actions.at[k].command);
		size_t n = strlen(command), room = 8 * n + 1;
		char *safe;

		if (n == 0)
			continue;
		if (!any)
			buf_fmt(out, "\n### %s\n\n", _("Commands run"));
		any = true;
		safe = mem_zero(room, 1);
		text_safe(safe, room, command, n);
		buf_fmt(out, "    %s\n", safe); /* indented: nothing in it can end the block */
		free(safe);
	}
}

/* ---- what is to be done ---- */

static void put_item(struct buf *out, const struct checklist_item *item)
{
	buf_puts(out, item->ticked ? "- [x] " : "- [ ] ");
	put_text(out, _(rstr_text(item->text)));
	if (item->ticked) {
		buf_puts(out, " — ");
		put_text(out, item->by);
		buf_puts(out, ", ");
		put_time(out, item->at_ms);
	}
	if (item->ticked && item->evidence_text) {
		buf_puts(out, ", ");
		put_text(out, rstr_text(item->evidence_text));
	}
	buf_putc(out, '\n');
}

static void put_checklists(struct buf *out, const struct incident *i, int64_t now_ms)
{
	put_heading(out, _("Checklists"));
	for (int l = 0; l < CHECKLIST_COUNT; l++) {
		enum checklist_id list = (enum checklist_id)l;
		int64_t due = incident_due(i, list, now_ms);
		int done, all;

		checklist_count(&i->lists, list, &done, &all);
		buf_fmt(out, "### %s (%s) %d/%d\n\n", _(checklist_title(list)),
			_(checklist_heading(list)), done, all);
		if (due == INCIDENT_NEVER) {
			buf_puts(out, _("Due 24 hours after the recovery.\n\n"));
		} else {
			buf_puts(out, _("Due "));
			put_time(out, due);
			buf_puts(out, "\n\n");
		}
		for (size_t k = 0; k < i->lists.items.len; k++)
			if (i->lists.items.at[k].list == list)
				put_item(out, &i->lists.items.at[k]);
		buf_putc(out, '\n');
	}
}

static void put_links(struct buf *out, const struct incident *i)
{
	put_heading(out, _("Bundles and links"));
	if (i->links.len == 0)
		put_prompt(out,
			_("No bundle is linked. Where are the logs and dashboards of that time?"));
	for (size_t k = 0; k < i->links.len; k++) {
		buf_puts(out, "- ");
		put_text(out, i->links.at[k].what);
		buf_puts(out, ": ");
		put_text(out, rstr_text(i->links.at[k].name));
		buf_putc(out, '\n');
	}
}

static void put_availability(struct buf *out, const struct availability *a)
{
	char month[32], down[32], budget[32];

	put_heading(out, _("Availability"));
	if (a == NULL || a->watched_ms == 0) {
		buf_puts(out, _("Nobody watched the API this month.\n"));
		return;
	}
	instant_rfc3339(a->month_from_ms, month, sizeof(month));
	month[7] = '\0';
	buf_fmt(out,
		_("In %s the API was reachable %.3f %% of the time that was watched (%.1f %% of "
		  "the month so "
		  "far). It was unreachable for %s; 99.9 %% allows %s a month.\n"),
		month, a->percent, a->watched_percent,
		incident_span(a->down_ms, down, sizeof(down)),
		incident_span(a->budget_ms, budget, sizeof(budget)));
}

static void put_questions(struct buf *out)
{
	put_heading(out, _("Root cause"));
	put_prompt(out, _("What broke first, and why? Ask why again until the answer is something "
			  "that can be "
			  "changed."));
	put_prompt(out, _("What triggered it, and what had changed before?"));
	put_prompt(out, _("Why was it not noticed or stopped earlier?"));
	put_heading(out, _("Lessons and measures"));
	put_prompt(out, _("What went well, what did not, where were we lucky?"));
	put_prompt(
		out, _("Which alerts, runbooks and automation change, who does it, and by when?"));
	buf_fmt(out, "\n| %s | %s | %s |\n|---|---|---|\n| | | |\n", _("Measure"), _("Who"),
		_("Until"));
}

/* The report outlives the file it was made from, and can vouch for it. */
static void put_anchors(struct buf *out, const struct report_facts *facts)
{
	char hex[SHA_HEX];

	put_heading(out, _("Anchors"));
	buf_fmt(out, "%s\n\n",
		_("The journal this was made from, as it was then. Is it still in it, unchanged? "
		  "`k911 incident verify --anchor HASH` says so."));
	buf_fmt(out, "| %s | %s | %s |\n|---|---|---|\n", _("Chain"), _("Entries"), _("Anchor"));
	for (size_t k = 0; k < facts->n_heads; k++) {
		buf_puts(out, "| ");
		put_text(out, facts->heads[k].origin);
		buf_fmt(out, " | %lld | %s |\n", (long long)facts->heads[k].seq,
			sha_hex(facts->heads[k].hash, hex));
	}
}

void report_markdown(
	const struct incident *i, const struct report_facts *facts, int64_t now_ms, struct buf *out)
{
	buf_fmt(out, "# %s ", i->alias);
	put_text(out, rstr_text(i->title));
	buf_puts(out, "\n\n");
	put_facts(out, i);
	put_summary(out, i, now_ms);
	put_impact(out, i, facts->availability, now_ms);
	put_timeline(out, i);
	put_notes(out, i);
	put_kinds(out, i);
	put_clocks(out, i, now_ms);
	put_questions(out);
	put_actions(out, i);
	put_commands(out, i);
	put_checklists(out, i, now_ms);
	put_links(out, i);
	put_availability(out, facts->availability);
	put_anchors(out, facts);
}
