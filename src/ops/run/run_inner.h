/* The inside of a run, shared by the files that walk it. All on the run's thread, but for say_line,
 * which the threads of a step on many hosts call too. */
#ifndef OPS_RUN_RUN_INNER_H
#define OPS_RUN_RUN_INNER_H

#include <pthread.h>

#include "model/ask.h"
#include "ops/run/run.h"
#include "ops/run/runbook_fill.h"

enum { RUN_TARGETS = 64 };

/* Where a step is done. */
struct run_targets {
	size_t n;
	char at[RUN_TARGETS][64];
};

struct run {
	const struct run_world *world;
	struct runbook *book;
	struct runbook_values values; /* inputs, cluster, run; borrowed from inputs and cluster */
	char *inputs[RUNBOOK_INPUTS]; /* "node=m2" */
	char names[RUNBOOK_INPUTS][64];
	size_t n_inputs;
	bool plan, read_only;
	struct run_past *past; /* NULL: it begins */
	char id[ULID_SIZE], incident[ULID_SIZE], cluster[80];
	struct author author;
	struct cluster_mark mark; /* of the cluster it began on */

	struct slot *place;
	struct snapshot *now;  /* the newest; NULL before the first */
	struct run_targets ok; /* machines that were looked at and may be acted on */
	struct mailbox *replies;
	struct hearer news;
	int abort_fd; /* readable: at the next safe point */
	int stop_fd;  /* readable: at once */
	int mark_fd;  /* run_alive.h; -1: not held */

	pthread_t thread;
	struct run_lock *lock_on_nodes; /* NULL: not taken */

	pthread_mutex_t lock; /* over seen and dirty */
	struct run_seen *seen;
	struct instant told;
	bool dirty; /* lines came that were not told yet */
};

/* ---- run_tell.c: how it is, to whoever looks ---- */

void run_say(void *run, const char *line);
void run_state_set(struct run *r, enum run_state state);
void run_step_set(struct run *r, size_t step, enum run_step_state state, const char *result);
void run_tell(struct run *r);
void run_why(struct run *r, const char *why, const char *offer);

/* ---- run_wait.c: snapshots, answers, the word to leave off ---- */

bool run_is_aborted(const struct run *r); /* or stopped */
bool run_is_stopped(const struct run *r);
/* Until something comes, at most ms: a snapshot is taken, replies stay. False: it is to leave off.
 */
bool run_wait(struct run *r, int64_t ms);
/* Until the cluster has been looked at once. */
bool run_wait_settled(struct run *r);
/* Asks, and waits for the answer: its text in answer. False: aborted, expired or refused. */
bool run_ask(struct run *r, struct ask *a, char answer[ASK_ANSWER]);

/* ---- run_record.c: what the journal is told ---- */

int run_record_run(struct run *r, const char *state, const char *why, struct err *e);
int run_record_deed(struct run *r, size_t step, size_t target, const char *where, const char *state,
	const char *result, struct err *e);
/* owed: true. A debt is begun before its deed, and ended after its verification. */
int run_record_debt(struct run *r, const char *kind, const char *target, bool owed, struct err *e);

/* ---- run_targets.c ---- */

bool run_targets_have(const struct run_targets *t, const char *name);
int run_targets(
	const struct run *r, const struct runbook_step *s, struct run_targets *out, struct err *e);

/* ---- run_use.c: a guard or a deed with its arguments, on a target ---- */

struct run_used {
	struct run_call call;
	struct runbook_value args[RUNBOOK_ARGS];
	struct runbook_values values; /* with the target */
};
/* -1: an argument cannot be filled, or is not what the word takes. */
int run_use_begin(struct run *r, const struct runbook_use *use, const char *target,
	int64_t timeout_ms, struct run_used *u, struct err *e);
void run_use_done(struct run_used *u);
/* The word's sentence with its arguments in place. */
void run_use_sentence(const struct run_used *u, char *dst, size_t size);
/* Do they all hold? NULL: yes; else the first that does not, or of which it cannot be told, and
 * why. */
const struct runbook_use *run_guards_fail(
	struct run *r, const struct runbook_guards *g, const char *target, char *why, size_t size);
/* It ends because this guard does not hold: run_why, with what the runbook says of that. */
void run_fail(struct run *r, const struct runbook_use *g, const char *target, const char *why);
/* A text of the runbook with its {words} in place; "" for NULL or where it cannot be. */
void run_text(struct run *r, const char *text, const char *target, char *dst, size_t size);

/* ---- run_oracle.c ---- */

/* What stopping these nodes would do to etcd and the API: "etcd 2 of 3, may lose 0: ...". "" when
 * none of them is of the control plane. */
void run_oracle(const struct snapshot *s, const struct run_targets *t, char *dst, size_t size);

/* ---- run_target.c ---- */

/* May anything be done on this machine: does it answer, and is it this cluster's? Looked at once a
 * run. */
bool run_target_ok(struct run *r, const char *target, char *why, size_t size);

/* ---- run_lock.c ---- */

bool run_lock_take(struct run *r); /* false: run_why says who holds it */
void run_lock_keep(struct run *r); /* renews it when it is time */
void run_lock_give_back(struct run *r);

/* ---- run_consent.c ---- */

/* Says what a step is about to do, and waits for a yes or the typed word. False: no. */
bool run_consent(struct run *r, size_t k, const struct run_targets *where);
/* A step failed: again, or not? choices end with NULL; the last one is to stop. Gives the index. */
size_t run_choose(struct run *r, const char *text, const char *const *choices);

/* ---- run_step.c ---- */

/* One step, whole. RUN_GOING: go on; else how the run ended. */
enum run_state run_step(struct run *r, size_t k);

/* ---- run_walk.c ---- */

enum run_state run_walk(struct run *r);

#endif
