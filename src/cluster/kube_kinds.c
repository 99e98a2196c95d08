/* What is watched: where it is served, how an object of it is read, and how many of them there may
 * be at all. The ceilings lie above what Kubernetes promises to work with (150,000 pods, 5,000
 * nodes) and below what would hurt the console: a server that is hostile or mad may list for ever.
 */
#include "cluster/kube_kinds.h"
#include "model/event.h"
#include "model/lease.h"
#include "model/node.h"
#include "model/pod.h"
#include "model/workload.h"

const struct kube_kind kube_nodes = {
	SOURCE_NODES, "Node", "/api/v1/nodes", NULL, &node_ops, node_decode, 0, 20000};
const struct kube_kind kube_pods = {SOURCE_PODS, "Pod", "/api/v1/pods",
	"/api/v1/namespaces/kube-system/pods", &system_pod_ops, pod_decode, 0, 300000};
/* The receiver keeps the newest few thousand of them. */
const struct kube_kind kube_events = {
	SOURCE_EVENTS, "Event", "/api/v1/events", NULL, &event_ops, event_decode, 0, 1000000};
const struct kube_kind kube_node_leases = {SOURCE_NODE_LEASES, "Lease",
	"/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", NULL, &lease_ops,
	lease_decode, 0, 20000};
const struct kube_kind kube_system_leases = {SOURCE_SYSTEM_LEASES, "Lease",
	"/apis/coordination.k8s.io/v1/namespaces/kube-system/leases", NULL, &lease_ops,
	lease_decode, 0, 20000};
/* The receiver keeps the three kinds of workloads in one table. */
const struct kube_kind kube_deployments = {SOURCE_DEPLOYMENTS, "Deployment",
	"/apis/apps/v1/deployments", NULL, &workload_ops, deployment_decode, 0, 100000};
const struct kube_kind kube_stateful_sets = {SOURCE_STATEFUL_SETS, "StatefulSet",
	"/apis/apps/v1/statefulsets", NULL, &workload_ops, stateful_set_decode, 0, 100000};
const struct kube_kind kube_daemon_sets = {SOURCE_DAEMON_SETS, "DaemonSet",
	"/apis/apps/v1/daemonsets", NULL, &workload_ops, daemon_set_decode, 0, 100000};
const struct kube_kind kube_services = {SOURCE_SERVICES, "Service", "/api/v1/services", NULL,
	&service_ops, service_decode, 0, 50000};
const struct kube_kind kube_slices = {SOURCE_SLICES, "EndpointSlice",
	"/apis/discovery.k8s.io/v1/endpointslices", NULL, &slice_ops, slice_decode, 0, 100000};
const struct kube_kind kube_config_maps = {SOURCE_CONFIG_MAPS, "ConfigMap",
	"/api/v1/namespaces/kube-system/configmaps", NULL, &config_map_ops, config_map_decode, 0,
	20000};
