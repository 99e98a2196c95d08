/* The incident desk: what the engine knows about incidents. It folds the journal's entries, records
 * what the operator says and what the checks see, keeps the clocks, proposes, tells the team, and
 * measures how much of the month the API could be reached. Several consoles may share one journal:
 * each shows the same, and of those on one cluster the one that holds the lock writes what they all
 * see.
 *
 * It never waits for a disk or a network: the journal's thread and notify's do. The engine's thread
 * only, once it runs. */
#ifndef OPS_INCIDENT_INCIDENT_DESK_H
#define OPS_INCIDENT_INCIDENT_DESK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mailbox.h"
#include "model/command.h"
#include "model/snapshot.h"
#include "ops/incident/incidents.h"
#include "ops/journal/journal_draft.h"
#include "ops/notify/notify_lane.h"

/* Borrowed for the call. */
struct incident_desk_options {
	const char *journal;  /* file; NULL: nothing is recorded, and `why` is said instead */
	const char *why;      /* or NULL */
	const char *outbox;   /* file of what waits to be sent */
	const char *lock_dir; /* where the consoles of one cluster agree who writes what all see */
	struct author author;
	struct level_target targets[LEVEL_COUNT];
	const char *const *lists[CHECKLIST_COUNT]; /* a team's own, NULL-terminated; or NULL */
	const struct notify_target *receivers;
	size_t n_receivers;
};

struct incident_desk;

/* notices: struct notice; must outlive the desk. */
struct incident_desk *incident_desk_new(const struct incident_desk_options *o,
	const struct incident_cluster *cluster, int64_t hold_down_ms, struct mailbox *notices);
/* Writes what it can. Gives how many entries were lost with it. NULL is fine: 0. */
size_t incident_desk_free(struct incident_desk *d);

/* Readable while desk_hear has something to take; -1: never. */
int incident_desk_fd(const struct incident_desk *d);
/* True: what is shown changed. */
bool incident_desk_hear(struct incident_desk *d, struct instant now);
/* True when the command is of its kind. What cannot be done is a notice. */
bool incident_desk_obey(struct incident_desk *d, const struct command *c, struct instant now);
/* The snapshot is judged: takes note of what holds (once a second), and fills book, proposal,
 * journal and availability. */
void incident_desk_fill(struct incident_desk *d, struct snapshot *s);

#endif
