/* A page that scrolls.
 *
 * There is no document in memory: the view writes its page from the snapshot each time, on a canvas
 * whose window shows a part of it. The number of lines is known when the page is written; if the
 * window then lies beyond the end (the page got shorter), it is moved and the page written once
 * more. */
#include "ui/kit/widget_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/kit/match.h"

#define TWO_PAIRS_FROM   70 /* columns from which two pairs share a line */
#define THREE_PAIRS_FROM 150
#define NAME_COLUMNS     16
#define BAR_COLUMNS      30
#define TABLE_COLUMNS    12

struct widget_text {
	int top, lines, height;
};

struct pen {
	struct canvas *c;
	int y;     /* row on the canvas; negative above the window */
	int lines; /* written so far */
	int pairs; /* on the present line */
};

struct widget_text *widget_text_new(void)
{
	return mem_new(struct widget_text);
}

void widget_text_free(struct widget_text *t)
{
	free(t);
}

static int last_top(const struct widget_text *t)
{
	return t->lines > t->height ? t->lines - t->height : 0;
}

static void write_page(
	struct widget_text *t, struct canvas *c, void (*write)(struct pen *, void *), void *context)
{
	struct pen p = {c, -t->top, 0, 0};

	canvas_clear(c);
	write(&p, context);
	t->lines = p.lines;
}

static void draw_thumb(const struct widget_text *t, struct canvas *c)
{
	int length, at;

	if (t->lines <= t->height || t->height < 2)
		return;
	length = t->height * t->height / t->lines;
	length = length < 1 ? 1 : length;
	at = t->top * (t->height - length) / last_top(t);
	for (int i = 0; i < length; i++)
		canvas_char(c, at + i, c->width - 1, ROLE_DIM, 0x2590, '#');
}

void widget_text_draw(struct widget_text *t, struct canvas *c, const struct view_look *look,
	void (*write)(struct pen *p, void *context), void *context)
{
	t->height = c->height;
	write_page(t, c, write, context);
	if (t->top > last_top(t)) {
		t->top = last_top(t);
		write_page(t, c, write, context);
	}
	for (int y = 0; y < c->height; y++)
		match_paint(c, y, 1, c->width - 2, look->filter);
	draw_thumb(t, c);
}

bool widget_text_act(struct widget_text *t, const struct action *a)
{
	int page = t->height > 1 ? t->height - 1 : 1, to = t->top;

	switch ((int)a->id) {
	case ACTION_UP:
		to--;
		break;
	case ACTION_DOWN:
		to++;
		break;
	case ACTION_PAGE_UP:
		to -= page;
		break;
	case ACTION_PAGE_DOWN:
		to += page;
		break;
	case ACTION_TOP:
		to = 0;
		break;
	case ACTION_BOTTOM:
		to = last_top(t);
		break;
	default:
		return false;
	}
	t->top = to < 0 ? 0 : to > last_top(t) ? last_top(t) : to;
	return true;
}

/* The pen. */

static int pen_width(const struct pen *p)
{
	return p->c->width - 2;
}

/* Ends a line that pairs began; gives the row of a new line. */
static int new_line(struct pen *p)
{
	if (p->pairs > 0)
		p->y++;
	p->pairs = 0;
	p->lines++;
	return p->y++;
}

void pen_blank(struct pen *p)
{
	new_line(p);
}

void pen_section(struct pen *p, const char *title)
{
	int y;

	if (p->lines > 0)
		new_line(p);
	y = new_line(p);
	canvas_put(p->c, y, 1, pen_width(p), ROLE_TITLE, title);
}

/* Chinese has no blanks: a line may end beside a wide character, but neither before what closes a
 * clause nor after what opens one. */
static bool may_break(const char *s, size_t at)
{
	static const char closes[] = "，。：；、）”！？", opens[] = "（“";
	size_t before = at;
	uint32_t left, right;
	char mark[5] = "";

	if (s[at] == ' ')
		return true;
	while (before > 0 && (s[--before] & 0xC0) == 0x80)
		;
	text_next(s + before, at - before, &left);
	text_next(s + at, strlen(s + at), &right);
	if (text_char_width(right) < 1 || (text_char_width(left) < 2 && text_char_width(right) < 2))
		return false;
	mark[text_put(mark, right)] = '\0';
	if (strstr(closes, mark) != NULL)
		return false;
	mark[text_put(mark, left)] = '\0';
	return strstr(opens, mark) == NULL;
}

/* The bytes of the next line: as many whole words as fit, or what fits of one. */
static size_t line_bytes(const char *s, int room)
{
	size_t fit = text_fit(s, room), n = fit;

	if (s[fit] == '\0')
		return fit;
	while (n > 0 && ((s[n] & 0xC0) == 0x80 || !may_break(s, n)))
		n--;
	return n > 0 ? n : fit;
}

/* Wraps text from column x on; the first line is already begun at row y. */
static void put_wrapped(struct pen *p, int y, int x, enum role role, const char *text)
{
	char safe[4096], line[4096];
	int room = pen_width(p) + 1 - x;
	const char *s = safe;

	text_safe(safe, sizeof(safe), text, strlen(text));
	if (room < 4)
		return;
	for (;;) {
		size_t n = line_bytes(s, room);

		if (n == 0)
			break;
		memcpy(line, s, n);
		line[n] = '\0';
		canvas_put(p->c, y, x, room, role, line);
		s += n;
		while (*s == ' ')
			s++;
		if (*s == '\0')
			break;
		y = new_line(p);
	}
}

