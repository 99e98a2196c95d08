/* The screen as a state machine: keys, the mouse, snapshots and notices go in, a painted canvas,
 * commands and wishes come out. It opens no file, asks no clock and knows no terminal. Each pane
 * carries a stack of views, the lowest of which is the pane's own; one pane has the focus; above
 * them lies at most one of filter line, palette and help. */
#include "ui/screen/screen.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "screen_parts.h"

#define WHEEL_LINES 3

/* The pane of actions is there while there is something to run. */
static void count_panes(struct screen *s)
{
	struct pane *last = s->n_all > 0 ? &s->panes[s->n_all - 1] : NULL;

	s->n_panes = s->n_all;
	if (last == NULL || s->now->runs != NULL || last->def->view != s->views->actions)
		return;
	pane_close_details(s, last, s->now->at);
	s->n_panes--;
	s->zoom = s->zoom && s->focus < s->n_panes;
	s->focus = s->focus < s->n_panes ? s->focus : 0;
}

struct screen *screen_new(const struct screen_options *o)
{
	struct screen *s = mem_new(struct screen);

	s->commands = o->commands;
	s->keymap = o->keymap;
	s->themes = o->themes;
	s->n_themes = o->n_themes;
	s->views = o->views;
	theme_init(&s->plain, "plain");
	s->now = snapshot_new();
	s->now->watch_age_ms = s->now->vip_latency_us = -1;
	s->next_feed = 1;
	s->paper = widget_text_new();
	for (size_t i = 0; i < o->views->n_panes && i < LAYOUT_MAX_PANES; i++) {
		struct view_args args = {0};

		s->panes[i].def = &o->views->panes[i];
		pane_open(s, &s->panes[i], s->panes[i].def->view, &args, (struct instant){0});
		s->n_all++;
	}
	count_panes(s);
	return s;
}

void screen_free(struct screen *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n_all; i++)
		while (s->panes[i].depth > 0)
			pane_close_top(s, &s->panes[i], (struct instant){0});
	snapshot_unref(s->now);
	widget_text_free(s->paper);
	screen_hold(s, NULL);
	free(s->copied);
	free(s);
}

void screen_show(struct screen *s, struct snapshot *now)
{
	struct snapshot *old = s->now;

	s->now = snapshot_ref(now);
	snapshot_unref(old);
	count_panes(s);
	ask_show(s);
	consent_show(s);
	form_show(s);
}

void screen_hear(struct screen *s, const struct notice *n, struct instant now)
{
	screen_say(s, n->level, now, "%s", n->text);
}

enum screen_wish screen_wish(struct screen *s)
{
	enum screen_wish w = s->wish;

	s->wish = SCREEN_NOTHING;
	return w;
}

const char *screen_copied(const struct screen *s)
{
	return s->copied;
}

const struct theme *screen_theme(const struct screen *s)
{
	return s->n_themes > 0 ? &s->themes[s->theme] : &s->plain;
}

static void focus_step(struct screen *s, size_t step)
{
	s->focus = (s->focus + step) % s->n_panes;
}

static void focus_number(struct screen *s, int number, struct instant now)
{
	for (size_t i = 0; i < s->n_panes; i++)
		if (s->panes[i].def->number == number) {
			s->focus = i;
			return;
		}
	screen_say(s, NOTICE_INFO, now, _("there is no pane %d"), number);
}

static void next_theme(struct screen *s, struct instant now)
{
	if (s->n_themes > 0)
		s->theme = (s->theme + 1) % s->n_themes;
	screen_say(s, NOTICE_INFO, now, _("theme: %s"), screen_theme(s)->name);
}

/* The view had its chance: what "back" means to the screen. */
static void back(struct screen *s, struct instant now)
{
	struct pane *p = screen_focused(s);

	if (pane_top(p)->filter[0] != '\0')
		pane_top(p)->filter[0] = '\0';
	else if (p->depth > 1)
		pane_close_top(s, p, now);
	else
		s->zoom = false;
}

static void refresh(struct screen *s, struct instant now)
{
	screen_say(s, NOTICE_INFO, now, "%s", _("asking everything again"));
	screen_post(s, command_new(COMMAND_REFRESH), now);
}

