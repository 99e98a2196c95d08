/* What was called in the last minute, and no more than fits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/meter.h"

#define HOUR 3600000

/* The table is the process's own: each test has an hour to itself. */
static int64_t hour;

static int next_hour(void **state)
{
	(void)state;
	hour += HOUR;
	return 0;
}

static void count(const char *name, enum meter_what what, int times, int64_t at_ms)
{
	for (int i = 0; i < times; i++)
		meter_count(METER_SERVER, name, what, hour + at_ms);
}

static void test_counts_stand_by_kind_and_name(void **state)
{
	struct meter_reading r[METER_MAX];

	(void)state;
	meter_count(METER_SSH, "10.0.1.11", METER_REQUESTS, hour);
	count("10.0.1.12:6443", METER_REQUESTS, 3, 0);
	count("10.0.1.11:6443", METER_CONNECTIONS, 2, 900);
	count("10.0.1.11:6443", METER_REQUESTS, 5, 1000);
	assert_int_equal(meter_read(r, hour + 1000), 3);
	assert_string_equal(r[0].name, "10.0.1.11:6443");
	assert_int_equal(r[0].n[METER_REQUESTS], 5);
	assert_int_equal(r[0].n[METER_CONNECTIONS], 2);
	assert_string_equal(r[1].name, "10.0.1.12:6443");
	assert_int_equal(r[1].n[METER_REQUESTS], 3);
	assert_int_equal(r[2].kind, METER_SSH);
	assert_int_equal(r[2].n[METER_REQUESTS], 1);
}

static void test_a_call_counts_for_a_minute_and_then_no_more(void **state)
{
	struct meter_reading r[METER_MAX];

	(void)state;
	count("a:1", METER_REQUESTS, 2, 0);
	count("a:1", METER_REQUESTS, 1, 30000);
	assert_int_equal(meter_read(r, hour + 59999), 1);
	assert_int_equal(r[0].n[METER_REQUESTS], 3);
	assert_int_equal(meter_read(r, hour + 60000), 1);
	assert_int_equal(r[0].n[METER_REQUESTS], 1);
	assert_int_equal(meter_read(r, hour + 90000), 0);
	count("a:1", METER_REQUESTS, 1, 2000000);
	assert_int_equal(meter_read(r, hour + 2000000), 1);
	assert_int_equal(r[0].n[METER_REQUESTS], 1);
}

static void test_a_thread_that_is_a_moment_behind_counts_too(void **state)
{
	struct meter_reading r[METER_MAX];

	(void)state;
	count("a:1", METER_REQUESTS, 1, 5000);
	count("a:1", METER_REQUESTS, 1, 3999);
	assert_int_equal(meter_read(r, hour + 5000), 1);
	assert_int_equal(r[0].n[METER_REQUESTS], 2);
	assert_int_equal(meter_read(r, hour + 65000), 0);
}

static void test_names_beyond_the_table_are_counted_together(void **state)
{
	struct meter_reading r[METER_MAX];
	unsigned sum = 0;
	char name[20];

	(void)state;
	for (int i = 0; i < METER_MAX + 20; i++) {
		snprintf(name, sizeof(name), "server-%03d", i);
		count(name, METER_REQUESTS, 1, 0);
	}
	assert_int_equal(meter_read(r, hour), METER_MAX);
	for (size_t i = 0; i < METER_MAX; i++)
		sum += r[i].n[METER_REQUESTS];
	assert_int_equal(sum, METER_MAX + 20);
	assert_string_equal(r[0].name, "");
	assert_int_equal(r[0].n[METER_REQUESTS], 21);
}

static void test_a_silent_name_gives_its_room_to_a_new_one(void **state)
{
	struct meter_reading r[METER_MAX];
	char name[20];

	(void)state;
	for (int i = 0; i < METER_MAX; i++) {
		snprintf(name, sizeof(name), "old-%03d", i);
		count(name, METER_REQUESTS, 1, 0);
	}
	count("old-007", METER_REQUESTS, 1, 40000);
	count("new", METER_CONNECTIONS, 1, 61000);
	assert_int_equal(meter_read(r, hour + 61000), 2);
	assert_string_equal(r[0].name, "new");
	assert_int_equal(r[0].n[METER_REQUESTS], 0);
	assert_int_equal(r[0].n[METER_CONNECTIONS], 1);
	assert_string_equal(r[1].name, "old-007");
}

static void test_a_name_without_end_is_cut_and_stays_one(void **state)
{
	struct meter_reading r[METER_MAX];
	char name[500];

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	count(name, METER_REQUESTS, 2, 0);
	assert_int_equal(meter_read(r, hour), 1);
	assert_int_equal(strlen(r[0].name), METER_NAME - 1);
	assert_int_equal(r[0].n[METER_REQUESTS], 2);
}

enum { THREADS = 4, TIMES = 5000 };

static void *count_many(void *arg)
{
	count(arg, METER_REQUESTS, TIMES, 0);
	count("shared", METER_REQUESTS, TIMES, 0);
	return NULL;
}

static void test_no_call_is_lost_between_threads(void **state)
{
	static char names[THREADS][4] = {"a", "b", "c", "d"};
	struct meter_reading r[METER_MAX];
	pthread_t t[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, count_many, names[i]), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(meter_read(r, hour), THREADS + 1);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(r[i].n[METER_REQUESTS], TIMES);
	assert_int_equal(r[THREADS].n[METER_REQUESTS], THREADS * TIMES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_counts_stand_by_kind_and_name, next_hour),
		cmocka_unit_test_setup(test_a_call_counts_for_a_minute_and_then_no_more, next_hour),
		cmocka_unit_test_setup(test_a_thread_that_is_a_moment_behind_counts_too, next_hour),
		cmocka_unit_test_setup(test_names_beyond_the_table_are_counted_together, next_hour),
		cmocka_unit_test_setup(test_a_silent_name_gives_its_room_to_a_new_one, next_hour),
		cmocka_unit_test_setup(test_a_name_without_end_is_cut_and_stays_one, next_hour),
		cmocka_unit_test_setup(test_no_call_is_lost_between_threads, next_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
