/* Promises of node rows: the status column is kubectl's, a detail is a copy of its own, shared and
 * given back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/pack.h"
#include "model/lease.h"
#include "model/node.h"

static void test_status_reads_as_kubectl(void **state)
{
	struct node_row n = {.name = "m1", .ready = NODE_READY_TRUE, .ready_since_ms = 1};
	char text[64];

	(void)state;
	assert_string_equal(node_status(&n, text, sizeof(text)), "Ready");
	assert_true(node_is_ready(&n));
	n.flags = NODE_CORDONED;
	assert_string_equal(node_status(&n, text, sizeof(text)), "Ready,SchedulingDisabled");
	n.ready = NODE_READY_FALSE;
	assert_string_equal(node_status(&n, text, sizeof(text)), "NotReady,SchedulingDisabled");
	assert_false(node_is_ready(&n));
	n.ready = NODE_READY_UNKNOWN; /* the condition is there and says Unknown */
	n.flags = 0;
	assert_string_equal(node_status(&n, text, sizeof(text)), "NotReady");
	assert_false(node_is_ready(&n));
	n.ready_since_ms = INT64_MIN; /* there is no such condition */
	assert_string_equal(node_status(&n, text, sizeof(text)), "Unknown");
}

static void test_detail_is_a_copy_that_outlives_its_source(void **state)
{
	char word[] = "Ready";
	struct node_condition c[] = {{word, "True", "KubeletReady", "kubelet is ready", 5, 6},
		{"MemoryPressure", "False", NULL, "", INT64_MIN, INT64_MIN}};
	struct node_taint taint = {"node-role.kubernetes.io/control-plane", "", "NoSchedule"};
	struct node_label label = {"kubernetes.io/os", "linux"};
	struct node_detail from = {.n_conditions = 2,
		.n_taints = 1,
		.n_labels = 1,
		.conditions = c,
		.taints = &taint,
		.labels = &label,
		.hostname = "m1",
		.architecture = "arm64"};
	struct node_detail *d = node_detail_new(&from);

	(void)state;
	memset(word, 'x', sizeof(word) - 1);
	memset(&taint, 0, sizeof(taint));
	assert_string_equal(d->conditions[0].type, "Ready");
	assert_int_equal(d->conditions[0].transition_ms, 6);
	assert_string_equal(d->conditions[1].reason, "");
	assert_string_equal(d->taints[0].effect, "NoSchedule");
	assert_string_equal(d->labels[0].value, "linux");
	assert_string_equal(d->architecture, "arm64");
	assert_string_equal(d->provider_id, "");
	pack_unref(d);
}

static void test_a_table_shares_the_detail_and_gives_it_back(void **state)
{
	struct node_detail from = {.hostname = "m1"};
	struct table *t = table_new(&node_ops), *share;
	struct node_row row = {.name = "m1", .detail = node_detail_new(&from)};
	struct node_row bare = {.name = "m2"};
	const struct node_row key = {.name = "m1"};
	struct node_detail *kept;

	(void)state;
	table_put(t, &row);
	table_put(t, &bare);
	share = table_share(t);
	row.detail = node_detail_new(&from);
	table_put(t, &row);
	kept = pack_ref(((const struct node_row *)table_find(share, &key))->detail);
	assert_ptr_not_equal(kept, row.detail);
	table_free(t);
	table_free(share);
	assert_string_equal(
		kept->hostname, "m1"); /* the address sanitizer watches this line and the next */
	pack_unref(kept);
	pack_unref(NULL);
}

static void test_leases_are_kept_by_namespace_and_name(void **state)
{
	struct table *t = table_new(&lease_ops);
	struct lease_row a = {.ns = "kube-node-lease", .name = "m1", .transitions = 1};
	struct lease_row b = {.ns = "kube-system", .name = "m1", .transitions = 2};
	const struct lease_row key = {.ns = "kube-system", .name = "m1"};

	(void)state;
	assert_true(table_put(t, &a));
	assert_true(table_put(t, &b));
	assert_false(table_put(t, &b));
	assert_int_equal(((const struct lease_row *)table_find(t, &key))->transitions, 2);
	table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_reads_as_kubectl),
		cmocka_unit_test(test_detail_is_a_copy_that_outlives_its_source),
		cmocka_unit_test(test_a_table_shares_the_detail_and_gives_it_back),
		cmocka_unit_test(test_leases_are_kept_by_namespace_and_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
