/* The arrangement of the panes: const tables of bands for a wide screen, and two simpler ways where
 * that does not fit (one column with all but the focused pane folded to its title, and the focused
 * pane alone). A pane that does not exist leaves its place to its neighbours, so a new one needs no
 * more than its number in a table. */
#include "ui/layout.h"

#include <string.h>

#define LOW_ROWS     26 /* a body with fewer does without the last line of the frame */
#define WIDE_ROWS    15
#define WIDE_COLUMNS 72
#define FOLD_INSIDE  4 /* rows the open pane needs for folding to be worth it */

struct band {
	int panes[4]; /* from left to right, 0 ends */
	int weight;
	int least, most; /* rows with one of its two lines */
};

static const struct band wide[] = {
	{{1, 3}, 3, 3, 1000},
	{{2, 4}, 3, 3, 1000},
	{{5, 6, 7}, 2, 6, 10},
};

#define BANDS (sizeof(wide) / sizeof(wide[0]))

static int index_of(int number, const int *numbers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (numbers[i] == number)
			return (int)i;
	return -1;
}

static int panes_in(const struct band *b, const int *numbers, size_t n)
{
	int count = 0;

	for (size_t i = 0; i < 4 && b->panes[i] != 0; i++)
		count += index_of(b->panes[i], numbers, n) >= 0;
	return count;
}

static int between(int least, int v, int most)
{
	return v < least ? least : v > most ? most : v;
}

/* Heights of the bands that have panes: by weight and within their limits; what is over goes to
 * those that have least for their weight, what is missing is taken from those that have most. */
static void band_heights(int rows, const int *numbers, size_t n, int height[BANDS])
{
	int weights = 0, left = rows;

	for (size_t i = 0; i < BANDS; i++)
		weights += panes_in(&wide[i], numbers, n) > 0 ? wide[i].weight : 0;
	for (size_t i = 0; i < BANDS; i++) {
		height[i] = 0;
		if (panes_in(&wide[i], numbers, n) > 0)
			height[i] = between(
				wide[i].least, rows * wide[i].weight / weights, wide[i].most);
		left -= height[i];
	}
	while (left != 0) {
		int step = left > 0 ? 1 : -1;
		size_t pick = BANDS;

		for (size_t i = 0; i < BANDS; i++) {
			if (height[i] == 0 || height[i] + step > wide[i].most ||
				height[i] + step < 1)
				continue;
			if (pick == BANDS ||
				(height[i] * wide[pick].weight - height[pick] * wide[i].weight) *
						step <
					0)
				pick = i;
		}
		if (pick == BANDS)
			return;
		height[pick] += step;
		left -= step;
	}
}

static void place_band(const struct band *b, int row, int rows, int columns, const int *numbers,
	size_t n, struct pane_box *boxes)
{
	int count = panes_in(b, numbers, n), place = 0;

	for (size_t i = 0; i < 4 && b->panes[i] != 0; i++) {
		int at = index_of(b->panes[i], numbers, n), from, to;

		if (at < 0)
			continue;
		from = place * (columns - 1) / count;
		to = (place + 1) * (columns - 1) / count;
		boxes[at] = (struct pane_box){row, from, rows + 1, to - from + 1, true, false};
		place++;
	}
}

static void place_wide(int rows, int columns, const int *numbers, size_t n, struct pane_box *boxes)
{
	int height[BANDS], row = 0;

	band_heights(rows - 1, numbers, n, height);
	for (size_t i = 0; i < BANDS; i++) {
		if (height[i] > 0)
			place_band(&wide[i], row, height[i], columns, numbers, n, boxes);
		row += height[i];
	}
}

static void place_folded(int rows, int columns, size_t n, size_t focus, struct pane_box *boxes)
{
	int row = 0, open = rows - 1 - (int)(n - 1);

	for (size_t i = 0; i < n; i++) {
		int height = i == focus ? open : 1;

		boxes[i] = (struct pane_box){row, 0, height + 1, columns, true, i != focus};
		row += height;
	}
}

void layout_make(int rows, int columns, const int *numbers, size_t n, size_t focus, bool zoom,
	struct pane_box *boxes)
{
	memset(boxes, 0, n * sizeof(*boxes));
	if (n == 0)
		return;
	if (rows < LOW_ROWS)
		rows++;
	if (!zoom && rows >= WIDE_ROWS && columns >= WIDE_COLUMNS)
		place_wide(rows, columns, numbers, n, boxes);
	else if (!zoom && rows - (int)n >= FOLD_INSIDE + 1)
		place_folded(rows, columns, n, focus, boxes);
	else
		boxes[focus] = (struct pane_box){0, 0, rows, columns, true, false};
}
