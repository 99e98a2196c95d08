/* etcd's ports as they answer: its gRPC API, health and metrics. Server's thread. */
#ifndef DRILL_FAKE_FAKE_ETCD_H
#define DRILL_FAKE_FAKE_ETCD_H

#include "drill/server/exchange.h"
#include "drill/world/world.h"

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
