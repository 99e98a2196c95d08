/* etcd's own API, member by member: gRPC for what a member with quorum answers, and what is left of
 * it without (peer port /members, metrics listener). Calls start on any thread; answers come on the
 * net thread, exactly once. Source: etcd api/etcdserverpb/rpc.proto; FACTS 0 and 3. */
#ifndef CLUSTER_ETCD_H
#define CLUSTER_ETCD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "io/http.h"
#include "model/etcd_state.h"

/* Where and as whom: a member's client URL and the shared credentials. Borrowed for the call. */
struct etcd_target {
	const char *url; /* https://10.0.1.10:2379 */
	struct http_tls *tls;
	int64_t total_ms;
	bool fresh; /* a connection of its own: after trouble, and every few seconds for liveness */
};

struct etcd_status_answer {
	uint64_t cluster_id, member_id, leader_id, raft_term, raft_index, raft_applied;
	int64_t revision, db_bytes, db_used_bytes, quota_bytes; /* -1 unknown */
	bool learner;
	char version[24];
	char errors[160];
};
struct etcd_members_answer {
	uint64_t cluster_id;
	size_t n;
	struct {
		uint64_t id;
		char name[64], peer_url[128], client_url[128]; /* the first of each */
		bool learner;
	} members[ETCD_MAX_MEMBERS];
};
struct etcd_alarms_answer {
	size_t n;
	struct {
		uint64_t member;
		unsigned alarm; /* enum etcd_alarm, or'ed: one row per member */
	} alarms[ETCD_MAX_MEMBERS];
};
struct etcd_hash_answer {
	uint64_t member_id;
	int64_t revision;         /* the revision hashed; before etcd 3.6, the member's newest */
	int64_t compact_revision; /* hashes compare only where this is equal, too */
	uint32_t hash;
};

/* result carries times and TLS facts. answer is NULL unless err->code is ERR_NONE. */
typedef void (*etcd_status_done)(void *arg, const struct err *err, const struct http_result *result,
	const struct etcd_status_answer *answer);
typedef void (*etcd_members_done)(void *arg, const struct err *err,
	const struct http_result *result, const struct etcd_members_answer *answer);
typedef void (*etcd_alarms_done)(void *arg, const struct err *err, const struct http_result *result,
	const struct etcd_alarms_answer *answer);
typedef void (*etcd_hash_done)(void *arg, const struct err *err, const struct http_result *result,
	const struct etcd_hash_answer *answer);
typedef void (*etcd_read_done)(
	void *arg, const struct err *err, const struct http_result *result, int64_t revision);

uint64_t etcd_status(struct http *h, const struct etcd_target *t, etcd_status_done done, void *arg);
uint64_t etcd_members(struct http *h, const struct etcd_target *t, etcd_members_done done,
	void *arg); /* linearizable where the server knows how */
uint64_t etcd_alarms(struct http *h, const struct etcd_target *t, etcd_alarms_done done, void *arg);
uint64_t etcd_read(struct http *h, const struct etcd_target *t, etcd_read_done done,
	void *arg); /* linearizable range of one key, count only: etcdctl's `endpoint health`.
		       revision -1: proven healthy, but RBAC hides the key */
uint64_t etcd_hashkv(struct http *h, const struct etcd_target *t, int64_t revision,
	etcd_hash_done done, void *arg);
/* Peer port, HTTP/1.1, mTLS: answered even by a member that waits for quorum. t->url is the peer
 * URL. The answer's cluster_id is 0: it is not said there. */
uint64_t etcd_peer_members(
	struct http *h, const struct etcd_target *t, etcd_members_done done, void *arg);

/* Prometheus text of a member's metrics: what the console shows. -1 where absent. Any thread. */
enum { ETCD_MAX_BUCKETS = 24 };
struct etcd_histogram { /* cumulative, since the member started */
	size_t n;
	double le[ETCD_MAX_BUCKETS]; /* seconds, rising */
	int64_t count[ETCD_MAX_BUCKETS];
	int64_t total; /* -1 absent */
};
struct etcd_metrics {
	int64_t fsync_p99_us;   /* etcd_disk_wal_fsync_duration_seconds, since the member started */
	int64_t commit_p99_us;  /* etcd_disk_backend_commit_duration_seconds, likewise */
	int64_t leader_changes; /* etcd_server_leader_changes_seen_total */
	int64_t has_leader;
	int64_t db_bytes, db_used_bytes, quota_bytes;
	struct etcd_histogram fsync, commit;
};
void etcd_metrics_parse(const char *text, size_t n, struct etcd_metrics *out);
/* The 99th percentile of what was counted between two readings: how it is now. before may be NULL,
 * or of an earlier run of the member: then since its start. -1 when nothing was counted. Beyond the
 * last bucket, that bucket's bound. */
int64_t etcd_histogram_p99_us(
	const struct etcd_histogram *now, const struct etcd_histogram *before);

#endif
