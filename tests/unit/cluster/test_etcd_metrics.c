/* A member's metrics as etcd 3.6.5 printed them, and the percentile now against since ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cluster/etcd.h"

static const char recorded[] = "# HELP etcd_disk_wal_fsync_duration_seconds The latency "
			       "distributions of fsync called by WAL.\n"
			       "# TYPE etcd_disk_wal_fsync_duration_seconds histogram\n"
			       "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"0.001\"} 2\n"
			       "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"0.002\"} 2\n"
			       "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"0.004\"} 3\n"
			       "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"0.008\"} 4\n"
			       "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"0.016\"} 7\n"
			       "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"0.032\"} 9\n"
			       "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"0.064\"} 9\n"
			       "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"+Inf\"} 9\n"
			       "etcd_disk_wal_fsync_duration_seconds_count 9\r\n"
			       "etcd_disk_wal_fsync_duration_seconds_sum 0.084\n"
			       "etcd_mvcc_db_total_size_in_bytes 20480\n"
			       "etcd_mvcc_db_total_size_in_use_in_bytes 16384\n"
			       "etcd_server_has_leader 1\n"
			       "etcd_server_leader_changes_seen_total 3\r\n"
			       "etcd_server_quota_backend_bytes 2.147483648e+09\n";

static struct etcd_metrics parsed(const char *text)
{
	struct etcd_metrics m;

	etcd_metrics_parse(text, strlen(text), &m);
	return m;
}

static void test_gauges_are_read_in_either_notation(void **state)
{
	struct etcd_metrics m = parsed(recorded);

	(void)state;
	assert_int_equal(m.leader_changes, 3);
	assert_int_equal(m.has_leader, 1);
	assert_int_equal(m.db_bytes, 20480);
	assert_int_equal(m.db_used_bytes, 16384);
	assert_int_equal(m.quota_bytes, 2147483648);
}

static void test_the_99th_percentile_lies_inside_its_bucket(void **state)
{
	struct etcd_metrics m = parsed(recorded);

	(void)state;
	/* 8.91 of 9 samples: (8.91 - 7) / 2 of the way from 16 to 32 ms. */
	assert_in_range(m.fsync_p99_us, 31270, 31290);
}

static void test_what_is_absent_is_unknown(void **state)
{
	struct etcd_metrics m = parsed("");

	(void)state;
	assert_int_equal(m.fsync_p99_us, -1);
	assert_int_equal(m.leader_changes, -1);
	assert_int_equal(m.has_leader, -1);
	assert_int_equal(m.quota_bytes, -1);
}

