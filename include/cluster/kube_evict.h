/* One eviction of one pod, as kubectl asks for it (policy/v1): a pod of that name with another uid
 * is never touched. */
#ifndef CLUSTER_KUBE_EVICT_H
#define CLUSTER_KUBE_EVICT_H

#include "cluster/kube_deed.h"

#define KUBE_EVICT_AGAIN_MS 5000 /* until a budget is asked again, as kubectl */

enum kube_evicted {
	KUBE_EVICTED,      /* it is on its way out */
	KUBE_EVICT_GONE,   /* there is no such pod any more, or another under its name */
	KUBE_EVICT_WAIT,   /* not now: ask again in again_ms */
	KUBE_EVICT_ENDING, /* its namespace ends, and the pod is marked already: wait for it */
	KUBE_EVICT_FAILED  /* and it will not do; the error says why */
};
struct kube_eviction {
	int64_t again_ms;
	/* why not now: "shop/postgres: needs 1 healthy pods and has 1 currently", safe */
	char why[240];
};
struct kube_pod_id {
	const char *ns, *name, *uid; /* uid NULL: whichever has the name */
};
/* Is there no such pod any more, or another under its name? False also when nobody could say.
 * ending: it is there and marked as ending; may be NULL. */
bool kube_pod_gone(const struct kube_deed *d, const struct kube_pod_id *pod, bool *ending);
/* With the deed's dry_run it only says what a budget would. */
enum kube_evicted kube_evict(const struct kube_deed *d, const struct kube_pod_id *pod,
	struct kube_eviction *out, struct err *e);

#endif
