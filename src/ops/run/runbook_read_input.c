/* The inputs of a runbook: what a person is asked, or the snapshot answers. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/str.h"
#include "ops/run/runbook_defaults.h"
#include "ops/run/runbook_fill.h"
#include "ops/run/runbook_value.h"
#include "runbook_reader.h"

#define TYPES          (RUN_INPUT_CHOICE + 1)
#define CHOICE_MAX     READER_ROOM(struct run_input_card, choices[0])
#define NAME_MAX_BYTES READER_ROOM(struct run_input_card, name)

static int read_type(struct reader *r, const struct yml *v, void *to)
{
	struct runbook_input *in = to;
	const char *word = yml_text(v), *types[TYPES], *near;

	if (word && run_input_type_parse(word, &in->type))
		return 0;
	for (int i = 0; i < TYPES; i++)
		types[i] = run_input_type_name((enum run_input_type)i);
	near = word ? nearest_name(word, types, sizeof(types[0]), TYPES) : NULL;
	if (near)
		return yml_err(r->doc, v, r->e,
			_("there is no type \"%.60s\"; did you mean \"%s\"?"), word, near);
	return yml_err(
		r->doc, v, r->e, _("a type is one of node, member, pod, file, text, choice"));
}

static int read_choices(struct reader *r, const struct yml *v, void *to)
{
	struct runbook_input *in = to;

	if (in->type != RUN_INPUT_CHOICE)
		return yml_err(r->doc, v, r->e, _("only an input of type choice has choices"));
	if (reader_list(r, v, "choices", &in->choices, &in->n_choices) != 0)
		return -1;
	for (size_t i = 0; i < in->n_choices; i++) {
		struct err why;

		if (runbook_value_check(in, in->choices[i], &why) != 0)
			return yml_err(r->doc, v->items[i], r->e, "%s", why.text);
		if (strlen(in->choices[i]) >= CHOICE_MAX)
			return yml_err(r->doc, v->items[i], r->e, _("%s is longer than %d letters"),
				in->choices[i], (int)CHOICE_MAX - 1);
		for (size_t k = 0; k < i; k++)
			if (str_eq(in->choices[i], in->choices[k]))
				return yml_err(r->doc, v->items[i], r->e,
					_("the choice \"%s\" stands here twice"), in->choices[i]);
	}
	return 0;
}

static int read_optional(struct reader *r, const struct yml *v, void *to)
{
	if (yml_bool(v, &((struct runbook_input *)to)->optional))
		return 0;
	return yml_err(r->doc, v, r->e, _("%s must be true or false"), "optional");
}

static int read_ask(struct reader *r, const struct yml *v, void *to)
{
	return reader_said(r, v, "ask", READER_ROOM(struct run_input_card, ask),
		&((struct runbook_input *)to)->ask);
}

/* A word of the snapshot, or a value by itself. A word that was mistyped reads like a name. */
static int read_default(struct reader *r, const struct yml *v, void *to)
{
	struct runbook_input *in = to;
	const char *text = yml_text(v), *near;
	enum run_input_type type;
	struct err why;

	if (!text)
		return yml_err(r->doc, v, r->e, _("%s must be a text"), "default");
	in->fallback = mem_str(text);
	if (runbook_default_type(text, &type)) {
		if (type == in->type)
			return 0;
		return yml_err(r->doc, v, r->e, _("%s gives a %s, but this input is a %s"), text,
			run_input_type_name(type), run_input_type_name(in->type));
	}
	near = runbook_default_nearest(text, in->type);
	if (near)
		return yml_err(r->doc, v, r->e,
			_("there is no default \"%.60s\"; did you mean \"%s\"?"), text, near);
	if (runbook_value_check(in, text, &why) != 0)
		return yml_err(r->doc, v, r->e, "%s", why.text);
	return 0;
}

static const struct reader_key keys[] = {
	{.key = "type", .read = read_type, .required = true},
	{.key = "choices", .read = read_choices},
	{.key = "optional", .read = read_optional},
	{.key = "ask", .read = read_ask},
	{.key = "default", .read = read_default},
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

static int read_input(
	struct reader *r, const struct yml *name, const struct yml *v, struct runbook_input *in)
{
	in->line = name->line;
	in->column = name->column;
	if (reader_id(r, name, _("an input's name"), NAME_MAX_BYTES, &in->name) != 0)
		return -1;
	for (const char *const *w = runbook_fill_words; *w; w++)
		if (str_eq(*w, in->name))
			return yml_err(r->doc, name, r->e,
				_("\"%s\" is a word of every runbook: call the input otherwise"),
				in->name);
	if (reader_know(r, v, keys, N_KEYS, NULL, _("an input")) != 0 ||
		reader_rows(r, v, keys, N_KEYS, in, _("an input")) != 0)
		return -1;
	if (in->type == RUN_INPUT_CHOICE && in->n_choices == 0)
		return yml_err(r->doc, v, r->e, _("an input of type choice needs choices"));
	return 0;
}

int reader_inputs(struct reader *r, const struct yml *v, void *book)
{
	struct runbook *to = book;

	if (reader_map(r, v, "inputs") != 0)
		return -1;
	if (v->n > RUNBOOK_INPUTS)
		return yml_err(r->doc, v->key_at[RUNBOOK_INPUTS], r->e, _("more than %d inputs"),
			RUNBOOK_INPUTS);
	for (size_t i = 0; i < v->n; i++) {
		to->n_inputs = i + 1;
		if (read_input(r, v->key_at[i], v->items[i], &to->inputs[i]) != 0)
			return -1;
	}
	return 0;
}
