/* The names of the sources, as JSON and logs know them. */
#include "model/source.h"

static const char *const names[SOURCE_COUNT] = {
	[SOURCE_NODES] = "nodes",
	[SOURCE_PODS] = "pods",
	[SOURCE_EVENTS] = "events",
	[SOURCE_NODE_LEASES] = "node-leases",
	[SOURCE_SYSTEM_LEASES] = "system-leases",
	[SOURCE_USAGE] = "usage",
	[SOURCE_DEPLOYMENTS] = "deployments",
	[SOURCE_STATEFUL_SETS] = "statefulsets",
	[SOURCE_DAEMON_SETS] = "daemonsets",
	[SOURCE_SERVICES] = "services",
	[SOURCE_SLICES] = "endpointslices",
	[SOURCE_CONFIG_MAPS] = "configmaps",
	[SOURCE_ETCD] = "etcd",
	[SOURCE_PROBES] = "probes",
	[SOURCE_ALERTS] = "alerts",
	[SOURCE_JOURNAL] = "journal",
};

const char *source_name(enum source_id id)
{
	return (unsigned)id < SOURCE_COUNT ? names[id] : "unknown";
}
