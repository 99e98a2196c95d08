/* Alerts out: to every configured receiver that wants their level, once per transition. They are on
 * the disk before notify_put returns, and survive restarts and a network that is down; what one
 * process leaves behind the next one sends. What the disk does not take, or does not give back, goes
 * past it from memory, and the disk is told when it is well again (notify_ledger.h). Each receiver
 * has threads of its own, so a hanging one delays nobody else. */
#ifndef OPS_NOTIFY_NOTIFY_H
#define OPS_NOTIFY_NOTIFY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mailbox.h"
#include "model/casebook.h"
#include "model/notification.h"
#include "ops/notify/notify_lane.h"

/* Borrowed for the call, but for notices. */
struct notify_options {
	const char *path; /* of the outbox: STATE_DIR/notify.db */
	const struct notify_target *targets;
	size_t n;
	struct mailbox *notices; /* struct notice: a receiver fails, and works again; or NULL */
	struct mailbox *sent;    /* struct notify_sent, for each delivery; or NULL */
	int64_t patience_ms; /* with the disk, before alerts go past it; 0: LEDGER_PATIENCE_MS */
};

/* A receiver took an alert. */
struct notify_sent {
	struct letter letter;
	char incident[ULID_SIZE]; /* "" when it was of none */
	char cluster[80];
	char to[200]; /* as notify_lane_name */
	int64_t at_ms;
};

struct notify;

/* Begins to send what waits. Any thread, after the signals are blocked. */
struct notify *notify_start(const struct notify_options *o, struct err *e);
/* Begins nothing more, gives deliveries on their way a moment to arrive, breaks off those that hang
 * and leaves them for the next start. NULL is fine. */
void notify_stop(struct notify *n);

/* Any thread that may wait for the disk. -1: the disk did not take it (e says why); it is sent all
 * the same, as long as this process lives (ERR_LIMIT, and counted: too many wait, it is lost). The
 * same transition again does nothing. */
int notify_put(struct notify *n, const struct notification *a, struct err *e);
/* The same for a thread that may not wait: a thread of notify's own puts it, in the order of the
 * posts; what is posted before notify_stop is put before it returns. Trouble with the disk is a
 * notice. heard_of: another process, or a run before this one, may have put it already; it is put
 * after all else, and waits for the disk to say so. False: too many wait, come again. */
bool notify_post(struct notify *n, const struct notification *a, bool heard_of);

/* How they fare now. Any thread; never waits for a disk. */
void notify_health(struct notify *n, struct notify_health *out);

/* Asks the receivers whether they answer, and says how often one did: how a console whose cluster
 * is silent tells that from a link of its own that is gone. Any thread; neither waits. */
void notify_ask_reach(struct notify *n);
unsigned notify_reached(struct notify *n);

/* Waits until each receiver was tried with what waited at the call, for at most ms: for commands
 * that end right after. How many alerts still wait, or -1 when that cannot be read. */
int64_t notify_flush(struct notify *n, int64_t ms);

#endif
