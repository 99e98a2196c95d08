/* What the console shows of runbooks and their runs: what there is to run, what goes on and went on,
 * and what is owed. Values, published in snapshots; immutable, shared by count. */
#ifndef MODEL_RUN_H
#define MODEL_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "base/ulid.h"

enum run_input_type {
	RUN_INPUT_NODE,
	RUN_INPUT_MEMBER,
	RUN_INPUT_POD,
	RUN_INPUT_FILE,
	RUN_INPUT_TEXT,
	RUN_INPUT_CHOICE
};
const char *run_input_type_name(enum run_input_type t);
bool run_input_type_parse(const char *word, enum run_input_type *out);

enum { RUN_VALUE = 256, RUN_INPUTS = 12, RUN_STEPS = 64, RUN_LINES = 200, RUN_LINE = 200 };

enum run_state {
	RUN_STARTING, /* preconditions, rights, locks */
	RUN_GOING,
	RUN_ASKING,    /* waits for a person */
	RUN_VERIFYING, /* waits until what was done shows */
	RUN_PLANNED, /* it was only looked at: each step stands there, and what speaks against it */
	RUN_DONE,
	RUN_REFUSED,    /* nothing was changed */
	RUN_FAILED,     /* a deed or a verification failed; it can be resumed */
	RUN_ABORTED,    /* by a person, between two steps; it can be resumed */
	RUN_INTERRUPTED /* its k911 is gone; it can be resumed */
};
const char *run_state_word(enum run_state s); /* N_() key: "verifying" */
bool run_state_is_over(enum run_state s);
bool run_state_resumes(enum run_state s);

enum run_step_state {
	RUN_STEP_WAITS,
	RUN_STEP_ACTS,
	RUN_STEP_VERIFIES,
	RUN_STEP_DONE,
	RUN_STEP_SO_ALREADY, /* it was done already */
	RUN_STEP_SKIPPED,    /* its condition does not hold */
	RUN_STEP_FAILED
};
const char *run_step_state_word(enum run_step_state s); /* N_() key */

struct run_step_seen {
	char id[64];
	char title[160];
	char targets[200];
	char command[400];                      /* the operator's own command for it */
	char impact[300], risk[300], undo[300]; /* "" nothing was said */
	char verify[300];                       /* how it is seen that it worked; "" it is not */
	char confirm[80];                       /* what is to be typed; "yes"; "" nothing */
	char against[300]; /* RUN_PLANNED: what would stop it as things are; "" nothing */
	bool changes;      /* it alters something; else it only looks, waits or asks */
	enum run_step_state state;
	int64_t began_ms, ended_ms; /* wall; 0: not yet */
	char result[300];           /* why it failed, or what it said last */
};

/* What a person is shown before a step that waits for consent. Its question takes "yes", or the
 * word; a no is COMMAND_RUN_ABORT of its run. */
struct run_consent {
	uint64_t ask; /* the number of the question it belongs to (model/ask.h); 0: none waits */
	char target[200];
	char what[300], risk[300], oracle[300], undo[300], command[400];
	char word[80]; /* to be typed; "": yes is enough */
};

struct run_seen {
	int refs;
	char id[ULID_SIZE];
	uint32_t asker; /* the number of the command of this process that began it; 0: another's */
	char runbook[64], title[160];
	char author[64], host[64];
	char inputs[400]; /* "node=m2 ..." */
	enum run_state state;
	bool here;                  /* a thread of this process runs it */
	int64_t began_ms, ended_ms; /* wall */
	char why[400];              /* why it was refused, failed or aborted */
	char offer[64];             /* the runbook that helps then; "" none */
	struct run_consent consent;
	char waiting[300];            /* RUN_VERIFYING: for what */
	struct instant waiting_until; /* and how long at most */
	size_t n_steps;
	struct run_step_seen *steps;
	unsigned said;  /* lines of output, ever */
	size_t n_lines; /* its last ones, the oldest first */
	char (*lines)[RUN_LINE];
};
struct run_seen *run_seen_new(size_t n_steps, size_t n_lines);
struct run_seen *run_seen_ref(struct run_seen *r);
void run_seen_unref(struct run_seen *r); /* NULL is fine */

/* What a run leaves that must be put right again: a cordon, a manifest aside. */
struct run_debt {
	char id[200];  /* its run's, its kind and its target */
	char kind[32]; /* "cordoned", "out-of-balancer", "aside", "kubelet-stopped", "webhook" */
	char target[160];
	char text[300];
	char run[ULID_SIZE];
	int64_t since_ms; /* wall */
};

struct run_input_card {
	char name[40];
	enum run_input_type type;
	char ask[160];
	char value[RUN_VALUE]; /* the default as it is now; "" none */
	bool optional;
	size_t n_choices;
	char (*choices)[64];
};
struct runbook_card {
	char id[64], title[160], about[300];
	bool builtin;
	bool fits;     /* what is broken now */
	char why[160]; /* it fits */
	size_t n_inputs;
	struct run_input_card *inputs;
};

struct run_board {
	int refs;
	size_t n_cards;
	struct runbook_card *cards; /* those that fit first */
	size_t n_runs;
	struct run_seen **runs; /* the newest first */
	size_t n_debts;
	struct run_debt *debts; /* the oldest first */
	char trouble[300];      /* a runbook file that cannot be read: file:line:column; "" none */
};
struct run_board *run_board_ref(struct run_board *b);
void run_board_unref(struct run_board *b); /* NULL is fine */

/* What is in a board, NULL for what is not; b NULL: nothing is. */
const struct runbook_card *run_board_card(const struct run_board *b, const char *runbook);
const struct run_seen *run_board_run(const struct run_board *b, const char *id);
const struct run_seen *run_board_asked(const struct run_board *b, uint32_t asker); /* its newest */
/* The run whose consent this question is. */
const struct run_seen *run_board_consent(const struct run_board *b, uint64_t ask);
/* Runs that go on; of_here: only those that end with this process. */
size_t run_board_alive(const struct run_board *b, bool of_here);
/* The step that a run is at: the first that is neither done nor skipped; n_steps: none is left. */
size_t run_seen_step(const struct run_seen *r);

#endif
