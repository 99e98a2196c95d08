/* The help: every key, from the key table, those of the focused view first. */
#include "base/i18n.h"
#include "screen_parts.h"

#define KEYS_COLUMNS 20
#define NAME_COLUMNS 16

enum action_id help_key(struct screen *s, int key, struct instant now)
{
	int page = s->help_room > 1 ? s->help_room - 1 : 1;
	enum action_id a = keymap_action(s->keymap, key);

	(void)now;
	if (key == KEYS_UP || a == ACTION_UP)
		s->help_top--;
	else if (key == KEYS_DOWN || a == ACTION_DOWN)
		s->help_top++;
	else if (a == ACTION_PAGE_UP)
		s->help_top -= page;
	else if (a == ACTION_PAGE_DOWN)
		s->help_top += page;
	else if (a == ACTION_TOP)
		s->help_top = 0;
	else if (a == ACTION_BOTTOM)
		s->help_top = s->help_lines;
	else if (a == ACTION_THEME)
		return a;
	else
		s->mode = MODE_VIEWS;
	return ACTION_NONE;
}

/* The wheel moves, a click closes. */
enum action_id help_point(struct screen *s, enum screen_pointer what, int row, struct instant now)
{
	(void)row;
	return help_key(s,
		what == POINTER_WHEEL_UP     ? KEYS_UP
		: what == POINTER_WHEEL_DOWN ? KEYS_DOWN
					     : KEYS_ESCAPE,
		now);
}

/* Lines are painted where they belong, most of them outside the box; canvas clips. */
struct page {
	struct screen *s;
	struct canvas *c;
	int line; /* next */
};

static void put_heading(struct page *p, const char *text)
{
	if (p->line > 0)
		p->line++;
	canvas_put(p->c, p->line - p->s->help_top, 1, -1, ROLE_TITLE, text);
	p->line++;
}

static void put_row(struct page *p, const char *keys, const char *name, const char *title)
{
	int row = p->line++ - p->s->help_top;
	bool narrow = p->c->width < 70;
	int at = narrow ? 2 + 16 : 2 + KEYS_COLUMNS;

	canvas_put(p->c, row, 2, at - 3, ROLE_KEY, keys);
	if (!narrow) {
		canvas_put(p->c, row, at, NAME_COLUMNS - 1, ROLE_DIM, name);
		at += NAME_COLUMNS;
	}
	canvas_put(p->c, row, at, -1, ROLE_TEXT, title);
}

static void put_action(struct page *p, enum action_id a)
{
	char keys[64];

	keymap_keys(p->s->keymap, a, keys, sizeof(keys));
	put_row(p, keys, action_name(a), _(action_title(a)));
}

static bool view_lists(struct screen *s, enum action_id id)
{
	const enum action_id *a = pane_top(screen_focused(s))->ops->actions;

	while (a != NULL && *a != ACTION_NONE && *a != id)
		a++;
	return a != NULL && *a == id;
}

/* What the screen does for every view. */
static bool is_common(struct screen *s, int a)
{
	return screen_offers(s, (enum action_id)a) || (a >= ACTION_UP && a <= ACTION_BACK);
}

void help_paint(struct screen *s, struct canvas *all, struct canvas *body, struct instant now)
{
	struct canvas in = canvas_area(body, 1, 1, body->height - 2, body->width - 2);
	struct page p = {s, &in, 0};

	(void)all;
	(void)now;
	canvas_clear(body);
	canvas_box(body, 0, 0, body->height, body->width, ROLE_BORDER_FOCUS);
	canvas_put(
		body, 0, 2, body->width - 4, ROLE_BORDER_FOCUS, _(" keys (any other key closes) "));
	s->help_room = in.height;
	if (s->help_top > s->help_lines - in.height)
		s->help_top = s->help_lines - in.height;
	if (s->help_top < 0)
		s->help_top = 0;
	put_heading(&p, _(pane_top(screen_focused(s))->ops->title));
	for (int a = 1; a < ACTION_CLICK; a++)
		if (view_lists(s, (enum action_id)a))
			put_action(&p, (enum action_id)a);
	put_heading(&p, _("everywhere"));
	for (int a = 1; a < ACTION_CLICK; a++)
		if (is_common(s, a) && !view_lists(s, (enum action_id)a))
			put_action(&p, (enum action_id)a);
	put_row(&p, "Ctrl-C", "", _("leave k911 at once"));
	put_row(&p, _("mouse"), "", _("click selects, double opens, wheel scrolls"));
	s->help_lines = p.line;
}
