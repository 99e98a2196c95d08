/* The questions that wait for an answer: heard from whoever waits, shown in every snapshot,
 * answered by a command, ended at their deadline. The engine's thread. */
#ifndef OPS_ENGINE_ASKS_H
#define OPS_ENGINE_ASKS_H

#include "model/ask.h"
#include "model/command.h"
#include "model/snapshot.h"

struct asks {
	size_t n;
	struct {
		struct ask ask;
		struct mailbox *reply_to;
	} at[ASK_MAX]; /* the oldest first */
};

/* A struct ask_letter, which is to carry this as its hearer. */
void asks_hear(void *asks, struct letter *l, struct instant now);
/* A COMMAND_ANSWER. An answer that changes the cluster passes the gate first. False: why says what
 * was wrong with it, and the question stands. */
bool asks_answer(struct asks *a, const struct command *c, bool read_only,
	const struct cluster_mark *now, char why[GATE_WHY]);
bool asks_tick(struct asks *a, struct instant now); /* did one end? */
void asks_fill(const struct asks *a, struct snapshot *s);

#endif
