/* When whoever looks once need not wait any longer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "help/samples.h"
#include "model/settled.h"

static void test_it_waits_for_what_was_asked_and_not_for_what_failed(void **state)
{
	struct snapshot *s = sample_healthy(), *fresh = sample_nothing();

	(void)state;
	layer_judge(&s->layers, s->at);
	impact_take(&s->impact, s, NULL, &(struct impact){.masters = 0});
	assert_true(snapshot_is_settled(s));
	assert_false(snapshot_is_settled(fresh));
	s->sources[SOURCE_PODS].state = SOURCE_LOADING;
	assert_false(snapshot_is_settled(s));
	str_copy(s->sources[SOURCE_PODS].error, sizeof(s->sources[0].error), "HTTP 403");
	assert_true(snapshot_is_settled(s));
	s->layers.nodes[1].layer[LAYER_APISERVER].state = PROBE_SILENT;
	assert_false(snapshot_is_settled(s));
	s->layers.nodes[1].layer[LAYER_APISERVER].state = PROBE_FAILED;
	assert_true(snapshot_is_settled(s));
	s->layers.n = 2; /* the third control-plane node is not probed yet */
	assert_false(snapshot_is_settled(s));
	snapshot_unref(s);
	snapshot_unref(fresh);
}

static int tear_down(void **state)
{
	(void)state;
	samples_done();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_waits_for_what_was_asked_and_not_for_what_failed),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
