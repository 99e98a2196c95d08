/* A run from its beginning to its end: looks at the cluster, asks whether it may, and goes from
 * step to step. A plan is the same walk with the deeds left out. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ops/run/run_alive.h"
#include "run_inner.h"

/* ---- what is shown of a step ---- */

/* In a command, a set stands as its first one. */
static void show_targets(struct run *r, size_t k, char first[64])
{
	struct run_step_seen *seen = &r->seen->steps[k];
	struct run_targets t;
	size_t used = 0;
	struct err e;

	first[0] = '\0';
	if (run_targets(r, &r->book->steps[k], &t, &e) != 0) {
		str_copy(seen->against, sizeof(seen->against), e.text);
		return;
	}
	for (size_t i = 0; i < t.n && used < sizeof(seen->targets); i++)
		used += (size_t)snprintf(seen->targets + used, sizeof(seen->targets) - used, "%s%s",
			i > 0 ? ", " : "", t.at[i]);
	str_mend(seen->targets);
	str_copy(first, 64, t.at[0]);
}

static void show_command(
	struct run *r, const struct runbook_step *s, const char *target, char *dst, size_t size)
{
	char word[400];
	size_t used = 0;

	for (size_t i = 0; i < s->n_show && used < size; i++) {
		run_text(r, s->show[i], target, word, sizeof(word));
		used += (size_t)snprintf(dst + used, size - used, "%s%s", i > 0 ? " " : "", word);
	}
	str_mend(dst);
}

static void show_verify(
	struct run *r, const struct runbook_step *s, const char *target, char *dst, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < s->verify.n && used < size; i++) {
		struct run_used u;
		char so[240], span[32];
		int64_t ms = s->verify.at[i].within_ms;

		if (run_use_begin(r, &s->verify.at[i], target, 0, &u, NULL) != 0)
			continue;
		run_use_sentence(&u, so, sizeof(so));
		run_use_done(&u);
		used += (size_t)snprintf(dst + used, size - used, "%s%s%s%s%s",
			used > 0 ? "; " : "", s->verify.at[i].negated ? _("no longer: ") : "", so,
			ms > 0 ? ", " : "", ms > 0 ? span_text(ms, span, sizeof(span)) : "");
	}
	str_mend(dst);
}

static void show_confirm(
	struct run *r, const struct runbook_step *s, const char *target, char *dst, size_t size)
{
	dst[0] = '\0';
	if (s->confirm == CONFIRM_YES)
		str_copy(dst, size, "yes");
	else if (s->confirm == CONFIRM_TYPED)
		run_text(r, s->confirm_word, target, dst, size);
}

static void show_step(struct run *r, size_t k)
{
	const struct runbook_step *s = &r->book->steps[k];
	struct run_step_seen *seen = &r->seen->steps[k];
	char target[64];

	str_copy(seen->id, sizeof(seen->id), s->id);
	show_targets(r, k, target);
	run_text(r, said_text(&s->title), target, seen->title, sizeof(seen->title));
	show_command(r, s, target, seen->command, sizeof(seen->command));
	run_text(r, said_text(&s->impact), target, seen->impact, sizeof(seen->impact));
	run_text(r, said_text(&s->risk), target, seen->risk, sizeof(seen->risk));
	run_text(r, said_text(&s->undo), target, seen->undo, sizeof(seen->undo));
	show_verify(r, s, target, seen->verify, sizeof(seen->verify));
	show_confirm(r, s, target, seen->confirm, sizeof(seen->confirm));
	seen->changes = s->deed.word->already != NULL;
}

static void show_all(struct run *r)
{
	pthread_mutex_lock(&r->lock);
	run_text(r, said_text(&r->book->title), "", r->seen->title, sizeof(r->seen->title));
	for (size_t k = 0; k < r->book->n_steps; k++)
		show_step(r, k);
	pthread_mutex_unlock(&r->lock);
}

/* ---- may it ---- */

static enum run_state refuse(struct run *r, const char *why, const char *offer)
{
	run_why(r, why, offer);
	return RUN_REFUSED;
}

static enum run_state ask_guards(struct run *r)
{
	char why[300];
	const struct runbook_use *g = run_guards_fail(r, &r->book->require, "", why, sizeof(why));

	if (!g)
		return RUN_GOING;
	run_fail(r, g, "", why);
	return RUN_REFUSED;
}

