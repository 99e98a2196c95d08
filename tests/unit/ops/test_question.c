/* What silence, refusal and answers make of a question asked again and again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "ops/question.h"

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
	assert_false(question_due(&q, at(5000))); /* one at a time */
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
	question_asked(&q, at(0));
	question_wait(&q, at(20000));
	assert_int_equal(q.probe.state, PROBE_FAILED);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_asked_at_once_and_then_each_period),
		cmocka_unit_test(test_a_refusal_is_believed_at_once),
		cmocka_unit_test(test_silence_is_named_and_later_called_down),
		cmocka_unit_test(test_an_answer_ends_the_trouble),
		cmocka_unit_test(test_what_refused_and_then_hangs_stays_failed),
		cmocka_unit_test(test_a_cancelled_asking_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
