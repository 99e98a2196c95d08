/* Where the panes lie on a screen of a given size. Pure arithmetic. */
#ifndef UI_KIT_LAYOUT_H
#define UI_KIT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#define LAYOUT_MIN_ROWS    8 /* of the whole screen; below, nothing but a sentence fits */
#define LAYOUT_MIN_COLUMNS 40
#define LAYOUT_MAX_PANES   7

/* A pane with its frame. Neighbours share the line between them; the last line may lie one row
 * below the body, where there is no room for it. Inside is what the frame leaves. */
struct pane_box {
	int row, column, rows, columns;
	bool shown;  /* false: no room, or another pane is zoomed */
	bool folded; /* only its title line */
};

struct layout {
	int rows, columns;  /* of the body */
	const int *numbers; /* the panes there are, 1-7 */
	size_t n, focus;    /* focus: an index into numbers */
	bool zoom;          /* the focused pane alone */
};

void layout_make(const struct layout *l, struct pane_box *boxes); /* fills boxes[0..n-1] */

#endif
