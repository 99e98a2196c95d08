/* A question that something under way waits on, and its way to the operator and back: a run posts a
 * letter to the engine, the engine shows the question in its snapshots, the screen sends the answer
 * as a command, and the engine posts the reply to the run's own mailbox. Each question ends in
 * exactly one reply, unless it is withdrawn. */
#ifndef MODEL_ASK_H
#define MODEL_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "base/mailbox.h"
#include "model/gate.h"

#define ASK_MAX     4 /* at a time; one more is refused */
#define ASK_CHOICES 6
#define ASK_ANSWER  512

struct ask {
	uint64_t number; /* the answer names it; serial_next */
	char text[300];  /* the question, in words; names in it as the cluster gave them */
	/* choices. None: any text will do. One: it must be typed as it stands, for what cannot be
	 * undone. More: a number or a word of them */
	size_t n;
	char choices[ASK_CHOICES][64];
	struct instant deadline; /* unset: it waits for ever */
	bool changes; /* the answer lets the cluster be changed: the gate is asked first */
	struct cluster_mark of; /* the cluster it is about */
};

/* Is it an answer? Then it is in answer (a choice as it is spelled in the question); else why says
 * what is wanted. Pure; any thread. */
bool ask_take(const struct ask *a, const char *typed, char answer[ASK_ANSWER], char why[200]);

struct ask_letter {
	struct letter letter;
	struct ask ask;
	struct mailbox
		*reply_to; /* outlives the question; NULL: it is withdrawn, without a reply */
};
/* Any thread; to the engine's asks. Posted as an answer is, so it is never refused. */
void ask_post(const struct hearer *engine, const struct ask *a, struct mailbox *reply_to);

enum ask_end { ASK_ANSWERED, ASK_EXPIRED, ASK_REFUSED /* too many are asked already */ };
struct ask_reply {
	struct letter letter;
	uint64_t number;
	enum ask_end end;
	char answer[ASK_ANSWER]; /* ASK_ANSWERED */
};
void ask_reply_post(struct mailbox *to, uint64_t number, enum ask_end end, const char *answer);

#endif
