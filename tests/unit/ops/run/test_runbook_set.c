/* Runbooks in each other's company: the built-in ones, the team's own beside them, steps put in
 * their places, what fits a snapshot, and that no broken file hides another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "help/samples.h"
#include "io/file.h"
#include "ops/run/run_word.h"
#include "ops/run/runbook_defaults.h"
#include "ops/run/runbook_set.h"
#include "ops/run/runbook_value.h"

#define HEAD(id) "schema: k911/runbook/v1\nid: " id "\ntitle: The " id "\n"
#define WAIT     "steps:\n- {id: rest, do: wait, title: Rest, for: 1s}\n"
#define PLACE(id, with)                                                                            \
	"steps:\n- {id: first, do: wait, title: Rest, for: 1s}\n- {id: again, do: runbook, "       \
	"run: " id with "}\n- {id: last, do: wait, title: Rest, for: 1s}\n"

static const char restart[] =
	HEAD("restart") "inputs:\n"
			"  node: {type: node, default: not-ready}\n"
			"  how: {type: choice, choices: [soft, hard], default: soft}\n"
			"  note: {type: text, optional: true}\n"
			"require: [node-reachable]\n"
			"steps:\n"
			"- id: go\n"
			"  do: node.run\n"
			"  on: \"{node}\"\n"
			"  title: \"{{Go}} {target} {run}\"\n"
			"  argv: [go, \"{how}\", \"{note}\"]\n"
			"  require: [kubelet-ready]\n"
			"  confirm: {type: \"{node}\"}\n"
			"  verify: {guard: kubelet-ready, within: 9s, else: \"see {node}\"}\n"
			"- id: others\n"
			"  do: node.run\n"
			"  on: {all: other-control-plane}\n"
			"  title: Others\n"
			"  argv: [\"true\"]\n";

/* ---- a team's directory ---- */

struct team {
	char dir[32];
	struct embedded_file files[8];
	struct embedded_files builtin;
	struct runbook_set *set;
};

static void team_init(struct team *t)
{
	*t = (struct team){.dir = "/tmp/k911-test-XXXXXX"};
	assert_non_null(mkdtemp(t->dir));
	t->builtin.at = t->files;
}

static void team_done(struct team *t)
{
	char command[64];

	runbook_set_unref(t->set);
	snprintf(command, sizeof(command), "rm -r %s", t->dir);
	assert_int_equal(system(command), 0);
}

static void add_builtin(struct team *t, const char *id, const char *text)
{
	t->files[t->builtin.n++] = (struct embedded_file){id, text, strlen(text)};
}

static char *path_of(const struct team *t, const char *file)
{
	return str_fmt("%s/%s", t->dir, file);
}

static void add_own(const struct team *t, const char *file, const char *text)
{
	char *path = path_of(t, file);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	chmod(path, 0600);
	free(path);
}

static void load(struct team *t)
{
	runbook_set_unref(t->set);
	t->set = runbook_set_load(&t->builtin, t->dir);
}

/* The only trouble there is, without the directory before it. */
static const char *only_trouble(const struct team *t)
{
	const char *text;

	assert_int_equal(runbook_set_broken(t->set), 1);
	text = runbook_set_trouble(t->set, 0);
	return str_starts(text, t->dir) ? text + strlen(t->dir) + 1 : text;
}

static void assert_trouble(struct team *t, const char *what)
{
	load(t);
	for (size_t i = 0; i < runbook_set_broken(t->set); i++)
		if (strstr(runbook_set_trouble(t->set, i), what))
			return;
	fail_msg("no trouble \"%s\" but \"%s\"", what,
		runbook_set_broken(t->set) ? runbook_set_trouble(t->set, 0) : "none");
}

/* ---- what is built in ---- */

static void test_every_built_in_runbook_is_good(void **state)
{
	struct runbook_set *s = runbook_set_load(&runbook_files, NULL);

	(void)state;
	for (size_t i = 0; i < runbook_set_broken(s); i++)
		print_error("%s\n", runbook_set_trouble(s, i));
	assert_int_equal(runbook_set_broken(s), 0);
	assert_int_equal(runbook_set_count(s), runbook_files.n);
	assert_non_null(runbook_set_find(s, "kubelet-restart"));
	assert_string_equal(runbook_set_nearest(s, "kubelet-restrat"), "kubelet-restart");
	runbook_set_unref(s);
}

