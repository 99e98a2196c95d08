/* What silence, refusal and answers make of a question asked again and again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/layer.h"
#include "ops/watch/question.h"

static struct instant at(int64_t ms)
{
	return (struct instant){.wall_ms = 1700000000000 + ms, .boot_ms = 1000000 + ms};
}

static void answer(struct question *q, int64_t ms, enum err_code code, const char *text)
{
	struct err e;

	err_clear(&e);
	if (code != ERR_NONE)
		err_set(&e, code, "%s", text);
	question_answered(q, at(ms), &e, 1500);
}

static void test_it_is_asked_at_once_and_then_each_period(void **state)
{
	struct question q;

	(void)state;
	question_init(&q, 1000);
	assert_true(question_due(&q, at(0)));
	question_asked(&q, at(0));
	assert_false(question_due(&q, at(6999))); /* one at a time */
	answer(&q, 5, ERR_NONE, "");
	assert_false(question_due(&q, at(999)));
	assert_true(question_due(&q, at(1000)));
}

static void test_a_refusal_is_believed_at_once(void **state)
{
	struct question q;

	(void)state;
	question_init(&q, 1000);
	question_asked(&q, at(0));
	answer(&q, 3, ERR_REFUSED, "connection refused by m1:6443");
	assert_int_equal(q.probe.state, PROBE_FAILED);
	assert_string_equal(q.probe.text, "connection refused by m1:6443");
	assert_int_equal(q.probe.since.boot_ms, at(0).boot_ms);
	assert_int_equal(q.heard.boot_ms, at(3).boot_ms); /* the machine answered */
}

static void test_silence_is_named_and_later_called_down(void **state)
{
	struct question q;

	(void)state;
	question_init(&q, 1000);
	question_asked(&q, at(0));
	answer(&q, 5, ERR_NONE, "");
	question_asked(&q, at(1000));
	assert_false(question_wait(&q, at(2400)));
	assert_int_equal(q.probe.state, PROBE_OK);
	assert_true(question_wait(&q, at(2500)));
	assert_int_equal(q.probe.state, PROBE_SILENT);
	assert_int_equal(q.probe.since.boot_ms, at(1000).boot_ms);
	answer(&q, 6000, ERR_TIMEOUT, "no answer within 5 s");
	assert_int_equal(q.probe.state, PROBE_SILENT);
	question_asked(&q, at(6100));
	assert_true(question_wait(&q, at(11000)));
	assert_int_equal(q.probe.state, PROBE_FAILED);
	assert_string_equal(q.probe.text, "");
	assert_int_equal(q.probe.since.boot_ms, at(1000).boot_ms);
	assert_int_equal(q.heard.boot_ms, at(5).boot_ms);
}

static void test_an_answer_ends_the_trouble(void **state)
{
	struct question q;

	(void)state;
	question_init(&q, 1000);
	for (int64_t ms = 0; ms < 20000; ms += 5000) {
		question_asked(&q, at(ms));
		answer(&q, ms + 5000, ERR_TIMEOUT, "no answer within 5 s");
	}
	assert_int_equal(q.probe.state, PROBE_FAILED);
	question_asked(&q, at(20000));
	answer(&q, 20001, ERR_NONE, "");
	assert_int_equal(q.probe.state, PROBE_OK);
	assert_int_equal(q.probe.since.boot_ms, 0);
	assert_int_equal(q.probe.latency_us, 1500);
	assert_false(question_wait(&q, at(20002)));
}

static void test_what_refused_and_then_hangs_stays_failed(void **state)
{
	struct question q;

	(void)state;
	question_init(&q, 1000);
	question_asked(&q, at(0));
	answer(&q, 3, ERR_REFUSED, "refused");
	question_asked(&q, at(1000));
	question_wait(&q, at(3000));
	assert_int_equal(q.probe.state, PROBE_FAILED);
	assert_int_equal(q.probe.since.boot_ms, at(0).boot_ms);
}

static void test_a_cancelled_asking_says_nothing(void **state)
{
	struct question q;

	(void)state;
	question_init(&q, 1000);
	question_asked(&q, at(0));
	answer(&q, 10, ERR_CANCELLED, "cancelled");
	assert_int_equal(q.probe.state, PROBE_NEVER);
	assert_false(q.in_flight);
}

/* Whether it is due at every moment of a span, or at none of it. */
static bool due_from(const struct question *q, int64_t from, int64_t to, bool due)
{
	for (int64_t ms = from; ms <= to; ms += 10)
		if (question_due(q, at(ms)) != due)
			return false;
	return true;
}

