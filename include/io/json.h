/* JSON, read through jansson behind small typed getters that never fail hard: a
 * missing or wrongly typed member gives the default. Writing is a streaming
 * writer into a buf. The prefix is js_, since jansson has json_. */
#ifndef IO_JSON_H
#define IO_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct js; /* a value; borrowed from its document */

/* The document must be freed; values live as long as it. The bytes may be any JSON value. An
 * integer past int64 is an error: where those come (etcd's ids), read with json_pull. */
struct js *js_parse(const char *bytes, size_t n, struct err *e);
void js_free(struct js *document);

/* NULL when absent, null or no object */
const struct js *js_get(const struct js *object, const char *key);
/* "metadata.name"; keys without dots */
const struct js *js_at(const struct js *object, const char *path);
const char *js_text(const struct js *object, const char *key); /* NULL when absent or no string */
const char *js_text_or(const struct js *object, const char *key, const char *otherwise);
/* Numbers, and strings of digits. */
int64_t js_int(const struct js *object, const char *key, int64_t otherwise);
bool js_bool(const struct js *object, const char *key, bool otherwise);
bool js_is_object(const struct js *v);
bool js_is_array(const struct js *v);
const char *js_str(const struct js *v); /* v itself as a string, or NULL */
int64_t js_num(const struct js *v, int64_t otherwise);
size_t js_len(const struct js *array); /* 0 when no array */
const struct js *js_nth(const struct js *array, size_t i);
/* for (it = js_first(o); it; it = js_next(o, it)): members in the document's order */
const void *js_first(const struct js *object);
const void *js_next(const struct js *object, const void *it);
const char *js_key(const void *it);
const struct js *js_value(const void *it);

/* Writer: commas and escaping are its business. key is NULL inside arrays and at the top. */
struct jsw {
	struct buf *to;
	bool comma;
};
void jsw_init(struct jsw *w, struct buf *to);
void jsw_object(struct jsw *w, const char *key);
void jsw_end_object(struct jsw *w);
void jsw_array(struct jsw *w, const char *key);
void jsw_end_array(struct jsw *w);
/* NULL writes null; invalid UTF-8 becomes U+FFFD */
void jsw_str(struct jsw *w, const char *key, const char *value);
void jsw_int(struct jsw *w, const char *key, int64_t value);
/* As a string of digits: it may be past int64. */
void jsw_u64(struct jsw *w, const char *key, uint64_t value);
void jsw_bool(struct jsw *w, const char *key, bool value);
void jsw_null(struct jsw *w, const char *key);
void jsw_raw(struct jsw *w, const char *key, const char *json);        /* json already encoded */
void jsw_copy(struct jsw *w, const char *key, const struct js *value); /* NULL writes null */

#endif
