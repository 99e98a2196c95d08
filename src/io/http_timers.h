/* What is to run later: a heap ordered by time, then by id. Private to src/io/http.c, which locks
 * it. */
#ifndef SRC_IO_HTTP_TIMERS_H
#define SRC_IO_HTTP_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"

struct timer {
	int64_t due_ms; /* boot_ms; 0: at once */
	uint64_t id;
	void (*fn)(void *arg, bool closing);
	void *arg;
};

struct timers {
	VEC(struct timer) heap;
};

void timers_add(struct timers *t, const struct timer *timer);
/* The first that is due; false: none. */
bool timers_take(struct timers *t, int64_t now_ms, struct timer *due);
bool timers_remove(struct timers *t, uint64_t id);
int64_t timers_next(const struct timers *t); /* INT64_MAX: none */
void timers_done(struct timers *t);

#endif
