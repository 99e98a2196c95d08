/* Panes: their stacks of views, their frames and titles. Frames share lines with their neighbours,
 * so they are drawn as directions per cell first and become box characters in one go. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/text.h"
#include "screen_parts.h"
#include "ui/kit/fresh.h"

void pane_open(struct screen *s, struct pane *p, const struct view_ops *ops,
	const struct view_args *args, struct instant now)
{
	struct command *command = NULL;
	struct sheet *sheet;

	if (p->depth == STACK_MAX) {
		screen_say(s, NOTICE_WARN, now, "%s",
			_("too many details on top of each other: go back first"));
		return;
	}
	if (p->depth ==
		1) { /* details have the whole body; closing the last goes back to what was */
		s->zoom_before = s->zoom;
		s->zoom = true;
	}
	sheet = &p->stack[p->depth++];
	memset(sheet, 0, sizeof(*sheet));
	sheet->ops = ops;
	sheet->args = *args;
	sheet->args.feed = s->next_feed++;
	sheet->state = ops->open(ops, &sheet->args, &command);
	screen_post(s, command, now);
}

void pane_close_top(struct screen *s, struct pane *p, struct instant now)
{
	struct sheet *top = pane_top(p);

	screen_post(s, top->ops->close(top->state), now);
	p->depth--;
	if (p->depth == 1)
		s->zoom = s->zoom_before;
}

struct pane *pane_of_source(struct screen *s, enum source_id source)
{
	for (size_t i = 0; i < s->n_panes; i++)
		if (s->panes[i].def->source == source)
			return &s->panes[i];
	return NULL;
}

struct pane *pane_of_view(struct screen *s, const struct view_ops *ops)
{
	for (size_t i = 0; i < s->n_panes; i++)
		if (s->panes[i].def->view == ops)
			return &s->panes[i];
	return NULL;
}

void pane_close_details(struct screen *s, struct pane *p, struct instant now)
{
	while (p->depth > 1)
		pane_close_top(s, p, now);
}

void pane_show(struct screen *s, struct pane *p, const struct view_ops *ops,
	const struct view_args *args, struct instant now)
{
	if (p == NULL)
		return;
	s->focus = (size_t)(p - s->panes);
	pane_close_details(s, p, now);
	pane_open(s, p, ops, args, now);
}

struct view_look pane_look(struct screen *s, struct pane *p, struct instant now)
{
	struct view_look look = {now, p == screen_focused(s), s->zoom, pane_top(p)->filter};

	return look;
}

enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

/* Box characters by the directions that meet in them. */
static const struct {
	uint32_t line;
	char ascii;
} glyphs[16] = {
	[UP | DOWN] = {0x2502, '|'},
	[UP] = {0x2502, '|'},
	[DOWN] = {0x2502, '|'},
	[LEFT | RIGHT] = {0x2500, '-'},
	[LEFT] = {0x2500, '-'},
	[RIGHT] = {0x2500, '-'},
	[DOWN | RIGHT] = {0x250C, '+'},
	[DOWN | LEFT] = {0x2510, '+'},
	[UP | RIGHT] = {0x2514, '+'},
	[UP | LEFT] = {0x2518, '+'},
	[UP | DOWN | RIGHT] = {0x251C, '+'},
	[UP | DOWN | LEFT] = {0x2524, '+'},
	[DOWN | LEFT | RIGHT] = {0x252C, '+'},
	[UP | LEFT | RIGHT] = {0x2534, '+'},
	[UP | DOWN | LEFT | RIGHT] = {0x253C, '+'},
};

static void mark(unsigned char *lines, const struct canvas *c, int row, int column, int directions)
{
	if (row >= 0 && row < c->height && column >= 0 && column < c->width)
		lines[row * c->width + column] |= (unsigned char)directions;
}

static void mark_box(unsigned char *lines, const struct canvas *c, const struct pane_box *b)
{
	int bottom = b->row + b->rows - 1, right = b->column + b->columns - 1;

	for (int x = b->column; x <= right; x++) {
		int across = (x > b->column ? LEFT : 0) | (x < right ? RIGHT : 0);

		mark(lines, c, b->row, x, across);
		mark(lines, c, bottom, x, across);
	}
	for (int y = b->row; y <= bottom; y++) {
		int along = (y > b->row ? UP : 0) | (y < bottom ? DOWN : 0);

		mark(lines, c, y, b->column, along);
		mark(lines, c, y, right, along);
	}
}

static void recolour_box(struct canvas *c, const struct pane_box *b)
{
	int right = b->column + b->columns - 1;

	canvas_role(c, b->row, b->column, b->columns, ROLE_BORDER_FOCUS);
	canvas_role(c, b->row + b->rows - 1, b->column, b->columns, ROLE_BORDER_FOCUS);
	for (int y = b->row; y < b->row + b->rows; y++) {
		canvas_role(c, y, b->column, 1, ROLE_BORDER_FOCUS);
		canvas_role(c, y, right, 1, ROLE_BORDER_FOCUS);
	}
}

