/* What is affected: nodes, pods, workloads, Services, control-plane parts, resources. Counted over
 * the tables of a snapshot at most once a second, since there may be 150,000 pods; the rules of
 * severity.h and the screen read the result. A plain value. */
#ifndef MODEL_IMPACT_H
#define MODEL_IMPACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/names.h"

struct snapshot;

enum core_service { CORE_DNS, CORE_PROXY, CORE_CNI, CORE_SCHEDULER, CORE_CONTROLLERS, CORE_KNOWN };
const char *core_service_name(enum core_service c); /* "CoreDNS" */

/* Per minute: in the last five minutes, and in the rest of the last hour. */
struct pace {
	double recent, before;
};
bool pace_is_burst(const struct pace *p);

/* Does the holder of a lease still renew it? Judged by what this console saw up to the newest
 * renewal of its kind, and, until it has watched for long enough, by the other leases; not late
 * while nobody is seen to renew any, for then the API, or its watch, is what is broken. */
struct lease_judge {
	bool somebody_renews;
	struct instant nodes_seen, system_seen; /* the newest renewal of either kind; unset: none */
	int64_t newest_renew_ms;
	struct instant woke; /* this console saw nothing until then; unset: it never slept */
};

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

	unsigned core_seen; /* bits by enum core_service: seen once, so their absence is a fault */
	struct names core_down; /* "CoreDNS (0/2)", and configured ones by their names */
	bool core_known[CORE_KNOWN], core_is_down[CORE_KNOWN];

	/* Nodes whose API server no longer renews its identity lease. */
	struct names apiservers_late;
	struct names parts_down; /* of the control plane: "m2 etcd", "scheduler" */

	struct names cpu_high, memory_high, disk_high; /* "w3 91%" */
	struct pace warnings;                          /* Warning events */
	struct names slow;         /* API servers slower than the limit: "m1 1800 ms" */
	struct instant slow_since; /* unset while none is slow */
};

/* core_services: what the configuration adds to the known ones (core_service.h). before: the one
 * before this (NULL: none), whose core_seen and slow_since go on. */
void impact_take(struct impact *out, const struct snapshot *s, const char *const *core_services,
	const struct impact *before);

struct lease_row;
struct lease_judge lease_judge_of(const struct snapshot *s);
bool lease_is_late(const struct lease_judge *j, const struct lease_row *l);

#endif
