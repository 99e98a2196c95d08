/* Nodes emptied on the practice cluster by the real client: evictions and what stands in their way,
 * drains with all kinds of pods, and machines that are dead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/wake.h"
#include "cluster/kube_dead.h"
#include "cluster/kube_drain.h"
#include "cluster/kube_evict.h"
#include "cluster/kube_node.h"
#include "help/handed.h"

enum { FAST = 25, DRAIN_MS = 60000, BLOCKED_MS = 15000 /* all others are gone long before */ };

static const struct kube_drain_options all = {
	.force = true, .delete_empty_dir = true, .ignore_daemonsets = true};
static const struct kube_ref shop_pods = {.plural = "pods", .ns = "shop"};
static const struct kube_ref shop_budgets = {
	.group = "policy", .plural = "poddisruptionbudgets", .ns = "shop"};

static struct handed h;

static int begin(void **state)
{
	(void)state;
	handed_open(&h, FAST);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	handed_close(&h);
	return 0;
}

static void make_pod(const char *name, const char *node, const char *more)
{
	char *body = str_fmt("{\"metadata\":{\"name\":\"%s\",\"labels\":{\"made\":\"by-hand\"}%s},"
			     "\"spec\":{\"nodeName\":\"%s\",\"containers\":[{\"name\":\"c\","
			     "\"image\":\"busybox\"}]}}",
		name, more, node);

	handed_create(&h, &shop_pods, body);
	free(body);
}

static struct kube_ref pod_ref(const char *name)
{
	return (struct kube_ref){.plural = "pods", .ns = "shop", .name = name};
}

static enum kube_evicted evict(
	const char *ns, const char *name, const char *uid, struct kube_eviction *out, struct err *e)
{
	const struct kube_pod_id id = {ns, name, uid};

	return kube_evict(&h.deed, &id, out, e);
}

/* ---- one eviction ---- */

static void test_an_eviction_never_takes_the_successor(void **state)
{
	struct handed_pod pod;
	struct kube_eviction ev;
	struct err e;

	(void)state;
	handed_pod(&h, "shop", "web-", &pod);
	assert_int_equal(evict(pod.ns, pod.name, "11111111-2222-4333-a444-555555555555", &ev, &e),
		KUBE_EVICT_GONE);
	assert_int_equal(evict(pod.ns, pod.name, pod.uid, &ev, &e), KUBE_EVICTED);
	assert_int_equal(evict("shop", "none", NULL, &ev, &e), KUBE_EVICT_GONE);
	handed_pod(&h, "shop", "cart-", &pod);
	handed_set(&h, "next/write", "conflict"); /* which is not of its uid */
	assert_int_equal(evict(pod.ns, pod.name, pod.uid, &ev, &e), KUBE_EVICT_WAIT);
	assert_int_equal(evict("shop", "..", NULL, &ev, &e), KUBE_EVICT_FAILED);
	assert_int_equal(e.code, ERR_INPUT);
}

static void test_a_budget_says_wait_and_a_preview_tells_it_before(void **state)
{
	const struct kube_ref one = {.group = "policy",
		.plural = "poddisruptionbudgets",
		.ns = "shop",
		.name = "order-all"};
	static const struct kube_delete how = {.grace_s = -1};
	struct kube_deed dry = h.deed;
	struct handed_pod pod;
	struct kube_pod_id id;
	struct kube_eviction ev;
	struct err e;

	(void)state;
	dry.dry_run = true;
	handed_pod(&h, "shop", "order-", &pod);
	id = (struct kube_pod_id){pod.ns, pod.name, pod.uid};
	assert_int_equal(kube_evict(&dry, &id, &ev, &e), KUBE_EVICTED);
	handed_create(&h, &shop_budgets,
		"{\"metadata\":{\"name\":\"order-all\"},\"spec\":{\"minAvailable\":\"100%\","
		"\"selector\":{\"matchLabels\":{\"app\":\"order\"}}}}");
	assert_true(handed_is(&h, &one, "status.disruptionsAllowed", "0"));
	assert_int_equal(kube_evict(&dry, &id, &ev, &e), KUBE_EVICT_WAIT);
	assert_int_equal(kube_evict(&h.deed, &id, &ev, &e), KUBE_EVICT_WAIT);
	assert_int_equal(ev.again_ms, KUBE_EVICT_AGAIN_MS);
	assert_string_equal(
		ev.why, "The disruption budget order-all needs 3 healthy pods and has 3 currently");
	assert_int_equal(kube_deed_delete(&h.deed, &one, &how, &e), KUBE_DONE);
	assert_int_equal(kube_evict(&h.deed, &id, &ev, &e), KUBE_EVICTED);
}

