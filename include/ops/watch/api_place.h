/* The API server in use: where the watches run, when they move to another one, and which one is
 * asked for logs. A hung server is invisible to a watch, so the same connection is asked for a
 * pulse when it has brought nothing for two seconds; when that stops, or the server's own probe
 * fails for long, the watches move to a server that is well, over a new connection, and list again.
 * Where they are, they stay through what a sick server says of itself: an open watch costs it
 * nothing, and lists are what it can bear least. The engine's thread only. */
#ifndef OPS_WATCH_API_PLACE_H
#define OPS_WATCH_API_PLACE_H

#include "model/etcd_state.h"
#include "ops/watch/api_sides.h"
#include "ops/watch/api_watch.h"
#include "ops/watch/kube_tables.h"

struct api_place {
	struct api_watch *api;
	struct kube_tables *tables;
	int active;           /* the endpoint the watches run at: index into api */
	struct instant moved; /* when they were put there; unset: never, or of another cluster */
	int64_t stay_ms;      /* how long they stay at the least */
	bool lost;            /* its server was away a moment ago */
	struct api_sides sides;
};

/* Both outlive it; the watches are the tables'. */
void api_place_init(struct api_place *p, struct api_watch *api, struct kube_tables *tables);
const struct api_endpoint *api_place_at(const struct api_place *p);
/* Begins to watch at an endpoint: nodes and pods first, the rest follows. poison: the one that is
 * left is dead, its connection is not to be used again. */
void api_place_move(struct api_place *p, int to, bool poison, struct instant now);
void api_place_watch_rest(struct api_place *p, struct instant now);
/* Moves the watches away from a server that is gone, wakes them when it is back, asks what is due.
 * quorum: etcd's, without which nothing changes anywhere; woke: this console stood still until
 * then. */
void api_place_tick(
	struct api_place *p, enum etcd_quorum quorum, struct instant woke, struct instant now);
/* What to ask something else than a watch of: the one in use while it answers, else the best of the
 * others; NULL when none does. */
const struct kube_endpoint *api_place_choose(const struct api_place *p, struct instant now);
/* Forgets the servers that are none of these nodes', as api_watch_keep; the watches leave one that
 * goes. */
void api_place_keep(struct api_place *p, const struct host *nodes, size_t n, struct instant now);
/* Another cluster answers here: watches its first server, as at the start. */
void api_place_begin_anew(struct api_place *p, struct instant now);

#endif
