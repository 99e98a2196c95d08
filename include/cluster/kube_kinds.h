/* The kinds of objects that can be watched. */
#ifndef CLUSTER_KUBE_KINDS_H
#define CLUSTER_KUBE_KINDS_H

#include <stdbool.h>
#include <stddef.h>

#include "cluster/kube_decode.h"
#include "model/source.h"
#include "model/table.h"

struct kube_kind {
	enum source_id source;
	const char *name; /* "Node": a list of other objects is refused */
	const char *path; /* "/api/v1/nodes", with query if any ("?fieldSelector=...") */
	/* A part of it to list before the whole, so that it is seen first; or NULL */
	const char *first;
	const struct row_ops *ops; /* of the row decode makes */
	kube_decoder *decode;
	/* How long one watch is asked for; 0: four to eight minutes, by chance. */
	int watch_s;
	/* No list or table of it may have more, whatever a server says; 0: no ceiling. */
	size_t rows_max;
	bool edits; /* its rows say who edited it: its managedFields are read */
};

extern const struct kube_kind kube_nodes; /* struct node_row */
/* All namespaces; struct system_pod_row, detail NULL for pods not of the system. */
extern const struct kube_kind kube_pods;
extern const struct kube_kind kube_events;        /* all namespaces; struct event_row */
extern const struct kube_kind kube_node_leases;   /* struct lease_row; `seen` is the receiver's */
extern const struct kube_kind kube_system_leases; /* kube-system; struct lease_row */
/* All namespaces; struct workload_row, `below` is the receiver's. */
extern const struct kube_kind kube_deployments;
extern const struct kube_kind kube_stateful_sets;
extern const struct kube_kind kube_daemon_sets;
extern const struct kube_kind kube_services;    /* all namespaces; struct service_row */
extern const struct kube_kind kube_slices;      /* all namespaces; struct slice_row */
extern const struct kube_kind kube_config_maps; /* kube-system; struct config_map_row */

#endif
