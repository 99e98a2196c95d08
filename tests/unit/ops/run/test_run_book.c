/* What is remembered of runs, folded from entries as the journal gives them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "ops/incident/entry.h"
#include "ops/run/run_book.h"

#define RUN "01HZZZZZZZZZZZZZZZZZZZZZZ1"

static struct run_book *book;
static int64_t now_ms;

static struct entry_by by(void)
{
	return (struct entry_by){.by = {.name = "ana", .host = "ops1"}, .now_ms = now_ms += 1000};
}

static struct journal_entry *entry(struct journal_draft *d)
{
	struct journal_entry *en = entry_of_draft(d);

	journal_draft_free(d);
	return en;
}

static bool hear(struct journal_draft *d)
{
	struct journal_entry *en = entry(d);
	bool new = run_book_hear(book, en);

	free(en);
	return new;
}

static struct journal_draft *run(const char *id, const char *state)
{
	static const char *const inputs[] = {"node=m2"};
	const struct entry_by a = by();
	const struct entry_run r = {.run = id,
		.state = state,
		.runbook = "kubelet-restart",
		.digest = "0123456789abcdef",
		.inputs = inputs,
		.n_inputs = 1};

	return entry_run("", &r, &a);
}

static struct journal_draft *deed(const char *state)
{
	const struct entry_by a = by();
	const struct entry_step s = {.action = RUN "-1.1",
		.state = state,
		.run = RUN,
		.step = "restart",
		.target = "m2",
		.command = str_eq(state, "intent") ? "systemctl restart kubelet" : NULL};

	return entry_action("", &s, &a);
}

static struct journal_draft *debt(const char *state)
{
	const struct entry_by a = by();
	const struct entry_debt d = {.debt = RUN "/cordoned/w1",
		.state = state,
		.kind = "cordoned",
		.target = "w1",
		.run = RUN};

	return entry_debt("", &d, &a);
}

static int begin(void **state)
{
	(void)state;
	book = run_book_new();
	now_ms = INT64_C(1700000000000);
	return 0;
}

static int end(void **state)
{
	(void)state;
	run_book_free(book);
	return 0;
}

static void test_a_run_is_gone_on_with_from_what_its_entries_say(void **state)
{
	const struct run_past *p;
	const struct run_deed_past *d;
	struct run_past *copy;

	(void)state;
	assert_true(hear(run(RUN, "started")));
	assert_true(hear(deed("intent")));
	copy = run_past_copy(run_book_at(book, 0));
	d = run_past_deed(copy, "restart", "m2");
	assert_non_null(d);
	assert_int_equal(d->state, RUN_DEED_INTENT);
	assert_string_equal(d->command, "systemctl restart kubelet");
	assert_int_equal(copy->state, RUN_GOING);
	assert_string_equal(copy->inputs.at[0], "node=m2");
	run_past_free(copy);
	hear(deed("running"));
	hear(deed("done"));
	hear(run(RUN, "done"));
	p = run_book_at(book, 0);
	assert_int_equal(run_past_deed(p, "restart", "m2")->state, RUN_DEED_DONE);
	assert_int_equal(p->state, RUN_DONE);
	assert_null(run_past_deed(p, "restart", "m3"));
}

static void test_what_comes_late_or_twice_changes_nothing(void **state)
{
	struct journal_entry *intent, *done;

	(void)state;
	hear(run(RUN, "started"));
	intent = entry(deed("intent"));
	done = entry(deed("done"));
	assert_true(run_book_hear(book, done));
	assert_false(run_book_hear(book, intent)); /* an import brings old ones */
	assert_false(run_book_hear(book, done));
	assert_int_equal(
		run_past_deed(run_book_at(book, 0), "restart", "m2")->state, RUN_DEED_DONE);
	free(intent);
	free(done);
}

static void test_a_debt_is_owed_until_it_is_paid_or_forgiven(void **state)
{
	(void)state;
	assert_int_equal(run_book_debts(book), 0);
	hear(debt("owed"));
	assert_int_equal(run_book_debts(book), 1);
	assert_string_equal(run_book_debt(book, 0)->target, "w1");
	assert_non_null(run_book_debt_find(book, RUN "/cordoned/w1"));
	hear(debt("paid"));
	assert_int_equal(run_book_debts(book), 0);
	hear(debt("owed"));
	hear(debt("forgiven"));
	assert_int_equal(run_book_debts(book), 0);
}

static void test_the_oldest_that_are_over_are_forgotten_and_none_that_is_not(void **state)
{
	char id[ULID_SIZE];

	(void)state;
	hear(run("01HZZZZZZZZZZZZZZZZZZZZ000", "started"));
	for (int k = 1; k <= RUN_BOOK_MAX + 20; k++) {
		snprintf(id, sizeof(id), "01HZZZZZZZZZZZZZZZZZZZZ%03d", k);
		hear(run(id, "started"));
		hear(run(id, "done"));
	}
	assert_int_equal(run_book_count(book), RUN_BOOK_MAX);
	assert_non_null(run_book_find(book, "01HZZZZZZZZZZZZZZZZZZZZ000"));
	assert_string_equal(run_book_at(book, 0)->id, id); /* the newest first */
}

static void test_an_end_of_an_id_names_a_run_when_no_other_has_it(void **state)
{
	(void)state;
	hear(run("01HZZZZZZZZZZZZZZZZZZZZZA1", "started"));
	hear(run("01HZZZZZZZZZZZZZZZZZZZZZB1", "started"));
	assert_non_null(run_book_find(book, "B1"));
	assert_null(run_book_find(book, "1"));
	assert_null(run_book_find(book, "C"));
}

static void test_entries_of_others_and_broken_ones_are_nothing(void **state)
{
	const struct entry_by a = by();
	const struct entry_step other = {.action = "x", .state = "intent", .title = "by hand"};
	struct journal_entry broken = {.id = RUN, .kind = "run", .payload = "{", .author = ""};

	(void)state;
	assert_false(hear(entry_action("", &other, &a)));
	assert_false(run_book_hear(book, &broken));
	broken.kind = "note";
	assert_false(run_book_hear(book, &broken));
	assert_int_equal(run_book_count(book), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_a_run_is_gone_on_with_from_what_its_entries_say, begin, end),
		cmocka_unit_test_setup_teardown(
			test_what_comes_late_or_twice_changes_nothing, begin, end),
		cmocka_unit_test_setup_teardown(
			test_a_debt_is_owed_until_it_is_paid_or_forgiven, begin, end),
		cmocka_unit_test_setup_teardown(
			test_the_oldest_that_are_over_are_forgotten_and_none_that_is_not, begin,
			end),
		cmocka_unit_test_setup_teardown(
			test_an_end_of_an_id_names_a_run_when_no_other_has_it, begin, end),
		cmocka_unit_test_setup_teardown(
			test_entries_of_others_and_broken_ones_are_nothing, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
