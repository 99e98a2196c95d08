/* One incident: what it is and who leads, how its clocks and lists stand, what is affected and what
 * was changed, and everything that was written down about it, the newest first. */
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ui/kit/fresh.h"
#include "ui/kit/show.h"
#include "ui/kit/show_incident.h"
#include "ui/view/page_cluster.h"
#include "ui/view/page_view.h"
#include "ui/view/views.h"

#define TIMELINE_SHOWN 500

struct page {
	const struct snapshot *snapshot;
	const struct incident *incident; /* NULL: there is none */
	const struct detail *detail;
	struct instant now;
	bool ascii;
};

/* ---- what it is ---- */

static void write_roles(struct pen *p, const struct incident *i)
{
	const char *commander = incident_role_of(i, "commander");

	pen_pair(p, _("Commander"), commander[0] != '\0' ? ROLE_ACCENT : ROLE_WARN, "%s",
		commander[0] != '\0' ? commander : _("nobody yet"));
	for (size_t k = 0; k < i->roles.len; k++)
		if (!str_eq(i->roles.at[k].role, "commander"))
			pen_pair(p, gettext(i->roles.at[k].role), ROLE_TEXT, "%s",
				i->roles.at[k].who);
}

/* Of the current one as it is now; else as it was written down. */
static void write_broken(struct pen *p, const struct page *page)
{
	const struct snapshot *s = page->snapshot;
	const struct incident *i = page->incident;
	enum role role = ROLE_BAD;
	char now[300];

	if (s->layers.broken)
		show_broken(&s->layers, page->now, now, sizeof(now));
	else
		show_unbroken(s, page->now, now, sizeof(now), &role);
	if (i == s->book->current && fresh_is_live(&s->sources[SOURCE_PROBES]))
		pen_wide_pair(p, _("First broken"), role, now);
	else if (i->broken != NULL)
		pen_wide_pair(p, _("First broken"), ROLE_STALE, rstr_text(i->broken));
}

static void write_what(struct pen *p, const struct page *page)
{
	const struct incident *i = page->incident;
	enum incident_state state = incident_state(i);
	char text[400], level[80];

	snprintf(text, sizeof(text), "%s  %s  %s", show_level(i->level, level, sizeof(level)),
		i->alias, rstr_text(i->title));
	pen_text(p, show_level_role(i->level), text);
	if (i == page->snapshot->book->current && page->snapshot->proposal.kind != PROPOSE_OPEN &&
		show_proposal(page->snapshot, text, sizeof(text))[0] != '\0')
		pen_text(p, show_level_role(page->snapshot->proposal.level), text);
	pen_pair(p, _("State"), show_state_role(state), "%s%s", _(incident_state_title(state)),
		i->reopened > 0 ? _(", reopened before") : "");
	pen_pair(p, _("Cluster"), ROLE_TEXT, "%s", i->cluster);
	write_roles(p, i);
	if (state < INCIDENT_IS_RECOVERED)
		write_broken(p, page);
	if (i->misfits > 0)
		pen_pair(p, _("Journal"), ROLE_WARN,
			P_("%d entry does not fit the others", "%d entries do not fit the others",
				i->misfits),
			i->misfits);
}

/* ---- clocks, lists, times ---- */

static void write_clock(struct pen *p, const struct page *page, enum sla_clock which)
{
	struct sla_state c = incident_clock(page->incident, which, page->now.wall_ms);
	char span[SHOW_SIZE], target[SHOW_SIZE], at[SHOW_SIZE], words[120];
	enum role role;

	show_clock(&c, span, sizeof(span), &role);
	snprintf(words, sizeof(words), _("%s of %s"), span,
		show_span(c.elapsed_ms + c.left_ms, target, sizeof(target)));
	pen_bar(p, _(sla_title(which)), show_clock_permille(&c), role, words);
	if (!c.breached)
		return;
	snprintf(words, sizeof(words),
		c.left_ms < 0 ? _("breached at %s")
			      : _("breached at %s, by the level it had then: a milder one does not "
				  "undo it"),
		show_clock_time(c.breached_ms, page->now, at, sizeof(at)));
	pen_wide_pair(p, "", ROLE_BAD, words);
}

static void write_list(struct pen *p, const struct page *page, enum checklist_id list)
{
	const struct incident *i = page->incident;
	enum role role;
	char due[80], words[120];
	int done, all;

	checklist_count(&i->lists, list, &done, &all);
	show_due(i, list, page->now, due, sizeof(due), &role);
	if (done == all) {
		role = ROLE_OK;
		str_copy(due, sizeof(due), _("complete"));
	}
	snprintf(words, sizeof(words), "%d/%d  %s", done, all, due);
	pen_bar(p, _(show_list_name(list)), show_permille(done, all),
		role == ROLE_DIM ? ROLE_TEXT : role, words);
}