static void paint_frames(struct screen *s, struct canvas *c, const struct pane_box *boxes)
{
	unsigned char *lines = mem_zero((size_t)c->height * (size_t)c->width, 1);

	for (size_t i = 0; i < s->n_panes; i++)
		if (boxes[i].shown)
			mark_box(lines, c, &boxes[i]);
	for (int i = 0; i < c->height * c->width; i++)
		if (lines[i] != 0)
			canvas_char(c, i / c->width, i % c->width, ROLE_BORDER,
				glyphs[lines[i]].line, glyphs[lines[i]].ascii);
	free(lines);
	recolour_box(c, &boxes[s->focus]);
}

/* " 1 nodes " or, on a detail, " 1 nodes > node ". */
static int paint_name(struct canvas *title, struct pane *p, bool focused)
{
	enum role role = focused ? ROLE_BORDER_FOCUS : ROLE_TITLE;
	int used;

	if (p->depth > 1)
		used = canvas_fmt(title, 0, 0, title->width, role, " %d %s > %s ", p->def->number,
			_(p->stack[0].ops->title), _(pane_top(p)->ops->title));
	else
		used = canvas_fmt(title, 0, 0, title->width, role, " %d %s ", p->def->number,
			_(p->stack[0].ops->title));
	if (focused)
		canvas_attr(title, 0, 0, used, CELL_REVERSE | CELL_BOLD, true);
	if (used < title->width)
		canvas_put(title, 0, used++, 1, role, " ");
	return used;
}

static int paint_filter(
	struct screen *s, struct canvas *title, struct pane *p, int column, int room)
{
	const char *filter = pane_top(p)->filter;
	bool typing = s->mode == MODE_FILTER && p == screen_focused(s);
	int used;

	if ((filter[0] == '\0' && !typing) || room < 3)
		return 0;
	used = canvas_fmt(title, 0, column, room - 1, ROLE_INPUT, "/%s", filter);
	if (typing) {
		canvas_put(title, 0, column + used, 1, ROLE_INPUT, " ");
		canvas_attr(title, 0, column + used, 1, CELL_REVERSE, true);
		used++;
	}
	canvas_put(title, 0, column + used, 1, ROLE_DIM, " ");
	return used + 1;
}

/* Cut at a comma while that leaves enough to say: half a word says less than none. */
static void shorten(char *head, int room)
{
	const char *comma = _(", ");

	while (text_width(head) > room) {
		char *last = NULL;

		for (char *at = head; (at = strstr(at, comma)) != NULL; at++)
			last = at;
		if (last == NULL || text_fit(head, room / 2) > (size_t)(last - head))
			return;
		*last = '\0';
	}
}

/* The head's text, or, where it does not fit and the data are old, at least how old they are. */
static void paint_head(struct screen *s, struct canvas *title, struct pane *p, int column, int room,
	struct instant now)
{
	const struct source *src = &s->now->sources[p->def->source];
	struct view_look look = pane_look(s, p, now);
	struct sheet *top = pane_top(p);
	enum role role = ROLE_DIM;
	char head[400] = "";
	int used;

	if (room < 3 || top->ops->head == NULL)
		return;
	top->ops->head(top->state, s->now, &look, head, sizeof(head), &role);
	if (text_width(head) > room - 1 && !fresh_is_live(src)) {
		fresh_note(src, now, head, sizeof(head));
		role = ROLE_STALE;
	}
	shorten(head, room - 1);
	used = head[0] == '\0' ? 0 : canvas_put(title, 0, column, room - 1, role, head);
	if (used > 0)
		canvas_put(title, 0, column + used, 1, role, " ");
}

static void paint_title(struct screen *s, struct canvas *title, struct pane *p, struct instant now)
{
	int at;

	if (title->width < 6)
		return;
	at = paint_name(title, p, p == screen_focused(s));
	at += paint_filter(s, title, p, at, title->width - at - 1);
	paint_head(s, title, p, at, title->width - at, now);
}

static void paint_inside(struct screen *s, struct canvas *c, struct pane *p, struct instant now)
{
	struct view_look look = pane_look(s, p, now);
	struct sheet *top = pane_top(p);

	if (c->height > 0 && c->width > 0)
		top->ops->draw(top->state, s->now, c, &look);
}

void panes_paint(struct screen *s, struct canvas *body, struct instant now)
{
	struct pane_box boxes[LAYOUT_MAX_PANES];
	int numbers[LAYOUT_MAX_PANES];
	struct layout l = {body->height, body->width, numbers, s->n_panes, s->focus, s->zoom};

	for (size_t i = 0; i < s->n_panes; i++)
		numbers[i] = s->panes[i].def->number;
	layout_make(&l, boxes);
	paint_frames(s, body, boxes);
	for (size_t i = 0; i < s->n_panes; i++) {
		const struct pane_box *b = &boxes[i];
		struct canvas title = canvas_area(body, b->row, b->column + 1, 1, b->columns - 2);
		struct canvas in =
			canvas_area(body, b->row + 1, b->column + 1, b->rows - 2, b->columns - 2);

		s->panes[i].box = *b;
		s->panes[i].box.row += body->top;
		s->panes[i].box.column += body->left;
		if (!b->shown)
			continue;
		paint_title(s, &title, &s->panes[i], now);
		if (!b->folded)
			paint_inside(s, &in, &s->panes[i], now);
	}
}
