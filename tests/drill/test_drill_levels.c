/* How bad is it, asked of the engine on the practice cluster: each scenario has its level, the rule
 * that says why, and what `k911 check` prints of it; and once it is healed the level falls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/check_report.h"
#include "app/drill_session.h"
#include "base/str.h"
#include "drill/fake_node.h"
#include "io/json.h"
#include "model/command.h"

#define SEEN_MS 30000
#define SPEED   8

static char self[4096];

struct stage {
	struct drill *drill;
	struct engine *engine;
	struct snapshot *last;
};

static void stage_open(struct stage *s, const char *scenario)
{
	const struct drill_options options = {
		.scenario = scenario, .self_path = self, .at_once = true, .speed = SPEED};
	struct engine_options o = engine_defaults;
	struct drill_session session = {0};
	struct err e;

	memset(s, 0, sizeof(*s));
	assert_int_equal(drill_start(&options, &s->drill, &e), 0);
	drill_session_describe(&o, &session, drill_config(s->drill));
	o.thresholds.hold_down_ms = 2000;
	assert_int_equal(kubeconfig_load(drill_kubeconfig(s->drill), NULL, &o.access, &e), 0);
	s->engine = engine_start(&o, &e);
	assert_non_null(s->engine);
}

static void stage_close(struct stage *s)
{
	snapshot_unref(s->last);
	engine_stop(s->engine);
	drill_stop(s->drill);
}

static bool has_rule(const struct snapshot *s, const char *rule)
{
	for (size_t i = 0; i < s->verdict.n; i++)
		if (str_eq(s->verdict.reasons[i].rule, rule))
			return true;
	return false;
}

static void print_last(const struct snapshot *s)
{
	struct health h;
	struct buf out;

	buf_init(&out, 1 << 20);
	health_run(&h, s);
	check_report_text(&out, s, &h, false);
	print_message("%s\n", buf_text(&out));
	health_done(&h);
	buf_done(&out);
}

/* Waits for a level that this rule is the reason of; "" for any. */
static bool comes(struct stage *s, enum level level, const char *rule)
{
	struct instant begin = instant_now();
	struct pollfd p = {.fd = slot_fd(engine_snapshots(s->engine)), .events = POLLIN};

	do {
		struct snapshot *now = slot_take(engine_snapshots(s->engine));

		if (now) {
			snapshot_unref(s->last);
			s->last = now;
			if (now->verdict.known && now->verdict.level == level &&
				(rule[0] == '\0' || has_rule(now, rule)) && check_is_settled(now))
				return true;
		}
		poll(&p, 1, 100);
	} while (instant_age_ms(begin, instant_now()) < SEEN_MS);
	if (s->last)
		print_last(s->last);
	return false;
}

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
	{"resources-high", LEVEL_P3, "cpu-high"},
	{"partition", LEVEL_P1, "partition"},
};

static void test_each_scenario_has_its_level_and_heals(void **state)
{
	struct stage s;
	struct err e;

	(void)state;
	stage_open(&s, "healthy");
	assert_true(comes(&s, LEVEL_NONE, ""));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].scenario);
		assert_int_equal(drill_scenario(s.drill, rows[i].scenario, &e), 0);
		assert_true(comes(&s, rows[i].level, rows[i].rule));
		assert_int_equal(drill_scenario(s.drill, "healthy", &e), 0);
		assert_true(comes(&s, LEVEL_NONE, ""));
	}
	stage_close(&s);
}

static void test_the_balancer_alone_is_p0(void **state)
{
	struct stage s;
	struct err e;

	(void)state;
	stage_open(&s, "healthy");
	assert_true(comes(&s, LEVEL_NONE, ""));
	assert_int_equal(drill_set(s.drill, "vip", "refuse", &e), 0);
	assert_true(comes(&s, LEVEL_P0, "load-balancer-down"));
	assert_string_equal(layer_name(s.last->layers.first), "load-balancer");
	stage_close(&s);
}

/* Logs are counted once a minute; a refresh counts them at once. */
static void refresh(struct stage *s)
{
	struct command *c = command_new(COMMAND_REFRESH);

	assert_int_equal(mailbox_post(engine_commands(s->engine), &c->letter), 0);
}

/* A machine too busy to count in time is asked again. */
static bool comes_counted(struct stage *s, enum level level, const char *rule)
{
	for (int tries = 0; tries < 3; tries++) {
		refresh(s);
		if (comes(s, level, rule))
			return true;
	}
	return false;
}

static void test_a_burst_of_errors_in_a_log_is_p3_and_passes(void **state)
{
	static const char *const logs[][2] = {{"log/m2/kubelet", "m2 kubelet "},
		{"log/m1/containerd", "m1 containerd "}, {"log/m3/etcd", "m3 etcd "},
		{"log/m1/kube-scheduler", "m1 kube-scheduler "}};
	struct stage s;
	struct err e;

	(void)state;
	stage_open(&s, "healthy");
	assert_true(comes(&s, LEVEL_NONE, ""));
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

/* Comes too late to have seen anything well, as a script's one call does. */
static void test_a_check_that_comes_late_sees_it_at_once(void **state)
{
	struct stage s;
	struct health h;
	struct buf out;
	struct js *doc;

	(void)state;
	stage_open(&s, "etcd-quorum-lost");
	assert_true(comes(&s, LEVEL_P0, "etcd-quorum-lost"));
	buf_init(&out, 1 << 20);
	health_run(&h, s.last);
	check_report_json(&out, s.last, &h);
	doc = js_parse(buf_text(&out), out.len, NULL);
	assert_non_null(doc);
	assert_string_equal(js_text(doc, "status"), "critical");
	assert_string_equal(js_text(doc, "level"), "P0");
	assert_string_equal(js_text(js_get(doc, "first_broken_layer"), "layer"), "etcd");
	js_free(doc);
	health_done(&h);
	buf_done(&out);
	stage_close(&s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_scenario_has_its_level_and_heals),
		cmocka_unit_test(test_the_balancer_alone_is_p0),
		cmocka_unit_test(test_a_burst_of_errors_in_a_log_is_p3_and_passes),
		cmocka_unit_test(test_a_check_that_comes_late_sees_it_at_once),
	};
	int rc;

	if (fake_node_main(argc, argv, &rc))
		return rc;
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
