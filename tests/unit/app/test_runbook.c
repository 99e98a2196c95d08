/* `k911 runbook` as a script meets it: what it prints where, and with what it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/str.h"
#include "io/file.h"

#define GOOD                                                                                       \
	"schema: k911/runbook/v1\nid: %s\ntitle: {en: Mine, zh: 我的}\nsteps:\n- {id: a, do: "   \
	"wait, title: A, for: 1s}\n"

static char home[32];
static char *out, *said; /* of the last call */

static char *in_home(const char *name)
{
	return str_fmt("%s/%s", home, name);
}

static void put_file(const char *name, const char *text)
{
	char *path = in_home(name);
	struct err e;

	if (file_write(path, text, strlen(text), 0600, &e) != 0)
		fail_msg("%s", e.text);
	free(path);
}

static void put_good(const char *dir, const char *id)
{
	char *name = str_fmt("%s%s.yaml", dir, id), *text = str_fmt(GOOD, id);

	put_file(name, text);
	free(name);
	free(text);
}

static int begin(void **state)
{
	char *dir;
	struct err e;

	(void)state;
	str_copy(home, sizeof(home), "/tmp/k911-runbook-XXXXXX");
	assert_non_null(mkdtemp(home));
	dir = in_home(".config/k911/runbooks");
	assert_int_equal(file_make_dirs(dir, 0700, &e), 0);
	free(dir);
	return 0;
}

static int end(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", home);
	free(out);
	free(said);
	out = said = NULL;
	return system(command);
}

static void take(const char *name, char **text)
{
	char *path = in_home(name);
	struct err e;

	free(*text);
	assert_int_equal(file_read(path, 1 << 20, text, NULL, &e), 0);
	free(path);
}

/* The exit code. */
static int call(const char *words)
{
	char *command = str_fmt("env -i HOME=%s LANG=C.UTF-8 %s runbook %s >%s/out 2>%s/said", home,
		getenv("K911"), words, home, home);
	int rc = system(command);

	free(command);
	take("out", &out);
	take("said", &said);
	assert_true(WIFEXITED(rc));
	return WEXITSTATUS(rc);
}

static void assert_has(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("\"%s\" has no \"%s\"", text, what);
}

static void test_list_names_the_built_in_and_the_teams_own(void **state)
{
	(void)state;
	put_good(".config/k911/runbooks/", "mine");
	assert_int_equal(call("list"), 0);
	assert_has(out, "kubelet-restart        Restart a node's kubelet\n");
	assert_has(out, "mine                   Mine  (/tmp/k911-runbook-");
	assert_string_equal(said, "");
	assert_int_equal(call("list --lang zh_CN"), 0);
	assert_has(out, "我的");
}

static void test_a_broken_one_is_told_beside_the_good(void **state)
{
	(void)state;
	put_file(".config/k911/runbooks/bad.yaml", "schema: k911/runbook/v1\nid: bad\ntile: Bad\n");
	assert_int_equal(call("list"), 1);
	assert_has(out, "kubelet-restart");
	assert_has(said, "runbooks/bad.yaml:3:1: unknown key \"tile\" in a runbook; did you mean "
			 "\"title\"?");
	assert_int_equal(call("list -o json"), 1);
	assert_has(out, "\"broken\":[\"/tmp/k911-runbook-");
	assert_string_equal(said, "");
}

static void test_show_prints_one_whole(void **state)
{
	(void)state;
	assert_int_equal(call("show kubelet-restart"), 0);
	assert_has(out, "ssh {node} systemctl restart kubelet");
	assert_int_equal(call("show kubelet-restart --lang zh_CN"), 0);
	assert_has(out, "重启节点的 kubelet");
	assert_int_equal(call("show kubelet-restart -o json"), 0);
	assert_has(out, "{\"schema\":\"k911/runbook/v1\",\"id\":\"kubelet-restart\"");
	assert_int_equal(call("show kubelet-restrat"), 64);
	assert_has(said, "did you mean \"kubelet-restart\"?");
}

static void test_check_tells_of_every_file(void **state)
{
	char *words;

	(void)state;
	put_good("", "one");
	put_good("", "two");
	put_file("bad.yaml", "schema: k911/runbook/v1\nid: worse\n");
	put_file("tabs.yaml", "schema: k911/runbook/v1\n\tid: tabs\n");
	words = str_fmt("check %s/one.yaml %s/bad.yaml %s/tabs.yaml %s/none.yaml %s/two.yaml", home,
		home, home, home, home);
	assert_int_equal(call(words), 65);
	assert_has(out, "one.yaml: ok\n");
	assert_has(out, "two.yaml: ok\n");
	assert_has(said, "bad.yaml:2:5: the id must be the file's name: bad, not worse");
	assert_has(said, "tabs.yaml:2:1: broken YAML");
	assert_has(said, "none.yaml: No such file or directory");
	free(words);
	words = str_fmt("check %s/one.yaml", home);
	assert_int_equal(call(words), 0);
	free(words);
}

static void test_words_tells_what_there_is_to_write_with(void **state)
{
	(void)state;
	assert_int_equal(call("words"), 0);
	assert_has(out, "  command-succeeds         on {node} this succeeds: {argv}\n"
			"                           argv: list, [node: node]\n");
	assert_has(out, "  node.run ");
	assert_int_equal(call("words -o json"), 0);
	assert_has(out, "{\"name\":\"wait\",\"sentence\":\"wait {for}\",\"changes\":false");
}

static void test_wrong_usage_ends_with_64(void **state)
{
	(void)state;
	assert_int_equal(call(""), 64);
	assert_has(said, "runbook needs a word: ");
	assert_int_equal(call("shwo"), 64);
	assert_has(said, "did you mean \"show\"?");
	assert_int_equal(call("show"), 64);
	assert_has(said, "usage: k911 runbook show ID");
	assert_int_equal(call("check"), 64);
	assert_int_equal(call("list -o yaml"), 64);
	assert_int_equal(call("--help"), 0);
	assert_has(out, "list | show ID | ");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_list_names_the_built_in_and_the_teams_own, begin, end),
		cmocka_unit_test_setup_teardown(
			test_a_broken_one_is_told_beside_the_good, begin, end),
		cmocka_unit_test_setup_teardown(test_show_prints_one_whole, begin, end),
		cmocka_unit_test_setup_teardown(test_check_tells_of_every_file, begin, end),
		cmocka_unit_test_setup_teardown(
			test_words_tells_what_there_is_to_write_with, begin, end),
		cmocka_unit_test_setup_teardown(test_wrong_usage_ends_with_64, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
