/* The grammar of runbooks: what it makes of a good one, and that each thing that can be wrong with
 * one is refused where it stands, with what to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "ops/run/run_word.h"
#include "ops/run/run_words.h"
#include "ops/run/runbook_fill.h"
#include "ops/run/runbook_read.h"

#define HEAD  "schema: k911/runbook/v1\nid: mine\ntitle: Mine\n"
#define NODE  "inputs: {node: {type: node, default: not-ready, ask: Which?}}\n"
#define MAYBE "inputs: {n: {type: node, optional: true}, m: {type: text, optional: true}}\n"
#define STEP  "steps:\n- id: a\n  do: wait\n  title: A\n  for: 1s\n"
#define LONG                                                                                       \
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567" \
	"890123456789"
#define RUN "steps:\n- id: a\n  do: node.run\n  title: A\n  on: \"{node}\"\n  argv: [\"true\"]\n"

static struct runbook *read_text(const char *text, struct err *e)
{
	err_clear(e);
	return runbook_read(text, strlen(text), "mine.yaml", e);
}

static struct runbook *read_good(const char *text)
{
	struct err e;
	struct runbook *r = read_text(text, &e);

	if (!r)
		fail_msg("refused: %s", e.text);
	return r;
}

static void speak(const char *language)
{
	setenv("LANGUAGE", language, 1);
	setlocale(LC_ALL, "C.UTF-8");
	bindtextdomain("k911", LOCALE_DIR);
	textdomain("k911");
}

/* ---- what is read ---- */

static const char whole[] =
	"schema: k911/runbook/v1\n"
	"id: mine\n"
	"title: {en: Restart it, zh: 重启}\n"
	"about: It {{helps}}.\n"
	"fits: [worker-not-ready, \"layer:kubelet\"]\n"
	"inputs:\n"
	"  node: {type: node, default: not-ready, ask: {en: Which node?, zh: 哪个节点？}}\n"
	"  how: {type: choice, choices: [soft, hard], default: soft}\n"
	"  note: {type: text, optional: true}\n"
	"require: [node-reachable, {guard: kubelet-ready, not: true, else: It is well, offer: "
	"other}]\n"
	"steps:\n"
	"- id: restart\n"
	"  title: {en: \"Restart on {target}\", zh: \"重启 {target}\"}\n"
	"  do: node.run\n"
	"  on: \"{node}\"\n"
	"  argv: [systemctl, restart, \"{how}\", \"two words\"]\n"
	"  show: ssh {node} systemctl restart kubelet\n"
	"  when: node-reachable\n"
	"  require: [{guard: kubelet-ready, node: m1, not: true}]\n"
	"  confirm: {type: \"{node}\"}\n"
	"  impact: Nothing stops.\n"
	"  risk: {en: None, zh: 没有}\n"
	"  undo: none\n"
	"  verify: {guard: kubelet-ready, within: 1m30s}\n"
	"  timeout: 45s\n"
	"  retry: 2\n"
	"  owes: kubelet-stopped\n"
	"- id: rest\n"
	"  title: Rest\n"
	"  do: wait\n"
	"  on: {each: other-control-plane}\n"
	"  for: 5s\n"
	"  show: [sleep, \"5\"]\n"
	"  pays: kubelet-stopped\n"
	"- id: again\n"
	"  do: runbook\n"
	"  run: other\n"
	"  on: \"{node}\"\n"
	"  with: {node: \"{target}\"}\n";

static void test_a_whole_runbook_is_read_as_it_is_written(void **state)
{
	struct runbook *r = read_good(whole);
	const struct runbook_step *s = &r->steps[0];

	(void)state;
	assert_string_equal(r->id, "mine");
	assert_string_equal(r->title.zh, "重启");
	assert_string_equal(said_text(&r->about), "It {helps}.");
	assert_int_equal(r->n_fits, 2);
	assert_int_equal(r->n_inputs, 3);
	assert_string_equal(r->inputs[0].fallback, "not-ready");
	assert_string_equal(r->inputs[1].choices[1], "hard");
	assert_true(r->inputs[2].optional);
	assert_int_equal(r->require.n, 2);
	assert_string_equal(r->require.at[0].args[0].at[0], "{node}");
	assert_true(r->require.at[1].negated);
	assert_string_equal(r->require.at[1].offer, "other");
	assert_int_equal(r->n_steps, 3);
	assert_string_equal(s->deed.word->name, "node.run");
	assert_int_equal(s->deed.args[0].n, 4);
	assert_string_equal(s->deed.args[0].at[3], "two words");
	assert_int_equal(s->on, ON_ONE);
	assert_string_equal(s->target, "{node}");
	assert_int_equal(s->when.n, 1);
	assert_int_equal(s->when.at[0].args[0].n, 0); /* the target */
	assert_string_equal(s->require.at[0].args[0].at[0], "m1");
	assert_int_equal(s->confirm, CONFIRM_TYPED);
	assert_string_equal(s->confirm_word, "{node}");
	assert_string_equal(s->undo.en, "none");
	assert_int_equal(s->verify.at[0].within_ms, 90000);
	assert_int_equal(s->timeout_ms, 45000);
	assert_int_equal(s->retry, 2);
	assert_string_equal(s->owes, "kubelet-stopped");
	assert_int_equal(s->line, 12);
	assert_int_equal(r->steps[1].on, ON_EACH);
	assert_int_equal(r->steps[1].among, SET_OTHER_CONTROL_PLANE);
	assert_string_equal(r->steps[1].except, "{node}");
	assert_int_equal(r->steps[1].n_show, 2);
	assert_int_equal(r->steps[1].timeout_ms, 30000);
	assert_string_equal(r->steps[2].place, "other");
	assert_string_equal(r->steps[2].with[0].text, "{target}");
	assert_int_equal(strlen(r->digest), 16);
	runbook_unref(r);
}

