/* A node as the console shows it. Strings are interned, or owned by the shared detail. */
#ifndef MODEL_NODE_H
#define MODEL_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/table.h"

enum node_ready { NODE_READY_UNKNOWN, NODE_READY_FALSE, NODE_READY_TRUE };

enum node_flag {
	NODE_CONTROL_PLANE = 1 << 0, /* label node-role.kubernetes.io/control-plane or master */
	NODE_CORDONED = 1 << 1,
	NODE_DELETING = 1 << 2,
	NODE_MEM_PRESSURE = 1 << 3,
	NODE_DISK_PRESSURE = 1 << 4,
	NODE_PID_PRESSURE = 1 << 5,
	NODE_NET_UNAVAILABLE = 1 << 6
};

struct node_condition {
	const char *type, *status, *reason, *message;
	int64_t heartbeat_ms, transition_ms; /* Unix ms; INT64_MIN when absent */
};

struct node_taint {
	const char *key, *value, *effect;
};

struct node_label {
	const char *key, *value;
};

/* What only the detail shows: immutable, shared by count, one allocation that holds its strings. */
struct node_detail {
	size_t n_conditions, n_taints, n_labels;
	const struct node_condition *conditions;
	const struct node_taint *taints;
	const struct node_label *labels;
	const char *hostname, *architecture, *pod_cidr, *provider_id;
};

struct node_row {
	const char *name;                      /* key */
	const char *roles;                     /* "control-plane", "<none>", as kubectl */
	const char *version;                   /* kubelet's */
	const char *internal_ip, *external_ip; /* "<none>" when absent */
	const char *os_image, *kernel, *runtime;
	int64_t created_ms;
	int64_t ready_since_ms; /* lastTransitionTime of Ready */
	const char *ready_reason;
	int64_t cpu_milli, mem_bytes, pods_max; /* allocatable */
	enum node_ready ready;
	unsigned flags;             /* enum node_flag */
	struct node_detail *detail; /* shared */
};

extern const struct row_ops node_ops;

/* As kubectl's STATUS: "Ready", "NotReady,SchedulingDisabled" ... */
char *node_status(const struct node_row *n, char *dst, size_t size);
bool node_is_ready(const struct node_row *n);

/* Builds a detail: fill a struct node_detail whose arrays and strings are borrowed; the result
 * copies all into one allocation, shared as base/pack.h says. */
struct node_detail *node_detail_new(const struct node_detail *from);

/* metrics.k8s.io */
struct usage_row {
	const char *node; /* key */
	int64_t cpu_milli, mem_bytes;
	struct instant at;
};
extern const struct row_ops usage_ops;

#endif
