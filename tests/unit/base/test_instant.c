/* Moments: read strictly, written as people and kubectl write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/instant.h"

static void test_rfc3339_is_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"2026-11-23T04:43:50Z", INT64_C(1795409030000)},
		{"2026-11-23T04:43:50.123456Z", INT64_C(1795409030123)},
		{"2026-11-23T04:43:50.9Z", INT64_C(1795409030900)},
		{"2026-11-23T12:43:50+08:00", INT64_C(1795409030000)},
		{"2026-11-22t23:13:50-05:30", INT64_C(1795409030000)},
		{"1969-12-31T23:59:59.5Z", -500},
		{"2024-02-29T00:00:00z", INT64_C(1709164800000)},
		{"0001-01-01T00:00:00Z", INT64_C(-62135596800000)},
		{"2016-12-31T23:59:60Z", INT64_C(1483228800000)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(instant_parse(rows[i].text) == rows[i].ms);
}

static void test_what_is_no_time_is_refused(void **state)
{
	static const char *const rows[] = {"", "null", "2026-11-23", "2026-11-23T04:43:50",
		"2026-11-23 04:43:50Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
		"2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
		"2026-01-01T00:00:61Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx",
		"2026-01-01T00:00:00+0800", "2026-01-01T00:00:00+24:00", "26-01-01T00:00:00Z",
		"2026-1-1T00:00:00Z", "+2026-01-01T00:00:00Z", "2026-01-01T00:00:0"};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(instant_parse(rows[i]) == INT64_MIN);
	assert_true(instant_parse(NULL) == INT64_MIN);
}

static void test_what_is_written_is_read_back(void **state)
{
	char text[32];

	(void)state;
	for (int64_t ms = INT64_C(-3000000000000); ms < INT64_C(5000000000000);
		ms += INT64_C(7777777000))
		assert_true(instant_parse(instant_rfc3339(ms, text, sizeof(text))) == ms);
	assert_string_equal(instant_rfc3339(-1, text, sizeof(text)), "1969-12-31T23:59:59Z");
}

static void test_local_times_follow_the_zone(void **state)
{
	char text[32];

	(void)state;
	setenv("TZ", "XYZ-8", 1);
	tzset();
	assert_string_equal(
		instant_local(INT64_C(1795409030999), text, sizeof(text)), "2026-11-23 12:43:50");
	assert_string_equal(instant_hms(INT64_C(1795409030999), text, sizeof(text)), "12:43:50");
	assert_string_equal(instant_rfc3339(INT64_C(1795409030999), text, sizeof(text)),
		"2026-11-23T04:43:50Z");
	setenv("TZ", "UTC", 1);
	tzset();
}

#define S INT64_C(1000)
#define M (60 * S)
#define H (60 * M)
#define D (24 * H)

/* The rows of kubectl's own duration_test.go, among others. */
static void test_an_age_is_what_kubectl_prints(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{-1, "-"},
		{0, "0s"},
		{999, "0s"},
		{S, "1s"},
		{70 * S, "70s"},
		{119 * S, "119s"},
		{120 * S, "2m"},
		{190 * S, "3m10s"},
		{10 * M - S, "9m59s"},
		{10 * M + 10 * S, "10m"},
		{70 * M, "70m"},
		{179 * M, "179m"},
		{180 * M, "3h"},
		{4 * H + 7 * M, "4h7m"},
		{8 * H, "8h"},
		{47 * H + 59 * M, "47h"},
		{49 * H, "2d1h"},
		{48 * H, "2d"},
		{7 * D + 23 * H, "7d23h"},
		{8 * D + 5 * H, "8d"},
		{45 * D, "45d"},
		{729 * D, "729d"},
		{730 * D, "2y"},
		{3 * 365 * D + 10 * D, "3y10d"},
		{8 * 365 * D + 4 * D, "8y"},
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(instant_age(rows[i].ms, text, sizeof(text)), rows[i].text);
	assert_string_equal(instant_age(INT64_MAX, text, sizeof(text)), "292471208y");
}

static void test_an_age_is_measured_on_the_boot_clock(void **state)
{
	struct instant then = {.wall_ms = 5000, .boot_ms = 1000}, never = {0, 0};
	struct instant now = {.wall_ms = 1, .boot_ms = 3500};

	(void)state;
	assert_int_equal(instant_age_ms(then, now), 2500);
	assert_int_equal(instant_age_ms(now, then), 0);
	assert_int_equal(instant_age_ms(never, now), -1);
}

/* The clock itself: time() reads a coarse one, which is a tick behind at a second's turn. */
static int64_t wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void test_now_is_now_and_goes_on(void **state)
{
	int64_t before = wall_ms();
	struct instant a = instant_now(), b = instant_now();

	(void)state;
	assert_true(a.boot_ms > 0);
	assert_true(b.boot_ms >= a.boot_ms);
	assert_true(before <= a.wall_ms && a.wall_ms <= wall_ms());
}

static void test_a_span_is_read_and_written(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
		const char *back;
	} rows[] = {
		{"500ms", 500, "500ms"},
		{"60s", M, "1m"},
		{"15m", 15 * M, "15m"},
		{"1h30m", 90 * M, "1h30m"},
		{"72h", 72 * H, "72h"},
		{"7d", 7 * D, "7d"},
		{"1d12h", 36 * H, "36h"},
		{"0s", 0, "0s"},
		{"2m500ms", 2 * M + 500, "2m500ms"},
	};
	static const char *const no_span[] = {"", "15", "m", "1x", "-5m", "1m1h", "5m ", "1.5h",
		"99999999999d", "1mm", "36500d1h"};
	char text[32];
	int64_t ms = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(span_parse(rows[i].text, &ms));
		assert_int_equal(ms, rows[i].ms);
		assert_string_equal(span_text(ms, text, sizeof(text)), rows[i].back);
	}
	ms = 7;
	for (size_t i = 0; i < sizeof(no_span) / sizeof(no_span[0]); i++)
		assert_false(span_parse(no_span[i], &ms));
	assert_false(span_parse(NULL, &ms));
	assert_int_equal(ms, 7);
	assert_string_equal(span_text(-15 * M, text, sizeof(text)), "-15m");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc3339_is_read),
		cmocka_unit_test(test_what_is_no_time_is_refused),
		cmocka_unit_test(test_what_is_written_is_read_back),
		cmocka_unit_test(test_local_times_follow_the_zone),
		cmocka_unit_test(test_an_age_is_what_kubectl_prints),
		cmocka_unit_test(test_a_span_is_read_and_written),
		cmocka_unit_test(test_an_age_is_measured_on_the_boot_clock),
		cmocka_unit_test(test_now_is_now_and_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
