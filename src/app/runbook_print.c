/* Names and outputs come from the cluster, so everything is made safe before it is written. */
#include "app/runbook_print.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/text.h"
#include "io/json.h"

#define SAFE_ROOM 900
#define JSON_MAX  (1u << 20)

static const char *safe(char dst[SAFE_ROOM], const char *text)
{
	text_safe(dst, SAFE_ROOM, text, strlen(text));
	return dst;
}

static void put_json(struct buf *b)
{
	fwrite(buf_text(b), 1, b->len, stdout);
	putchar('\n');
	fflush(stdout);
	buf_done(b);
}

static void put_time(struct jsw *w, const char *key, int64_t ms)
{
	char at[32];

	jsw_str(w, key, ms > 0 ? instant_rfc3339(ms, at, sizeof(at)) : NULL);
}

static void put_safe(struct jsw *w, const char *key, const char *text)
{
	char to[SAFE_ROOM];

	jsw_str(w, key, text[0] ? safe(to, text) : NULL);
}

/* ---- JSON of a run ---- */

static void put_step(struct jsw *w, const struct run_step_seen *s)
{
	jsw_object(w, NULL);
	put_safe(w, "id", s->id);
	put_safe(w, "title", s->title);
	put_safe(w, "targets", s->targets);
	put_safe(w, "command", s->command);
	put_safe(w, "impact", s->impact);
	put_safe(w, "risk", s->risk);
	put_safe(w, "undo", s->undo);
	put_safe(w, "verify", s->verify);
	put_safe(w, "confirm", s->confirm);
	put_safe(w, "against", s->against);
	jsw_bool(w, "changes", s->changes);
	jsw_str(w, "state", run_step_state_word(s->state));
	put_time(w, "began", s->began_ms);
	put_time(w, "ended", s->ended_ms);
	put_safe(w, "result", s->result);
	jsw_end_object(w);
}

static void put_run(struct jsw *w, const char *schema, const struct run_seen *r)
{
	jsw_object(w, NULL);
	jsw_str(w, "schema", schema);
	jsw_str(w, "run", r->id);
	jsw_str(w, "runbook", r->runbook);
	put_safe(w, "title", r->title);
	put_safe(w, "inputs", r->inputs);
	jsw_str(w, "state", run_state_word(r->state));
	put_safe(w, "why", r->why);
	put_safe(w, "offer", r->offer);
	put_time(w, "began", r->began_ms);
	put_time(w, "ended", r->ended_ms);
	jsw_array(w, "steps");
	for (size_t k = 0; k < r->n_steps; k++)
		put_step(w, &r->steps[k]);
	jsw_end_array(w);
	jsw_end_object(w);
}

static void print_json(const char *schema, const struct run_seen *r)
{
	struct buf b;
	struct jsw w;

	buf_init(&b, JSON_MAX);
	jsw_init(&w, &b);
	put_run(&w, schema, r);
	put_json(&b);
}

/* ---- a run, as it goes ---- */

static void print_lines(struct runbook_printed *p, const struct run_seen *r)
{
	size_t new = r->said - p->said;
	char text[SAFE_ROOM];

	if (new > r->n_lines)
		new = r->n_lines;
	for (size_t k = r->n_lines - new; k < r->n_lines; k++)
		printf("    %s\n", safe(text, r->lines[k]));
	p->said = r->said;
}

static void print_step(const struct run_seen *r, size_t k)
{
	const struct run_step_seen *s = &r->steps[k];
	char title[SAFE_ROOM], more[SAFE_ROOM];

	printf("%zu/%zu %s: %s%s%s\n", k + 1, r->n_steps, _(run_step_state_word(s->state)),
		safe(title, s->title), s->targets[0] ? ": " : "", safe(more, s->targets));
	if (s->state == RUN_STEP_ACTS && s->command[0])
		printf("    $ %s\n", safe(more, s->command));
	if (s->state == RUN_STEP_FAILED && s->result[0])
		printf("    %s\n", safe(more, s->result));
}

static void print_end(const struct run_seen *r)
{
	char text[SAFE_ROOM];

	printf("%s: %s %s", _(run_state_word(r->state)), r->runbook, r->id);
	printf("%s%s\n", r->why[0] ? ": " : "", safe(text, r->why));
	if (r->offer[0])
		printf("    %s: k911 runbook run %s\n", _("what helps"), r->offer);
	if (run_state_resumes(r->state))
		printf("    %s: k911 runbook resume %s\n", _("go on with it"), r->id);
}

/* What changed since it was last printed? */
static bool is_new(const struct runbook_printed *p, const struct run_seen *r)
{
	bool new = p->state != r->state || p->said != r->said;

	for (size_t k = 0; k < r->n_steps && k < RUN_STEPS; k++)
		new = new || p->steps[k] != r->steps[k].state;
	return new;
}

static void remember(struct runbook_printed *p, const struct run_seen *r)
{
	p->state = r->state;
	p->said = r->said;
	for (size_t k = 0; k < r->n_steps && k < RUN_STEPS; k++)
		p->steps[k] = r->steps[k].state;
}

