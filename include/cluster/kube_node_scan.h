/* A node as the server says it, before it becomes a row: spans of the object's own bytes. Between
 * the decoders, of JSON and of protobuf, which fill it, and the row, which is worked out from it.
 */
#ifndef CLUSTER_KUBE_NODE_SCAN_H
#define CLUSTER_KUBE_NODE_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/intern.h"
#include "base/vec.h"
#include "io/json_span.h"
#include "model/node.h"

struct node_scan_condition {
	struct json_span type, status, reason, message, heartbeat, transition;
};
struct node_scan_taint {
	struct json_span key, value, effect;
};
struct node_scan_label {
	struct json_span key, value;
};
struct node_scan_address {
	struct json_span type, address;
};

struct node_scan {
	/* Unix ms of a span that is a time, as this encoding writes them; INT64_MIN when absent */
	int64_t (*time)(struct json_span s);
	struct json_span name, created, deleted;
	struct json_span pod_cidr, provider_id;
	bool unschedulable;
	struct json_span cpu, memory, pods;
	struct json_span internal_ip, external_ip, hostname;
	struct json_span os_image, kernel, runtime, version, architecture;
	VEC(struct node_scan_condition) conditions;
	VEC(struct node_scan_taint) taints;
	VEC(struct node_scan_label) labels;
};

#endif
