/* The screen as text, cells and colours. */
#include "private.h"

#include <stdlib.h>
#include <string.h>

static size_t put_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | (c >> 6));
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | (c >> 12));
		to[1] = (char)(0x80 | ((c >> 6) & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | (c >> 18));
	to[1] = (char)(0x80 | ((c >> 12) & 0x3f));
	to[2] = (char)(0x80 | ((c >> 6) & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static size_t cell_text(const VTermScreenCell *c, char *to)
{
	size_t n = 0;
	int i;

	if (c->chars[0] == (uint32_t)-1)
		return 0;
	if (c->chars[0] == 0) {
		to[0] = ' ';
		return 1;
	}
	for (i = 0; i < VTERM_MAX_CHARS_PER_CELL && c->chars[i] != 0; i++)
		n += put_utf8(to + n, c->chars[i]);
	return n;
}

void term_size(const struct term *t, int *rows, int *cols)
{
	vterm_get_size(t->vt, rows, cols);
}

char *term_line(const struct term *t, int row)
{
	size_t n = 0, keep = 0;
	int rows, cols, col;
	char *line;

	term_size(t, &rows, &cols);
	line = calloc((size_t)cols * 4 * VTERM_MAX_CHARS_PER_CELL + 1, 1);
	if (line == NULL || row < 0 || row >= rows)
		return line;
	for (col = 0; col < cols; col++) {
		VTermPos at = {row, col};
		VTermScreenCell c;

		vterm_screen_get_cell(t->screen, at, &c);
		n += cell_text(&c, line + n);
		if (n > 0 && line[n - 1] != ' ')
			keep = n;
	}
	line[keep] = '\0';
	return line;
}

char *term_screen(const struct term *t)
{
	int rows, cols, row;
	size_t size = 0;
	char *text = NULL;
	FILE *f = open_memstream(&text, &size);

	if (f == NULL)
		return NULL;
	term_size(t, &rows, &cols);
	for (row = 0; row < rows; row++) {
		char *line = term_line(t, row);

		fprintf(f, "%s\n", line != NULL ? line : "");
		free(line);
	}
	fclose(f);
	return text;
}

static uint32_t rgb(const struct term *t, VTermColor c)
{
	vterm_screen_convert_color_to_rgb(t->screen, &c);
	return (uint32_t)c.rgb.red << 16 | (uint32_t)c.rgb.green << 8 | c.rgb.blue;
}

bool term_cell(const struct term *t, int row, int col, struct term_cell *cell)
{
	VTermPos at = {row, col};
	VTermScreenCell c;
	int rows, cols;

	memset(cell, 0, sizeof(*cell));
	term_size(t, &rows, &cols);
	if (row < 0 || col < 0 || row >= rows || col >= cols)
		return false;
	vterm_screen_get_cell(t->screen, at, &c);
	cell_text(&c, cell->text);
	cell->width = c.width;
	cell->bold = c.attrs.bold;
	cell->underline = c.attrs.underline != 0;
	cell->italic = c.attrs.italic;
	cell->reverse = c.attrs.reverse;
	cell->fg = rgb(t, cell->reverse ? c.bg : c.fg);
	cell->bg = rgb(t, cell->reverse ? c.fg : c.bg);
	cell->plain_bg = !cell->reverse && VTERM_COLOR_IS_DEFAULT_BG(&c.bg);
	return true;
}

bool term_cursor(const struct term *t, int *row, int *col)
{
	VTermPos at;

	vterm_state_get_cursorpos(vterm_obtain_state(t->vt), &at);
	*row = at.row;
	*col = at.col;
	return t->cursor;
}

uint64_t term_fingerprint(const struct term *t, int first, int past)
{
	uint64_t h = 14695981039346656037ULL;
	int rows, cols, row, col;
	size_t i;

	term_size(t, &rows, &cols);
	for (row = first; row < past && row < rows; row++)
		for (col = 0; col < cols; col++) {
			struct term_cell c;

			term_cell(t, row, col, &c);
			for (i = 0; i < sizeof(c); i++)
				h = (h ^ ((const unsigned char *)&c)[i]) * 1099511628211ULL;
		}
	return h;
}
