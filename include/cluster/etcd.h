/* etcd's own API, member by member: gRPC for what a member with quorum answers, and what is left of
 * it without (peer port /members, metrics). Calls start on any thread; answers come on the
 * net thread, exactly once. Source: etcd api/etcdserverpb/rpc.proto; FACTS 0 and 3. */
#ifndef CLUSTER_ETCD_H
#define CLUSTER_ETCD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cluster/etcd_metrics.h"
#include "io/http.h"
#include "model/etcd_state.h"

/* Where and as whom: a member's client URL and the shared credentials. Borrowed for the call. */
struct etcd_target {
	const char *url; /* https://10.0.1.10:2379; the peer URL for ETCD_PEER */
	struct http_tls *tls;
	int64_t total_ms;
	int64_t revision; /* for ETCD_HASH; 0: the newest */
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

/* Which of them a question is, and its answer: the union's member is the one named there. */
enum etcd_what {
	ETCD_STATUS,  /* status */
	ETCD_MEMBERS, /* members: linearizable where the server knows how */
	ETCD_ALARMS,  /* alarms */
	ETCD_HASH,    /* hash, of the target's revision */
	/* Revision: linearizable range of one key, count only, as etcdctl's `endpoint health`. -1:
	 * proven healthy, but RBAC hides the key. */
	ETCD_READ,
	/* Members, from the peer port over HTTP/1.1: answered even by a member that waits for
	 * quorum. The cluster_id is 0: it is not said there. */
	ETCD_PEER,
	ETCD_METRICS, /* metrics */
};
struct etcd_answer {
	enum etcd_what what;
	union {
		struct etcd_status_answer status;
		struct etcd_members_answer members;
		struct etcd_alarms_answer alarms;
		struct etcd_hash_answer hash;
		struct etcd_metrics metrics;
		int64_t revision;
	};
};

/* result carries times and TLS facts. answer says what was asked; more only if err->code is
 * ERR_NONE. */
typedef void (*etcd_done)(void *arg, const struct err *err, const struct http_result *result,
	const struct etcd_answer *answer);
uint64_t etcd_ask(struct http *h, const struct etcd_target *t, enum etcd_what what, etcd_done done,
	void *arg);

#endif
