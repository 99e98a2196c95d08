/* The three etcd members: raft as far as a client sees it. Server's thread. */
#ifndef DRILL_WORLD_RAFT_H
#define DRILL_WORLD_RAFT_H

#include "drill/world/world.h"

struct member {
	uint64_t id;
	bool listed, learner;
	bool joined;        /* has heard its cluster since it started */
	bool misfit;        /* its data directory is another member's: it will not live */
	int64_t started_ms; /* boot */
	uint64_t index, term;
	uint64_t revision;
	int leader_changes;
	unsigned alarm;             /* etcd's AlarmType, 0 none */
	int64_t defragmented_bytes; /* what a defragmentation freed */
};

struct raft {
	struct member members[WORLD_MASTERS]; /* by master */
	uint64_t cluster_id, term, index;
	int leader;          /* master; -1 none */
	int64_t election_ms; /* boot; 0: none is due */
};

struct raft *raft_new(struct world *w);
void raft_free(struct raft *r);
void raft_tick(struct world *w);
void raft_wrote(struct world *w);                    /* one more entry in the log */
bool raft_joined(const struct world *w, int master); /* it has seen its cluster since it started */
bool raft_has_leader(const struct world *w, int master);
void raft_restarted(struct world *w, int master); /* its container began anew */
void raft_mend(struct world *w); /* every member is listed again, with its own data */

int raft_by_id(const struct raft *r, uint64_t id); /* master, or -1 */
int raft_remove(struct world *w, int master);
int raft_add(struct world *w, const char *peer_url, bool learner); /* master, or -1 */
int raft_promote(struct world *w, int master); /* -1: no learner, or not caught up */

#endif
