/* Runbooks as JSON: the keys of the file they are written in, every default written out. */
#include "app/runbook_show.h"

#include <stdlib.h>

#include "base/instant.h"
#include "io/json.h"
#include "ops/run/run_word.h"
#include "ops/run/runbook_read.h"

#define SCHEMA "k911/runbook/v1"

static void put_said(struct jsw *w, const char *key, const struct said *s)
{
	if (!s->en) {
		jsw_null(w, key);
		return;
	}
	jsw_object(w, key);
	jsw_str(w, "en", s->en);
	jsw_str(w, "zh", s->zh ? s->zh : s->en);
	jsw_end_object(w);
}

static void put_words(struct jsw *w, const char *key, char *const *words, size_t n)
{
	jsw_array(w, key);
	for (size_t i = 0; i < n; i++)
		jsw_str(w, NULL, words[i]);
	jsw_end_array(w);
}

static void put_span(struct jsw *w, const char *key, int64_t ms)
{
	char span[32];

	jsw_str(w, key, ms > 0 ? span_text(ms, span, sizeof(span)) : NULL);
}

/* Each by its name, as it was given. */
static void put_args(struct jsw *w, const struct runbook_use *u)
{
	for (int i = 0; i < RUNBOOK_ARGS && u->word->args[i].name; i++) {
		const struct run_arg *arg = &u->word->args[i];
		const struct runbook_value *v = &u->args[i];

		if (v->n == 0)
			continue;
		if (arg->type == RUN_ARG_LIST)
			put_words(w, arg->name, v->at, v->n);
		else if (arg->type == RUN_ARG_SAID)
			put_said(w, arg->name, &(struct said){v->at[0], v->at[1]});
		else
			jsw_str(w, arg->name, v->at[0]);
	}
}

static void put_guards(struct jsw *w, const char *key, const struct runbook_guards *g)
{
	jsw_array(w, key);
	for (size_t i = 0; i < g->n; i++) {
		jsw_object(w, NULL);
		jsw_str(w, "guard", g->at[i].word->name);
		put_args(w, &g->at[i]);
		jsw_bool(w, "not", g->at[i].negated);
		if (g->at[i].within_ms > 0)
			put_span(w, "within", g->at[i].within_ms);
		put_said(w, "else", &g->at[i].otherwise);
		jsw_str(w, "offer", g->at[i].offer);
		jsw_end_object(w);
	}
	jsw_end_array(w);
}

static void put_input(struct jsw *w, const struct runbook_input *in)
{
	jsw_object(w, in->name);
	jsw_str(w, "type", run_input_type_name(in->type));
	jsw_str(w, "default", in->fallback);
	put_said(w, "ask", &in->ask);
	jsw_bool(w, "optional", in->optional);
	put_words(w, "choices", in->choices, in->n_choices);
	jsw_end_object(w);
}

static void put_on(struct jsw *w, const struct runbook_step *s)
{
	if (s->on == ON_HERE || s->on == ON_ONE) {
		jsw_str(w, "on", s->target);
		return;
	}
	jsw_object(w, "on");
	jsw_str(w, s->on == ON_EACH ? "each" : "all", runbook_read_set(s->among));
	jsw_end_object(w);
}

static void put_confirm(struct jsw *w, const struct runbook_step *s)
{
	if (s->confirm != CONFIRM_TYPED) {
		jsw_str(w, "confirm", s->confirm == CONFIRM_YES ? "yes" : "none");
		return;
	}
	jsw_object(w, "confirm");
	jsw_str(w, "type", s->confirm_word);
	jsw_end_object(w);
}

static void put_step(struct jsw *w, const struct runbook_step *s)
{
	jsw_object(w, NULL);
	jsw_str(w, "id", s->id);
	put_said(w, "title", &s->title);
	jsw_str(w, "do", s->deed.word->name);
	put_on(w, s);
	put_args(w, &s->deed);
	put_words(w, "show", s->show, s->n_show);
	put_guards(w, "when", &s->when);
	put_guards(w, "require", &s->require);
	put_confirm(w, s);
	put_said(w, "impact", &s->impact);
	put_said(w, "risk", &s->risk);
	put_said(w, "undo", &s->undo);
	put_guards(w, "verify", &s->verify);
	put_span(w, "timeout", s->timeout_ms);
	jsw_int(w, "retry", s->retry);
	jsw_str(w, "owes", s->owes);
	jsw_str(w, "pays", s->pays);
	jsw_end_object(w);
}

static void put_head(struct jsw *w, const struct runbook *r)
{
	jsw_str(w, "id", r->id);
	put_said(w, "title", &r->title);
	put_said(w, "about", &r->about);
	jsw_bool(w, "builtin", r->builtin);
	jsw_str(w, "file", r->builtin ? NULL : r->file);
	jsw_str(w, "digest", r->digest);
	put_words(w, "fits", r->fits, r->n_fits);
	jsw_object(w, "inputs");
	for (size_t i = 0; i < r->n_inputs; i++)
		put_input(w, &r->inputs[i]);
	jsw_end_object(w);
}

void runbook_show_json(struct buf *out, const struct runbook *r)
{
	struct jsw w;

	jsw_init(&w, out);
	jsw_object(&w, NULL);
	jsw_str(&w, "schema", SCHEMA);
	put_head(&w, r);
	put_guards(&w, "require", &r->require);
	jsw_array(&w, "steps");
	for (size_t i = 0; i < r->n_steps; i++)
		put_step(&w, &r->steps[i]);
	jsw_end_array(&w);
	jsw_end_object(&w);
	buf_putc(out, '\n');
}

void runbook_list_json(struct buf *out, const struct runbook_set *s)
{
	struct jsw w;

	jsw_init(&w, out);
	jsw_object(&w, NULL);
	jsw_str(&w, "schema", SCHEMA);
	jsw_array(&w, "runbooks");
	for (size_t i = 0; i < runbook_set_count(s); i++) {
		jsw_object(&w, NULL);
		put_head(&w, runbook_set_at(s, i));
		jsw_end_object(&w);
	}
	jsw_end_array(&w);
	jsw_array(&w, "broken");
	for (size_t i = 0; i < runbook_set_broken(s); i++)
		jsw_str(&w, NULL, runbook_set_trouble(s, i));
	jsw_end_array(&w);
	jsw_end_object(&w);
	buf_putc(out, '\n');
}
