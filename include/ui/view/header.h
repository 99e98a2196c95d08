/* The header above every view. */
#ifndef UI_VIEW_HEADER_H
#define UI_VIEW_HEADER_H

#include "model/snapshot.h"
#include "ui/kit/canvas.h"

/* Two to five lines at the top of the screen. Gives how many it painted. */
int header_draw(const struct snapshot *s, struct canvas *c, struct instant now);

#endif
