/* Splits a streamed Kubernetes list in protobuf into whole objects, as json_items does one in JSON:
 * the bytes "k8s\0", then runtime.Unknown, whose raw is the list: ListMeta as its field 1, the
 * items as field 2. Never more than one item is held, and none that lies whole in the bytes fed. */
#ifndef IO_PROTO_ITEMS_H
#define IO_PROTO_ITEMS_H

#include "io/json_items.h"
#include "io/json_pull.h"

struct proto_items;

/* item: each object; rest: the list's ListMeta, at the list's end. Non-zero stops. */
struct proto_items *proto_items_new(
	size_t max_object_bytes, const struct json_items_calls *calls, void *arg);
void proto_items_free(struct proto_items *s);
/* -1: malformed, an object over the ceiling, or a callback stopped it (ERR_CANCELLED). */
int proto_items_feed(struct proto_items *s, const char *bytes, size_t n, struct err *e);
/* At the end of the stream: -1 when it ended in the middle, or held no list. */
int proto_items_end(struct proto_items *s, struct err *e);

/* A whole answer: does it begin as one in protobuf, and its raw message, a Status perhaps; false
 * when it has none. */
bool proto_is_wrapped(const char *bytes, size_t n);
bool proto_unwrap(const char *bytes, size_t n, struct json_span *raw);

#endif
