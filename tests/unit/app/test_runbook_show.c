/* What `k911 runbook` prints of runbooks, compared with saved pages; and that the README's example is
 * one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <libintl.h>
#include <locale.h>
#include <unistd.h>

#include "app/runbook_show.h"
#include "base/str.h"
#include "help/golden.h"
#include "io/file.h"
#include "io/json.h"
#include "ops/run/runbook_read.h"

static const struct {
	const char *suffix, *language;
} languages[] = {{"en", "en"}, {"zh", "zh_CN"}};

static void speak(const char *language)
{
	setenv("LANGUAGE", language, 1);
	setlocale(LC_ALL, "C.UTF-8");
	bindtextdomain("k911", LOCALE_DIR);
	textdomain("k911");
}

static bool page_is_as_saved(const struct runbook *r, const char *suffix)
{
	char name[120];
	struct buf out;
	bool same;

	buf_init(&out, 1 << 20);
	runbook_show_text(&out, r);
	snprintf(name, sizeof(name), "runbook_%s_%s.txt", r->id, suffix);
	same = golden_matches(name, buf_text(&out));
	buf_done(&out);
	return same;
}

static void test_every_built_in_runbook_is_shown_as_saved(void **state)
{
	struct runbook_set *s = runbook_set_load(&runbook_files, NULL);
	bool all = true;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		speak(languages[k].language);
		for (size_t i = 0; i < runbook_set_count(s); i++)
			all = page_is_as_saved(runbook_set_at(s, i), languages[k].suffix) && all;
	}
	speak("en");
	runbook_set_unref(s);
	assert_true(all);
}

/* Every key there is. */
static const char whole[] =
	"schema: k911/runbook/v1\n"
	"id: whole\n"
	"title: {en: All of it, zh: 全部}\n"
	"about: \"What attacks \\e[2J a terminal.\"\n"
	"fits: [worker-not-ready]\n"
	"inputs:\n"
	"  node: {type: node, default: not-ready, ask: {en: Which node?, zh: 哪个节点？}}\n"
	"  how: {type: choice, choices: [soft, hard], optional: true}\n"
	"require: [{guard: kubelet-active, not: true, else: It is well, offer: other}]\n"
	"steps:\n"
	"- id: go\n"
	"  title: {en: \"Go on {target}\", zh: \"在 {target} 上执行\"}\n"
	"  do: node.run\n"
	"  on: {each: other-control-plane}\n"
	"  argv: [go, \"{how}\"]\n"
	"  show: [ssh, \"{target}\", go]\n"
	"  when: node-reachable\n"
	"  require: [kubelet-active]\n"
	"  confirm: {type: \"{node}\"}\n"
	"  impact: Much.\n"
	"  risk: {en: Little, zh: 很小}\n"
	"  undo: none\n"
	"  verify: {guard: command-succeeds, argv: [look, \"{how}\"], within: 1m30s, else: Look at "
	"it}\n"
	"  timeout: 45s\n"
	"  retry: 2\n"
	"  owes: debt\n"
	"- id: rest\n"
	"  title: Rest\n"
	"  do: wait\n"
	"  on: {all: workers}\n"
	"  for: 5s\n"
	"  confirm: \"yes\"\n"
	"  pays: debt\n";

static struct runbook *read_whole(void)
{
	struct err e;
	struct runbook *r = runbook_read(whole, strlen(whole), "/etc/k911/whole.yaml", &e);

	if (!r)
		fail_msg("%s", e.text);
	return r;
}

static void test_every_key_is_shown_in_both_languages(void **state)
{
	struct runbook *r = read_whole();
	bool all = true;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		speak(languages[k].language);
		all = page_is_as_saved(r, languages[k].suffix) && all;
	}
	speak("en");
	runbook_unref(r);
	assert_true(all);
}

static void test_json_has_every_key(void **state)
{
	static const char *const paths[] = {"id", "title.zh", "about.en", "file", "digest", "fits",
		"inputs.node.default", "inputs.how.choices", "require", "steps"};
	static const char *const keys[] = {"id", "title", "do", "on", "argv", "show", "when",
		"require", "confirm", "impact", "risk", "undo", "verify", "timeout", "owes"};
	struct runbook *r = read_whole();
	const struct js *step;
	struct buf out;
	struct err e;
	struct js *j;

	(void)state;
	buf_init(&out, 1 << 20);
	runbook_show_json(&out, r);
	j = js_parse(buf_text(&out), out.len, &e);
	assert_non_null(j);
	assert_string_equal(js_text(j, "schema"), "k911/runbook/v1");
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_non_null(js_at(j, paths[i]));
	step = js_nth(js_get(j, "steps"), 0);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_non_null(js_get(step, keys[i]));
	assert_int_equal(js_int(step, "retry", 0), 2);
	assert_string_equal(js_text(js_nth(js_get(step, "verify"), 0), "within"), "1m30s");
	js_free(j);
	buf_done(&out);
	runbook_unref(r);
}

/* The block of the README that is a runbook. */
static char *readme_example(size_t *n)
{
	char *text, *at, *end, *example;
	struct err e;

	if (file_read("README.md", 1 << 20, &text, NULL, &e) != 0)
		fail_msg("%s", e.text);
	at = strstr(text, "schema: k911/runbook/v1");
	assert_non_null(at);
	end = strstr(at, "```");
	assert_non_null(end);
	*n = (size_t)(end - at);
	*end = '\0';
	example = str_fmt("%s", at);
	free(text);
	return example;
}

static void test_the_readmes_example_is_a_runbook(void **state)
{
	char dir[] = "/tmp/k911-readme-XXXXXX", path[64];
	struct err e = {.text = ""};
	size_t n;
	char *example = readme_example(&n);
	int rc;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/clock-restart.yaml", dir);
	assert_int_equal(file_write(path, example, n, 0600, &e), 0);
	rc = runbook_set_check(&runbook_files, dir, path, &e);
	unlink(path);
	rmdir(dir);
	free(example);
	if (rc != 0)
		fail_msg("%s", e.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_built_in_runbook_is_shown_as_saved),
		cmocka_unit_test(test_every_key_is_shown_in_both_languages),
		cmocka_unit_test(test_json_has_every_key),
		cmocka_unit_test(test_the_readmes_example_is_a_runbook),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