static void assert_both(const char *id, const char *what, const struct said *s)
{
	if ((s->en && !s->zh) || (s->zh && !s->en))
		fail_msg("%s: %s is said in one language only", id, what);
}

/* People read what a step will do, what can go wrong and how it is undone before they agree. */
static void test_every_built_in_runbook_says_what_it_does_in_both_languages(void **state)
{
	struct runbook_set *s = runbook_set_load(&runbook_files, NULL);

	(void)state;
	for (size_t i = 0; i < runbook_set_count(s); i++) {
		const struct runbook *r = runbook_set_at(s, i);

		assert_both(r->id, "title", &r->title);
		assert_non_null(r->about.en);
		assert_both(r->id, "about", &r->about);
		for (size_t k = 0; k < r->n_inputs; k++)
			assert_both(r->id, r->inputs[k].name, &r->inputs[k].ask);
		for (size_t k = 0; k < r->n_steps; k++) {
			const struct runbook_step *step = &r->steps[k];

			assert_both(r->id, step->id, &step->title);
			assert_both(r->id, step->id, &step->impact);
			assert_both(r->id, step->id, &step->risk);
			assert_both(r->id, step->id, &step->undo);
			if (step->confirm != CONFIRM_NONE &&
				(!step->impact.en || !step->undo.en || !step->show))
				fail_msg("%s: %s asks, and does not tell impact, undo and command",
					r->id, step->id);
		}
	}
	runbook_set_unref(s);
}

/* ---- the team's own ---- */

static void test_a_broken_file_hides_none_of_its_neighbours(void **state)
{
	struct team t;

	(void)state;
	team_init(&t);
	add_builtin(&t, "base", HEAD("base") WAIT);
	add_own(&t, "a.yaml", HEAD("a") WAIT);
	add_own(&t, "b.yaml", HEAD("b") "stpes: []\n");
	add_own(&t, "c.yaml", HEAD("c") WAIT);
	add_own(&t, ".c.yaml", "an editor's");
	add_own(&t, "c.yaml~", "an editor's");
	load(&t);
	assert_int_equal(runbook_set_count(t.set), 3);
	assert_string_equal(runbook_set_at(t.set, 0)->id, "a");
	assert_string_equal(runbook_set_at(t.set, 1)->id, "base");
	assert_string_equal(runbook_set_at(t.set, 2)->id, "c");
	assert_true(runbook_set_at(t.set, 1)->builtin);
	assert_false(runbook_set_at(t.set, 2)->builtin);
	assert_string_equal(only_trouble(&t),
		"b.yaml:4:1: unknown key \"stpes\" in a runbook; did you mean \"steps\"?");
	team_done(&t);
}

static void test_no_directory_is_no_trouble(void **state)
{
	struct team t;

	(void)state;
	team_init(&t);
	add_builtin(&t, "base", HEAD("base") WAIT);
	t.set = runbook_set_load(&t.builtin, "/nowhere/k911");
	assert_int_equal(runbook_set_count(t.set), 1);
	assert_int_equal(runbook_set_broken(t.set), 0);
	team_done(&t);
}

static void test_a_directory_that_cannot_be_read_is_told(void **state)
{
	struct team t;
	char *file;

	(void)state;
	team_init(&t);
	add_builtin(&t, "base", HEAD("base") WAIT);
	add_own(&t, "runbooks", "a file");
	file = path_of(&t, "runbooks");
	t.set = runbook_set_load(&t.builtin, file);
	assert_int_equal(runbook_set_count(t.set), 1);
	assert_string_equal(only_trouble(&t), "runbooks: Not a directory");
	free(file);
	team_done(&t);
}

static void test_more_files_than_are_read_are_told(void **state)
{
	struct team t;
	char name[16];

	(void)state;
	team_init(&t);
	for (int i = 0; i <= 500; i++) {
		snprintf(name, sizeof(name), "r%d.yaml", i);
		add_own(&t, name, "");
	}
	assert_trouble(&t, ": more than 500 runbooks: the others are not read");
	team_done(&t);
}

static void test_what_others_may_write_is_not_run(void **state)
{
	struct team t;
	char *path;

	(void)state;
	team_init(&t);
	add_own(&t, "a.yaml", HEAD("a") WAIT);
	path = path_of(&t, "a.yaml");
	chmod(path, 0622);
	load(&t);
	assert_int_equal(runbook_set_count(t.set), 0);
	assert_string_equal(
		only_trouble(&t), "a.yaml may be written by its group or by others: chmod go-w it");
	free(path);
	team_done(&t);
}

