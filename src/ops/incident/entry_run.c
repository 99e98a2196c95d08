/* Runs of runbooks as entries: the run itself, what it did to the cluster, what it owes. Who resumes
 * a run reads them back (ops/run/run_book), so what they hold is enough to go on from. */
#include "base/i18n.h"
#include "entry_row.h"

/* ---- a run ---- */

static const struct {
	const char *state, *word; /* N_() */
} run_states[] = {
	{"started", N_("begun")},
	{"resumed", N_("resumed")},
	{"done", N_("done")},
	{"refused", N_("refused")},
	{"failed", N_("failed")},
	{"aborted", N_("aborted")},
};

static void run_words(struct buf *to, const struct js *p)
{
	const struct js *inputs = js_get(p, "inputs");
	const char *state = payload_text(p, "state");

	for (size_t k = 0; k < sizeof(run_states) / sizeof(run_states[0]); k++)
		if (str_eq(run_states[k].state, state))
			state = _(run_states[k].word);
	buf_fmt(to, _("runbook %s %s: %s"), payload_text(p, "runbook"), state,
		payload_text(p, "title"));
	for (size_t k = 0; k < js_len(inputs); k++)
		buf_fmt(to, "%s%s", k == 0 ? " (" : " ", js_str(js_nth(inputs, k)));
	buf_puts(to, js_len(inputs) > 0 ? ")" : "");
	if (payload_text(p, "why")[0])
		buf_fmt(to, " → %s", payload_text(p, "why"));
}

struct journal_draft *entry_run(
	const char *incident, const struct entry_run *r, const struct entry_by *by)
{
	struct journal_draft *d = draft_of(incident, "run", by);

	journal_draft_text(d, "run", r->run);
	journal_draft_text(d, "state", r->state);
	journal_draft_text(d, "runbook", r->runbook);
	journal_draft_text(d, "digest", r->digest);
	journal_draft_text(d, "title", r->title);
	journal_draft_texts(d, "inputs", r->inputs, r->n_inputs);
	journal_draft_text(d, "why", r->why);
	return d;
}

/* ---- what it did ---- */

static void action_words(struct buf *to, const struct js *p)
{
	buf_fmt(to, "%s: %s", payload_text(p, "state"),
		payload_text(p, "title")[0] ? payload_text(p, "title") : payload_text(p, "action"));
	if (payload_text(p, "command")[0])
		buf_fmt(to, " $ %s", payload_text(p, "command"));
	if (payload_text(p, "result")[0])
		buf_fmt(to, " → %s", payload_text(p, "result"));
}

static struct incident_action *action_of(struct fold *f)
{
	struct incident_action *a;

	for (size_t k = 0; k < f->i->actions.len; k++)
		if (str_eq(f->i->actions.at[k].id, payload_text(f->p, "action")))
			return &f->i->actions.at[k];
	a = vec_add(&f->i->actions);
	str_copy(a->id, sizeof(a->id), payload_text(f->p, "action"));
	str_copy(a->author, sizeof(a->author), f->en->author);
	a->at_ms = f->en->at_ms;
	a->end_ms = INCIDENT_NEVER;
	return a;
}

static bool fold_action(struct fold *f)
{
	struct incident_action *a = action_of(f);

	str_copy(a->state, sizeof(a->state), payload_text(f->p, "state"));
	if (payload_text(f->p, "title")[0])
		rstr_replace(&a->title, payload_text(f->p, "title"));
	if (payload_text(f->p, "command")[0])
		rstr_replace(&a->command, payload_text(f->p, "command"));
	if (payload_text(f->p, "result")[0])
		rstr_replace(&a->result, payload_text(f->p, "result"));
	if (!str_eq(a->state, "intent") && !str_eq(a->state, "running"))
		a->end_ms = f->en->at_ms;
	return true;
}

struct journal_draft *entry_action(
	const char *incident, const struct entry_step *r, const struct entry_by *by)
{
	struct journal_draft *d = draft_of(incident, "action", by);

	journal_draft_text(d, "action", r->action);
	journal_draft_text(d, "state", r->state);
	journal_draft_text(d, "run", r->run);
	journal_draft_text(d, "step", r->step);
	journal_draft_text(d, "target", r->target);
	journal_draft_text(d, "title", r->title);
	journal_draft_text(d, "command", r->command);
	journal_draft_text(d, "result", r->result);
	return d;
}

/* ---- what it owes ---- */

static void debt_words(struct buf *to, const struct js *p)
{
	const char *state = payload_text(p, "state");

	buf_fmt(to,
		str_eq(state, "owed")   ? _("owed: %s")
		: str_eq(state, "paid") ? _("paid: %s")
					: _("forgiven: %s"),
		payload_text(p, "text"));
	if (payload_text(p, "why")[0])
		buf_fmt(to, " → %s", payload_text(p, "why"));
}

struct journal_draft *entry_debt(
	const char *incident, const struct entry_debt *r, const struct entry_by *by)
{
	struct journal_draft *d = draft_of(incident, "debt", by);

	journal_draft_text(d, "debt", r->debt);
	journal_draft_text(d, "state", r->state);
	journal_draft_text(d, "kind", r->kind);
	journal_draft_text(d, "target", r->target);
	journal_draft_text(d, "text", r->text);
	journal_draft_text(d, "run", r->run);
	journal_draft_text(d, "why", r->why);
	return d;
}

static const struct entry_row rows[] = {
	/* run state runbook title digest [inputs[] why]: entries of one run share it */
	{.name = "run", .words = run_words},
	/* action state [run step target title command result]: entries of one action share it */
	{.name = "action", .words = action_words, .fold = fold_action},
	/* debt state kind target text run [why]: entries of one debt share it */
	{.name = "debt", .words = debt_words},
};

const struct entry_rows entry_runs = ENTRY_ROWS(rows);
