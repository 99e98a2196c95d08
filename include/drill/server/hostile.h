/* What a hostile or broken server may answer in the place of the practice cluster's own: a const
 * table, each row by a name that drill_set takes. The answers are well-formed for HTTP/2 as far as
 * the client's library lets them through; what only HTTP/1.1 can be told lies in tests/unit/io.
 * Server's thread. */
#ifndef DRILL_SERVER_HOSTILE_H
#define DRILL_SERVER_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct exchange;
struct hostile_row;

/* Whose answers, besides one kind's lists ("answers/pods"). */
enum hostile_place {
	HOSTILE_WATCHES, /* "answers/watches": every watch there is */
	HOSTILE_PROBES,  /* "answers/probes": /livez and /readyz */
	HOSTILE_HAPROXY, /* "answers/haproxy": show stat */
	HOSTILE_PLACES
};
extern const char *const hostile_places[HOSTILE_PLACES];

const struct hostile_row *hostile_find(const char *name); /* NULL: no such */
/* Takes the exchange over and answers it so. */
void hostile_answer(const struct hostile_row *row, struct exchange *x);
/* The body alone, up to `most` bytes of one that has no end: for what is no HTTP. */
void hostile_body(const struct hostile_row *row, size_t most, struct buf *out);

#endif
