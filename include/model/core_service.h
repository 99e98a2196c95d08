/* The services a cluster cannot do without: which workloads they are, and whether they are down. */
#ifndef MODEL_CORE_SERVICE_H
#define MODEL_CORE_SERVICE_H

#include <stdbool.h>

#include "model/lease.h"
#include "model/names.h"

struct snapshot;

enum core_service { CORE_DNS, CORE_PROXY, CORE_CNI, CORE_SCHEDULER, CORE_CONTROLLERS, CORE_KNOWN };
const char *core_service_name(enum core_service c); /* "CoreDNS" */

struct core_services {
	unsigned seen;     /* bits by enum core_service: seen once, so their absence is a fault */
	struct names down; /* "CoreDNS (0/2)", and configured ones by their names */
	bool known[CORE_KNOWN], is_down[CORE_KNOWN];
};

/* What is known besides, when they are judged. */
struct core_context {
	const struct snapshot *s;
	const struct lease_judge *leases;
	unsigned lost;        /* nodes */
	bool workloads_known; /* live */
};

/* Fills all of it, seen being added to. configured: DaemonSets and Deployments, "name" or
 * "namespace/name"; NULL-terminated, or NULL. */
void core_services_judge(
	struct core_services *to, const struct core_context *c, const char *const *configured);

#endif
