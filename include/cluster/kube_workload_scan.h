/* What the decoders of workloads, Services and ConfigMaps share: their metadata, who edited them
 * last, and which component they say they are. Borrowed spans of the bytes that are read. */
#ifndef CLUSTER_KUBE_WORKLOAD_SCAN_H
#define CLUSTER_KUBE_WORKLOAD_SCAN_H

#include "io/json_pull.h"

struct kube_meta {
	struct json_span name, ns, created, deleted;
	int64_t generation;
	struct json_span editor; /* of the newest managedFields entry that counts as an edit */
	int64_t edited_ms;       /* 0: none says */
};
/* One element of managedFields. What a controller reports (a subresource: status, scale) is no
 * edit. */
void kube_meta_read_managed(struct json_pull *p, struct kube_meta *meta);

struct kube_component {
	struct json_span k8s_app, component, app, name;
};
extern const struct json_field kube_component_fields[]; /* of metadata.labels */
const char *kube_component(const struct kube_component *c, struct intern *pool);

#endif
