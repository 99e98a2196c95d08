/* Folding one entry; the room of ops/incidents.c alone. */
#ifndef OPS_INCIDENT_FOLD_H
#define OPS_INCIDENT_FOLD_H

#include "model/incident.h"
#include "ops/journal/journal.h"

void incident_fold(struct incident *i, const struct journal_entry *en);

#endif
