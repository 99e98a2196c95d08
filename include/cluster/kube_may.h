/* May k911's own user do it? Asked of the API server before the first deed of a run. */
#ifndef CLUSTER_KUBE_MAY_H
#define CLUSTER_KUBE_MAY_H

#include "cluster/kube_deed.h"

struct kube_right {
	const char *verb; /* create, get, list, patch, delete, ... */
	/* ns NULL: in all of them, or it has none; name NULL: any */
	const char *group, *resource, *sub, *ns, *name;
};
/* 0 when the server said so or so; why: its reason, in its words, safe. */
int kube_may(const struct kube_deed *d, const struct kube_right *right, bool *allowed,
	char why[200], struct err *e);

#endif
