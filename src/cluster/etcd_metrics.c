/* A member's metrics. Prometheus text is one sample a line; only the few families the console
 * shows are read, whatever else stands there is passed over. Latencies come as histograms that
 * count since the member started, so what matters now is the difference of two readings. */
#include "cluster/etcd_metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define FSYNC_FAMILY  "etcd_disk_wal_fsync_duration_seconds"
#define LATENCY_MAX_S 86400 /* etcd's own bounds end at 8 s */

static const struct gauge {
	const char *name;
	size_t at;
} gauges[] = {
	{"etcd_server_leader_changes_seen_total", offsetof(struct etcd_metrics, leader_changes)},
	{"etcd_server_has_leader", offsetof(struct etcd_metrics, has_leader)},
	{"etcd_mvcc_db_total_size_in_bytes", offsetof(struct etcd_metrics, db_bytes)},
	{"etcd_mvcc_db_total_size_in_use_in_bytes", offsetof(struct etcd_metrics, db_used_bytes)},
	{"etcd_server_quota_backend_bytes", offsetof(struct etcd_metrics, quota_bytes)},
};

/* The number at the end of a sample; false when it is none or not finite. */
static bool sample_value(const char *s, size_t n, double *out)
{
	char copy[48], *end;

	while (n > 0 && *s == ' ')
		s++, n--;
	if (n == 0 || n >= sizeof(copy))
		return false;
	memcpy(copy, s, n);
	copy[n] = '\0';
	*out = strtod(copy, &end);
	return end > copy && (*end == '\0' || *end == ' ') && isfinite(*out);
}

static bool count_value(const char *s, size_t n, int64_t *out)
{
	double v;

	if (!sample_value(s, n, &v) || v < 0 || v > 9e18)
		return false;
	*out = (int64_t)v;
	return true;
}

static bool named(const char *line, size_t n, const char *name)
{
	size_t len = strlen(name);

	return n > len && memcmp(line, name, len) == 0 && (line[len] == ' ' || line[len] == '{');
}

/* Buckets are latencies that rise, else they are not what they say and the sample is passed over.
 */
static void add_bucket(struct etcd_histogram *h, double le, int64_t count)
{
	if (h->n == ETCD_MAX_BUCKETS || le <= 0 || le > LATENCY_MAX_S ||
		(h->n > 0 && (le <= h->le[h->n - 1] || count < h->count[h->n - 1])))
		return;
	h->le[h->n] = le;
	h->count[h->n++] = count;
}

/* NAME_bucket{le="0.001"} 12 */
static void read_bucket(struct etcd_histogram *h, const char *rest, size_t n)
{
	static const char opening[] = "{le=\"";
	const size_t skip = sizeof(opening) - 1;
	const char *quote;
	int64_t count;
	double le;

	if (n < skip || memcmp(rest, opening, skip) != 0)
		return;
	quote = memchr(rest + skip, '"', n - skip);
	if (quote == NULL || quote + 2 >= rest + n || quote[1] != '}')
		return;
	if (!count_value(quote + 2, (size_t)(rest + n - quote - 2), &count))
		return;
	if ((size_t)(quote - rest) == skip + 4 && memcmp(rest + skip, "+Inf", 4) == 0)
		h->total = count;
	else if (sample_value(rest + skip, (size_t)(quote - rest) - skip, &le))
		add_bucket(h, le, count);
}

static void read_line(const char *line, size_t n, struct etcd_metrics *out)
{
	for (size_t i = 0; i < sizeof(gauges) / sizeof(gauges[0]); i++) {
		size_t len = strlen(gauges[i].name);

		if (named(line, n, gauges[i].name) && line[len] == ' ') {
			count_value(line + len, n - len,
				(int64_t *)(void *)((char *)out + gauges[i].at));
			return;
		}
	}
	if (named(line, n, FSYNC_FAMILY "_bucket"))
		read_bucket(&out->fsync, line + strlen(FSYNC_FAMILY "_bucket"),
			n - strlen(FSYNC_FAMILY "_bucket"));
}

void etcd_metrics_parse(const char *text, size_t n, struct etcd_metrics *out)
{
	memset(out, 0, sizeof(*out));
	out->leader_changes = out->has_leader = -1;
	out->db_bytes = out->db_used_bytes = out->quota_bytes = -1;
	out->fsync.total = -1;
	for (size_t at = 0; at < n;) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t len = end == NULL ? n - at : (size_t)(end - text) - at;

		read_line(text + at, len > 0 && text[at + len - 1] == '\r' ? len - 1 : len, out);
		at += len + 1;
	}
	out->fsync_p99_us = etcd_histogram_p99_us(&out->fsync, NULL);
}

/* before belongs to the same run of the member: nothing went backwards. */
static bool continues(const struct etcd_histogram *now, const struct etcd_histogram *before)
{
	if (before == NULL || before->n != now->n || before->total < 0 ||
		before->total > now->total)
		return false;
	for (size_t i = 0; i < now->n; i++)
		if (before->count[i] > now->count[i] || fabs(before->le[i] - now->le[i]) > 1e-9)
			return false;
	return true;
}

int64_t etcd_histogram_p99_us(const struct etcd_histogram *now, const struct etcd_histogram *before)
{
	static const struct etcd_histogram birth;
	const struct etcd_histogram *since = continues(now, before) ? before : &birth;
	int64_t total = now->total - since->total, below = 0;
	double rank = 0.99 * (double)total, from = 0;

	if (now->n == 0 || total <= 0)
		return -1;
	for (size_t i = 0; i < now->n; i++) {
		int64_t upto = now->count[i] - since->count[i];
		double part = (rank - (double)below) / (double)(upto > below ? upto - below : 1);

		if (upto > below && (double)upto >= rank)
			return (int64_t)(1e6 * (from + (now->le[i] - from) * part));
		below = upto;
		from = now->le[i];
	}
	return (int64_t)(1e6 * now->le[now->n - 1]); /* beyond the last bucket: at least this */
}
