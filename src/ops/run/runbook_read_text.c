/* The small things that a runbook is written with: keys, texts in one language or two, {words}, ids,
 * lengths of time. Each refuses what it cannot take, where it stands. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/str.h"
#include "base/text.h"
#include "ops/run/runbook_fill.h"
#include "ops/run/runbook_value.h"
#include "runbook_reader.h"

#define NAMES_MAX 40

struct names_of {
	size_t n;
	const char *at[NAMES_MAX];
};

static void add_name(struct names_of *list, const char *name)
{
	if (list->n < NAMES_MAX)
		list->at[list->n++] = name;
}

static bool has_name(const struct names_of *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->at[i], name))
			return true;
	return false;
}

static const char *near_name(const struct names_of *list, const char *word)
{
	return list->n > 0 ? nearest_name(word, list->at, sizeof(*list->at), list->n) : NULL;
}

/* ---- keys ---- */

static int unknown_key(
	struct reader *r, const struct yml *at, const struct names_of *known, const char *what)
{
	const char *near = near_name(known, at->text);
	struct buf all;

	if (near)
		return yml_err(r->doc, at, r->e,
			_("unknown key \"%.60s\" in %s; did you mean \"%s\"?"), at->text, what,
			near);
	buf_init(&all, 200);
	for (size_t i = 0; i < known->n; i++)
		buf_fmt(&all, i > 0 ? ", %s" : "%s", known->at[i]);
	yml_err(r->doc, at, r->e, _("unknown key \"%.60s\" in %s: its keys are %s"), at->text, what,
		buf_text(&all));
	buf_done(&all);
	return -1;
}

int reader_map(struct reader *r, const struct yml *v, const char *what)
{
	if (v->kind == YML_MAP)
		return 0;
	return yml_err(r->doc, v, r->e, _("%s must be a map of keys"), what);
}

