/* Where data come from and how fresh they are: every pane says it. */
#ifndef MODEL_SOURCE_H
#define MODEL_SOURCE_H

#include <stdbool.h>

#include "base/instant.h"

enum source_id {
	SOURCE_NODES,
	SOURCE_PODS,
	SOURCE_EVENTS,
	SOURCE_NODE_LEASES,
	SOURCE_SYSTEM_LEASES,
	SOURCE_USAGE, /* metrics.k8s.io */
	SOURCE_DEPLOYMENTS,
	SOURCE_STATEFUL_SETS,
	SOURCE_DAEMON_SETS,
	SOURCE_SERVICES,
	SOURCE_SLICES,
	SOURCE_CONFIG_MAPS, /* kube-system's */
	SOURCE_ETCD,
	SOURCE_PROBES,
	SOURCE_ALERTS,  /* the configured Alertmanager */
	SOURCE_JOURNAL, /* live while it takes what it is given; absent when there is none */
	SOURCE_COUNT
};

enum source_state {
	SOURCE_NEVER,   /* nothing was ever received, not even from a saved state */
	SOURCE_LOADING, /* the first list is on its way */
	SOURCE_LIVE,
	SOURCE_STALE, /* what is shown is old; good says how old */
	SOURCE_ABSENT /* the cluster does not serve it (no metrics server) */
};

struct source {
	enum source_state state;
	/* When data last came (a watch: the last event or bookmark, or a probe that proved its
	 * server alive). */
	struct instant good;
	bool saved;      /* what is shown comes from the state directory of an earlier run */
	char via[80];    /* which endpoint it comes by: "10.0.1.5:6443" */
	char error[200]; /* the last error in words, "" when live */
};

const char *source_name(enum source_id id); /* "nodes": stable, for JSON */

#endif
