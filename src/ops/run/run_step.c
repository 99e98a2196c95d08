/* One step: on one machine after another, each verified before the next, or on all at once. On each
 * it is asked first whether it was done before, whether its conditions hold, and whether it is so
 * already; then comes consent, the intent on the disk, the deed, what became of it, and whether it
 * helped. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/thread.h"
#include "run_inner.h"

#define DEED_MS   60000
#define VERIFY_MS 60000
#define LOOK_MS   1000 /* a verification looks so often */

/* A step on one machine. */
struct job {
	struct run *r;
	const struct runbook_step *s;
	size_t k, at; /* the step, the target */
	const char *where;
	char attempt[64];
	enum { JOB_TO_DO, JOB_ACTED, JOB_OVER } left; /* what is still to be done */
	enum run_step_state how;                      /* JOB_OVER */
	int rc;
	struct err e;
	pthread_t thread;
	bool threaded;
};

struct batch {
	struct run *r;
	const struct runbook_step *s;
	size_t k, n;
	struct job *jobs;
};

/* ---- before ---- */

static int begin_use(struct job *j, struct run_used *u, struct err *e)
{
	const struct run_deed_past *past = run_past_deed(j->r->past, j->s->id, j->where);

	if (run_use_begin(j->r, &j->s->deed, j->where,
		    j->s->timeout_ms > 0 ? j->s->timeout_ms : DEED_MS, u, e) != 0)
		return -1;
	u->call.say = run_say;
	u->call.to = j->r;
	u->call.attempt = j->attempt;
	if (past && past->state == RUN_DEED_INTENT)
		u->call.since_ms = instant_now().wall_ms - past->began_ms;
	return 0;
}

static enum run_answer is_so_already(struct job *j, char *why, size_t size)
{
	enum run_answer is = RUN_NO;
	struct run_used u;
	struct err e;

	if (!j->s->deed.word->already || begin_use(j, &u, &e) != 0)
		return RUN_NO;
	is = u.call.word->already(&u.call, why, size);
	run_use_done(&u);
	return is;
}

static void take_past(struct job *j)
{
	const struct run_deed_past *past = run_past_deed(j->r->past, j->s->id, j->where);

	if (past && past->state == RUN_DEED_DONE) {
		j->left = JOB_OVER;
		j->how = RUN_STEP_DONE;
	} else if (past && past->state == RUN_DEED_ACTED) {
		j->left = JOB_ACTED;
	}
}

/* False: the run ends here; run_why says it. */
static bool may(struct job *j)
{
	const struct runbook_use *g;
	char why[400];

	g = run_guards_fail(j->r, &j->s->require, j->where, why, sizeof(why));
	if (!g && j->s->deed.word->on_target && !run_target_ok(j->r, j->where, why, sizeof(why)))
		run_why(j->r, why, NULL);
	else if (g)
		run_fail(j->r, g, j->where, why);
	else
		return true;
	return false;
}

/* A deed that was begun, and nobody can tell whether it took effect. One that was never begun by
 * this run is simply done. */
static bool decide(struct job *j, const char *why)
{
	static const char *const choices[] = {"again", "done", "stop", NULL};
	const struct run_deed_past *past = run_past_deed(j->r->past, j->s->id, j->where);
	char text[300];
	size_t chosen;

	if (!past || past->state != RUN_DEED_INTENT)
		return true;
	snprintf(text, sizeof(text), _("%s: %s. Do it again, or is it done?"),
		j->r->seen->steps[j->k].title, why);
	str_mend(text);
	chosen = run_choose(j->r, text, choices);
	if (chosen == 1)
		j->left = JOB_ACTED;
	else if (chosen == 2)
		run_why(j->r, why, NULL);
	return chosen != 2;
}

