/* A runbook's life: shared by count, freed with all that is in it. */
#include "ops/run/runbook.h"

#include <stdlib.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"

const char *said_text(const struct said *s)
{
	/* TRANSLATORS: the language that runbooks are shown in: en or zh */
	const char *text = str_eq(_("en"), "zh") && s->zh ? s->zh : s->en;

	return text ? text : "";
}

void said_done(struct said *s)
{
	free(s->en);
	free(s->zh);
	*s = (struct said){.en = NULL};
}

void runbook_value_done(struct runbook_value *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->at[i]);
	free(v->at);
	*v = (struct runbook_value){.at = NULL};
}

static void use_done(struct runbook_use *u)
{
	for (int i = 0; i < RUNBOOK_ARGS; i++)
		runbook_value_done(&u->args[i]);
	said_done(&u->otherwise);
	free(u->offer);
}

static void guards_done(struct runbook_guards *g)
{
	for (size_t i = 0; i < g->n; i++)
		use_done(&g->at[i]);
}

static void words_free(char **words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(words[i]);
	free(words);
}

static void with_done(struct runbook_step *s)
{
	for (size_t i = 0; i < s->n_with; i++) {
		free(s->with[i].name);
		free(s->with[i].text);
	}
	free(s->place);
}

void runbook_step_done(struct runbook_step *s)
{
	free(s->id);
	with_done(s);
	said_done(&s->title);
	use_done(&s->deed);
	free(s->target);
	free(s->except);
	guards_done(&s->when);
	guards_done(&s->require);
	words_free(s->show, s->n_show);
	free(s->confirm_word);
	said_done(&s->impact);
	said_done(&s->risk);
	said_done(&s->undo);
	guards_done(&s->verify);
	free(s->owes);
	free(s->pays);
}

static void input_done(struct runbook_input *in)
{
	free(in->name);
	free(in->fallback);
	said_done(&in->ask);
	words_free(in->choices, in->n_choices);
}

struct runbook *runbook_ref(const struct runbook *r)
{
	struct runbook *mine = (struct runbook *)(size_t)r;

	if (mine)
		__atomic_add_fetch(&mine->refs, 1, __ATOMIC_RELAXED);
	return mine;
}

void runbook_unref(struct runbook *r)
{
	if (!r || __atomic_sub_fetch(&r->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	for (size_t i = 0; i < r->n_inputs; i++)
		input_done(&r->inputs[i]);
	guards_done(&r->require);
	for (size_t i = 0; i < r->n_steps; i++)
		runbook_step_done(&r->steps[i]);
	words_free(r->fits, r->n_fits);
	said_done(&r->title);
	said_done(&r->about);
	free(r->steps);
	free(r->id);
	free(r->file);
	free(r);
}

const struct runbook_input *runbook_input_named(const struct runbook *r, const char *name)
{
	for (size_t i = 0; i < r->n_inputs; i++)
		if (str_eq(r->inputs[i].name, name))
			return &r->inputs[i];
	return NULL;
}
