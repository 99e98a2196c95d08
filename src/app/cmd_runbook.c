/* `k911 runbook`: what there is to run, what it would do, and whether a team's own can be used. Every
 * verb is a row. */
#include "commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/runbook_drive.h"
#include "app/runbook_show.h"
#include "app/session.h"
#include "base/i18n.h"
#include "base/nearest.h"
#include "base/str.h"

#define PRINT_MAX (16u << 20)

/* One call of the command: its options, its arguments. */
struct runbook_call {
	struct globals *g;
	char **args;
	int n_args;
	const char *output; /* as it was said; NULL: not given */
	bool json;
	struct runbook_order order; /* of what is run */
	bool too_many;              /* words of one option */
};

static void print(struct buf *out)
{
	fwrite(buf_text(out), 1, out->len, stdout);
	buf_done(out);
}

/* What is broken is told to people, and in JSON stands in the document. */
static int verb_list(struct runbook_call *c)
{
	struct runbook_set *s = session_runbooks();
	int rc = runbook_set_broken(s) > 0 ? EXIT_WARNING : EXIT_OK;
	struct buf out;

	buf_init(&out, PRINT_MAX);
	if (c->json)
		runbook_list_json(&out, s);
	else
		runbook_list_text(&out, s);
	print(&out);
	fflush(stdout);
	for (size_t i = 0; !c->json && i < runbook_set_broken(s); i++)
		fprintf(stderr, "k911: %s\n", runbook_set_trouble(s, i));
	runbook_set_unref(s);
	return rc;
}

static int no_such_runbook(const struct runbook_set *s, const char *id)
{
	const char *near = runbook_set_nearest(s, id);

	if (near)
		return usage_error(_("there is no runbook \"%s\"; did you mean \"%s\"?"), id, near);
	return usage_error(_("there is no runbook \"%s\": `k911 runbook list` names them"), id);
}

static int verb_show(struct runbook_call *c)
{
	struct runbook_set *s = session_runbooks();
	const struct runbook *r = runbook_set_find(s, c->args[0]);
	struct buf out;
	int rc = r ? EXIT_OK : no_such_runbook(s, c->args[0]);

	buf_init(&out, PRINT_MAX);
	if (r && c->json)
		runbook_show_json(&out, r);
	else if (r)
		runbook_show_text(&out, r);
	print(&out);
	runbook_set_unref(s);
	return rc;
}

static int verb_words(struct runbook_call *c)
{
	struct buf out;

	buf_init(&out, PRINT_MAX);
	if (c->json)
		runbook_show_words_json(&out);
	else
		runbook_show_words(&out);
	print(&out);
	return EXIT_OK;
}

static int verb_check(struct runbook_call *c)
{
	char *dir = session_runbook_dir();
	int rc = EXIT_OK;

	for (int i = 0; i < c->n_args; i++) {
		struct err e;

		if (runbook_set_check(&runbook_files, dir, c->args[i], &e) == 0) {
			printf(_("%s: ok\n"), c->args[i]);
			continue;
		}
		fflush(stdout);
		complain(&e);
		rc = EXIT_INPUT;
	}
	free(dir);
	return rc;
}

/* ---- what needs a cluster ---- */

static int drive(struct runbook_call *c, enum command_kind kind)
{
	c->order.kind = kind;
	c->order.name = c->n_args > 0 ? c->args[0] : "";
	c->order.json = c->json;
	return runbook_drive(c->g, &c->order);
}

/* A name that is none is told before a cluster is asked anything. */
static int drive_runbook(struct runbook_call *c, enum command_kind kind)
{
	struct runbook_set *s = session_runbooks();
	int rc = runbook_set_find(s, c->args[0]) ? EXIT_OK : no_such_runbook(s, c->args[0]);

	runbook_set_unref(s);
	return rc == EXIT_OK ? drive(c, kind) : rc;
}

