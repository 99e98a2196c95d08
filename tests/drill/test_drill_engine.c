/* The engine on the practice cluster: for every scenario the console's header must name the first
 * broken layer, the panes keep what they knew, and all is green again when the scenario is healed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "help/stage.h"
#include "model/command.h"

#define GREEN_MS 90000 /* deadlines on a busy machine, no promises */
#define SEEN_MS  60000

static bool is_green(const struct snapshot *s, const void *arg)
{
	(void)arg;
	return !s->layers.broken && s->layers.api_live == 3 && s->etcd.healthy_voters == 3 &&
	       s->nodes_not_ready == 0 && table_count(s->nodes) == 8 &&
	       table_count(s->system_pods) > 12 && s->sources[SOURCE_PODS].state == SOURCE_LIVE &&
	       table_count(s->events) > 0;
}

static bool names_first(const struct snapshot *s, const void *arg)
{
	return s->layers.broken && strstr(s->layers.first_text, arg) != NULL;
}

static bool has_not_ready_node(const struct snapshot *s, const void *arg)
{
	(void)arg;
	return s->nodes_not_ready > 0 && table_count(s->nodes) == 8;
}

static bool has_failing_pods(const struct snapshot *s, const void *arg)
{
	struct table_walk w = table_walk(s->system_pods);
	const struct system_pod_row *p;

	while ((p = table_next(&w)) != NULL)
		if (strstr(pod_name(&p->pod), arg) && pod_failing(&p->pod, s->at.wall_ms))
			return true;
	return false;
}

static bool has_lost_quorum(const struct snapshot *s, const void *arg)
{
	(void)arg;
	return s->etcd.quorum == ETCD_QUORUM_LOST && table_count(s->nodes) == 8;
}

static bool has_no_api(const struct snapshot *s, const void *arg)
{
	(void)arg;
	return s->layers.api_live == 0 && table_count(s->nodes) == 8 &&
	       s->sources[SOURCE_NODES].state == SOURCE_STALE &&
	       s->sources[SOURCE_NODES].error[0] != '\0';
}

static bool uses_much(const struct snapshot *s, const void *arg)
{
	struct table_walk w = table_walk(s->usage);
	const struct usage_row *u;

	(void)arg;
	while ((u = table_next(&w)) != NULL) {
		const struct node_row key = {.name = u->node};
		const struct node_row *n = table_find(s->nodes, &key);

		if (n && n->cpu_milli > 0 && u->cpu_milli * 100 > n->cpu_milli * 80)
			return true;
	}
	return false;
}

/* One row per scenario. Each begins healthy, is broken while the console looks on, and is healed.
 */
static const struct {
	const char *scenario;
	bool (*shows)(const struct snapshot *s, const void *arg);
	const char *arg;
} rows[] = {
	{"worker-down", has_not_ready_node, ""},
	{"master-down", names_first, "tcp"},
	{"etcd-member-down", names_first, "etcd"},
	{"etcd-quorum-lost", has_lost_quorum, ""},
	{"apiserver-down", names_first, "apiserver"},
	{"all-apiservers-down", has_no_api, ""},
	{"cni-broken", has_failing_pods, "flannel"},
	{"dns-down", has_failing_pods, "coredns"},
	{"resources-high", uses_much, ""},
};

static void test_every_scenario_shows_and_heals(void **state)
{
	struct stage s;
	struct err e;

	(void)state;
	stage_open(&s, "healthy", 5);
	assert_true(stage_comes(&s, is_green, "", GREEN_MS));
	assert_int_equal(s.last->limits.hold_down_ms, 2000); /* as its options say */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].scenario);
		assert_int_equal(drill_scenario(s.drill, rows[i].scenario, &e), 0);
		assert_true(stage_comes(&s, rows[i].shows, rows[i].arg, SEEN_MS));
		assert_int_equal(drill_scenario(s.drill, "healthy", &e), 0);
		assert_true(stage_comes(&s, is_green, "", SEEN_MS));
	}
	stage_close(&s);
}

static bool feed_has_lines(const struct snapshot *s, const void *arg)
{
	const struct feed *f = snapshot_feed(s, 7);

	(void)arg;
	return f && f->state == FEED_OPEN && f->n >= 5;
}

static bool feed_is_gone(const struct snapshot *s, const void *arg)
{
	(void)arg;
	return snapshot_feed(s, 7) == NULL;
}

static void test_a_log_is_followed_and_closed(void **state)
{
	struct stage s;
	struct command *c = command_new(COMMAND_FEED_OPEN);

	(void)state;
	stage_open(&s, "healthy", 5);
	assert_true(stage_comes(&s, is_green, "", GREEN_MS));
	c->feed = 7;
	c->tail = 50;
	str_copy(c->ns, sizeof(c->ns), "kube-system");
	str_copy(c->name, sizeof(c->name), "kube-apiserver-m1");
	assert_int_equal(mailbox_post(engine_commands(s.engine), &c->letter), 0);
	assert_true(stage_comes(&s, feed_has_lines, "", SEEN_MS));
	c = command_new(COMMAND_FEED_CLOSE);
	c->feed = 7;
	assert_int_equal(mailbox_post(engine_commands(s.engine), &c->letter), 0);
	assert_true(stage_comes(&s, feed_is_gone, "", SEEN_MS));
	stage_close(&s);
}

static bool node_log_came(const struct snapshot *s, const void *arg)
{
	const struct feed *f = snapshot_feed(s, 7);

	(void)arg;
	return f && f->state == FEED_ENDED && f->n > 0;
}

static void test_without_any_api_server_the_log_comes_from_the_node(void **state)
{
	struct stage s;
	struct command *c = command_new(COMMAND_FEED_OPEN);
	struct err e;

	(void)state;
	stage_open(&s, "healthy", 5);
	assert_true(stage_comes(&s, is_green, "", GREEN_MS));
	assert_int_equal(drill_scenario(s.drill, "all-apiservers-down", &e), 0);
	assert_true(stage_comes(&s, has_no_api, "", SEEN_MS));
	c->feed = 7;
	c->tail = 50;
	str_copy(c->ns, sizeof(c->ns), "kube-system");
	str_copy(c->name, sizeof(c->name), "etcd-m1");
	assert_int_equal(mailbox_post(engine_commands(s.engine), &c->letter), 0);
	assert_true(stage_comes(&s, node_log_came, "", SEEN_MS));
	stage_close(&s);
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_scenario_shows_and_heals),
		cmocka_unit_test(test_a_log_is_followed_and_closed),
		cmocka_unit_test(test_without_any_api_server_the_log_comes_from_the_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return stage_main(argc, argv, run_all);
}
