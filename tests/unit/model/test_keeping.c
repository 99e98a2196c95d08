/* What the operator hears of a disk that takes nothing: not each hiccup, and nothing twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "model/keeping.h"

static struct instant at(int64_t s)
{
	return (struct instant){.wall_ms = 1795435200000 + s * 1000, .boot_ms = 1000000 + s * 1000};
}

static void set(struct keeping *k, const char *why, int64_t since_s)
{
	str_copy(k->why, sizeof(k->why), why);
	k->since = at(since_s);
}

static void test_a_minute_of_trouble_is_told_once_and_its_end_too(void **state)
{
	struct keeping k = {0};

	(void)state;
	assert_int_equal(keeping_step(&k, at(0)), KEEPING_NO_NEWS);
	set(&k, "No space left on device", 1);
	for (int s = 1; s < 61; s++)
		assert_int_equal(keeping_step(&k, at(s)), KEEPING_NO_NEWS);
	assert_int_equal(keeping_step(&k, at(61)), KEEPING_IS_LATE);
	for (int s = 62; s < 200; s++)
		assert_int_equal(keeping_step(&k, at(s)), KEEPING_NO_NEWS);
	set(&k, "", 0);
	assert_int_equal(keeping_step(&k, at(200)), KEEPING_IS_WELL);
	assert_int_equal(keeping_step(&k, at(201)), KEEPING_NO_NEWS);
}

static void test_a_hiccup_is_not_told_nor_that_it_is_over(void **state)
{
	struct keeping k = {0};

	(void)state;
	set(&k, "the disk does not answer", 1);
	assert_int_equal(keeping_step(&k, at(59)), KEEPING_NO_NEWS);
	set(&k, "", 0);
	assert_int_equal(keeping_step(&k, at(60)), KEEPING_NO_NEWS);
	assert_int_equal(keeping_step(&k, at(600)), KEEPING_NO_NEWS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_minute_of_trouble_is_told_once_and_its_end_too),
		cmocka_unit_test(test_a_hiccup_is_not_told_nor_that_it_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
