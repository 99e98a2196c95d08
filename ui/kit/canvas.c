/* A grid of cells in memory. Everything shown is painted here first: views write text by role into
 * an area, tests print the grid, tty sends it to the terminal. All text from outside passes
 * text_safe on its way in, so nothing past this file can carry an escape sequence. A wide character
 * owns two cells, and no write may leave half of one behind. */
#include "ui/kit/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/kit/theme.h"

#define LINE_BYTES 4096 /* of one safe line: more than a terminal has columns */
#define NAME_END   6    /* columns of a name's end that are kept: "-7vrkv" */
#define DUMP_BYTES ((size_t)16 << 20)

static const struct cell blank = {{' '}, ROLE_TEXT, 0};

struct canvas *canvas_new(int rows, int columns, bool ascii)
{
	struct canvas *c = mem_new(struct canvas);

	c->rows = c->height = rows < 1 ? 1 : rows;
	c->columns = c->width = columns < 1 ? 1 : columns;
	c->ascii = ascii;
	c->cells = mem_zero((size_t)c->rows * (size_t)c->columns, sizeof(*c->cells));
	canvas_clear(c);
	return c;
}

void canvas_free(struct canvas *c)
{
	if (c == NULL)
		return;
	free(c->cells);
	free(c);
}

static struct cell *cell_at(const struct canvas *c, int row, int column)
{
	if (row < 0 || column < 0 || row >= c->height || column >= c->width)
		return NULL;
	return &c->cells[(size_t)(c->top + row) * (size_t)c->columns + (size_t)(c->left + column)];
}

const struct cell *canvas_at(const struct canvas *c, int row, int column)
{
	return cell_at(c, row, column);
}

/* Before a cell is written: if it is half of a wide character, the other half becomes a space.
 * Looks at the grid, not the area: the other half may lie outside. */
static void free_half(const struct canvas *c, struct cell *at, int x)
{
	if (at->c[0] == 0 && x > 0)
		memcpy(at[-1].c, blank.c, sizeof(blank.c));
	else if (x + 1 < c->columns && at[1].c[0] == 0)
		memcpy(at[1].c, blank.c, sizeof(blank.c));
}

static void set(struct canvas *c, int row, int column, enum role role, uint32_t ch)
{
	struct cell *at = cell_at(c, row, column);

	if (at == NULL)
		return;
	free_half(c, at, c->left + column);
	*at = (struct cell){{ch}, (uint8_t)role, 0};
}

/* A wide character that does not fit whole becomes a space. */
static void set_wide(struct canvas *c, int row, int column, enum role role, uint32_t ch)
{
	struct cell *right = cell_at(c, row, column + 1);
	bool whole = right != NULL && cell_at(c, row, column) != NULL;

	set(c, row, column, role, whole ? ch : ' ');
	set(c, row, column + 1, role, ' ');
	if (whole)
		right->c[0] = 0;
}

static void combine(struct canvas *c, int row, int column, uint32_t ch)
{
	struct cell *at = cell_at(c, row, column);

	if (at != NULL && at->c[0] == 0)
		at = cell_at(c, row, column - 1);
	if (at == NULL)
		return;
	for (int i = 1; i < CELL_CHARS; i++) {
		if (at->c[i] != 0)
			continue;
		at->c[i] = ch;
		return;
	}
}

void canvas_clear(struct canvas *c)
{
	for (int row = 0; row < c->height; row++)
		for (int column = 0; column < c->width; column++)
			set(c, row, column, ROLE_TEXT, ' ');
}

struct canvas canvas_area(const struct canvas *c, int row, int column, int rows, int columns)
{
	struct canvas a = *c;

	if (row < 0) {
		rows += row;
		row = 0;
	}
	if (column < 0) {
		columns += column;
		column = 0;
	}
	row = row > c->height ? c->height : row;
	column = column > c->width ? c->width : column;
	a.top = c->top + row;
	a.left = c->left + column;
	a.height = rows > c->height - row ? c->height - row : rows;
	a.width = columns > c->width - column ? c->width - column : columns;
	a.height = a.height < 0 ? 0 : a.height;
	a.width = a.width < 0 ? 0 : a.width;
	return a;
}

