/* Every view of the cluster on saved screens, in each state of it. The incident's views are tested
 * in test_incident_views.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "help/golden.h"
#include "help/samples.h"
#include "help/shot.h"
#include "ui/view/header.h"
#include "ui/view/views.h"

static void test_nodes(void **state)
{
	static const struct shot shots[] = {
		{"nodes_broken", &view_nodes, sample_broken, {.ns = ""}, NULL, 0, 0, {ACTION_DOWN}},
		{"nodes_hostile", &view_nodes, sample_hostile, {.ns = ""}, NULL, 0, 0, {0}},
		{"nodes_stale", &view_nodes, sample_stale, {.ns = ""}, NULL, 6, 38, {0}},
		{"nodes_pane", &view_nodes, sample_broken, {.ns = ""}, NULL, 6, 38, {ACTION_DOWN}},
		{"nodes_wide_pane", &view_nodes, sample_broken, {.ns = ""}, NULL, 14, 98,
			{ACTION_SORT}},
		{"nodes_saved", &view_nodes, sample_saved, {.ns = ""}, NULL, 6, 98, {0}},
		{"nodes_nothing", &view_nodes, sample_nothing, {.ns = ""}, NULL, 6, 38, {0}},
		{"nodes_filtered", &view_nodes, sample_broken, {.ns = ""}, "W3", 6, 98, {0}},
		{"nodes_unmatched", &view_nodes, sample_broken, {.ns = ""}, "zzz", 6, 38, {0}},
		{"nodes_sideways", &view_nodes, sample_healthy, {.ns = ""}, NULL, 0, 0,
			{ACTION_RIGHT, ACTION_RIGHT}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_system_pods(void **state)
{
	static const struct shot shots[] = {
		{"pods_broken", &view_system_pods, sample_broken, {.ns = ""}, NULL, 0, 0,
			{ACTION_DOWN, ACTION_DOWN}},
		{"pods_hostile", &view_system_pods, sample_hostile, {.ns = ""}, NULL, 0, 0, {0}},
		{"pods_pane", &view_system_pods, sample_broken, {.ns = ""}, NULL, 6, 38, {0}},
		{"pods_wide_pane", &view_system_pods, sample_healthy, {.ns = ""}, NULL, 14, 98,
			{ACTION_BOTTOM}},
		{"pods_stale", &view_system_pods, sample_stale, {.ns = ""}, NULL, 6, 98, {0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_etcd(void **state)
{
	static const struct shot shots[] = {
		{"etcd_healthy", &view_etcd, sample_healthy, {.ns = ""}, NULL, 0, 0, {0}},
		{"etcd_broken", &view_etcd, sample_broken, {.ns = ""}, NULL, 0, 0, {0}},
		{"etcd_pane", &view_etcd, sample_broken, {.ns = ""}, NULL, 6, 38, {0}},
		{"etcd_wide_pane", &view_etcd, sample_stale, {.ns = ""}, NULL, 6, 98, {0}},
		{"etcd_hostile", &view_etcd, sample_hostile, {.ns = ""}, NULL, 6, 98, {0}},
		{"etcd_nothing", &view_etcd, sample_nothing, {.ns = ""}, NULL, 6, 38, {0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_events(void **state)
{
	static const struct shot shots[] = {
		{"events_broken", &view_events, sample_broken, {.ns = ""}, NULL, 0, 0, {0}},
		{"events_hostile", &view_events, sample_hostile, {.ns = ""}, NULL, 0, 0, {0}},
		{"events_pane", &view_events, sample_broken, {.ns = ""}, NULL, 6, 38, {0}},
		{"events_wide_pane", &view_events, sample_broken, {.ns = ""}, "coredns", 14, 98,
			{0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_layers(void **state)
{
	static const struct shot shots[] = {
		{"layers_healthy", &view_layers, sample_healthy, {.ns = ""}, NULL, 6, 78, {0}},
		{"layers_broken", &view_layers, sample_broken, {.ns = ""}, NULL, 0, 0, {0}},
		{"layers_pane", &view_layers, sample_broken, {.ns = ""}, NULL, 6, 78, {0}},
		{"layers_narrow_pane", &view_layers, sample_broken, {.ns = ""}, NULL, 6, 38, {0}},
		{"layers_wide_pane", &view_layers, sample_stale, {.ns = ""}, NULL, 8, 198, {0}},
		{"layers_nothing", &view_layers, sample_nothing, {.ns = ""}, NULL, 6, 78, {0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

/* A server that answers, and a list of nodes that cannot be had: nobody was looked at. */
static void test_while_no_node_is_known_no_layer_is_called_ok(void **state)
{
	const struct view_look look = {.now = sample_now()};
	struct snapshot *s = sample_healthy();
	void *layers = view_layers.open(&view_layers, &(struct view_args){.ns = ""}, NULL);
	enum role role;
	char head[200];

	(void)state;
	shot_speak(SHOT_EN, LOCALE_DIR);
	view_layers.head(layers, s, &look, head, sizeof(head), &role);
	assert_non_null(strstr(head, "all ok"));
	s->layers.n = 0;
	view_layers.head(layers, s, &look, head, sizeof(head), &role);
	assert_string_equal(head, "");
	view_layers.close(layers);
	snapshot_unref(s);
}

