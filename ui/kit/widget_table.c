/* A table on the screen.
 *
 * It keeps an index, pointers to the snapshot's rows in the order shown, and makes it anew only
 * when the table's generation, the stamp, the order or the filter changed. Painting touches the
 * visible rows alone: they are formatted twice, once to measure and once to paint, which is still a
 * few hundred cells.
 *
 * Widths: every column first gets its minimum, the least important ones vanishing until those fit;
 * then the columns grow to their content, important ones first; what is left goes to the flexible
 * ones. A measured width is kept for a while, so columns do not jump while scrolling.
 *
 * The cursor remembers its object's key. When rows move it goes with the object, and the rows
 * around it keep their place on the screen; when the object is gone it stays where it was. Until it
 * is first moved it stays on the first row. */
#include "ui/kit/widget_table.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "ui/kit/match.h"

#define FORGET_MS     10000 /* a width that content needed is kept so long */
#define WIDE_FROM     60    /* columns from which there is room for wider gaps */
#define DEFAULT_ORDER (-1)

struct entry {
	const void *row;
	size_t at; /* position in the source: settles ties */
};

struct order {
	int column;
	bool reverse;
};

struct widget_table {
	const struct widget_table_ops *ops;
	void *context;
	struct entry *index;
	size_t n, room;
	/* what the index was made from */
	bool made;
	const struct table *table;
	uint64_t generation, stamp;
	struct order order, made_order;
	char filter[128];
	/* the cursor */
	size_t cursor, top;
	bool moved;
	char key_a[256], key_b[256];
	/* the layout */
	int content[WIDGET_COLUMNS], width[WIDGET_COLUMNS]; /* measured; given, 0: not shown */
	int laid_width, shift, height;
	struct instant laid_at;
	bool laid_zoomed, more, stale;
	int gap;
};

struct widget_table *widget_table_new(const struct widget_table_ops *ops, void *context)
{
	struct widget_table *w = mem_new(struct widget_table);

	w->ops = ops;
	w->context = context;
	w->order.column = DEFAULT_ORDER;
	w->height = 10;
	return w;
}

void widget_table_free(struct widget_table *w)
{
	if (w == NULL)
		return;
	free(w->index);
	free(w);
}

/* The index. */

struct sorting {
	const struct widget_table *w;
	const struct widget_ask *ask;
};

static int compare_entries(const void *a, const void *b, void *context)
{
	const struct sorting *s = context;
	const struct entry *x = a, *y = b;
	int order = s->w->ops->compare(x->row, y->row, s->w->order.column, s->ask);

	if (order != 0)
		return s->w->order.reverse ? -order : order;
	return (x->at > y->at) - (x->at < y->at);
}

static void index_add(struct widget_table *w, const void *row, size_t at)
{
	if (w->filter[0] != '\0' && !w->ops->match(row, w->filter))
		return;
	if (w->n == w->room) {
		w->room = w->room != 0 ? w->room * 2 : 64;
		w->index = mem_grow(w->index, w->room, sizeof(*w->index));
	}
	w->index[w->n++] = (struct entry){row, at};
}

static void index_make(
	struct widget_table *w, const struct widget_rows *rows, const struct widget_ask *ask)
{
	struct sorting sorting = {w, ask};
	size_t at = 0;

	w->n = 0;
	if (rows->table != NULL) {
		struct table_walk walk = table_walk(rows->table);
		for (const void *row; (row = table_next(&walk)) != NULL; at++)
			index_add(w, row, at);
	} else {
		for (; at < rows->n; at++)
			index_add(w, (const char *)rows->array + at * rows->size, at);
	}
	if (w->n > 1)
		qsort_r(w->index, w->n, sizeof(*w->index), compare_entries, &sorting);
	w->made = true;
	w->table = rows->table;
	w->generation = rows->table != NULL ? table_generation(rows->table) : 0;
	w->stamp = rows->stamp;
	w->made_order = w->order;
}

