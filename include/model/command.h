/* UI → engine: what the operator wants. Values; nothing else crosses that way. */
#ifndef MODEL_COMMAND_H
#define MODEL_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mailbox.h"
#include "base/ulid.h"
#include "model/level.h"

enum command_kind {
	COMMAND_NONE,
	COMMAND_FEED_OPEN, /* follow a container's log */
	COMMAND_FEED_CLOSE,
	COMMAND_REFRESH, /* relist everything, probe everything now */
	COMMAND_OPEN,    /* an incident: level, text: the title, at_ms: detected (0: now) */
	/* An entry of the kind `entry` about `incident`, with the words that kind takes
	 * (model/entry_ask.h). */
	COMMAND_RECORD,
	COMMAND_CHOOSE,     /* it is the current one from here on */
	COMMAND_SAW_ALERTS, /* the operator looked at what fires */
	COMMAND_ANSWER,     /* ask: the question's number, text: the answer */
	/* A runbook: name: its id, text: its inputs, "k=v" in lines, those not named by their
	 * defaults. PLAN looks and changes nothing; its run is in the board like any other. */
	COMMAND_PLAN,
	COMMAND_RUN,
	COMMAND_RESUME,    /* name: a run's id */
	COMMAND_RUN_ABORT, /* name: a run's id; at its next safe point */
	COMMAND_FORGIVE    /* name: a debt's id, text: the reason */
};

#define COMMAND_TEXT 512

struct command {
	struct letter letter; /* kind is enum command_kind */
	/* FEED_OPEN, FEED_CLOSE, PLAN, RUN: the opener's number, unique in its process; a run
	 * carries it in the board as its asker */
	uint32_t feed;
	/* FEED_OPEN; container "" means the only or first one */
	char ns[64], name[256], container[64];
	bool previous;     /* the instance before the last restart */
	int tail;          /* lines to begin with */
	uint64_t ask;      /* ANSWER */
	const char *entry; /* RECORD; a constant */
	char incident[ULID_SIZE];
	char text[COMMAND_TEXT];
	int64_t at_ms;
	enum level level;
	bool on;
};

struct command *command_new(enum command_kind kind); /* letter.drop frees it */
/* Words none; entry a constant. */
struct command *command_record(const char *entry, const char *incident);

/* Engine → UI: one sentence for the operator. */
enum notice_level { NOTICE_INFO, NOTICE_WARN, NOTICE_ERROR };
struct notice {
	struct letter letter;
	enum notice_level level;
	char text[300];
};
struct notice *notice_new(enum notice_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Takes n. What finds no room, because nobody looks, is in the log alone. */
void notice_post(struct mailbox *to, struct notice *n);
void notice_say(struct mailbox *to, enum notice_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
