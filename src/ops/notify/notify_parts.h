/* The inside of notify, shared by the files that make it up and by nobody else. */
#ifndef OPS_NOTIFY_NOTIFY_PARTS_H
#define OPS_NOTIFY_NOTIFY_PARTS_H

#include <pthread.h>
#include <stdbool.h>

#include "base/instant.h"
#include "ops/notify/notify.h"
#include "ops/notify/notify_ledger.h"
#include "ops/notify/notify_outbox.h"

#define NOTIFY_LOOK_MS 60000 /* another process may have put something */

/* What stands in the way. A receiver's files and the outbox are looked at again by themselves; a
 * receiver, and a full disk, are well again when they took something. */
enum trouble_kind { TROUBLE_NONE, TROUBLE_FILES, TROUBLE_QUEUE, TROUBLE_TAKING };

struct trouble {
	enum trouble_kind kind;
	struct instant since;
	char why[300];
};

/* One way to a receiver, and its thread. */
struct notify_way {
	struct notify *of;
	struct notify_lane *lane;
	enum ledger_way way;
	size_t at; /* its receiver */
	int wake_fd;
	bool started;
	unsigned tried;  /* the last round of flushing it went through; under of->lock */
	int64_t disk_ms; /* BOOTTIME since when it waits for the disk, or 0; under of->lock */
	pthread_t thread;
};

struct notify_receiver {
	struct notify_way ways[LEDGER_WAYS];
	unsigned levels;
	struct trouble trouble; /* its own; under of->lock */
	struct trouble queue;   /* nothing can be claimed for it; under of->lock */
	bool reach;             /* it is to be asked whether it answers; under of->lock */
};

struct notify {
	struct outbox *box; /* the process's only one for its file */
	struct notify_ledger *ledger;
	int64_t patience_ms;
	int stop_fd; /* nothing more is begun */
	int cut_fd;  /* and what was begun is broken off */
	struct mailbox *notices, *sent;
	pthread_t clerk;
	int clerk_fd;
	bool clerk_started;
	pthread_mutex_t lock; /* what follows, and where it is said; never held for long */
	pthread_cond_t moved;
	int64_t checking_ms;    /* BOOTTIME since when the outbox is being looked at, or 0 */
	struct trouble putting; /* alerts cannot be kept on the disk */
	bool hangs;             /* it was said that the disk does */
	size_t lost;
	char damage[OUTBOX_DAMAGE];
	struct instant damaged;
	unsigned round;
	unsigned reached; /* how often a receiver answered when asked whether it does */
	size_t running;   /* threads that send */
	size_t n;
	struct notify_receiver at[];
};

/* notify_way.c: the thread of a way */
void notify_way_init(struct notify *n, size_t at, enum ledger_way way, struct notify_lane *lane);
int notify_way_start(struct notify_way *w); /* 0, or an errno */

/* notify_health.c: what is said of it */
void notify_say_trouble(struct notify_way *w, enum trouble_kind kind, const struct err *e);
void notify_say_well(struct notify_way *w);
void notify_say_damage(struct notify *n); /* waits for the disk */
/* Nothing could be claimed for the receiver, and why; or (rc >= 0) the outbox answered. */
void notify_note_claim(struct notify_way *w, int rc, const struct err *why);
/* The outbox took something, or was found well (rc >= 0); or not, and why. */
void notify_note_put(struct notify *n, int rc, const struct err *why);
/* Says it when somebody begins to wait for the disk in vain. */
void notify_note_hang(struct notify *n);
void notify_count_lost(struct notify *n);

#endif
