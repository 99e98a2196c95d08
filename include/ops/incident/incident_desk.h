/* The incident desk: what the engine knows about incidents. It folds the journal's entries, records
 * what the operator says and what the checks see, keeps the clocks, proposes, tells the team, and
 * measures how much of the month the API could be reached. Several consoles may share one journal:
 * each shows the same, and of those on one cluster the one that holds the lock writes what they all
 * see.
 *
 * It never waits for a disk or a network: the journal's thread and notify's do, which are the
 * engine's. So what it records is on the disk a moment after it was recorded: a deed that must be
 * on record before it is done is recorded by journal_writer_append, not here. The engine's thread
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
#include "ops/journal/journal_writer.h"
#include "ops/notify/notify.h"

/* Borrowed for the call; the journal and notify for the desk's life. */
struct incident_desk_options {
	struct journal_writer *journal; /* the desk takes its results; NULL: nothing is recorded */
	const char *why;                /* is said instead; or NULL */
	struct notify *notify;          /* NULL: nobody is told */
	struct mailbox *sent;           /* struct notify_sent, which the desk takes; or NULL */
	const char *lock_dir; /* where the consoles of one cluster agree who writes what all see */
	/* Hears every entry that comes out of the journal, whatever its kind; or NULL. */
	void (*also)(void *arg, const struct journal_entry *en);
	void *arg;
	struct author author;
	struct level_target targets[LEVEL_COUNT];
	const char *const *lists[CHECKLIST_COUNT]; /* a team's own, NULL-terminated; or NULL */
};

struct incident_desk;

/* notices: struct notice; must outlive the desk. */
struct incident_desk *incident_desk_new(const struct incident_desk_options *o,
	const struct incident_cluster *cluster, int64_t hold_down_ms, struct mailbox *notices);
void incident_desk_free(struct incident_desk *d); /* NULL is fine */

/* Takes what the journal and notify have to say. True: what is shown changed. */
bool incident_desk_hear(struct incident_desk *d, struct instant now);
/* True when the command is of its kind. What cannot be done is a notice. */
bool incident_desk_obey(struct incident_desk *d, const struct command *c, struct instant now);
/* The snapshot is judged: takes note of what holds (once a second), and fills book, proposal,
 * journal and availability. */
void incident_desk_fill(struct incident_desk *d, struct snapshot *s);

#endif