static bool prepare(struct job *j)
{
	char why[300] = "";

	take_past(j);
	if (j->left != JOB_TO_DO)
		return true;
	if (run_guards_fail(j->r, &j->s->when, j->where, why, sizeof(why))) {
		j->left = JOB_OVER;
		j->how = RUN_STEP_SKIPPED;
		return true;
	}
	if (!may(j))
		return false;
	switch (is_so_already(j, why, sizeof(why))) {
	case RUN_YES:
		j->left = JOB_OVER;
		j->how = RUN_STEP_SO_ALREADY;
		return true;
	case RUN_CANNOT_TELL:
		return decide(j, why);
	case RUN_NO:
		break;
	}
	return true;
}

/* ---- the deed ---- */

static void *act(void *arg)
{
	struct job *j = arg;
	struct run_used u;
	char why[300];

	j->rc = begin_use(j, &u, &j->e);
	if (j->rc != 0)
		return NULL;
	j->rc = u.call.word->act(&u.call, &j->e);
	/* The answer may be lost though the deed was done. */
	if (j->rc != 0 && u.call.word->already && !run_is_stopped(j->r)) {
		u.call.since_ms = 0;
		if (u.call.word->already(&u.call, why, sizeof(why)) == RUN_YES)
			j->rc = 0;
	}
	run_use_done(&u);
	return NULL;
}

static void act_all(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct job *j = &b->jobs[i];

		if (j->left == JOB_TO_DO && b->n > 1)
			j->threaded = thread_start(&j->thread, "run-host", act, j) == 0;
		if (j->left == JOB_TO_DO && !j->threaded)
			act(j);
	}
	for (size_t i = 0; i < b->n; i++) {
		if (b->jobs[i].threaded)
			pthread_join(b->jobs[i].thread, NULL);
		b->jobs[i].threaded = false;
	}
}

static int record(struct job *j, const char *state, const char *result, struct err *e)
{
	if (!j->s->deed.word->already) /* it changes nothing */
		return 0;
	return run_record_deed(j->r, j->k, j->at, j->where, state, result, e);
}

static int intend(struct batch *b, struct err *e)
{
	for (size_t i = 0; i < b->n; i++) {
		struct job *j = &b->jobs[i];

		if (j->left != JOB_TO_DO)
			continue;
		if (b->s->owes && run_record_debt(b->r, b->s->owes, j->where, true, e) != 0)
			return -1;
		if (record(j, "intent", NULL, e) != 0)
			return -1;
	}
	return 0;
}

/* What became of it. Gives the first that failed; NULL: none. */
static struct job *outcome(struct batch *b)
{
	struct job *failed = NULL;

	for (size_t i = 0; i < b->n; i++) {
		struct job *j = &b->jobs[i];

		if (j->left != JOB_TO_DO)
			continue;
		if (j->rc == 0) {
			record(j, "running", NULL, NULL);
			j->left = JOB_ACTED;
			continue;
		}
		if (!run_is_stopped(b->r)) /* then nobody knows what became of it */
			record(j, "failed", j->e.text, NULL);
		failed = failed ? failed : j;
	}
	return failed;
}

static bool again(struct batch *b, const char *text, unsigned *tries)
{
	static const char *const choices[] = {"retry", "stop", NULL};

	if (run_is_aborted(b->r))
		return false;
	if ((*tries)++ < (unsigned)b->s->retry)
		return true;
	return run_choose(b->r, text, choices) == 0;
}

static bool gate_is_open(struct run *r)
{
	struct cluster_mark now;
	char why[GATE_WHY];
	enum gate g;

	run_wait(r, 0);
	cluster_mark_of(r->now, &now);
	g = gate_judge(r->read_only, &r->mark, &now, why);
	/* Where nothing answers that could tell, a person has vouched for it with each consent. */
	if (g == GATE_OPEN || g == GATE_UNPROVEN)
		return true;
	run_why(r, why, NULL);
	return false;
}

static enum run_state do_it(struct batch *b)
{
	unsigned tries = 0;
	struct job *failed;
	char text[400];
	struct err e;