void runbook_print_run(struct runbook_printed *p, const struct run_seen *r, bool json)
{
	char text[SAFE_ROOM];

	if (r->state == RUN_PLANNED || (json && !is_new(p, r)))
		return;
	if (json) {
		print_json("k911/run/v1", r);
		remember(p, r);
		return;
	}
	for (size_t k = 0; k < r->n_steps && k < RUN_STEPS; k++)
		if (p->steps[k] != r->steps[k].state)
			print_step(r, k);
	print_lines(p, r);
	if (r->waiting[0] && !str_eq(r->waiting, p->waiting))
		printf("    %s: %s\n", _("not yet"), safe(text, r->waiting));
	str_copy(p->waiting, sizeof(p->waiting), r->waiting);
	if (run_state_is_over(r->state))
		print_end(r);
	remember(p, r);
	fflush(stdout);
}

/* ---- a plan ---- */

static void print_said(const char *title, const char *said)
{
	char text[SAFE_ROOM];

	if (said[0])
		printf("    %s: %s\n", title, safe(text, said));
}

static void print_planned(const struct run_seen *r, size_t k)
{
	const struct run_step_seen *s = &r->steps[k];
	char title[SAFE_ROOM], targets[SAFE_ROOM];

	printf("\n%zu/%zu %s%s%s%s%s%s\n", k + 1, r->n_steps, safe(title, s->title),
		s->targets[0] ? ": " : "", safe(targets, s->targets),
		s->state == RUN_STEP_SKIPPED ? " (" : "",
		s->state == RUN_STEP_SKIPPED ? _("is skipped") : "",
		s->state == RUN_STEP_SKIPPED ? ")" : "");
	print_said(_("command"), s->command);
	print_said(_("blast radius"), s->impact);
	print_said(_("risk"), s->risk);
	print_said(_("undo"), s->undo);
	print_said(_("verified by"), s->verify);
	print_said(_("confirm"), s->confirm);
	print_said(_("speaks against it"), s->against);
}

void runbook_print_plan(const struct run_seen *r, bool json)
{
	char title[SAFE_ROOM], inputs[SAFE_ROOM];

	if (json) {
		print_json("k911/runbook-plan/v1", r);
		return;
	}
	printf("%s: %s%s%s\n", r->runbook, safe(title, r->title), r->inputs[0] ? ": " : "",
		safe(inputs, r->inputs));
	printf("%s\n", _("This is a plan: nothing has been changed."));
	print_said(_("speaks against it"), r->why);
	print_said(_("what helps"), r->offer);
	for (size_t k = 0; k < r->n_steps; k++)
		print_planned(r, k);
	fflush(stdout);
}

/* ---- debts ---- */

static void print_debts_json(const struct run_board *b)
{
	struct buf out;
	struct jsw w;

	buf_init(&out, JSON_MAX);
	jsw_init(&w, &out);
	jsw_object(&w, NULL);
	jsw_str(&w, "schema", "k911/runbook-debts/v1");
	jsw_array(&w, "debts");
	for (size_t k = 0; k < b->n_debts; k++) {
		jsw_object(&w, NULL);
		put_safe(&w, "id", b->debts[k].id);
		put_safe(&w, "kind", b->debts[k].kind);
		put_safe(&w, "target", b->debts[k].target);
		put_safe(&w, "text", b->debts[k].text);
		put_safe(&w, "run", b->debts[k].run);
		put_time(&w, "since", b->debts[k].since_ms);
		jsw_end_object(&w);
	}
	jsw_end_array(&w);
	jsw_end_object(&w);
	put_json(&out);
}

void runbook_print_debts(const struct run_board *b, bool json)
{
	char at[32], text[SAFE_ROOM];

	if (json) {
		print_debts_json(b);
		return;
	}
	for (size_t k = 0; k < b->n_debts; k++)
		printf("%s  %s  %s\n", instant_rfc3339(b->debts[k].since_ms, at, sizeof(at)),
			safe(text, b->debts[k].text), b->debts[k].run);
	if (b->n_debts == 0)
		printf("%s\n", _("nothing is owed"));
	fflush(stdout);
}

/* ---- a question ---- */

void runbook_print_ask(const struct run_seen *r, const struct ask *a)
{
	const struct run_consent *c = &r->consent;
	char text[SAFE_ROOM];

	printf("\n%s\n", safe(text, a->text));
	if (c->ask == a->number) {
		print_said(_("what will happen"), c->what);
		print_said(_("what can go wrong"), c->risk);
		print_said(_("the cluster"), c->oracle);
		print_said(_("undo"), c->undo);
		print_said(_("command"), c->command);
	}
	if (a->n == 1) {
		printf(_("type %s: "), safe(text, a->choices[0]));
	} else {
		for (size_t k = 0; k < a->n; k++)
			printf("%s%s", k > 0 ? " / " : "", safe(text, a->choices[k]));
		printf(": ");
	}
	fflush(stdout);
}
