/* What a page says of a plan, and of a run: first how it stands, then step by step. Of a plan each
 * step says all that is known of it beforehand; of a run what came of it. */
#include "ui/view/page_run.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ui/kit/show.h"
#include "ui/kit/show_incident.h"
#include "ui/kit/show_run.h"
#include "ui/view/run_keys.h"

static void put_text(struct pen *p, const char *name, enum role role, const char *text)
{
	if (text[0] != '\0')
		pen_wide_pair(p, name, role, text);
}

static void put_title(struct pen *p, const struct run_seen *r)
{
	char title[700];

	snprintf(title, sizeof(title), "%s  %s  %s", r->runbook, r->title, r->inputs);
	pen_text(p, ROLE_ACCENT, title);
}

/* ---- a plan ---- */

static size_t steps_against(const struct run_seen *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_steps; i++)
		n += r->steps[i].against[0] != '\0';
	return n;
}

static void put_planned_step(struct pen *p, const struct run_step_seen *step, size_t number)
{
	char text[300];

	snprintf(text, sizeof(text), "%zu. %s", number, step->title);
	pen_section(p, text);
	put_text(p, _("Against it"), ROLE_BAD, step->against);
	put_text(p, _("Where"), ROLE_TEXT, step->targets);
	put_text(p, _("Command"), ROLE_ACCENT, step->command);
	put_text(p, _("Impact"), ROLE_TEXT, step->impact);
	put_text(p, _("Risk"), ROLE_WARN, step->risk);
	put_text(p, _("Undo"), ROLE_TEXT, step->undo);
	put_text(p, _("Verified by"), ROLE_TEXT, step->verify);
	if (str_eq(step->confirm, "yes"))
		str_copy(text, sizeof(text), _("it asks: yes or no"));
	else
		snprintf(text, sizeof(text), _("%s is to be typed"), step->confirm);
	if (step->confirm[0] != '\0')
		pen_wide_pair(p, _("Consent"), ROLE_WARN, text);
}

void page_run_plan(struct pen *p, const struct run_page *page)
{
	const struct run_seen *r = page->run;
	size_t against = steps_against(r);
	char text[200];

	pen_text(p, ROLE_OK, _("Nothing has been changed yet: this is what would be done."));
	put_title(p, r);
	if (against > 0) {
		snprintf(text, sizeof(text),
			P_("As things are, %zu of %zu steps would be refused.",
				"As things are, %zu of %zu steps would be refused.", against),
			against, r->n_steps);
		pen_text(p, ROLE_BAD, text);
	}
	put_text(p, _("Why"), ROLE_BAD, r->why);
	pen_text(p, ROLE_DIM,
		page->snapshot->read_only ? _("This console is read-only: it starts nothing.")
					  : _("e starts it; what is destructive asks before it."));
	for (size_t i = 0; i < r->n_steps; i++)
		put_planned_step(p, &r->steps[i], i + 1);
}

/* ---- a run ---- */

/* The clock of the incident that this is about: what the run's time is taken from. */
static void put_clock(struct pen *p, const struct run_page *page)
{
	const struct incident *i = show_current(page->snapshot);
	struct sla_state clock;
	enum role role;
	char words[80];

	if (i == NULL)
		return;
	clock = incident_clock(i, SLA_RECOVER, page->now.wall_ms);
	show_clock(&clock, words, sizeof(words), &role);
	pen_pair(p, _(sla_title(SLA_RECOVER)), role, "%s", words);
}

static void put_state(struct pen *p, const struct run_page *page)
{
	const struct run_seen *r = page->run;
	size_t at = run_seen_step(r);
	enum role role;
	char text[80];

	show_run_state(r, page->now, text, sizeof(text), &role);
	pen_pair(p, _("State"), role, "%s", text);
	pen_pair(p, _("Step"), ROLE_TEXT, _("%zu of %zu"), at < r->n_steps ? at + 1 : at,
		r->n_steps);
	pen_pair(p, _("Elapsed"), ROLE_TEXT, "%s",
		show_run_took(r->began_ms, r->ended_ms, page->now, text, sizeof(text)));
	put_clock(p, page);
	pen_pair(p, _("By"), ROLE_DIM, "%s@%s", r->author, r->host);
}

/* What is expected of who reads this. */
static void put_next(struct pen *p, const struct run_page *page)
{
	const struct run_seen *r = page->run;
	char text[200];

	if (r->state == RUN_ASKING)
		pen_text(p, ROLE_WARN, _("It waits for an answer: ! opens the question."));
	if (r->state == RUN_VERIFYING)
		put_text(p, _("Not yet"), ROLE_ACCENT, r->waiting);
	put_text(p, _("Why"), r->state == RUN_FAILED ? ROLE_BAD : ROLE_WARN, r->why);
	if (run_offers(r, page->snapshot, ACTION_OFFERED)) {
		snprintf(text, sizeof(text), _("b opens %s, which helps here."), r->offer);
		pen_text(p, ROLE_ACCENT, text);
	}
	if (run_offers(r, page->snapshot, ACTION_RESUME))
		pen_text(p, ROLE_ACCENT,
			_("u goes on with it; nothing that is done is done again."));
}

static bool is_present(const struct run_step_seen *step)
{
	return step->state == RUN_STEP_ACTS || step->state == RUN_STEP_VERIFIES ||
	       step->state == RUN_STEP_FAILED;
}

static void put_step(struct pen *p, const struct run_page *page, const struct run_step_seen *step)
{
	char took[SHOW_SIZE], state[80], text[420];
	enum role role;

	show_run_step_state(step->state, state, sizeof(state), &role);
	show_run_took(step->began_ms, step->ended_ms, page->now, took, sizeof(took));
	snprintf(text, sizeof(text), "%s%s%s%s%s", step->title,
		step->targets[0] != '\0' ? "  " : "", step->targets, took[0] != '\0' ? "  " : "",
		took);
	pen_wide_pair(p, state, role == ROLE_OK ? ROLE_TEXT : role, text);
	if (is_present(step))
		put_text(p, "", ROLE_DIM, step->command);
	put_text(p, "", step->state == RUN_STEP_FAILED ? ROLE_BAD : ROLE_DIM, step->result);
}

void page_run_write(struct pen *p, const struct run_page *page)
{
	const struct run_seen *r = page->run;

	put_title(p, r);
	put_state(p, page);
	put_next(p, page);
	pen_section(p, _("Steps"));
	for (size_t i = 0; i < r->n_steps; i++)
		put_step(p, page, &r->steps[i]);
}