static bool index_is_current(
	const struct widget_table *w, const struct widget_rows *rows, const char *filter)
{
	return w->made && rows->table != NULL && w->generation == table_generation(rows->table) &&
	       w->stamp == rows->stamp && w->made_order.column == w->order.column &&
	       w->made_order.reverse == w->order.reverse && strcmp(w->filter, filter) == 0;
}

/* The cursor. */

static void cursor_remember(struct widget_table *w)
{
	struct widget_key k = {"", ""};

	if (w->n > 0)
		k = w->ops->key(w->index[w->cursor].row);
	str_copy(w->key_a, sizeof(w->key_a), k.a);
	str_copy(w->key_b, sizeof(w->key_b), k.b);
}

static bool is_at(const struct widget_table *w, size_t i)
{
	struct widget_key k = w->ops->key(w->index[i].row);

	return strcmp(w->key_a, k.a) == 0 && strcmp(w->key_b, k.b) == 0;
}

/* After the rows changed: finds the object again. */
static void cursor_follow(struct widget_table *w)
{
	size_t old = w->cursor, found = w->n;

	if (!w->moved)
		w->cursor = w->top = 0;
	for (size_t i = 0; w->moved && i < w->n && found == w->n; i++)
		if (is_at(w, i))
			found = i;
	if (found < w->n) {
		w->cursor = found;
		w->top = w->top + found > old ? w->top + found - old : 0;
	} else if (w->cursor >= w->n) {
		w->cursor = w->n > 0 ? w->n - 1 : 0;
	}
	if (w->n > 0)
		cursor_remember(w);
}

static void cursor_set(struct widget_table *w, size_t to)
{
	w->cursor = w->n == 0 ? 0 : to >= w->n ? w->n - 1 : to;
	w->moved = !(w->ops->newest_first && w->cursor == 0);
	cursor_remember(w);
}

static void cursor_show(struct widget_table *w)
{
	size_t h = w->height > 0 ? (size_t)w->height : 1;

	if (w->cursor < w->top)
		w->top = w->cursor;
	if (w->cursor >= w->top + h)
		w->top = w->cursor - h + 1;
	if (w->top + h > w->n)
		w->top = w->n > h ? w->n - h : 0;
}

void widget_table_rows(struct widget_table *w, const struct widget_rows *rows,
	const struct snapshot *s, const struct view_look *look)
{
	const char *filter = look->filter != NULL ? look->filter : "";
	const struct widget_ask ask = {s, look, w->context, 0};

	if (index_is_current(w, rows, filter))
		return;
	str_copy(w->filter, sizeof(w->filter), filter);
	index_make(w, rows, &ask);
	cursor_follow(w);
}

/* The layout. */

static bool is_candidate(const struct widget_table *w, int i)
{
	const struct widget_column *col = &w->ops->columns[i];

	if ((col->flags & (w->laid_zoomed ? WIDGET_PANE : WIDGET_ZOOMED)) != 0)
		return false;
	return (col->flags & WIDGET_IF_ANY) == 0 || w->content[i] > 0;
}

static const char *heading_of(const struct widget_table *w, int i, int room)
{
	const struct widget_column *col = &w->ops->columns[i];
	const char *text = gettext(col->heading);

	if (col->brief == NULL || text_width(text) <= room)
		return text;
	return col->brief[0] != '\0' ? gettext(col->brief)
				     : ""; /* gettext("") is the catalogue's header */
}

static void measure(struct widget_table *w, const struct widget_ask *ask, int i)
{
	for (size_t r = w->top; r < w->n && r < w->top + (size_t)w->height; r++) {
		struct widget_cell cell = {"", ROLE_TEXT};
		char safe[2 * sizeof(cell.text)];
		int width;

		w->ops->cell(w->index[r].row, i, ask, &cell);
		text_safe(safe, sizeof(safe), cell.text, strlen(cell.text));
		width = text_width(safe);
		w->content[i] = width > w->content[i] ? width : w->content[i];
	}
}

