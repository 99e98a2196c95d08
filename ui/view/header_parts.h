/* Inside the header: shared by ui/header*.c and nobody else. */
#ifndef UI_VIEW_HEADER_PARTS_H
#define UI_VIEW_HEADER_PARTS_H

#include "base/instant.h"
#include "model/snapshot.h"
#include "ui/kit/canvas.h"

/* The line of the incident, or of the one that is proposed. False: there is neither, and nothing
 * was painted. */
bool header_incident(const struct snapshot *s, struct canvas *c, int row, struct instant now);
/* Banners: what keeps the record or the alerts from being what they should. Gives how many lines:
 * two at most, the rest is on the cluster's page. */
int header_troubles(const struct snapshot *s, struct canvas *c, int row, struct instant now);

#endif