static void quit(struct screen *s, struct instant now)
{
	size_t alive = run_board_alive(s->now->runs, true);
	struct pane *p = screen_focused(s);
	char question[200];

	if (p->depth > 1) {
		pane_close_top(s, p, now);
	} else if (alive > 0) {
		snprintf(question, sizeof(question),
			P_("%zu run goes on: leave it, to be resumed later?",
				"%zu runs go on: leave them, to be resumed later?", alive),
			alive);
		sure_begin(s, question, NULL);
	} else {
		s->wish = SCREEN_QUIT;
	}
}

/* Everything that is not the screen's own goes to the view that has the focus. */
static void act_on_view(struct screen *s, enum action_id id, struct instant now)
{
	struct action a = {.id = id};

	if (!pane_act(s, screen_focused(s), &a, now) && id == ACTION_BACK)
		back(s, now);
}

static void act_on_panes(struct screen *s, enum action_id id, struct instant now)
{
	if (id == ACTION_NEXT_PANE)
		focus_step(s, 1);
	else if (id == ACTION_PREVIOUS_PANE)
		focus_step(s, s->n_panes - 1);
	else if (id == ACTION_ZOOM)
		s->zoom = s->zoom_before = !s->zoom;
	else if (id >= ACTION_PANE_1 && id <= ACTION_PANE_7)
		focus_number(s, (int)id - ACTION_PANE_1 + 1, now);
	else
		act_on_view(s, id, now);
}

/* What lies above the views, at most one at a time: filter line, palette, help, prompt, answer,
 * form or dialog. */
static const struct mode {
	bool types; /* characters are text here, pasted ones as well */
	/* Takes a key; gives what is to be done, ACTION_NONE for nothing more. NULL: the key table
	 * alone says. */
	enum action_id (*key)(struct screen *s, int key, struct instant now);
	/* As key; ACTION_CLICK where the mouse means what lies below, which NULL always says. */
	enum action_id (*point)(
		struct screen *s, enum screen_pointer what, int row, struct instant now);
	void (*paint)(struct screen *s, struct canvas *all, struct canvas *body,
		struct instant now); /* or NULL */
} modes[] = {
	[MODE_VIEWS] = {false, NULL, NULL, NULL},
	[MODE_FILTER] = {true, filter_key, NULL, NULL},
	[MODE_PALETTE] = {true, palette_key, palette_point, palette_paint},
	[MODE_HELP] = {false, help_key, help_point, help_paint},
	[MODE_PROMPT] = {true, prompt_key, NULL, prompt_paint},
	[MODE_ASK] = {true, ask_key, NULL, ask_paint},
	[MODE_SURE] = {false, sure_key, NULL, sure_paint},
	[MODE_FORM] = {true, form_key, form_point, form_paint},
	[MODE_CONSENT] = {false, consent_key, consent_point, consent_paint},
	[MODE_CONSENT_TYPED] = {true, consent_key, consent_point, consent_paint},
};

/* What a key, a hint, a mode or the palette came to. */
static void carry_out(struct screen *s, enum action_id id, struct instant now)
{
	if (id == ACTION_NONE)
		return;
	if (id == ACTION_FILTER)
		filter_begin(s);
	else if (id == ACTION_PALETTE)
		palette_begin(s);
	else if (id == ACTION_HELP)
		s->mode = MODE_HELP, s->help_top = 0;
	else if (id == ACTION_ANSWER)
		ask_begin(s);
	else if (id == ACTION_THEME)
		next_theme(s, now);
	else if (id == ACTION_REFRESH)
		refresh(s, now);
	else if (id == ACTION_QUIT)
		quit(s, now);
	else if (id == ACTION_SUSPEND)
		s->wish = SCREEN_SUSPEND;
	else if (id == ACTION_REDRAW)
		s->wish = SCREEN_REDRAW;
	else if (!incident_act(s, id, now) && !runs_act(s, id, now))
		act_on_panes(s, id, now);
}

void screen_key(struct screen *s, int key, struct instant now)
{
	const struct mode *m = &modes[s->mode];
	enum action_id a = keymap_action(s->keymap, key);
	bool is_text = key >= ' ' && key < KEYS_SPECIAL;

	s->say_until.boot_ms = 0; /* whoever presses a key has read it */
	if (key == ('C' & 31)) {
		s->wish = SCREEN_INTERRUPTED;
		return;
	}
	if (m->key != NULL && (is_text || (a != ACTION_SUSPEND && a != ACTION_REDRAW)))
		a = m->key(s, key, now);
	carry_out(s, a, now);
}

