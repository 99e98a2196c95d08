/* The control plane: which machines carry it. What is learned of one, and what is forgotten, is
 * told to the three rooms that look after its API server, its etcd member and its shell. The
 * engine's thread only. */
#ifndef OPS_WATCH_CONTROL_PLANE_H
#define OPS_WATCH_CONTROL_PLANE_H

#include "ops/watch/api_place.h"
#include "ops/watch/etcd_watch.h"
#include "ops/watch/node_watch.h"

struct control_plane {
	struct api_place *place;
	struct etcd_watch *etcd;
	struct node_watch *nodes;
	struct mailbox *notices;
	struct instant began; /* the first look at this cluster; unset: still to come */
	uint64_t learned_nodes, learned_slices; /* the tables that were last learned from */
	struct {
		size_t n;
		bool cut; /* there were more */
		struct host at[LAYER_MAX_NODES];
	} learned; /* from the nodes */
};

/* All outlive it. */
void control_plane_init(struct control_plane *c, struct api_place *place, struct etcd_watch *etcd,
	struct node_watch *nodes, struct mailbox *notices);
/* One the config names, or a cluster: the three rooms know it from now on. */
void control_plane_learn(struct control_plane *c, const struct host *node);
/* One an earlier run knew. */
void control_plane_remember(struct control_plane *c, const struct host *saved);
size_t control_plane_keep(
	const struct control_plane *c, struct host nodes[LAYER_MAX_NODES]); /* for the next run */
/* Learns from the nodes' list, forgets what a whole and living one no longer holds. */
void control_plane_tick(struct control_plane *c, struct instant now);
/* Another cluster answers than before: everything that was learned, listed or loaded is forgotten,
 * as if the console had just been started here, and it is said. */
void control_plane_begin_anew(struct control_plane *c, struct instant now);

#endif