static int verb_plan(struct runbook_call *c)
{
	return drive_runbook(c, COMMAND_PLAN);
}

static int verb_run(struct runbook_call *c)
{
	return drive_runbook(c, COMMAND_RUN);
}

static int verb_resume(struct runbook_call *c)
{
	return drive(c, COMMAND_RESUME);
}

static int verb_debts(struct runbook_call *c)
{
	return drive(c, COMMAND_NONE);
}

static const struct verb {
	const char *name;
	int least, most; /* arguments */
	const char *usage;
	int (*run)(struct runbook_call *c); /* an exit code */
} verbs[] = {
	{"list", 0, 0, "", verb_list},
	{"show", 1, 1, "ID", verb_show},
	{"words", 0, 0, "", verb_words},
	{"check", 1, 10000, "FILE...", verb_check},
	{"plan", 1, 1, "ID [--set NAME=VALUE]...", verb_plan},
	{"run", 1, 1, "ID [--set NAME=VALUE]... [--yes] [--confirm NAME]...", verb_run},
	{"resume", 1, 1, "RUN [--yes] [--confirm NAME]...", verb_resume},
	{"debts", 0, 0, "", verb_debts},
};

#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static const struct verb *find_verb(const char *word)
{
	for (size_t i = 0; i < N_VERBS; i++)
		if (str_eq(word, verbs[i].name))
			return &verbs[i];
	return NULL;
}

static int no_such_verb(const char *word)
{
	const char *near = word ? NEAREST_ROW(word, verbs, N_VERBS) : NULL;
	struct buf list;
	int rc;

	if (near)
		return usage_error(_("runbook knows no \"%s\"; did you mean \"%s\"?"), word, near);
	buf_init(&list, 1000);
	for (size_t i = 0; i + 1 < N_VERBS; i++)
		buf_fmt(&list, "%s%s", i > 0 ? _(", ") : "", verbs[i].name);
	rc = usage_error(
		_("runbook needs a word: %s or %s"), buf_text(&list), verbs[N_VERBS - 1].name);
	buf_done(&list);
	return rc;
}

static void add(
	struct runbook_call *c, const char *words[ORDER_WORDS], size_t *n, const char *value)
{
	if (*n < ORDER_WORDS)
		words[(*n)++] = value;
	else
		c->too_many = true;
}

static void take(void *to, const char *name, const char *value)
{
	struct runbook_call *c = to;

	if (str_eq(name, "output"))
		c->output = value;
	else if (str_eq(name, "yes"))
		c->order.yes = true;
	else if (str_eq(name, "set"))
		add(c, c->order.sets, &c->order.n_sets, value);
	else if (str_eq(name, "confirm"))
		add(c, c->order.confirms, &c->order.n_confirms, value);
}

int command_runbook(struct globals *g, const struct command_row *self, int argc, char **argv)
{
	struct runbook_call c = {.g = g};
	const struct verb *v;
	struct err e;
	int first, rc = options_read(g, self, argc, argv, take, &c, &first);

	if (rc != 0)
		return rc - 1;
	if (globals_config(g, &e) != 0)
		return complain(&e);
	v = first < argc ? find_verb(argv[first]) : NULL;
	if (!v)
		return no_such_verb(first < argc ? argv[first] : NULL);
	c.args = argv + first + 1;
	c.n_args = argc - first - 1;
	if (c.n_args < v->least || c.n_args > v->most)
		return usage_error(_("usage: k911 runbook %s %s"), v->name, v->usage);
	if (c.output && !str_eq(c.output, "text") && !str_eq(c.output, "json") &&
		!str_eq(c.output, "jsonl"))
		return usage_error(_("-o %s: choose text, json or jsonl"), c.output);
	if (c.too_many)
		return usage_error(_("at most %d of one option"), ORDER_WORDS);
	c.json = c.output && !str_eq(c.output, "text");
	return v->run(&c);
}
