/* A bounded stream of lines the engine keeps for a view that asked: a pod's log, later a run's
 * output. */
#ifndef MODEL_FEED_H
#define MODEL_FEED_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define FEED_KEEP 2000 /* lines */

enum feed_state { FEED_OPENING, FEED_OPEN, FEED_ENDED, FEED_FAILED };

/* Immutable, shared by count: one page is the ring at one moment. */
struct feed {
	uint32_t id; /* as in the command that opened it */
	enum feed_state state;
	char error[200];
	uint64_t first; /* number of the first line kept: how many fell off */
	size_t n;
	struct rstr **lines; /* as they came: not made safe for the terminal */
};

/* Takes references of its own. */
struct feed *feed_new(uint32_t id, enum feed_state state, const char *error, uint64_t first,
	struct rstr *const *lines, size_t n);
struct feed *feed_ref(struct feed *f);
void feed_unref(struct feed *f);

#endif
