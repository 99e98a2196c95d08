/* One decoder per kind: one object, in JSON or in protobuf, becomes one row of the model, by one
 * table of fields. No I/O, any thread. A member of the wrong type counts as absent; an object
 * without a name, or that is malformed, is ERR_INPUT and names the object as far as it could be
 * read. */
#ifndef CLUSTER_KUBE_DECODE_H
#define CLUSTER_KUBE_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/intern.h"
#include "io/fields.h"

/* After a failure there is nothing in row to give back. */
typedef int kube_decoder(struct json_span object, struct intern *pool, void *row, struct err *e);

kube_decoder node_decode;       /* struct node_row */
kube_decoder pod_decode;        /* struct system_pod_row */
kube_decoder event_decode;      /* struct event_row */
kube_decoder lease_decode;      /* struct lease_row */
kube_decoder deployment_decode; /* struct workload_row, as the next two */
kube_decoder stateful_set_decode;
kube_decoder daemon_set_decode;
kube_decoder service_decode;    /* struct service_row */
kube_decoder slice_decode;      /* struct slice_row */
kube_decoder config_map_decode; /* struct config_map_row */

/* What the decoders share. */

/* What they want of an object's metadata: spans of the object's own bytes. Whatever a decoder fills
 * begins with it. */
struct kube_meta {
	struct json_span name, ns, created, deleted;
	/* By KUBE_EDITS */
	struct kube_edit {
		struct json_span manager, time, subresource;
	} edit;                  /* the one that is read */
	struct json_span editor; /* of the newest that counts as an edit */
	int64_t edited_ms;       /* 0: none says */
};
/* Rows of a table of metadata, k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto's ObjectMeta.
 */
#define KUBE_META                                                                                  \
	FIELD(STR, "name", 1, struct kube_meta, name),                                             \
		FIELD(STR, "namespace", 3, struct kube_meta, ns),                                  \
		FIELD(TIME, "creationTimestamp", 8, struct kube_meta, created),                    \
		FIELD(TIME, "deletionTimestamp", 9, struct kube_meta, deleted)
#define KUBE_EDITS                                                                                 \
	FIELD_EACH("managedFields", 17, struct kube_meta, edit, kube_edit_fields, kube_edit_take)
extern const struct field kube_edit_fields[];
void kube_edit_take(void *into);

/* Reads the object into scan, which is zeroed but for what it takes unsaid. */
int kube_read(struct json_span object, const char *kind, const struct field *fields, void *scan,
	struct err *e);
int64_t kube_time(struct json_span s); /* Unix ms; INT64_MIN when absent or no time */
int64_t kube_time_or(struct json_span s, int64_t otherwise);
int32_t kube_count(int64_t n); /* what counts something, held to what can be */

/* Strings that live for one decode: what the model's *_detail_new copies. At most 4 KiB each. */
struct kube_scratch {
	char **at;
	size_t len, cap;
};
const char *kube_scratch_str(struct kube_scratch *s, struct json_span span); /* "" when absent */
const char *kube_scratch_keep(struct kube_scratch *s, char *text);           /* takes text */
void kube_scratch_done(struct kube_scratch *s);

#endif