static void test_lines_may_end_as_on_other_systems(void **state)
{
	static const char mark[] = "\xEF\xBB\xBF";
	struct buf text;

	(void)state;
	buf_init(&text, 1 << 16);
	buf_puts(&text, mark);
	for (const char *at = whole; *at; at++)
		buf_puts(&text, *at == '\n' ? "\r\n" : (char[]){*at, '\0'});
	runbook_unref(read_good(buf_text(&text)));
	buf_done(&text);
}

static void test_another_text_has_another_digest(void **state)
{
	struct runbook *a = read_good(HEAD STEP), *b = read_good(HEAD STEP "\n"),
		       *c = read_good(HEAD STEP);

	(void)state;
	assert_string_not_equal(a->digest, b->digest);
	assert_string_equal(a->digest, c->digest);
	runbook_unref(a);
	runbook_unref(b);
	runbook_unref(c);
}

/* A changed default would change what a person is asked. */
static void test_what_changes_something_asks_unless_it_is_told_otherwise(void **state)
{
	struct runbook *r = read_good(HEAD NODE RUN);
	const struct run_word *run = run_deed_find("node.run");

	(void)state;
	assert_int_equal(r->steps[0].confirm, run->already ? CONFIRM_YES : CONFIRM_NONE);
	runbook_unref(r);
	r = read_good(HEAD STEP);
	assert_int_equal(r->steps[0].confirm, CONFIRM_NONE);
	runbook_unref(r);
	r = read_good(HEAD STEP "  confirm: \"yes\"\n");
	assert_int_equal(r->steps[0].confirm, CONFIRM_YES);
	runbook_unref(r);
}

static void test_a_sentence_has_its_arguments_in_it(void **state)
{
	struct runbook *r = read_good(whole);
	char *first = runbook_use_text(&r->require.at[0]),
	     *second = runbook_use_text(&r->steps[0].require.at[0]),
	     *third = runbook_use_text(&r->steps[0].verify.at[0]),
	     *fourth = runbook_use_text(&r->steps[1].deed);

	(void)state;
	assert_string_equal(first, "{node} answers by ssh");
	assert_string_equal(second, "it is not so: the node m1 is Ready");
	assert_string_equal(third, "the node {target} is Ready");
	assert_string_equal(fourth, "wait 5s");
	free(first);
	free(second);
	free(third);
	free(fourth);
	runbook_unref(r);
}

/* ---- the words ---- */

static const struct run_word *word_at(size_t i)
{
	size_t guards = 0;

	while (run_guard_at(guards))
		guards++;
	return i < guards ? run_guard_at(i) : run_deed_at(i - guards);
}

/* Keys of the step itself, and of a guard, would hide an argument of the same name. */
static void test_no_word_has_an_argument_that_is_a_key_already(void **state)
{
	static const char *const keys[] = {"id", "do", "on", "title", "show", "when", "require",
		"confirm", "impact", "risk", "undo", "verify", "timeout", "retry", "owes", "pays",
		"guard", "not", "within", "else", "offer", "run", "with"};
	const struct run_word *w;

	(void)state;
	for (size_t i = 0; (w = word_at(i)) != NULL; i++)
		for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++)
			if (run_word_arg(w, keys[k]) >= 0)
				fail_msg("%s: %s", w->name, keys[k]);
}

