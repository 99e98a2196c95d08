/* Putting a runbook's steps into another. Every text of a step is copied with the words of its own
 * inputs replaced by the texts that the other gives for them, which may hold words in turn. */
#include "runbook_place.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/str.h"
#include "ops/run/run_word.h"
#include "ops/run/runbook_defaults.h"
#include "ops/run/runbook_fill.h"
#include "ops/run/runbook_value.h"

#define TEXT_MAX (1u << 20)

/* What stands for each input of the placed runbook; new texts. */
struct stand_ins {
	size_t n;
	struct {
		const char *name;
		char *text;
	} at[RUNBOOK_INPUTS];
};

static const char *stand_in(const struct stand_ins *by, const char *name, size_t n)
{
	for (size_t i = 0; i < by->n; i++)
		if (strlen(by->at[i].name) == n && strncmp(by->at[i].name, name, n) == 0)
			return by->at[i].text;
	return NULL;
}

/* Plain text again as it was written: braces doubled. */
static void put_plain(struct buf *out, const char *at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (at[i] == '{' || at[i] == '}')
			buf_putc(out, at[i]);
		buf_putc(out, at[i]);
	}
}

static char *replaced(const char *text, const struct stand_ins *by)
{
	struct runbook_piece p;
	struct buf out;

	if (!text)
		return NULL;
	buf_init(&out, TEXT_MAX);
	while (runbook_piece_next(&text, &p) > 0) {
		const char *other = p.word ? stand_in(by, p.at, p.n) : NULL;

		if (other)
			buf_puts(&out, other);
		else if (p.word)
			buf_fmt(&out, "{%.*s}", (int)p.n, p.at);
		else
			put_plain(&out, p.at, p.n);
	}
	return buf_take(&out);
}

/* ---- copies ---- */

static struct said copy_said(const struct said *from, const struct stand_ins *by)
{
	return (struct said){replaced(from->en, by), replaced(from->zh, by)};
}

static char **copy_words(char *const *from, size_t n, const struct stand_ins *by)
{
	char **words = mem_zero(n + 1, sizeof(char *));

	for (size_t i = 0; i < n; i++)
		words[i] = replaced(from[i], by);
	return words;
}

static void copy_use(
	const struct runbook_use *from, const struct stand_ins *by, struct runbook_use *to)
{
	*to = *from;
	for (int i = 0; i < RUNBOOK_ARGS; i++)
		to->args[i].at = from->args[i].n > 0
					 ? copy_words(from->args[i].at, from->args[i].n, by)
					 : NULL;
	to->otherwise = copy_said(&from->otherwise, by);
	to->offer = mem_str(from->offer);
}

static void copy_guards(
	const struct runbook_guards *from, const struct stand_ins *by, struct runbook_guards *to)
{
	for (size_t i = 0; i < from->n; i++)
		copy_use(&from->at[i], by, &to->at[to->n++]);
}

static void copy_step(const struct runbook_step *from, const char *below,
	const struct stand_ins *by, struct runbook_step *to)
{
	*to = *from;
	to->id = str_fmt("%s/%s", below, from->id);
	to->title = copy_said(&from->title, by);
	copy_use(&from->deed, by, &to->deed);
	to->target = replaced(from->target, by);
	to->except = replaced(from->except, by);
	to->when.n = to->require.n = to->verify.n = 0;
	copy_guards(&from->when, by, &to->when);
	copy_guards(&from->require, by, &to->require);
	copy_guards(&from->verify, by, &to->verify);
	to->show = from->show ? copy_words(from->show, from->n_show, by) : NULL;
	to->confirm_word = replaced(from->confirm_word, by);
	to->impact = copy_said(&from->impact, by);
	to->risk = copy_said(&from->risk, by);
	to->undo = copy_said(&from->undo, by);
	to->owes = mem_str(from->owes);
	to->pays = mem_str(from->pays);
}

/* ---- what is given for each input ---- */

struct placing {
	const struct runbook *outer, *inner;
	const struct runbook_step *step;
	struct err *e;
};

