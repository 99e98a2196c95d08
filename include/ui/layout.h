/* Where the panes lie on a screen of a given size. Pure arithmetic. */
#ifndef UI_LAYOUT_H
#define UI_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#define LAYOUT_MIN_ROWS    8 /* of the whole screen; below, nothing but a sentence fits */
#define LAYOUT_MIN_COLUMNS 40
#define LAYOUT_MAX_PANES   7

/* A pane with its frame. Neighbours share the line between them; the last line may lie one row below the body, where
 * there is no room for it. Inside is what the frame leaves. */
struct pane_box {
	int row, column, rows, columns;
	bool shown;  /* false: no room, or another pane is zoomed */
	bool folded; /* only its title line */
};

/* Places the panes with these numbers (1-7) into a body; focus is an index into numbers. Fills boxes[0..n-1]. */
void layout_make(int rows, int columns, const int *numbers, size_t n, size_t focus, bool zoom, struct pane_box *boxes);

#endif
