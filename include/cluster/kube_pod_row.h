/* From what a decoder noted of a pod to its row in the model. */
#ifndef CLUSTER_KUBE_POD_ROW_H
#define CLUSTER_KUBE_POD_ROW_H

#include "base/intern.h"
#include "cluster/kube_pod_scan.h"
#include "model/pod.h"

/* The controlling one, else the first, is kept. */
void pod_scan_owner(struct pod_scan *pod, const struct pod_owner *o);
/* Into a zeroed row. */
void pod_scan_row(const struct pod_scan *pod, struct intern *pool, struct system_pod_row *out);
void pod_scan_done(struct pod_scan *pod);

#endif
