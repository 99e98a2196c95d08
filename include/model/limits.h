/* When a value is high, slow, old or silent for too long: the configuration's thresholds, carried
 * in the snapshot, so that levels, checks and colours say the same of it. */
#ifndef MODEL_LIMITS_H
#define MODEL_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"

#define LIMIT_QUOTA_PERCENT 80    /* of etcd's quota */
#define LIMIT_SILENCE_MS    10000 /* so long without an answer is down; a refusal is at once */

struct limits {
	int certificate_days;
	int api_latency_ms, etcd_fsync_ms, etcd_latency_ms;
	int etcd_lag; /* raft entries behind the leader */
	int cpu_percent, memory_percent, disk_percent;
	int64_t hold_down_ms;
	int64_t silence_ms; /* LIMIT_SILENCE_MS, but for who must leave before that */
};
extern const struct limits limits_default;

/* More than that share of all; false while all is not known. */
bool limit_passed(int64_t used, int64_t all, int percent);
bool limit_is_slow(int64_t us, int limit_ms);
bool silence_is_down(const struct limits *l, struct instant since, struct instant now);

#endif