static void test_what_is_asked_in_vain_is_asked_more_rarely_but_not_too_rarely(void **state)
{
	struct question q;
	int64_t ms = 0;

	(void)state;
	question_init(&q, 1000);
	question_backs_off(&q, 4000);
	for (int i = 0; i < 30; i++) {
		question_asked(&q, at(ms));
		answer(&q, ms + 5, ERR_REFUSED, "connection refused");
		if (i + 1 <= QUESTION_PATIENCE)
			assert_true(due_from(&q, ms + 1100, ms + 1200, true));
		else
			assert_true(due_from(&q, ms + 10, ms + 1490, false));
		assert_true(due_from(&q, ms + 4400, ms + 4500, true));
		ms += 10000;
	}
	assert_true(due_from(&q, ms - 9990, ms - 10000 + 3990, false));
	question_asked(&q, at(ms));
	answer(&q, ms + 5, ERR_NONE, "");
	assert_true(due_from(&q, ms + 1100, ms + 1200, true)); /* as before */
}

static void test_many_who_ask_do_not_ask_in_step(void **state)
{
	int at_once = 0;

	(void)state;
	for (int i = 0; i < 64; i++) {
		struct question q;

		question_init(&q, 1000);
		question_backs_off(&q, 4000);
		question_asked(&q, at(0));
		answer(&q, 5, ERR_NONE, "");
		assert_true(due_from(&q, 10, 990, false));
		assert_true(due_from(&q, 1100, 1110, true));
		at_once += question_due(&q, at(1005));
	}
	assert_true(at_once < 32);
}

static void test_asked_again_by_hand_it_forgets_what_was_in_vain(void **state)
{
	struct question q;

	(void)state;
	question_init(&q, 1000);
	question_backs_off(&q, 60000);
	for (int i = 0; i < 20; i++) {
		question_asked(&q, at(i));
		answer(&q, i, ERR_REFUSED, "no");
	}
	assert_false(question_due(&q, at(20000)));
	question_again(&q);
	assert_true(question_due(&q, at(20)));
	question_asked(&q, at(20));
	answer(&q, 25, ERR_REFUSED, "no");
	assert_true(question_due(&q, at(1130)));
}

static void test_who_asks_to_be_left_alone_is_left_alone_even_by_hand(void **state)
{
	struct question q;

	(void)state;
	question_init(&q, 1000);
	question_backs_off(&q, 4000);
	question_asked(&q, at(0));
	answer(&q, 5, ERR_BUSY, "429");
	question_hold(&q, at(5), 30000);
	assert_true(due_from(&q, 10, 30000, false));
	question_again(&q);
	assert_true(due_from(&q, 10, 30000, false));
	assert_true(question_due(&q, at(30005)));
}

/* Asked and never answered, from its first asking at from_ms on; looked at ten times a second. */
static void lose_answers(struct question *q, int64_t from_ms, int64_t to_ms)
{
	for (int64_t ms = from_ms; ms < to_ms; ms += 100) {
		if (question_due(q, at(ms)))
			question_asked(q, at(ms));
		question_wait(q, at(ms));
		assert_int_not_equal(q->probe.state, PROBE_FAILED);
	}
}

/* An asking ends in a time-out at least: without one, it is our side that lost the answer. */
static void test_a_lost_answer_is_asked_for_again_and_calls_no_server_down(void **state)
{
	const int64_t ends_ms = QUESTION_TOTAL_MS + QUESTION_LATE_MS;
	struct question q;
	uint64_t first;

	(void)state;
	question_init(&q, 1000);
	question_asked(&q, at(-10));
	answer(&q, 0, ERR_NONE, "");
	first = question_asked(&q, at(1000));
	assert_true(question_wait(&q, at(1000 + QUESTION_SILENT_MS)));
	assert_int_equal(q.probe.state, PROBE_SILENT);
	assert_false(question_due(&q, at(1000 + ends_ms - 1)));
	assert_true(question_due(&q, at(1000 + ends_ms)));
	assert_true(question_wait(&q, at(1000 + ends_ms)));
	assert_int_equal(q.probe.state, PROBE_OK); /* it was, not long ago */
	assert_int_equal(q.lost.boot_ms, at(1000 + ends_ms).boot_ms);
	assert_int_not_equal(question_asked(&q, at(1000 + ends_ms)), first);
	assert_false(question_awaits(&q, first));
	lose_answers(&q, 1000 + ends_ms, 60000);
	assert_true(question_due(&q, at(70000)));
	question_wait(&q, at(70000));
	assert_int_equal(q.probe.state, PROBE_NEVER); /* nobody knows any more */
	question_asked(&q, at(70000));
	answer(&q, 70010, ERR_NONE, "");
	assert_int_equal(q.probe.state, PROBE_OK);
}

