/* What is found in a board of runs, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/run.h"

static struct run_board *board(void)
{
	static const enum run_state states[] = {RUN_GOING, RUN_VERIFYING, RUN_DONE, RUN_PLANNED};
	struct run_board *b = mem_new(struct run_board);

	b->refs = 1;
	b->n_cards = 1;
	b->cards = mem_zero(1, sizeof(*b->cards));
	str_copy(b->cards[0].id, sizeof(b->cards[0].id), "kubelet-restart");
	b->n_runs = 4;
	b->runs = mem_zero(4, sizeof(struct run_seen *));
	for (size_t i = 0; i < 4; i++) {
		b->runs[i] = run_seen_new(2, 0);
		b->runs[i]->state = states[i];
		b->runs[i]->id[0] = (char)('a' + i);
	}
	b->runs[0]->here = true;
	b->runs[0]->consent.ask = 9;
	b->runs[1]->asker = b->runs[3]->asker = 5;
	return b;
}

static void test_runs_are_found_by_id_asker_and_question(void **state)
{
	struct run_board *b = board();

	(void)state;
	assert_ptr_equal(run_board_run(b, "c"), b->runs[2]);
	assert_null(run_board_run(b, "x"));
	assert_ptr_equal(run_board_asked(b, 5), b->runs[1]); /* the newest of them */
	assert_null(run_board_asked(b, 0));                  /* nobody's number */
	assert_ptr_equal(run_board_consent(b, 9), b->runs[0]);
	assert_null(run_board_consent(b, 0));
	assert_ptr_equal(run_board_card(b, "kubelet-restart"), &b->cards[0]);
	assert_null(run_board_card(b, "other"));
	run_board_unref(b);
}

static void test_without_a_board_there_is_nothing(void **state)
{
	(void)state;
	assert_null(run_board_run(NULL, "a"));
	assert_null(run_board_asked(NULL, 5));
	assert_null(run_board_consent(NULL, 9));
	assert_null(run_board_card(NULL, "kubelet-restart"));
	assert_int_equal(run_board_alive(NULL, false), 0);
}

static void test_what_is_alive_and_what_is_alive_here(void **state)
{
	struct run_board *b = board();

	(void)state;
	assert_int_equal(run_board_alive(b, false), 2);
	assert_int_equal(run_board_alive(b, true), 1);
	run_board_unref(b);
}

static void test_the_step_a_run_is_at(void **state)
{
	struct run_seen *r = run_seen_new(3, 0);

	(void)state;
	assert_int_equal(run_seen_step(r), 0);
	r->steps[0].state = RUN_STEP_SO_ALREADY;
	r->steps[1].state = RUN_STEP_SKIPPED;
	assert_int_equal(run_seen_step(r), 2);
	r->steps[2].state = RUN_STEP_FAILED;
	assert_int_equal(run_seen_step(r), 2);
	r->steps[2].state = RUN_STEP_DONE;
	assert_int_equal(run_seen_step(r), 3);
	run_seen_unref(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs_are_found_by_id_asker_and_question),
		cmocka_unit_test(test_without_a_board_there_is_nothing),
		cmocka_unit_test(test_what_is_alive_and_what_is_alive_here),
		cmocka_unit_test(test_the_step_a_run_is_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