static void test_what_is_no_file_or_no_yaml_by_name_is_told(void **state)
{
	struct team t;
	char *pipe;

	(void)state;
	team_init(&t);
	add_own(&t, "a.yml", HEAD("a") WAIT);
	assert_trouble(&t, "a.yml: the name of a runbook's file ends with .yaml");
	pipe = path_of(&t, "b.yaml");
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_trouble(&t, "b.yaml is not a file");
	add_own(&t, "c.d.yaml", HEAD("c") WAIT);
	assert_trouble(&t, "c.d.yaml:2:5: the id must be the file's name: c.d, not c");
	free(pipe);
	team_done(&t);
}

static void test_a_large_file_is_refused_unread(void **state)
{
	struct team t;
	char *path;

	(void)state;
	team_init(&t);
	add_own(&t, "a.yaml", HEAD("a") WAIT);
	path = path_of(&t, "a.yaml");
	assert_int_equal(truncate(path, 5 << 20), 0);
	assert_trouble(&t, "a.yaml:1:1: a runbook has at most 262144 bytes: this has 5242880");
	free(path);
	team_done(&t);
}

static void test_a_built_in_one_is_replaced_only_where_that_is_said(void **state)
{
	struct team t;

	(void)state;
	team_init(&t);
	add_builtin(&t, "base", HEAD("base") WAIT);
	add_builtin(&t, "upon", HEAD("upon") PLACE("base", ""));
	add_own(&t, "base.yaml", HEAD("base") WAIT);
	load(&t);
	assert_string_equal(only_trouble(&t),
		"base.yaml:1:1: there is a built-in runbook base: choose "
		"another id, or write `replaces: built-in`");
	assert_true(runbook_set_find(t.set, "base")->builtin);
	add_own(&t, "base.yaml",
		HEAD("base") "replaces: built-in\ninputs: {node: {type: node}}\n" WAIT);
	load(&t);
	assert_int_equal(runbook_set_broken(t.set), 0);
	assert_int_equal(runbook_set_count(t.set), 2);
	assert_false(runbook_set_find(t.set, "base")->builtin);
	assert_int_equal(runbook_set_find(t.set, "upon")->n_steps, 3);
	add_own(&t, "base.yaml", HEAD("base") "replaces: built-in\n");
	load(&t);
	assert_string_equal(only_trouble(&t), "base.yaml:1:1: a runbook needs the key \"steps\"");
	assert_true(runbook_set_find(t.set, "base")->builtin);
	add_own(&t, "base.yaml", HEAD("base") WAIT "replaces: built-in\n");
	add_own(&t, "alone.yaml", HEAD("alone") WAIT "replaces: built-in\n");
	load(&t);
	assert_string_equal(only_trouble(&t),
		"alone.yaml:1:1: there is no built-in runbook alone to "
		"replace: leave `replaces` out");
	team_done(&t);
}

static void test_a_file_is_checked_beside_all_others(void **state)
{
	struct team t;
	struct err e;
	char *path, *older;

	(void)state;
	team_init(&t);
	add_builtin(&t, "base", HEAD("base") WAIT);
	older = path_of(&t, "old");
	assert_int_equal(mkdir(older, 0700), 0);
	add_own(&t, "old/mine.yaml", HEAD("mine") WAIT);
	add_own(&t, "mine.yaml", HEAD("mine") PLACE("base", ""));
	path = path_of(&t, "mine.yaml");
	chmod(path, 0664); /* as a checkout has it: it is read, not run */
	assert_int_equal(runbook_set_check(&t.builtin, older, path, &e), 0);
	add_own(&t, "mine.yaml", HEAD("mine") PLACE("bsae", ""));
	assert_int_equal(runbook_set_check(&t.builtin, older, path, &e), -1);
	assert_non_null(
		strstr(e.text, "mine.yaml:6:3: there is no runbook \"bsae\"; did you mean"));
	assert_int_equal(e.code, ERR_INPUT);
	unlink(path);
	assert_int_equal(runbook_set_check(&t.builtin, older, path, &e), -1);
	assert_int_equal(e.code, ERR_MISSING);
	free(path);
	free(older);
	team_done(&t);
}