/* Writes n bytes of safe text; gives the columns used. */
static int put_safe(struct canvas *c, int row, int column, enum role role, const char *s, size_t n)
{
	int from = column;

	for (size_t i = 0; i < n;) {
		uint32_t ch;
		int w;

		i += text_next(s + i, n - i, &ch);
		w = text_char_width(ch);
		if (w == 0 && column > from) {
			combine(c, row, column - 1, ch);
		} else if (w == 2) {
			set_wide(c, row, column, role, ch);
			column += 2;
		} else if (w != 0) {
			set(c, row, column, role, w < 0 ? '?' : ch);
			column++;
		}
	}
	return column - from;
}

int canvas_put(struct canvas *c, int row, int column, int room, enum role role, const char *text)
{
	char safe[LINE_BYTES];
	size_t len = strnlen(text, sizeof(safe));
	int used;

	if (room < 0 || room > c->width - column)
		room = c->width - column;
	if (room <= 0)
		return 0;
	len = text_safe(safe, sizeof(safe), text, len);
	if (text_width(safe) <= room)
		return put_safe(c, row, column, role, safe, len);
	used = put_safe(c, row, column, role, safe, text_fit(safe, room - 1));
	canvas_char(c, row, column + used, role, 0x2026, '~'); /* … */
	return used + 1;
}

int canvas_name(struct canvas *c, int row, int column, int room, enum role role, const char *name)
{
	char safe[LINE_BYTES];
	int width, end, used;
	size_t tail;

	text_safe(safe, sizeof(safe), name, strnlen(name, sizeof(safe)));
	width = text_width(safe);
	if (room < 0 || room > c->width - column)
		room = c->width - column;
	end = room / 3 > NAME_END ? NAME_END : room / 3;
	if (width <= room || end < 2)
		return canvas_put(c, row, column, room, role, name);
	tail = text_fit(safe, width - end);
	if (text_width(safe + tail) > end) /* a wide character lies across the cut */
		tail += text_fit(safe + tail, 2);
	used = put_safe(c, row, column, role, safe, text_fit(safe, room - 1 - end));
	canvas_char(c, row, column + used++, role, 0x2026, '~');
	return used + put_safe(c, row, column + used, role, safe + tail, strlen(safe + tail));
}

int canvas_fmt(
	struct canvas *c, int row, int column, int room, enum role role, const char *fmt, ...)
{
	char text[LINE_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return canvas_put(c, row, column, room, role, text);
}

int canvas_right(
	struct canvas *c, int row, int end_column, int room, enum role role, const char *text)
{
	char safe[LINE_BYTES];
	int width;

