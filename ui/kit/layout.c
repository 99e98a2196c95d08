/* The arrangement of the panes: const tables of bands for a wide screen, and two simpler ways where
 * that does not fit (one column with all but the focused pane folded to its title, and the focused
 * pane alone). A pane that does not exist leaves its place to its neighbours, so a new one needs no
 * more than its number in a table. */
#include "ui/kit/layout.h"

#include <string.h>

#define LOW_ROWS     26 /* a body with fewer does without the last line of the frame */
#define WIDE_ROWS    15
#define WIDE_COLUMNS 72
#define FIRST_LEAST  40
#define OUTER_LEAST  23
#define FOLD_INSIDE  4 /* rows the open pane needs for folding to be worth it */

struct band {
	int panes[4]; /* from left to right, 0 ends */
	int weight;
	int least, most; /* rows with one of its two lines */
	int second;      /* columns the second of two panes needs to say all: beyond half, as far as
			    the first keeps FIRST_LEAST */
	int middle;      /* and the middle of three, beyond a third: as far as the outer ones keep
			    OUTER_LEAST */
};

static const struct band wide[] = {
	{{1, 3}, 3, 3, 1000, 0, 0},
	{{2, 4}, 3, 3, 1000, 0, 0},
	{{5, 6, 7}, 2, 6, 10, 96, 44},
};

#define BANDS (sizeof(wide) / sizeof(wide[0]))

static int index_of(const struct layout *l, int number)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->numbers[i] == number)
			return (int)i;
	return -1;
}

static int panes_in(const struct layout *l, const struct band *b)
{
	int count = 0;

	for (size_t i = 0; i < 4 && b->panes[i] != 0; i++)
		count += index_of(l, b->panes[i]) >= 0;
	return count;
}

static int between(int least, int v, int most)
{
	return v < least ? least : v > most ? most : v;
}

/* The band to take a row from or give one to: that which has most or least for its weight, and no
 * band below its least while another is above. */
static size_t pick_band(const int height[BANDS], int step, bool below_least)
{
	size_t pick = BANDS;

	for (size_t i = 0; i < BANDS; i++) {
		int to = height[i] + step;

		if (height[i] == 0 || to > wide[i].most || to < (below_least ? 1 : wide[i].least))
			continue;
		if (pick == BANDS ||
			(height[i] * wide[pick].weight - height[pick] * wide[i].weight) * step < 0)
			pick = i;
	}
	return pick;
}

/* Heights of the bands that have panes, 0 for the others: by weight and within their limits. */
static void band_heights(const struct layout *l, int rows, int height[BANDS])
{
	int weights = 0, left = rows, step;
	size_t pick;

	for (size_t i = 0; i < BANDS; i++) {
		height[i] = panes_in(l, &wide[i]) > 0 ? wide[i].weight : 0;
		weights += height[i];
	}
	for (size_t i = 0; i < BANDS && weights > 0; i++) {
		if (height[i] > 0)
			height[i] =
				between(wide[i].least, rows * height[i] / weights, wide[i].most);
		left -= height[i];
	}
	for (; left != 0; left -= step) {
		step = left > 0 ? 1 : -1;
		pick = pick_band(height, step, false);
		if (pick == BANDS)
			pick = pick_band(height, step, true);
		if (pick == BANDS)
			return;
		height[pick] += step;
	}
}

/* How much more than a third the middle pane takes. */
static int middle_extra(const struct layout *l, const struct band *b)
{
	int all = l->columns - 1, own = 2 * all / 3 - all / 3 + 1;

	return between(0, b->middle - own, l->columns + 2 - 2 * OUTER_LEAST - own);
}

/* Where the wall stands that the place-th pane of `count` begins at. */
static int wall_of(const struct layout *l, const struct band *b, int place, int count)
{
	int wall = place * (l->columns - 1) / count, wish = l->columns - b->second;

	if (count == 3 && place == 1)
		return wall - middle_extra(l, b) / 2;
	if (count == 3 && place == 2)
		return wall + (middle_extra(l, b) + 1) / 2;
	if (count != 2 || place != 1 || b->second == 0)
		return wall;
	return between(0, wish > FIRST_LEAST ? wish : FIRST_LEAST, wall);
}

static void place_band(
	const struct layout *l, const struct band *b, int row, int rows, struct pane_box *boxes)
{
	int count = panes_in(l, b), place = 0;

	for (size_t i = 0; i < 4 && b->panes[i] != 0 && count > 0; i++) {
		int at = index_of(l, b->panes[i]), from, to;

		if (at < 0)
			continue;
		from = wall_of(l, b, place, count);
		to = wall_of(l, b, place + 1, count);
		boxes[at] = (struct pane_box){row, from, rows + 1, to - from + 1, true, false};
		place++;
	}
}

static void place_wide(const struct layout *l, int rows, struct pane_box *boxes)
{
	int height[BANDS], row = 0;

	band_heights(l, rows - 1, height);
	for (size_t i = 0; i < BANDS; i++) {
		if (height[i] > 0)
			place_band(l, &wide[i], row, height[i], boxes);
		row += height[i];
	}
}

static void place_folded(const struct layout *l, int rows, struct pane_box *boxes)
{
	int row = 0, open = rows - 1 - (int)(l->n - 1);

	for (size_t i = 0; i < l->n; i++) {
		int height = i == l->focus ? open : 1;

		boxes[i] = (struct pane_box){row, 0, height + 1, l->columns, true, i != l->focus};
		row += height;
	}
}

void layout_make(const struct layout *l, struct pane_box *boxes)
{
	int rows = l->rows < LOW_ROWS ? l->rows + 1 : l->rows;

	memset(boxes, 0, l->n * sizeof(*boxes));
	if (l->n == 0)
		return;
	if (!l->zoom && rows >= WIDE_ROWS && l->columns >= WIDE_COLUMNS)
		place_wide(l, rows, boxes);
	else if (!l->zoom && rows - (int)l->n >= FOLD_INSIDE + 1)
		place_folded(l, rows, boxes);
	else
		boxes[l->focus] = (struct pane_box){0, 0, rows, l->columns, true, false};
}
