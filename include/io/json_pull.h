/* Reads JSON in place, without a tree: steps into objects and lists, skips what nobody asked for,
 * and gives strings as spans of the caller's bytes. For decoders that take a few members of many
 * large objects (a DOM of each costs ten times as much). Wrong types are skipped and leave what was
 * there before; only what is no JSON at all is an error. What is skipped is checked for its strings
 * and its depth alone. */
#ifndef IO_JSON_PULL_H
#define IO_JSON_PULL_H

#include "io/fields.h"

struct json_pull {
	const char *at, *end;
	const char *begin;
	const char *bad; /* where it stopped being JSON; NULL while it is fine */
	bool fresh;      /* just inside an object or list: no comma is due */
};

void json_pull_init(struct json_pull *p, const char *bytes, size_t n);
/* Each steps over one value. False when it was of another type (it is skipped then) or malformed.
 */
/* Steps inside; then json_pull_member until it says false. */
bool json_pull_object(struct json_pull *p);
/* Steps inside; then json_pull_element until it says false. */
bool json_pull_array(struct json_pull *p);
bool json_pull_str(struct json_pull *p, struct json_span *out);
bool json_pull_raw(struct json_pull *p, struct json_span *out); /* any value, as it stands */
/* To the next member or element, whose value must then be read or skipped; false past the last one.
 */
bool json_pull_member(struct json_pull *p, struct json_span *key);
bool json_pull_element(struct json_pull *p);
/* At the end: -1 when it was no JSON, or something follows it. */
int json_pull_end(struct json_pull *p, struct err *e);

/* Reads one object by the table. False when it is no object; what was read so far stays. */
bool json_pull_fields(struct json_pull *p, const struct field *fields, void *into);

#endif