/* In any language: a translation that loses or invents one would be filled with nothing. */
static void assert_sentence(const struct run_word *w, const char *sentence)
{
	struct runbook_piece p;
	int more;

	while ((more = runbook_piece_next(&sentence, &p)) > 0) {
		char *name = mem_dup(p.at, p.n);

		if (p.word && !str_eq(name, "target") && run_word_arg(w, name) < 0)
			fail_msg("%s: its sentence has {%s}", w->name, name);
		free(name);
	}
	assert_int_equal(more, 0);
}

static void test_a_words_sentence_tells_only_of_its_arguments(void **state)
{
	const struct run_word *w;

	(void)state;
	for (size_t i = 0; (w = word_at(i)) != NULL; i++) {
		speak("en");
		assert_sentence(w, gettext(w->sentence));
		speak("zh_CN");
		assert_sentence(w, gettext(w->sentence));
	}
	speak("en");
}

static void test_a_word_is_a_guard_or_a_deed_and_found_by_its_name(void **state)
{
	const struct run_word *w;

	(void)state;
	for (size_t i = 0; (w = run_guard_at(i)) != NULL; i++) {
		assert_ptr_equal(run_guard_find(w->name), w);
		assert_null(w->act);
	}
	for (size_t i = 0; (w = run_deed_at(i)) != NULL; i++) {
		assert_ptr_equal(run_deed_find(w->name), w);
		assert_null(w->holds);
	}
}

/* ---- what is refused ---- */

