/* Reads protobuf messages in place by tables, as json_pull does objects: a decoder names the fields
 * it wants, all others are stepped over, and strings, bytes and messages are spans of the caller's
 * bytes with nothing escaped in them. An empty string is the same as none, as proto3 has it. A
 * field of another wire type than its table says is stepped over; only what is no protobuf at all
 * is an error. Any thread. */
#ifndef IO_PROTO_PULL_H
#define IO_PROTO_PULL_H

#include "io/fields.h"

struct proto_pull {
	const char *at, *end; /* of the message that is read now */
	const char *begin;
	const char *bad; /* where it stopped being protobuf; NULL while it is fine */
};

void proto_pull_init(struct proto_pull *p, const char *bytes, size_t n);
/* Reads the rest of the message by the table. False when it is malformed; what was read stays. */
bool proto_pull_fields(struct proto_pull *p, const struct field *fields, void *into);
/* At the end: -1 when it was malformed. */
int proto_pull_end(const struct proto_pull *p, struct err *e);

/* One varint of at most ten bytes. 1: read, *at moved behind it; 0: it goes on past the end; -1: it
 * is longer than any. */
int proto_varint(const char **at, const char *end, uint64_t *out);

enum proto_wire { PROTO_VARINT, PROTO_FIXED64, PROTO_LENGTH, PROTO_FIXED32 = 5 };
/* The two halves of a field's tag. False when no field can have it: number 0, or a group. */
bool proto_tag(uint64_t tag, uint32_t *number, enum proto_wire *wire);

#endif
