/* One round: everything the probes want to know of a control-plane node, in one ssh command; and
 * its two halves, which are pure: the script that a node runs, and the reader of what it prints. */
#ifndef CLUSTER_NODE_ROUND_H
#define CLUSTER_NODE_ROUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "cluster/node_shell.h"
#include "model/host.h"

/* Blocking; for workers. vip may be NULL. with_slow: also the slow part (files, certificates,
 * logs), asked for every minute. */
int node_round(const struct node_call *c, const char *vip, bool with_slow, struct host_report *out,
	struct err *e);

struct node_round_asked {
	const char *nonce;
	const char *vip; /* or NULL */
	bool with_slow;
	int64_t sent_ms, got_ms; /* our wall clock before and after */
};
void node_round_script(struct buf *to, const struct node_round_asked *a);
/* Fills all of *out but at and round_us. -1 with ERR_INPUT when the answer is cut short; what came
 * is in *out even so. */
int node_round_parse(const char *text, size_t n, const struct node_round_asked *a,
	struct host_report *out, struct err *e);

#endif
