/* What kubectl would print of a pod. */
#ifndef CLUSTER_KUBE_POD_STATUS_H
#define CLUSTER_KUBE_POD_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "cluster/kube_pod_scan.h"

/* kubectl's READY, STATUS and RESTARTS columns (k8s.io/kubernetes 1.35
 * pkg/printers/internalversion/printers.go, printPod). */
struct pod_columns {
	char status[128];
	uint32_t ready, containers, restarts;
};
void pod_columns(const struct pod_scan *pod, struct pod_columns *out);
bool pod_condition_true(const struct pod_scan *pod, const char *type);

#endif