	text_safe(safe, sizeof(safe), text, strnlen(text, sizeof(safe)));
	width = text_width(safe);
	if (room < 0 || room > end_column)
		room = end_column;
	if (width > room)
		width = room;
	return canvas_put(c, row, end_column - width, width, role, text);
}

void canvas_char(struct canvas *c, int row, int column, enum role role, uint32_t ch, char ascii)
{
	if (c->ascii)
		ch = (unsigned char)ascii;
	if (text_char_width(ch) == 2)
		set_wide(c, row, column, role, ch);
	else
		set(c, row, column, role, ch);
}

void canvas_fill(struct canvas *c, int row, int column, int columns, enum role role, char ch)
{
	for (int i = 0; i < columns; i++)
		set(c, row, column + i, role, (unsigned char)ch);
}

void canvas_role(struct canvas *c, int row, int column, int columns, enum role role)
{
	for (int i = 0; i < columns; i++) {
		struct cell *at = cell_at(c, row, column + i);

		if (at != NULL)
			at->role = (uint8_t)role;
	}
}

void canvas_attr(struct canvas *c, int row, int column, int columns, unsigned attr, bool on)
{
	for (int i = 0; i < columns; i++) {
		struct cell *at = cell_at(c, row, column + i);

		if (at != NULL)
			at->attr = (uint8_t)(on ? at->attr | attr : at->attr & ~attr);
	}
}

void canvas_box(struct canvas *c, int row, int column, int rows, int columns, enum role role)
{
	int bottom = row + rows - 1, right = column + columns - 1;

	if (rows < 2 || columns < 2)
		return;
	for (int x = column + 1; x < right; x++) {
		canvas_char(c, row, x, role, 0x2500, '-');
		canvas_char(c, bottom, x, role, 0x2500, '-');
	}
	for (int y = row + 1; y < bottom; y++) {
		canvas_char(c, y, column, role, 0x2502, '|');
		canvas_char(c, y, right, role, 0x2502, '|');
	}
	canvas_char(c, row, column, role, 0x250C, '+');
	canvas_char(c, row, right, role, 0x2510, '+');
	canvas_char(c, bottom, column, role, 0x2514, '+');
	canvas_char(c, bottom, right, role, 0x2518, '+');
}

void canvas_bar(struct canvas *c, int row, int column, int columns, int permille, enum role role)
{
	int from = column, to = column + columns, halves;

	permille = permille < 0 ? 0 : permille > 1000 ? 1000 : permille;
	if (c->ascii && columns > 2) {
		set(c, row, from++, ROLE_BAR_REST, '[');
		set(c, row, --to, ROLE_BAR_REST, ']');
	}
	halves = ((to - from) * 2 * permille + 500) / 1000;
	for (int x = from; x < to; x++, halves -= 2) {
		if (halves >= 2)
			canvas_char(c, row, x, role, 0x2588, '#'); /* full block */
		else if (halves == 1)
			canvas_char(c, row, x, role, 0x258C, '#'); /* left half */
		else
			canvas_char(c, row, x, ROLE_BAR_REST, 0x2591, '-'); /* light shade */
	}
}

static int32_t largest(const int32_t *values, size_t n)
{
	int32_t max = 1;

	for (size_t i = 0; i < n; i++)
		if (values[i] > max)
			max = values[i];
	return max;
}

void canvas_spark(
	struct canvas *c, int row, int column, int columns, const int32_t *values, size_t n)
{
	static const char ascii[] = "_.-:=+*#";
	size_t shown = columns < 0 ? 0 : (size_t)columns;
	int32_t max;
	int x;

	if (n > shown) {
		values += n - shown;
		n = shown;
	}
	max = largest(values, n);
	canvas_fill(c, row, column, columns, ROLE_BAR_REST, ' ');
	x = column + columns - (int)n;
	for (size_t i = 0; i < n; i++, x++) {
		uint32_t step = values[i] < 0 ? 0 : (uint32_t)((int64_t)values[i] * 7 / max);

		if (values[i] >= 0)
			canvas_char(c, row, x, ROLE_BAR, 0x2581 + step, ascii[step]);
	}
}

static void add_cell(struct buf *b, const struct cell *cell)
{
	for (int i = 0; i < CELL_CHARS && cell->c[i] != 0; i++) {
		char s[4];

		buf_add(b, s, text_put(s, cell->c[i]));
	}
}

static void end_line(struct buf *b, size_t start)
{
	while (b->len > start && b->at[b->len - 1] == ' ')
		b->len--;
	buf_putc(b, '\n');
}

char *canvas_dump(const struct canvas *c, bool with_roles)
{
	struct buf b;

	buf_init(&b, DUMP_BYTES);
	for (int block = 0; block < (with_roles ? 2 : 1); block++) {
		if (block > 0)
			buf_puts(&b, "-- roles --\n");
		for (int row = 0; row < c->height; row++) {
			size_t start = b.len;

			for (int x = 0; x < c->width; x++) {
				const struct cell *cell = cell_at(c, row, x);

				if (block == 0)
					add_cell(&b, cell);
				else
					buf_putc(&b, role_letter(cell->role));
			}
			end_line(&b, start);
		}
	}
	return buf_take(&b);
}
