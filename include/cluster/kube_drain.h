/* Emptying a node as `kubectl drain` does, in two parts: a plan that a person reads before the first
 * eviction, and the evictions. The plan is pure. A pod that may not go means that none goes. */
#ifndef CLUSTER_KUBE_DRAIN_H
#define CLUSTER_KUBE_DRAIN_H

#include "base/vec.h"
#include "cluster/kube_deed.h"

struct kube_drain_options {
	bool force;             /* also pods that no controller makes anew */
	bool delete_empty_dir;  /* also pods whose emptyDir is lost with them */
	bool ignore_daemonsets; /* DaemonSet pods stay, and that is fine */
};

enum kube_drain_fate { DRAIN_EVICT, DRAIN_STAY, DRAIN_ERROR };
/* Why it goes, stays or may not go; kube_drain_words says it. */
enum kube_drain_why {
	DRAIN_MADE_ANEW, /* its controller makes another */
	DRAIN_FINISHED,
	DRAIN_LOSES_EMPTY_DIR,
	DRAIN_LOST_FOREVER, /* no controller */
	DRAIN_ORPHAN,       /* its DaemonSet is gone, and force */
	DRAIN_DAEMONSET,
	DRAIN_MIRROR,
	DRAIN_REFUSES_DAEMONSET, /* the errors, from here on */
	DRAIN_REFUSES_ORPHAN,
	DRAIN_REFUSES_EMPTY_DIR,
	DRAIN_REFUSES_BARE
};
const char *kube_drain_words(enum kube_drain_why why); /* translated */

/* One pod. Texts are its own, bounded, and as the server said them: make them safe to show them. */
struct kube_drain_row {
	char *ns, *name, *uid;
	char *owner;  /* "ReplicaSet/web-7d9"; "" without one */
	char *budget; /* the PodDisruptionBudgets that cover it, comma-separated; "": none */
	enum kube_drain_fate fate;
	enum kube_drain_why why;
	int budgets;
	int allowed; /* what its one budget lets go now */
	bool waits;  /* its budget will not let it go at once */
	bool stuck;  /* two budgets cover it: the server will refuse */
};
struct kube_drain_plan {
	VEC(struct kube_drain_row) rows; /* in order of namespace and name */
	size_t evict, stay, errors, waits;
};
/* Objects of the three lists, borrowed for the call. Always done with kube_drain_plan_done. */
void kube_drain_plan(const struct kube_items *pods, const struct kube_items *budgets,
	const struct kube_items *daemonsets, const struct kube_drain_options *o,
	struct kube_drain_plan *out);
void kube_drain_plan_done(struct kube_drain_plan *p);
/* Reads the three lists of a node, and plans. -1 leaves an empty plan. */
int kube_drain_look(const struct kube_deed *d, const char *node, const struct kube_drain_options *o,
	struct kube_drain_plan *out, struct err *e);

enum kube_drain_state {
	DRAIN_WAITS,   /* refused for now; it will be asked for again */
	DRAIN_LEAVING, /* evicted, ending */
	DRAIN_GONE,
	DRAIN_FAILED
};
/* On the calling thread, at each change of a pod's state or of its why ("" or safe words). */
struct kube_drain_calls {
	void (*told)(void *arg, const struct kube_drain_row *row, enum kube_drain_state state,
		const char *why);
	void *arg;
};
/* Evicts what the plan says and waits until each of those pods is gone. The node is the caller's to
 * cordon before. Nothing is evicted when the plan has errors (ERR_INPUT). Else it goes on with all
 * others when one fails, and says so at the end: ERR_TIMEOUT after within_ms, ERR_CANCELLED, or the
 * first failure, with what is left. */
int kube_drain(const struct kube_deed *d, const char *node, const struct kube_drain_plan *plan,
	int64_t within_ms, const struct kube_drain_calls *calls, struct err *e);

#endif
