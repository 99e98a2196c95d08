/* What the console shows of a member's own metrics, out of their Prometheus text. Pure; any thread.
 */
#ifndef CLUSTER_ETCD_METRICS_H
#define CLUSTER_ETCD_METRICS_H

#include <stddef.h>
#include <stdint.h>

enum { ETCD_MAX_BUCKETS = 24 };
struct etcd_histogram { /* cumulative, since the member started */
	size_t n;
	double le[ETCD_MAX_BUCKETS]; /* seconds, rising */
	int64_t count[ETCD_MAX_BUCKETS];
	int64_t total; /* -1 absent */
};
struct etcd_metrics {           /* -1 where absent */
	int64_t fsync_p99_us;   /* etcd_disk_wal_fsync_duration_seconds, since the member started */
	int64_t leader_changes; /* etcd_server_leader_changes_seen_total */
	int64_t has_leader;
	int64_t db_bytes, db_used_bytes, quota_bytes;
	struct etcd_histogram fsync;
};
void etcd_metrics_parse(const char *text, size_t n, struct etcd_metrics *out);
/* The 99th percentile of what was counted between two readings: how it is now. before may be NULL,
 * or of an earlier run of the member: then since its start. -1 when nothing was counted. Beyond the
 * last bucket, that bucket's bound. */
int64_t etcd_histogram_p99_us(
	const struct etcd_histogram *now, const struct etcd_histogram *before);

#endif
