/* When a value is high, slow, old or silent for too long: the configuration's thresholds, carried
 * in the snapshot, so that levels, checks and colours say the same of it. */
#ifndef MODEL_LIMITS_H
#define MODEL_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#define LIMIT_QUOTA_PERCENT 80 /* of etcd's quota */

struct limits {
	int certificate_days;
	int api_latency_ms, etcd_fsync_ms;
	int cpu_percent, memory_percent, disk_percent;
	int64_t hold_down_ms;
};
extern const struct limits limits_default;

/* More than that share of all; false while all is not known. */
bool limit_passed(int64_t used, int64_t all, int percent);
bool limit_is_slow(int64_t us, int limit_ms);

#endif
