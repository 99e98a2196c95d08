/* Promises of pod rows: any legal name is kept whole, failing means what an operator means by it,
 * and the system's pods are recognised wherever they live. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/intern.h"
#include "model/pod.h"

static void test_names_of_every_length_are_kept_whole(void **state)
{
	struct intern *pool = intern_new(1 << 20);
	char name[254];

	(void)state;
	for (size_t n = 0; n < sizeof(name); n++) {
		struct pod_row p = {.ns = "default"};
		memset(name, 'a', n);
		name[n] = '\0';
		pod_set_name(&p, name, pool);
		assert_string_equal(pod_name(&p), name);
	}
	assert_true(sizeof(struct pod_row) <= 128);
	intern_unref(pool);
}

static void test_a_key_row_finds_long_names_without_a_pool(void **state)
{
	const char *name =
		"a-name-that-is-longer-than-what-fits-inline-and-then-goes-on-and-on-for-a-while";
	struct intern *pool = intern_new(1 << 20);
	struct table *t = table_new(&pod_ops);
	struct pod_row p = {.ns = intern_str(pool, "default"), .restarts = 3},
		       key = {.ns = "default"};

	(void)state;
	pod_set_name(&p, name, pool);
	table_put(t, &p);
	pod_set_name(&key, name, NULL);
	assert_int_equal(((const struct pod_row *)table_find(t, &key))->restarts, 3);
	key.ns = "other";
	assert_null(table_find(t, &key));
	table_free(t);
	intern_unref(pool);
}

static void test_failing_is_neither_ready_nor_done_nor_young(void **state)
{
	static const struct {
		enum pod_phase phase;
		unsigned flags;
		int64_t age_s;
		bool failing;
	} cases[] = {
		{POD_RUNNING, POD_READY, 3600, false},
		{POD_RUNNING, POD_READY, 0, false},
		{POD_RUNNING, 0, 59, false},
		{POD_RUNNING, 0, 60, true},
		{POD_PENDING, 0, 10, false},
		{POD_PENDING, 0, 61, true},
		{POD_PENDING, 0, -30, false}, /* the cluster's clock is ahead of ours */
		{POD_SUCCEEDED, 0, 3600, false},
		{POD_FAILED, 0, 1, true},
		{POD_UNKNOWN, 0, 3600, true},
		{POD_RUNNING, POD_DELETING, 3600, false},
	};
	const int64_t now = 1800000000000;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pod_row p = {.phase = (uint8_t)cases[i].phase,
			.flags = (uint8_t)cases[i].flags,
			.created_ms = now - cases[i].age_s * 1000};
		if (pod_failing(&p, now) != cases[i].failing)
			fail_msg("case %zu", i);
	}
}

static void test_counts_add_up_and_come_back_to_zero(void **state)
{
	struct pod_row pods[] = {
		{.phase = POD_RUNNING, .flags = POD_READY | POD_SYSTEM},
		{.phase = POD_RUNNING, .flags = POD_SYSTEM},
		{.phase = POD_PENDING, .created_ms = 990000},
		{.phase = POD_SUCCEEDED},
		{.phase = POD_FAILED},
		{.phase = POD_UNKNOWN},
	};
	struct pod_counts c = {0}, zero = {0};

	(void)state;
	for (size_t i = 0; i < 6; i++)
		pod_counts_add(&c, &pods[i], 1000000, 1);
	assert_int_equal(c.all, 6);
	assert_int_equal(c.running, 2);
	assert_int_equal(c.pending, 1);
	assert_int_equal(c.succeeded, 1);
	assert_int_equal(c.failed, 1);
	assert_int_equal(c.not_ready, 1);
	assert_int_equal(c.failing, 3);
	assert_int_equal(c.system, 2);
	assert_int_equal(c.system_failing, 1);
	for (size_t i = 0; i < 6; i++)
		pod_counts_add(&c, &pods[i], 1000000, -1);
	assert_memory_equal(&c, &zero, sizeof(c));
}

static void test_the_cni_is_found_in_whatever_namespace(void **state)
{
	(void)state;
	assert_int_equal(pod_system_flags("kube-system", "kube-dns"), POD_SYSTEM);
	assert_int_equal(pod_system_flags("kube-system", "calico-node"), POD_SYSTEM | POD_CNI);
	assert_int_equal(pod_system_flags("kube-flannel", "flannel"), POD_SYSTEM | POD_CNI);
	assert_int_equal(pod_system_flags("calico-system", ""), POD_SYSTEM | POD_CNI);
	assert_int_equal(pod_system_flags("my-network", "cilium"), POD_SYSTEM | POD_CNI);
	assert_int_equal(pod_system_flags("default", "web"), 0);
	assert_int_equal(pod_system_flags("kube-system-copy", ""), 0);
	assert_int_equal(pod_system_flags("default", ""), 0);
}

static void test_detail_is_a_copy_shared_by_the_tables(void **state)
{
	char image[] = "registry.k8s.io/etcd:3.5.12-0";
	struct pod_container c = {.name = "etcd",
		.image = image,
		.state = "Running",
		.exit_code = -1,
		.last_finished_ms = INT64_MIN,
		.ready = true};
	struct pod_condition ready = {"Ready", "True", NULL, NULL};
	struct pod_detail from = {.n_containers = 1,
		.n_conditions = 1,
		.containers = &c,
		.conditions = &ready,
		.ip = "10.0.1.10"};
	struct table *t = table_new(&system_pod_ops), *share;
	struct system_pod_row row = {.pod = {.ns = "kube-system"}, .detail = pod_detail_new(&from)};
	const struct system_pod_row *found;

	(void)state;
	memset(image, 'x', 5);
	pod_set_name(&row.pod, "etcd-m1", NULL);
	table_put(t, &row);
	share = table_share(t);
	table_remove(t, &row);
	assert_int_equal(table_count(t), 0);
	found = table_find(share, &row);
	assert_string_equal(found->detail->containers[0].image, "registry.k8s.io/etcd:3.5.12-0");
	assert_string_equal(found->detail->containers[0].reason, "");
	assert_string_equal(found->detail->conditions[0].status, "True");
	assert_string_equal(found->detail->owner, "");
	table_free(t);
	table_free(share);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_of_every_length_are_kept_whole),
		cmocka_unit_test(test_a_key_row_finds_long_names_without_a_pool),
		cmocka_unit_test(test_failing_is_neither_ready_nor_done_nor_young),
		cmocka_unit_test(test_counts_add_up_and_come_back_to_zero),
		cmocka_unit_test(test_the_cni_is_found_in_whatever_namespace),
		cmocka_unit_test(test_detail_is_a_copy_shared_by_the_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