/* ---- steps in their places ---- */

static void test_another_runbooks_steps_stand_in_their_place(void **state)
{
	const struct runbook *r;
	const struct runbook_step *go;
	struct team t;

	(void)state;
	team_init(&t);
	add_builtin(&t, "restart", restart);
	add_own(&t, "mine.yaml",
		HEAD("mine") "inputs: {host: {type: node}}\n" PLACE(
			"restart", ", with: {node: \"{host}\", note: \"{{{host}}}\"}"));
	load(&t);
	assert_int_equal(runbook_set_broken(t.set), 0);
	r = runbook_set_find(t.set, "mine");
	assert_int_equal(r->n_steps, 4);
	go = &r->steps[1];
	assert_string_equal(r->steps[0].id, "first");
	assert_string_equal(go->id, "again/go");
	assert_string_equal(go->title.en, "{{Go}} {target} {run}");
	assert_string_equal(go->target, "{host}");
	assert_string_equal(go->confirm_word, "{host}");
	assert_string_equal(go->deed.args[0].at[1], "soft");
	assert_string_equal(go->deed.args[0].at[2], "{{{host}}}");
	assert_string_equal(go->verify.at[0].otherwise.en, "see {host}");
	assert_int_equal(go->require.n, 2); /* what the runbook requires, before its step's own */
	assert_string_equal(go->require.at[0].word->name, "node-reachable");
	assert_string_equal(go->require.at[0].args[0].at[0], "{host}");
	assert_string_equal(r->steps[2].except, "{host}");
	assert_string_equal(r->steps[3].id, "last");
	assert_string_equal(runbook_set_find(t.set, "restart")->steps[0].target, "{node}");
	team_done(&t);
}

static void test_a_change_of_the_placed_one_changes_the_digest(void **state)
{
	char before[17];
	struct team t;

	(void)state;
	team_init(&t);
	add_own(&t, "inner.yaml", HEAD("inner") WAIT);
	add_own(&t, "mine.yaml", HEAD("mine") PLACE("inner", ""));
	load(&t);
	str_copy(before, sizeof(before), runbook_set_find(t.set, "mine")->digest);
	add_own(&t, "inner.yaml", HEAD("inner") WAIT "# other\n");
	load(&t);
	assert_string_not_equal(before, runbook_set_find(t.set, "mine")->digest);
	team_done(&t);
}

static void test_steps_may_be_placed_in_what_is_placed(void **state)
{
	struct team t;

	(void)state;
	team_init(&t);
	add_own(&t, "c.yaml", HEAD("c") WAIT);
	add_own(&t, "b.yaml", HEAD("b") PLACE("c", ""));
	add_own(&t, "a.yaml", HEAD("a") PLACE("b", ""));
	load(&t);
	assert_int_equal(runbook_set_broken(t.set), 0);
	assert_int_equal(runbook_set_find(t.set, "a")->n_steps, 5);
	assert_string_equal(runbook_set_find(t.set, "a")->steps[2].id, "again/again/rest");
	team_done(&t);
}

static void test_circles_are_named(void **state)
{
	struct team t;

	(void)state;
	team_init(&t);
	add_own(&t, "alone.yaml", HEAD("alone") WAIT);
	add_own(&t, "self.yaml", HEAD("self") PLACE("self", ""));
	add_own(&t, "c1.yaml", HEAD("c1") PLACE("c2", ""));
	add_own(&t, "c2.yaml", HEAD("c2") PLACE("c3", ""));
	add_own(&t, "c3.yaml", HEAD("c3") PLACE("c2", ""));
	assert_trouble(
		&t, "self.yaml:6:3: runbooks that call each other in a circle: self -> self");
	assert_trouble(
		&t, "c3.yaml:6:3: runbooks that call each other in a circle: c2 -> c3 -> c2");
	assert_trouble(&t, "c1.yaml:6:3: the runbook c2 is broken: ");
	assert_int_equal(runbook_set_broken(t.set), 4);
	assert_non_null(runbook_set_find(t.set, "alone"));
	team_done(&t);
}