static void test_a_pod_of_two_budgets_fails_and_does_not_wait(void **state)
{
	const struct kube_ref media = {
		.group = "policy", .plural = "poddisruptionbudgets", .ns = "media"};
	struct handed_pod pod;
	struct kube_eviction ev;
	struct err e;

	(void)state;
	handed_create(&h, &media,
		"{\"metadata\":{\"name\":\"one\"},\"spec\":{\"minAvailable\":0,\"selector\":{}}}");
	handed_create(&h, &media,
		"{\"metadata\":{\"name\":\"two\"},\"spec\":{\"minAvailable\":0,\"selector\":{}}}");
	handed_pod(&h, "media", "gateway-", &pod);
	assert_int_equal(evict(pod.ns, pod.name, pod.uid, &ev, &e), KUBE_EVICT_FAILED);
	assert_non_null(strstr(e.text, "more than one PodDisruptionBudget"));
	for (int i = 0; i < 2; i++) {
		const struct kube_ref r = {.group = "policy",
			.plural = "poddisruptionbudgets",
			.ns = "media",
			.name = i == 0 ? "one" : "two"};
		static const struct kube_delete how = {.grace_s = -1};

		assert_int_equal(kube_deed_delete(&h.deed, &r, &how, &e), KUBE_DONE);
	}
}

static void test_a_new_budget_is_waited_for_as_long_as_the_server_says(void **state)
{
	struct handed_pod pod;
	struct kube_eviction ev;
	struct err e;
	static const struct kube_delete how = {.grace_s = -1};
	const struct kube_ref one = {
		.group = "policy", .plural = "poddisruptionbudgets", .ns = "shop", .name = "fresh"};

	(void)state;
	handed_pod(&h, "shop", "cart-", &pod);
	for (int i = 1; i <= 3; i++) {
		char what[60];

		snprintf(what, sizeof(what), "container/m%d/kube-controller-manager", i);
		handed_set(&h, what, "crash");
	}
	kube_deed_pause(&h.deed, 200);
	handed_create(&h, &shop_budgets,
		"{\"metadata\":{\"name\":\"fresh\"},\"spec\":{\"minAvailable\":0,\"selector\":{"
		"\"matchLabels\":{\"app\":\"cart\"}}}}");
	assert_int_equal(evict(pod.ns, pod.name, pod.uid, &ev, &e), KUBE_EVICT_WAIT);
	assert_int_equal(ev.again_ms, 10000);
	/* It is that pod's wait, not the server's. */
	assert_int_equal(kube_deed_delete(&h.deed, &one, &how, &e), KUBE_DONE);
	assert_int_equal(drill_scenario(h.drill, "healthy", &e), 0);
}

/* ---- drains ---- */

struct heard {
	char gone[60][100], waited[60][100];
	size_t n_gone, n_waited;
	char why[240];
	int when_told; /* wakes this at the first word of a pod that waits; -1 */
};

static void on_told(
	void *arg, const struct kube_drain_row *row, enum kube_drain_state state, const char *why)
{
	struct heard *to = arg;

	if (state == DRAIN_GONE)
		snprintf(to->gone[to->n_gone++], 100, "%.40s/%.50s", row->ns, row->name);
	if (state == DRAIN_WAITS)
		snprintf(to->waited[to->n_waited++], 100, "%.40s/%.50s", row->ns, row->name);
	if (why[0] != '\0')
		str_copy(to->why, sizeof(to->why), why);
	if (state == DRAIN_WAITS && to->when_told >= 0)
		wake_set(to->when_told);
}

static bool is_named(char (*names)[100], size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_starts(names[i], name))
			return true;
	return false;
}

static const struct kube_drain_row *row_of(const struct kube_drain_plan *p, const char *begins)
{
	static const struct kube_drain_row none;

	for (size_t i = 0; i < p->rows.len; i++)
		if (str_starts(p->rows.at[i].name, begins))
			return &p->rows.at[i];
	fail_msg("the plan has no pod %s...", begins);
	return &none;
}

/* The first pods that are placed there may still be on their way. */
static void look(const char *node, const struct kube_drain_options *o, struct kube_drain_plan *plan)
{
	struct err e;

	if (kube_drain_look(&h.deed, node, o, plan, &e) != 0)
		fail_msg("%s", e.text);
}

