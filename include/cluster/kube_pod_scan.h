/* A pod as the server says it, before it becomes a row: spans of the object's own bytes. Between
 * the decoders, of JSON and of protobuf, which fill it, and the row, which is worked out from it.
 */
#ifndef CLUSTER_KUBE_POD_SCAN_H
#define CLUSTER_KUBE_POD_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"
#include "io/json_span.h"
#include "model/pod.h"

struct pod_spec_container {
	struct json_span name, image;
	struct json_span restart_policy; /* "Always" on an init container makes it a sidecar */
};

struct pod_term {
	bool there;
	struct json_span reason, message, started, finished;
	int64_t exit_code, signal;
};

struct pod_container_status {
	struct json_span name, image;
	bool ready, started;
	int64_t restarts;
	bool waiting, running;
	struct json_span waiting_reason, waiting_message, running_since;
	struct pod_term terminated, last;
};

struct pod_scan_condition {
	struct json_span type, status, reason, message;
};

struct pod_specs {
	struct pod_spec_container *at;
	size_t len, cap;
};
struct pod_statuses {
	struct pod_container_status *at;
	size_t len, cap;
};
struct pod_conditions {
	struct pod_scan_condition *at;
	size_t len, cap;
};

struct pod_owner {
	struct json_span kind, name;
	bool controller;
};

struct pod_scan {
	/* Unix ms of a span that is a time, as this encoding writes them; INT64_MIN when absent */
	int64_t (*time)(struct json_span s);
	struct json_span name, ns, uid, created, deleted;
	struct json_span label_component, label_k8s_app, label_app, mirror;
	struct json_span owner_kind, owner_name;
	bool owner_controls;
	struct json_span node, priority_class;
	struct json_span phase, reason, message, ip, host_ip, qos;
	struct pod_specs containers, inits;
	struct pod_statuses container_statuses, init_statuses;
	struct pod_conditions conditions;
};

#endif
