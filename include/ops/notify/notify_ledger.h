/* What this process has to tell, from the post until every receiver took it and the outbox knows: in
 * memory, so that what the disk holds up can go past it. Each alert has two ways to a receiver, its
 * disk's queue and the one in memory, and goes one of them: it goes past the disk once that has
 * refused it, has not taken it for LEDGER_PATIENCE_MS, or has it and does not give it back for
 * OUTBOX_CLAIM_MS.
 *
 * Within a process nothing goes both ways. Beyond it three cases remain in which an alert comes
 * twice, with the same Idempotency-Key, since silence would be worse:
 * - a commit that the disk held up for longer than that, and took after all: another process on the
 *   same state directory may claim the row in the moment before this one marks it as delivered;
 * - a kill while the disk hangs: nobody but this process knew that it was sent, so the next one
 *   sends what it finds in the outbox;
 * - a follower, to whom the leader's silence behind a hung disk is that of one who died (lead.h):
 *   it leads beside him until the disk is back. One more telling for each such console.
 *
 * Any thread; never waits for a disk. Times are BOOTTIME ms and arguments. */
#ifndef OPS_NOTIFY_NOTIFY_LEDGER_H
#define OPS_NOTIFY_NOTIFY_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/notification.h"
#include "ops/notify/notify_lane.h"
#include "ops/notify/notify_outbox.h"

#define LEDGER_PATIENCE_MS 10000
#define LEDGER_MAX         256 /* alerts: of those above it the oldest that are safe are forgotten */
#define LEDGER_MAX_HEARD   128 /* of them, where one is only heard of */

struct notify_ledger;

/* levels: what each of the n receivers wants to hear of. */
struct notify_ledger *notify_ledger_new(const unsigned *levels, size_t n, int64_t patience_ms);
void notify_ledger_free(struct notify_ledger *l);

enum ledger_post {
	LEDGER_NEW,
	LEDGER_KNOWN, /* or nobody wants to hear of it */
	LEDGER_FULL   /* none of those that wait is safe anywhere else: this one is lost */
};
enum ledger_origin {
	LEDGER_POSTED,
	LEDGER_PUTTING, /* the caller puts it into the outbox itself */
	/* Somebody else may have put it there, and it may have been sent: so only the disk can say
	 * whether it is to be, and it never goes past it while it was not put. */
	LEDGER_HEARD_OF
};
enum ledger_post notify_ledger_post(struct notify_ledger *l, const struct notification *a,
	enum ledger_origin origin, int64_t now_ms);

/* ---- whoever puts into the outbox ---- */

/* The oldest that is to be put, which is the caller's until notify_ledger_put; again: also what was
 * held up or refused. */
bool notify_ledger_unput(struct notify_ledger *l, bool again, struct notification *a);
/* The outbox asks it, once its file is locked, for a receiver that wants this alert. */
enum outbox_word notify_ledger_asked(
	struct notify_ledger *l, const char *key, size_t at, int64_t now_ms);
enum ledger_put {
	LEDGER_ON_DISK,
	LEDGER_NOT_NEW, /* it was there already, for some of its receivers at least */
	LEDGER_HELD_UP, /* another process holds the file: to be put again, within patience */
	LEDGER_REFUSED
};
void notify_ledger_put(struct notify_ledger *l, const char *key, enum ledger_put how);
bool notify_ledger_owes(struct notify_ledger *l); /* any, so that it is to be put again */
/* Since when the disk has kept the next from being put; 0: none waits for it. */
int64_t notify_ledger_unput_ms(struct notify_ledger *l);

/* ---- the two ways to a receiver ---- */

enum ledger_way { LEDGER_DISK, LEDGER_PAST, LEDGER_WAYS };

struct ledger_moment {
	int64_t now_ms;
	int64_t stuck_ms; /* since when the receiver's usual way waits for the disk; 0: it does not */
};
/* The oldest that is to go past the disk and does not yet: from now on it does. *next_ms: when to
 * look again at the latest; INT64_MAX: after the next post. */
bool notify_ledger_overdue(struct notify_ledger *l, size_t at, const struct ledger_moment *m,
	struct notification *a, int64_t *next_ms);
/* What lane_asker.ask answers. Waits while the alert is on its other way. LANE_MAY_SEND:
 * notify_ledger_end is owed. */
enum lane_word notify_ledger_begin(struct notify_ledger *l, size_t at, enum ledger_way way,
	const char *key, const struct ledger_moment *m);
void notify_ledger_end(struct notify_ledger *l, size_t at, enum ledger_way way, const char *key,
	enum lane_fate fate);
/* Alerts that are to go to receivers and are not on the disk. */
size_t notify_ledger_waiting(struct notify_ledger *l);

#endif
