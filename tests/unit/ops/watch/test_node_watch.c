/* Which counts of error lines are a burst, and for how long one is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ops/watch/node_watch.h"

static struct instant at(int64_t s)
{
	return (struct instant){.wall_ms = 1700000000000 + s * 1000, .boot_ms = 1000000 + s * 1000};
}

/* One node whose kubelet's errors were counted at 0 s. */
static const char *burst(struct host_log log, int64_t now_s)
{
	static struct node_watch w;
	static struct host_report report;
	static struct names said;
	struct node_watch_node *n = &w.at[0];

	w.n = 2; /* the second never answered */
	str_copy(n->node.name, sizeof(n->node.name), "m2");
	n->report = &report;
	n->logs_counted = at(0);
	report.logs[0] = log;
	said = (struct names){.n = 0};
	node_watch_bursts(&w, &said, at(now_s));
	return said.text;
}

static void test_many_errors_against_few_are_a_burst(void **state)
{
	(void)state;
	assert_string_equal(burst((struct host_log){3600, 200, 0}, 1), "m2 kubelet 40/min");
	assert_string_equal(burst((struct host_log){3600, 200, 55}, 1), "m2 kubelet 40/min");
	assert_string_equal(burst((struct host_log){900, 200, 10}, 1), "m2 kubelet 40/min");
}

static void test_one_error_is_no_burst(void **state)
{
	(void)state;
	assert_string_equal(burst((struct host_log){3600, 1, 0}, 1), "");
	assert_string_equal(burst((struct host_log){3600, 19, 0}, 1), "");
	assert_string_equal(burst((struct host_log){3600, 0, 0}, 1), "");
}

static void test_what_always_errs_is_no_burst(void **state)
{
	(void)state;
	assert_string_equal(burst((struct host_log){3600, 200, 2000}, 1), "");
	assert_string_equal(burst((struct host_log){900, 200, 200}, 1), "");
}

/* A component that has just begun is loud; what it did before is not known. */
static void test_a_young_log_is_not_judged(void **state)
{
	(void)state;
	assert_string_equal(burst((struct host_log){599, 200, 0}, 1), "");
	assert_string_equal(burst((struct host_log){300, 200, 0}, 1), "");
	assert_string_equal(burst((struct host_log){0, 200, 0}, 1), "");
}

static void test_an_old_count_says_nothing_of_now(void **state)
{
	(void)state;
	assert_string_equal(burst((struct host_log){3600, 200, 0}, 140), "m2 kubelet 40/min");
	assert_string_equal(burst((struct host_log){3600, 200, 0}, 160), "");
}

static void test_a_report_says_since_when_it_holds_the_address(void **state)
{
	struct host_report old = {.at = at(0), .holds_vip = true},
			   fresh = {.at = at(5), .holds_vip = true};

	(void)state;
	node_watch_compare(&old, NULL, NULL);
	assert_int_equal(old.vip_since.boot_ms, 0); /* before the first look */
	fresh.holds_vip = false;
	node_watch_compare(&fresh, &old, NULL);
	assert_int_equal(fresh.vip_since.boot_ms, at(5).boot_ms);
	old = fresh;
	fresh.at = at(10);
	node_watch_compare(&fresh, &old, NULL);
	assert_int_equal(fresh.vip_since.boot_ms, at(5).boot_ms);
}

static void test_an_authority_that_the_kubeconfig_does_not_trust_is_foreign(void **state)
{
	struct cluster_key key = {.n_cas = 2, .cas = {{1}, {2}}};
	struct host_report r = {.ca_sha256 = {2}};

	(void)state;
	node_watch_compare(&r, NULL, &key);
	assert_false(r.ca_foreign);
	r.ca_sha256[0] = 3;
	node_watch_compare(&r, NULL, &key);
	assert_true(r.ca_foreign);
	node_watch_compare(&r, NULL, &(struct cluster_key){.n_cas = 0}); /* it names none */
	assert_false(r.ca_foreign);
	r.ca_sha256[0] = 0; /* not there */
	node_watch_compare(&r, NULL, &key);
	assert_false(r.ca_foreign);
}

/* The snapshot outlives the node: what it shows stays, and goes with it. */
static void test_a_snapshot_shares_what_a_node_told(void **state)
{
	static struct node_watch w = {.n = 2};
	struct snapshot *s = snapshot_new();

	(void)state;
	str_copy(w.at[1].node.name, sizeof(w.at[1].node.name), "m2");
	w.at[1].report = mem_new(struct host_report);
	w.at[1].report->at = s->at = at(0);
	node_watch_fill(&w, s);
	assert_int_equal(s->n_hosts, 1); /* the other never answered */
	node_watch_done(&w);
	assert_non_null(snapshot_host(s, "m2"));
	assert_null(snapshot_host(s, "m1"));
	s->at = at(60);
	assert_null(snapshot_host(s, "m2")); /* too old to go by */
	snapshot_unref(s);
}

static void test_another_address_was_held_by_nobody_yet(void **state)
{
	static struct node_watch w;

	(void)state;
	node_watch_vip(&w, "10.0.0.5");
	w.vip_held = true;
	node_watch_vip(&w, "10.0.0.5");
	assert_true(w.vip_held);
	node_watch_vip(&w, "10.0.0.6");
	assert_false(w.vip_held);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_report_says_since_when_it_holds_the_address),
		cmocka_unit_test(test_an_authority_that_the_kubeconfig_does_not_trust_is_foreign),
		cmocka_unit_test(test_a_snapshot_shares_what_a_node_told),
		cmocka_unit_test(test_another_address_was_held_by_nobody_yet),
		cmocka_unit_test(test_many_errors_against_few_are_a_burst),
		cmocka_unit_test(test_one_error_is_no_burst),
		cmocka_unit_test(test_what_always_errs_is_no_burst),
		cmocka_unit_test(test_a_young_log_is_not_judged),
		cmocka_unit_test(test_an_old_count_says_nothing_of_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