/* The level counts a silence of QUESTION_TOTAL_MS as down: no lost answer comes so far. */
static void test_an_overdue_answer_lets_no_silence_grow(void **state)
{
	struct question q;

	(void)state;
	question_init(&q, 1000);
	question_asked(&q, at(-10));
	answer(&q, 0, ERR_NONE, "");
	question_asked(&q, at(1000));
	for (int64_t ms = 1000; ms < 1000 + QUESTION_TOTAL_MS + QUESTION_LATE_MS; ms += 100) {
		question_wait(&q, at(ms));
		if (q.probe.state == PROBE_SILENT)
			assert_true(instant_age_ms(q.probe.since, at(ms)) < QUESTION_TOTAL_MS);
	}
	assert_int_equal(q.probe.state, PROBE_SILENT);
	answer(&q, 7950, ERR_TIMEOUT, "no answer within 5 s"); /* it came after all */
	assert_int_equal(q.probe.state, PROBE_SILENT);
	question_asked(&q, at(7950));
	question_wait(&q, at(8050));
	assert_true(instant_age_ms(q.probe.since, at(8050)) >= QUESTION_TOTAL_MS);
}

static void test_lost_answers_do_not_clear_what_had_failed(void **state)
{
	struct question q;

	(void)state;
	question_init(&q, 1000);
	question_asked(&q, at(0));
	answer(&q, 3, ERR_REFUSED, "refused");
	question_asked(&q, at(1000));
	question_wait(&q, at(30000));
	assert_true(question_due(&q, at(31000)));
	assert_int_equal(q.probe.state, PROBE_FAILED);
	assert_int_equal(q.probe.since.boot_ms, at(0).boot_ms);
}

/* What silence there was before the lost asking is not proven to have gone on. */
static void test_silence_is_counted_anew_after_a_lost_answer(void **state)
{
	struct question q;

	(void)state;
	question_init(&q, 1000);
	question_asked(&q, at(0));
	answer(&q, 5000, ERR_TIMEOUT, "no answer within 5 s");
	question_asked(&q, at(5000));
	question_wait(&q, at(9900));
	assert_int_equal(q.probe.state, PROBE_SILENT);
	question_asked(&q, at(9900)); /* the one before is given up */
	assert_false(question_wait(&q, at(11300)));
	assert_true(question_wait(&q, at(11400)));
	assert_int_equal(q.probe.state, PROBE_SILENT);
	assert_int_equal(q.probe.since.boot_ms, at(9900).boot_ms);
}

static void test_the_time_in_our_own_queue_is_not_the_servers(void **state)
{
	struct question q;

	(void)state;
	question_init(&q, 1000);
	question_asked(&q, at(0));
	for (int64_t ms = 0; ms <= 60000; ms += 100) {
		question_queued(&q, at(ms));
		assert_false(question_wait(&q, at(ms)));
		assert_false(question_due(&q, at(ms)));
	}
	assert_true(question_wait(&q, at(60000 + QUESTION_SILENT_MS)));
	assert_int_equal(q.probe.since.boot_ms, at(60000).boot_ms);
}

/* R was pressed while an answer was on its way. */
static void test_what_is_under_way_is_not_silent_for_being_asked_again(void **state)
{
	struct question q;

	(void)state;
	question_init(&q, 1000);
	question_asked(&q, at(0));
	question_again(&q);
	assert_false(question_wait(&q, at(100)));
	assert_false(question_due(&q, at(100)));
	answer(&q, 110, ERR_NONE, "");
	assert_false(question_due(&q, at(120)));
	question_again(&q);
	assert_true(question_due(&q, at(120)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_asked_at_once_and_then_each_period),
		cmocka_unit_test(test_a_refusal_is_believed_at_once),
		cmocka_unit_test(test_silence_is_named_and_later_called_down),
		cmocka_unit_test(test_an_answer_ends_the_trouble),
		cmocka_unit_test(test_what_refused_and_then_hangs_stays_failed),
		cmocka_unit_test(test_a_cancelled_asking_says_nothing),
		cmocka_unit_test(
			test_what_is_asked_in_vain_is_asked_more_rarely_but_not_too_rarely),
		cmocka_unit_test(test_many_who_ask_do_not_ask_in_step),
		cmocka_unit_test(test_asked_again_by_hand_it_forgets_what_was_in_vain),
		cmocka_unit_test(test_who_asks_to_be_left_alone_is_left_alone_even_by_hand),
		cmocka_unit_test(test_a_lost_answer_is_asked_for_again_and_calls_no_server_down),
		cmocka_unit_test(test_an_overdue_answer_lets_no_silence_grow),
		cmocka_unit_test(test_lost_answers_do_not_clear_what_had_failed),
		cmocka_unit_test(test_silence_is_counted_anew_after_a_lost_answer),
		cmocka_unit_test(test_the_time_in_our_own_queue_is_not_the_servers),
		cmocka_unit_test(test_what_is_under_way_is_not_silent_for_being_asked_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
