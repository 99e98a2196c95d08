/* A job for a worker that comes back as a letter. It comes back whether it was run or not: one that
 * the pool drops at its end carries ERR_CANCELLED. The asker's thread only, but for run. */
#ifndef OPS_WATCH_ERRAND_H
#define OPS_WATCH_ERRAND_H

#include "base/err.h"
#include "base/mailbox.h"
#include "base/pool.h"
#include "ops/watch/question.h"

/* The first member of every kind of errand. */
struct errand {
	struct letter letter;
	uint64_t asking; /* of its question; whose question awaits another drops it unheard */
	void (*run)(struct errand *x, int cancel_fd); /* on a worker */
	struct err err;                               /* cleared before run */
};

/* A const row for each kind. */
struct errand_kind {
	void (*run)(struct errand *x, int cancel_fd);
	void (*drop)(struct letter *l); /* frees it and what it owns */
	void (*hear)(void *room, struct letter *l, struct instant now);
};

/* x: zeroed. It is to be heard by that room. */
void errand_init(struct errand *x, const struct errand_kind *kind, struct mailbox *box, void *room);
/* Takes x. -1: the pool has no room, and x is dropped. */
int errand_send(struct errand *x, struct pool *pool);
/* As errand_send, and the question is asked by it; or, without room, due again at once. */
int errand_ask(struct errand *x, struct pool *pool, struct question *q, struct instant now);
/* Lets no time pass for a question whose errand waits for a worker still. */
void errand_wait(struct pool *pool, struct question *q, struct instant now);

#endif
