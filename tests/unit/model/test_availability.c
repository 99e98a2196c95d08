/* The month's account against 99.9 %, with its ends, its gaps and several watchers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/availability.h"

#define M (60 * INT64_C(1000))
#define H (60 * M)
#define D (24 * H)

static int64_t at(const char *text)
{
	return instant_parse(text);
}

static void test_a_month_begins_and_ends_where_the_calendar_says(void **state)
{
	static const struct {
		const char *now, *from, *to;
	} rows[] = {
		{"2026-11-23T04:43:50Z", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"},
		{"2026-12-31T23:59:59.999Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"},
		{"2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"},
		{"2027-02-28T12:00:00Z", "2027-02-01T00:00:00Z", "2027-03-01T00:00:00Z"},
		{"1969-12-31T23:00:00Z", "1969-12-01T00:00:00Z", "1970-01-01T00:00:00Z"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t from, to;

		availability_month(at(rows[i].now), &from, &to);
		assert_int_equal(from, at(rows[i].from));
		assert_int_equal(to, at(rows[i].to));
	}
}

static void test_thirty_days_allow_43_minutes_and_12_seconds(void **state)
{
	int64_t from = at("2026-11-01T00:00:00Z");
	struct watched_span spans[] = {
		{from, from + 10 * D, true}, {from + 10 * D, from + 10 * D + 20 * M, false}};
	struct availability a = availability_of(spans, 2, from, from + 15 * D);

	(void)state;
	assert_int_equal(a.budget_ms, 43 * M + 12000);
	assert_int_equal(a.down_ms, 20 * M);
	assert_int_equal(a.left_ms, 23 * M + 12000);
	assert_int_equal(a.elapsed_ms, 15 * D);
	assert_int_equal(a.watched_ms, 10 * D + 20 * M);
	assert_true(a.watched_percent > 66.7 && a.watched_percent < 66.8);
	assert_true(a.percent > 99.8 && a.percent < 99.9);
}

static void test_only_this_month_counts(void **state)
{
	int64_t from = at("2026-03-01T00:00:00Z"), to = at("2026-04-01T00:00:00Z");
	struct watched_span spans[] = {{from - H, from + M, false}, {to - 2 * M, to + H, false}};
	struct availability a = availability_of(spans, 2, from, to + 5 * D);

	(void)state;
	assert_int_equal(a.down_ms, 3 * M);
	assert_int_equal(a.elapsed_ms, 31 * D);
	assert_int_equal(a.budget_ms, 31 * D / 1000);
}

static void test_who_reached_the_api_proves_it_could_be_reached(void **state)
{
	int64_t from = at("2026-11-01T00:00:00Z");
	struct watched_span spans[] = {{from, from + 60 * M, false},
		{from + 10 * M, from + 30 * M, true}, {from + 20 * M, from + 70 * M, false}};
	struct availability a = availability_of(spans, 3, from, from + D);

	(void)state;
	assert_int_equal(a.watched_ms, 70 * M);
	assert_int_equal(a.down_ms, 50 * M);
}

static void test_nothing_watched_is_no_failure(void **state)
{
	int64_t from = at("2026-11-01T00:00:00Z");
	struct availability a = availability_of(NULL, 0, from, from + D);

	(void)state;
	assert_int_equal(a.down_ms, 0);
	assert_int_equal(a.watched_ms, 0);
	assert_true(a.percent == 100.0 && a.watched_percent == 0.0);
}

/* ---- the meter: one call a second, and what it gives to be stored ---- */

struct tape {
	struct availability_meter meter;
	struct watched_span last[100];
	size_t n;
};

static void put(struct tape *t, struct watched_span s)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->last[i].from_ms == s.from_ms && t->last[i].up == s.up) {
			t->last[i] = s;
			return;
		}
	}
	assert_true(t->n < 100);
	t->last[t->n++] = s;
}

static void sample(struct tape *t, enum api_seen seen, int64_t wall, int64_t boot)
{
	struct watched_span out[2];
	size_t n = availability_sample(
		&t->meter, seen, (struct instant){.wall_ms = wall, .boot_ms = boot}, out);

	for (size_t i = 0; i < n; i++)
		put(t, out[i]);
}

static void run(struct tape *t, enum api_seen seen, int64_t wall, int64_t boot, int seconds)
{
	for (int i = 0; i < seconds; i++)
		sample(t, seen, wall + i * 1000, boot + i * 1000);
}

static void test_samples_become_spans(void **state)
{
	struct tape t = {0};

	(void)state;
	run(&t, API_UP, 100000, 5000, 100);
	run(&t, API_DOWN, 200000, 105000, 50);
	run(&t, API_UP, 250000, 155000, 40);
	assert_int_equal(t.n, 3);
	assert_int_equal(t.last[0].from_ms, 100000);
	assert_int_equal(t.last[0].to_ms, 200000);
	assert_false(t.last[1].up);
	assert_int_equal(t.last[1].to_ms - t.last[1].from_ms, 50000);
	assert_true(t.last[2].to_ms >= 280000); /* told at least every 30 s */
}

static void test_a_gap_a_doubt_or_a_set_clock_is_not_watched(void **state)
{
	struct tape t = {0};
	int64_t sum = 0;

	(void)state;
	run(&t, API_UP, 100000, 5000, 11);
	run(&t, API_UP, 1000000, 905000, 11); /* asleep for a quarter of an hour */
	run(&t, API_UNKNOWN, 1011000, 916000, 20);
	run(&t, API_UP, 1031000, 936000, 11);
	run(&t, API_UP, 9031000, 947000, 11); /* the clock was set */
	run(&t, API_UP, 500000, 958000, 11);  /* and back */
	sample(&t, API_UNKNOWN, 511000, 969000);
	for (size_t i = 0; i < t.n; i++)
		sum += t.last[i].to_ms - t.last[i].from_ms;
	assert_int_equal(t.n, 5);
	assert_true(sum >= 50000 && sum <= 54000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_month_begins_and_ends_where_the_calendar_says),
		cmocka_unit_test(test_thirty_days_allow_43_minutes_and_12_seconds),
		cmocka_unit_test(test_only_this_month_counts),
		cmocka_unit_test(test_who_reached_the_api_proves_it_could_be_reached),
		cmocka_unit_test(test_nothing_watched_is_no_failure),
		cmocka_unit_test(test_samples_become_spans),
		cmocka_unit_test(test_a_gap_a_doubt_or_a_set_clock_is_not_watched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
