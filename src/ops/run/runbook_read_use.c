/* Guards and deeds with their arguments. A guard is a word, or a map that begins with `guard:`. */
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "ops/run/run_words.h"
#include "ops/run/runbook_fill.h"
#include "ops/run/runbook_value.h"
#include "runbook_reader.h"

/* ---- arguments ---- */

static int check_value(struct reader *r, const struct yml *v, const struct run_arg *arg,
	const struct runbook_value *value)
{
	struct err why;

	if (runbook_value_check_arg(arg, value, &why) == 0)
		return 0;
	return yml_err(r->doc, v, r->e, "%s", why.text);
}

/* What can be known of it now: as it is written, or each choice that it may become. */
static int check_text(struct reader *r, const struct yml *v, const struct run_arg *arg,
	const struct runbook_value *value)
{
	const struct runbook_input *in = reader_input_alone(r, value->at[0]);

	if (!runbook_has_words(value->at[0]))
		return check_value(r, v, arg, value);
	for (size_t i = 0; in && i < in->n_choices; i++)
		if (check_value(r, v, arg, &(struct runbook_value){&in->choices[i], 1}) != 0)
			return -1;
	return arg->required || arg->type != RUN_ARG_TEXT
		       ? reader_filled(r, v, arg->name, value->at[0])
		       : 0;
}

/* Two texts: what it says in each language. */
static int read_said_arg(
	struct reader *r, const struct yml *v, const struct run_arg *arg, struct runbook_value *to)
{
	struct said said = {.en = NULL};
	int rc = reader_said(r, v, arg->name, READER_ROOM(struct run_consent, what), &said);

	to->at[0] = said.en;
	to->at[1] = said.zh ? said.zh : mem_str(said.en);
	to->n = said.en ? 2 : 0;
	return rc;
}

static int read_arg(
	struct reader *r, const struct yml *v, const struct run_arg *arg, struct runbook_value *to)
{
	int rc;

	if (arg->type == RUN_ARG_LIST)
		return reader_list(r, v, arg->name, &to->at, &to->n) == 0
			       ? reader_filled(r, v->items[0], arg->name, to->at[0])
			       : -1;
	to->at = mem_zero(2, sizeof(char *));
	if (arg->type == RUN_ARG_SAID)
		return read_said_arg(r, v, arg, to);
	rc = arg->type == RUN_ARG_NODE ? reader_node(r, v, arg->name, &to->at[0])
				       : reader_text(r, v, arg->name, &to->at[0]);
	to->n = to->at[0] ? 1 : 0;
	return rc == 0 ? check_text(r, v, arg, to) : -1;
}

/* A node that is not named is the step's target, else the runbook's own input of that name. */
static int read_absent(struct reader *r, const struct yml *map, const struct run_arg *arg,
	struct runbook_use *use, struct runbook_value *to)
{
	const struct runbook_input *node = runbook_input_named(r->book, "node");

	if (arg->type == RUN_ARG_NODE && r->words == WORDS_TARGET)
		return 0;
	if (arg->type == RUN_ARG_NODE && node && node->type == RUN_INPUT_NODE) {
		to->at = mem_zero(1, sizeof(char *));
		to->at[to->n++] = mem_str("{node}");
		return 0;
	}
	if (arg->type == RUN_ARG_NODE)
		return yml_err(r->doc, map, r->e,
			_("%s: which node? Name it: {guard: ..., %s: NODE}, give the step the key "
			  "\"on\", or the runbook an input called node"),
			use->word->name, arg->name);
	if (!arg->required)
		return 0;
	return yml_err(r->doc, map, r->e, _("%s needs the key \"%s\""), use->word->name, arg->name);
}

int reader_args(struct reader *r, const struct yml *map, struct runbook_use *use)
{
	for (int i = 0; i < RUNBOOK_ARGS && use->word->args[i].name; i++) {
		const struct run_arg *arg = &use->word->args[i];
		const struct yml *v = yml_get(map, arg->name);
		int rc = v ? read_arg(r, v, arg, &use->args[i])
			   : read_absent(r, map, arg, use, &use->args[i]);

		if (rc != 0)
			return -1;
	}
	return 0;
}

/* ---- guards ---- */

