/* What people may give as an input's value, what a word's argument may be, and how values come into
 * texts: nothing a value holds is ever taken for an option, a {word} or a terminal's command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ops/run/runbook_fill.h"
#include "ops/run/runbook_value.h"

static char name[] = "x", soft[] = "soft", hard[] = "hard", *choices[] = {soft, hard};

static struct runbook_input input_of(enum run_input_type type)
{
	return (struct runbook_input){.name = name,
		.type = type,
		.choices = choices,
		.n_choices = type == RUN_INPUT_CHOICE ? 2 : 0};
}

static void test_values_are_taken_by_their_type(void **state)
{
	static const struct {
		enum run_input_type type;
		const char *value;
		const char *why; /* NULL: it is fine */
	} rows[] = {
		{RUN_INPUT_NODE, "m1", NULL},
		{RUN_INPUT_NODE, "worker-1.example.com", NULL},
		{RUN_INPUT_NODE, "10.0.1.10", NULL},
		{RUN_INPUT_NODE, "M1", "a node's name has small letters"},
		{RUN_INPUT_NODE, "m1;reboot", "a node's name"},
		{RUN_INPUT_NODE, "m1 m2", "a node's name"},
		{RUN_INPUT_NODE, "$(reboot)", "a node's name"},
		{RUN_INPUT_NODE, "root@m1", "a node's name"},
		{RUN_INPUT_NODE, "m1-", "a node's name"},
		{RUN_INPUT_NODE, ".m1", "a node's name"},
		{RUN_INPUT_NODE, "m1..x", "a node's name"},
		{RUN_INPUT_NODE, "m1.-x", "a node's name"},
		{RUN_INPUT_NODE, "-oProxyCommand=x", "begins with '-'"},
		{RUN_INPUT_NODE, "", "it needs a value"},
		{RUN_INPUT_MEMBER, "etcd_1.A", NULL},
		{RUN_INPUT_MEMBER, "8e9e05c52164694d", NULL},
		{RUN_INPUT_MEMBER, "m1:2380", "an etcd member's name"},
		{RUN_INPUT_MEMBER, "m1 ", "an etcd member's name"},
		{RUN_INPUT_POD, "kube-system/coredns-5d78c9869d-abcde", NULL},
		{RUN_INPUT_POD, "coredns", NULL},
		{RUN_INPUT_POD, "a/b/c", "a pod is NAMESPACE/NAME"},
		{RUN_INPUT_POD, "/b", "a pod is"},
		{RUN_INPUT_POD, "a/", "a pod is"},
		{RUN_INPUT_POD, "a.b/c", "a pod is"},
		{RUN_INPUT_POD, "../x", "a pod is"},
		{RUN_INPUT_FILE, "/backup/etcd snapshot.db", NULL},
		{RUN_INPUT_FILE, "/backup/快照.db", NULL},
		{RUN_INPUT_FILE, "backup", "a file is an absolute path"},
		{RUN_INPUT_FILE, "/backup/", "a file is an absolute path"},
		{RUN_INPUT_FILE, "/a\nb", "a control character"},
		{RUN_INPUT_TEXT, "what they said; $(x) {node}", NULL},
		{RUN_INPUT_TEXT, "  ", "a text must not be empty"},
		{RUN_INPUT_TEXT, "--force", "begins with '-'"},
		{RUN_INPUT_TEXT, "\x1b[2J", "a control character"},
		{RUN_INPUT_TEXT, "a\tb", "a control character"},
		{RUN_INPUT_TEXT,
			"a\xE2\x80\xAE"
			"b",
			"a control character"}, /* right to left */
		{RUN_INPUT_TEXT, "a\xFF", "no UTF-8"},
		{RUN_INPUT_CHOICE, "soft", NULL},
		{RUN_INPUT_CHOICE, "Soft", "none of its choices; did you mean \"soft\"?"},
		{RUN_INPUT_CHOICE, "other", "none of its choices"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct runbook_input in = input_of(rows[i].type);
		struct err e = {.text = ""};
		int rc = runbook_value_check(&in, rows[i].value, &e);

		if ((rc == 0) != (rows[i].why == NULL) ||
			!strstr(e.text, rows[i].why ? rows[i].why : ""))
			fail_msg("%s \"%s\": %s", run_input_type_name(rows[i].type), rows[i].value,
				rc == 0 ? "taken" : e.text);
	}
}

static void test_only_an_optional_input_may_be_empty(void **state)
{
	struct runbook_input in = input_of(RUN_INPUT_NODE);

	(void)state;
	assert_int_equal(runbook_value_check(&in, "", NULL), -1);
	in.optional = true;
	assert_int_equal(runbook_value_check(&in, "", NULL), 0);
}

static void test_a_value_is_not_longer_than_its_room(void **state)
{
	struct runbook_input in = input_of(RUN_INPUT_TEXT);
	char value[RUN_VALUE + 1];

	(void)state;
	memset(value, 'a', RUN_VALUE);
	value[RUN_VALUE] = '\0';
	assert_int_equal(runbook_value_check(&in, value, NULL), -1);
	value[RUN_VALUE - 1] = '\0';
	assert_int_equal(runbook_value_check(&in, value, NULL), 0);
}

