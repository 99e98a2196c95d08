/* Promises of how values are written, and of what a table's row opens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "help/samples.h"
#include "model/pods_by_node.h"
#include "ui/kit/fresh.h"
#include "ui/kit/show.h"
#include "ui/view/views.h"

static void test_sizes(void **state)
{
	char t[SHOW_SIZE];

	(void)state;
	assert_string_equal(show_bytes(-1, t, sizeof(t)), "-");
	assert_string_equal(show_bytes(0, t, sizeof(t)), "0 B");
	assert_string_equal(show_bytes(512, t, sizeof(t)), "512 B");
	assert_string_equal(show_bytes(1536, t, sizeof(t)), "1.5 KiB");
	assert_string_equal(show_bytes(1288490189, t, sizeof(t)), "1.2 GiB");
	assert_string_equal(show_bytes(92LL << 20, t, sizeof(t)), "92 MiB");
	assert_string_equal(
		show_bytes(1023LL << 20, t, sizeof(t)), "1.0 GiB"); /* never four digits */
	assert_string_equal(show_bytes(INT64_MAX, t, sizeof(t)), "8192 PiB");
}

static void test_latencies_loads_and_cores(void **state)
{
	char t[SHOW_SIZE];

	(void)state;
	assert_string_equal(show_latency(-1, t, sizeof(t)), "-");
	assert_string_equal(show_latency(420, t, sizeof(t)), "0.4ms");
	assert_string_equal(show_latency(9940, t, sizeof(t)), "9.9ms");
	assert_string_equal(show_latency(12300, t, sizeof(t)), "12ms");
	assert_string_equal(show_latency(999600, t, sizeof(t)), "1.0s");
	assert_string_equal(show_latency(61000000, t, sizeof(t)), "61s");
	assert_string_equal(show_percent(1, 3, t, sizeof(t)), "33%");
	assert_string_equal(show_percent(1, 0, t, sizeof(t)), "-");
	assert_string_equal(show_cpu(350, t, sizeof(t)), "350m");
	assert_string_equal(show_cpu(4600, t, sizeof(t)), "4.6");
	assert_string_equal(show_cpu(16000, t, sizeof(t)), "16");
}

static void test_moments_the_cluster_does_not_give(void **state)
{
	char t[SHOW_SIZE];

	(void)state;
	assert_string_equal(show_since(INT64_MIN, sample_now(), t, sizeof(t)), "-");
	assert_string_equal(show_since(0, sample_now(), t, sizeof(t)), "-");
	assert_string_equal(show_since(sample_now().wall_ms + 5000, sample_now(), t, sizeof(t)),
		"0s"); /* a clock ahead */
	assert_string_equal(show_moment(INT64_MIN, t, sizeof(t)), "-");
}

static void test_silence_counts_seconds_then_minutes(void **state)
{
	struct probe p = {.state = PROBE_SILENT, .latency_us = -1};
	struct instant now = sample_now();
	char t[200];

	(void)state;
	p.since = (struct instant){now.wall_ms - 7400, now.boot_ms - 7400};
	assert_string_equal(show_probe(&p, now, t, sizeof(t)), "no answer for 7 s");
	p.state = PROBE_FAILED;
	assert_string_equal(show_probe(&p, now, t, sizeof(t)), "down, no answer for 7 s");
	p.since.boot_ms = now.boot_ms - 192000;
	assert_string_equal(show_probe(&p, now, t, sizeof(t)), "down, no answer for 3m12s");
	str_copy(p.text, sizeof(p.text), "connection refused");
	assert_string_equal(show_probe(&p, now, t, sizeof(t)), "connection refused");
}

static void test_every_age_of_data_has_its_words(void **state)
{
	struct instant now = sample_now();
	struct source s = {.state = SOURCE_NEVER};
	enum role role = ROLE_BAD;
	char t[300];

	(void)state;
	assert_string_equal(fresh_note(&s, now, t, sizeof(t)), "loading...");
	str_copy(s.error, sizeof(s.error), "connection refused");
	assert_string_equal(fresh_note(&s, now, t, sizeof(t)), "no data yet: connection refused");
	s.state = SOURCE_STALE;
	s.good = (struct instant){now.wall_ms - 192000, now.boot_ms - 192000};
	assert_string_equal(fresh_note(&s, now, t, sizeof(t)), "stale 3m12s: connection refused");
	assert_false(fresh_is_live(&s));
	str_copy(t, sizeof(t), "8, all ready");
	fresh_head(&s, now, t, sizeof(t), &role);
	assert_string_equal(t, "8, all ready, stale 3m12s: connection refused");
	assert_int_equal(role, ROLE_STALE);
	s = (struct source){
		.state = SOURCE_LOADING, .saved = true, .good = {now.wall_ms - 7200000, 1}};
	assert_string_equal(fresh_note(&s, now, t, sizeof(t)), "saved 120m ago");
	s = (struct source){.state = SOURCE_LIVE};
	assert_string_equal(fresh_note(&s, now, t, sizeof(t)), "");
	assert_true(fresh_is_live(&s));
	assert_string_equal(
		fresh_empty(&s, true, "none", t, sizeof(t)), "nothing matches the filter");
	assert_string_equal(fresh_empty(&s, false, "none", t, sizeof(t)), "none");
}

