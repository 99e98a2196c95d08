/* The tables the watches fill, and how fresh each is. The engine's thread only. */
#ifndef OPS_WATCH_RECORDS_H
#define OPS_WATCH_RECORDS_H

#include "cluster/kube_watch.h"
#include "model/snapshot.h"
#include "ops/watch/change_log.h"

/* One kind's rows; while a relist runs, the new list grows beside what is shown. */
struct record {
	const struct kube_kind *kind;
	struct kube_watch *watch; /* the current one; NULL: none */
	uint64_t number;          /* its own; letters of others are late and ignored */
	struct table *shown;      /* the workloads' three kinds share one */
	struct table *incoming;   /* NULL unless a relist replaces rows that are shown meanwhile */
	bool listing;
	uint64_t newest;            /* resource version seen so far, from whatever server */
	struct instant newest_seen; /* when it was */
	bool old;                   /* what is shown is of an older one: its server lags behind */
	bool over;                  /* rows came since the list began for which there was no room */
	bool nameless; /* and rows whose names the full pool refused: they may be one */
};

enum record_id {
	RECORD_NODES,
	RECORD_PODS,
	RECORD_EVENTS,
	RECORD_NODE_LEASES,
	RECORD_SYSTEM_LEASES,
	RECORD_DEPLOYMENTS,
	RECORD_STATEFUL_SETS,
	RECORD_DAEMON_SETS,
	RECORD_SERVICES,
	RECORD_SLICES,
	RECORD_CONFIG_MAPS,
	RECORD_COUNT
};

struct records {
	struct intern *names; /* what all rows' strings live in; NULL: rows are taken as they are */
	struct record at[RECORD_COUNT];
	struct table *small_pods; /* every pod's small row; at[RECORD_PODS] holds the system's full
				     ones */
	struct table *small_incoming;
	struct table *workloads; /* Deployments, StatefulSets and DaemonSets */
	struct table *usage;
	struct source sources[SOURCE_COUNT];
	struct change_log *changes; /* where changes are noted; NULL: nowhere */
	unsigned undecoded;         /* objects that did not decode since the start */
};

void records_init(struct records *r);
void records_done(struct records *r);
/* Moves every row's strings to a fresh pool, which is used from now on; both stay the caller's. */
void records_rename(struct records *r, struct intern *names);
void records_forget(struct records *r); /* every row, and that there ever was one */

/* Takes the rows out of a letter (which stays the caller's). False when the letter is late or not a
 * watch's. */
bool records_hear(struct records *r, struct kube_letter *l);
/* The first lists of nodes and pods are on their way still, and nothing is wrong with them. */
bool records_begin_well(const struct records *r);
/* A watch's server proved to be alive over the watch's own connection. */
void records_alive(struct records *r, struct instant at);
/* Its server does not answer: what is shown is what was last known. */
void records_trouble(struct records *r, const char *why);
/* Has any kubelet renewed its lease lately? */
bool records_some_lease_is_fresh(const struct records *r, struct instant now);
/* Keeps the newest EVENT_KEEP. */
void records_prune_events(struct table *events);

#endif