void pen_text(struct pen *p, enum role role, const char *text)
{
	int y = new_line(p);

	put_wrapped(p, y, 1, role, text);
}

static void put_name(struct pen *p, int y, int x, const char *name)
{
	canvas_put(p->c, y, x, NAME_COLUMNS - 1, ROLE_DIM, name);
}

static int safe_width(const char *text)
{
	char safe[2048];

	text_safe(safe, sizeof(safe), text, strlen(text));
	return text_width(safe);
}

/* A value too wide for its share of the line gets a line of its own. */
void pen_pair(struct pen *p, const char *name, enum role role, const char *fmt, ...)
{
	int width = pen_width(p), per_line = width >= THREE_PAIRS_FROM ? 3
					     : width >= TWO_PAIRS_FROM ? 2
								       : 1;
	int share = width / per_line, x, room = share - NAME_COLUMNS - (per_line > 1 ? 2 : 0);
	char value[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(value, sizeof(value), fmt, args);
	va_end(args);
	if (per_line > 1 && safe_width(value) > room) {
		pen_wide_pair(p, name, role, value);
		return;
	}
	if (p->pairs == 0)
		p->lines++;
	x = 1 + p->pairs * share;
	put_name(p, p->y, x, name);
	canvas_put(p->c, p->y, x + NAME_COLUMNS, room, role, value);
	p->pairs = (p->pairs + 1) % per_line;
	if (p->pairs == 0)
		p->y++;
}

void pen_wide_pair(struct pen *p, const char *name, enum role role, const char *value)
{
	int y = new_line(p);

	put_name(p, y, 1, name);
	put_wrapped(p, y, 1 + NAME_COLUMNS, role, value);
}

void pen_bar(struct pen *p, const char *name, int permille, enum role role, const char *words)
{
	int y = new_line(p), x = 1 + NAME_COLUMNS;

	put_name(p, y, 1, name);
	if (permille >= 0) {
		canvas_bar(p->c, y, x, BAR_COLUMNS, permille, role == ROLE_TEXT ? ROLE_BAR : role);
		x += BAR_COLUMNS + 2;
	}
	canvas_put(p->c, y, x, pen_width(p) + 1 - x, role, words);
}

void pen_spark(struct pen *p, const char *name, const struct history *h, const char *words)
{
	int y = new_line(p), x = 1 + NAME_COLUMNS;
	int columns = pen_width(p) - NAME_COLUMNS - 10;

	if (columns > HISTORY_SLOTS)
		columns = HISTORY_SLOTS;
	put_name(p, y, 1, name);
	if (columns > 0) {
		canvas_spark(p->c, y, x, columns, h->at, HISTORY_SLOTS);
		x += columns + 2;
	}
	canvas_put(p->c, y, x, pen_width(p) + 1 - x, ROLE_TEXT, words);
}

/* Small tables. */

static int cell_width(const struct widget_cell *cell)
{
	char safe[2 * sizeof(cell->text)];

	text_safe(safe, sizeof(safe), cell->text, strlen(cell->text));
	return text_width(safe);
}

static void measure(const struct pen_table *t, int *width, int room)
{
	for (int i = 0; i < t->columns; i++) {
		width[i] = text_width(gettext(t->headings[i]));
		for (size_t r = 0; r < t->rows; r++) {
			struct widget_cell cell = {"", ROLE_TEXT};
			int w;

			t->cell(t->context, r, i, &cell);
			w = cell_width(&cell);
			width[i] = w > width[i] ? w : width[i];
		}
		if (width[i] > room / 2)
			width[i] = room / 2;
	}
}

static void put_cell(
	struct canvas *c, int y, int x, int room, bool right, const struct widget_cell *cell)
{
	if (right)
		canvas_right(c, y, x + room, room, cell->role, cell->text);
	else
		canvas_put(c, y, x, room, cell->role, cell->text);
}

/* One line of the table; row SIZE_MAX is the headings. */
static void put_table_row(struct pen *p, const struct pen_table *t, const int *width, size_t row)
{
	int y = new_line(p), x = 1;

	if (y < 0 || y >= p->c->height)
		return;
	for (int i = 0; i < t->columns && x <= pen_width(p); i++) {
		struct widget_cell cell = {"", ROLE_TEXT};
		int room = pen_width(p) + 1 - x;

		if (i + 1 < t->columns && width[i] < room)
			room = width[i];
		if (row == SIZE_MAX) {
			snprintf(cell.text, sizeof(cell.text), "%s", gettext(t->headings[i]));
			cell.role = ROLE_HEADING;
		} else {
			t->cell(t->context, row, i, &cell);
		}
		put_cell(p->c, y, x, room, (t->right >> i & 1) != 0 && i + 1 < t->columns, &cell);
		x += room + 2;
	}
}

void pen_table(struct pen *p, const struct pen_table *t)
{
	int width[TABLE_COLUMNS] = {0};

	measure(t, width, pen_width(p));
	put_table_row(p, t, width, SIZE_MAX);
	for (size_t r = 0; r < t->rows; r++)
		put_table_row(p, t, width, r);
}
