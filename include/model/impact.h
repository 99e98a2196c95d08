/* What is affected: nodes, pods, workloads, Services, control-plane parts, resources. Counted over
 * the tables of a snapshot at most once a second, since there may be 150,000 pods; the rules of
 * severity.h and the screen read the result. A plain value. */
#ifndef MODEL_IMPACT_H
#define MODEL_IMPACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/core_service.h"
#include "model/lease.h"
#include "model/names.h"

struct snapshot;

/* Per minute: in the last five minutes, and in the rest of the last hour. */
struct pace {
	double recent, before;
};
bool pace_is_burst(const struct pace *p);

struct impact {
	struct instant at; /* when it was counted; unset: never */

	bool nodes_known; /* live: what is counted of nodes is the truth now */
	unsigned nodes, masters, workers;
	struct names masters_lost, workers_lost; /* not ready, or silent for longer than a lease */
	int64_t lost_ms; /* how long the longest lost worker has been so; -1 unknown */

	unsigned pods_failing, pods_stranded; /* stranded: on nodes that are lost */

	bool workloads_known;
	unsigned workloads;
	struct names workloads_failing; /* "shop/web 1/3" */

	bool services_known;
	unsigned services;
	struct names services_dark; /* that somebody should stand behind, and nobody does */
	struct lease_judge leases;

	struct core_services core;

	/* Nodes whose API server no longer renews its identity lease. */
	struct names apiservers_late;
	struct names parts_down; /* of the control plane: "m2 etcd", "scheduler" */

	struct names cpu_high, memory_high, disk_high; /* "w3 91%" */
	struct pace warnings;                          /* Warning events */
	struct names slow;         /* API servers slower than the limit: "m1 1800 ms" */
	struct instant slow_since; /* unset while none is slow */
};

/* core_services: what the configuration adds to the known ones (core_service.h). before: the one
 * before this (NULL: none), whose core.seen and slow_since go on. */
void impact_take(struct impact *out, const struct snapshot *s, const char *const *core_services,
	const struct impact *before);

#endif
