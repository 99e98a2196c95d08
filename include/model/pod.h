/* Pods. Every pod has a small row; those of kube-system, and of the CNI wherever it lives, have a
 * full one beside it. */
#ifndef MODEL_POD_H
#define MODEL_POD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/table.h"

enum pod_phase { POD_UNKNOWN, POD_PENDING, POD_RUNNING, POD_SUCCEEDED, POD_FAILED };

enum pod_flag {
	POD_SYSTEM = 1 << 0,
	POD_DELETING = 1 << 1,
	POD_READY = 1 << 2,  /* condition Ready */
	POD_MIRROR = 1 << 4, /* a static pod's */
	POD_CNI = 1 << 5
};

#define POD_NAME_INLINE 64

/* At most 128 bytes: there may be 150,000 of them. */
struct pod_row {
	const char *ns; /* key, interned */
	union {
		char here[POD_NAME_INLINE]; /* key, when it fits (nearly always) */
		struct {
			char zero;         /* '\0': the name is elsewhere */
			const char *there; /* interned */
		} far;
	} name;
	const char *node;   /* interned; "" while unscheduled */
	const char *status; /* interned; kubectl's STATUS column */
	int64_t created_ms;
	uint32_t restarts;
	uint16_t ready, containers;
	uint8_t phase; /* enum pod_phase */
	uint8_t flags; /* enum pod_flag */
};

extern const struct row_ops pod_ops;

struct intern;
const char *pod_name(const struct pod_row *p);
/* pool NULL: a long name is borrowed, not interned (for a key row) */
void pod_set_name(struct pod_row *p, const char *name, struct intern *pool);

/* Not Running and Ready, nor Completed, nor young: what the pane counts as failing. Pending and
 * not-ready pods get a minute's grace. */
bool pod_failing(const struct pod_row *p, int64_t wall_ms);

struct pod_container {
	const char *name, *image;
	const char *state;            /* Running, Waiting, Terminated */
	const char *reason, *message; /* "" when none */
	int exit_code;                /* of the current or last termination; -1 none */
	const char *last_reason;      /* last termination's reason, "" when none */
	int64_t last_finished_ms;     /* INT64_MIN when none */
	int64_t started_ms;           /* INT64_MIN when not running */
	uint32_t restarts;
	bool ready, init;
};

struct pod_condition {
	const char *type, *status, *reason, *message;
};

/* Immutable, shared by count, one allocation that holds its strings. */
struct pod_detail {
	size_t n_containers, n_conditions;
	const struct pod_container *containers;
	const struct pod_condition *conditions;
	const char *uid, *ip, *host_ip, *owner /* "DaemonSet/kube-proxy" */,
		*component /* label component, k8s-app or app */, *priority_class, *qos, *message,
		*reason;
};

struct system_pod_row {
	struct pod_row pod;        /* first: the same key */
	struct pod_detail *detail; /* shared */
};

extern const struct row_ops system_pod_ops;

struct pod_detail *pod_detail_new(const struct pod_detail *from); /* as node_detail_new */

/* Is this the system's or the CNI's? component as in pod_detail. POD_SYSTEM for kube-system's,
 * POD_SYSTEM | POD_CNI for the CNI's wherever it lives, or 0. */
unsigned pod_system_flags(const char *ns, const char *component);

/* The workload summary over all namespaces. Failing is judged at wall_ms, so a row that was added
 * young may be failing when it is taken out: count again, or take out with the time it was added
 * with. */
struct pod_counts {
	uint32_t all, running, pending, succeeded, failed, failing, not_ready, system,
		system_failing;
};
void pod_counts_add(struct pod_counts *c, const struct pod_row *p, int64_t wall_ms, int sign);

#endif
