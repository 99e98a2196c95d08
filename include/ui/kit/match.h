/* Makes what a filter found stand out, wherever it was painted. UI thread. */
#ifndef UI_KIT_MATCH_H
#define UI_KIT_MATCH_H

#include "ui/kit/canvas.h"

/* Paints every place in the cells that reads as needle (ASCII case folded) in ROLE_MATCH. "" or
 * NULL does nothing. */
void match_paint(struct canvas *c, int row, int column, int columns, const char *needle);

#endif
