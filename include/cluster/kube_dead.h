/* A machine that is off and will not come back: its pods are ended for it. That is safe only when it
 * really is off, for what it runs could write beside its successor: the caller has a person's word. */
#ifndef CLUSTER_KUBE_DEAD_H
#define CLUSTER_KUBE_DEAD_H

#include "cluster/kube_deed.h"

/* What keeps a node from being forgotten: pods that are neither a DaemonSet's nor static, and
 * volumes that still count as attached. first: some of them by name, safe. */
struct kube_dead_left {
	size_t pods, volumes;
	char first[200];
};
int kube_dead_look(
	const struct kube_deed *d, const char *node, struct kube_dead_left *out, struct err *e);

/* Deletes those pods, each by its uid. forced: with no grace at all, so that their objects go at
 * once; else they are marked, and go when the out-of-service taint says that the machine is off.
 * Gives how many; -1: some could not be, e says the first. */
int kube_dead_end_pods(const struct kube_deed *d, const char *node, bool forced, struct err *e);

/* Until nothing is left; told (or NULL) at each change. ERR_TIMEOUT names what is. */
int kube_dead_wait(const struct kube_deed *d, const char *node, int64_t within_ms,
	void (*told)(void *arg, const struct kube_dead_left *left), void *arg, struct err *e);

#endif