void screen_paste(struct screen *s, uint32_t character, struct instant now)
{
	if (!modes[s->mode].types)
		screen_say(s, NOTICE_INFO, now, "%s",
			_("pasted text was ignored: it would have been taken for commands"));
	else if (character >= ' ' && character < KEYS_SPECIAL)
		screen_key(s, (int)character, now);
}

static bool inside(const struct pane_box *b, int row, int column)
{
	return b->shown && row >= b->row && row < b->row + b->rows && column >= b->column &&
	       column < b->column + b->columns;
}

static struct pane *pane_at(struct screen *s, int row, int column)
{
	struct pane *found = NULL;

	/* Shared lines belong to the pane whose title they carry: the later one. */
	for (size_t i = 0; i < s->n_panes; i++)
		if (inside(&s->panes[i].box, row, column))
			found = &s->panes[i];
	return found;
}

static void point_pane(struct screen *s, struct pane *p, enum screen_pointer what, int row,
	int column, struct instant now)
{
	struct action a = {.id = ACTION_CLICK,
		.row = row - p->box.row - 1,
		.column = column - p->box.column - 1,
		.clicks = 1};

	if (what == POINTER_WHEEL_UP || what == POINTER_WHEEL_DOWN) {
		a = (struct action){.id = what == POINTER_WHEEL_UP ? ACTION_UP : ACTION_DOWN};
		for (int i = 0; i < WHEEL_LINES; i++)
			pane_act(s, p, &a, now);
		return;
	}
	s->focus = (size_t)(p - s->panes);
	a.clicks = what == POINTER_DOUBLE ? 2 : 1;
	if (row == p->box.row && what == POINTER_DOUBLE)
		carry_out(s, ACTION_ZOOM, now);
	else if (row > p->box.row && a.column >= 0 && a.column < p->box.columns - 2)
		pane_act(s, p, &a, now);
}

static void point_hint(struct screen *s, int column, struct instant now)
{
	for (size_t i = 0; i < s->n_hints; i++)
		if (column >= s->hints[i].from && column < s->hints[i].to) {
			carry_out(s, s->hints[i].action, now);
			return;
		}
}

void screen_point(
	struct screen *s, enum screen_pointer what, int row, int column, struct instant now)
{
	bool wheel = what == POINTER_WHEEL_UP || what == POINTER_WHEEL_DOWN;
	struct pane *p = pane_at(s, row, column);
	enum action_id a =
		modes[s->mode].point ? modes[s->mode].point(s, what, row, now) : ACTION_CLICK;

	if (a != ACTION_CLICK) {
		carry_out(s, a, now);
		return;
	}
	s->mode = wheel ? s->mode : MODE_VIEWS;
	if (row == s->rows - 1 && !wheel)
		point_hint(s, column, now);
	else if (p != NULL && row < s->rows - 1)
		point_pane(s, p, what, row, column, now);
}

/* The longest of a few sentences that fits. */
static void paint_too_small(struct canvas *c)
{
	char *full = str_fmt(_("k911 needs a terminal of %dx%d; this one is %dx%d"),
		LAYOUT_MIN_COLUMNS, LAYOUT_MIN_ROWS, c->width, c->height);
	char *brief = str_fmt(_("too small: need %dx%d"), LAYOUT_MIN_COLUMNS, LAYOUT_MIN_ROWS);

	canvas_put(c, c->height / 2, 0, -1, ROLE_WARN, text_width(full) <= c->width ? full : brief);
	free(full);
	free(brief);
}

void screen_paint(struct screen *s, struct canvas *c, struct instant now)
{
	struct canvas head = canvas_area(c, 0, 0, 6, c->width), body, line;
	int top;

	s->rows = c->height;
	s->columns = c->width;
	s->n_hints = 0;
	canvas_clear(c);
	if (c->height < LAYOUT_MIN_ROWS || c->width < LAYOUT_MIN_COLUMNS) {
		for (size_t i = 0; i < s->n_panes; i++)
			s->panes[i].box.shown = false;
		s->consent_seen.boot_ms = 0;
		paint_too_small(c);
		return;
	}
	top = s->views->header(s->now, &head, now);
	body = canvas_area(c, top, 0, c->height - top - 1, c->width);
	line = canvas_area(c, c->height - 1, 0, 1, c->width);
	canvas_clear(&body);
	panes_paint(s, &body, now);
	hints_paint(s, &line, now);
	if (modes[s->mode].paint != NULL)
		modes[s->mode].paint(s, c, &body, now);
}