/* What column i needs to show its content below a heading cut to `heading` columns. */
static int need(const struct widget_table *w, int i, int heading)
{
	const struct widget_column *col = &w->ops->columns[i];
	int width = text_width(heading_of(w, i, heading)) + (w->order.column == i);

	if (w->content[i] > width)
		width = w->content[i];
	return width < col->min ? col->min : width > col->max ? col->max : width;
}

/* What column i comes in with. The first names the rows: it may have a third of the room. */
static int ticket(const struct widget_table *w, int i)
{
	int width = need(w, i, 0), enough = w->ops->columns[i].enough;

	if ((w->ops->columns[i].flags & WIDGET_WHOLE) != 0)
		return w->ops->columns[i].min;
	if (i == 0 && enough < w->laid_width / 3)
		enough = w->laid_width / 3;
	return width > enough ? enough : width;
}

static int used_width(const struct widget_table *w)
{
	int sum = -w->gap;

	for (int i = 0; i < w->ops->n; i++)
		if (w->width[i] > 0)
			sum += w->width[i] + w->gap;
	return sum;
}

/* Lets column i in if there is room. */
static void admit(struct widget_table *w, int i, int room)
{
	const struct widget_column *col = &w->ops->columns[i];
	int left = room - used_width(w) - w->gap, width = ticket(w, i);

	if (width > left && col->rank == 0)
		width = col->min;
	if (width <= left)
		w->width[i] = width;
	else
		w->more = w->laid_zoomed;
}

static void grow_to(struct widget_table *w, int i, int width, int room)
{
	int left = room - used_width(w), more = width - w->width[i];

	if (w->width[i] == 0 || more <= 0)
		return;
	if (more > left)
		more = w->ops->columns[i].flags & WIDGET_WHOLE ? 0 : left;
	w->width[i] += more > 0 ? more : 0;
}

static void choose_columns(struct widget_table *w, int room)
{
	memset(w->width, 0, sizeof(w->width));
	w->more = false;
	w->width[0] = w->ops->columns[0].min < room ? w->ops->columns[0].min : room;
	if (w->shift > 0) { /* sideways: in their order, the first stays */
		grow_to(w, 0, ticket(w, 0), room);
		for (int i = 1, skip = w->shift; i < w->ops->n && !w->more; i++)
			if (is_candidate(w, i) && skip-- <= 0)
				admit(w, i, room);
		return;
	}
	for (int rank = 0; rank < WIDGET_COLUMNS; rank++) {
		for (int i = 1; i < w->ops->n; i++)
			if (w->ops->columns[i].rank == rank && is_candidate(w, i))
				admit(w, i, room);
		if (rank == 0)
			grow_to(w, 0, ticket(w, 0), room);
	}
}

static void grow_columns(struct widget_table *w, int room)
{
	int flex = 0, left;

	for (int rank = 0; rank < WIDGET_COLUMNS; rank++)
		for (int i = 0; i < w->ops->n; i++)
			if (w->ops->columns[i].rank == rank)
				grow_to(w, i, need(w, i, INT_MAX), room);
	for (int i = 0; i < w->ops->n; i++)
		flex += w->width[i] > 0 ? w->ops->columns[i].flex : 0;
	left = room - used_width(w);
	for (int i = 0; i < w->ops->n && flex > 0 && left > 0; i++)
		if (w->width[i] > 0)
			w->width[i] += left * w->ops->columns[i].flex / flex;
}

static void lay_out(struct widget_table *w, const struct widget_ask *ask, int room)
{
	bool zoomed = ask->look->zoomed;

	if (w->laid_width != room || w->laid_zoomed != zoomed ||
		ask->look->now.boot_ms - w->laid_at.boot_ms > FORGET_MS) {
		memset(w->content, 0, sizeof(w->content));
		w->laid_at = ask->look->now;
		w->shift = w->laid_zoomed != zoomed ? 0 : w->shift;
		w->laid_width = room;
		w->laid_zoomed = zoomed;
	}
	for (int i = 0; i < w->ops->n; i++)
		measure(w, ask, i);
	choose_columns(w, room);
	grow_columns(w, room);
}

