/* One decoder per kind and encoding: one object's JSON, or protobuf, becomes one row of the model.
 * No I/O, any thread. A member of the wrong type counts as absent; an object without a name, or
 * that is malformed, is ERR_INPUT and names the object as far as it could be read. */
#ifndef CLUSTER_KUBE_DECODE_H
#define CLUSTER_KUBE_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/intern.h"
#include "io/json_pull.h"
#include "io/proto_pull.h"

/* struct node_row */
int node_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e);
/* The same row. */
int node_decode_proto(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e);
/* struct system_pod_row */
int pod_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e);
/* The same row. */
int pod_decode_proto(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e);
/* struct event_row */
int event_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e);
/* struct lease_row */
int lease_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e);
/* struct workload_row, as the next two */
int deployment_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e);
int stateful_set_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e);
int daemon_set_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e);
/* struct service_row */
int service_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e);
/* struct slice_row */
int slice_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e);
/* struct config_map_row */
int config_map_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e);

/* What the decoders share. */

int64_t kube_time(struct json_span s);       /* Unix ms; INT64_MIN when absent or no time */
int64_t kube_time_proto(struct json_span s); /* the same of a metav1.Time message */
int64_t kube_time_or(struct json_span s, int64_t otherwise);
/* Ends a decoder: the reader's error, or a missing name's, said of "pod kube-system/dns" (ns may be
 * absent). */
int kube_decoded(struct json_pull *p, const char *kind, struct json_span ns, struct json_span name,
	struct err *e);
int kube_decoded_proto(const struct proto_pull *p, const char *kind, struct json_span ns,
	struct json_span name, struct err *e);

/* Strings that live for one decode: what the model's *_detail_new copies. At most 4 KiB each. */
struct kube_scratch {
	char **at;
	size_t len, cap;
};
const char *kube_scratch_str(struct kube_scratch *s, struct json_span span); /* "" when absent */
const char *kube_scratch_keep(struct kube_scratch *s, char *text);           /* takes text */
void kube_scratch_done(struct kube_scratch *s);

#endif
