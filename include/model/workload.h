/* What runs in the cluster above pods: Deployments, StatefulSets and DaemonSets in one table,
 * Services and their EndpointSlices beside them, and kube-system's ConfigMaps as far as they tell
 * who edited what. Small rows: there are thousands. */
#ifndef MODEL_WORKLOAD_H
#define MODEL_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/table.h"

enum workload_type {
	WORKLOAD_DEPLOYMENT,
	WORKLOAD_STATEFULSET,
	WORKLOAD_DAEMONSET,
	WORKLOAD_TYPES
};

enum workload_flag {
	WORKLOAD_ROLLING = 1 << 0,     /* its newest revision is not everywhere yet */
	WORKLOAD_STUCK = 1 << 1,       /* the rollout passed its progress deadline */
	WORKLOAD_UNAVAILABLE = 1 << 2, /* condition Available is False */
	WORKLOAD_DELETING = 1 << 3,
	WORKLOAD_PAUSED = 1 << 4
};

/* All strings are interned. */
struct workload_row {
	const char *ns, *name; /* key, with type */
	const char *component; /* label k8s-app, component, app or app.kubernetes.io/name; "" */
	const char *images;    /* of its containers, in their order, a blank between */
	/* "7" of a Deployment, the controller-revision of a StatefulSet; "" when it does not say */
	const char *revision;
	/* Who wrote it last ("kubectl-edit", "helm"), status and scale left out; "" unknown. */
	const char *editor;
	int64_t edited_ms; /* when; 0 unknown */
	int64_t created_ms;
	int64_t generation, observed;
	int32_t desired, ready, updated, available;
	uint8_t type;  /* enum workload_type */
	uint8_t flags; /* enum workload_flag */
	/* The receiver's: since when fewer are available than desired; unset while enough are. */
	struct instant below;
};

extern const struct row_ops workload_ops;

#define WORKLOAD_GRACE_MS 60000 /* a young one's, as a pod's */
#define WORKLOAD_ROLLOUT_MS                                                                        \
	600000 /* a rollout may lack some for so long; kubernetes' own progress deadline */

const char *workload_type_name(enum workload_type t); /* "Deployment": as kubernetes writes it */
/* Below its desired count, and not just young or in the middle of a rollout that still keeps some
 * available. */
bool workload_failing(const struct workload_row *w, struct instant now);
/* What the receiver writes into a fresh row: `below` goes on from the row it replaces (NULL: none).
 */
void workload_stamp(struct workload_row *fresh, const struct workload_row *old, struct instant at);

enum service_flag {
	SERVICE_SELECTS = 1 << 0,  /* has a selector: somebody must stand behind it */
	SERVICE_EXTERNAL = 1 << 1, /* type ExternalName */
	SERVICE_DELETING = 1 << 2
};

struct service_row {
	const char *ns, *name; /* key */
	const char *type;      /* ClusterIP, NodePort, LoadBalancer, ExternalName */
	int64_t created_ms;
	unsigned flags;
};
extern const struct row_ops service_ops;

/* Sorted by service, so that one walk over services and slices together counts them all. */
struct slice_row {
	const char *ns, *service, *name; /* key; service "" when it belongs to none */
	/* Of the Service default/kubernetes alone, which leads to the API servers: where each can
	 * be reached, as address_of writes it, with spaces between; else "". */
	const char *addresses;
	uint16_t port; /* of them; 0 not told */
	uint16_t ready, all;
};
extern const struct row_ops slice_ops;

/* Calls each for every Service that somebody should stand behind, with its ready endpoints. */
void services_each(const struct table *services, const struct table *slices,
	void (*each)(void *arg, const struct service_row *s, unsigned ready), void *arg);

struct config_map_row {
	const char *ns, *name; /* key */
	const char *editor;
	int64_t edited_ms, created_ms;
};
extern const struct row_ops config_map_ops;

#endif