	for (;;) {
		if (!gate_is_open(b->r))
			return RUN_FAILED;
		if (intend(b, &e) != 0) {
			run_why(b->r, e.text, NULL);
			return RUN_FAILED;
		}
		run_step_set(b->r, b->k, RUN_STEP_ACTS, NULL);
		act_all(b);
		failed = outcome(b);
		if (!failed)
			return RUN_GOING;
		snprintf(text, sizeof(text), "%.64s%s%.300s", failed->where,
			failed->where[0] ? ": " : "", failed->e.text);
		str_mend(text);
		run_why(b->r, text, NULL);
		run_step_set(b->r, b->k, RUN_STEP_FAILED, text);
		if (!again(b, text, &tries))
			return run_is_aborted(b->r) ? RUN_ABORTED : RUN_FAILED;
	}
}

/* ---- did it work ---- */

static int64_t patience(const struct runbook_step *s)
{
	int64_t longest = 0;

	for (size_t k = 0; k < s->verify.n; k++) {
		int64_t ms = s->verify.at[k].within_ms;

		if (ms == 0)
			ms = VERIFY_MS;
		longest = ms > longest ? ms : longest;
	}
	return longest;
}

static void show_waiting(struct run *r, const char *why, struct instant until)
{
	pthread_mutex_lock(&r->lock);
	str_copy(r->seen->waiting, sizeof(r->seen->waiting), why);
	r->seen->waiting_until = until;
	r->dirty = true;
	pthread_mutex_unlock(&r->lock);
}

/* What does not hold yet, on whichever machine; NULL: all does. */
static const struct runbook_use *unverified(struct batch *b, char *why, size_t size)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct runbook_use *g;

		if (b->jobs[i].left != JOB_ACTED)
			continue;
		g = run_guards_fail(b->r, &b->s->verify, b->jobs[i].where, why, size);
		if (g)
			return g;
	}
	return NULL;
}

/* RUN_VERIFYING: it does not hold within its time. */
static enum run_state wait_for(struct batch *b, char *why, size_t size)
{
	struct instant begin = instant_now(), until = begin;
	const struct runbook_use *g;

	until.boot_ms += patience(b->s);
	until.wall_ms += patience(b->s);
	run_step_set(b->r, b->k, RUN_STEP_VERIFIES, NULL);
	run_state_set(b->r, RUN_VERIFYING);
	while ((g = unverified(b, why, size)) != NULL) {
		struct instant looked = instant_now();

		show_waiting(b->r, why, until);
		run_lock_keep(b->r);
		if (looked.boot_ms >= until.boot_ms) {
			run_fail(b->r, g, b->jobs[0].where, why);
			return RUN_VERIFYING;
		}
		while (instant_age_ms(looked, instant_now()) < LOOK_MS)
			if (!run_wait(b->r, LOOK_MS))
				return RUN_ABORTED;
	}
	run_state_set(b->r, RUN_GOING);
	return RUN_GOING;
}

static bool any_left(const struct batch *b, int left)
{
	for (size_t i = 0; i < b->n; i++)
		if ((int)b->jobs[i].left == left)
			return true;
	return false;
}

static void give_up(struct batch *b, const char *why)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->jobs[i].left == JOB_ACTED)
			record(&b->jobs[i], "failed", why, NULL);
}

static enum run_state do_again(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->jobs[i].left == JOB_ACTED)
			b->jobs[i].left = JOB_TO_DO;
	return do_it(b);
}

/* What did not help is waited for a while longer, or done again, or the run ends. */
static enum run_state verify(struct batch *b)
{
	static const char *const choices[] = {"wait", "retry", "stop", NULL};
	char why[300] = "";

