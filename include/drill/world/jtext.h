/* JSON as text: finding and merging members without building a tree, keeping
 * every number as it was written. For text that is known to be valid (ours, or checked by
 * js_parse). A value is its span as it stands, quotes and all; a key is what is between them. */
#ifndef DRILL_WORLD_JTEXT_H
#define DRILL_WORLD_JTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "io/json_span.h"

struct json_span jt_of(const char *text);
/* Walks the members of an object (or, with key left empty, the elements of an array): *pos begins
 * at 0. */
bool jt_each(struct json_span v, size_t *pos, struct json_span *key, struct json_span *value);
struct json_span jt_get(struct json_span object, const char *key);
/* Keys separated by dots, none within. */
struct json_span jt_at(struct json_span object, const char *path);
bool jt_is(struct json_span v, const char *raw); /* the raw text is exactly so: true, null, "x" */
bool jt_is_object(struct json_span v);
/* A string's content; false (and "") when it is none. */
bool jt_str(struct json_span v, char *dst, size_t size);
bool jt_str_is(struct json_span v, const char *s);
long long jt_int(struct json_span v, long long otherwise);
/* RFC 7396: what patch says replaces what target had; null removes. */
void jt_merge(struct json_span target, struct json_span patch, struct buf *out);
/* A strategic merge patch, written as the RFC 7396 patch that does the same to target: lists that
 * Kubernetes merges by a key (containers, webhooks, conditions) are written out whole. */
void jt_strategic(struct json_span target, struct json_span patch, struct buf *out);

#endif
