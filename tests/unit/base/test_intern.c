/* Equal strings have equal addresses, from any thread, up to a ceiling. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/intern.h"

#define NAMES 5000

static void test_equal_strings_are_one(void **state)
{
	struct intern *pool = intern_new(1000);
	char built[] = "kube-system";
	const char *first = intern_str(pool, "kube-system");

	(void)state;
	assert_ptr_equal(intern_str(pool, built), first);
	assert_ptr_equal(intern_n(pool, "kube-system/x", 11), first);
	assert_ptr_not_equal(intern_str(pool, "kube-systen"), first);
	assert_string_equal(first, "kube-system");
	assert_string_equal(intern_str(pool, NULL), "");
	assert_string_equal(intern_n(pool, "x", 0), "");
	assert_int_equal(intern_bytes(pool), 2 * sizeof("kube-system"));
	intern_unref(pool);
	intern_unref(NULL);
}

static void test_addresses_stay_good_while_the_pool_grows(void **state)
{
	static const char *at[NAMES];
	struct intern *pool = intern_new(1 << 20);
	char name[32];

	(void)state;
	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "pod-%d", i);
		at[i] = intern_str(pool, name);
	}
	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "pod-%d", i);
		assert_string_equal(at[i], name);
		assert_ptr_equal(intern_str(pool, name), at[i]);
	}
	intern_unref(pool);
}

static void test_a_string_longer_than_a_block_is_kept(void **state)
{
	static char big[200 * 1024];
	struct intern *pool = intern_new(1 << 20);
	const char *small = intern_str(pool, "small");

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	assert_string_equal(intern_str(pool, big), big);
	assert_ptr_equal(intern_str(pool, big), intern_str(pool, big));
	assert_ptr_equal(intern_str(pool, "small"), small);
	intern_unref(pool);
}

static void test_past_the_ceiling_new_names_are_one_and_old_ones_stay(void **state)
{
	struct intern *pool = intern_new(10);
	const char *a = intern_str(pool, "abcd");

	(void)state;
	assert_string_equal(intern_str(pool, "efgh"), "efgh");
	assert_string_equal(intern_str(pool, "i"), "(too many names)");
	assert_ptr_equal(intern_str(pool, "j"), intern_str(pool, "k"));
	assert_ptr_equal(intern_str(pool, "abcd"), a);
	assert_int_equal(intern_bytes(pool), 10);
	intern_unref(pool);
}

/* Names of a byte or two cost most as entries of the table. */
static void test_the_ceiling_counts_what_short_names_cost(void **state)
{
	struct intern *pool = intern_new(1 << 20);
	char name[16];
	int n = 0;

	(void)state;
	for (; !intern_is_full(pool); n++) {
		snprintf(name, sizeof(name), "%x", (unsigned)n);
		intern_str(pool, name);
	}
	assert_true(n < 60000);
	assert_true(intern_bytes(pool) <= 1 << 20);
	intern_unref(pool);
}

struct adder {
	struct intern *pool;
	const char *got[NAMES];
};

static void *add_all(void *arg)
{
	struct adder *a = arg;
	char name[32];

	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "node-%d", i);
		a->got[i] = intern_str(a->pool, name);
	}
	return NULL;
}

static void test_threads_get_the_same_addresses(void **state)
{
	static struct adder adders[4];
	pthread_t threads[4];
	struct intern *pool = intern_new(1 << 20);

	(void)state;
	for (int i = 0; i < 4; i++) {
		adders[i].pool = pool;
		assert_int_equal(pthread_create(&threads[i], NULL, add_all, &adders[i]), 0);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < NAMES; i++)
		for (int k = 1; k < 4; k++)
			assert_ptr_equal(adders[k].got[i], adders[0].got[i]);
	intern_unref(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_strings_are_one),
		cmocka_unit_test(test_addresses_stay_good_while_the_pool_grows),
		cmocka_unit_test(test_a_string_longer_than_a_block_is_kept),
		cmocka_unit_test(test_past_the_ceiling_new_names_are_one_and_old_ones_stay),
		cmocka_unit_test(test_the_ceiling_counts_what_short_names_cost),
		cmocka_unit_test(test_threads_get_the_same_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
