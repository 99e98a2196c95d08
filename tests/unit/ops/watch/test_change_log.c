/* What changed since the cluster was well: told by rows, by the objects' own times, and by files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ops/watch/change_log.h"

#define NOW (1000000LL * 3600000)

static struct workload_row web(const char *images, const char *revision, int desired)
{
	return (struct workload_row){.ns = "shop",
		.name = "web",
		.images = images,
		.revision = revision,
		.editor = "helm",
		.edited_ms = NOW - 60000,
		.generation = 1,
		.desired = desired};
}

static struct changes shown(const struct change_log *log)
{
	struct changes c;

	memset(&c, 0, sizeof(c));
	change_log_fill(log, &c, NOW);
	return c;
}

static void test_each_kind_of_change_is_told(void **state)
{
	struct change_log log = {.n = 0};
	struct workload_row old = web("web:1", "1", 3), image = web("web:2", "2", 3);
	struct workload_row again = web("web:2", "3", 3), more = web("web:2", "3", 5);
	struct workload_row edited = more, status = more;
	struct changes c;

	(void)state;
	edited.generation = 2;
	status.available = 5;
	change_log_workload(&log, NULL, &old, false, NOW - 6000);
	change_log_workload(&log, &old, &image, false, NOW - 5000);
	change_log_workload(&log, &image, &again, false, NOW - 4000);
	change_log_workload(&log, &again, &more, false, NOW - 3000);
	change_log_workload(&log, &more, &status, false, NOW - 2500); /* nobody's doing */
	change_log_workload(&log, &more, &edited, false, NOW - 2000);
	change_log_workload(&log, &edited, NULL, false, NOW - 1000);
	c = shown(&log);
	assert_int_equal(c.n, 6);
	assert_int_equal(c.at[0].kind, ALTERED_DELETED);
	assert_int_equal(c.at[1].kind, ALTERED_EDITED);
	assert_string_equal(c.at[1].text, "by helm");
	assert_int_equal(c.at[2].kind, ALTERED_SCALED);
	assert_string_equal(c.at[2].text, "3 → 5");
	assert_int_equal(c.at[3].kind, ALTERED_ROLLOUT);
	assert_int_equal(c.at[4].kind, ALTERED_IMAGE);
	assert_string_equal(c.at[4].text, "web:1 → web:2");
	assert_string_equal(c.at[4].what, "Deployment shop/web");
	assert_int_equal(c.at[5].kind, ALTERED_CREATED);
}

/* Started after the change was made: the object itself says when and who. */
static void test_a_change_from_before_the_start_is_found(void **state)
{
	struct change_log log = {.n = 0};
	struct workload_row row = web("web:1", "1", 3);
	struct config_map_row map = {.ns = "kube-system",
		.name = "coredns",
		.editor = "kubectl-edit",
		.edited_ms = NOW - 120000};
	struct changes c;

	(void)state;
	change_log_workload(&log, NULL, &row, true, NOW);
	change_log_config_map(&log, NULL, &map);
	change_log_config_map(&log, NULL, &map); /* listed twice, told once */
	c = shown(&log);
	assert_int_equal(c.n, 2);
	assert_int_equal(c.at[0].at_ms, NOW - 60000);
	assert_string_equal(c.at[1].what, "ConfigMap kube-system/coredns");
	assert_string_equal(c.at[1].text, "by kubectl-edit");
}

static void test_files_tell_their_times(void **state)
{
	struct change_log log = {.n = 0};
	static struct host_report first, second;
	struct changes c;

	(void)state;
	first.n_files = second.n_files = 1;
	snprintf(first.files[0].path, sizeof(first.files[0].path),
		"/etc/kubernetes/manifests/etcd.yaml");
	second = first;
	first.files[0].changed_ms = NOW - 40LL * 86400000;
	second.files[0].changed_ms = NOW - 30000;
	change_log_files(&log, "m2", NULL, &first);
	assert_int_equal(shown(&log).n, 0); /* long ago */
	change_log_files(&log, "m2", &first, &second);
	change_log_files(&log, "m2", &second, &second);
	c = shown(&log);
	assert_int_equal(c.n, 1);
	assert_string_equal(c.at[0].what, "m2 /etc/kubernetes/manifests/etcd.yaml");
	assert_int_equal(c.at[0].at_ms, NOW - 30000);
}

static void test_only_what_came_since_it_was_well_is_shown(void **state)
{
	struct change_log log = {.n = 0};
	struct workload_row a = web("web:1", "1", 3), b = web("web:2", "2", 3);
	struct changes c;

	(void)state;
	change_log_workload(&log, &a, &b, false, NOW - 3 * 3600000);
	change_log_workload(&log, &b, &a, false, NOW - 65 * 60000); /* a little before */
	change_log_workload(&log, &a, &b, false, NOW - 1000);
	c = shown(&log);
	assert_false(c.since_healthy);
	assert_int_equal(c.n, 3);
	log.healthy_ms = NOW - 3600000;
	c = shown(&log);
	assert_true(c.since_healthy);
	assert_int_equal(c.n, 2);
}

static void test_the_newest_are_kept(void **state)
{
	struct change_log log = {.n = 0};
	struct workload_row a = web("web:1", "1", 3), b = web("web:2", "2", 3);

	(void)state;
	for (int i = 0; i < 3 * CHANGE_LOG_KEEP; i++)
		change_log_workload(&log, &a, &b, false, NOW - 600000 + i);
	assert_int_equal(log.n, CHANGE_LOG_KEEP);
	assert_int_equal(log.at[0].at_ms, NOW - 600000 + 3 * CHANGE_LOG_KEEP - 1);
	for (size_t i = 1; i < log.n; i++)
		assert_true(log.at[i - 1].at_ms > log.at[i].at_ms);
	change_log_workload(&log, &a, &b, false, 5); /* older than all of them */
	assert_int_equal(log.n, CHANGE_LOG_KEEP);
	assert_true(log.at[log.n - 1].at_ms > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind_of_change_is_told),
		cmocka_unit_test(test_a_change_from_before_the_start_is_found),
		cmocka_unit_test(test_files_tell_their_times),
		cmocka_unit_test(test_only_what_came_since_it_was_well_is_shown),
		cmocka_unit_test(test_the_newest_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
