/* Alerts that wait to be sent: one row per transition and target, on the disk before outbox_put
 * returns, and never a second one for the same. Any number of processes may share the file: who
 * claims a row has it alone until it says how it went, or dies and its claim runs out.
 *
 * A process has one for a file, and any of its threads uses it; each waits for the disk and for the
 * others. The file is opened, and read through, by the first that needs it; one that is damaged is
 * moved aside and a new one begun with what can still be read. Times are wall ms and arguments. */
#ifndef OPS_NOTIFY_NOTIFY_OUTBOX_H
#define OPS_NOTIFY_NOTIFY_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/notification.h"

#define OUTBOX_CLAIM_MS 30000                        /* longer than one delivery may take */
#define OUTBOX_SEND_MS  15000                        /* what of that a delivery needs at most */
#define OUTBOX_WAIT_MS  (INT64_C(5) * 60000)         /* nothing waits longer for its next try */
#define OUTBOX_KEEP_MS  (INT64_C(24) * 3600000)      /* then it is given up */
#define OUTBOX_PAST_MS  (INT64_C(90) * 24 * 3600000) /* so long it is known what was sent */
#define OUTBOX_NEVER    INT64_MAX

#define OUTBOX_DAMAGE 600 /* bytes, with the NUL */

struct outbox;

/* path NULL: in memory alone, for when the disk takes nothing. Never fails: what cannot be opened
 * is tried again at each use, whose codes are io/db's. */
struct outbox *outbox_new(const char *path);
void outbox_free(struct outbox *o); /* NULL is fine */
/* Opens it now: 0, it can be trusted. */
int outbox_check(struct outbox *o, int64_t now_ms, struct err *e);
/* What was found damaged by this process and where it lies now, in words; "" for nothing. */
char *outbox_damage(struct outbox *o, char dst[OUTBOX_DAMAGE]);

/* For each of the n targets, unless it is there already. How many are new, or -1 and none is. */
int outbox_put(struct outbox *o, const struct notification *a, const char *const *targets, size_t n,
	int64_t now_ms, struct err *e);

/* The same for alerts that may have gone out past it, which is asked for each target once the file
 * is locked: nobody else can claim a row between the answer and the commit. */
enum outbox_word {
	OUTBOX_WAITS,
	OUTBOX_SENT,   /* it is put as delivered, also where it waits */
	OUTBOX_NOT_NOW /* nothing is put: ERR_BUSY */
};
struct outbox_post {
	const struct notification *alert;
	const char *const *targets;
	size_t n;
	enum outbox_word (*ask)(void *arg, size_t target); /* or NULL */
	void *arg;
};
int outbox_take(struct outbox *o, const struct outbox_post *all, int64_t now_ms, struct err *e);

struct outbox_item {
	int64_t id, put_ms;
	const char *target; /* borrowed: as it was claimed with */
	int tries;          /* this one included */
	int64_t until_ms;   /* when the claim runs out, and another process may take it */
	char key[NOTIFICATION_KEY];
	struct notification alert;
};

/* The oldest of the target's, since order matters; the others wait behind it. 1: *item is the
 * caller's to send. 0: nothing is due; *next_ms says when to look again (OUTBOX_NEVER: when
 * something is put). per_minute: no more than so many are delivered in any minute. */
int outbox_claim(struct outbox *o, const char *target, int per_minute, int64_t now_ms,
	struct outbox_item *item, int64_t *next_ms, struct err *e);

/* How it went. All but the first do nothing when the claim has run out and the item is
 * another's. */
int outbox_delivered(
	struct outbox *o, const struct outbox_item *item, int64_t now_ms, struct err *e);
int outbox_failed(struct outbox *o, const struct outbox_item *item, int64_t due_ms, const char *why,
	struct err *e);
int outbox_give_up(struct outbox *o, const struct outbox_item *item, int64_t now_ms,
	const char *why, struct err *e);
/* It was not tried after all (k911 is being left): due at once, the try not counted. */
int outbox_return(struct outbox *o, const struct outbox_item *item, int64_t now_ms, struct err *e);

struct outbox_count {
	int64_t waiting, delivered, given_up;
};
int outbox_count(struct outbox *o, const char *target, struct outbox_count *out, struct err *e);

#endif
