/* The words of runs, and the counting of what snapshots share. */
#include "model/run.h"

#include <stdlib.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"

static const char *const types[] = {
	[RUN_INPUT_NODE] = "node",
	[RUN_INPUT_MEMBER] = "member",
	[RUN_INPUT_POD] = "pod",
	[RUN_INPUT_FILE] = "file",
	[RUN_INPUT_TEXT] = "text",
	[RUN_INPUT_CHOICE] = "choice",
};

const char *run_input_type_name(enum run_input_type t)
{
	return types[t];
}

bool run_input_type_parse(const char *word, enum run_input_type *out)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (!str_eq(word, types[i]))
			continue;
		*out = (enum run_input_type)i;
		return true;
	}
	return false;
}

static const struct {
	const char *word;
	bool over, resumes;
} states[] = {
	[RUN_STARTING] = {N_("starting")},
	[RUN_GOING] = {N_("running")},
	[RUN_ASKING] = {N_("asks")},
	[RUN_VERIFYING] = {N_("verifying")},
	[RUN_PLANNED] = {N_("planned"), true},
	[RUN_DONE] = {N_("done"), true},
	[RUN_REFUSED] = {N_("refused"), true},
	[RUN_FAILED] = {N_("failed"), true, true},
	[RUN_ABORTED] = {N_("aborted"), true, true},
	[RUN_INTERRUPTED] = {N_("interrupted"), true, true},
};

const char *run_state_word(enum run_state s)
{
	return states[s].word;
}

bool run_state_is_over(enum run_state s)
{
	return states[s].over;
}

bool run_state_resumes(enum run_state s)
{
	return states[s].resumes;
}

static const char *const step_states[] = {
	[RUN_STEP_WAITS] = N_("to do"),
	[RUN_STEP_ACTS] = N_("acting"),
	[RUN_STEP_VERIFIES] = N_("verifying"),
	[RUN_STEP_DONE] = N_("done"),
	[RUN_STEP_SO_ALREADY] = N_("so already"),
	[RUN_STEP_SKIPPED] = N_("skipped"),
	[RUN_STEP_FAILED] = N_("failed"),
};

const char *run_step_state_word(enum run_step_state s)
{
	return step_states[s];
}

struct run_seen *run_seen_new(size_t n_steps, size_t n_lines)
{
	struct run_seen *r = mem_zero(1, sizeof(*r));

	r->refs = 1;
	r->n_steps = n_steps;
	r->steps = mem_zero(n_steps, sizeof(*r->steps));
	r->n_lines = n_lines;
	r->lines = mem_zero(n_lines, sizeof(*r->lines));
	return r;
}

struct run_seen *run_seen_ref(struct run_seen *r)
{
	if (r)
		__atomic_add_fetch(&r->refs, 1, __ATOMIC_RELAXED);
	return r;
}

void run_seen_unref(struct run_seen *r)
{
	if (!r || __atomic_sub_fetch(&r->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	free(r->steps);
	free(r->lines);
	free(r);
}

struct run_board *run_board_ref(struct run_board *b)
{
	if (b)
		__atomic_add_fetch(&b->refs, 1, __ATOMIC_RELAXED);
	return b;
}

void run_board_unref(struct run_board *b)
{
	if (!b || __atomic_sub_fetch(&b->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	for (size_t i = 0; i < b->n_cards; i++) {
		for (size_t k = 0; k < b->cards[i].n_inputs; k++)
			free(b->cards[i].inputs[k].choices);
		free(b->cards[i].inputs);
	}
	for (size_t i = 0; i < b->n_runs; i++)
		run_seen_unref(b->runs[i]);
	free(b->cards);
	free(b->runs);
	free(b->debts);
	free(b);
}

const struct runbook_card *run_board_card(const struct run_board *b, const char *runbook)
{
	for (size_t i = 0; b && i < b->n_cards; i++)
		if (str_eq(b->cards[i].id, runbook))
			return &b->cards[i];
	return NULL;
}

const struct run_seen *run_board_run(const struct run_board *b, const char *id)
{
	for (size_t i = 0; b && i < b->n_runs; i++)
		if (str_eq(b->runs[i]->id, id))
			return b->runs[i];
	return NULL;
}

const struct run_seen *run_board_asked(const struct run_board *b, uint32_t asker)
{
	for (size_t i = 0; b && asker != 0 && i < b->n_runs; i++)
		if (b->runs[i]->asker == asker)
			return b->runs[i];
	return NULL;
}

const struct run_seen *run_board_consent(const struct run_board *b, uint64_t ask)
{
	for (size_t i = 0; b && ask != 0 && i < b->n_runs; i++)
		if (b->runs[i]->consent.ask == ask)
			return b->runs[i];
	return NULL;
}

size_t run_board_alive(const struct run_board *b, bool of_here)
{
	size_t n = 0;

	for (size_t i = 0; b && i < b->n_runs; i++)
		n += !run_state_is_over(b->runs[i]->state) && (b->runs[i]->here || !of_here);
	return n;
}

size_t run_seen_step(const struct run_seen *r)
{
	size_t i = 0;

	while (i < r->n_steps &&
		(r->steps[i].state == RUN_STEP_DONE || r->steps[i].state == RUN_STEP_SO_ALREADY ||
			r->steps[i].state == RUN_STEP_SKIPPED))
		i++;
	return i;
}
