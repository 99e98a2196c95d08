/* How bad is it, asked of the engine on the practice cluster: each scenario has its level, the rule
 * that says why, an incident of that level proposed, and what `k911 check` prints of it; and once
 * it is healed the level falls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/check_report.h"
#include "help/stage.h"
#include "io/json.h"

#define SPEED 8

static const struct row {
	const char *scenario;
	enum level level;
	const char *rule;
} rows[] = {
	{"worker-down", LEVEL_P2, "worker-not-ready"},
	{"master-down", LEVEL_P1, "control-plane-node-down"},
	{"etcd-member-down", LEVEL_P1, "etcd-member-down"},
	{"etcd-quorum-lost", LEVEL_P0, "etcd-quorum-lost"},
	{"apiserver-down", LEVEL_P1, "apiserver-down"},
	{"all-apiservers-down", LEVEL_P0, "api-down"},
	{"cni-broken", LEVEL_P1, "core-service-down"},
	{"dns-down", LEVEL_P1, "core-service-down"},
	{"resources-high", LEVEL_P3, "memory-high"},
	{"partition", LEVEL_P1, "partition"},
	{"webhook-blocks", LEVEL_P2, "workloads-failing"},
};

static void test_each_scenario_has_its_level_and_heals(void **state)
{
	struct stage s;
	struct err e;

	(void)state;
	stage_open(&s, "healthy", SPEED);
	assert_true(stage_level_comes(&s, LEVEL_NONE, ""));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].scenario);
		assert_int_equal(drill_scenario(s.drill, rows[i].scenario, &e), 0);
		assert_true(stage_level_comes(&s, rows[i].level, rows[i].rule));
		assert_int_equal(drill_scenario(s.drill, "healthy", &e), 0);
		assert_true(stage_level_comes(&s, LEVEL_NONE, ""));
	}
	stage_close(&s);
}

/* Comes too late to have seen anything well, as a script's one call does. */
static void test_a_check_that_comes_late_sees_it_at_once(void **state)
{
	struct stage s;
	struct checks h;
	struct buf out;
	struct js *doc;

	(void)state;
	stage_open(&s, "etcd-quorum-lost", SPEED);
	assert_true(stage_level_comes(&s, LEVEL_P0, "etcd-quorum-lost"));
	buf_init(&out, 1 << 20);
	checks_run(&h, s.last);
	check_report_json(&out, s.last, &h);
	doc = js_parse(buf_text(&out), out.len, NULL);
	assert_non_null(doc);
	assert_string_equal(js_text(doc, "status"), "critical");
	assert_string_equal(js_text(doc, "level"), "P0");
	assert_string_equal(js_text(js_get(doc, "first_broken_layer"), "layer"), "etcd");
	js_free(doc);
	checks_done(&h);
	buf_done(&out);
	stage_close(&s);
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_scenario_has_its_level_and_heals),
		cmocka_unit_test(test_a_check_that_comes_late_sees_it_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return stage_main(argc, argv, run_all);
}