/* Who recorded a moment: the author of the entry that did. */
static const char *recorded_by(const struct incident *i, enum incident_moment m)
{
	const char *kind = m <= INCIDENT_DETECTED ? "opened" : incident_moment_name(m);

	for (size_t k = i->events.len; k-- > 0;)
		if (str_eq(i->events.at[k].kind, kind))
			return i->events.at[k].author;
	return "";
}

static void time_cell(const void *context, size_t row, int column, struct widget_cell *out)
{
	const struct page *page = context;
	enum incident_moment m = (enum incident_moment)row;
	const struct incident_time *t = &page->incident->time[m];
	int64_t at_ms = incident_present(t);
	int64_t after_ms = at_ms - incident_present(&page->incident->time[INCIDENT_DETECTED]);
	char span[SHOW_SIZE];

	if (column == 0) {
		str_copy(out->text, sizeof(out->text), _(incident_moment_title(m)));
		out->role = ROLE_DIM;
	} else if (at_ms == INCIDENT_NEVER) {
		str_copy(out->text, sizeof(out->text), column == 1 ? "-" : "");
		out->role = ROLE_DIM;
	} else if (column == 1) {
		show_moment(at_ms, out->text, sizeof(out->text));
	} else if (column == 2 && m != INCIDENT_DETECTED) {
		snprintf(out->text, sizeof(out->text), after_ms < 0 ? _("%s before") : "%s",
			show_span(llabs(after_ms), span, sizeof(span)));
	} else if (column == 3) {
		snprintf(out->text, sizeof(out->text), t->given ? _("as %s said") : "%s",
			recorded_by(page->incident, m));
	}
}

static void write_times(struct pen *p, const struct page *page)
{
	static const char *const headings[] = {
		N_("MOMENT"), N_("TIME"), N_("AFTER DETECTION"), N_("BY")};

	pen_section(p, _("Times"));
	pen_table(p, &(struct pen_table){headings, 4, 4, INCIDENT_MOMENTS, time_cell, page});
}

/* ---- what was written down ---- */

static void write_note(struct pen *p, const struct page *page, size_t k)
{
	const struct incident_note *n = &page->incident->notes.at[k];
	char name[60], at[SHOW_SIZE], text[2400];

	snprintf(name, sizeof(name), "%zu %s %s", k + 1,
		!n->starred   ? " "
		: page->ascii ? "*"
			      : "★",
		show_clock_time(n->at_ms, page->now, at, sizeof(at)));
	snprintf(text, sizeof(text), "%s: %.2000s", n->author, rstr_text(n->text));
	pen_wide_pair(p, name, n->starred ? ROLE_ACCENT : ROLE_TEXT, text);
}

/* Their numbers are their places, whatever stands first. */
static void write_notes(struct pen *p, const struct page *page)
{
	const struct incident *i = page->incident;

	pen_section(p, _("Notes"));
	for (int starred = 1; starred >= 0; starred--)
		for (size_t k = 0; k < i->notes.len; k++)
			if (i->notes.at[k].starred == (starred == 1))
				write_note(p, page, k);
	if (i->notes.len == 0)
		pen_text(p, ROLE_DIM, _("none: n writes one"));
}

static void write_links(struct pen *p, const struct page *page)
{
	const struct incident *i = page->incident;

	if (i->links.len == 0)
		return;
	pen_section(p, _("Links"));
	for (size_t k = 0; k < i->links.len; k++)
		pen_wide_pair(p, i->links.at[k].what, ROLE_TEXT, rstr_text(i->links.at[k].name));
}

static const struct {
	const char *name, *title;
	enum role role;
} action_states[] = {
	{"intent", N_("about to run"), ROLE_WARN},
	{"running", N_("under way"), ROLE_WARN},
	{"done", N_("done"), ROLE_OK},
	{"failed", N_("failed"), ROLE_BAD},
	{"aborted", N_("aborted"), ROLE_WARN},
};

static void write_action(struct pen *p, const struct page *page, const struct incident_action *a)
{
	const char *state = a->state;
	enum role role = ROLE_TEXT;
	char name[SHOW_SIZE], took[SHOW_SIZE] = "", text[1200];

	for (size_t k = 0; k < sizeof(action_states) / sizeof(action_states[0]); k++)
		if (str_eq(a->state, action_states[k].name)) {
			state = _(action_states[k].title);
			role = action_states[k].role;
		}
	if (a->end_ms != INCIDENT_NEVER)
		show_span(a->end_ms - a->at_ms, took, sizeof(took));
	snprintf(text, sizeof(text), "%s%s%s: %.800s (%s)", state, took[0] != '\0' ? " " : "", took,
		rstr_text(a->title), a->author);
	pen_wide_pair(p, show_clock_time(a->at_ms, page->now, name, sizeof(name)), role, text);
	if (rstr_text(a->command)[0] != '\0')
		pen_wide_pair(p, "", ROLE_DIM, rstr_text(a->command));
	if (rstr_text(a->result)[0] != '\0')
		pen_wide_pair(p, "", ROLE_TEXT, rstr_text(a->result));
}

