/* Faults that are no scenario, asked of the engine on the practice cluster: each has its level, its
 * reason and its proposal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "help/stage.h"

#define SPEED 8

/* A NULL ends them. */
static const struct fault_row {
	const char *faults[3][2];
	enum level level;
	const char *rule;
} faults[] = {
	{{{"machine/m2", "off"}, {"machine/m3", "off"}, {NULL, NULL}}, LEVEL_P0,
		"control-plane-lost"},
	{{{"pods/shop/web", "crash"}, {NULL, NULL}}, LEVEL_P2, "workloads-failing"},
	{{{"pods/shop/cart", "crash"}, {NULL, NULL}}, LEVEL_P2, "services-without-endpoints"},
	{{{"api/m2", "slow"}, {NULL, NULL}}, LEVEL_P2, "performance"},
	{{{"sshd/m3", "stop"}, {NULL, NULL}}, LEVEL_P3, "ssh-lost"},
};

static void test_each_fault_has_its_level_and_heals(void **state)
{
	struct stage s;
	struct err e;

	(void)state;
	stage_open(&s, "healthy", SPEED);
	assert_true(stage_level_comes(&s, LEVEL_NONE, ""));
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		print_message("%s\n", faults[i].rule);
		for (int k = 0; faults[i].faults[k][0]; k++)
			assert_int_equal(drill_set(s.drill, faults[i].faults[k][0],
						 faults[i].faults[k][1], &e),
				0);
		assert_true(stage_level_comes(&s, faults[i].level, faults[i].rule));
		assert_int_equal(drill_scenario(s.drill, "healthy", &e), 0);
		assert_true(stage_level_comes(&s, LEVEL_NONE, ""));
	}
	stage_close(&s);
}

static void test_expired_certificates_are_p0(void **state)
{
	struct stage s;
	struct err e;

	(void)state;
	stage_open(&s, "healthy", SPEED);
	assert_true(stage_level_comes(&s, LEVEL_NONE, ""));
	assert_int_equal(drill_set(s.drill, "certificate", "expire", &e), 0);
	assert_true(stage_level_comes(&s, LEVEL_P0, "certificates-expired"));
	stage_close(&s);
}

static void test_the_balancer_alone_is_p0(void **state)
{
	struct stage s;
	struct err e;

	(void)state;
	stage_open(&s, "healthy", SPEED);
	assert_true(stage_level_comes(&s, LEVEL_NONE, ""));
	assert_int_equal(drill_set(s.drill, "vip", "refuse", &e), 0);
	assert_true(stage_level_comes(&s, LEVEL_P0, "load-balancer-down"));
	assert_string_equal(layer_name(s.last->layers.first), "load-balancer");
	stage_close(&s);
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_fault_has_its_level_and_heals),
		cmocka_unit_test(test_expired_certificates_are_p0),
		cmocka_unit_test(test_the_balancer_alone_is_p0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return stage_main(argc, argv, run_all);
}
