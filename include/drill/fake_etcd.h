/* The three etcd members: raft as far as a client sees it, and etcd's gRPC API. Server's thread. */
#ifndef DRILL_FAKE_ETCD_H
#define DRILL_FAKE_ETCD_H

#include "drill/world.h"

struct raft *raft_new(struct world *w);
void raft_free(struct raft *r);
void raft_tick(struct world *w);
void raft_wrote(struct world *w);                    /* one more entry in the log */
bool raft_joined(const struct world *w, int master); /* it has seen its cluster since it started */
bool raft_has_leader(const struct world *w, int master);
void raft_restarted(struct world *w, int master); /* its container began anew */
void raft_mend(struct world *w); /* every member is listed again, with its own data */

/* Handlers of a member's client port (gRPC, /health, /version, /metrics) and peer port (/members,
 * /version). */
struct member_port {
	struct world *world;
	int master;
};
void etcd_handle(void *member_port, struct exchange *x);
void etcd_peer_handle(void *member_port, struct exchange *x);
/* The Prometheus text of http://127.0.0.1:2381/metrics on the node. */
void etcd_metrics(const struct world *w, int master, struct buf *out);

#endif