int reader_know(struct reader *r, const struct yml *map, const struct reader_key *rows, size_t n,
	const struct run_arg *args, const char *what)
{
	struct names_of known = {.n = 0};

	if (reader_map(r, map, what) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		add_name(&known, rows[i].key);
	for (int i = 0; args && i < RUNBOOK_ARGS && args[i].name; i++)
		add_name(&known, args[i].name);
	for (size_t i = 0; i < map->n; i++) {
		if (!has_name(&known, map->keys[i]))
			return unknown_key(r, map->key_at[i], &known, what);
		if (!yml_get(map, map->keys[i]))
			return yml_err(r->doc, map->key_at[i], r->e,
				_("the key \"%s\" has no value: give it one, or leave it out"),
				map->keys[i]);
	}
	return 0;
}

int reader_rows(struct reader *r, const struct yml *map, const struct reader_key *rows, size_t n,
	void *to, const char *what)
{
	for (size_t i = 0; i < n; i++) {
		const struct yml *v = yml_get(map, rows[i].key);

		if (!v && rows[i].required)
			return yml_err(
				r->doc, map, r->e, _("%s needs the key \"%s\""), what, rows[i].key);
		if (v && rows[i].read(r, v, to) != 0)
			return -1;
	}
	return 0;
}

/* ---- {words} ---- */

static void known_words(const struct reader *r, struct names_of *known)
{
	known->n = 0;
	if (r->words == WORDS_NONE)
		return;
	for (size_t i = 0; i < r->book->n_inputs; i++)
		add_name(known, r->book->inputs[i].name);
	for (const char *const *w = runbook_fill_words; *w; w++)
		if (r->words == WORDS_TARGET || !str_eq(*w, "target"))
			add_name(known, *w);
}

static int unknown_word(struct reader *r, const struct yml *v, const char *word)
{
	struct names_of known;
	const char *near;

	known_words(r, &known);
	near = near_name(&known, word);
	if (has_name(&known, word))
		return 0;
	if (known.n == 0)
		return yml_err(r->doc, v, r->e,
			_("{%.60s}: no word is known yet in this place; a brace is written {{"),
			word);
	if (str_eq(word, "target"))
		return yml_err(r->doc, v, r->e,
			_("{target} is known only in a step that has the key \"on\""));
	if (near)
		return yml_err(r->doc, v, r->e,
			_("{%.60s} is no input of this runbook; did you mean {%s}?"), word, near);
	return yml_err(r->doc, v, r->e,
		_("{%.60s} is no input of this runbook; a brace is written {{"), word);
}

int reader_words(struct reader *r, const struct yml *v, const char *text)
{
	struct runbook_piece p;
	int more, rc = 0;

	while (rc == 0 && (more = runbook_piece_next(&text, &p)) != 0) {
		char *word = mem_dup(p.at, p.n);

		if (more < 0)
			rc = yml_err(r->doc, v, r->e,
				_("a brace that belongs to no {word}: write {{ or }} for a brace"));
		else if (p.word)
			rc = unknown_word(r, v, word);
		free(word);
	}
	return rc;
}

/* ---- texts ---- */

static int check_plain(struct reader *r, const struct yml *v, const char *what, const char *text)
{
	if (text_is_plain(text))
		return 0;
	return yml_err(r->doc, v, r->e,
		_("%s holds a line's end, another control character, or one that is invisible: "
		  "leave "
		  "it out (text behind >- or |- has no line's end)"),
		what);
}

static int take_text(struct reader *r, const struct yml *v, const char *what, char **to)
{
	const char *text = yml_text(v);

	if (!text || !text[0])
		return yml_err(r->doc, v, r->e, _("%s must be a text"), what);
	if (reader_words(r, v, text) != 0)
		return -1;
	free(*to);
	*to = mem_str(text);
	return 0;
}

int reader_text(struct reader *r, const struct yml *v, const char *what, char **to)
{
	return take_text(r, v, what, to) == 0 ? check_plain(r, v, what, *to) : -1;
}

int reader_room(struct reader *r, const struct yml *v, const char *what, size_t n, size_t size)
{
	if (n < size)
		return 0;
	return yml_err(r->doc, v, r->e,
		_("%s has %zu bytes: it would be cut where it is shown, after %zu"), what, n,
		size - 1);
}

/* Where no word is known nobody fills it later: braces are single from here on. What is only shown
 * is made safe where that is done. */
static int read_said_text(
	struct reader *r, const struct yml *v, const char *what, size_t size, char **to)
{
	static const struct runbook_values none;
	char *plain;

	if (take_text(r, v, what, to) != 0 || reader_room(r, v, what, strlen(*to), size) != 0)
		return -1;
	if (r->words != WORDS_NONE)
		return 0;
	plain = runbook_fill(*to, &none, r->e);
	free(*to);
	*to = plain;
	return plain ? 0 : -1;
}

int reader_said(
	struct reader *r, const struct yml *v, const char *what, size_t size, struct said *to)
{
	static const struct reader_key languages[] = {{.key = "en"}, {.key = "zh"}};
	const struct yml *en = yml_get(v, "en"), *zh = yml_get(v, "zh");

	if (v->kind == YML_SCALAR)
		return read_said_text(r, v, what, size, &to->en);
	if (v->kind != YML_MAP)
		return yml_err(
			r->doc, v, r->e, _("%s must be a text, or {en: ..., zh: ...}"), what);
	if (reader_know(r, v, languages, 2, NULL, what) != 0)
		return -1;
	if (!en || !zh)
		return yml_err(r->doc, v, r->e,
			_("%s needs both en and zh; or write one text, without a map"), what);
	return read_said_text(r, en, what, size, &to->en) == 0
		       ? read_said_text(r, zh, what, size, &to->zh)
		       : -1;
}

static bool is_id(const char *text)
{
	return text && text[0] && text[0] != '-' &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

int reader_id(struct reader *r, const struct yml *v, const char *what, size_t size, char **to)
{
	const char *text = yml_text(v);

	if (!is_id(text))
		return yml_err(r->doc, v, r->e,
			_("%s must be made of small letters, digits and '-': not \"%.60s\""), what,
			text ? text : "");
	if (strlen(text) >= size)
		return yml_err(
			r->doc, v, r->e, _("%s is longer than %d letters"), what, (int)size - 1);
	free(*to);
	*to = mem_str(text);
	return 0;
}

int reader_span(struct reader *r, const struct yml *v, const char *what, int64_t *ms)
{
	const char *text = yml_text(v);

	if (text && span_parse(text, ms) && *ms > 0 && *ms <= RUNBOOK_SPAN_MAX_MS)
		return 0;
	return yml_err(
		r->doc, v, r->e, _("%s must be a length of time up to 24h, like 30s or 5m"), what);
}

int reader_list(struct reader *r, const struct yml *v, const char *what, char ***to, size_t *n)
{
	if (v->kind != YML_LIST || v->n == 0)
		return yml_err(r->doc, v, r->e, _("%s must be a list of texts, like [a, b]"), what);
	*to = mem_zero(v->n, sizeof(char *));
	for (size_t i = 0; i < v->n; i++) {
		const char *text = yml_text(v->items[i]);

		if (!text)
			return yml_err(r->doc, v->items[i], r->e,
				_("%s: each entry must be a text"), what);
		if (reader_words(r, v->items[i], text) != 0 ||
			check_plain(r, v->items[i], what, text) != 0)
			return -1;
		(*to)[(*n)++] = mem_str(text);
	}
	return 0;
}

static const struct runbook_input *input_of(const struct reader *r, const struct runbook_piece *p)
{
	char *name = p->word ? mem_dup(p->at, p->n) : NULL;
	const struct runbook_input *in = name ? runbook_input_named(r->book, name) : NULL;

	free(name);
	return in;
}

const struct runbook_input *reader_input_alone(const struct reader *r, const char *text)
{
	struct runbook_piece p;

	return runbook_piece_next(&text, &p) > 0 && *text == '\0' ? input_of(r, &p) : NULL;
}

int reader_filled(struct reader *r, const struct yml *v, const char *what, const char *text)
{
	const struct runbook_input *in = NULL;
	struct runbook_piece p;

	while (runbook_piece_next(&text, &p) > 0) {
		in = input_of(r, &p);
		if (!in || !in->optional)
			return 0;
	}
	return !in ? 0
		   : yml_err(r->doc, v, r->e,
			     _("%s would be empty where the optional input \"%s\" is left out"),
			     what, in->name);
}

int reader_node(struct reader *r, const struct yml *v, const char *what, char **to)
{
	const struct runbook_input *in;

	if (reader_text(r, v, what, to) != 0 || reader_filled(r, v, what, *to) != 0)
		return -1;
	in = reader_input_alone(r, *to);
	if (in && (in->type == RUN_INPUT_FILE || in->type == RUN_INPUT_POD))
		return yml_err(r->doc, v, r->e, _("%s must be a node: the input \"%s\" is a %s"),
			what, in->name, run_input_type_name(in->type));
	if (!runbook_has_words(*to) && !runbook_node_ok(*to))
		return yml_err(r->doc, v, r->e,
			_("%s: \"%.60s\" is no node's name: small letters, digits, '-' and '.'"),
			what, *to);
	return 0;
}
