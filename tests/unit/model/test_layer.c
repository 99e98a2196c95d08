/* Promises of layer_judge: the header names the layer an engineer would look at first, in a
 * sentence that says who and what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "model/layer.h"

static const struct instant now = {1800000000000, 100000};

static struct layer_board healthy(void)
{
	struct layer_board b = {.n = 3};

	for (size_t i = 0; i < b.n; i++) {
		snprintf(b.nodes[i].name, sizeof(b.nodes[i].name), "m%zu", i + 1);
		for (int l = 0; l < LAYER_NODE_COUNT; l++)
			b.nodes[i].layer[l].state = PROBE_OK;
	}
	b.load_balancer.state = b.own_link.state = b.own_credential.state = PROBE_OK;
	str_copy(b.load_balancer_name, sizeof(b.load_balancer_name), "10.0.1.5:6443");
	return b;
}

static void fail_probe(struct probe *p, const char *text)
{
	p->state = PROBE_FAILED;
	str_copy(p->text, sizeof(p->text), text);
	p->since = (struct instant){now.wall_ms - 5000, now.boot_ms - 5000};
}

static void test_healthy_board_is_not_broken(void **state)
{
	struct layer_board b = healthy();

	(void)state;
	layer_judge(&b, now);
	assert_false(b.broken);
	assert_string_equal(b.first_text, "");
	assert_null(layer_first_probe(&b));
	assert_int_equal(b.api_live, 3);
	assert_int_equal(b.api_all, 3);
}

static void test_the_lowest_layer_comes_first_then_the_first_node(void **state)
{
	struct layer_board b = healthy();

	(void)state;
	fail_probe(&b.nodes[0].layer[LAYER_APISERVER], "HTTP 500");
	layer_judge(&b, now);
	assert_int_equal(b.first, LAYER_APISERVER);
	fail_probe(&b.nodes[2].layer[LAYER_KUBELET], "inactive");
	fail_probe(&b.nodes[1].layer[LAYER_KUBELET], "connection refused");
	layer_judge(&b, now);
	assert_true(b.broken);
	assert_int_equal(b.first, LAYER_KUBELET);
	assert_int_equal(b.first_node, 1);
	assert_string_equal(b.first_text, "m2: kubelet: connection refused");
	assert_ptr_equal(layer_first_probe(&b), &b.nodes[1].layer[LAYER_KUBELET]);
	assert_int_equal(b.api_live, 2);
}

static void test_skipped_never_and_warnings_are_no_faults(void **state)
{
	static const enum probe_state harmless[] = {PROBE_SKIPPED, PROBE_NEVER, PROBE_WARN};

	(void)state;
	for (size_t s = 0; s < 3; s++) {
		struct layer_board b = healthy();
		for (size_t i = 0; i < b.n; i++)
			for (int l = 0; l < LAYER_NODE_COUNT; l++)
				b.nodes[i].layer[l].state = harmless[s];
		layer_judge(&b, now);
		assert_false(b.broken);
	}
}

static void test_silence_counts_its_seconds(void **state)
{
	struct layer_board b = healthy();

	(void)state;
	b.nodes[2].layer[LAYER_APISERVER].state = PROBE_SILENT;
	b.nodes[2].layer[LAYER_APISERVER].since = (struct instant){1, now.boot_ms - 7300};
	layer_judge(&b, now);
	assert_true(b.broken);
	assert_string_equal(b.first_text, "m3: apiserver: no answer for 7 s");
}

static void test_a_refusal_is_down_at_once_and_silence_after_ten_seconds(void **state)
{
	struct probe p = {.state = PROBE_FAILED, .since = now};

	(void)state;
	assert_true(probe_is_down(&p, &limits_default, now));
	p.state = PROBE_SILENT;
	p.since = (struct instant){now.wall_ms - 9999, now.boot_ms - 9999};
	assert_true(probe_is_bad(&p)); /* it is shown */
	assert_false(probe_is_down(&p, &limits_default, now));
	p.since = (struct instant){now.wall_ms - 10000, now.boot_ms - 10000};
	assert_true(probe_is_down(&p, &limits_default, now));
	p.state = PROBE_WARN;
	assert_false(probe_is_down(&p, &limits_default, now));
}

static void test_own_link_when_nothing_is_reachable(void **state)
{
	struct layer_board b = healthy();

	(void)state;
	for (size_t i = 0; i < b.n; i++)
		for (int l = LAYER_TCP; l <= LAYER_READY; l++)
			fail_probe(&b.nodes[i].layer[l], "no route to host");
	layer_judge(&b, now);
	assert_int_equal(b.first, LAYER_TCP); /* the load balancer answers: our link works */
	assert_int_equal(b.first_node, 0);
	fail_probe(&b.load_balancer, "no route to host");
	layer_judge(&b, now);
	assert_int_equal(b.first, LAYER_OWN_LINK);
	assert_int_equal(b.first_node, -1);
	assert_string_equal(b.first_text, "own-link: nothing at all is reachable from here");
	assert_int_equal(b.own_link.since.boot_ms, b.load_balancer.since.boot_ms);
	b.nodes[1].layer[LAYER_SSH].state = PROBE_OK;
	layer_judge(&b, now);
	assert_int_equal(b.first, LAYER_TCP);
	assert_int_equal(b.own_link.state, PROBE_OK);
}

