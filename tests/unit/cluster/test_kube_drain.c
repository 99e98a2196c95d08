/* What a drain would do with each pod: kubectl's filters in kubectl's order, and the budgets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cluster/kube_drain.h"

#define OWNED(kind, name)                                                                          \
	"\"ownerReferences\":[{\"kind\":\"" kind "\",\"name\":\"" name "\",\"controller\":true}]"
#define POD(name, meta, volumes, phase)                                                            \
	"{\"metadata\":{\"namespace\":\"shop\",\"name\":\"" name "\",\"uid\":\"u-" name            \
	"\",\"labels\":{\"app\":\"web\",\"tier\":\"a\"}," meta "},\"spec\":{\"volumes\":[" volumes \
	"]},\"status\":{\"phase\":\"" phase "\"}}"
#define NONE  "\"x\":1"
#define EMPTY "{\"name\":\"e\",\"emptyDir\":{}}"

/* A list as the server gives it. */
static void items(struct kube_items *out, const char *const *objects, size_t n)
{
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < n; i++) {
		struct js *o = js_parse(objects[i], strlen(objects[i]), NULL);

		assert_non_null(o);
		*vec_add(&out->pages) = o;
		*vec_add(&out->at) = o;
	}
}

static void plan_of(const char *const *pods, size_t n_pods, const char *const *budgets,
	size_t n_budgets, const struct kube_drain_options *o, struct kube_drain_plan *out)
{
	static const char *const sets[] = {
		"{\"metadata\":{\"namespace\":\"shop\",\"name\":\"agent\"}}"};
	struct kube_items p, b, d;

	items(&p, pods, n_pods);
	items(&b, budgets, n_budgets);
	items(&d, sets, 1);
	kube_drain_plan(&p, &b, &d, o, out);
	kube_items_done(&p);
	kube_items_done(&b);
	kube_items_done(&d);
}

static const struct kube_drain_options nothing = {.force = false},
				       stay = {.ignore_daemonsets = true},
				       dirs = {.delete_empty_dir = true}, force = {.force = true},
				       all = {.force = true,
					       .delete_empty_dir = true,
					       .ignore_daemonsets = true};

