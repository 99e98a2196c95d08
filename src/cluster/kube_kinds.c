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

#define KIND(source_, name_, path_, row_, decoder, most)                                           \
	.source = SOURCE_##source_, .name = (name_), .path = (path_), .ops = &row_##_ops,          \
	.decode = decoder##_decode, .rows_max = (most)

const struct kube_kind kube_nodes = {KIND(NODES, "Node", "/api/v1/nodes", node, node, 20000)};
const struct kube_kind kube_pods = {KIND(PODS, "Pod", "/api/v1/pods", system_pod, pod, 300000),
	.first = "/api/v1/namespaces/kube-system/pods"};
/* The receiver keeps the newest few thousand of them. */
const struct kube_kind kube_events = {
	KIND(EVENTS, "Event", "/api/v1/events", event, event, 1000000)};
const struct kube_kind kube_node_leases = {KIND(NODE_LEASES, "Lease",
	"/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", lease, lease, 20000)};
const struct kube_kind kube_system_leases = {KIND(SYSTEM_LEASES, "Lease",
	"/apis/coordination.k8s.io/v1/namespaces/kube-system/leases", lease, lease, 20000)};
/* The receiver keeps the three kinds of workloads in one table. */
const struct kube_kind kube_deployments = {
	KIND(DEPLOYMENTS, "Deployment", "/apis/apps/v1/deployments", workload, deployment, 100000),
	.edits = true};
const struct kube_kind kube_stateful_sets = {
	KIND(STATEFUL_SETS, "StatefulSet", "/apis/apps/v1/statefulsets", workload, stateful_set,
		100000),
	.edits = true};
const struct kube_kind kube_daemon_sets = {
	KIND(DAEMON_SETS, "DaemonSet", "/apis/apps/v1/daemonsets", workload, daemon_set, 100000),
	.edits = true};
const struct kube_kind kube_services = {
	KIND(SERVICES, "Service", "/api/v1/services", service, service, 50000)};
const struct kube_kind kube_slices = {KIND(
	SLICES, "EndpointSlice", "/apis/discovery.k8s.io/v1/endpointslices", slice, slice, 100000)};
const struct kube_kind kube_config_maps = {
	KIND(CONFIG_MAPS, "ConfigMap", "/api/v1/namespaces/kube-system/configmaps", config_map,
		config_map, 20000),
	.edits = true};