/* Painting. */

/* One heading, with an arrow when the rows are sorted by its column. */
static void draw_column(const struct widget_table *w, struct canvas *c, int i, int x)
{
	bool right = (w->ops->columns[i].flags & WIDGET_RIGHT) != 0, sorted = w->order.column == i;
	int room = w->width[i] - sorted, used, at;
	const char *text = heading_of(w, i, room);

	used = text_width(text) < room ? text_width(text) : room;
	at = right ? x + room - used : x;
	canvas_put(c, 0, at, used, ROLE_HEADING, text);
	if (sorted && w->order.reverse)
		canvas_char(c, 0, at + used, ROLE_ACCENT, 0x2193, 'v');
	else if (sorted)
		canvas_char(c, 0, at + used, ROLE_ACCENT, 0x2191, '^');
}

static void draw_heading(const struct widget_table *w, struct canvas *c)
{
	int x = 1;

	for (int i = 0; i < w->ops->n; i++) {
		if (w->width[i] == 0)
			continue;
		draw_column(w, c, i, x);
		x += w->width[i] + w->gap;
	}
	if (w->shift > 0)
		canvas_char(c, 0, 0, ROLE_ACCENT, 0x2039, '<');
	if (w->more)
		canvas_char(c, 0, c->width - 1, ROLE_ACCENT, 0x203A, '>');
}

static void draw_row(const struct widget_table *w, const void *row, struct widget_ask *ask,
	struct canvas *c, int y)
{
	int x = 1;

	for (int i = 0; i < w->ops->n; i++) {
		struct widget_cell cell = {"", ROLE_TEXT};
		enum role role;

		ask->room = w->width[i];
		if (ask->room == 0)
			continue;
		w->ops->cell(row, i, ask, &cell);
		role = w->stale ? ROLE_STALE
				: cell.role; /* what is old keeps its words but not its colours */
		if (w->ops->columns[i].flags & WIDGET_RIGHT)
			canvas_right(c, y, x + ask->room, ask->room, role, cell.text);
		else if (w->ops->columns[i].flags & WIDGET_NAME)
			canvas_name(c, y, x, ask->room, role, cell.text);
		else
			canvas_put(c, y, x, ask->room, role, cell.text);
		x += ask->room + w->gap;
	}
	match_paint(c, y, 1, c->width - 2, w->filter);
}

/* Troubles keep their colour under the cursor, reversed; everything else takes the cursor's. */
static void draw_cursor(struct canvas *c, int y)
{
	for (int x = 0; x < c->width; x++) {
		const struct cell *at = canvas_at(c, y, x);

		if (at != NULL &&
			(at->role == ROLE_BAD || at->role == ROLE_WARN || at->role == ROLE_MATCH))
			canvas_attr(c, y, x, 1, CELL_REVERSE, true);
		else
			canvas_role(c, y, x, 1, ROLE_SELECTED);
	}
}

/* Where one is in a long list. */
static void draw_thumb(const struct widget_table *w, struct canvas *c)
{
	size_t h = (size_t)w->height, length, at;

	if (w->height < 2 || w->n <= h)
		return;
	length = h * h / w->n;
	length = length == 0 ? 1 : length;
	at = w->top * (h - length) / (w->n - h);
	for (size_t i = 0; i < length; i++)
		canvas_char(c, 1 + (int)(at + i), c->width - 1, ROLE_DIM, 0x2590, '#');
}

void widget_table_draw(struct widget_table *w, const struct snapshot *s,
	const struct view_look *look, struct canvas *c, bool stale, const char *empty)
{
	struct widget_ask ask = {s, look, w->context, INT_MAX};

	w->gap = c->width >= WIDE_FROM ? 2 : 1;
	w->stale = stale;
	w->height = c->height > 1 ? c->height - 1 : 0;
	cursor_show(w);
	lay_out(w, &ask, c->width - 2);
	draw_heading(w, c);
	for (int y = 0; y < w->height && w->top + (size_t)y < w->n; y++) {
		size_t i = w->top + (size_t)y;

		draw_row(w, w->index[i].row, &ask, c, y + 1);
		if (look->focused && i == w->cursor)
			draw_cursor(c, y + 1);
	}
	draw_thumb(w, c);
	if (w->n == 0)
		canvas_put(c, 1, 1, c->width - 2, ROLE_DIM, empty);
}