static void test_node_detail(void **state)
{
	static const struct shot shots[] = {
		{"node_detail_broken", &view_node_detail, sample_broken, {.name = "m2"}, NULL, 0, 0,
			{0}},
		{"node_detail_healthy", &view_node_detail, sample_healthy, {.name = "w2"}, NULL, 0,
			0, {ACTION_PAGE_DOWN}},
		{"node_detail_gone", &view_node_detail, sample_healthy, {.name = "w9"}, NULL, 6, 78,
			{0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_pod_detail(void **state)
{
	static const struct shot shots[] = {
		{"pod_detail_broken", &view_pod_detail, sample_broken,
			{.ns = "kube-system", .name = "coredns-7db6d8ff4d-8x2kd"}, NULL, 0, 0, {0}},
		{"pod_detail_other", &view_pod_detail, sample_stale,
			{.ns = "shop", .name = "web-6f9c8d7b5-00007"}, NULL, 0, 0, {0}},
		{"pod_detail_gone", &view_pod_detail, sample_healthy, {.ns = "shop", .name = "x"},
			NULL, 6, 78, {0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_member_detail(void **state)
{
	static const struct shot shots[] = {
		{"member_detail_leader", &view_member_detail, sample_broken,
			{.id = 0x8e9e05c52164694d}, NULL, 0, 0, {0}},
		{"member_detail_down", &view_member_detail, sample_stale, {.name = "m2"}, NULL, 0,
			0, {0}},
		{"member_detail_full", &view_member_detail, sample_broken, {.name = "m3"}, NULL, 20,
			78, {0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_event_detail(void **state)
{
	static const struct shot shots[] = {
		{"event_detail", &view_event_detail, sample_broken, {.name = "uid-8"}, NULL, 0, 0,
			{0}},
		{"event_detail_hostile", &view_event_detail, sample_hostile, {.name = "uid-6"},
			NULL, 0, 0, {0}},
		{"event_detail_flood", &view_event_detail, sample_hostile, {.name = "uid-8"}, NULL,
			0, 0, {ACTION_BOTTOM}},
		{"event_detail_gone", &view_event_detail, sample_healthy, {.name = "uid-99"}, NULL,
			6, 78, {0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_header(void **state)
{
	static const struct {
		const char *name;
		struct snapshot *(*sample)(void);
	} cases[] = {{"healthy", sample_healthy}, {"broken", sample_broken},
		{"stale", sample_stale}, {"saved", sample_saved}, {"nothing", sample_nothing},
		{"hostile", sample_hostile}, {"unlisted", sample_unlisted},
		{"listing", sample_listing}, {"forbidden", sample_forbidden}};
	static const int widths[] = {40, 80, 120, 200};
	bool same = true;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int l = 0; l < SHOT_LANGUAGES; l++) {
			struct canvas *c = canvas_new(8, 200, false);
			struct snapshot *s;
			char name[80];

			shot_speak((enum shot_language)l, LOCALE_DIR);
			s = cases[i].sample();
			for (int w = 0; w < 4; w++) {
				struct canvas area = canvas_area(c, 2 * w, 0, 2, widths[w]);
				assert_int_equal(header_draw(s, &area, sample_now()), 2);
			}
			snprintf(name, sizeof(name), "header_%s_%s.txt", cases[i].name,
				shot_suffix((enum shot_language)l));
			same &= golden_canvas(name, c, true);
			snapshot_unref(s);
			canvas_free(c);
		}
	}
	assert_true(same);
}

/* The healthy cluster to somebody who has set every threshold low. */
static struct snapshot *sample_strict(void)
{
	struct snapshot *s = sample_healthy();

	s->limits.cpu_percent = s->limits.memory_percent = 1;
	s->limits.etcd_fsync_ms = 1;
	return s;
}

/* The broken cluster's m2, as it tells of itself by ssh. */
static struct snapshot *sample_told(void)
{
	struct snapshot *s = sample_broken();
	struct host_report *r = mem_new(struct host_report);

	*r = (struct host_report){.at = s->at,
		.boot_time_ms = s->at.wall_ms - 3 * 3600000,
		.load1 = 4.25,
		.mem_total_kb = 8 << 20,
		.mem_available_kb = 1 << 19,
		.disk_percent_root = 71,
		.disk_percent_etcd = 88,
		.disk_percent_containerd = -1,
		.holds_vip = true,
		.ca_foreign = true,
		.n_containers = 3,
		.containers = {{"kube-apiserver", "", "Exited", 4, s->at.wall_ms - 60000},
			{"kube-apiserver", "", "Exited", 3, s->at.wall_ms - 180000},
			{"etcd", "", "Running", 0, s->at.wall_ms - 7200000}}};
	str_copy(r->kubelet_last, sizeof(r->kubelet_last),
		"E1123 04:40:11.000000 1 kubelet.go:1] failed to load kubelet config file");
	str_copy(r->manifests, sizeof(r->manifests), "etcd.yaml kube-apiserver.yaml");
	str_copy(s->hosts[0].name, sizeof(s->hosts[0].name), "m2");
	s->hosts[0].report = r;
	s->n_hosts = 1;
	return s;
}

static void test_a_node_shows_what_its_own_shell_tells(void **state)
{
	static const struct shot shots[] = {
		{"node_detail_told", &view_node_detail, sample_told, {.name = "m2"}, NULL, 60, 98,
			{0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_a_configured_threshold_colours_the_panes(void **state)
{
	static const struct shot shots[] = {
		{"nodes_strict", &view_nodes, sample_strict, {.ns = ""}, NULL, 8, 98, {0}},
		{"etcd_strict", &view_etcd, sample_strict, {.ns = ""}, NULL, 0, 0, {0}},
		{"node_detail_strict", &view_node_detail, sample_strict, {.name = "m1"}, NULL, 0, 0,
			{0}},
		{"member_detail_strict", &view_member_detail, sample_strict, {.name = "m1"}, NULL,
			0, 0, {0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static char *dump(const struct view_ops *view, bool strict, bool with_roles)
{
	const struct shot shot = {"limits", view, NULL, {.name = "m1"}, NULL, 0, 0, {0}};
	struct canvas *c = canvas_new(48, 200, false);
	struct snapshot *s = sample_healthy();
	char *text;

	if (strict) {
		s->limits.etcd_lag = -1;
		s->limits.etcd_latency_ms = 0;
	}
	shot_draw(&shot, s, c);
	text = canvas_dump(c, with_roles);
	canvas_free(c);
	snapshot_unref(s);
	return text;
}

static void test_lag_and_latency_of_a_member_are_high_by_the_same_limits(void **state)
{
	static const struct view_ops *const views[] = {&view_etcd, &view_member_detail};

	(void)state;
	for (size_t v = 0; v < 2; v++)
		for (int roles = 0; roles < 2; roles++) {
			char *usual = dump(views[v], false, roles),
			     *strict = dump(views[v], true, roles);

			assert_int_equal(strcmp(usual, strict) == 0, !roles);
			free(usual);
			free(strict);
		}
}

/* However small or strange the window: no view may write outside it or crash. */
static void test_any_size_is_survived(void **state)
{
	static const struct view_ops *const views[] = {&view_nodes, &view_system_pods, &view_etcd,
		&view_events, &view_layers, &view_node_detail, &view_pod_detail,
		&view_member_detail, &view_event_detail};

	(void)state;
	shot_speak(SHOT_ZH, LOCALE_DIR);
	for (size_t v = 0; v < sizeof(views) / sizeof(views[0]); v++)
		shot_survives(&(struct shot){"any", views[v], sample_hostile,
			{.ns = "kube-system", .name = "w2"}, "e", 1, 1, {0}});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_system_pods),
		cmocka_unit_test(test_etcd),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_layers),
		cmocka_unit_test(test_while_no_node_is_known_no_layer_is_called_ok),
		cmocka_unit_test(test_node_detail),
		cmocka_unit_test(test_pod_detail),
		cmocka_unit_test(test_member_detail),
		cmocka_unit_test(test_event_detail),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_a_node_shows_what_its_own_shell_tells),
		cmocka_unit_test(test_a_configured_threshold_colours_the_panes),
		cmocka_unit_test(test_lag_and_latency_of_a_member_are_high_by_the_same_limits),
		cmocka_unit_test(test_any_size_is_survived),
	};

	return cmocka_run_group_tests(tests, shots_set_up, shots_tear_down);
}