/* Servers that are stopped leave it to their kernels to take connections. */
static void test_servers_that_take_connections_and_hang_are_not_the_own_link(void **state)
{
	struct layer_board b = healthy();

	(void)state;
	for (size_t i = 0; i < b.n; i++)
		for (int l = LAYER_TCP; l <= LAYER_READY; l++)
			fail_probe(&b.nodes[i].layer[l], "");
	fail_probe(&b.load_balancer, "");
	b.link_works = true;
	layer_judge(&b, now);
	assert_int_equal(b.first, LAYER_TCP);
	assert_int_equal(b.own_link.state, PROBE_OK);
}

static void test_own_link_says_why_when_it_knows(void **state)
{
	struct layer_board b = healthy();

	(void)state;
	fail_probe(&b.own_link, "eth0 has no address");
	fail_probe(&b.nodes[0].layer[LAYER_TCP], "network is unreachable");
	layer_judge(&b, now);
	assert_string_equal(b.first_text, "own-link: eth0 has no address");
}

static void test_all_api_servers_dead_is_not_the_own_link(void **state)
{
	struct layer_board b = healthy();

	(void)state;
	for (size_t i = 0; i < b.n; i++)
		fail_probe(&b.nodes[i].layer[LAYER_APISERVER], "connection refused");
	fail_probe(&b.load_balancer, "connection refused");
	layer_judge(&b, now);
	assert_string_equal(b.first_text, "m1: apiserver: connection refused");
	assert_int_equal(b.api_live, 0);
}

static void test_load_balancer_stands_between_ready_and_certificates(void **state)
{
	struct layer_board b = healthy();

	(void)state;
	fail_probe(&b.nodes[0].layer[LAYER_CERTIFICATES], "expired 2 days ago");
	fail_probe(&b.load_balancer, "connection refused");
	layer_judge(&b, now);
	assert_string_equal(b.first_text, "load-balancer 10.0.1.5:6443: connection refused");
	fail_probe(&b.nodes[2].layer[LAYER_READY], "etcd-readiness failed");
	layer_judge(&b, now);
	assert_string_equal(b.first_text, "m3: ready: etcd-readiness failed");
}

static void test_own_credential_belongs_to_certificates(void **state)
{
	struct layer_board b = healthy();

	(void)state;
	fail_probe(&b.own_credential, "k911's client certificate expired yesterday");
	layer_judge(&b, now);
	assert_int_equal(b.first, LAYER_CERTIFICATES);
	assert_int_equal(b.first_node, -1);
	assert_string_equal(
		b.first_text, "certificates: k911's client certificate expired yesterday");
	assert_ptr_equal(layer_first_probe(&b), &b.own_credential);
}

static void test_api_servers_not_visible_from_here_are_not_counted(void **state)
{
	struct layer_board b = healthy();

	(void)state;
	b.nodes[0].layer[LAYER_APISERVER].state = PROBE_SKIPPED;
	b.nodes[1].layer[LAYER_APISERVER].state = PROBE_WARN;
	layer_judge(&b, now);
	assert_int_equal(b.api_all, 2);
	assert_int_equal(b.api_live, 2);
}

static void test_names_are_the_ones_of_the_command_line(void **state)
{
	static const char *const names[LAYER_COUNT] = {"tcp", "ssh", "runtime", "kubelet", "etcd",
		"apiserver", "ready", "certificates", "clock", "load-balancer", "own-link"};

	(void)state;
	for (int i = 0; i < LAYER_COUNT; i++) {
		assert_string_equal(layer_name((enum layer_id)i), names[i]);
		assert_true(layer_title((enum layer_id)i)[0] != '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_healthy_board_is_not_broken),
		cmocka_unit_test(test_the_lowest_layer_comes_first_then_the_first_node),
		cmocka_unit_test(test_skipped_never_and_warnings_are_no_faults),
		cmocka_unit_test(test_silence_counts_its_seconds),
		cmocka_unit_test(test_a_refusal_is_down_at_once_and_silence_after_ten_seconds),
		cmocka_unit_test(test_own_link_when_nothing_is_reachable),
		cmocka_unit_test(test_servers_that_take_connections_and_hang_are_not_the_own_link),
		cmocka_unit_test(test_own_link_says_why_when_it_knows),
		cmocka_unit_test(test_all_api_servers_dead_is_not_the_own_link),
		cmocka_unit_test(test_load_balancer_stands_between_ready_and_certificates),
		cmocka_unit_test(test_own_credential_belongs_to_certificates),
		cmocka_unit_test(test_api_servers_not_visible_from_here_are_not_counted),
		cmocka_unit_test(test_names_are_the_ones_of_the_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