static void write_actions(struct pen *p, const struct page *page)
{
	const struct incident *i = page->incident;

	if (i->actions.len == 0)
		return;
	pen_section(p, _("Actions"));
	for (size_t k = i->actions.len; k-- > 0;)
		write_action(p, page, &i->actions.at[k]);
}

static void level_cell(const void *context, size_t row, int column, struct widget_cell *out)
{
	const struct page *page = context;
	const struct incident_level *l = &page->incident->levels.at[row];
	size_t size = sizeof(out->text);

	switch (column) {
	case 0:
		show_clock_time(incident_present(&l->time), page->now, out->text, size);
		out->role = ROLE_DIM;
		break;
	case 1:
		show_level(l->level, out->text, size);
		out->role = show_level_role(l->level);
		break;
	case 2:
		str_copy(out->text, size, l->author);
		break;
	default:
		str_copy(out->text, size, row == 0 ? _("as it was opened") : rstr_text(l->reason));
	}
}

static void write_levels(struct pen *p, const struct page *page)
{
	static const char *const headings[] = {N_("TIME"), N_("LEVEL"), N_("BY"), N_("REASON")};
	const struct incident *i = page->incident;

	pen_section(p, _("Levels"));
	pen_table(p, &(struct pen_table){headings, 0, 4, i->levels.len, level_cell, page});
	if (i->reasons.len > 0)
		pen_section(p, _("What the checks said when it was opened"));
	for (size_t k = 0; k < i->reasons.len; k++)
		pen_text(p, ROLE_TEXT, rstr_text(i->reasons.at[k]));
}

static void write_timeline(struct pen *p, const struct page *page)
{
	const struct incident *i = page->incident;
	char at[SHOW_SIZE], text[2400];

	pen_section(p, _("Timeline, newest first"));
	for (size_t k = i->events.len, n = 0; k-- > 0 && n < TIMELINE_SHOWN; n++) {
		const struct incident_event *e = &i->events.at[k];

		snprintf(text, sizeof(text), "%s: %.2000s%s", e->author, rstr_text(e->text),
			e->kept ? _("  (in memory only)") : "");
		pen_wide_pair(p, show_clock_time(e->at_ms, page->now, at, sizeof(at)),
			e->kept ? ROLE_BAD : ROLE_TEXT, text);
	}
}

static void write_page(struct pen *p, void *context)
{
	const struct detail_page *on = context;
	const struct snapshot *s = on->snapshot;
	const struct detail *d = on->state;
	const struct page page = {s, show_named(s, d->args.name), d, on->look->now, on->ascii};

	if (page.incident == NULL) {
		pen_text(p, ROLE_DIM,
			page.detail->args.name[0] != '\0'
				? _("The journal has no such incident any more.")
			: s->journal.off ? _("incidents are not kept here")
					 : _("no incident is open; i opens one"));
		return;
	}
	write_what(p, &page);
	pen_section(p, _("Clocks and lists"));
	for (int c = 0; c < SLA_CLOCKS; c++)
		write_clock(p, &page, (enum sla_clock)c);
	for (int l = 0; l < CHECKLIST_COUNT; l++)
		write_list(p, &page, (enum checklist_id)l);
	write_times(p, &page);
	if (incident_state(page.incident) != INCIDENT_IS_CLOSED) {
		page_cluster_impact(p, s);
		page_cluster_changes(p, s, page.now);
	}
	write_notes(p, &page);
	write_actions(p, &page);
	write_links(p, &page);
	write_levels(p, &page);
	write_timeline(p, &page);
}

static void incident_head(void *state, const struct snapshot *s, const struct view_look *look,
	char *dst, size_t size, enum role *role)
{
	const struct incident *i = show_named(s, ((struct detail *)state)->args.name);
	char level[80];

	*role = ROLE_DIM;
	str_copy(dst, size, "");
	if (i != NULL) {
		*role = incident_state(i) == INCIDENT_IS_CLOSED ? ROLE_DIM
								: show_level_role(i->level);
		snprintf(dst, size, "%s %s%s%s", i->alias,
			show_level(i->level, level, sizeof(level)), _(", "),
			_(incident_state_title(incident_state(i))));
	}
	fresh_head(&s->sources[SOURCE_JOURNAL], look->now, dst, size, role);
}

static const struct page_view page = {.write = write_page};

const struct view_ops view_incident = {
	.name = "incident",
	.title = N_("incident"),
	.head = incident_head,
	PAGE_VIEW(&page),
	.act = detail_act,
	.actions = detail_actions,
};
