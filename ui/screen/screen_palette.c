/* The command palette: a line to type in and, above it, what matches. */

#include "base/i18n.h"
#include "base/str.h"
#include "screen_parts.h"

#define LINES_MAX    12
#define NAME_COLUMNS 20
#define KEY_COLUMNS  10

void palette_begin(struct screen *s)
{
	s->mode = MODE_PALETTE;
	s->input[0] = '\0';
	choices_find(s);
}

/* Opens the detail of a thing on the pane that lists such things. */
static void jump(struct screen *s, const struct choice *c, enum source_id source,
	const struct view_ops *ops, struct instant now)
{
	struct view_args args = {.id = c->id};

	str_copy(args.ns, sizeof(args.ns), c->ns);
	str_copy(args.name, sizeof(args.name), c->name);
	pane_show(s, pane_of_source(s, source), ops, &args, now);
}

/* Runs the chosen line; what is an action is given, to be carried out. */
static enum action_id run(struct screen *s, struct instant now)
{
	const struct choice *c = &s->choices[s->choice];

	if (s->n_choices == 0) {
		s->mode = MODE_VIEWS;
		screen_say(s, NOTICE_INFO, now, _("no command \"%s\""), s->input);
		return ACTION_NONE;
	}
	if (c->kind == CHOICE_WORD) { /* goes on with a name */
		str_copy(s->input, sizeof(s->input), c->name);
		choices_find(s);
		return ACTION_NONE;
	}
	s->mode = MODE_VIEWS;
	if (c->kind == CHOICE_ACTION)
		return (enum action_id)c->index;
	if (c->kind == CHOICE_THEME)
		s->theme = (size_t)c->index;
	else if (c->kind == CHOICE_NODE)
		jump(s, c, SOURCE_NODES, s->views->node, now);
	else if (c->kind == CHOICE_POD)
		jump(s, c, SOURCE_PODS, s->views->pod, now);
	else if (c->kind == CHOICE_MEMBER)
		jump(s, c, SOURCE_ETCD, s->views->member, now);
	else
		form_begin(s, c->name, now);
	return ACTION_NONE;
}

static void move(struct screen *s, int step)
{
	if (s->n_choices > 0)
		s->choice = (s->choice + s->n_choices + (size_t)step) % s->n_choices;
}

enum action_id palette_key(struct screen *s, int key, struct instant now)
{
	if (key == KEYS_UP || key == KEYS_BACK_TAB) {
		move(s, s->n_choices > 0 ? (int)s->n_choices - 1 : 0);
		return ACTION_NONE;
	}
	if (key == KEYS_DOWN || key == KEYS_TAB) {
		move(s, 1);
		return ACTION_NONE;
	}
	switch (input_key(s->input, key)) {
	case INPUT_EDITED:
		choices_find(s);
		break;
	case INPUT_ACCEPTED:
		return run(s, now);
	case INPUT_CANCELLED:
		s->mode = MODE_VIEWS;
		break;
	case INPUT_IGNORED:
		break;
	}
	return ACTION_NONE;
}

enum action_id palette_point(
	struct screen *s, enum screen_pointer what, int row, struct instant now)
{
	if (what == POINTER_WHEEL_UP || what == POINTER_WHEEL_DOWN)
		return palette_key(s, what == POINTER_WHEEL_UP ? KEYS_UP : KEYS_DOWN, now);
	if (row < s->palette_row || row >= s->palette_row + s->palette_lines)
		return ACTION_CLICK;
	s->choice = s->palette_top + (size_t)(row - s->palette_row);
	return run(s, now);
}

static const char *note_of_runbook(const struct screen *s, const char *id)
{
	const struct runbook_card *card = run_board_card(s->now->runs, id);

	return card != NULL ? card->title : "";
}

static const char *note_of(const struct screen *s, const struct choice *c)
{
	switch (c->kind) {
	case CHOICE_ACTION:
		return _(action_title((enum action_id)c->index));
	case CHOICE_THEME:
		return _("use this theme");
	case CHOICE_WORD:
		return _("go to the one of this name");
	case CHOICE_POD:
		return c->ns;
	case CHOICE_RUNBOOK:
		return note_of_runbook(s, c->name);
	case CHOICE_NODE:
	case CHOICE_MEMBER:
		break;
	}
	return "";
}

static void paint_choice(
	struct screen *s, struct canvas *c, int row, const struct choice *choice, bool chosen)
{
	bool names = choice->kind >= CHOICE_NODE;
	int name = !names                           ? NAME_COLUMNS
		   : choice->kind == CHOICE_RUNBOOK ? c->width / 3
						    : c->width * 2 / 3;
	int at = 1 + name + 1;
	char key[32];

	canvas_fill(c, row, 0, c->width, ROLE_TEXT, ' ');
	canvas_put(c, row, 1, name, ROLE_ACCENT, choice->name);
	if (choice->kind == CHOICE_ACTION)
		canvas_put(c, row, at, KEY_COLUMNS, ROLE_KEY,
			keymap_first(s->keymap, (enum action_id)choice->index, key, sizeof(key)));
	at += names ? 0 : KEY_COLUMNS + 1;
	canvas_put(c, row, at, c->width - at - 1, ROLE_DIM, note_of(s, choice));
	if (chosen)
		canvas_role(c, row, 0, c->width, ROLE_SELECTED);
}

static void paint_input(struct screen *s, struct canvas *c)
{
	int row = c->height - 1, used;

	canvas_fill(c, row, 0, c->width, ROLE_INPUT, ' ');
	used = canvas_fmt(c, row, 0, c->width - 1, ROLE_INPUT, ":%s", s->input);
	canvas_attr(c, row, used, 1, CELL_REVERSE, true);
}

void palette_paint(struct screen *s, struct canvas *c, struct canvas *body, struct instant now)
{
	int room = c->height - 6 > LINES_MAX ? LINES_MAX : c->height - 6;
	int lines = (int)s->n_choices < room ? (int)s->n_choices : room;
	int width = c->width > 78 ? 78 : c->width;
	struct canvas box = canvas_area(c, c->height - 1 - lines - 2, 0, lines + 2, width), in;

	(void)body;
	(void)now;
	s->palette_lines = 0;
	paint_input(s, c);
	if (lines < 1)
		return;
	if (s->choice < s->palette_top)
		s->palette_top = s->choice;
	if (s->choice >= s->palette_top + (size_t)lines)
		s->palette_top = s->choice - (size_t)lines + 1;
	canvas_clear(&box);
	canvas_box(&box, 0, 0, box.height, box.width, ROLE_BORDER_FOCUS);
	in = canvas_area(&box, 1, 1, lines, width - 2);
	for (int i = 0; i < lines; i++) {
		size_t at = s->palette_top + (size_t)i;

		paint_choice(s, &in, i, &s->choices[at], at == s->choice);
	}
	s->palette_row = in.top;
	s->palette_lines = lines;
}