static void test_leases_do_not_age_while_nobody_can_see_them(void **state)
{
	struct snapshot *s = sample_stale();
	struct instant later = sample_now();

	(void)state;
	later.boot_ms += 60000;
	assert_int_equal(show_lease_ms(s, "w1", later), show_lease_ms(s, "w1", sample_now()));
	assert_int_equal(show_lease_role(show_lease_ms(s, "w1", later)), ROLE_TEXT);
	assert_int_equal(show_lease_role(20000), ROLE_BAD);
	s->sources[SOURCE_NODE_LEASES].state = SOURCE_LIVE;
	assert_int_equal(show_lease_role(show_lease_ms(s, "w1", later)), ROLE_BAD);
	snapshot_unref(s);
	samples_done();
}

static void test_pods_are_tallied_by_node(void **state)
{
	struct snapshot *s = sample_healthy();
	struct pods_by_node *t = pods_by_node_new();
	struct instant now = sample_now();
	struct pod_row p = {.ns = "default", .node = "m1", .phase = POD_RUNNING};

	(void)state;
	assert_int_equal(pods_by_node_of(t, "m1"), 0);
	pods_by_node_count(t, s->pods, now);
	assert_int_equal(pods_by_node_of(t, "m1"), 6);
	assert_int_equal(pods_by_node_of(t, "w1"), 15);
	assert_int_equal(pods_by_node_of(t, "w99"), 0);
	pod_set_name(&p, "new", NULL);
	table_put(s->pods, &p);
	pods_by_node_count(t, s->pods, now);
	assert_int_equal(pods_by_node_of(t, "m1"), 6); /* at most once a second */
	now.boot_ms += 1000;
	pods_by_node_count(t, s->pods, now);
	assert_int_equal(pods_by_node_of(t, "m1"), 7);
	pods_by_node_free(t);
	snapshot_unref(s);
	samples_done();
}

/* Enter on the second row of a pane. */
static struct view_reply enter(const struct view_ops *view, struct snapshot *s, enum action_id id)
{
	struct view_args none = {.ns = ""};
	struct view_look look = {sample_now(), true, false, ""};
	struct view_reply reply = {0}, ignored = {0};
	struct canvas *c = canvas_new(10, 80, false);
	void *state = view->open(view, &none, &reply.command);

	view->draw(state, s, c, &look);
	view->act(state, s, &(struct action){.id = ACTION_DOWN}, &look, &ignored);
	view->act(state, s, &(struct action){.id = id}, &look, &reply);
	assert_true(reply.handled);
	assert_null(view->close(state));
	canvas_free(c);
	return reply;
}

static void test_enter_opens_the_object_under_the_cursor(void **state)
{
	struct snapshot *s = sample_broken();
	struct view_reply r;

	(void)state;
	r = enter(&view_nodes, s, ACTION_ENTER);
	assert_ptr_equal(r.open, &view_node_detail);
	assert_string_equal(r.args.name, "w3"); /* m2 and w3 are not ready: they come first */
	r = enter(&view_system_pods, s, ACTION_ENTER);
	assert_ptr_equal(r.open, &view_pod_detail);
	assert_string_equal(r.args.ns, "kube-flannel");
	r = enter(&view_system_pods, s, ACTION_PREVIOUS_LOGS);
	assert_ptr_equal(r.open, &view_log);
	assert_true(r.args.previous);
	r = enter(&view_etcd, s, ACTION_ENTER);
	assert_ptr_equal(r.open, &view_member_detail);
	assert_string_equal(r.args.name, "m2");
	r = enter(&view_events, s, ACTION_ENTER);
	assert_ptr_equal(r.open, &view_event_detail);
	assert_string_equal(r.args.name, "uid-3"); /* the second newest */
	r = enter(&view_layers, s, ACTION_ENTER);
	assert_ptr_equal(r.open, &view_node_detail);
	assert_string_equal(r.args.name, "m2");
	snapshot_unref(s);
	samples_done();
}

static int set_up(void **state)
{
	(void)state;
	setenv("LANGUAGE", "C", 1);
	setenv("TZ", "UTC", 1);
	return setlocale(LC_ALL, "C.UTF-8") == NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_latencies_loads_and_cores),
		cmocka_unit_test(test_moments_the_cluster_does_not_give),
		cmocka_unit_test(test_silence_counts_seconds_then_minutes),
		cmocka_unit_test(test_every_age_of_data_has_its_words),
		cmocka_unit_test(test_leases_do_not_age_while_nobody_can_see_them),
		cmocka_unit_test(test_pods_are_tallied_by_node),
		cmocka_unit_test(test_enter_opens_the_object_under_the_cursor),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
