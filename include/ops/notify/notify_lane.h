/* One receiver's way: takes what waits for it out of the outbox, sends it, settles how it went.
 * Nobody else's trouble delays it. One thread at a time; blocks for disk and network. Time and
 * chance are arguments. */
#ifndef OPS_NOTIFY_NOTIFY_LANE_H
#define OPS_NOTIFY_NOTIFY_LANE_H

#include <stdint.h>

#include "base/err.h"
#include "model/notification.h"
#include "ops/notify/notify_body.h"

/* Where alerts go. Files are read anew for each delivery, so a corrected one is used at once. */
struct notify_target {
	enum notify_kind kind;
	const char *url_file;    /* holds the URL: a webhook's is a secret */
	const char *secret_file; /* what signs, or (Alertmanager) a token or user:password; "" */
	const char *ca_file;     /* PEM; "": the system's */
	const char *proxy;       /* "": none */
	unsigned levels;         /* bits, 1 << LEVEL_P0 ... */
};

struct notify_lane;
struct outbox;
struct outbox_item;

/* Strings are copied; the outbox is borrowed, and shared with the other lanes. */
struct notify_lane *notify_lane_new(const struct notify_target *t, struct outbox *queue);
/* The same receiver's way past the disk: it has a queue of its own in memory, and uses what lane,
 * which outlives it, last read of the receiver's files. It never waits for a disk, and its turns may
 * be another thread's. */
struct notify_lane *notify_lane_past(struct notify_lane *lane);
void notify_lane_free(struct notify_lane *lane); /* NULL is fine */
/* "slack:/etc/k911/slack.url": by it the outbox knows the target. */
const char *notify_lane_name(const struct notify_lane *lane);

/* Puts an alert into the lane's queue. */
int notify_lane_keep(
	struct notify_lane *lane, const struct notification *a, int64_t now_ms, struct err *e);

enum lane_turn {
	LANE_IDLE, /* nothing is due */
	LANE_DELIVERED,
	LANE_SETTLED,  /* it had gone the other way, which the queue knows now */
	LANE_FAILED,   /* the receiver did not take it */
	LANE_NO_QUEUE, /* nothing could be claimed: the outbox's disk */
	LANE_STOPPED   /* cancel_fd became readable: nothing was lost */
};

/* Asked right before an alert goes out, when all that the disk had to say is here: it may have held
 * this thread for as long as it liked, and the alert may have gone past it. Told what became of it
 * before the disk is asked again. Set before the first turn. */
enum lane_word {
	LANE_MAY_SEND,
	LANE_WAS_SENT, /* only the queue does not know yet */
	LANE_TOO_LATE, /* the claim runs out on the way: another process may send it */
	LANE_NOT_YET,  /* it is to go the other way */
	LANE_CANNOT    /* not for an asker: sending failed */
};
enum lane_fate {
	LANE_TAKEN,
	LANE_AGAIN,   /* it is tried again */
	LANE_GIVEN_UP /* the receiver will never take it */
};
struct lane_asker {
	enum lane_word (*ask)(void *arg, const struct outbox_item *item);
	/* After LANE_MAY_SEND; or NULL. */
	void (*tell)(void *arg, const struct outbox_item *item, enum lane_fate fate);
	void *arg;
};
void notify_lane_ask(struct notify_lane *lane, const struct lane_asker *asker);

/* At most one delivery. *next_ms: when to come again at the latest. */
enum lane_turn notify_lane_turn(struct notify_lane *lane, int64_t now_ms, uint32_t chance,
	int cancel_fd, int64_t *next_ms, struct err *e);
/* What the last turn that was LANE_DELIVERED delivered; borrowed until the next turn. */
const struct notification *notify_lane_delivered(const struct notify_lane *lane);
/* Writes down that the last one was delivered, where the outbox was not to be had before: whoever
 * left that to the claim would have it sent again. -1: it still is not. */
int notify_lane_settle(struct notify_lane *lane, int64_t now_ms, struct err *e);
/* Checks that URL, secret and CA file can be read and used. */
int notify_lane_check(struct notify_lane *lane, struct err *e);

/* Does the receiver answer at all, with whatever status? It is asked for the front page of its
 * host, without what its URL keeps secret. 0: it does, so this machine's own link works. */
int notify_lane_reach(struct notify_lane *lane, int cancel_fd, struct err *e);

/* How long to wait after so many tries: doubling from a second to a minute, somewhere in the upper
 * half by chance, so that many consoles do not come back at once. */
int64_t notify_backoff_ms(int tries, uint32_t chance);

#endif
