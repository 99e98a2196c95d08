/* Names that sort as they were given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/ulid.h"

static void test_each_is_greater_than_the_last_whatever_the_clock_does(void **state)
{
	static const int64_t clock[] = {
		1000, 1000, 1000, 2000, 500, 500, 2001, 1764000000000, 0, -5};
	struct ulid u = {{0}};
	char last[ULID_SIZE] = "", id[ULID_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(clock) / sizeof(clock[0]); i++) {
		ulid_next(&u, clock[i], id);
		assert_true(ulid_valid(id));
		assert_true(strcmp(id, last) > 0);
		memcpy(last, id, sizeof(last));
	}
}

/* The example of the specification's own text: 1469918176385 ms is 01ARYZ6S41. */
static void test_the_time_stands_in_front(void **state)
{
	struct ulid u = {{0}};
	char id[ULID_SIZE];

	(void)state;
	ulid_next(&u, 1469918176385, id);
	assert_memory_equal(id, "01ARYZ6S41", 10);
}

static void test_two_sources_never_agree(void **state)
{
	struct ulid a = {{0}}, b = {{0}};
	char x[ULID_SIZE], y[ULID_SIZE];

	(void)state;
	ulid_next(&a, 1000, x);
	ulid_next(&b, 1000, y);
	assert_string_not_equal(x, y);
}

static void test_two_sources_never_agree_also_before_1970(void **state)
{
	static const int64_t clock[] = {0, -1, -86400000, INT64_MIN};

	(void)state;
	for (size_t i = 0; i < sizeof(clock) / sizeof(clock[0]); i++) {
		struct ulid a = {{0}}, b = {{0}};
		char x[ULID_SIZE], y[ULID_SIZE], next[ULID_SIZE];

		ulid_next(&a, clock[i], x);
		ulid_next(&b, clock[i], y);
		assert_string_not_equal(x, y);
		ulid_next(&a, clock[i], next);
		assert_true(strcmp(next, x) > 0);
	}
}

static void test_what_is_no_ulid_is_refused(void **state)
{
	(void)state;
	assert_true(ulid_valid("01ARYZ6S41TSV4RRFFQ69G5FAV"));
	assert_false(ulid_valid("01ARYZ6S41TSV4RRFFQ69G5FA"));
	assert_false(ulid_valid("01ARYZ6S41TSV4RRFFQ69G5FAVX"));
	assert_false(ulid_valid("01aryz6s41tsv4rrffq69g5fav"));
	assert_false(ulid_valid("81ARYZ6S41TSV4RRFFQ69G5FAV"));
	assert_false(ulid_valid("01ARYZ6S41TSV4RRFFQ69G5FAU"));
	assert_false(ulid_valid(""));
	assert_false(ulid_valid(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_is_greater_than_the_last_whatever_the_clock_does),
		cmocka_unit_test(test_the_time_stands_in_front),
		cmocka_unit_test(test_two_sources_never_agree),
		cmocka_unit_test(test_two_sources_never_agree_also_before_1970),
		cmocka_unit_test(test_what_is_no_ulid_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
