/* The services a cluster cannot do without: which workloads they are, and whether they are down. */
#ifndef MODEL_CORE_SERVICE_H
#define MODEL_CORE_SERVICE_H

#include "model/impact.h"
#include "model/snapshot.h"
#include "model/workload.h"

/* Fills core_seen (added to), core_down, core_known and core_is_down. Needs nodes and leases.
 * configured: DaemonSets and Deployments, "name" or "namespace/name"; NULL-terminated, or NULL. */
void core_services_judge(
	struct impact *to, const struct snapshot *s, const char *const *configured);
/* Which of the known ones a workload or a pod belongs to; CORE_KNOWN for none. daemon: it runs on
 * every node. */
enum core_service core_service_of(
	const char *ns, const char *name, const char *component, bool daemon);

#endif