static void test_a_drain_empties_a_node_of_all_kinds_of_pods(void **state)
{
	struct kube_drain_plan plan;
	struct heard to = {.when_told = -1};
	const struct kube_drain_calls calls = {on_told, &to};
	const struct kube_ref bare = pod_ref("bare");
	struct err e;

	(void)state;
	make_pod("bare", "w2", "");
	assert_true(handed_is(&h, &bare, "status.phase", "Running"));
	look("w2", &(struct kube_drain_options){.ignore_daemonsets = true}, &plan);
	assert_int_equal(row_of(&plan, "bare")->why, DRAIN_REFUSES_BARE);
	assert_true(plan.errors >= 1);
	assert_int_equal(kube_drain(&h.deed, "w2", &plan, DRAIN_MS, &calls, &e), -1);
	assert_int_equal(e.code, ERR_INPUT);
	assert_int_equal(to.n_gone, 0);
	assert_true(handed_is(&h, &bare, "status.phase", "Running"));
	kube_drain_plan_done(&plan);
	assert_int_equal(kube_node_cordon(&h.deed, "w2", true, &e), KUBE_DONE);
	look("w2", &all, &plan);
	assert_int_equal(plan.errors, 0);
	assert_int_equal(row_of(&plan, "kube-proxy")->fate, DRAIN_STAY);
	if (kube_drain(&h.deed, "w2", &plan, DRAIN_MS, &calls, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(to.n_gone, plan.evict);
	assert_true(is_named(to.gone, to.n_gone, "shop/bare"));
	kube_drain_plan_done(&plan);
	look("w2", &all, &plan);
	assert_int_equal(plan.evict, 0);
	assert_true(plan.stay >= 3);
	kube_drain_plan_done(&plan);
	assert_int_equal(kube_node_cordon(&h.deed, "w2", false, &e), KUBE_DONE);
}

static void test_blocked_pods_hold_no_place_of_the_others(void **state)
{
	struct kube_drain_plan plan;
	struct heard to = {.when_told = -1};
	const struct kube_drain_calls calls = {on_told, &to};
	static const struct kube_delete how = {.grace_s = 0};
	const struct kube_ref one = {.group = "policy",
		.plural = "poddisruptionbudgets",
		.ns = "shop",
		.name = "by-hand"};
	struct err e;

	(void)state;
	for (int i = 0; i < 8; i++) {
		char *name = str_fmt("a-%d", i);
		const struct kube_ref r = pod_ref(name);

		make_pod(name, "w3", "");
		assert_true(handed_is(&h, &r, "status.phase", "Running"));
		free(name);
	}
	handed_create(&h, &shop_budgets,
		"{\"metadata\":{\"name\":\"by-hand\"},\"spec\":{\"maxUnavailable\":0,\"selector\":{"
		"\"matchLabels\":{\"made\":\"by-hand\"}}}}");
	assert_true(handed_is(&h, &one, "status.disruptionsAllowed", "0"));
	assert_int_equal(kube_node_cordon(&h.deed, "w3", true, &e), KUBE_DONE);
	look("w3", &all, &plan);
	assert_int_equal(plan.waits, 8);
	assert_int_equal(kube_drain(&h.deed, "w3", &plan, BLOCKED_MS, &calls, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_non_null(strstr(e.text, "8 pods are left: shop/a-0 (The disruption budget by-hand"));
	assert_int_equal(to.n_gone, plan.evict - 8);
	assert_true(is_named(to.waited, to.n_waited, "shop/a-7"));
	kube_drain_plan_done(&plan);
	assert_int_equal(kube_deed_delete(&h.deed, &one, &how, &e), KUBE_DONE);
	for (int i = 0; i < 8; i++) {
		char *name = str_fmt("a-%d", i);
		const struct kube_ref r = pod_ref(name);

		assert_int_equal(kube_deed_delete(&h.deed, &r, &how, &e), KUBE_DONE);
		free(name);
	}
	assert_int_equal(kube_node_cordon(&h.deed, "w3", false, &e), KUBE_DONE);
}

static void test_a_statefuls_successor_counts_as_gone_and_trouble_on_the_way_is_ridden_out(
	void **state)
{
	struct handed_pod pod;
	struct kube_drain_plan plan;
	struct heard to = {.when_told = -1};
	const struct kube_drain_calls calls = {on_told, &to};
	struct kube_ref same;
	struct err e;

	(void)state;
	handed_pod(&h, "monitoring", "prometheus-0", &pod);
	same = (struct kube_ref){.plural = "pods", .ns = pod.ns, .name = pod.name};
	assert_int_equal(kube_node_cordon(&h.deed, pod.node, true, &e), KUBE_DONE);
	look(pod.node, &all, &plan);
	handed_set(&h, "next/write", "lose");
	if (kube_drain(&h.deed, pod.node, &plan, DRAIN_MS, &calls, &e) != 0)
		fail_msg("%s", e.text);
	assert_true(is_named(to.gone, to.n_gone, "monitoring/prometheus-0"));
	assert_true(handed_is(&h, &same, "status.phase", "Running"));
	kube_drain_plan_done(&plan);
	assert_int_equal(kube_node_cordon(&h.deed, pod.node, false, &e), KUBE_DONE);
}

static void test_a_pod_that_finalizers_hold_is_named_and_waited_for(void **state)
{
	struct kube_drain_plan plan;
	struct heard to = {.when_told = -1};
	const struct kube_drain_calls calls = {on_told, &to};
	const struct kube_ref r = pod_ref("held");
	struct kube_reply reply;
	struct err e;

	(void)state;
	make_pod("held", "w4", ",\"finalizers\":[\"backup.example.com/\\u001b[31mdone\"]");
	assert_true(handed_is(&h, &r, "status.phase", "Running"));
	assert_int_equal(kube_node_cordon(&h.deed, "w4", true, &e), KUBE_DONE);
	look("w4", &all, &plan);
	assert_int_equal(kube_drain(&h.deed, "w4", &plan, BLOCKED_MS, &calls, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	if (strstr(e.text, "shop/held (held by backup.example.com/^[[31mdone)") == NULL)
		fail_msg("%s", e.text);
	assert_int_equal(kube_deed_patch(&h.deed, &r, KUBE_PATCH_MERGE,
				 "{\"metadata\":{\"finalizers\":null}}", &reply, &e),
		KUBE_DONE);
	kube_reply_done(&reply);
	assert_true(handed_gone(&h, &r));
	kube_drain_plan_done(&plan);
	assert_int_equal(kube_node_cordon(&h.deed, "w4", false, &e), KUBE_DONE);
}

static void test_a_drain_without_rights_fails_by_name_and_a_cancel_ends_it(void **state)
{
	struct kube_drain_plan plan;
	struct heard to = {.when_told = -1};
	const struct kube_drain_calls calls = {on_told, &to};
	struct kube_deed c = h.deed;
	struct err e;

	(void)state;
	look("w5", &all, &plan);
	assert_true(plan.evict > 0);
	handed_set(&h, "rights/create/pods/eviction", "deny");
	assert_int_equal(kube_drain(&h.deed, "w5", &plan, DRAIN_MS, &calls, &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	assert_non_null(strstr(e.text, "not allowed to evict pods/eviction"));
	assert_int_equal(to.n_gone, 0);
	handed_set(&h, "rights/create/pods/eviction", "allow");
	c.cancel_fd = wake_open();
	wake_set(c.cancel_fd);
	assert_int_equal(kube_drain(&c, "w5", &plan, DRAIN_MS, &calls, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	close(c.cancel_fd);
	kube_drain_plan_done(&plan);
}

static void test_pods_of_an_ending_namespace_are_waited_for(void **state)
{
	const struct kube_ref ns = {.plural = "namespaces", .name = "shop"};
	static const struct kube_delete how = {.grace_s = -1};
	const struct kube_ref r = pod_ref("last");
	struct kube_eviction ev;
	struct kube_reply reply;
	struct err e;

	(void)state;
	make_pod("last", "w1", ",\"finalizers\":[\"x.io/y\"]");
	assert_int_equal(kube_deed_delete(&h.deed, &ns, &how, &e), KUBE_DONE);
	assert_int_equal(kube_deed_create(&h.deed, &shop_pods, "{\"metadata\":{\"name\":\"new\"}}",
				 &reply, &e),
		KUBE_REFUSED);
	assert_string_equal(reply.cause, "NamespaceTerminating");
	kube_reply_done(&reply);
	for (int i = 0; i < 200 && evict("shop", "last", NULL, &ev, &e) == KUBE_EVICT_WAIT; i++)
		kube_deed_pause(&h.deed, 50);
	assert_int_equal(evict("shop", "last", NULL, &ev, &e), KUBE_EVICT_ENDING);
	assert_int_equal(kube_deed_patch(&h.deed, &r, KUBE_PATCH_MERGE,
				 "{\"metadata\":{\"finalizers\":null}}", &reply, &e),
		KUBE_DONE);
	kube_reply_done(&reply);
	assert_true(handed_gone(&h, &r));
	assert_true(handed_gone(&h, &ns));
}

/* ---- a dead machine ---- */

static void count_words(void *arg, const struct kube_dead_left *left)
{
	(void)left;
	++*(int *)arg;
}

static void test_a_dead_machines_pods_and_volumes_go_by_the_taint(void **state)
{
	static const struct kube_taint off = {
		.key = KUBE_OUT_OF_SERVICE, .value = "nodeshutdown", .effect = "NoExecute"};
	static const char ready[] = "unreachable";
	struct handed_pod pod;
	struct kube_dead_left left;
	struct kube_ref node = {.plural = "nodes"};
	struct err e;
	char what[80];
	int words = 0, n;

	(void)state;
	handed_pod(&h, "monitoring", "prometheus-0", &pod);
	node.name = pod.node;
	snprintf(what, sizeof(what), "machine/%s", pod.node);
	assert_int_equal(kube_dead_look(&h.deed, pod.node, &left, &e), 0);
	assert_true(left.pods >= 1);
	assert_true(left.volumes >= 1);
	handed_set(&h, what, "off");
	for (int i = 0; i < 400; i++) {
		struct kube_reply reply;
		bool seen = kube_deed_get(&h.deed, &node, &reply, &e) == 0 &&
			    strstr(buf_text(&reply.text), ready) != NULL;

		kube_reply_done(&reply);
		if (seen)
			break;
		assert_true(i < 399);
		kube_deed_pause(&h.deed, 50);
	}
	n = kube_dead_end_pods(&h.deed, pod.node, false, &e);
	assert_true(n >= 1);
	assert_int_equal(kube_dead_wait(&h.deed, pod.node, 2500, NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_int_equal(kube_node_taint(&h.deed, pod.node, &off, &e), KUBE_DONE);
	if (kube_dead_wait(&h.deed, pod.node, DRAIN_MS, count_words, &words, &e) != 0)
		fail_msg("%s", e.text);
	assert_true(words >= 1);
	handed_set(&h, what, "on");
}

static void test_forced_pods_of_a_dead_machine_go_at_once_and_no_successor_does(void **state)
{
	struct kube_dead_left left;
	struct handed_pod pod;
	struct err e;
	char what[80];

	(void)state;
	handed_pod(&h, "media", "gateway-", &pod);
	snprintf(what, sizeof(what), "machine/%s", pod.node);
	handed_set(&h, what, "off");
	handed_set(&h, "next/write", "lose");
	assert_true(kube_dead_end_pods(&h.deed, pod.node, true, &e) >= 1);
	assert_int_equal(kube_dead_look(&h.deed, pod.node, &left, &e), 0);
	assert_null(strstr(left.first, pod.name));
	handed_set(&h, what, "on");
	handed_set(&h, "rights/delete/pods", "deny");
	handed_pod(&h, "media", "transcoder-", &pod);
	assert_int_equal(kube_dead_end_pods(&h.deed, pod.node, true, &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	handed_set(&h, "rights/delete/pods", "allow");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_eviction_never_takes_the_successor),
		cmocka_unit_test(test_a_budget_says_wait_and_a_preview_tells_it_before),
		cmocka_unit_test(test_a_pod_of_two_budgets_fails_and_does_not_wait),
		cmocka_unit_test(test_a_drain_empties_a_node_of_all_kinds_of_pods),
		cmocka_unit_test(test_blocked_pods_hold_no_place_of_the_others),
		cmocka_unit_test(
			test_a_statefuls_successor_counts_as_gone_and_trouble_on_the_way_is_ridden_out),
		cmocka_unit_test(test_a_pod_that_finalizers_hold_is_named_and_waited_for),
		cmocka_unit_test(test_a_drain_without_rights_fails_by_name_and_a_cancel_ends_it),
		cmocka_unit_test(test_a_new_budget_is_waited_for_as_long_as_the_server_says),
		cmocka_unit_test(test_a_dead_machines_pods_and_volumes_go_by_the_taint),
		cmocka_unit_test(
			test_forced_pods_of_a_dead_machine_go_at_once_and_no_successor_does),
		cmocka_unit_test(test_pods_of_an_ending_namespace_are_waited_for),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
