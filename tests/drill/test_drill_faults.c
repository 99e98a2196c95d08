/* Faults that are no scenario, asked of the engine on the practice cluster: each has its level, its
 * reason and its proposal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "help/stage.h"
#include "model/command.h"

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

#define MOVE_MS 60000

/* Every table lives, and none of them at arg, where they were. */
static bool lives_elsewhere(const struct snapshot *s, const void *arg)
{
	for (int i = 0; i <= SOURCE_CONFIG_MAPS; i++)
		if (i != SOURCE_USAGE &&
			(s->sources[i].state != SOURCE_LIVE || str_eq(s->sources[i].via, arg)))
			return false;
	return s->watch_age_ms >= 0;
}

static void where(const struct stage *s, char via[80])
{
	str_copy(via, 80, s->last->sources[SOURCE_NODES].via);
}

static void test_watches_leave_a_dead_balancer_and_then_a_server_that_hangs(void **state)
{
	char at_first[80], direct[80], api[16];
	struct stage s;
	struct err e;

	(void)state;
	stage_open_without_ssh(&s, "healthy", 1);
	assert_true(stage_comes(&s, lives_elsewhere, "", MOVE_MS));
	where(&s, at_first);
	assert_int_equal(drill_set(s.drill, "vip", "refuse", &e), 0);
	assert_true(stage_comes(&s, lives_elsewhere, at_first, MOVE_MS));
	where(&s, direct);
	for (size_t i = 0; i < s.last->layers.n; i++)
		if (strncmp(direct, s.last->layers.nodes[i].address,
			    strlen(s.last->layers.nodes[i].address)) == 0)
			snprintf(api, sizeof(api), "api/%.8s", s.last->layers.nodes[i].name);
	assert_int_equal(drill_set(s.drill, api, "hang", &e), 0);
	assert_true(stage_comes(&s, lives_elsewhere, direct, MOVE_MS));
	assert_string_not_equal(s.last->sources[SOURCE_NODES].via, at_first);
	stage_close(&s);
}

/* Logs are counted once a minute; a refresh counts them at once. */
static void refresh(struct stage *s)
{
	struct command *c = command_new(COMMAND_REFRESH);

	assert_int_equal(mailbox_post(engine_commands(s->engine), &c->letter), 0);
}

/* The engine heeds one refresh in five seconds, and a busy machine may not count in time: so it is
 * asked again and again. */
static bool comes_counted(struct stage *s, enum level level, const char *rule)
{
	for (int tries = 0; tries < 24; tries++) {
		refresh(s);
		if (stage_level_comes_in(s, level, rule, 6000))
			return true;
	}
	return false;
}

static void test_a_burst_of_errors_in_a_log_is_p3_and_passes(void **state)
{
	static const char *const logs[][2] = {{"log/m2/kubelet", "m2 kubelet "},
		{"log/m3/etcd", "m3 etcd "}, {"log/m1/kube-scheduler", "m1 kube-scheduler "}};
	struct stage s;
	struct err e;

	(void)state;
	stage_open(&s, "healthy", SPEED);
	assert_true(stage_level_comes(&s, LEVEL_NONE, ""));
	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		print_message("%s\n", logs[i][0]);
		assert_int_equal(drill_set(s.drill, logs[i][0], "noisy", &e), 0);
		assert_true(comes_counted(&s, LEVEL_P3, "log-burst"));
		assert_int_equal(s.last->log_bursts.n, 1);
		assert_true(str_starts(s.last->log_bursts.text, logs[i][1]));
		assert_int_equal(drill_set(s.drill, logs[i][0], "calm", &e), 0);
		assert_true(comes_counted(&s, LEVEL_NONE, ""));
	}
	stage_close(&s);
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_fault_has_its_level_and_heals),
		cmocka_unit_test(test_expired_certificates_are_p0),
		cmocka_unit_test(test_the_balancer_alone_is_p0),
		cmocka_unit_test(test_watches_leave_a_dead_balancer_and_then_a_server_that_hangs),
		cmocka_unit_test(test_a_burst_of_errors_in_a_log_is_p3_and_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return stage_main(argc, argv, run_all);
}
