/* A step. Its deed's arguments are keys beside its own, so the deed is found before anything is
 * refused; where it is done is read before its texts, since only then {target} is known. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/str.h"
#include "ops/run/run_words.h"
#include "ops/run/runbook_read.h"
#include "runbook_reader.h"

#define TIMEOUT_MS 30000
#define RETRY_MAX  10

/* ---- where ---- */

static const struct {
	const char *name;
	enum runbook_set_of set;
} sets[] = {
	{"control-plane", SET_CONTROL_PLANE},
	{"other-control-plane", SET_OTHER_CONTROL_PLANE},
	{"workers", SET_WORKERS},
	{"nodes", SET_NODES},
	{"balancers", SET_BALANCERS},
};

#define N_SETS (sizeof(sets) / sizeof(sets[0]))

const char *runbook_read_set(enum runbook_set_of set)
{
	for (size_t i = 0; i < N_SETS; i++)
		if (sets[i].set == set)
			return sets[i].name;
	return "";
}

static int read_set(struct reader *r, const struct yml *v, struct runbook_step *s)
{
	const char *word = yml_text(v), *near = word ? NEAREST_ROW(word, sets, N_SETS) : NULL;

	for (size_t i = 0; word && i < N_SETS; i++) {
		if (!str_eq(sets[i].name, word))
			continue;
		s->among = sets[i].set;
		return 0;
	}
	if (near)
		return yml_err(r->doc, v, r->e,
			_("there is no set of machines \"%.60s\"; did you mean \"%s\"?"), word,
			near);
	return yml_err(r->doc, v, r->e,
		_("a set of machines is one of control-plane, other-control-plane, workers, nodes, "
		  "balancers"));
}

/* All but the runbook's own node. */
static int read_except(struct reader *r, const struct yml *v, struct runbook_step *s)
{
	const struct runbook_input *node = runbook_input_named(r->book, "node");

	if (s->among != SET_OTHER_CONTROL_PLANE)
		return 0;
	if (!node || node->type != RUN_INPUT_NODE)
		return yml_err(r->doc, v, r->e,
			_("other-control-plane leaves out the input called node, of type node: "
			  "this "
			  "runbook has none"));
	s->except = mem_str("{node}");
	return 0;
}

static int read_on(struct reader *r, const struct yml *v, void *to)
{
	struct runbook_step *s = to;
	const struct yml *each = yml_get(v, "each"), *all = yml_get(v, "all");
	static const struct reader_key keys[] = {{.key = "each"}, {.key = "all"}};

	if (v->kind != YML_MAP) {
		s->on = ON_ONE;
		return reader_node(r, v, "on", &s->target);
	}
	if (reader_know(r, v, keys, 2, NULL, "on") != 0)
		return -1;
	if (!each == !all)
		return yml_err(r->doc, v, r->e,
			_("on is a node, {each: SET} for one after another, or {all: SET} for all "
			  "at "
			  "once"));
	s->on = each ? ON_EACH : ON_ALL;
	return read_set(r, each ? each : all, s) == 0 ? read_except(r, each ? each : all, s) : -1;
}

/* ---- the rest, key by key ---- */

static int read_id(struct reader *r, const struct yml *v, void *to)
{
	struct runbook_step *s = to;

	if (reader_id(r, v, _("a step's id"), READER_ROOM(struct run_step_seen, id), &s->id) != 0)
		return -1;
	for (const struct runbook_step *other = r->book->steps; other != s; other++)
		if (str_eq(other->id, s->id))
			return yml_err(r->doc, v, r->e,
				_("the step \"%s\" stands in line %d already"), s->id, other->line);
	return 0;
}

static int read_title(struct reader *r, const struct yml *v, void *to)
{
	return reader_said(r, v, "title", READER_ROOM(struct run_step_seen, title),
		&((struct runbook_step *)to)->title);
}

static int read_args(struct reader *r, const struct yml *step, struct runbook_step *s)
{
	if (s->deed.word->on_target && s->on == ON_HERE)
		return yml_err(r->doc, step, r->e,
			_("%s is done on a machine: the step needs the key \"on\""),
			s->deed.word->name);
	return reader_args(r, step, &s->deed);
}

static int read_show(struct reader *r, const struct yml *v, void *to)
{
	struct runbook_step *s = to;
	size_t n = 0;

	if (v->kind == YML_LIST) {
		if (reader_list(r, v, "show", &s->show, &s->n_show) != 0)
			return -1;
	} else {
		s->show = mem_zero(1, sizeof(char *));
		s->n_show = 1;
		if (reader_text(r, v, "show", &s->show[0]) != 0)
			return -1;
	}
	for (size_t i = 0; i < s->n_show; i++)
		n += strlen(s->show[i]) + (i > 0);
	return reader_room(r, v, "show", n, READER_ROOM(struct run_consent, command));
}

static int read_when(struct reader *r, const struct yml *v, void *to)
{
	return reader_guards(r, v, PLACE_WHEN, &((struct runbook_step *)to)->when);
}

