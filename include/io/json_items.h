/* Splits a streamed Kubernetes list ({"kind":..,"metadata":..,"items":[{..},{..}]}) or a watch (one
 * {"type":..,"object":{..}} after the other) into whole objects, without ever holding more than
 * one. metadata.managedFields, half of most objects, is left out of what it gives unless it is
 * asked for. */
#ifndef IO_JSON_ITEMS_H
#define IO_JSON_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct json_items;

enum json_items_mode { JSON_ITEMS_LIST, JSON_ITEMS_WATCH };

struct json_items_calls {
	/* LIST: each element of items. WATCH: each value at the top, the envelope included.
	 * Non-zero stops. */
	int (*item)(void *arg, const char *bytes, size_t n);
	/* LIST: the list without its items ({"kind":..,"metadata":{..}} and whatever stands
	 * beside), at the end. */
	int (*rest)(void *arg, const char *bytes, size_t n);
	bool whole; /* managedFields stay */
};

struct json_items *json_items_new(enum json_items_mode mode, size_t max_object_bytes,
	const struct json_items_calls *calls, void *arg);
void json_items_free(struct json_items *s);
/* -1: malformed, an object over the ceiling (named in e), or a callback stopped it (ERR_CANCELLED).
 */
int json_items_feed(struct json_items *s, const char *bytes, size_t n, struct err *e);
/* At the end of the stream: -1 when it ended inside an object or the list never closed. */
int json_items_end(struct json_items *s, struct err *e);

#endif