/* Steps that stand under a condition are looked at when they come. */
static enum run_state ask_targets(struct run *r)
{
	for (size_t k = 0; k < r->book->n_steps; k++) {
		const struct runbook_step *s = &r->book->steps[k];
		struct run_targets t;
		char why[400];
		struct err e;

		if (!s->deed.word->on_target || s->when.n > 0)
			continue;
		if (run_targets(r, s, &t, &e) != 0)
			return refuse(r, e.text, NULL);
		for (size_t i = 0; i < t.n; i++)
			if (!run_target_ok(r, t.at[i], why, sizeof(why)))
				return refuse(r, why, NULL);
	}
	return RUN_GOING;
}

static bool changes_anything(const struct run *r)
{
	for (size_t k = 0; k < r->book->n_steps; k++)
		if (r->book->steps[k].deed.word->already)
			return true;
	return false;
}

static enum run_state ask_gate(struct run *r)
{
	char why[GATE_WHY];

	if (!r->read_only || !changes_anything(r))
		return RUN_GOING;
	gate_judge(true, &r->mark, &r->mark, why);
	return refuse(r, why, NULL);
}

static enum run_state may_begin(struct run *r)
{
	enum run_state s = ask_gate(r);

	if (s == RUN_GOING)
		s = ask_guards(r);
	if (s == RUN_GOING)
		s = ask_targets(r);
	return s;
}

/* ---- the walk ---- */

static void plan_steps(struct run *r)
{
	for (size_t k = 0; k < r->book->n_steps; k++) {
		const struct runbook_step *s = &r->book->steps[k];
		struct run_step_seen *seen = &r->seen->steps[k];
		struct run_targets t;
		char why[300];

		if (seen->against[0] || run_targets(r, s, &t, NULL) != 0)
			continue;
		if (run_guards_fail(r, &s->when, t.at[0], why, sizeof(why)))
			run_step_set(r, k, RUN_STEP_SKIPPED, why);
		else if (run_guards_fail(r, &s->require, t.at[0], why, sizeof(why))) {
			pthread_mutex_lock(&r->lock);
			str_copy(seen->against, sizeof(seen->against), why);
			pthread_mutex_unlock(&r->lock);
		}
	}
}

static enum run_state go(struct run *r)
{
	enum run_state s = RUN_GOING;
	struct err e;

	r->mark_fd = run_alive_hold(r->id);
	if (r->mark_fd < 0)
		return refuse(r, _("another k911 on this machine runs it"), NULL);
	if (changes_anything(r) && !run_lock_take(r))
		return RUN_REFUSED;
	if (run_record_run(r, r->past ? "resumed" : "started", NULL, &e) != 0)
		return refuse(r, e.text, NULL);
	run_state_set(r, RUN_GOING);
	for (size_t k = 0; k < r->book->n_steps && s == RUN_GOING; k++)
		s = run_step(r, k);
	return s == RUN_GOING ? RUN_DONE : s;
}

static const char *const ends[] = {
	[RUN_DONE] = "done",
	[RUN_REFUSED] = "refused",
	[RUN_FAILED] = "failed",
	[RUN_ABORTED] = "aborted",
};

/* A run that was told to stop at once says no end: a deed may be under way, and who resumes it is
 * to find out. One that was refused to go on is as it was. */
static void record_end(struct run *r, enum run_state s)
{
	struct err e;

	if (r->plan || r->mark_fd < 0 || run_is_stopped(r) || (r->past && s == RUN_REFUSED))
		return;
	if (run_record_run(r, ends[s], s == RUN_DONE ? NULL : r->seen->why, &e) != 0)
		run_why(r, e.text, NULL);
}

enum run_state run_walk(struct run *r)
{
	enum run_state s;

	if (!run_wait_settled(r)) {
		run_why(r, _("it was told to leave off"), NULL);
		return RUN_ABORTED;
	}
	cluster_mark_of(r->now, &r->mark);
	str_copy(r->cluster, sizeof(r->cluster), r->now->cluster);
	runbook_values_set(&r->values, "cluster", r->cluster);
	show_all(r);
	run_tell(r);
	s = may_begin(r);
	if (r->plan) {
		plan_steps(r);
		return RUN_PLANNED;
	}
	if (s == RUN_GOING)
		s = go(r);
	record_end(r, s);
	run_lock_give_back(r);
	return s;
}
