/* Reads JSON in place, without a tree: steps into objects and lists, skips what nobody asked for,
 * and gives strings as spans of the caller's bytes. For decoders that take a few members of many
 * large objects (a DOM of each costs ten times as much). Wrong types are skipped and leave what was
 * there before; only what is no JSON at all is an error. What is skipped is checked for its strings
 * and its depth alone. */
#ifndef IO_JSON_PULL_H
#define IO_JSON_PULL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "io/json_span.h"

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
bool json_pull_int(struct json_pull *p, int64_t *out); /* also reals, cut; saturating */
bool json_pull_bool(struct json_pull *p, bool *out);
void json_pull_skip(struct json_pull *p);
bool json_pull_raw(struct json_pull *p, struct json_span *out); /* any value, as it stands */
/* To the next member or element, whose value must then be read or skipped; false past the last one.
 */
bool json_pull_member(struct json_pull *p, struct json_span *key);
bool json_pull_element(struct json_pull *p);
/* At the end: -1 when it was no JSON, or something follows it. */
int json_pull_end(struct json_pull *p, struct err *e);

/* A decoder as a table: which members to read, and where to. */
enum json_field_kind {
	JSON_FIELD_STR,
	JSON_FIELD_INT,
	JSON_FIELD_BOOL,
	JSON_FIELD_OBJECT,
	JSON_FIELD_LIST,
	JSON_FIELD_WITH
};
struct json_field {
	const char *key;
	size_t key_bytes;
	enum json_field_kind kind;
	size_t offset; /* of a span, int64_t, bool or sub-struct in what is filled */
	const struct json_field *fields; /* OBJECT: of the sub-struct, ended by a NULL key */
	/* WITH: reads the value; LIST: reads one element */
	void (*with)(struct json_pull *p, void *into);
};
#define JSON_STR(name, type, member)                                                               \
	{                                                                                          \
		name, sizeof(name) - 1, JSON_FIELD_STR, offsetof(type, member), NULL, NULL         \
	}
#define JSON_INT(name, type, member)                                                               \
	{                                                                                          \
		name, sizeof(name) - 1, JSON_FIELD_INT, offsetof(type, member), NULL, NULL         \
	}
#define JSON_BOOL(name, type, member)                                                              \
	{                                                                                          \
		name, sizeof(name) - 1, JSON_FIELD_BOOL, offsetof(type, member), NULL, NULL        \
	}
#define JSON_OBJECT(name, type, member, table)                                                     \
	{                                                                                          \
		name, sizeof(name) - 1, JSON_FIELD_OBJECT, offsetof(type, member), table, NULL     \
	}
#define JSON_INSIDE(name, table)                                                                   \
	{                                                                                          \
		name, sizeof(name) - 1, JSON_FIELD_OBJECT, 0, table, NULL                          \
	} /* the same struct */
#define JSON_LIST(name, function)                                                                  \
	{                                                                                          \
		name, sizeof(name) - 1, JSON_FIELD_LIST, 0, NULL, function                         \
	}
#define JSON_WITH(name, function)                                                                  \
	{                                                                                          \
		name, sizeof(name) - 1, JSON_FIELD_WITH, 0, NULL, function                         \
	}
#define JSON_FIELDS_END                                                                            \
	{                                                                                          \
		NULL, 0, JSON_FIELD_STR, 0, NULL, NULL                                             \
	}

/* Reads one object by the table. False when it is no object; what was read so far stays. */
bool json_pull_fields(struct json_pull *p, const struct json_field *fields, void *into);

#endif
