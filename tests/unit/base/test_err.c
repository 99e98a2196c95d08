/* Errors: the sentence, its prefix, and that nobody needs to give a struct. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

static void test_a_set_error_returns_minus_one_and_says_it(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(err_set(&e, ERR_MISSING, "no such node: %s", "m1"), -1);
	assert_int_equal(e.code, ERR_MISSING);
	assert_string_equal(e.text, "no such node: m1");
}

static void test_where_comes_before_what(void **state)
{
	struct err e;

	(void)state;
	err_sys(&e, ENOENT, "cannot read it");
	assert_int_equal(e.code, ERR_SYSTEM);
	assert_int_equal(err_in(&e, "config.yaml"), -1);
	assert_string_equal(e.text, "config.yaml: cannot read it: No such file or directory");
}

static void test_no_struct_is_fine(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, ERR_INPUT, "x"), -1);
	assert_int_equal(err_sys(NULL, EIO, "x"), -1);
	assert_int_equal(err_in(NULL, "x"), -1);
	err_clear(NULL);
}

static void test_a_long_sentence_is_cut_at_a_whole_character(void **state)
{
	struct err e;
	char say[2000];

	(void)state;
	say[0] = 'x';
	for (size_t i = 1; i + 3 < sizeof(say); i += 3)
		memcpy(say + i, "界", 4);
	err_set(&e, ERR_INPUT, "%s", say);
	assert_int_equal(strlen(e.text) % 3, 1);
	assert_true(strlen(e.text) >= sizeof(e.text) - 3);
	err_in(&e, "這");
	assert_true(strncmp(e.text, "這: x界", strlen("這: x界")) == 0);
	assert_int_equal((strlen(e.text) - strlen("這: x")) % 3, 0);
}

static void test_a_cleared_error_is_none(void **state)
{
	struct err e;

	(void)state;
	err_set(&e, ERR_TLS, "x");
	err_clear(&e);
	assert_int_equal(e.code, ERR_NONE);
	assert_string_equal(e.text, "");
}

static void test_every_code_has_its_own_word(void **state)
{
	(void)state;
	for (int i = ERR_NONE; i <= ERR_SYSTEM; i++)
		for (int j = i + 1; j <= ERR_SYSTEM; j++)
			assert_string_not_equal(
				err_word((enum err_code)i), err_word((enum err_code)j));
	assert_string_equal(err_word(ERR_TIMEOUT), "timeout");
	assert_string_equal(err_word((enum err_code)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_set_error_returns_minus_one_and_says_it),
		cmocka_unit_test(test_where_comes_before_what),
		cmocka_unit_test(test_no_struct_is_fine),
		cmocka_unit_test(test_a_long_sentence_is_cut_at_a_whole_character),
		cmocka_unit_test(test_a_cleared_error_is_none),
		cmocka_unit_test(test_every_code_has_its_own_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
