/* The strategy's fifteen items, or a team's own, and how an item is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/checklist.h"

static void test_there_are_five_items_in_each_of_three_lists(void **state)
{
	struct checklist c;
	int done, all;

	(void)state;
	checklist_init(&c, NULL);
	assert_int_equal(c.items.len, 15);
	for (int l = 0; l < CHECKLIST_COUNT; l++) {
		checklist_count(&c, (enum checklist_id)l, &done, &all);
		assert_int_equal(all, 5);
		assert_int_equal(done, 0);
	}
	checklist_done(&c);
}

static void test_a_teams_list_replaces_one_and_may_name_the_strategys_items(void **state)
{
	static const char *const own[] = {
		"Call the bridge", "notify-teams", "Begin to collect logs", "notify-teams", NULL};
	static const char *const none[] = {NULL};
	struct checklist c;
	const struct checklist_item *item;
	int done, all;

	(void)state;
	checklist_init(&c, (const char *const *const[]){own, none, NULL});
	checklist_count(&c, CHECKLIST_EMERGENCY, &done, &all);
	assert_int_equal(all, 4);
	checklist_count(&c, CHECKLIST_TECHNICAL, &done, &all);
	assert_int_equal(all, 5);
	item = checklist_find(&c, "emergency-1", NULL);
	assert_string_equal(rstr_text(item->text), "Call the bridge");
	assert_int_equal(item->evidence, EVIDENCE_NONE);
	assert_int_equal(checklist_find(&c, "notify-teams", NULL)->evidence, EVIDENCE_NOTIFIED);
	assert_int_equal(checklist_find(&c, "collect-logs", NULL)->evidence, EVIDENCE_BUNDLE);
	assert_string_equal(checklist_find(&c, "emergency/4", NULL)->name, "emergency-4");
	checklist_done(&c);
}

static void test_an_item_is_found_by_name_place_beginning_or_words(void **state)
{
	static const char *const words[] = {
		"write-report", "follow-up/1", "wri", "Write the incident report"};
	struct checklist c;
	struct err e;

	(void)state;
	checklist_init(&c, NULL);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const struct checklist_item *item = checklist_find(&c, words[i], &e);

		assert_non_null(item);
		assert_string_equal(item->name, "write-report");
	}
	assert_null(checklist_find(&c, "c", &e)); /* confirm, collect, check, carry */
	assert_int_equal(e.code, ERR_MISSING);
	assert_null(checklist_find(&c, "", &e));
	assert_null(checklist_find(&c, "emergency/6", &e));
	assert_null(checklist_find(&c, "emergency/0", &e));
	assert_non_null(strstr(e.text, "emergency/0"));
	checklist_done(&c);
}

static void test_a_copy_lives_on_its_own(void **state)
{
	struct checklist c, copy;

	(void)state;
	checklist_init(&c, NULL);
	c.items.at[0].evidence_text = rstr_new("seen", 4);
	checklist_copy(&copy, &c);
	checklist_done(&c);
	assert_int_equal(copy.items.len, 15);
	assert_string_equal(rstr_text(copy.items.at[0].evidence_text), "seen");
	checklist_done(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_are_five_items_in_each_of_three_lists),
		cmocka_unit_test(test_a_teams_list_replaces_one_and_may_name_the_strategys_items),
		cmocka_unit_test(test_an_item_is_found_by_name_place_beginning_or_words),
		cmocka_unit_test(test_a_copy_lives_on_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