/* What a {word} brought is looked at as what was written is. */
static void test_arguments_are_taken_by_their_type(void **state)
{
	static const struct {
		enum run_arg_type type;
		const char *value;
		bool fine;
	} rows[] = {
		{RUN_ARG_TEXT, "anything; at all", true},
		{RUN_ARG_NODE, "m1", true},
		{RUN_ARG_NODE, "-oProxyCommand=x", false},
		{RUN_ARG_COMPONENT, "kube-apiserver", true},
		{RUN_ARG_COMPONENT, "apiserver", false},
		{RUN_ARG_UNIT, "runtime", true},
		{RUN_ARG_UNIT, "sshd", false},
		{RUN_ARG_SPAN, "1m30s", true},
		{RUN_ARG_SPAN, "0s", false},
		{RUN_ARG_SPAN, "25h", false},
		{RUN_ARG_SPAN, "soon", false},
		{RUN_ARG_NUMBER, "-3", true},
		{RUN_ARG_NUMBER, "3x", false},
		{RUN_ARG_NUMBER, "", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct run_arg arg = {.name = "x", .type = rows[i].type, .required = true};
		char *text = mem_str(rows[i].value);
		const struct runbook_value value = {&text, 1};
		struct err e = {.text = ""};

		if ((runbook_value_check_arg(&arg, &value, &e) == 0) != rows[i].fine)
			fail_msg("\"%s\": %s", rows[i].value, e.text);
		assert_true(rows[i].fine || str_starts(e.text, "x"));
		free(text);
	}
}

/* ---- filling ---- */

static char *filled(const char *text, const struct runbook_values *v)
{
	struct err e;
	char *out = runbook_fill(text, v, &e);

	if (!out)
		fail_msg("%s", e.text);
	return out;
}

static void test_words_are_filled_and_braces_kept(void **state)
{
	struct runbook_values v = {.n = 0};
	char *text;

	(void)state;
	runbook_values_set(&v, "node", "m1");
	runbook_values_set(&v, "evil", "{node} }} {");
	runbook_values_set(&v, "node", "m2");
	assert_string_equal(runbook_values_get(&v, "node"), "m2");
	assert_null(runbook_values_get(&v, "nod"));
	text = filled("ssh {node} '{{.Spec}}' {evil}{node}", &v);
	assert_string_equal(text, "ssh m2 '{.Spec}' {node} }} {m2");
	free(text);
	text = filled("", &v);
	assert_string_equal(text, "");
	free(text);
}

static void test_a_word_without_a_value_is_an_error(void **state)
{
	static const char *const bad[] = {"{target}", "{", "}", "{}", "a {node", "{ node }"};
	struct runbook_values v = {.n = 0};
	struct err e;

	(void)state;
	runbook_values_set(&v, "node", "m1");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(runbook_fill(bad[i], &v, &e));
		assert_int_equal(e.code, ERR_INPUT);
	}
}

static void test_a_word_of_a_command_stays_one_word(void **state)
{
	char *words[] = {(char[]){"rm"}, (char[]){"{path}"}, (char[]){"--"}};
	const struct runbook_value from = {words, 3};
	struct runbook_values v = {.n = 0};
	struct runbook_value out;
	struct err e;

	(void)state;
	runbook_values_set(&v, "path", "/a b; c");
	assert_int_equal(runbook_fill_value(&from, &v, &out, &e), 0);
	assert_int_equal(out.n, 3);
	assert_string_equal(out.at[1], "/a b; c");
	runbook_value_done(&out);
	v.n = 0;
	assert_int_equal(runbook_fill_value(&from, &v, &out, &e), -1);
	assert_int_equal(out.n, 0);
	assert_null(out.at);
}

static void test_more_values_than_there_is_room_for_are_dropped(void **state)
{
	struct runbook_values v = {.n = 0};
	char names[RUNBOOK_VALUES + 1][8];

	(void)state;
	for (int i = 0; i <= RUNBOOK_VALUES; i++) {
		snprintf(names[i], sizeof(names[i]), "v%d", i);
		runbook_values_set(&v, names[i], "x");
	}
	assert_int_equal(v.n, RUNBOOK_VALUES);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_are_taken_by_their_type),
		cmocka_unit_test(test_only_an_optional_input_may_be_empty),
		cmocka_unit_test(test_a_value_is_not_longer_than_its_room),
		cmocka_unit_test(test_arguments_are_taken_by_their_type),
		cmocka_unit_test(test_words_are_filled_and_braces_kept),
		cmocka_unit_test(test_a_word_without_a_value_is_an_error),
		cmocka_unit_test(test_a_word_of_a_command_stays_one_word),
		cmocka_unit_test(test_more_values_than_there_is_room_for_are_dropped),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
