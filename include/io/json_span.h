/* A piece of the bytes that are read in place, of JSON or of protobuf, and how to compare and copy
 * it. */
#ifndef IO_JSON_SPAN_H
#define IO_JSON_SPAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/intern.h"

/* The inside of a string (or, from json_pull_raw, a whole value; or, from proto_pull, a field),
 * borrowed from the bytes that are read. */
struct json_span {
	const char *at; /* NULL: it was not there */
	size_t n;
	bool escaped; /* holds backslashes: compare and copy through the functions below */
	bool proto;   /* is a message of protobuf, not JSON or text */
};

bool json_span_is(struct json_span s, const char *text); /* absent is no text, not even "" */
/* The prefix without anything to escape. */
bool json_span_starts(struct json_span s, const char *prefix);
/* Unescaped, cut to size, terminated; the bytes written. */
size_t json_span_copy(struct json_span s, char *dst, size_t size);
/* Unescaped, free(); n may be NULL; "" when absent. */
char *json_span_new(struct json_span s, size_t *n);
/* Unescaped; "" when absent. */
const char *json_span_intern(struct json_span s, struct intern *pool);

#endif
