/* What the journal is told of a run. Everything is on the disk when its function returns: an intent
 * that is not there did not happen, and nothing is done. */
#include <stdio.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ops/incident/entry.h"
#include "run_inner.h"

#define WRITE_MS 15000 /* a disk that takes longer holds the run */

static struct entry_by by(const struct run *r)
{
	return (struct entry_by){.by = r->author, .now_ms = instant_now().wall_ms};
}

static int write_down(struct run *r, struct journal_draft *d, struct err *e)
{
	if (!r->world->journal) {
		journal_draft_free(d);
		return err_set(e, ERR_UNSUPPORTED,
			_("there is no journal here, and nothing is done that is not on record"));
	}
	if (journal_writer_append(r->world->journal, d, WRITE_MS, e) == 0)
		return 0;
	return err_in(e, _("the journal"));
}

int run_record_run(struct run *r, const char *state, const char *why, struct err *e)
{
	const struct entry_by a = by(r);
	const struct entry_run x = {.run = r->id,
		.state = state,
		.runbook = r->book->id,
		.digest = r->book->digest,
		.title = r->seen->title,
		.inputs = (const char *const *)r->inputs,
		.n_inputs = r->n_inputs,
		.why = why};

	return write_down(r, entry_run(r->incident, &x, &a), e);
}

int run_record_deed(struct run *r, size_t step, size_t target, const char *where, const char *state,
	const char *result, struct err *e)
{
	const struct run_step_seen *s = &r->seen->steps[step];
	const struct entry_by a = by(r);
	char action[64], title[240];
	struct entry_step x = {.action = action,
		.state = state,
		.run = r->id,
		.step = s->id,
		.target = where,
		.title = title,
		.result = result};

	snprintf(action, sizeof(action), "%s-%zu.%zu", r->id, step + 1, target + 1);
	snprintf(title, sizeof(title), "%s%s%s", s->title, where[0] ? ": " : "", where);
	if (str_eq(state, "intent"))
		x.command = s->command;
	return write_down(r, entry_action(r->incident, &x, &a), e);
}

/* A debt's id is that of its run, its kind and its target: begun twice it is one. */
int run_record_debt(struct run *r, const char *kind, const char *target, bool owed, struct err *e)
{
	const struct entry_by a = by(r);
	char id[200], text[300];
	const struct entry_debt x = {.debt = id,
		.state = owed ? "owed" : "paid",
		.kind = kind,
		.target = target,
		.text = text,
		.run = r->id};

	snprintf(id, sizeof(id), "%s/%s/%s", r->id, kind, target);
	snprintf(text, sizeof(text), "%s%s%s", kind, target[0] ? " " : "", target);
	return write_down(r, entry_debt(r->incident, &x, &a), e);
}
