/* One run of a runbook, on a thread of its own: preconditions, then step by step consent, intent on
 * the disk, deed, outcome, verification. What it is and says goes out as letters; what it asks goes
 * through the engine's questions. A run that ended early, or whose k911 died, is gone on with from
 * what the journal holds: steps that are done are left, and an intent without an outcome is probed
 * before its deed is done again. */
#ifndef OPS_RUN_RUN_H
#define OPS_RUN_RUN_H

#include "base/mailbox.h"
#include "base/slot.h"
#include "model/gate.h"
#include "ops/journal/journal_draft.h"
#include "ops/run/run_call.h"
#include "ops/run/run_past.h"
#include "ops/run/runbook.h"

/* Moved or copied by run_start, but for the world, which outlives it. */
struct run_options {
	const struct run_world *world;
	struct runbook *book;      /* a reference, taken */
	const char *const *inputs; /* "node=m2": every input that has a value */
	size_t n_inputs;
	bool plan;             /* looks only */
	struct run_past *past; /* what is gone on with, taken; NULL: it begins */
	struct slot *place;    /* of snapshots; the caller frees it after run_free */
	struct hearer news;    /* struct run_news */
	struct author author;
	uint32_t asker;
	const char *incident; /* ULID it belongs to; or "" */
	bool read_only;
};

/* How it is now; the last one is over (run_state_is_over). */
struct run_news {
	struct letter letter;
	struct run_seen *seen; /* a reference; the hearer may move it out */
};

struct run;

/* NULL: an input is missing or wrong (ERR_INPUT), or there is no thread. Takes what it takes then
 * too. */
struct run *run_start(const struct run_options *o, struct err *e);
const char *run_id(const struct run *r);
void run_abort(struct run *r); /* any thread: at the next safe point */
/* Ends it as soon as can be: a deed under way is left where it is, its outcome unknown, for a resume
 * to find out. Joins, frees; NULL is fine. */
void run_free(struct run *r);

#endif
