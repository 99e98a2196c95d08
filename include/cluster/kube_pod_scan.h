/* A pod as the server says it, before it becomes a row: spans of the object's own bytes, which the
 * decoder's tables fill. */
#ifndef CLUSTER_KUBE_POD_SCAN_H
#define CLUSTER_KUBE_POD_SCAN_H

#include "cluster/kube_decode.h"
#include "model/pod.h"

struct pod_spec_container {
	struct json_span name, image;
	struct json_span restart_policy; /* "Always" on an init container makes it a sidecar */
};

struct pod_waiting {
	bool there;
	struct json_span reason, message;
};

struct pod_running {
	bool there;
	struct json_span since;
};

struct pod_term {
	bool there;
	struct json_span reason, message, finished;
	int64_t exit_code, signal;
};

struct pod_container_status {
	struct json_span name, image;
	bool ready, started;
	int64_t restarts;
	struct pod_waiting waiting;
	struct pod_running running;
	struct pod_term terminated, last;
};

struct pod_scan_condition {
	struct json_span type, status, reason, message;
};

struct pod_owner {
	struct json_span kind, name;
	bool controller;
};

struct pod_scan {
	struct kube_meta meta;
	struct json_span uid;
	struct json_span label_component, label_k8s_app, label_app, mirror;
	struct pod_owner owner, one_owner; /* one_owner: the one that is read */
	struct json_span node, priority_class;
	struct json_span phase, reason, message, ip, host_ip, qos;
	FIELD_VEC(struct pod_spec_container) containers, inits;
	FIELD_VEC(struct pod_container_status) container_statuses, init_statuses;
	FIELD_VEC(struct pod_scan_condition) conditions;
};

#endif