static const struct refusal {
	const char *text, *where, *what;
} refusals[] = {
	/* the runbook's own keys */
	{"", "mine.yaml:1:1: ", "a runbook needs the key \"schema\""},
	{"[a]", "mine.yaml:1:1: ", "a runbook must be a map of keys"},
	{"schema: k911/runbook/v2\n", "mine.yaml:1:9: ", "the schema must be k911/runbook/v1"},
	{"schema: k911/runbook/v1\nid: other\n",
		"mine.yaml:2:5: ", "the id must be the file's name: mine, not other"},
	{"schema: k911/runbook/v1\nid: Mine\n",
		"mine.yaml:2:5: ", "must be made of small letters, digits and '-': not \"Mine\""},
	{"schema: k911/runbook/v1\nid: -mine\n", "mine.yaml:2:5: ", "must be made of"},
	{"schema: k911/runbook/v1\nid: [a]\n", "mine.yaml:2:5: ", "must be made of"},
	{"schema: k911/runbook/v1\nid: mine\n" STEP,
		"mine.yaml:1:1: ", "a runbook needs the key \"title\""},
	{HEAD, "mine.yaml:1:1: ", "a runbook needs the key \"steps\""},
	{HEAD "setps: []\n",
		"mine.yaml:4:1: ", "unknown key \"setps\" in a runbook; did you mean \"steps\"?"},
	{HEAD "colour: red\n",
		"mine.yaml:4:1: ", "unknown key \"colour\" in a runbook: its keys are schema, id"},
	{HEAD "id: mine\n", "mine.yaml:4:1: ", "stands in line 2 already"},
	{HEAD "replaces: yes\n" STEP, "mine.yaml:4:11: ", "replaces must be built-in"},
	{"schema: k911/runbook/v1\nid: mine\ntitle: [a]\n",
		"mine.yaml:3:8: ", "title must be a text, or {en: ..., zh: ...}"},
	{"schema: k911/runbook/v1\nid: mine\ntitle: {en: A}\n",
		"mine.yaml:3:8: ", "title needs both en and zh"},
	{"schema: k911/runbook/v1\nid: mine\ntitle: {en: A, cn: B}\n",
		"mine.yaml:3:16: ", "unknown key \"cn\" in title"},
	{"schema: k911/runbook/v1\nid: mine\ntitle: {en: A, zh: [b]}\n",
		"mine.yaml:3:20: ", "title must be a text"},
	{"schema: k911/runbook/v1\nid: mine\ntitle: Restart {node}\n",
		"mine.yaml:3:8: ", "{node}: no word is known yet in this place"},
	{HEAD "fits: worker-not-ready\n", "mine.yaml:4:7: ", "fits must be a list"},
	{HEAD "fits: [worker-not-redy]\n", "mine.yaml:4:8: ",
		"there is no rule \"worker-not-redy\"; did you mean \"worker-not-ready\"?"},
	{HEAD "fits: [sunshine-and-rain]\n", "mine.yaml:4:8: ", "there is no rule"},
	{HEAD "fits: [\"layer:kublet\"]\n",
		"mine.yaml:4:8: ", "there is no layer \"kublet\"; did you mean layer:kubelet?"},
	{HEAD "fits: [[a]]\n", "mine.yaml:4:8: ", "each entry must be a text"},
	/* inputs */
	{HEAD "inputs: [node]\n", "mine.yaml:4:9: ", "inputs must be a map of keys"},
	{HEAD "inputs: {node: node}\n", "mine.yaml:4:16: ", "an input must be a map of keys"},
	{HEAD "inputs: {Node: {type: node}}\n", "mine.yaml:4:10: ", "must be made of"},
	{HEAD "inputs: {target: {type: node}}\n",
		"mine.yaml:4:10: ", "\"target\" is a word of every runbook"},
	{HEAD "inputs: {node: {}}\n", "mine.yaml:4:16: ", "an input needs the key \"type\""},
	{HEAD "inputs: {node: {type: nod}}\n",
		"mine.yaml:4:23: ", "there is no type \"nod\"; did you mean \"node\"?"},
	{HEAD "inputs: {node: {type: [node]}}\n", "mine.yaml:4:23: ", "a type is one of"},
	{HEAD "inputs: {node: {type: node, defualt: m1}}\n",
		"mine.yaml:4:29: ", "did you mean \"default\"?"},
	{HEAD "inputs: {node: {type: node, default: not-redy}}\n", "mine.yaml:4:38: ",
		"there is no default \"not-redy\"; did you mean \"not-ready\"?"},
	{HEAD "inputs: {node: {type: node, default: failed-member}}\n",
		"mine.yaml:4:38: ", "failed-member gives a member, but this input is a node"},
	{HEAD "inputs: {node: {type: node, default: \"-oProxyCommand=x\"}}\n",
		"mine.yaml:4:38: ", "begins with '-'"},
	{HEAD "inputs: {node: {type: node, default: \"m1;reboot\"}}\n",
		"mine.yaml:4:38: ", "a node's name has small letters"},
	{HEAD "inputs: {node: {type: node, default: [m1]}}\n",
		"mine.yaml:4:38: ", "default must be a text"},
	{HEAD "inputs: {node: {type: node, optional: maybe}}\n",
		"mine.yaml:4:39: ", "optional must be true or false"},
	{HEAD "inputs: {how: {type: choice}}\n",
		"mine.yaml:4:15: ", "an input of type choice needs choices"},
	{HEAD "inputs: {how: {type: text, choices: [a]}}\n",
		"mine.yaml:4:37: ", "only an input of type choice has choices"},
	{HEAD "inputs: {how: {type: choice, choices: [a, a]}}\n",
		"mine.yaml:4:43: ", "the choice \"a\" stands here twice"},
	{HEAD "inputs: {how: {type: choice, choices: [soft, hard], default: sotf}}\n",
		"mine.yaml:4:62: ", "\"sotf\" is none of its choices; did you mean \"soft\"?"},
	{HEAD "inputs: {how: {type: choice, choices: [a]}, node: {type: node, ask: \"{how}\"}}\n",
		"mine.yaml:4:69: ", "no word is known yet"},
	{HEAD "inputs: {a: {type: text}, b: {type: text}, c: {type: text}, d: {type: text}, "
	      "e: {type: text}, f: {type: text}, g: {type: text}, h: {type: text}, i: {type: "
	      "text}, "
	      "j: {type: text}, k: {type: text}, l: {type: text}, m: {type: text}}\n",
		"mine.yaml:4:", "more than 12 inputs"},
	/* guards */
	{HEAD NODE "require: node-reachabel\n" STEP, "mine.yaml:5:10: ",
		"unknown guard \"node-reachabel\"; did you mean \"node-reachable\"?"},
	{HEAD NODE "require: [xyzzy]\n" STEP, "mine.yaml:5:11: ", "unknown guard \"xyzzy\""},
	{HEAD NODE "require: []\n" STEP, "mine.yaml:5:10: ", "an empty list of guards"},
	{HEAD NODE "require: [{node: m1}]\n" STEP,
		"mine.yaml:5:11: ", "a guard is a word, or a map like"},
	{HEAD NODE "require: [[a]]\n" STEP, "mine.yaml:5:11: ", "a guard is a word"},
	{HEAD NODE "require: [{guard: kubelet-ready, nodee: m1}]\n" STEP, "mine.yaml:5:34: ",
		"unknown key \"nodee\" in the guard kubelet-ready; did you mean \"node\"?"},
	{HEAD NODE "require: [{guard: kubelet-ready, not: maybe}]\n" STEP,
		"mine.yaml:5:39: ", "not must be true or false"},
	{HEAD NODE "require: [{guard: kubelet-ready, within: 5s}]\n" STEP,
		"mine.yaml:5:34: ", "\"within\" belongs to a verification"},
	{HEAD NODE "require: [{guard: kubelet-ready, offer: Bad}]\n" STEP,
		"mine.yaml:5:41: ", "offer must be made of"},
	{HEAD NODE "require: [{guard: kubelet-ready, else: \"{nod}\"}]\n" STEP,
		"mine.yaml:5:40: ", "{nod} is no input of this runbook; did you mean {node}?"},
	{HEAD NODE "require: [{guard: kubelet-ready, node: \"-x\"}]\n" STEP,
		"mine.yaml:5:40: ", "node: \"-x\" is no node's name"},
	{HEAD NODE "require: [{guard: kubelet-ready, node: [m1]}]\n" STEP,
		"mine.yaml:5:40: ", "node must be a text"},
	{HEAD "inputs: {path: {type: file}}\nrequire: [{guard: kubelet-ready, node: "
	      "\"{path}\"}]\n" STEP,
		"mine.yaml:5:40: ", "node must be a node: the input \"path\" is a file"},
	{HEAD "require: [kubelet-ready]\n" STEP, "mine.yaml:4:11: ", "kubelet-ready: which node?"},
	{HEAD NODE "require: [kubelet-ready, kubelet-ready, kubelet-ready, kubelet-ready, "
		   "kubelet-ready, kubelet-ready, kubelet-ready, kubelet-ready, kubelet-ready, "
		   "kubelet-ready, kubelet-ready, kubelet-ready, kubelet-ready, kubelet-ready, "
		   "kubelet-ready, kubelet-ready, kubelet-ready]\n" STEP,
		"mine.yaml:5:", "more than 16 guards in one list"},
	/* steps */
	{HEAD "steps: {a: b}\n", "mine.yaml:4:8: ", "steps must be a list of steps"},
	{HEAD "steps: []\n", "mine.yaml:4:8: ", "steps must be a list of steps"},
	{HEAD "steps:\n- wait\n", "mine.yaml:5:3: ", "a step must be a map of keys"},
	{HEAD "steps:\n- do: wait\n", "mine.yaml:5:3: ", "a step needs the key \"id\""},
	{HEAD "steps:\n- id: a\n", "mine.yaml:5:3: ", "a step needs the key \"do\""},
	{HEAD "steps:\n- id: \"a/b\"\n", "mine.yaml:5:7: ", "a step's id must be made of"},
	{HEAD "steps:\n- id: a\n  do: node.rnu\n",
		"mine.yaml:6:7: ", "unknown deed \"node.rnu\"; did you mean \"node.run\"?"},
	{HEAD "steps:\n- id: a\n  do: xyzzy\n", "mine.yaml:6:7: ", "unknown deed \"xyzzy\""},
	{HEAD "steps:\n- id: a\n  do: [wait]\n", "mine.yaml:6:7: ", "do must name a deed"},
	{HEAD "steps:\n- id: a\n  do: wait\n  title: A\n",
		"mine.yaml:5:3: ", "wait needs the key \"for\""},
	{HEAD "steps:\n- id: a\n  do: wait\n  for: 1s\n",
		"mine.yaml:5:3: ", "a step of wait needs the key \"title\""},
	{HEAD "steps:\n- id: a\n  do: wait\n  title: A\n  for: soon\n", "mine.yaml:8:8: ",
		"for must be a length of time up to 24h, like 30s or 5m: not \"soon\""},
	{HEAD "steps:\n- id: a\n  do: wait\n  title: A\n  for: 25h\n",
		"mine.yaml:8:8: ", "for must be a length of time up to 24h"},
	{HEAD "steps:\n- id: a\n  do: wait\n  title: A\n  for: [1s]\n",
		"mine.yaml:8:8: ", "for must be a text"},
	{HEAD STEP "  argv: [a]\n", "mine.yaml:9:3: ", "unknown key \"argv\" in a step of wait"},
	{HEAD STEP "  verfy: a\n", "mine.yaml:9:3: ", "did you mean \"verify\"?"},
	{HEAD STEP "- id: a\n  do: wait\n  title: B\n  for: 1s\n",
		"mine.yaml:9:7: ", "the step \"a\" stands in line 5 already"},
	{HEAD NODE "steps:\n- id: a\n  do: node.run\n  title: A\n  argv: [a]\n",
		"mine.yaml:6:3: ", "node.run is done on a machine: the step needs the key \"on\""},
	{HEAD NODE "steps:\n- id: a\n  do: node.run\n  title: A\n  on: m1\n  argv: ls -l\n",
		"mine.yaml:10:9: ", "argv must be a list of texts, like [a, b]"},
	{HEAD NODE "steps:\n- id: a\n  do: node.run\n  title: A\n  on: m1\n  argv: []\n",
		"mine.yaml:10:9: ", "argv must be a list of texts"},
	{HEAD NODE "steps:\n- id: a\n  do: node.run\n  title: A\n  on: m1\n  argv: [a, \"{x}\"]\n",
		"mine.yaml:10:13: ", "{x} is no input of this runbook"},
	{HEAD NODE "steps:\n- id: a\n  do: node.run\n  title: A\n  on: \"{target}\"\n  argv: [a]\n",
		"mine.yaml:9:7: ", "{target} is known only in a step that has the key \"on\""},
	{HEAD NODE "steps:\n- id: a\n  do: node.run\n  title: A\n  on: \"-oProxyCommand=x\"\n"
		   "  argv: [a]\n",
		"mine.yaml:9:7: ", "is no node's name"},
	{HEAD NODE
		"steps:\n- id: a\n  do: node.run\n  title: A\n  on: {each: worker}\n  argv: [a]\n",
		"mine.yaml:9:14: ",
		"there is no set of machines \"worker\"; did you mean \"workers\"?"},
	{HEAD NODE "steps:\n- id: a\n  do: node.run\n  title: A\n  on: {each: nodes, all: nodes}\n"
		   "  argv: [a]\n",
		"mine.yaml:9:7: ", "on is a node, {each: SET}"},
	{HEAD NODE
		"steps:\n- id: a\n  do: node.run\n  title: A\n  on: {every: nodes}\n  argv: [a]\n",
		"mine.yaml:9:8: ", "unknown key \"every\" in on"},
	{HEAD "steps:\n- id: a\n  do: node.run\n  title: A\n  on: {all: other-control-plane}\n"
	      "  argv: [a]\n",
		"mine.yaml:8:13: ", "this runbook has none"},
	{HEAD STEP "  impact: \"{target}\"\n", "mine.yaml:9:11: ", "{target} is known only"},
	{HEAD STEP "  impact: \"{x\"\n", "mine.yaml:9:11: ", "a brace that belongs to no {word}"},
	{HEAD STEP "  impact: \"x}\"\n", "mine.yaml:9:11: ", "a brace that belongs to no {word}"},
	{HEAD STEP "  impact: \"{}\"\n", "mine.yaml:9:11: ", "a brace that belongs to no {word}"},
	{HEAD STEP "  confirm: yes\n",
		"mine.yaml:9:12: ", "confirm: yes without quotes is a truth value in YAML"},
	{HEAD STEP "  confirm: off\n", "mine.yaml:9:12: ", "truth value in YAML"},
	{HEAD STEP "  confirm: typed\n",
		"mine.yaml:9:12: ", "confirm must be \"none\", \"yes\" or {type: WORD}"},
	{HEAD STEP "  confirm: {word: a}\n", "mine.yaml:9:13: ", "unknown key \"word\" in confirm"},
	{HEAD STEP "  confirm: {}\n", "mine.yaml:9:12: ", "confirm needs the key \"type\""},
	{HEAD NODE RUN "  verify: kubelet-ready\n",
		"mine.yaml:11:11: ", "a verification needs \"within\""},
	{HEAD NODE RUN "  verify: []\n", "mine.yaml:11:11: ", "an empty list of guards"},
	{HEAD NODE RUN "  verify: {guard: kubelet-ready, within: 0s}\n",
		"mine.yaml:11:42: ", "within must be a length of time"},
	{HEAD NODE RUN "  when: {guard: kubelet-ready, within: 5s}\n",
		"mine.yaml:11:32: ", "a condition is looked at once"},
	{HEAD NODE RUN "  when: {guard: kubelet-ready, else: x}\n",
		"mine.yaml:11:32: ", "a condition only skips its step"},
	{HEAD NODE RUN "  when: {guard: kubelet-ready, offer: x}\n",
		"mine.yaml:11:32: ", "a condition only skips its step"},
	{HEAD STEP "  timeout: 0s\n", "mine.yaml:9:12: ", "timeout must be a length of time"},
	{HEAD STEP "  timeout: 30\n", "mine.yaml:9:12: ", "timeout must be a length of time"},
	{HEAD STEP "  retry: -1\n", "mine.yaml:9:10: ", "retry must be a whole number"},
	{HEAD STEP "  retry: 1000000\n", "mine.yaml:9:10: ", "retry must be a whole number"},
	{HEAD STEP "  retry: twice\n", "mine.yaml:9:10: ", "retry must be a whole number"},
	{HEAD STEP "  owes: A\n", "mine.yaml:9:9: ", "owes must be made of"},
	{HEAD STEP "  pays: cordoned\n", "mine.yaml:5:3: ",
		"the step \"a\" pays \"cordoned\", which no step before it owes"},
	{HEAD STEP "  owes: cordoned\n  pays: cordoned\n",
		"mine.yaml:5:3: ", "no step before it owes"},
	/* a key without a value is a slip: a guard or a confirmation would go with it */
	{HEAD "require:\n" STEP, "mine.yaml:4:1: ", "the key \"require\" has no value"},
	{HEAD STEP "  confirm:\n", "mine.yaml:9:3: ", "the key \"confirm\" has no value"},
	{HEAD STEP "  confirm: {type: ~}\n", "mine.yaml:9:13: ", "the key \"type\" has no value"},
	{HEAD NODE RUN "  verify: {guard: kubelet-active, within: ~}\n",
		"mine.yaml:11:35: ", "the key \"within\" has no value"},
	{HEAD "inputs: {node: {type: node, default: null}}\n",
		"mine.yaml:4:29: ", "the key \"default\" has no value"},
	/* an input that is left out leaves no target, command or word to type behind */
	{HEAD MAYBE "steps:\n- {id: a, do: wait, title: A, for: 1s, confirm: {type: \"{n}{m}\"}}\n",
		"mine.yaml:6:56: ",
		"type would be empty where the optional input \"m\" is left out"},
	{HEAD MAYBE "steps:\n- {id: a, do: node.run, title: A, on: \"{n}\", argv: [a]}\n",
		"mine.yaml:6:39: ", "on would be empty"},
	{HEAD MAYBE "steps:\n- {id: a, do: node.run, title: A, on: m1, argv: [\"{m}\"]}\n",
		"mine.yaml:6:50: ", "argv would be empty"},
	{HEAD MAYBE "steps:\n- {id: a, do: wait, title: A, for: \"{m}\"}\n",
		"mine.yaml:6:36: ", "for would be empty"},
	{HEAD MAYBE "require: {guard: node-reachable, node: \"{n}\"}\n" STEP,
		"mine.yaml:5:40: ", "node would be empty"},
	/* nor a choice that the argument cannot be */
	{HEAD "inputs: {c: {type: choice, choices: [5s, soon]}}\n"
	      "steps:\n- {id: a, do: wait, title: A, for: \"{c}\"}\n",
		"mine.yaml:6:36: ", "not \"soon\""},
	/* what is done or typed hides nothing */
	{HEAD NODE
		"steps:\n- id: a\n  do: node.run\n  title: A\n  on: m1\n  argv: [a, \"b\\nc\"]\n",
		"mine.yaml:10:13: ", "argv holds a line's end, another control character"},
	{HEAD NODE "steps:\n- id: a\n  do: node.run\n  title: A\n  on: m1\n"
		   "  argv: [a, \"\\u202Eb\"]\n",
		"mine.yaml:10:13: ", "or one that is invisible"},
	{HEAD STEP "  confirm: {type: \"a\\u200Bb\"}\n", "mine.yaml:9:19: ", "invisible"},
	{HEAD STEP "  show: |\n    sleep 1\n", "mine.yaml:9:9: ", "text behind >- or |- has no"},
	/* nor is it cut where a person reads it and agrees */
	{HEAD STEP "  confirm: {type: " LONG "}\n", "mine.yaml:9:19: ",
		"type has 100 bytes: it would be cut where it is shown, after 79"},
	{HEAD STEP "  impact: " LONG LONG LONG LONG "\n",
		"mine.yaml:9:11: ", "impact has 400 bytes: it would be cut where it is shown"},
	{HEAD STEP "  risk: {en: a, zh: " LONG LONG LONG LONG "}\n",
		"mine.yaml:9:21: ", "risk has 400 bytes"},
	{HEAD STEP "  show: [" LONG ", " LONG ", " LONG ", " LONG "]\n",
		"mine.yaml:9:9: ", "show has 403 bytes"},
	/* another runbook's steps */
	{HEAD "steps:\n- id: a\n  do: runbook\n",
		"mine.yaml:5:3: ", "a step of do: runbook needs the key \"run\""},
	{HEAD "steps:\n- id: a\n  do: runbook\n  run: other\n  verify: x\n",
		"mine.yaml:8:3: ", "unknown key \"verify\" in a step of do: runbook"},
	{HEAD "steps:\n- id: a\n  do: runbook\n  run: Other\n",
		"mine.yaml:7:8: ", "run must be made of"},
	{HEAD "steps:\n- id: a\n  do: runbook\n  run: other\n  with: [a]\n",
		"mine.yaml:8:9: ", "with must be a map of keys"},
	{HEAD "steps:\n- id: a\n  do: runbook\n  run: other\n  with: {node: \"{target}\"}\n",
		"mine.yaml:8:16: ", "{target} is known only"},
	{HEAD "steps:\n- id: a\n  do: runbook\n  run: other\n  on: {each: nodes}\n",
		"mine.yaml:8:7: ", "another runbook's steps are done on one machine"},
	/* YAML itself */
	{HEAD "\tsteps: []\n", "mine.yaml:4:1: ", "broken YAML"},
	{HEAD "about: \"\xFF\xFE\"\n", "mine.yaml:4:9: ", "broken YAML"},
	{HEAD "about: &a [*a]\n", "mine.yaml:4:12: ", "an alias to an anchor"},
	{HEAD STEP "---\nid: second\n", "mine.yaml:9:1: ", "more than one document"},
};

