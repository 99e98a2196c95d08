/* Which of the consoles on one cluster writes what they all see: the one that holds a file's lock,
 * and shows in the file that it is awake. The file is asked on a thread of its own, since a disk
 * may hold that call for as long as it likes. One owner's thread; time is its own. */
#ifndef OPS_INCIDENT_LEAD_H
#define OPS_INCIDENT_LEAD_H

#include <stdbool.h>

#include "base/instant.h"

struct lead;

/* Asks once before it returns, and waits a moment for the answer. path: the file, made when it is
 * not there. */
struct lead *lead_start(const char *path);
void lead_stop(struct lead *l); /* lets the lock go; never blocks for long; NULL is fine */

/* Ours to write? Where nobody can lock, each speaks for itself; and where the disk has not answered
 * for LEAD_SILENT_MS too: better told twice than by nobody, since a leader on another machine may be
 * gone. Once the disk is back one leads, and goes on from what that one told. Consoles with state
 * directories of their own never see each other: each leads. */
#define LEAD_SILENT_MS 30000
/* A leader that shows nothing for so long is stopped, or its machine is gone: another leads. */
#define LEAD_ASLEEP_MS 30000
bool lead_is_ours(struct lead *l, struct instant now);

/* What the leader leaves for whoever leads after it, in the file, with each sign that it is awake:
 * as last read of another, or as last left by this one; "" for nothing. One line. Who does not lead
 * leaves none. */
#define LEAD_NOTE 128 /* bytes, with the NUL */
char *lead_note(struct lead *l, char dst[LEAD_NOTE]);
void lead_leave_note(struct lead *l, const char *note, struct instant now);

#endif