/* What the operator does. */

static bool can_sort(const struct widget_table *w, int i)
{
	return w->width[i] > 0 && (w->ops->columns[i].flags & WIDGET_FIXED) == 0;
}

static void sort_by(struct widget_table *w, int column)
{
	w->order.column = column;
	w->order.reverse =
		column != DEFAULT_ORDER && (w->ops->columns[column].flags & WIDGET_FALLING) != 0;
	if (!w->moved)
		w->top = 0;
}

/* Default order, then each column from left to right, then the default again. */
static void sort_next(struct widget_table *w)
{
	int i = w->order.column + 1;

	while (i < w->ops->n && !can_sort(w, i))
		i++;
	sort_by(w, i < w->ops->n ? i : DEFAULT_ORDER);
}

static void scroll_sideways(struct widget_table *w, int by)
{
	if (by > 0 ? !w->more : w->shift == 0)
		return;
	w->shift += by;
}

static enum widget_did click_heading(struct widget_table *w, int column)
{
	int x = 1;

	for (int i = 0; i < w->ops->n; i++) {
		if (w->width[i] == 0)
			continue;
		if (column >= x && column < x + w->width[i] + w->gap && can_sort(w, i)) {
			if (w->order.column == i)
				w->order.reverse = !w->order.reverse;
			else
				sort_by(w, i);
			return WIDGET_HANDLED;
		}
		x += w->width[i] + w->gap;
	}
	return WIDGET_NOTHING;
}

static enum widget_did click(struct widget_table *w, const struct action *a)
{
	size_t i = w->top + (size_t)(a->row - 1);

	if (a->row == 0)
		return click_heading(w, a->column);
	if (a->row < 0 || a->row > w->height || i >= w->n)
		return WIDGET_NOTHING;
	cursor_set(w, i);
	return a->clicks > 1 ? WIDGET_ENTER : WIDGET_HANDLED;
}

enum widget_did widget_table_act(struct widget_table *w, const struct action *a)
{
	size_t page = w->height > 1 ? (size_t)w->height - 1 : 1;

	switch ((int)a->id) {
	case ACTION_UP:
		cursor_set(w, w->cursor > 0 ? w->cursor - 1 : 0);
		break;
	case ACTION_DOWN:
		cursor_set(w, w->cursor + 1);
		break;
	case ACTION_PAGE_UP:
		cursor_set(w, w->cursor > page ? w->cursor - page : 0);
		break;
	case ACTION_PAGE_DOWN:
		cursor_set(w, w->cursor + page);
		break;
	case ACTION_TOP:
		cursor_set(w, 0);
		break;
	case ACTION_BOTTOM:
		cursor_set(w, w->n);
		break;
	case ACTION_LEFT:
		scroll_sideways(w, -1);
		break;
	case ACTION_RIGHT:
		scroll_sideways(w, 1);
		break;
	case ACTION_SORT:
		sort_next(w);
		break;
	case ACTION_SORT_REVERSE:
		w->order.reverse = !w->order.reverse;
		break;
	case ACTION_CLICK:
		return click(w, a);
	case ACTION_ENTER:
		return w->n > 0 ? WIDGET_ENTER : WIDGET_NOTHING;
	default:
		return WIDGET_NOTHING;
	}
	return WIDGET_HANDLED;
}

const void *widget_table_selected(const struct widget_table *w)
{
	return w->n > 0 ? w->index[w->cursor].row : NULL;
}

size_t widget_table_shown(const struct widget_table *w)
{
	return w->n;
}

int widget_by_number(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}
