/* Puts what the probes found into the layer board: one sentence of judgement per layer and node. No
 * clock, no I/O. */
#ifndef OPS_WATCH_LAYER_FILL_H
#define OPS_WATCH_LAYER_FILL_H

#include "ops/watch/api_watch.h"
#include "ops/watch/etcd_watch.h"
#include "ops/watch/kube_tables.h"
#include "ops/watch/node_watch.h"

struct layer_input {
	const struct api_watch *api;
	const struct etcd_watch *etcd;
	const struct node_watch *nodes;
	const struct kube_tables *tables;
	const struct limits *limits;
	struct instant woke;          /* as the snapshot's */
	int64_t credential_expiry_ms; /* k911's own; INT64_MAX when it does not say */
	const char *credential;       /* in words */
	bool credential_withheld;     /* it is not sent, and those are the words */
};

/* Fills *b from scratch, layer_judge included. */
void layer_fill(struct layer_board *b, const struct layer_input *in, struct instant now);

#endif