static void test_what_does_not_fit_into_its_place_is_refused_there(void **state)
{
	static const char inputs[] =
		HEAD("mine") "inputs: {host: {type: node}, path: {type: file}, "
			     "way: {type: choice, choices: [soft, slow]}, "
			     "maybe: {type: node, optional: true}}\n";
	static const struct {
		const char *steps, *what;
	} rows[] = {
		{PLACE("restart", ""),
			"mine.yaml:7:3: restart needs its input \"node\": give the step "
			"with: {node: ...}"},
		{PLACE("restart", ", with: {nod: m1}"),
			"mine.yaml:7:49: restart has no input \"nod\"; did you mean \"node\"?"},
		{PLACE("restart", ", with: {node: \"m1;x\"}"),
			"mine.yaml:7:49: node: not \"m1;x\""},
		{PLACE("restart", ", with: {node: \"{path}\"}"),
			"\"node\" of restart is a node, but {path} is a file"},
		{PLACE("restart", ", with: {node: \"{maybe}\"}"),
			"\"node\" of restart needs a value, but {maybe} is optional"},
		{PLACE("restart", ", with: {node: \"x-{host}\"}"),
			"\"node\" of restart is a node: give it a value, or an input of that type"},
		{PLACE("restart", ", with: {node: \"{run}\"}"), "\"node\" of restart is a node"},
		{PLACE("restart", ", with: {node: m1, how: \"{way}\"}"),
			"\"how\" of restart has not all the choices of {way}"},
		{PLACE("restart", ", with: {node: m1, how: sfot}"),
			"how: \"sfot\" is none of its choices; did you mean \"soft\"?"},
		{PLACE("many", ""),
			"mine.yaml:7:3: 66 steps with those of many: a runbook has at most 64"},
		{PLACE("lengthy", ""), "is too long: shorten the first"},
		{PLACE("inner", "") "- {id: p, do: wait, title: P, for: 1s, pays: other}\n",
			"mine.yaml:9:3: the step \"p\" pays \"other\", which no step before it "
			"owes"},
		{"require: {guard: kubelet-ready, node: m1, offer: restrat}\n" WAIT,
			"there is no runbook \"restrat\" to offer; did you mean \"restart\"?"},
	};
	struct buf many;
	struct team t;

	(void)state;
	team_init(&t);
	buf_init(&many, 1 << 16);
	buf_puts(&many, HEAD("many") "steps:\n");
	for (int i = 0; i < 64; i++)
		buf_fmt(&many, "- {id: s%d, do: wait, title: S, for: 1s}\n", i);
	add_builtin(&t, "restart", restart);
	add_own(&t, "inner.yaml", HEAD("inner") WAIT);
	add_own(&t, "many.yaml", buf_text(&many));
	add_own(&t, "lengthy.yaml",
		HEAD("lengthy") "steps:\n- {id: "
				"a23456789-123456789-123456789-123456789-123456789-12345678, "
				"do: wait, title: S, for: 1s}\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = str_fmt("%s%s", inputs, rows[i].steps);

		add_own(&t, "mine.yaml", text);
		assert_trouble(&t, rows[i].what);
		assert_int_equal(runbook_set_broken(t.set), 1);
		free(text);
	}
	buf_done(&many);
	team_done(&t);
}

/* ---- what the snapshot answers ---- */

static void assert_default(const struct snapshot *s, const char *word, const char *value)
{
	char now[RUN_VALUE];

	runbook_default_value(word, s, now, sizeof(now));
	assert_string_equal(now, value);
}

static void test_defaults_come_out_of_the_snapshot(void **state)
{
	struct snapshot *s = sample_broken(), *well = sample_healthy();

	(void)state;
	assert_default(s, "not-ready", "w3");
	assert_default(s, "not-ready-control-plane", "m2");
	assert_default(s, "failed-member", "m2");
	assert_default(s, "silent-apiserver", "m2");
	assert_default(s, "m7", "m7");
	assert_default(well, "not-ready", "");
	assert_default(well, "failed-member", "");
	assert_default(well, "silent-apiserver", "");
	assert_default(well, "first-broken", "");
	snapshot_unref(s);
	snapshot_unref(well);
}

static void test_the_first_broken_layer_names_its_node(void **state)
{
	struct snapshot *s = sample_broken();
	struct layer_board *b = &s->layers;

	(void)state;
	assert_true(b->broken);
	assert_default(s, "first-broken", b->nodes[b->first_node].name);
	b->first_node = -1; /* the load balancer */
	assert_default(s, "first-broken", "");
	snapshot_unref(s);
}

