/* All runs of one engine: begun, resumed and aborted by commands, shown in every snapshot beside
 * what the journal tells of others; the runbooks there are, and what is owed. The engine's thread
 * only; the runs have threads of their own. */
#ifndef OPS_RUN_RUNS_H
#define OPS_RUN_RUNS_H

#include "model/command.h"
#include "ops/journal/journal.h"
#include "ops/run/run_call.h"
#include "ops/run/runbook_set.h"

#define RUNS_MAX 8 /* at a time */

struct runs_options {
	struct run_world world;  /* what it points to outlives the runs */
	struct runbook_set *set; /* a reference, taken */
	struct author author;
	bool read_only;
	struct mailbox *in; /* the engine's: news of the runs come to it */
	struct mailbox *notices;
	/* Places for the newest snapshot, one a run. */
	struct slot *(*join)(void *arg);
	void (*leave)(void *arg, struct slot *place);
	void *arg;
};

struct runs;

struct runs *runs_new(const struct runs_options *o);
/* Ends every run as soon as can be (run_free). NULL is fine. */
void runs_free(struct runs *rs);

/* An entry of the journal, whoever wrote it. */
void runs_hear_entry(void *runs, const struct journal_entry *en);
/* True when the command is of its kind. What cannot be done is a notice. */
bool runs_obey(struct runs *rs, const struct command *c);
void runs_fill(struct runs *rs, struct snapshot *s);

#endif
