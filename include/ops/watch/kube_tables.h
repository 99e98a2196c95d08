/* The tables the watches fill, and how fresh each is. The engine's thread only. */
#ifndef OPS_WATCH_KUBE_TABLES_H
#define OPS_WATCH_KUBE_TABLES_H

#include "cluster/kube_watch.h"
#include "model/snapshot.h"
#include "ops/watch/change_log.h"

/* One kind's rows; while a relist runs, the new list grows beside what is shown. */
struct kube_table {
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

enum kube_table_id {
	KUBE_TABLE_NODES,
	KUBE_TABLE_PODS,
	KUBE_TABLE_EVENTS,
	KUBE_TABLE_NODE_LEASES,
	KUBE_TABLE_SYSTEM_LEASES,
	KUBE_TABLE_DEPLOYMENTS,
	KUBE_TABLE_STATEFUL_SETS,
	KUBE_TABLE_DAEMON_SETS,
	KUBE_TABLE_SERVICES,
	KUBE_TABLE_SLICES,
	KUBE_TABLE_CONFIG_MAPS,
	KUBE_TABLE_COUNT
};

struct kube_tables {
	/* What all rows' strings live in, a reference; NULL: rows are taken as they are. */
	struct intern *names;
	struct kube_table at[KUBE_TABLE_COUNT];
	/* Every pod's small row; at[KUBE_TABLE_PODS] holds the system's full ones. */
	struct table *small_pods;
	struct table *small_incoming;
	struct table *workloads; /* Deployments, StatefulSets and DaemonSets */
	struct table *usage;
	struct source sources[SOURCE_COUNT];
	struct change_log *changes; /* where changes are noted; NULL: nowhere */
	unsigned undecoded;         /* objects that did not decode since the start */
};

void kube_tables_init(struct kube_tables *r);
void kube_tables_done(struct kube_tables *r);
/* Moves every row's strings, and what the watches bring from now on, to a fresh pool. Takes it, and
 * leaves the old one to the caller. */
void kube_tables_rename(struct kube_tables *r, struct intern *names);
void kube_tables_forget(struct kube_tables *r); /* every row, and that there ever was one */
void kube_tables_relist(struct kube_tables *r);
void kube_tables_stop(struct kube_tables *r, bool poison); /* every watch, as kube_watch_stop */

/* Takes the rows out of a letter (which stays the caller's). False when the letter is late or not a
 * watch's. */
bool kube_tables_hear(struct kube_tables *r, struct kube_letter *l);
/* The first lists of nodes and pods are on their way still, and nothing is wrong with them. */
bool kube_tables_begin_well(const struct kube_tables *r);
/* A watch's server proved to be alive over the watch's own connection. */
void kube_tables_alive(struct kube_tables *r, struct instant at);
/* Its server does not answer: what is shown is what was last known. */
void kube_tables_trouble(struct kube_tables *r, const char *why);
/* When a kubelet was last seen to renew its lease; never: all zero. */
struct instant kube_tables_newest_lease(const struct kube_tables *r);

void kube_tables_fill(const struct kube_tables *r, struct snapshot *s);
/* Only what is kept for the next start. */
void kube_tables_keep(const struct kube_tables *r, struct snapshot *s);
/* Shows what an earlier run kept, from that moment. Moves it out of the snapshot. */
void kube_tables_recall(struct kube_tables *r, struct snapshot *saved, struct instant at);
/* Keeps the newest EVENT_KEEP. */
void kube_tables_prune_events(struct table *events);

#endif
