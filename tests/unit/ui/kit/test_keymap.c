/* The key table: consistent with itself, rebound by name, and helpful about mistakes. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "ui/kit/keymap.h"

static int fresh(void **state)
{
	*state = keymap_new();
	return 0;
}

static int drop(void **state)
{
	keymap_free(*state);
	return 0;
}

static void test_the_defaults_have_no_conflict_and_every_row_its_words(void **state)
{
	struct err e;

	assert_int_equal(keymap_check(*state, &e), 0);
	for (int a = 1; a < ACTION_CLICK; a++) {
		char keys[40];

		assert_string_not_equal(action_name(a), "");
		assert_string_not_equal(action_title(a), "");
		assert_string_not_equal(keymap_keys(*state, a, keys, sizeof(keys)), "");
		for (int b = a + 1; b < ACTION_CLICK; b++)
			assert_string_not_equal(action_name(a), action_name(b));
	}
}

static void test_keys_of_the_design_do_what_it_says(void **state)
{
	assert_int_equal(keymap_action(*state, 'z'), ACTION_ZOOM);
	assert_int_equal(keymap_action(*state, '/'), ACTION_FILTER);
	assert_int_equal(keymap_action(*state, ':'), ACTION_PALETTE);
	assert_int_equal(keymap_action(*state, '?'), ACTION_HELP);
	assert_int_equal(keymap_action(*state, 'S'), ACTION_SORT_REVERSE);
	assert_int_equal(keymap_action(*state, KEYS_TAB), ACTION_NEXT_PANE);
	assert_int_equal(keymap_action(*state, 'Z' & 31), ACTION_SUSPEND);
	assert_int_equal(keymap_action(*state, 'a'), ACTION_ACKNOWLEDGE);
	assert_int_equal(keymap_action(*state, 'i'), ACTION_INCIDENT);
	assert_int_equal(keymap_action(*state, 'n'), ACTION_NOTE);
	assert_int_equal(keymap_action(*state, 'c'), ACTION_CHECKLIST);
	assert_int_equal(keymap_action(*state, 'r'), ACTION_RUNBOOKS);
	assert_int_equal(keymap_action(*state, 'D'), ACTION_NONE); /* when bundles come */
}

static void test_binding_replaces_the_keys_of_an_action(void **state)
{
	char keys[40];

	assert_int_equal(keymap_bind(*state, "zoom", "h f3 ctrl-w page-up", NULL), 0);
	assert_int_equal(keymap_action(*state, 'z'), ACTION_NONE);
	assert_int_equal(keymap_action(*state, 'h'), ACTION_ZOOM);
	assert_int_equal(keymap_action(*state, KEYS_F1 + 2), ACTION_ZOOM);
	assert_int_equal(keymap_action(*state, 'w' & 31), ACTION_ZOOM);
	assert_string_equal(
		keymap_keys(*state, ACTION_ZOOM, keys, sizeof(keys)), "h F3 Ctrl-W PgUp");
	assert_string_equal(keymap_first(*state, ACTION_PAGE_DOWN, keys, sizeof(keys)), "PgDn");
	assert_int_equal(keymap_bind(*state, "zoom", "", NULL), 0);
	assert_string_equal(keymap_keys(*state, ACTION_ZOOM, keys, sizeof(keys)), "");
	assert_int_equal(keymap_bind(*state, "zoom", "节", NULL), 0);
	assert_int_equal(keymap_action(*state, 0x8282), ACTION_ZOOM);
}

static void test_a_key_taken_twice_names_both(void **state)
{
	struct err e;

	assert_int_equal(keymap_bind(*state, "zoom", "s", &e), 0);
	assert_int_equal(keymap_check(*state, &e), -1);
	assert_string_equal(e.text, "the key s is taken twice: by \"sort\" and by \"zoom\"");
	assert_int_equal(keymap_bind(*state, "sort", "z", &e), 0); /* a swap is fine */
	assert_int_equal(keymap_check(*state, &e), 0);
	assert_int_equal(keymap_bind(*state, "quit", "", &e), 0);
	assert_int_equal(keymap_check(*state, &e), -1);
	assert_non_null(strstr(e.text, "quit"));
}

static void test_mistakes_are_answered_with_the_nearest_name(void **state)
{
	struct err e;

	assert_int_equal(keymap_bind(*state, "zomo", "z", &e), -1);
	assert_string_equal(e.text, "unknown action \"zomo\": did you mean \"zoom\"?");
	assert_int_equal(keymap_bind(*state, "make-coffee", "z", &e), -1);
	assert_non_null(strstr(e.text, "make-coffee"));
	assert_int_equal(keymap_bind(*state, "", "z", &e), -1);
	assert_int_equal(keymap_bind(*state, "zoom", "page-dwon", &e), -1);
	assert_string_equal(e.text, "zoom: \"page-dwon\" is no key: did you mean \"page-down\"?");
	assert_int_equal(keymap_bind(*state, "zoom", "z hyper-x", &e), -1);
	assert_int_equal(keymap_bind(*state, "zoom", "f13", &e), -1);
	assert_int_equal(keymap_bind(*state, "zoom", "ctrl-c", &e), -1);
	assert_non_null(strstr(e.text, "ctrl-c"));
	assert_int_equal(keymap_bind(*state, "zoom", "ctrl-m", &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_the_defaults_have_no_conflict_and_every_row_its_words, fresh, drop),
		cmocka_unit_test_setup_teardown(
			test_keys_of_the_design_do_what_it_says, fresh, drop),
		cmocka_unit_test_setup_teardown(
			test_binding_replaces_the_keys_of_an_action, fresh, drop),
		cmocka_unit_test_setup_teardown(test_a_key_taken_twice_names_both, fresh, drop),
		cmocka_unit_test_setup_teardown(
			test_mistakes_are_answered_with_the_nearest_name, fresh, drop),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