static int fail_at(const struct placing *p, int line, int column, const char *sentence)
{
	return err_set(p->e, ERR_INPUT, "%s:%d:%d: %s", p->outer->file, line, column, sentence);
}

static int fail_with(const struct placing *p, const struct runbook_with *w, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static int fail_with(const struct placing *p, const struct runbook_with *w, const char *fmt, ...)
{
	char sentence[320];
	va_list args;

	va_start(args, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, args);
	va_end(args);
	return fail_at(p, w ? w->line : p->step->line, w ? w->column : p->step->column, sentence);
}

static bool choices_hold(const struct runbook_input *in, const struct runbook_input *from)
{
	for (size_t i = 0; i < from->n_choices; i++)
		if (runbook_value_check(in, from->choices[i], NULL) != 0)
			return false;
	return true;
}

/* Another's input as it is: of the same type, or into a text. */
static int check_input(const struct placing *p, const struct runbook_with *w,
	const struct runbook_input *in, const struct runbook_input *from)
{
	if (in->type != RUN_INPUT_TEXT && in->type != from->type)
		return fail_with(p, w, _("\"%s\" of %s is a %s, but {%s} is a %s"), in->name,
			p->inner->id, run_input_type_name(in->type), from->name,
			run_input_type_name(from->type));
	if (from->optional && !in->optional)
		return fail_with(p, w, _("\"%s\" of %s needs a value, but {%s} is optional"),
			in->name, p->inner->id, from->name);
	if (in->type == RUN_INPUT_CHOICE && !choices_hold(in, from))
		return fail_with(p, w, _("\"%s\" of %s has not all the choices of {%s}"), in->name,
			p->inner->id, from->name);
	return 0;
}

/* One word and nothing else: its name, new; or NULL. */
static char *word_alone(const char *text)
{
	struct runbook_piece p;

	return runbook_piece_next(&text, &p) > 0 && p.word && *text == '\0' ? mem_dup(p.at, p.n)
									    : NULL;
}

static int check_literal(
	const struct placing *p, const struct runbook_with *w, const struct runbook_input *in)
{
	static const struct runbook_values none;
	struct err why;
	char *value = runbook_fill(w->text, &none, p->e);
	int rc = value ? runbook_value_check(in, value, &why) : -1;

	if (value && rc != 0)
		fail_with(p, w, "%s", why.text);
	free(value);
	return rc;
}

static int check_given(
	const struct placing *p, const struct runbook_with *w, const struct runbook_input *in)
{
	char *word = word_alone(w->text);
	const struct runbook_input *from = word ? runbook_input_named(p->outer, word) : NULL;
	bool target = str_eq(word, "target");

	free(word);
	if (!runbook_has_words(w->text))
		return check_literal(p, w, in);
	if (from)
		return check_input(p, w, in, from);
	if (in->type == RUN_INPUT_TEXT || (in->type == RUN_INPUT_NODE && target))
		return 0;
	return fail_with(p, w, _("\"%s\" of %s is a %s: give it a value, or an input of that type"),
		in->name, p->inner->id, run_input_type_name(in->type));
}

static const struct runbook_with *given(const struct runbook_step *s, const char *name)
{
	for (size_t i = 0; i < s->n_with; i++)
		if (str_eq(s->with[i].name, name))
			return &s->with[i];
	return NULL;
}

static int check_known(const struct placing *p)
{
	for (size_t i = 0; i < p->step->n_with; i++) {
		const struct runbook_with *w = &p->step->with[i];
		const char *near;

		if (runbook_input_named(p->inner, w->name))
			continue;
		near = nearest_name(w->name, (const char *const *)&p->inner->inputs[0].name,
			sizeof(p->inner->inputs[0]), p->inner->n_inputs);
		if (near)
			return fail_with(p, w, _("%s has no input \"%.60s\"; did you mean \"%s\"?"),
				p->inner->id, w->name, near);
		return fail_with(p, w, _("%s has no input \"%.60s\""), p->inner->id, w->name);
	}
	return 0;
}

/* The step's own target is known here: it stands where {target} does. */
static char *given_text(const struct placing *p, const struct runbook_with *w)
{
	const struct stand_ins target = {
		.n = p->step->on == ON_ONE, .at = {{"target", p->step->target}}};

	return replaced(w->text, &target);
}

/* A default stands for itself, unless it is a word of the snapshot: there is none to look at. */
static char *absent_text(const struct runbook_input *in)
{
	static const struct stand_ins none;
	enum run_input_type type;
	struct buf out;

	if (!in->fallback || runbook_default_type(in->fallback, &type))
		return in->optional ? replaced("", &none) : NULL;
	buf_init(&out, TEXT_MAX);
	put_plain(&out, in->fallback, strlen(in->fallback));
	return buf_take(&out);
}

static int find_stand_ins(const struct placing *p, struct stand_ins *by)
{
	if (check_known(p) != 0)
		return -1;
	for (size_t i = 0; i < p->inner->n_inputs; i++) {
		const struct runbook_input *in = &p->inner->inputs[i];
		const struct runbook_with *w = given(p->step, in->name);

		if (w && check_given(p, w, in) != 0)
			return -1;
		by->at[i].name = in->name;
		by->at[i].text = w ? given_text(p, w) : absent_text(in);
		by->n = i + 1;
		if (!by->at[i].text)
			return fail_with(p, NULL,
				_("%s needs its input \"%s\": give the step with: {%s: ...}"),
				p->inner->id, in->name, in->name);
	}
	return 0;
}

/* ---- placing ---- */

static int check_room(const struct placing *p)
{
	size_t n = p->outer->n_steps - 1 + p->inner->n_steps;
	const struct runbook_guards *first = &p->inner->steps[0].require;

	if (n > RUNBOOK_STEPS)
		return fail_with(p, NULL, _("%zu steps with those of %s: a runbook has at most %d"),
			n, p->inner->id, RUNBOOK_STEPS);
	if (p->inner->require.n + first->n > RUNBOOK_GUARDS)
		return fail_with(p, NULL,
			_("what %s requires and its first step requires are more than %d guards"),
			p->inner->id, RUNBOOK_GUARDS);
	for (size_t i = 0; i < p->inner->n_steps; i++)
		if (strlen(p->step->id) + 1 + strlen(p->inner->steps[i].id) >=
			sizeof(((struct run_step_seen *)NULL)->id))
			return fail_with(p, NULL, _("the id %s/%s is too long: shorten the first"),
				p->step->id, p->inner->steps[i].id);
	return 0;
}

/* What the placed runbook requires holds before its first step. */
static void copy_steps(const struct placing *p, const struct stand_ins *by, struct runbook_step *to)
{
	for (size_t i = 0; i < p->inner->n_steps; i++) {
		copy_step(&p->inner->steps[i], p->step->id, by, &to[i]);
		to[i].line = p->step->line;
		to[i].column = p->step->column;
	}
	for (size_t i = p->inner->require.n; i > 0; i--) {
		struct runbook_guards *g = &to[0].require;

		memmove(&g->at[1], &g->at[0], g->n * sizeof(g->at[0]));
		copy_use(&p->inner->require.at[i - 1], by, &g->at[0]);
		g->n++;
	}
}

int runbook_place(struct runbook *r, size_t i, const struct runbook *from, size_t *n, struct err *e)
{
	struct runbook_step place = r->steps[i], *steps;
	const struct placing p = {.outer = r, .inner = from, .step = &place, .e = e};
	struct stand_ins by = {.n = 0};
	int rc = check_room(&p) == 0 ? find_stand_ins(&p, &by) : -1;

	if (rc == 0) {
		steps = mem_zero(r->n_steps - 1 + from->n_steps, sizeof(*steps));
		memcpy(steps, r->steps, i * sizeof(*steps));
		copy_steps(&p, &by, steps + i);
		memcpy(steps + i + from->n_steps, r->steps + i + 1,
			(r->n_steps - i - 1) * sizeof(*steps));
		free(r->steps);
		r->steps = steps;
		r->n_steps += from->n_steps - 1;
		*n = from->n_steps;
		runbook_step_done(&place);
	}
	for (size_t k = 0; k < by.n; k++)
		free(by.at[k].text);
	return rc;
}