static int read_require(struct reader *r, const struct yml *v, void *to)
{
	return reader_guards(r, v, PLACE_REQUIRE, &((struct runbook_step *)to)->require);
}

static int read_verify(struct reader *r, const struct yml *v, void *to)
{
	return reader_guards(r, v, PLACE_VERIFY, &((struct runbook_step *)to)->verify);
}

static int bad_confirm(struct reader *r, const struct yml *v)
{
	bool ignored;

	if (yml_bool(v, &ignored))
		return yml_err(r->doc, v, r->e,
			_("confirm: %s without quotes is a truth value in YAML: write \"yes\" or "
			  "\"none\", quoted"),
			v->text);
	return yml_err(r->doc, v, r->e,
		_("confirm must be \"none\", \"yes\" or {type: WORD}, the word that is to be "
		  "typed"));
}

static int read_typed(struct reader *r, const struct yml *v, void *to)
{
	struct runbook_step *s = to;

	s->confirm = CONFIRM_TYPED;
	if (reader_text(r, v, "type", &s->confirm_word) != 0 ||
		reader_filled(r, v, "type", s->confirm_word) != 0)
		return -1;
	return reader_room(
		r, v, "type", strlen(s->confirm_word), READER_ROOM(struct run_consent, word));
}

static int read_confirm(struct reader *r, const struct yml *v, void *to)
{
	static const struct reader_key keys[] = {
		{.key = "type", .read = read_typed, .required = true}};
	struct runbook_step *s = to;
	const char *word = yml_text(v);
	bool truth;

	if (v->kind == YML_MAP) {
		if (reader_know(r, v, keys, 1, NULL, "confirm") != 0)
			return -1;
		return reader_rows(r, v, keys, 1, s, "confirm");
	}
	if (yml_bool(v, &truth) || (!str_eq(word, "none") && !str_eq(word, "yes")))
		return bad_confirm(r, v);
	s->confirm = str_eq(word, "yes") ? CONFIRM_YES : CONFIRM_NONE;
	return 0;
}

static int read_impact(struct reader *r, const struct yml *v, void *to)
{
	return reader_said(r, v, "impact", READER_ROOM(struct run_consent, what),
		&((struct runbook_step *)to)->impact);
}

static int read_risk(struct reader *r, const struct yml *v, void *to)
{
	return reader_said(r, v, "risk", READER_ROOM(struct run_consent, risk),
		&((struct runbook_step *)to)->risk);
}

static int read_undo(struct reader *r, const struct yml *v, void *to)
{
	struct runbook_step *s = to;

	if (!str_eq(yml_text(v), "none"))
		return reader_said(r, v, "undo", READER_ROOM(struct run_consent, undo), &s->undo);
	s->undo.en = mem_str("none");
	s->undo.zh = mem_str("无");
	return 0;
}

static int read_timeout(struct reader *r, const struct yml *v, void *to)
{
	return reader_span(r, v, "timeout", &((struct runbook_step *)to)->timeout_ms);
}

static int read_retry(struct reader *r, const struct yml *v, void *to)
{
	int64_t n;

	if (!yml_int(v, &n) || n < 0 || n > RETRY_MAX)
		return yml_err(
			r->doc, v, r->e, _("retry must be a whole number from 0 to %d"), RETRY_MAX);
	((struct runbook_step *)to)->retry = (int)n;
	return 0;
}

static int read_owes(struct reader *r, const struct yml *v, void *to)
{
	return reader_id(r, v, "owes", READER_ROOM(struct run_debt, kind),
		&((struct runbook_step *)to)->owes);
}

static int read_pays(struct reader *r, const struct yml *v, void *to)
{
	return reader_id(r, v, "pays", READER_ROOM(struct run_debt, kind),
		&((struct runbook_step *)to)->pays);
}

static int read_do(struct reader *r, const struct yml *v, void *to)
{
	struct runbook_use *deed = &((struct runbook_step *)to)->deed;
	const char *name = yml_text(v), *near = name ? run_deed_nearest(name) : NULL;

	deed->line = v->line;
	deed->column = v->column;
	deed->word = name ? run_deed_find(name) : NULL;
	if (deed->word)
		return 0;
	if (!name)
		return yml_err(r->doc, v, r->e, _("do must name a deed, like node.run"));
	if (near)
		return yml_err(r->doc, v, r->e, _("unknown deed \"%.60s\"; did you mean \"%s\"?"),
			name, near);
	return yml_err(r->doc, v, r->e, _("unknown deed \"%.60s\""), name);
}