static int read_name(struct reader *r, const struct yml *v, void *to)
{
	struct runbook_use *use = to;
	const char *name = yml_text(v), *near = name ? run_guard_nearest(name) : NULL;

	use->line = v->line;
	use->column = v->column;
	use->word = name ? run_guard_find(name) : NULL;
	if (use->word)
		return 0;
	if (!name)
		return yml_err(r->doc, v, r->e,
			_("a guard is a word, or a map like {guard: node-reachable, node: m1}"));
	if (near)
		return yml_err(r->doc, v, r->e, _("unknown guard \"%.60s\"; did you mean \"%s\"?"),
			name, near);
	return yml_err(r->doc, v, r->e, _("unknown guard \"%.60s\""), name);
}

static int read_not(struct reader *r, const struct yml *v, void *to)
{
	struct runbook_use *use = to;

	if (yml_bool(v, &use->negated))
		return 0;
	return yml_err(r->doc, v, r->e, _("%s must be true or false"), "not");
}

static int read_within(struct reader *r, const struct yml *v, void *to)
{
	return reader_span(r, v, "within", &((struct runbook_use *)to)->within_ms);
}

static int read_else(struct reader *r, const struct yml *v, void *to)
{
	return reader_said(r, v, "else", READER_ROOM(struct run_step_seen, result),
		&((struct runbook_use *)to)->otherwise);
}

static int read_offer(struct reader *r, const struct yml *v, void *to)
{
	return reader_id(r, v, "offer", READER_ROOM(struct run_seen, offer),
		&((struct runbook_use *)to)->offer);
}

static const struct reader_key keys[] = {
	{.key = "guard", .read = read_name, .required = true},
	{.key = "not", .read = read_not},
	{.key = "within", .read = read_within},
	{.key = "else", .read = read_else},
	{.key = "offer", .read = read_offer},
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

/* The keys that mean nothing in a place. */
static int check_place(struct reader *r, const struct yml *map, enum reader_place place)
{
	static const struct {
		const char *key;
		enum reader_place place;
		const char *why; /* N_() */
	} rows[] = {
		{"within", PLACE_REQUIRE,
			N_("\"within\" belongs to a verification: what is required "
			   "must hold at once")},
		{"within", PLACE_WHEN,
			N_("\"within\" belongs to a verification: a condition is "
			   "looked at once")},
		{"else", PLACE_WHEN,
			N_("\"else\" says what to do where a run stops: a condition only "
			   "skips its step")},
		{"offer", PLACE_WHEN,
			N_("\"offer\" names what helps where a run stops: a condition "
			   "only skips its step")},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t k = 0; rows[i].place == place && k < map->n; k++)
			if (str_eq(map->keys[k], rows[i].key))
				return yml_err(r->doc, map->key_at[k], r->e, "%s", _(rows[i].why));
	return 0;
}

static int read_map(
	struct reader *r, const struct yml *v, enum reader_place place, struct runbook_use *use)
{
	const struct yml *name = yml_get(v, "guard");
	char what[80];
	int rc;

	if (read_name(r, name ? name : v, use) != 0 || !use->word)
		return -1;
	snprintf(what, sizeof(what), _("the guard %.40s"), use->word->name);
	if (reader_know(r, v, keys, N_KEYS, use->word->args, what) != 0 ||
		check_place(r, v, place) != 0)
		return -1;
	rc = reader_rows(r, v, keys, N_KEYS, use, what);
	use->line = v->line;
	use->column = v->column;
	return rc;
}

static int read_guard(
	struct reader *r, const struct yml *v, enum reader_place place, struct runbook_use *use)
{
	int rc = v->kind == YML_MAP ? read_map(r, v, place, use) : read_name(r, v, use);
	const struct run_word *word = use->word;

	if (rc != 0 || !word || reader_args(r, v, use) != 0)
		return -1;
	if (place != PLACE_VERIFY || use->within_ms > 0)
		return 0;
	return yml_err(r->doc, v, r->e,
		_("a verification needs \"within\", the time after which it has failed: {guard: "
		  "%s, "
		  "within: 60s}"),
		word->name);
}

int reader_guards(
	struct reader *r, const struct yml *v, enum reader_place place, struct runbook_guards *to)
{
	if (v->kind != YML_LIST) {
		to->n = 1;
		return read_guard(r, v, place, &to->at[0]);
	}
	if (v->n == 0)
		return yml_err(r->doc, v, r->e, _("an empty list of guards: leave the key out"));
	if (v->n > RUNBOOK_GUARDS)
		return yml_err(r->doc, v->items[RUNBOOK_GUARDS], r->e,
			_("more than %d guards in one list"), RUNBOOK_GUARDS);
	for (size_t i = 0; i < v->n; i++) {
		to->n = i + 1;
		if (read_guard(r, v->items[i], place, &to->at[i]) != 0)
			return -1;
	}
	return 0;
}
