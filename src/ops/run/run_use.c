/* A guard or a deed of a runbook, made ready for a target: its arguments filled, its sentence, its
 * call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "ops/run/runbook_value.h"
#include "run_inner.h"

#define GUARD_MS 20000 /* what a guard asks a node may take */

void run_use_done(struct run_used *u)
{
	for (size_t k = 0; k < RUNBOOK_ARGS; k++)
		runbook_value_done(&u->args[k]);
	memset(u->args, 0, sizeof(u->args));
}

static int fill(struct run_used *u, const struct runbook_use *use, struct err *e)
{
	for (size_t k = 0; k < RUNBOOK_ARGS && use->word->args[k].name; k++) {
		if (use->args[k].n == 0)
			continue;
		if (runbook_fill_value(&use->args[k], &u->values, &u->args[k], e) != 0 ||
			runbook_value_check_arg(&use->word->args[k], &u->args[k], e) != 0)
			return err_in(e, use->word->name);
	}
	return 0;
}

int run_use_begin(struct run *r, const struct runbook_use *use, const char *target,
	int64_t timeout_ms, struct run_used *u, struct err *e)
{
	memset(u, 0, sizeof(*u));
	u->values = r->values;
	runbook_values_set(&u->values, "target", target);
	u->call = (struct run_call){.world = r->world,
		.now = r->now,
		.word = use->word,
		.args = u->args,
		.target = target,
		.run = r->id,
		.timeout_ms = timeout_ms > 0 ? timeout_ms : GUARD_MS,
		.cancel_fd = r->stop_fd,
		.since_ms = RUN_NO_INTENT};
	if (fill(u, use, e) == 0)
		return 0;
	run_use_done(u);
	return -1;
}

/* ---- the sentence ---- */

static void put_value(struct buf *to, const struct run_used *u, const char *name, size_t n)
{
	char word[40];
	const struct runbook_value *v;
	const char *one;

	str_copy_n(word, sizeof(word), name, n);
	v = run_call_list(&u->call, word);
	for (size_t k = 0; v && k < v->n; k++)
		buf_fmt(to, "%s%s", k > 0 ? " " : "", v->at[k]);
	if (v)
		return;
	one = str_eq(word, "target") ? u->call.target : run_call_text(&u->call, word);
	buf_puts(to, one);
}

void run_use_sentence(const struct run_used *u, char *dst, size_t size)
{
	const char *text = _(u->call.word->sentence);
	struct runbook_piece p;
	struct buf to;

	buf_init(&to, 2048);
	while (runbook_piece_next(&text, &p) == 1) {
		if (p.word)
			put_value(&to, u, p.at, p.n);
		else
			buf_add(&to, p.at, p.n);
	}
	str_copy(dst, size, buf_text(&to));
	buf_done(&to);
}

/* ---- guards ---- */

static enum run_answer ask(
	struct run *r, const struct runbook_use *g, const char *target, char *why, size_t size)
{
	struct run_used u;
	enum run_answer is;
	struct err e;

	if (run_use_begin(r, g, target, 0, &u, &e) != 0) {
		str_copy(why, size, e.text);
		return RUN_CANNOT_TELL;
	}
	why[0] = '\0';
	is = g->word->holds(&u.call, why, size);
	if (g->negated && is != RUN_CANNOT_TELL) {
		is = is == RUN_YES ? RUN_NO : RUN_YES;
		run_use_sentence(&u, why, size); /* that is what speaks against it */
	} else if (is != RUN_YES && !why[0]) {
		char so[240];

		run_use_sentence(&u, so, sizeof(so));
		snprintf(why, size, _("it does not hold: %s"), so);
	}
	run_use_done(&u);
	return is;
}

const struct runbook_use *run_guards_fail(
	struct run *r, const struct runbook_guards *g, const char *target, char *why, size_t size)
{
	for (size_t k = 0; k < g->n; k++)
		if (ask(r, &g->at[k], target, why, size) != RUN_YES)
			return &g->at[k];
	return NULL;
}

void run_text(struct run *r, const char *text, const char *target, char *dst, size_t size)
{
	struct runbook_values v = r->values;
	char *filled;

	runbook_values_set(&v, "target", target);
	filled = text ? runbook_fill(text, &v, NULL) : NULL;
	str_copy(dst, size, filled ? filled : "");
	free(filled);
}

void run_fail(struct run *r, const struct runbook_use *g, const char *target, const char *why)
{
	char text[400], more[300];

	run_text(r, said_text(&g->otherwise), target, more, sizeof(more));
	snprintf(text, sizeof(text), "%.240s%s%.150s", why, more[0] ? ": " : "", more);
	str_mend(text);
	run_why(r, text, g->offer);
}
