/* The limits' defaults, for the configuration and for tests, and the comparisons with them. */
#include "model/limits.h"

const struct limits limits_default = {
	.certificate_days = 14,
	.api_latency_ms = 1000,
	.etcd_fsync_ms = 100,
	.etcd_latency_ms = 100,
	.etcd_lag = 1000,
	.cpu_percent = 80,
	.memory_percent = 90,
	.disk_percent = 85,
	.hold_down_ms = 60000,
	.silence_ms = LIMIT_SILENCE_MS,
};

bool limit_passed(int64_t used, int64_t all, int percent)
{
	return all > 0 && used * 100 > all * percent;
}

bool limit_is_slow(int64_t us, int limit_ms)
{
	return us > (int64_t)limit_ms * 1000;
}

bool silence_is_down(const struct limits *l, struct instant since, struct instant now)
{
	return instant_age_ms(since, now) >= l->silence_ms;
}