/* Whoever listens on the metrics port may print what it likes. */
static void test_no_bucket_makes_a_latency_that_cannot_be(void **state)
{
#define BUCKET(le, n) "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"" le "\"} " n "\n"
	static const char *const texts[] = {
		BUCKET("-1", "2") BUCKET("+Inf", "2"),
		BUCKET("0", "2") BUCKET("+Inf", "2"),
		BUCKET("1e300", "2") BUCKET("+Inf", "2"),
		BUCKET("nan", "2") BUCKET("+Inf", "2"),
		BUCKET("inf", "2") BUCKET("+Inf", "2"),
		BUCKET("-1e300", "1") BUCKET("1e300", "2") BUCKET("+Inf", "2"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(parsed(texts[i]).fsync_p99_us, -1);
	assert_in_range(
		parsed(BUCKET("1", "2") BUCKET("0.5", "9") BUCKET("+Inf", "2")).fsync_p99_us, 0,
		1000000);
}

static struct etcd_histogram counted(int64_t fast, int64_t slow, int64_t beyond)
{
	return (struct etcd_histogram){.n = 2,
		.le = {0.01, 1},
		.count = {fast, fast + slow},
		.total = fast + slow + beyond};
}

/* A member that was slow yesterday and is quick now must not look slow, nor the other way round. */
static void test_two_readings_tell_how_it_is_now(void **state)
{
	struct etcd_histogram slow = counted(0, 1000, 0), quick_now = counted(500, 1000, 0),
			      idle = slow;
	struct etcd_histogram quick = counted(100000, 0, 0), slow_now = counted(100000, 10, 0);

	(void)state;
	assert_in_range(etcd_histogram_p99_us(&quick_now, &slow), 0, 10000);
	assert_in_range(etcd_histogram_p99_us(&quick_now, NULL), 500000, 1000000);
	assert_in_range(etcd_histogram_p99_us(&slow_now, &quick), 900000, 1000000);
	assert_in_range(etcd_histogram_p99_us(&slow_now, NULL), 0, 10000);
	assert_int_equal(etcd_histogram_p99_us(&idle, &slow), -1);
}

static void test_a_restarted_member_counts_from_its_start(void **state)
{
	struct etcd_histogram before = counted(1000, 0, 0), restarted = counted(10, 0, 0),
			      regrown = counted(900, 200, 0);

	(void)state;
	assert_in_range(etcd_histogram_p99_us(&restarted, &before), 0, 10000);
	assert_in_range(etcd_histogram_p99_us(&regrown, &before), 900000, 1000000);
}

static void test_beyond_the_last_bucket_is_at_least_its_bound(void **state)
{
	struct etcd_histogram h = counted(0, 0, 10);

	(void)state;
	assert_int_equal(etcd_histogram_p99_us(&h, NULL), 1000000);
}

static void test_nonsense_is_passed_over(void **state)
{
	static const char *const lines[] = {"etcd_server_has_leader", "etcd_server_has_leader ",
		"etcd_server_has_leader NaN", "etcd_server_has_leader -1",
		"etcd_server_has_leader 1e300", "etcd_server_has_leader_too 1",
		"etcd_server_has_leader{x=\"y\"} 1", "etcd_server_has_leader yes",
		"etcd_disk_wal_fsync_duration_seconds_bucket{le=\"",
		"etcd_disk_wal_fsync_duration_seconds_bucket{le=\"0.1\"",
		"etcd_disk_wal_fsync_duration_seconds_bucket{le=\"0.1\"}",
		"etcd_disk_wal_fsync_duration_seconds_bucket{le=\"Inf\"} 3",
		"etcd_disk_wal_fsync_duration_seconds_bucket{ge=\"0.1\"} 3",
		"etcd_disk_wal_fsync_duration_seconds_bucket{le=\"x\"} 3"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct etcd_metrics m = parsed(lines[i]);

		assert_int_equal(m.has_leader, -1);
		assert_int_equal(m.fsync.n, 0);
		assert_int_equal(m.fsync_p99_us, -1);
	}
}

static void test_buckets_that_do_not_rise_are_passed_over(void **state)
{
	struct etcd_metrics m =
		parsed("etcd_disk_wal_fsync_duration_seconds_bucket{le=\"0.1\"} 3\n"
		       "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"0.1\"} 9\n"
		       "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"0.2\"} 1\n"
		       "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"+Inf\"} 3\n");

	(void)state;
	assert_int_equal(m.fsync.n, 1);
	assert_in_range(m.fsync_p99_us, 1, 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gauges_are_read_in_either_notation),
		cmocka_unit_test(test_the_99th_percentile_lies_inside_its_bucket),
		cmocka_unit_test(test_no_bucket_makes_a_latency_that_cannot_be),
		cmocka_unit_test(test_what_is_absent_is_unknown),
		cmocka_unit_test(test_two_readings_tell_how_it_is_now),
		cmocka_unit_test(test_a_restarted_member_counts_from_its_start),
		cmocka_unit_test(test_beyond_the_last_bucket_is_at_least_its_bound),
		cmocka_unit_test(test_nonsense_is_passed_over),
		cmocka_unit_test(test_buckets_that_do_not_rise_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
