/* Which counts of error lines are a burst, and for how long one is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "ops/watch/node_watch.h"

static struct instant at(int64_t s)
{
	return (struct instant){.wall_ms = 1700000000000 + s * 1000, .boot_ms = 1000000 + s * 1000};
}

/* One node whose kubelet's errors were counted at 0 s. */
static const char *burst(struct host_log log, int64_t now_s)
{
	static struct node_watch w;
	static struct host_report report;
	static struct names said;
	struct node_watch_node *n = &w.at[0];

	w.n = 2; /* the second never answered */
	str_copy(n->node.name, sizeof(n->node.name), "m2");
	n->report = &report;
	n->logs_counted = at(0);
	report.logs[0] = log;
	said = (struct names){.n = 0};
	node_watch_bursts(&w, &said, at(now_s));
	return said.text;
}

static void test_many_errors_against_few_are_a_burst(void **state)
{
	(void)state;
	assert_string_equal(burst((struct host_log){3600, 200, 0}, 1), "m2 kubelet 40/min");
	assert_string_equal(burst((struct host_log){3600, 200, 55}, 1), "m2 kubelet 40/min");
	assert_string_equal(burst((struct host_log){900, 200, 10}, 1), "m2 kubelet 40/min");
}

static void test_one_error_is_no_burst(void **state)
{
	(void)state;
	assert_string_equal(burst((struct host_log){3600, 1, 0}, 1), "");
	assert_string_equal(burst((struct host_log){3600, 19, 0}, 1), "");
	assert_string_equal(burst((struct host_log){3600, 0, 0}, 1), "");
}

static void test_what_always_errs_is_no_burst(void **state)
{
	(void)state;
	assert_string_equal(burst((struct host_log){3600, 200, 2000}, 1), "");
	assert_string_equal(burst((struct host_log){900, 200, 200}, 1), "");
}

/* A component that has just begun is loud; what it did before is not known. */
static void test_a_young_log_is_not_judged(void **state)
{
	(void)state;
	assert_string_equal(burst((struct host_log){599, 200, 0}, 1), "");
	assert_string_equal(burst((struct host_log){300, 200, 0}, 1), "");
	assert_string_equal(burst((struct host_log){0, 200, 0}, 1), "");
}

static void test_an_old_count_says_nothing_of_now(void **state)
{
	(void)state;
	assert_string_equal(burst((struct host_log){3600, 200, 0}, 140), "m2 kubelet 40/min");
	assert_string_equal(burst((struct host_log){3600, 200, 0}, 160), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_errors_against_few_are_a_burst),
		cmocka_unit_test(test_one_error_is_no_burst),
		cmocka_unit_test(test_what_always_errs_is_no_burst),
		cmocka_unit_test(test_a_young_log_is_not_judged),
		cmocka_unit_test(test_an_old_count_says_nothing_of_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