static void test_what_is_wrong_is_refused_where_it_stands(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *t = &refusals[i];
		struct err e;
		struct runbook *r = read_text(t->text, &e);

		if (!r && str_starts(e.text, t->where) && strstr(e.text, t->what) &&
			e.code == ERR_INPUT)
			continue;
		print_error("%s\n  is %s\n  not %s...%s\n", t->text, r ? "taken" : e.text, t->where,
			t->what);
		runbook_unref(r);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static bool is_chinese(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0xE0)
			return true;
	return false;
}

static void test_every_refusal_is_said_in_chinese_too(void **state)
{
	int wrong = 0;

	(void)state;
	speak("zh_CN");
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct err e;
		struct runbook *r = read_text(refusals[i].text, &e);

		if (!r && str_starts(e.text, refusals[i].where) && is_chinese(e.text))
			continue;
		print_error("%s\n  is %s\n", refusals[i].text, r ? "taken" : e.text);
		runbook_unref(r);
		wrong++;
	}
	speak("en");
	assert_int_equal(wrong, 0);
}

static void test_ten_thousand_steps_are_refused(void **state)
{
	struct buf text;
	struct err e;

	(void)state;
	buf_init(&text, 1 << 20);
	buf_puts(&text, HEAD "steps:\n");
	for (int i = 0; i < 10000; i++)
		buf_fmt(&text, "- {id: s%d}\n", i);
	assert_null(read_text(buf_text(&text), &e));
	assert_string_equal(e.text, "mine.yaml:69:3: 10000 steps: a runbook has at most 64");
	buf_done(&text);
}