/* The first three are read before the deed's arguments. */
static const struct reader_key keys[] = {
	{.key = "id", .read = read_id, .required = true},
	{.key = "do", .read = read_do, .required = true},
	{.key = "on", .read = read_on},
	{.key = "title", .read = read_title, .required = true},
	{.key = "show", .read = read_show},
	{.key = "when", .read = read_when},
	{.key = "require", .read = read_require},
	{.key = "confirm", .read = read_confirm},
	{.key = "impact", .read = read_impact},
	{.key = "risk", .read = read_risk},
	{.key = "undo", .read = read_undo},
	{.key = "verify", .read = read_verify},
	{.key = "timeout", .read = read_timeout},
	{.key = "retry", .read = read_retry},
	{.key = "owes", .read = read_owes},
	{.key = "pays", .read = read_pays},
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))
#define FIRST  3

static int read_deed(struct reader *r, const struct yml *v, struct runbook_step *s)
{
	char what[80];

	if (reader_rows(r, v, keys, 2, s, _("a step")) != 0)
		return -1;
	snprintf(what, sizeof(what), _("a step of %.40s"), s->deed.word->name);
	if (reader_know(r, v, keys, N_KEYS, s->deed.word->args, what) != 0 ||
		reader_rows(r, v, keys + 2, FIRST - 2, s, what) != 0)
		return -1;
	s->timeout_ms = TIMEOUT_MS;
	s->confirm = s->deed.word->already ? CONFIRM_YES : CONFIRM_NONE;
	r->words = s->on == ON_HERE ? WORDS_RUN : WORDS_TARGET;
	if (read_args(r, v, s) != 0)
		return -1;
	return reader_rows(r, v, keys + FIRST, N_KEYS - FIRST, s, what);
}

/* ---- another runbook's steps in this place ---- */

static int read_place(struct reader *r, const struct yml *v, void *to)
{
	return reader_id(r, v, "run", READER_ROOM(struct runbook_card, id),
		&((struct runbook_step *)to)->place);
}

static int read_with(struct reader *r, const struct yml *v, void *to)
{
	struct runbook_step *s = to;

	if (reader_map(r, v, "with") != 0)
		return -1;
	if (v->n > RUNBOOK_INPUTS)
		return yml_err(r->doc, v->key_at[RUNBOOK_INPUTS], r->e, _("more than %d inputs"),
			RUNBOOK_INPUTS);
	for (size_t i = 0; i < v->n; i++) {
		struct runbook_with *w = &s->with[s->n_with++];

		w->line = v->key_at[i]->line;
		w->column = v->key_at[i]->column;
		w->name = mem_str(v->keys[i]);
		if (reader_text(r, v->items[i], v->keys[i], &w->text) != 0)
			return -1;
	}
	return 0;
}

static int ignore_do(struct reader *r, const struct yml *v, void *to)
{
	struct runbook_step *s = to;

	(void)r;
	s->deed.line = v->line;
	s->deed.column = v->column;
	return 0;
}

static int read_one(struct reader *r, const struct yml *v, void *to)
{
	if (v->kind == YML_MAP)
		return yml_err(r->doc, v, r->e,
			_("another runbook's steps are done on one machine: name it, or give their "
			  "steps {each: SET}"));
	return read_on(r, v, to);
}

static const struct reader_key place_keys[] = {
	{.key = "id", .read = read_id, .required = true},
	{.key = "do", .read = ignore_do, .required = true},
	{.key = "on", .read = read_one},
	{.key = "run", .read = read_place, .required = true},
	{.key = "with", .read = read_with},
};

#define N_PLACE_KEYS (sizeof(place_keys) / sizeof(place_keys[0]))

static int read_placed(struct reader *r, const struct yml *v, struct runbook_step *s)
{
	const char *what = _("a step of do: runbook");

	if (reader_know(r, v, place_keys, N_PLACE_KEYS, NULL, what) != 0 ||
		reader_rows(r, v, place_keys, FIRST, s, what) != 0)
		return -1;
	r->words = s->on == ON_HERE ? WORDS_RUN : WORDS_TARGET;
	return reader_rows(r, v, place_keys + FIRST, N_PLACE_KEYS - FIRST, s, what);
}

/* ---- all of them ---- */

int reader_steps(struct reader *r, const struct yml *v, void *book)
{
	struct runbook *to = book;

	if (v->kind != YML_LIST || v->n == 0)
		return yml_err(r->doc, v, r->e, _("steps must be a list of steps"));
	if (v->n > RUNBOOK_STEPS)
		return yml_err(r->doc, v->items[RUNBOOK_STEPS], r->e,
			_("%zu steps: a runbook has at most %d"), v->n, RUNBOOK_STEPS);
	to->steps = mem_zero(v->n, sizeof(*to->steps));
	for (size_t i = 0; i < v->n; i++) {
		const struct yml *at = v->items[i];
		struct runbook_step *s = &to->steps[i];

		to->n_steps = i + 1;
		s->line = at->line;
		s->column = at->column;
		r->words = WORDS_RUN;
		if (reader_map(r, at, _("a step")) != 0 ||
			(str_eq(yml_text(yml_get(at, "do")), "runbook") ? read_placed(r, at, s)
									: read_deed(r, at, s)))
			return -1;
	}
	r->words = WORDS_RUN;
	return 0;
}
