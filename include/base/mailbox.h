/* Letters between threads. Any thread posts; one thread takes. A mailbox has a
 * ceiling of letters, and one of what they hold together (MAILBOX_BYTES): a post
 * past either is refused, so that a flood is the sender's problem.
 * An answer is never refused and is taken before any flood: there are never more
 * of them than questions under way, and a lost one would be waited for. */
#ifndef BASE_MAILBOX_H
#define BASE_MAILBOX_H

#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"

struct letter;
struct mailbox;

/* Who hears a letter: a room of the thread that takes from the box. The room outlives the box. */
struct hearer {
	struct mailbox *box;
	void (*hear)(void *room, struct letter *l, struct instant now); /* NULL: the box's owner */
	void *room;
};

/* The first member of every letter type. */
struct letter {
	int kind;                       /* the hearer's own numbering */
	void (*drop)(struct letter *l); /* frees the letter and what it owns */
	struct hearer to;
	size_t bytes;        /* about what it holds; 0: next to nothing */
	struct letter *next; /* the mailbox's */
};
void letter_free(struct letter *l); /* the drop of one that owns nothing */

#define MAILBOX_BYTES ((size_t)32 << 20)

struct mailbox *mailbox_new(size_t max_letters);
void mailbox_free(struct mailbox *box); /* drops what waits; NULL is fine */
/* 0: taken; -1: full, l stays the caller's */
int mailbox_post(struct mailbox *box, struct letter *l);
void mailbox_answer(struct mailbox *box, struct letter *l); /* takes l, also past the ceiling */
int letter_post(struct letter *l);                          /* mailbox_post to its hearer's box */
void letter_answer(struct letter *l);                       /* mailbox_answer to its hearer's box */
/* Tells the hearer, who may move things out of the letter; it is still the caller's to drop. */
void letter_hear(struct letter *l, struct instant now);
struct letter *mailbox_take(struct mailbox *box); /* gives, answers first; or NULL */
struct mailbox_load {
	size_t waiting;   /* letters not yet taken */
	uint64_t refused; /* posts that found it full, ever */
};
struct mailbox_load mailbox_load(struct mailbox *box);
int mailbox_fd(const struct mailbox *box); /* readable while letters wait */

#endif
