/* JSON as text: finding and merging members without building a tree, keeping
 * every number as it was written. For text that is known to be valid (ours, or checked by
 * js_parse). */
#ifndef DRILL_WORLD_JTEXT_H
#define DRILL_WORLD_JTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct jspan {
	const char *at; /* NULL: absent */
	size_t n;
};

struct jspan jt_of(const char *text);
/* Walks the members of an object (or, with key left empty, the elements of an array): *pos begins
 * at 0. */
bool jt_each(struct jspan v, size_t *pos, struct jspan *key, struct jspan *value);
struct jspan jt_get(struct jspan object, const char *key);
struct jspan jt_at(struct jspan object, const char *path); /* keys separated by dots, none within */
bool jt_is(struct jspan v, const char *raw); /* the raw text is exactly so: true, null, "x" */
bool jt_is_object(struct jspan v);
/* A string's content; false (and "") when it is none. Escapes other than \" \\ \/ \n \t stay as
 * written. */
bool jt_str(struct jspan v, char *dst, size_t size);
bool jt_str_is(struct jspan v, const char *s);
long long jt_int(struct jspan v, long long otherwise);
/* RFC 7396: what patch says replaces what target had; null removes. */
void jt_merge(struct jspan target, struct jspan patch, struct buf *out);

#endif
