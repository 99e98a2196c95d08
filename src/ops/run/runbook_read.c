/* A runbook's own keys. The inputs come first, since every text behind them may name one. */
#include "ops/run/runbook_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/sha.h"
#include "base/str.h"
#include "model/layer.h"
#include "model/severity.h"
#include "runbook_reader.h"

#define SCHEMA "k911/runbook/v1"
#define LAYER  "layer:"
#define SUFFIX ".yaml"

static int read_schema(struct reader *r, const struct yml *v, void *to)
{
	(void)to;
	if (str_eq(yml_text(v), SCHEMA))
		return 0;
	return yml_err(
		r->doc, v, r->e, _("the schema must be %s: this k911 reads no other"), SCHEMA);
}

char *runbook_read_name(const char *file)
{
	const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
	size_t n = strlen(name);

	return mem_dup(name, str_ends(name, SUFFIX) ? n - strlen(SUFFIX) : n);
}

static int read_id(struct reader *r, const struct yml *v, void *to)
{
	struct runbook *book = to;
	char *name = runbook_read_name(book->file);
	int rc = reader_id(
		r, v, _("a runbook's id"), READER_ROOM(struct runbook_card, id), &book->id);

	if (rc == 0 && !str_eq(name, book->id))
		rc = yml_err(r->doc, v, r->e, _("the id must be the file's name: %s, not %s"), name,
			book->id);
	free(name);
	return rc;
}

static int read_replaces(struct reader *r, const struct yml *v, void *to)
{
	if (!str_eq(yml_text(v), "built-in"))
		return yml_err(r->doc, v, r->e,
			_("replaces must be built-in: it stands in for the built-in runbook of its "
			  "id"));
	((struct runbook *)to)->replaces = true;
	return 0;
}

static int read_title(struct reader *r, const struct yml *v, void *to)
{
	return reader_said(r, v, "title", READER_ROOM(struct runbook_card, title),
		&((struct runbook *)to)->title);
}

static int read_about(struct reader *r, const struct yml *v, void *to)
{
	return reader_said(r, v, "about", READER_ROOM(struct runbook_card, about),
		&((struct runbook *)to)->about);
}

/* ---- what it is for ---- */

static int check_layer(struct reader *r, const struct yml *v, const char *name)
{
	const char *names[LAYER_COUNT], *near;

	for (int i = 0; i < LAYER_COUNT; i++) {
		names[i] = layer_name((enum layer_id)i);
		if (str_eq(names[i], name))
			return 0;
	}
	near = nearest_name(name, names, sizeof(names[0]), LAYER_COUNT);
	if (near)
		return yml_err(r->doc, v, r->e,
			_("there is no layer \"%.60s\"; did you mean layer:%s?"), name, near);
	return yml_err(r->doc, v, r->e, _("there is no layer \"%.60s\""), name);
}

static int check_rule(struct reader *r, const struct yml *v, const char *name)
{
	const char *names[RULE_COUNT], *near;

	for (int i = 0; i < RULE_COUNT; i++) {
		names[i] = rule_name((enum rule_id)i);
		if (str_eq(names[i], name))
			return 0;
	}
	near = nearest_name(name, names, sizeof(names[0]), RULE_COUNT);
	if (near)
		return yml_err(r->doc, v, r->e,
			_("there is no rule \"%.60s\"; did you mean \"%s\"?"), name, near);
	return yml_err(r->doc, v, r->e,
		_("there is no rule \"%.60s\": rules are named as in `k911 check -o json`, or "
		  "layer:LAYER"),
		name);
}

static int read_fits(struct reader *r, const struct yml *v, void *to)
{
	struct runbook *book = to;

	if (reader_list(r, v, "fits", &book->fits, &book->n_fits) != 0)
		return -1;
	for (size_t i = 0; i < book->n_fits; i++) {
		const char *name = book->fits[i];

		if (str_starts(name, LAYER) ? check_layer(r, v->items[i], name + strlen(LAYER))
					    : check_rule(r, v->items[i], name))
			return -1;
	}
	return 0;
}

/* ---- the whole ---- */

static int read_require(struct reader *r, const struct yml *v, void *to)
{
	r->words = WORDS_RUN;
	return reader_guards(r, v, PLACE_REQUIRE, &((struct runbook *)to)->require);
}

static const struct reader_key keys[] = {
	{.key = "schema", .read = read_schema, .required = true},
	{.key = "id", .read = read_id, .required = true},
	{.key = "replaces", .read = read_replaces},
	{.key = "title", .read = read_title, .required = true},
	{.key = "about", .read = read_about},
	{.key = "fits", .read = read_fits},
	{.key = "inputs", .read = reader_inputs},
	{.key = "require", .read = read_require},
	{.key = "steps", .read = reader_steps, .required = true},
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

static bool owes_before(const struct runbook *r, size_t step, const char *kind)
{
	for (size_t i = 0; i < step; i++)
		if (r->steps[i].place || str_eq(r->steps[i].owes, kind))
			return true;
	return false;
}

int runbook_read_debts(const struct runbook *r, struct err *e)
{
	for (size_t i = 0; i < r->n_steps; i++) {
		const struct runbook_step *s = &r->steps[i];

		if (s->pays && !owes_before(r, i, s->pays))
			return err_set(e, ERR_INPUT,
				_("%s:%d:%d: the step \"%s\" pays \"%s\", which no step before it "
				  "owes"),
				r->file, s->line, s->column, s->id, s->pays);
	}
	return 0;
}

static int read_book(struct reader *r)
{
	const struct yml *root = yml_root(r->doc);
	const char *what = _("a runbook");

	if (yml_alone(r->doc, r->e) != 0 || reader_know(r, root, keys, N_KEYS, NULL, what) != 0 ||
		reader_rows(r, root, keys, N_KEYS, r->book, what) != 0)
		return -1;
	return runbook_read_debts(r->book, r->e);
}

static void take_digest(struct runbook *book, const char *text, size_t n)
{
	unsigned char digest[SHA_BYTES];
	char hex[SHA_HEX];

	sha_of(text, n, digest);
	str_copy(book->digest, sizeof(book->digest), sha_hex(digest, hex));
}

struct runbook *runbook_read(const char *text, size_t n, const char *file, struct err *e)
{
	struct reader r = {.e = e, .words = WORDS_NONE};
	struct yml_doc *doc;

	if (n > RUNBOOK_BYTES) {
		err_set(e, ERR_LIMIT, _("%s:1:1: a runbook has at most %u bytes: this has %zu"),
			file, RUNBOOK_BYTES, n);
		return NULL;
	}
	doc = yml_parse(text, n, file, e);
	if (!doc)
		return NULL;
	r.doc = doc;
	r.book = mem_new(struct runbook);
	r.book->refs = 1;
	r.book->file = mem_str(file);
	take_digest(r.book, text, n);
	if (read_book(&r) != 0) {
		runbook_unref(r.book);
		r.book = NULL;
	}
	yml_free(doc);
	return r.book;
}
