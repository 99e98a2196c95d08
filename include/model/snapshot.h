/* Everything the console shows, at one moment. Immutable and shared by count; the engine publishes
 * one at most 20 times a second, a view paints from it and keeps nothing of it beyond its
 * reference. */
#ifndef MODEL_SNAPSHOT_H
#define MODEL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/alert.h"
#include "model/ask.h"
#include "model/casebook.h"
#include "model/changes.h"
#include "model/etcd_state.h"
#include "model/event.h"
#include "model/feed.h"
#include "model/host.h"
#include "model/impact.h"
#include "model/keeping.h"
#include "model/layer.h"
#include "model/limits.h"
#include "model/node.h"
#include "model/pod.h"
#include "model/rates.h"
#include "model/run.h"
#include "model/severity.h"
#include "model/source.h"
#include "model/workload.h"

#define HISTORY_SLOTS   90 /* of 10 s: the last 15 minutes */
#define HISTORY_SLOT_MS 10000

/* One sparkline: newest last; -1 where nothing was measured. */
struct history {
	int32_t at[HISTORY_SLOTS];
};

/* What a control-plane node told by its own shell. */
struct host_seen {
	char name[64];
	struct host_report *report; /* shared */
};

struct snapshot {
	int refs; /* atomic; snapshot_ref and _unref */
	uint64_t number;
	struct instant at;
	/* Until then k911 itself stood still: no silence here is older; unset: never. */
	struct instant woke;
	/* The API server's version. */
	char cluster[80], context[80], user[80], namespace_[64], server[200], version[32];
	/* Of the namespace kube-system: which cluster it is; "" not told yet. */
	char uid[64];
	/* Hex, over the authorities that the kubeconfig trusts; "" it names none. */
	char authority[65];
	bool read_only;                /* this console changes nothing */
	bool uid_untold;               /* a server answers, and does not say */
	size_t names_bytes, names_max; /* of names kept, and their ceiling; 0: not counted */
	struct source sources[SOURCE_COUNT];
	struct intern *names;      /* what the rows' strings live in; NULL: elsewhere. Shared */
	struct table *nodes;       /* struct node_row */
	struct table *pods;        /* struct pod_row, all of them */
	struct table *system_pods; /* struct system_pod_row */
	struct table *events;      /* struct event_row, by uid */
	struct table *leases;      /* struct lease_row: kube-node-lease */
	/* struct lease_row: kube-system's (scheduler, controller-manager, API server identities) */
	struct table *system_leases;
	struct table *usage;       /* struct usage_row */
	struct table *workloads;   /* struct workload_row: Deployments, StatefulSets, DaemonSets */
	struct table *services;    /* struct service_row */
	struct table *slices;      /* struct slice_row */
	struct table *config_maps; /* struct config_map_row: kube-system's */
	struct table *firing;      /* struct alert_row: alerts, as the Alertmanager says */
	struct pod_counts pod_counts;
	int nodes_not_ready;
	double warnings_per_minute;
	struct etcd_state etcd;
	struct layer_board layers;
	size_t n_hosts;
	struct host_seen hosts[LAYER_MAX_NODES];
	bool vip_held;          /* one of them was once seen to hold the load balancer's address */
	int64_t vip_latency_us; /* of the kubeconfig's server; -1 unknown */
	/* Of the slowest live watch's last sign of life at `at`; -1 none lives. */
	int64_t watch_age_ms;
	struct history api_latency_ms, etcd_latency_ms, warnings;
	struct history etcd_terms; /* raft terms: an election is a new one */
	struct names alerts;       /* firing, as the alert manager says */
	/* Components whose logs suddenly hold many errors: "m2 kubelet 40/min". */
	struct names log_bursts;
	struct limits limits;
	struct impact impact;
	struct changes changes;
	struct verdict verdict;
	struct casebook *book;  /* never NULL */
	struct run_board *runs; /* runbooks, runs, debts; NULL: nothing can be run here */
	struct proposal proposal;
	struct journal_writer_state journal;
	struct notify_health notify;
	struct keeping keeping[KEEPING_COUNT];
	bool availability_known;
	struct availability availability; /* of this month */
	size_t n_rates;
	/* API servers first, then etcd, nodes and others; by name */
	struct rate_row rates[METER_MAX];
	size_t n_asks;
	struct ask asks[ASK_MAX]; /* what waits for an answer, the oldest first */
	size_t n_feeds;
	struct feed *feeds[8];
};

struct snapshot *snapshot_new(void); /* zeroed, count 1, tables empty and shared */
struct snapshot *snapshot_ref(struct snapshot *s);
void snapshot_unref(struct snapshot *s); /* NULL is fine */

/* The lease of a node, of the scheduler or of the controller-manager; NULL when none. */
const struct lease_row *snapshot_lease(const struct snapshot *s, const char *ns, const char *name);
/* What a control-plane node told last; NULL when nothing, or when that is too old to go by. */
const struct host_report *snapshot_host(const struct snapshot *s, const char *name);
const struct usage_row *snapshot_usage(const struct snapshot *s, const char *node);
const struct feed *snapshot_feed(const struct snapshot *s, uint32_t id);
/* Age of a node's lease at s->at; -1 when unknown. Stale from LEASE_STALE_MS on. */
int64_t snapshot_lease_age(const struct snapshot *s, const char *node);

#endif
