/* Inside the header: shared by ui/header*.c and nobody else. */
#ifndef UI_HEADER_PARTS_H
#define UI_HEADER_PARTS_H

#include "base/instant.h"
#include "model/snapshot.h"
#include "ui/canvas.h"

/* The line of the incident, or of the one that is proposed. False: there is neither, and nothing
 * was painted. */
bool header_incident(const struct snapshot *s, struct canvas *c, int row, struct instant now);
/* The banner of a journal that cannot be written. False: it can. */
bool header_journal(const struct snapshot *s, struct canvas *c, int row, struct instant now);

#endif