static void test_five_megabytes_are_refused_unread(void **state)
{
	size_t n = 5 << 20;
	char *text = mem_zero(1, n + 1);
	struct err e;

	(void)state;
	memset(text, ' ', n);
	assert_null(runbook_read(text, n, "mine.yaml", &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_string_equal(
		e.text, "mine.yaml:1:1: a runbook has at most 262144 bytes: this has 5242880");
	free(text);
}

static void test_deep_nesting_and_bombs_of_aliases_are_refused(void **state)
{
	struct buf text;
	struct err e;

	(void)state;
	buf_init(&text, 1 << 20);
	buf_puts(&text, HEAD "steps: ");
	for (int i = 0; i < 1000; i++)
		buf_puts(&text, "[");
	assert_null(read_text(buf_text(&text), &e));
	assert_non_null(strstr(e.text, "mine.yaml:4:"));
	buf_clear(&text);
	buf_puts(&text, HEAD "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 9; i++) {
		buf_fmt(&text, "a%d: &a%d [*a%d", i, i, i - 1);
		for (int k = 0; k < 9; k++)
			buf_fmt(&text, ", *a%d", i - 1);
		buf_puts(&text, "]\n");
	}
	assert_null(read_text(buf_text(&text), &e));
	assert_non_null(strstr(e.text, "too many values in one file"));
	buf_done(&text);
}

/* A file may hold what a terminal obeys, written as an escape. */
static void test_a_complaint_holds_nothing_a_terminal_would_obey(void **state)
{
	struct err e;

	(void)state;
	assert_null(read_text(HEAD "\"\\e[2Jkey\": x\n", &e));
	assert_null(strchr(e.text, '\x1b'));
	assert_non_null(strstr(e.text, "^[[2Jkey"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_whole_runbook_is_read_as_it_is_written),
		cmocka_unit_test(test_lines_may_end_as_on_other_systems),
		cmocka_unit_test(test_another_text_has_another_digest),
		cmocka_unit_test(test_what_changes_something_asks_unless_it_is_told_otherwise),
		cmocka_unit_test(test_a_sentence_has_its_arguments_in_it),
		cmocka_unit_test(test_no_word_has_an_argument_that_is_a_key_already),
		cmocka_unit_test(test_a_words_sentence_tells_only_of_its_arguments),
		cmocka_unit_test(test_a_word_is_a_guard_or_a_deed_and_found_by_its_name),
		cmocka_unit_test(test_what_is_wrong_is_refused_where_it_stands),
		cmocka_unit_test(test_every_refusal_is_said_in_chinese_too),
		cmocka_unit_test(test_ten_thousand_steps_are_refused),
		cmocka_unit_test(test_five_megabytes_are_refused_unread),
		cmocka_unit_test(test_deep_nesting_and_bombs_of_aliases_are_refused),
		cmocka_unit_test(test_a_complaint_holds_nothing_a_terminal_would_obey),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
