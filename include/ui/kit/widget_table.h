/* A table on the screen: columns that make the best of the width, a cursor that stays on its
 * object, sorting, filtering, scrolling. Formats only the rows it shows; keeps its order of rows
 * until the rows, the order or the filter change. UI thread. */
#ifndef UI_KIT_WIDGET_TABLE_H
#define UI_KIT_WIDGET_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"
#include "ui/kit/view.h"

#define WIDGET_COLUMNS 24

enum widget_flag {
	WIDGET_RIGHT = 1 << 0,   /* numbers */
	WIDGET_ZOOMED = 1 << 1,  /* only when the view has the whole screen */
	WIDGET_PANE = 1 << 2,    /* only when it has not */
	WIDGET_WHOLE = 1 << 3,   /* as wide as it needs or min, nothing between */
	WIDGET_FALLING = 1 << 4, /* sorts largest first at the first press */
	WIDGET_FIXED = 1 << 5,   /* no order to sort by */
	WIDGET_IF_ANY = 1 << 6,  /* only when a cell says something */
	WIDGET_NAME = 1 << 7     /* cut in the middle: names differ at their ends, too */
};

struct widget_column {
	const char *heading; /* N_() key */
	const char *brief;   /* N_() key: the heading where it does not fit; NULL: it is cut */
	int min;             /* columns it never has less than, if it is shown */
	/* With these (or with what its content needs) it is content: below, it rather vanishes. */
	int enough;
	int max;  /* never more, but for flex */
	int flex; /* its share of what is left over */
	/* 0 stays; the highest vanishes first where it is narrow, and grows last */
	int rank;
	unsigned flags; /* enum widget_flag */
};

struct widget_cell {
	char text[400];
	enum role role; /* ROLE_TEXT becomes the row's */
};

/* What a cell is made from. */
struct widget_ask {
	const struct snapshot *snapshot;
	const struct view_look *look;
	void *context; /* as in widget_table_new */
	int room;      /* columns it will get; INT_MAX while measuring */
};

/* What makes a row itself whatever its place: borrowed; b may be "". */
struct widget_key {
	const char *a, *b;
};

/* All const, one per kind of table. */
struct widget_table_ops {
	const struct widget_column *columns;
	int n;
	bool newest_first; /* a cursor on the first row stays on the first row */
	void (*cell)(
		const void *row, int column, const struct widget_ask *ask, struct widget_cell *out);
	/* By a column, or the table's own order for column -1; equal rows keep the order they came
	 * in. */
	int (*compare)(const void *a, const void *b, int column, const struct widget_ask *ask);
	struct widget_key (*key)(const void *row);
	bool (*match)(const void *row, const char *needle); /* ASCII case folded */
};

/* Where the rows are: a table, or an array inside the snapshot. */
struct widget_rows {
	const struct table *table;
	const void *array;
	size_t n, size; /* of the array */
	uint64_t stamp; /* whatever else the order depends on: another value sorts again */
};

enum widget_did { WIDGET_NOTHING, WIDGET_HANDLED, WIDGET_ENTER };

struct widget_table;

struct widget_table *widget_table_new(const struct widget_table_ops *ops, void *context);
void widget_table_free(struct widget_table *w);

/* Takes note of the rows of this snapshot; before everything below. The rows stay borrowed until
 * the next call. */
void widget_table_rows(struct widget_table *w, const struct widget_rows *rows,
	const struct snapshot *s, const struct view_look *look);
/* stale: not live. empty: the sentence shown where there is no row. */
void widget_table_draw(struct widget_table *w, const struct snapshot *s,
	const struct view_look *look, struct canvas *c, bool stale, const char *empty);
enum widget_did widget_table_act(struct widget_table *w, const struct action *a);
const void *widget_table_selected(const struct widget_table *w); /* NULL when there is no row */
int widget_by_number(int64_t a, int64_t b);                      /* for compare: smaller first */
size_t widget_table_shown(const struct widget_table *w);         /* rows that match the filter */

#endif
