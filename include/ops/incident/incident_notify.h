/* From an entry of the journal to the alert that goes out for it: opened and reopened, level
 * changes, acknowledgements, warnings, breaches, recovery. Since it is made from what is on the
 * disk, whoever wrote the entry (another console, the command line) is heard too, and the outbox
 * knows by the alert's key what was sent. Any thread; everything is borrowed. */
#ifndef OPS_INCIDENT_INCIDENT_NOTIFY_H
#define OPS_INCIDENT_INCIDENT_NOTIFY_H

#include <stdbool.h>

#include "model/incident.h"
#include "model/notification.h"
#include "ops/journal/journal.h"

/* i: with the entry folded in. False: nobody is told of such an entry. */
bool incident_notification(struct notification *a, const struct incident *i, const struct journal_entry *en);

#endif
