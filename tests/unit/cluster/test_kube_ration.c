/* What a server may be asked for, told by the clock alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "cluster/kube_ration.h"

#define FLOOR 30000
#define M1    "10.0.0.1:6443"
#define M2    "10.0.0.2:6443"

static struct instant at(int64_t ms)
{
	return (struct instant){.wall_ms = 1700000000000 + ms, .boot_ms = 1000000 + ms};
}

static int begin(void **state)
{
	struct kube_rations *r = kube_rations_new();

	kube_rations_set_floor(r, FLOOR);
	*state = r;
	return 0;
}

static int end(void **state)
{
	kube_rations_free(*state);
	return 0;
}

static int64_t list_wait(struct kube_rations *r, const char *server, int64_t ms)
{
	return kube_ration_wait_ms(r, server, SOURCE_PODS, true, at(ms));
}

static void test_the_first_list_of_any_server_need_not_wait(void **state)
{
	assert_int_equal(list_wait(*state, M1, 0), 0);
	kube_ration_listed(*state, M1, SOURCE_PODS, at(0));
	assert_int_equal(list_wait(*state, M2, 1), 0);
	assert_int_equal(kube_ration_wait_ms(*state, M1, SOURCE_NODES, true, at(1)), 0);
}

static void test_there_and_back_again_the_floor_holds(void **state)
{
	kube_ration_listed(*state, M1, SOURCE_PODS, at(0));
	kube_ration_listed(*state, M2, SOURCE_PODS, at(5000));
	assert_int_equal(list_wait(*state, M1, 10000), 20000);
	assert_int_equal(list_wait(*state, M2, 10000), 25000);
	assert_int_equal(list_wait(*state, M1, 30000), 0);
	/* A watch goes on whenever, and so does the list of an expired version. */
	assert_int_equal(kube_ration_wait_ms(*state, M1, SOURCE_PODS, false, at(10)), 0);
}

static void test_a_list_that_was_refused_does_not_count(void **state)
{
	kube_ration_listed(*state, M1, SOURCE_PODS, at(0));
	kube_ration_listed(*state, M1, SOURCE_PODS, at(40000));
	kube_ration_spared(*state, M1, SOURCE_PODS);
	assert_int_equal(list_wait(*state, M1, 40001), 0);
}

static void test_what_fails_again_and_again_rests_for_longer_up_to_a_minute(void **state)
{
	int64_t before = 0, now = 0;

	for (int i = 0; i < 20; i++) {
		int64_t wait;

		kube_ration_failed(*state, M1, SOURCE_PODS, 0, at(now));
		wait = kube_ration_wait_ms(*state, M1, SOURCE_PODS, false, at(now));
		assert_true(wait >= (before < 60000 ? before : 60000));
		assert_true(wait <= 66000);
		before = wait * 10 / 11; /* less what chance may have added */
		now += wait;
	}
	assert_true(before >= 50000);
	kube_ration_worked(*state, M1, SOURCE_PODS);
	kube_ration_failed(*state, M1, SOURCE_PODS, 0, at(now));
	assert_true(kube_ration_wait_ms(*state, M1, SOURCE_PODS, false, at(now)) < 1000);
}

static void test_what_is_woken_over_and_over_is_not_tried_each_time(void **state)
{
	for (int i = 0; i < 10; i++)
		kube_ration_failed(*state, M1, SOURCE_PODS, 0, at(0));
	for (int64_t ms = 0; ms < 10000; ms += 500) {
		kube_ration_wake(*state, M1, SOURCE_PODS, 10000, at(ms));
		assert_true(kube_ration_wait_ms(*state, M1, SOURCE_PODS, false, at(ms)) > 0);
	}
	assert_int_equal(kube_ration_wait_ms(*state, M1, SOURCE_PODS, false, at(11000)), 0);
}

static void test_a_server_that_wants_to_be_left_alone_is_and_the_others_are_not(void **state)
{
	kube_ration_hold(*state, M1, 20000, at(0));
	kube_ration_hold(*state, M1, 1000, at(1)); /* a shorter wish does not end it */
	assert_true(kube_ration_held_ms(*state, M1, at(19000)) >= 1000);
	assert_true(kube_ration_wait_ms(*state, M1, SOURCE_PODS, false, at(19000)) >= 1000);
	assert_true(kube_ration_wait_ms(*state, M1, SOURCE_NODES, true, at(19000)) >= 1000);
	assert_int_equal(kube_ration_held_ms(*state, M2, at(1)), 0);
	assert_int_equal(kube_ration_held_ms(*state, M1, at(22001)), 0);
}

static void test_many_servers_that_come_and_go_do_not_push_out_the_one_in_use(void **state)
{
	char name[32];

	kube_ration_listed(*state, M1, SOURCE_PODS, at(0));
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "10.1.%d.%d:6443", i / 256, i % 256);
		list_wait(*state, name, 10 + i);
		assert_true(list_wait(*state, M1, 10 + i) > 0);
	}
}

/* Nobody knows which of them it leads to. */
static void test_a_list_through_the_balancer_counts_for_each_server_behind_it(void **state)
{
	kube_rations_set_balancer(*state, M2);
	kube_ration_listed(*state, M2, SOURCE_PODS, at(0));
	assert_int_equal(list_wait(*state, M1, 10), 0); /* it hangs: another is listed at once */
	kube_ration_whole(*state, M2, SOURCE_PODS, at(20));
	assert_int_equal(list_wait(*state, M1, 20), FLOOR);
	assert_int_equal(kube_ration_wait_ms(*state, M1, SOURCE_NODES, true, at(20)), 0);
	kube_ration_whole(*state, M1, SOURCE_NODES, at(20));
	assert_int_equal(kube_ration_wait_ms(*state, M2, SOURCE_NODES, true, at(20)), FLOOR);
}

static void test_a_watch_goes_on_once_from_where_the_one_before_ended(void **state)
{
	char version[64] = "";

	kube_ration_leave(*state, SOURCE_PODS, "815", at(0));
	assert_false(kube_ration_resume(*state, SOURCE_NODES, version, sizeof(version), at(1)));
	assert_true(kube_ration_resume(*state, SOURCE_PODS, version, sizeof(version), at(1)));
	assert_string_equal(version, "815");
	assert_false(kube_ration_resume(*state, SOURCE_PODS, version, sizeof(version), at(1)));
	kube_ration_leave(*state, SOURCE_PODS, "816", at(0));
	assert_false(
		kube_ration_resume(*state, SOURCE_PODS, version, sizeof(version), at(FLOOR + 1)));
	kube_ration_leave(*state, SOURCE_PODS, "", at(0)); /* it was not whole */
	assert_false(kube_ration_resume(*state, SOURCE_PODS, version, sizeof(version), at(1)));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_the_first_list_of_any_server_need_not_wait),
		TEST(test_there_and_back_again_the_floor_holds),
		TEST(test_a_list_that_was_refused_does_not_count),
		TEST(test_what_fails_again_and_again_rests_for_longer_up_to_a_minute),
		TEST(test_what_is_woken_over_and_over_is_not_tried_each_time),
		TEST(test_a_server_that_wants_to_be_left_alone_is_and_the_others_are_not),
		TEST(test_a_list_through_the_balancer_counts_for_each_server_behind_it),
		TEST(test_a_watch_goes_on_once_from_where_the_one_before_ended),
		TEST(test_many_servers_that_come_and_go_do_not_push_out_the_one_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
