/* The etcd cluster as its members tell it, each asked by itself. */
#ifndef MODEL_ETCD_STATE_H
#define MODEL_ETCD_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"

#define ETCD_MAX_MEMBERS 16

enum etcd_health {
	ETCD_UNKNOWN,   /* not asked yet, or no way to ask */
	ETCD_HEALTHY,   /* answered, knows a leader, no error */
	ETCD_UNHEALTHY, /* answers, but without leader, or with an error or alarm */
	ETCD_SILENT,    /* connects but does not answer (hung, or restarted without quorum) */
	ETCD_DOWN       /* refused, unreachable, or silent for longer than the limit */
};

enum etcd_alarm { ETCD_ALARM_NOSPACE = 1, ETCD_ALARM_CORRUPT = 2 };

struct etcd_member {
	uint64_t id;         /* 0 when only its address is known */
	uint64_t cluster_id; /* as this member says; 0 unknown */
	char name[64];
	char client_url[128]; /* the one it is asked at */
	char peer_url[128];
	char address[64]; /* host part of client_url */
	bool listed;      /* in the member list of the majority */
	bool learner;
	bool leader;
	/* Answers with another cluster id than the majority: a split brain. */
	bool foreign;
	bool rolled_back; /* its revision went backwards */
	enum etcd_health health;
	char version[24];
	int64_t db_bytes, db_used_bytes, quota_bytes; /* -1 unknown */
	uint64_t raft_term, raft_index, raft_applied, leader_id;
	int64_t revision;            /* -1 unknown */
	int64_t lag;                 /* raft entries behind the furthest member; -1 unknown */
	int64_t latency_us;          /* of the last status call; -1 unknown */
	int64_t fsync_p99_us;        /* from the metrics listener; -1 unknown */
	int64_t leader_changes;      /* -1 unknown */
	unsigned alarms;             /* enum etcd_alarm */
	char errors[160];            /* the member's own errors */
	char error[160];             /* why it could not be asked, "" when it answered */
	struct instant good;         /* last answer */
	struct instant silent_since; /* when it stopped answering; unset while it answers */
	uint32_t kv_hash;            /* hashkv at hash_revision; 0 unknown */
	int64_t hash_revision;
};

enum etcd_quorum { ETCD_QUORUM_UNKNOWN, ETCD_QUORUM_OK, ETCD_QUORUM_LOST };

struct etcd_state {
	size_t n;
	struct etcd_member members[ETCD_MAX_MEMBERS]; /* by name, then address */
	/* What etcd_judge computes from the members: */
	int voters, healthy_voters, quorum_size;
	int may_lose; /* healthy voters above quorum; 0 and QUORUM_LOST differ */
	enum etcd_quorum quorum;
	uint64_t cluster_id, leader_id, raft_term;
	bool split;      /* two cluster ids, or two leaders in one term */
	bool corrupt;    /* equal revisions with different hashes */
	int64_t read_us; /* latency of the last linearizable read; -1 failed or never */
	char read_error[160];
	unsigned alarms;
};

/* Fills the computed part from the members', and each member's `foreign` and `lag`. A voter counts
 * as healthy when it takes part in consensus: it answers and knows a leader (a NOSPACE alarm makes
 * it ETCD_UNHEALTHY, yet it votes). Unknown counts as unhealthy, but quorum is QUORUM_LOST only
 * when the members that cannot be seen could not make it up. Without any listed member every member
 * known is taken for a voter. */
void etcd_judge(struct etcd_state *s);
bool etcd_answers(const struct etcd_member *m);   /* by itself, well or not */
int etcd_quorum_of(int voters);                   /* voters / 2 + 1 */
const char *etcd_health_word(enum etcd_health h); /* N_() keys */

#endif
