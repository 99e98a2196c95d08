/* A page of sections, pairs of name and value, sentences and small tables that scrolls: what
 * details are made of. The view writes the whole page with a pen at every paint; what lies outside
 * the window is clipped. UI thread. */
#ifndef UI_KIT_WIDGET_TEXT_H
#define UI_KIT_WIDGET_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/kit/view.h"
#include "ui/kit/widget_table.h"

struct widget_text; /* the scroll position */
struct pen;         /* where the next line goes */

struct widget_text *widget_text_new(void);
void widget_text_free(struct widget_text *t);

/* Paints the page that write() writes; context is handed on. Rows are marked where they match
 * look->filter. */
void widget_text_draw(struct widget_text *t, struct canvas *c, const struct view_look *look,
	void (*write)(struct pen *p, void *context), void *context);
bool widget_text_act(struct widget_text *t, const struct action *a); /* true: it scrolled */

/* An empty line before, unless at the top. */
void pen_section(struct pen *p, const char *title);
void pen_blank(struct pen *p);
void pen_text(struct pen *p, enum role role, const char *text); /* wrapped at words */
/* Name and value; on a wide page two pairs share a line. */
void pen_pair(struct pen *p, const char *name, enum role role, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Has its line, wrapped. */
void pen_wide_pair(struct pen *p, const char *name, enum role role, const char *value);
/* A share of 0..1000 as a bar, and words behind it. */
void pen_bar(struct pen *p, const char *name, int permille, enum role role, const char *words);
void pen_spark(struct pen *p, const char *name, const struct history *h, const char *words);

/* A small table: columns as wide as their content, the last takes the rest. Rows come from
 * cell(). */
struct pen_table {
	const char *const *headings; /* N_() keys */
	unsigned right;              /* bit i: column i holds numbers */
	int columns;
	size_t rows;
	void (*cell)(const void *context, size_t row, int column, struct widget_cell *out);
	const void *context;
};
void pen_table(struct pen *p, const struct pen_table *t);

#endif