static void test_a_name_that_is_none_is_no_default(void **state)
{
	struct snapshot *s = sample_broken();

	(void)state;
	for (size_t i = 0; i < s->etcd.n; i++)
		str_copy(s->etcd.members[i].name, sizeof(s->etcd.members[i].name),
			"-oProxyCommand=x");
	assert_default(s, "failed-member", "");
	snapshot_unref(s);
}

/* ---- the menu ---- */

static const struct runbook_card *card_of(const struct run_board *b, const char *id, size_t *at)
{
	for (*at = 0; *at < b->n_cards; (*at)++)
		if (str_eq(b->cards[*at].id, id))
			return &b->cards[*at];
	fail_msg("no card %s", id);
	return NULL;
}

static void test_what_fits_is_on_top_and_says_why(void **state)
{
	struct run_board *b = mem_new(struct run_board);
	struct snapshot *s = sample_broken();
	const struct runbook_card *card;
	struct team t;
	char *layered, *ruled;
	size_t at;

	(void)state;
	severity_judge(&s->verdict, s);
	assert_true(s->verdict.n > 1);
	team_init(&t);
	add_own(&t, "a-idle.yaml", HEAD("a-idle") WAIT);
	ruled = str_fmt(HEAD("b-rule") "fits: [%s]\n" WAIT, rule_name(s->verdict.reasons[0].rule));
	add_own(&t, "b-rule.yaml", ruled);
	layered = str_fmt(
		HEAD("c-layer") "fits: [\"layer:%s\"]\ninputs: {node: {type: node, default: "
				"not-ready, ask: Which?}, how: {type: choice, choices: [a, "
				"b]}}\n" WAIT,
		layer_name(s->layers.first));
	add_own(&t, "c-layer.yaml", layered);
	add_own(&t, "d-broken.yaml", "x");
	load(&t);
	b->refs = 1;
	runbook_set_cards(t.set, s, b);
	assert_int_equal(b->n_cards, 3);
	card = card_of(b, "c-layer", &at);
	assert_int_equal(at, 0);
	assert_true(card->fits);
	assert_string_equal(card->why, s->layers.first_text);
	assert_string_equal(card->inputs[0].value, "w3");
	assert_string_equal(card->inputs[0].ask, "Which?");
	assert_string_equal(card->inputs[1].ask, "how");
	assert_string_equal(card->inputs[1].choices[1], "b");
	card = card_of(b, "b-rule", &at);
	assert_int_equal(at, 1);
	assert_string_equal(card->why, s->verdict.reasons[0].text);
	card = card_of(b, "a-idle", &at);
	assert_int_equal(at, 2);
	assert_false(card->fits);
	assert_non_null(strstr(b->trouble, "d-broken.yaml:1:1: "));
	run_board_unref(b);
	snapshot_unref(s);
	free(layered);
	free(ruled);
	team_done(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_built_in_runbook_is_good),
		cmocka_unit_test(test_every_built_in_runbook_says_what_it_does_in_both_languages),
		cmocka_unit_test(test_a_broken_file_hides_none_of_its_neighbours),
		cmocka_unit_test(test_no_directory_is_no_trouble),
		cmocka_unit_test(test_a_directory_that_cannot_be_read_is_told),
		cmocka_unit_test(test_more_files_than_are_read_are_told),
		cmocka_unit_test(test_what_others_may_write_is_not_run),
		cmocka_unit_test(test_what_is_no_file_or_no_yaml_by_name_is_told),
		cmocka_unit_test(test_a_large_file_is_refused_unread),
		cmocka_unit_test(test_a_built_in_one_is_replaced_only_where_that_is_said),
		cmocka_unit_test(test_a_file_is_checked_beside_all_others),
		cmocka_unit_test(test_another_runbooks_steps_stand_in_their_place),
		cmocka_unit_test(test_a_change_of_the_placed_one_changes_the_digest),
		cmocka_unit_test(test_steps_may_be_placed_in_what_is_placed),
		cmocka_unit_test(test_circles_are_named),
		cmocka_unit_test(test_what_does_not_fit_into_its_place_is_refused_there),
		cmocka_unit_test(test_defaults_come_out_of_the_snapshot),
		cmocka_unit_test(test_the_first_broken_layer_names_its_node),
		cmocka_unit_test(test_a_name_that_is_none_is_no_default),
		cmocka_unit_test(test_what_fits_is_on_top_and_says_why),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	samples_done();
	return rc;
}
