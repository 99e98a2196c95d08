/* What views paint: a grid of cells with semantic roles. No curses; a golden test prints it as
 * text, tty paints it on the terminal. Everything that goes in is made safe first (base/text). UI
 * thread. */
#ifndef UI_KIT_CANVAS_H
#define UI_KIT_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum role {
	ROLE_TEXT,
	ROLE_DIM,     /* secondary text, units, ages */
	ROLE_TITLE,   /* a pane's title */
	ROLE_HEADING, /* column headings */
	ROLE_BORDER,
	ROLE_BORDER_FOCUS,
	ROLE_SELECTED, /* the cursor's row */
	ROLE_OK,
	ROLE_WARN,
	ROLE_BAD,
	ROLE_STALE,  /* data that is not live */
	ROLE_KEY,    /* a key in a hint */
	ROLE_ACCENT, /* what matters in neutral text */
	ROLE_MATCH,  /* what a filter or search found */
	ROLE_INPUT,
	ROLE_BAR, /* the filled part of a bar, sparklines */
	ROLE_BAR_REST,
	ROLE_BRAND, /* the program's name in the header */
	ROLE_P0,
	ROLE_P1,
	ROLE_P2,
	ROLE_P3,
	ROLE_COUNT
};

enum cell_attr { CELL_REVERSE = 1 << 0, CELL_BOLD = 1 << 1, CELL_UNDERLINE = 1 << 2 };

#define CELL_CHARS 4 /* a base character and what combines with it */

struct cell {
	uint32_t c[CELL_CHARS]; /* c[0] == 0: the right half of the wide character before it */
	uint8_t role;           /* enum role */
	uint8_t attr;
};

struct canvas {
	int rows, columns;  /* of the whole grid; painters go by height and width */
	bool ascii;         /* no line drawing or other non-ASCII decoration of our own */
	struct cell *cells; /* rows * columns */
	/* The area being painted (canvas_area; the whole grid at first): where its 0, 0 lies, and
	 * its size. */
	int top, left, height, width;
};

struct canvas *canvas_new(int rows, int columns, bool ascii);
void canvas_free(struct canvas *c);
void canvas_clear(struct canvas *c); /* spaces in ROLE_TEXT */

/* A view of part of c: coordinates below are relative to it and clipped to it. Shares the cells. */
struct canvas canvas_area(const struct canvas *c, int row, int column, int rows, int columns);

/* Writes text (made safe) from a column, at most `room` columns (or to the edge when room < 0), cut
 * with "…" ("~" in ASCII) when longer; gives the columns used. */
int canvas_put(struct canvas *c, int row, int column, int room, enum role role, const char *text);
/* The same, cut in the middle where there is room for that: names differ at their ends, too. */
int canvas_name(struct canvas *c, int row, int column, int room, enum role role, const char *name);
int canvas_fmt(struct canvas *c, int row, int column, int room, enum role role, const char *fmt,
	...) __attribute__((format(printf, 6, 7)));
/* Ends before end_column. */
int canvas_right(
	struct canvas *c, int row, int end_column, int room, enum role role, const char *text);
void canvas_char(struct canvas *c, int row, int column, enum role role, uint32_t ch, char ascii);
void canvas_fill(struct canvas *c, int row, int column, int columns, enum role role, char ch);
/* Recolours. */
void canvas_role(struct canvas *c, int row, int column, int columns, enum role role);
void canvas_attr(struct canvas *c, int row, int column, int columns, unsigned attr, bool on);
void canvas_box(struct canvas *c, int row, int column, int rows, int columns, enum role role);
/* How full something is, 0..1000: "████▌░░░", in ASCII "[###---]". */
void canvas_bar(struct canvas *c, int row, int column, int columns, int permille, enum role role);
/* The newest value last, at the right end; -1 is a gap; scaled by the largest shown. */
void canvas_spark(
	struct canvas *c, int row, int column, int columns, const int32_t *values, size_t n);

/* The cell at a place of the area, or NULL outside it. */
const struct cell *canvas_at(const struct canvas *c, int row, int column);

/* The whole grid as UTF-8 lines without trailing blanks: golden tests. With roles: a second block
 * of lines with a letter per cell. New string. */
char *canvas_dump(const struct canvas *c, bool with_roles);

#endif
