/* Aggregated APIs: served by others behind the API server. One that is not available makes
 * namespaces hang in Terminating and everything that lists all kinds slow. */
#ifndef CLUSTER_KUBE_APISERVICE_H
#define CLUSTER_KUBE_APISERVICE_H

#include "cluster/kube_deed.h"

struct kube_apiservice {
	char name[KUBE_NAME_MAX + 1]; /* "v1beta1.metrics.k8s.io" */
	char ns[64], service[64];     /* "": served by the API server itself */
	bool available;
	char reason[64], message[240]; /* why not; safe */
};
struct kube_apiservices {
	VEC(struct kube_apiservice) rows;
};
int kube_apiservices_read(const struct kube_deed *d, struct kube_apiservices *out, struct err *e);
void kube_apiservices_done(struct kube_apiservices *s);

#endif
