/* Two clocks against their targets: warnings, breach, level changes, and that nothing but the times
 * given decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/instant.h"
#include "model/sla.h"

#define M (60 * INT64_C(1000))
#define H (60 * M)

#define T0 INT64_C(1795000000000)

static void test_the_targets_are_the_strategys(void **state)
{
	static const struct level_target want[] = {
		{15 * M, H}, {30 * M, 4 * H}, {2 * H, 24 * H}, {4 * H, 72 * H}};

	(void)state;
	for (int l = 0; l < LEVEL_COUNT; l++) {
		assert_int_equal(sla_target(&level_targets[l], SLA_RESPOND), want[l].respond_ms);
		assert_int_equal(sla_target(&level_targets[l], SLA_RECOVER), want[l].recover_ms);
	}
}

static void test_marks_are_reached_on_time_and_the_target_itself_is_still_in_time(void **state)
{
	static const struct {
		int64_t at;
		int mark, percent;
		bool breached;
	} rows[] = {
		{0, 0, 0, false},
		{30 * M - 1, 0, 49, false},
		{30 * M, 50, 50, false},
		{45 * M - 1, 50, 74, false},
		{45 * M, 75, 75, false},
		{54 * M - 1, 75, 89, false},
		{54 * M, 90, 90, false},
		{60 * M, 90, 100, false},
		{60 * M + 1, 100, 100, true},
		{1000 * H, 100, 999, true},
		{-5 * M, 0, 0, false},
	};
	const struct sla_span span = {T0, H};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sla_state s = sla_judge(T0, SLA_NEVER, &span, 1, T0 + rows[i].at);

		assert_int_equal(s.mark, rows[i].mark);
		assert_int_equal(s.percent, rows[i].percent);
		assert_int_equal(s.breached, rows[i].breached);
		assert_false(s.stopped);
		assert_int_equal(s.deadline_ms, T0 + H);
		if (rows[i].at >= 0)
			assert_int_equal(s.left_ms, H - rows[i].at);
	}
}

static void test_a_stopped_clock_stays_where_it_stopped(void **state)
{
	const struct sla_span span = {T0, 15 * M};
	struct sla_state s = sla_judge(T0, T0 + 12 * M, &span, 1, T0 + 100 * H);

	(void)state;
	assert_true(s.stopped);
	assert_false(s.breached);
	assert_int_equal(s.elapsed_ms, 12 * M);
	assert_int_equal(s.left_ms, 3 * M);
	s = sla_judge(T0, T0 + 16 * M, &span, 1, T0 + 100 * H);
	assert_true(s.breached);
	assert_int_equal(s.breached_ms, T0 + 15 * M);
}

static void test_a_raised_level_counts_from_the_start(void **state)
{
	const struct sla_span spans[] = {{T0, 4 * H}, {T0 + 50 * M, H}};
	struct sla_state s = sla_judge(T0, SLA_NEVER, spans, 2, T0 + 50 * M);

	(void)state;
	assert_int_equal(s.deadline_ms, T0 + H);
	assert_int_equal(s.mark, 75);
	assert_false(s.breached);
	s = sla_judge(T0, SLA_NEVER, spans, 2, T0 + H + 1);
	assert_true(s.breached);
	assert_int_equal(s.breached_ms, T0 + H);
}

static void test_a_level_raised_past_its_deadline_is_breached_at_once(void **state)
{
	const struct sla_span spans[] = {{T0, 4 * H}, {T0 + 2 * H, H}};
	struct sla_state s = sla_judge(T0, SLA_NEVER, spans, 2, T0 + 2 * H);

	(void)state;
	assert_true(s.breached);
	assert_int_equal(s.breached_ms, T0 + 2 * H);
	assert_false(sla_judge(T0, SLA_NEVER, spans, 2, T0 + 2 * H - 1).breached);
}

static void test_a_milder_level_gives_time_but_never_unbreaches(void **state)
{
	const struct sla_span late[] = {{T0, H}, {T0 + 2 * H, 24 * H}};
	const struct sla_span soon[] = {{T0, H}, {T0 + 30 * M, 24 * H}};
	struct sla_state s = sla_judge(T0, SLA_NEVER, late, 2, T0 + 3 * H);

	(void)state;
	assert_true(s.breached);
	assert_int_equal(s.breached_ms, T0 + H);
	assert_int_equal(s.deadline_ms, T0 + 24 * H);
	assert_int_equal(s.left_ms, 21 * H);
	assert_int_equal(s.percent, 12);
	assert_false(sla_judge(T0, SLA_NEVER, soon, 2, T0 + 3 * H).breached);
	/* and it was breached only if it was still running then */
	assert_false(sla_judge(T0, T0 + 50 * M, late, 2, T0 + 3 * H).breached);
}

static void test_up_and_down_again_stays_breached(void **state)
{
	const struct sla_span spans[] = {
		{T0, 24 * H}, {T0 + 2 * H, H}, {T0 + 2 * H + 5 * M, 24 * H}};

	(void)state;
	assert_true(sla_judge(T0, SLA_NEVER, spans, 3, T0 + 3 * H).breached);
	assert_int_equal(sla_judge(T0, SLA_NEVER, spans, 3, T0 + 3 * H).breached_ms, T0 + 2 * H);
}

static void test_a_deadline_passes_month_year_and_leap_day(void **state)
{
	static const struct {
		const char *start, *deadline;
	} rows[] = {
		{"2026-12-31T23:50:00Z", "2027-01-03T23:50:00Z"},
		{"2028-02-27T12:00:00Z", "2028-03-01T12:00:00Z"},
		{"2027-02-27T12:00:00Z", "2027-03-02T12:00:00Z"},
		{"2026-10-24T22:00:00Z", "2026-10-27T22:00:00Z"}, /* summer time ends within */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t start = instant_parse(rows[i].start);
		const struct sla_span span = {start, level_targets[LEVEL_P3].recover_ms};

		assert_int_equal(sla_judge(start, SLA_NEVER, &span, 1, start).deadline_ms,
			instant_parse(rows[i].deadline));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_targets_are_the_strategys),
		cmocka_unit_test(
			test_marks_are_reached_on_time_and_the_target_itself_is_still_in_time),
		cmocka_unit_test(test_a_stopped_clock_stays_where_it_stopped),
		cmocka_unit_test(test_a_raised_level_counts_from_the_start),
		cmocka_unit_test(test_a_level_raised_past_its_deadline_is_breached_at_once),
		cmocka_unit_test(test_a_milder_level_gives_time_but_never_unbreaches),
		cmocka_unit_test(test_up_and_down_again_stays_breached),
		cmocka_unit_test(test_a_deadline_passes_month_year_and_leap_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
