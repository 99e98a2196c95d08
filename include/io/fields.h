/* What a decoder wants of an object, as a table: each field by its key in JSON and its number in
 * protobuf, and where in a struct it goes. One table reads both, in place: nothing is copied, what
 * nobody asked for is stepped over, a value of another type than its row says leaves what was
 * there, and only what is no JSON, or no protobuf, at all is an error. Any thread. */
#ifndef IO_FIELDS_H
#define IO_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "io/json_span.h"

/* What a row reads, and what lies at its offset. */
enum field_kind {
	FIELD_STR,      /* struct json_span; in protobuf an empty one is none, as proto3 has it */
	FIELD_RAW,      /* struct json_span: any value, as it stands */
	FIELD_TIME,     /* struct json_span: RFC 3339, or a Timestamp message as it stands */
	FIELD_QUANTITY, /* struct json_span; in protobuf field 1 of a message */
	FIELD_INT,      /* int64_t */
	FIELD_BOOL,     /* bool */
	FIELD_FALSE,    /* bool, true when the value is false: for what counts as true unsaid */
	FIELD_COUNT,    /* int64_t: the entries of a map */
	FIELD_INSIDE,   /* a struct, by a table of its own */
	FIELD_OPTIONAL, /* the same; it begins with a bool, true when it was there */
	FIELD_MAP,      /* the same, of a map's entries, by their keys: STR or QUANTITY */
	FIELD_PAIRS,    /* FIELD_VEC(struct field_pair): every entry of a map of strings */
	FIELD_LIST,     /* FIELD_VEC: every element, by its own table, or strings */
	FIELD_EACH      /* one element at a time, zeroed before, then given to a function */
};

struct field {
	const char *key; /* NULL ends a table */
	uint16_t key_bytes;
	uint16_t number; /* 0: protobuf has no such field */
	enum field_kind kind;
	uint32_t offset, size; /* size: of an element */
	const struct field *fields;
	void (*then)(void *into); /* EACH: takes the element that stands at offset */
};

#define FIELD_ROW(of, key_, number_, offset_)                                                      \
	.key = (key_), .key_bytes = sizeof(key_) - 1, .number = (number_), .kind = FIELD_##of,     \
	.offset = (offset_)
#define FIELD(kind, key, number, type, member)                                                     \
	{                                                                                          \
		FIELD_ROW(kind, key, number, offsetof(type, member))                               \
	}
/* Into the same struct. */
#define FIELD_INSIDE(key, number, table)                                                           \
	{                                                                                          \
		FIELD_ROW(INSIDE, key, number, 0), .fields = (table)                               \
	}
#define FIELD_MAP(key, number, table)                                                              \
	{                                                                                          \
		FIELD_ROW(MAP, key, number, 0), .fields = (table)                                  \
	}
/* Into a member of it. */
#define FIELD_OPTIONAL(key, number, type, member, table)                                           \
	{                                                                                          \
		FIELD_ROW(OPTIONAL, key, number, offsetof(type, member)), .fields = (table)        \
	}
#define FIELD_PAIRS(key, number, type, member)                                                     \
	{                                                                                          \
		FIELD_ROW(PAIRS, key, number, offsetof(type, member)),                             \
			.size = sizeof(struct field_pair)                                          \
	}
/* table: of an element; NULL: they are strings */
#define FIELD_LIST(key, number, type, member, table)                                               \
	{                                                                                          \
		FIELD_ROW(LIST, key, number, offsetof(type, member)),                              \
			.size = sizeof(*((type *)0)->member.at), .fields = (table)                 \
	}
#define FIELD_EACH(key, number, type, member, table, function)                                     \
	{                                                                                          \
		FIELD_ROW(EACH, key, number, offsetof(type, member)),                              \
			.size = sizeof(((type *)0)->member), .fields = (table), .then = (function) \
	}
#define FIELDS_END                                                                                 \
	{                                                                                          \
		.key = NULL                                                                        \
	}

struct field_pair {
	struct json_span key, value;
};

/* A VEC that a row fills; vec_done ends it. */
struct field_vec {
	void *at;
	size_t len, cap;
};
#define FIELD_VEC(type)                                                                            \
	union {                                                                                    \
		struct field_vec vec;                                                              \
		VEC(type);                                                                         \
	}

/* Reads one object, in JSON, or in protobuf when the span says so. -1: it is malformed; what was
 * read until there stays. */
int fields_read(struct json_span object, const struct field *fields, void *into, struct err *e);

/* For the readers: the zeroed place of a LIST's, PAIRS' or EACH's next element. */
void *fields_element(const struct field *f, void *into);
/* NULL: nobody asked for it. */
const struct field *fields_find(const struct field *fields, struct json_span key);

#endif