	while (any_left(b, JOB_ACTED) && b->s->verify.n > 0) {
		enum run_state s = wait_for(b, why, sizeof(why));
		size_t chosen;

		if (s != RUN_VERIFYING)
			return s;
		run_step_set(b->r, b->k, RUN_STEP_FAILED, why);
		chosen = run_choose(b->r, why, choices);
		if (chosen == 1 && (s = do_again(b)) != RUN_GOING)
			return s;
		if (chosen == 2) {
			give_up(b, why);
			return run_is_aborted(b->r) ? RUN_ABORTED : RUN_FAILED;
		}
	}
	return RUN_GOING;
}

/* ---- a batch ---- */

static void settle(struct batch *b)
{
	enum run_step_state how = RUN_STEP_SKIPPED;

	for (size_t i = 0; i < b->n; i++) {
		struct job *j = &b->jobs[i];

		if (j->left == JOB_ACTED) {
			record(j, "done", NULL, NULL);
			j->left = JOB_OVER;
			j->how = RUN_STEP_DONE;
		}
		if (b->s->pays && j->how != RUN_STEP_SKIPPED)
			run_record_debt(b->r, b->s->pays, j->where, false, NULL);
		if (j->how == RUN_STEP_DONE || how == RUN_STEP_SKIPPED)
			how = j->how;
	}
	run_step_set(b->r, b->k, how, NULL);
}

static enum run_state run_batch(struct batch *b)
{
	struct run_targets where = {0};
	enum run_state s = RUN_GOING;

	for (size_t i = 0; i < b->n; i++) {
		if (!prepare(&b->jobs[i])) {
			run_step_set(b->r, b->k, RUN_STEP_FAILED, b->r->seen->why);
			return RUN_FAILED;
		}
		if (b->jobs[i].left == JOB_TO_DO && b->jobs[i].where[0])
			str_copy(where.at[where.n++], sizeof(where.at[0]), b->jobs[i].where);
	}
	if (any_left(b, JOB_TO_DO)) {
		if (!run_consent(b->r, b->k, &where))
			return RUN_ABORTED;
		s = do_it(b);
	}
	if (s == RUN_GOING)
		s = verify(b);
	if (s == RUN_GOING)
		settle(b);
	return s;
}

/* ---- the step ---- */

static void init_jobs(struct run *r, size_t k, const struct run_targets *t, struct job *jobs)
{
	for (size_t i = 0; i < t->n; i++) {
		jobs[i] = (struct job){.r = r,
			.s = &r->book->steps[k],
			.k = k,
			.at = i,
			.where = t->at[i],
			.how = RUN_STEP_SKIPPED};
		snprintf(jobs[i].attempt, sizeof(jobs[i].attempt), "%s-%zu.%zu", r->id, k + 1,
			i + 1);
	}
}

static enum run_state run_jobs(struct run *r, size_t k, struct job *jobs, size_t n)
{
	const struct runbook_step *s = &r->book->steps[k];
	size_t each = s->on == ON_ALL ? n : 1;
	enum run_state state = RUN_GOING;

	for (size_t i = 0; i < n && state == RUN_GOING; i += each) {
		struct batch b = {.r = r, .s = s, .k = k, .n = each, .jobs = jobs + i};

		if (run_is_aborted(r)) {
			run_why(r, _("it was told to leave off"), NULL);
			return RUN_ABORTED;
		}
		state = run_batch(&b);
	}
	return state;
}

enum run_state run_step(struct run *r, size_t k)
{
	const struct runbook_step *s = &r->book->steps[k];
	struct run_targets t;
	enum run_state state;
	struct job *jobs;
	struct err e;

	run_wait(r, 0);
	run_lock_keep(r);
	if (run_targets(r, s, &t, &e) != 0) {
		run_why(r, e.text, NULL);
		run_step_set(r, k, RUN_STEP_FAILED, e.text);
		return RUN_FAILED;
	}
	if (s->on == ON_HERE)
		t.n = 1; /* at[0] is "" */
	jobs = mem_zero(t.n, sizeof(*jobs));
	init_jobs(r, k, &t, jobs);
	state = run_jobs(r, k, jobs, t.n);
	free(jobs);
	return state;
}