static void test_each_pod_is_judged_as_kubectl_does(void **state)
{
	static const struct {
		const char *pod;
		const struct kube_drain_options *o;
		enum kube_drain_fate fate;
		enum kube_drain_why why;
	} rows[] = {
		{POD("a", OWNED("ReplicaSet", "web"), "", "Running"), &nothing, DRAIN_EVICT,
			DRAIN_MADE_ANEW},
		{POD("a", OWNED("DaemonSet", "agent"), "", "Running"), &nothing, DRAIN_ERROR,
			DRAIN_REFUSES_DAEMONSET},
		{POD("a", OWNED("DaemonSet", "agent"), EMPTY, "Running"), &stay, DRAIN_STAY,
			DRAIN_DAEMONSET},
		{POD("a", OWNED("DaemonSet", "agent"), EMPTY, "Running"), &all, DRAIN_STAY,
			DRAIN_DAEMONSET},
		{POD("a", OWNED("DaemonSet", "agent"), "", "Failed"), &nothing, DRAIN_EVICT,
			DRAIN_FINISHED},
		{POD("a", OWNED("DaemonSet", "lost"), "", "Running"), &stay, DRAIN_ERROR,
			DRAIN_REFUSES_ORPHAN},
		{POD("a", OWNED("DaemonSet", "lost"), "", "Running"), &force, DRAIN_EVICT,
			DRAIN_ORPHAN},
		{POD("a", OWNED("DaemonSet", "lost"), EMPTY, "Running"), &force, DRAIN_ERROR,
			DRAIN_REFUSES_EMPTY_DIR},
		{POD("a", "\"annotations\":{\"kubernetes.io/config.mirror\":\"x\"}", EMPTY,
			 "Running"),
			&nothing, DRAIN_STAY, DRAIN_MIRROR},
		{POD("a", "\"annotations\":{\"kubernetes.io/config.mirror\":\"x\"}", "", "Failed"),
			&nothing, DRAIN_STAY, DRAIN_MIRROR},
		{POD("a", OWNED("ReplicaSet", "web"), EMPTY, "Running"), &nothing, DRAIN_ERROR,
			DRAIN_REFUSES_EMPTY_DIR},
		{POD("a", OWNED("ReplicaSet", "web"), EMPTY, "Running"), &dirs, DRAIN_EVICT,
			DRAIN_LOSES_EMPTY_DIR},
		{POD("a", OWNED("ReplicaSet", "web"), EMPTY, "Succeeded"), &nothing, DRAIN_EVICT,
			DRAIN_FINISHED},
		{POD("a", NONE, "", "Running"), &nothing, DRAIN_ERROR, DRAIN_REFUSES_BARE},
		{POD("a", NONE, "", "Running"), &force, DRAIN_EVICT, DRAIN_LOST_FOREVER},
		{POD("a", NONE, EMPTY, "Running"), &dirs, DRAIN_ERROR, DRAIN_REFUSES_BARE},
		{POD("a", NONE, "", "Succeeded"), &nothing, DRAIN_EVICT, DRAIN_FINISHED},
		/* An owner that is no controller makes nothing anew. */
		{POD("a", "\"ownerReferences\":[{\"kind\":\"Node\",\"name\":\"w1\"}]", "",
			 "Running"),
			&nothing, DRAIN_ERROR, DRAIN_REFUSES_BARE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct kube_drain_plan plan;

		plan_of(&rows[i].pod, 1, NULL, 0, rows[i].o, &plan);
		assert_int_equal(plan.rows.len, 1);
		if (plan.rows.at[0].fate != rows[i].fate || plan.rows.at[0].why != rows[i].why)
			fail_msg("row %zu: %s", i, kube_drain_words(plan.rows.at[0].why));
		assert_int_equal(plan.evict, rows[i].fate == DRAIN_EVICT);
		assert_int_equal(plan.errors, rows[i].fate == DRAIN_ERROR);
		kube_drain_plan_done(&plan);
	}
}

#define BUDGET(name, ns, selector, allowed)                                                        \
	"{\"metadata\":{\"namespace\":\"" ns "\",\"name\":\"" name "\"},\"spec\":{" selector       \
	"},\"status\":{\"disruptionsAllowed\":" allowed "}}"
#define WEB "\"selector\":{\"matchLabels\":{\"app\":\"web\"}}"

static const char *const three[] = {POD("c", OWNED("ReplicaSet", "web"), "", "Running"),
	POD("a", OWNED("ReplicaSet", "web"), "", "Running"),
	POD("b", OWNED("ReplicaSet", "web"), "", "Pending")};

static void test_a_budget_lets_go_as_many_as_it_allows(void **state)
{
	static const char *const budgets[] = {
		BUDGET("web", "shop", WEB, "1"), BUDGET("web", "media", WEB, "0")};
	struct kube_drain_plan plan;

	(void)state;
	plan_of(three, 3, budgets, 2, &nothing, &plan);
	assert_int_equal(plan.evict, 3);
	assert_int_equal(plan.waits, 1);
	assert_string_equal(plan.rows.at[0].name, "a");
	assert_string_equal(plan.rows.at[0].budget, "web");
	assert_int_equal(plan.rows.at[0].allowed, 1);
	assert_string_equal(plan.rows.at[0].owner, "ReplicaSet/web");
	assert_string_equal(plan.rows.at[1].budget, ""); /* what is not running needs none */
	kube_drain_plan_done(&plan);
}

static void test_selectors_pick_as_budgets_do(void **state)
{
	static const struct {
		const char *budget;
		bool covers;
	} rows[] = {
		{BUDGET("p", "shop", WEB, "0"), true},
		{BUDGET("p", "shop", "\"selector\":{}", "0"), true},
		{BUDGET("p", "shop", "\"minAvailable\":1", "0"), false},
		{BUDGET("p", "media", "\"selector\":{}", "0"), false},
		{BUDGET("p", "shop",
			 "\"selector\":{\"matchExpressions\":[{\"key\":\"tier\",\"operator\":"
			 "\"In\","
			 "\"values\":[\"b\",\"a\"]}]}",
			 "0"),
			true},
		{BUDGET("p", "shop",
			 "\"selector\":{\"matchExpressions\":[{\"key\":\"tier\",\"operator\":"
			 "\"NotIn\",\"values\":[\"a\"]}]}",
			 "0"),
			false},
		{BUDGET("p", "shop",
			 "\"selector\":{\"matchExpressions\":[{\"key\":\"none\",\"operator\":"
			 "\"DoesNotExist\"}]}",
			 "0"),
			true},
		{BUDGET("p", "shop",
			 "\"selector\":{\"matchLabels\":{\"app\":\"web\"},\"matchExpressions\":[{"
			 "\"key\":\"none\",\"operator\":\"Exists\"}]}",
			 "0"),
			false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct kube_drain_plan plan;

		plan_of(three, 1, &rows[i].budget, 1, &nothing, &plan);
		if (plan.rows.at[0].waits != rows[i].covers)
			fail_msg("%s", rows[i].budget);
		kube_drain_plan_done(&plan);
	}
}

static void test_two_budgets_hold_a_pod_for_good(void **state)
{
	static const char *const budgets[] = {
		BUDGET("one", "shop", WEB, "5"), BUDGET("two", "shop", "\"selector\":{}", "5")};
	struct kube_drain_plan plan;

	(void)state;
	plan_of(three, 1, budgets, 2, &nothing, &plan);
	assert_true(plan.rows.at[0].stuck);
	assert_string_equal(plan.rows.at[0].budget, "one, two");
	assert_int_equal(plan.waits, 1);
	kube_drain_plan_done(&plan);
}

static void test_no_node_and_no_object_do_no_harm(void **state)
{
	static const char *const odd[] = {"{}", "{\"metadata\":{\"name\":7}}", "[]", "null"};
	struct kube_drain_plan plan;

	(void)state;
	plan_of(NULL, 0, NULL, 0, &all, &plan);
	assert_int_equal(plan.rows.len, 0);
	kube_drain_plan_done(&plan);
	plan_of(odd, 3, odd, 3, &nothing, &plan);
	assert_int_equal(plan.errors, 3);
	kube_drain_plan_done(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_pod_is_judged_as_kubectl_does),
		cmocka_unit_test(test_a_budget_lets_go_as_many_as_it_allows),
		cmocka_unit_test(test_selectors_pick_as_budgets_do),
		cmocka_unit_test(test_two_budgets_hold_a_pod_for_good),
		cmocka_unit_test(test_no_node_and_no_object_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
