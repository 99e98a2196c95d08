/* Each who listens to snapshots hears of all that is new, whatever the others have taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "ops/engine/audience.h"
#include "ops/engine/engine.h"

static void tell(struct audience *a, uint64_t number)
{
	struct snapshot *s = snapshot_new();

	s->number = number;
	audience_tell(a, s);
}

/* 0: nothing new. */
static uint64_t taken(struct slot *place)
{
	struct snapshot *s = slot_take(place);
	uint64_t number = s ? s->number : 0;

	snapshot_unref(s);
	return number;
}

static void test_two_listeners_each_take_the_newest(void **state)
{
	struct audience *a = audience_new();
	struct slot *one = audience_join(a), *two = audience_join(a);

	(void)state;
	assert_int_equal(taken(one), 0);
	tell(a, 1);
	assert_int_equal(taken(one), 1);
	assert_int_equal(taken(one), 0);
	tell(a, 2);
	assert_int_equal(taken(one), 2);
	assert_int_equal(taken(two), 2); /* who was slow is told the newest alone */
	assert_int_equal(taken(two), 0);
	audience_free(a);
}

static void test_who_comes_late_need_not_wait_for_the_next(void **state)
{
	struct audience *a = audience_new();
	struct slot *late;

	(void)state;
	tell(a, 1); /* with nobody there */
	late = audience_join(a);
	assert_int_equal(taken(late), 1);
	audience_free(a);
}

static void test_who_leaves_is_told_nothing_more_and_the_others_are(void **state)
{
	struct audience *a = audience_new();
	struct slot *one = audience_join(a), *two = audience_join(a), *three = audience_join(a);

	(void)state;
	tell(a, 1);
	audience_leave(a, one); /* with a snapshot unread */
	audience_leave(a, NULL);
	tell(a, 2);
	assert_int_equal(taken(two), 2);
	assert_int_equal(taken(three), 2);
	audience_free(a);
}

/* The first is published before the engine's thread runs. */
static void test_an_engine_has_a_snapshot_for_each_who_subscribes(void **state)
{
	struct engine_options o = engine_defaults;
	struct slot *one, *two;
	struct engine *en;
	struct err e;

	(void)state;
	o.access = mem_new(struct kube_access);
	o.access->server = mem_str("http://127.0.0.1:1");
	o.access->user = mem_str("me");
	en = engine_start(&o, &e);
	assert_non_null(en);
	one = engine_subscribe(en);
	two = engine_subscribe(en);
	assert_true(taken(one) > 0);
	assert_true(taken(two) > 0);
	engine_unsubscribe(en, one);
	engine_stop(en);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_listeners_each_take_the_newest),
		cmocka_unit_test(test_who_comes_late_need_not_wait_for_the_next),
		cmocka_unit_test(test_who_leaves_is_told_nothing_more_and_the_others_are),
		cmocka_unit_test(test_an_engine_has_a_snapshot_for_each_who_subscribes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
