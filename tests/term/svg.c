/* The screen as an SVG picture: a run of equal cells is one <text>, stretched to its columns so
 * that no font can break the grid. Lines and blocks are drawn as shapes: fonts leave gaps between
 * rows. */
#include "term.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_W = 8, CELL_H = 17, BASE = 13, PAD = 14, BAR = 26 };

/* Which arms a box-drawing character has. */
enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

static const struct {
	const char *text;
	int arms;
} LINES[] = {
	{"─", LEFT | RIGHT},
	{"━", LEFT | RIGHT},
	{"│", UP | DOWN},
	{"┃", UP | DOWN},
	{"┌", DOWN | RIGHT},
	{"┐", DOWN | LEFT},
	{"└", UP | RIGHT},
	{"┘", UP | LEFT},
	{"╭", DOWN | RIGHT},
	{"╮", DOWN | LEFT},
	{"╰", UP | RIGHT},
	{"╯", UP | LEFT},
	{"├", UP | DOWN | RIGHT},
	{"┤", UP | DOWN | LEFT},
	{"┬", DOWN | LEFT | RIGHT},
	{"┴", UP | LEFT | RIGHT},
	{"┼", UP | DOWN | LEFT | RIGHT},
};

static int arms_of(const char *text)
{
	size_t i;

	for (i = 0; i < sizeof(LINES) / sizeof(LINES[0]); i++)
		if (strcmp(LINES[i].text, text) == 0)
			return LINES[i].arms;
	return 0;
}

/* Eighths of a lower block, U+2581 to U+2588; 0 for anything else. */
static int eighths_of(const char *text)
{
	const unsigned char *u = (const unsigned char *)text;

	return u[0] == 0xe2 && u[1] == 0x96 && u[2] >= 0x81 && u[2] <= 0x88 ? u[2] - 0x80 : 0;
}

static bool is_shape(const struct term_cell *c)
{
	return arms_of(c->text) != 0 || eighths_of(c->text) != 0;
}

static void shape(FILE *out, const struct term_cell *c, int x, int y)
{
	int arms = arms_of(c->text), n = eighths_of(c->text), mx = x + CELL_W / 2,
	    my = y + CELL_H / 2;

	if (n > 0) {
		double h = CELL_H * n / 8.0;

		fprintf(out,
			"<rect x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\" fill=\"#%06x\"/>\n",
			x, y + CELL_H - h, CELL_W, h, c->fg);
		return;
	}
	fprintf(out, "<path stroke=\"#%06x\" d=\"", c->fg);
	if ((arms & (UP | DOWN)) != 0)
		fprintf(out, "M%d.5 %dV%d", mx, (arms & UP) != 0 ? y : my,
			(arms & DOWN) != 0 ? y + CELL_H : my);
	if ((arms & (LEFT | RIGHT)) != 0)
		fprintf(out, "M%d %d.5H%d", (arms & LEFT) != 0 ? x : mx, my,
			(arms & RIGHT) != 0 ? x + CELL_W : mx);
	fprintf(out, "\"/>\n");
}

static void escaped(FILE *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '&')
			fputs("&amp;", out);
		else if (*s == '<')
			fputs("&lt;", out);
		else if (*s == '>')
			fputs("&gt;", out);
		else if (*s == '"')
			fputs("&quot;", out);
		else if ((unsigned char)*s >= 0x20)
			fputc(*s, out);
	}
}

static bool same_bg(const struct term_cell *a, const struct term_cell *b)
{
	return a->plain_bg == b->plain_bg && a->bg == b->bg;
}

static bool same_text(const struct term_cell *a, const struct term_cell *b)
{
	return a->fg == b->fg && a->bold == b->bold && a->underline == b->underline &&
	       a->italic == b->italic && b->width == 1 && a->width == 1 && !is_shape(b);
}

static void backgrounds(FILE *out, const struct term_cell *row, int cols, int y)
{
	int from, to;

	for (from = 0; from < cols; from = to) {
		for (to = from + 1; to < cols && same_bg(&row[from], &row[to]); to++)
			continue;
		if (!row[from].plain_bg)
			fprintf(out,
				"<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
				"fill=\"#%06x\"/>\n",
				PAD + from * CELL_W, y, (to - from) * CELL_W, CELL_H, row[from].bg);
	}
}

static void text_run(FILE *out, const struct term_cell *row, int from, int to, int y)
{
	int i, wide = to - from == 1 ? row[from].width : to - from;

	fprintf(out, "<text x=\"%d\" y=\"%d\" textLength=\"%d\" fill=\"#%06x\"%s%s%s>",
		PAD + from * CELL_W, y + BASE, wide * CELL_W, row[from].fg,
		row[from].bold ? " font-weight=\"bold\"" : "",
		row[from].italic ? " font-style=\"italic\"" : "",
		row[from].underline ? " text-decoration=\"underline\"" : "");
	for (i = from; i < to; i++)
		escaped(out, row[i].text);
	fputs("</text>\n", out);
}

static bool blank(const struct term_cell *c)
{
	return (c->text[0] == ' ' && c->text[1] == '\0' && !c->underline) || c->text[0] == '\0';
}

static void texts(FILE *out, const struct term_cell *row, int cols, int y)
{
	int from, to, end;

	for (from = 0; from < cols; from = to) {
		to = from + 1;
		if (blank(&row[from]))
			continue;
		if (is_shape(&row[from])) {
			shape(out, &row[from], PAD + from * CELL_W, y);
			continue;
		}
		while (to < cols && same_text(&row[from], &row[to]))
			to++;
		for (end = to; blank(&row[end - 1]); end--)
			continue;
		text_run(out, row, from, end, y);
	}
}

static void frame(FILE *out, const struct term *t, int w, int h, const char *title)
{
	struct term_cell corner;

	term_cell(t, 0, 0, &corner);
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" xml:space=\"preserve\" width=\"%d\" "
		"height=\"%d\" viewBox=\"0 "
		"0 %d %d\">\n"
		"<style>text{font:13px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;"
		"white-space:pre}path{fill:none;stroke-width:1}</style>\n"
		"<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#12151a\"/>\n",
		w, h, w, h, w, h);
	if (title == NULL)
		return;
	fprintf(out, "<text x=\"%d\" y=\"20\" text-anchor=\"middle\" fill=\"#8b929c\">", w / 2);
	escaped(out, title);
	fputs("</text>\n", out);
}

int term_svg(const struct term *t, FILE *out, const char *title)
{
	int rows, cols, row, col, top = title != NULL ? BAR + 6 : PAD;
	struct term_cell *cells;

	term_size(t, &rows, &cols);
	cells = calloc((size_t)cols, sizeof(*cells));
	if (cells == NULL)
		return -1;
	frame(out, t, cols * CELL_W + 2 * PAD, rows * CELL_H + top + PAD, title);
	for (row = 0; row < rows; row++) {
		for (col = 0; col < cols; col++)
			term_cell(t, row, col, &cells[col]);
		backgrounds(out, cells, cols, top + row * CELL_H);
		texts(out, cells, cols, top + row * CELL_H);
	}
	free(cells);
	fputs("</svg>\n", out);
	return ferror(out) != 0 ? -1 : 0;
}
