/* The bottom line: a notice while there is one, else what the keys do here. The palette, the help
 * and the way out keep their place at the end however narrow the screen is; the rest is shown as
 * far as it goes. */
#include <stdio.h>

#include "base/i18n.h"
#include "base/text.h"
#include "screen_parts.h"

/* Most wanted first. */
static const enum action_id wanted[] = {
	ACTION_ANSWER,
	ACTION_START,
	ACTION_RESUME,
	ACTION_OFFERED,
	ACTION_ENTER,
	ACTION_LOGS,
	ACTION_PREVIOUS_LOGS,
	ACTION_NEXT_CONTAINER,
	ACTION_FOLLOW,
	ACTION_WRAP,
	ACTION_ACKNOWLEDGE,
	ACTION_INCIDENT,
	ACTION_ABORT,
	ACTION_FORGIVE,
	ACTION_RUNBOOKS,
	ACTION_ZOOM,
	ACTION_FILTER,
	ACTION_NOTE,
	ACTION_CHECKLIST,
	ACTION_SORT,
	ACTION_SORT_REVERSE,
	ACTION_NEXT_PANE,
	ACTION_REFRESH,
	ACTION_THEME,
};

static const enum action_id always[] = {ACTION_PALETTE, ACTION_HELP, ACTION_QUIT};

/* "z zoom"; gives its width. */
static int words_of(struct screen *s, enum action_id a, char key[32], const char **what)
{
	bool back = a == ACTION_QUIT && screen_focused(s)->depth > 1;
	const char *enter = pane_top(screen_focused(s))->ops->enter;

	keymap_first(s->keymap, a, key, 32);
	*what = _(a == ACTION_ENTER && enter != NULL ? enter : action_hint(back ? ACTION_BACK : a));
	return text_width(key) + 1 + text_width(*what);
}

static int put_hint(struct screen *s, struct canvas *line, int at, enum action_id a)
{
	const char *what;
	char key[32];
	int width = words_of(s, a, key, &what), from = at;

	if (key[0] == '\0' || what[0] == '\0')
		return at;
	at += canvas_put(line, 0, at, -1, ROLE_KEY, key) + 1;
	canvas_put(line, 0, at, -1, ROLE_DIM, what);
	if (s->n_hints < HINTS_MAX)
		s->hints[s->n_hints++] = (struct hint){from, from + width, a};
	return from + width + 2;
}

/* "1-6 pane" */
static int put_panes(struct screen *s, struct canvas *line, int at, int room)
{
	char keys[80], first[32], last[32];
	int width;

	keymap_first(s->keymap, ACTION_PANE_1 + (unsigned)s->panes[0].def->number - 1, first,
		sizeof(first));
	keymap_first(s->keymap, ACTION_PANE_1 + (unsigned)s->panes[s->n_panes - 1].def->number - 1,
		last, sizeof(last));
	if (first[0] == '\0' || last[0] == '\0')
		return at;
	snprintf(keys, sizeof(keys), "%s-%s", first, last);
	width = text_width(keys) + 1 + text_width(_("pane"));
	if (width > room)
		return at;
	canvas_put(line, 0, at, -1, ROLE_KEY, keys);
	canvas_put(line, 0, at + text_width(keys) + 1, -1, ROLE_DIM, _("pane"));
	return at + width + 2;
}

static void paint_hints(struct screen *s, struct canvas *line)
{
	int end = line->width, at = 1;
	const char *what;
	char key[32];

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		end -= words_of(s, always[i], key, &what) + 2;
	at = put_panes(s, line, at, end - at);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (screen_offers(s, wanted[i]) &&
			at + words_of(s, wanted[i], key, &what) + 2 <= end)
			at = put_hint(s, line, at, wanted[i]);
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		at = put_hint(s, line, at, always[i]);
}

static void paint_notice(struct screen *s, struct canvas *line)
{
	/* TRANSLATORS: before a sentence on the bottom line */
	static const char *const words[] = {"", N_("warning: "), N_("error: ")};
	static const enum role roles[] = {ROLE_ACCENT, ROLE_WARN, ROLE_BAD};
	const char *word = words[s->say_level];
	int at = 1;

	if (word[0] != '\0')
		at += canvas_put(line, 0, at, -1, roles[s->say_level], _(word));
	canvas_put(line, 0, at, -1, roles[s->say_level], s->say);
}

static void paint_filter_keys(struct canvas *line)
{
	int at = 1;

	at += canvas_put(line, 0, at, -1, ROLE_TEXT, _("type to filter")) + 2;
	at += canvas_put(line, 0, at, -1, ROLE_KEY, _("Enter")) + 1;
	at += canvas_put(line, 0, at, -1, ROLE_DIM, _("keep")) + 2;
	at += canvas_put(line, 0, at, -1, ROLE_KEY, _("Esc")) + 1;
	canvas_put(line, 0, at, -1, ROLE_DIM, _("clear"));
}

void hints_paint(struct screen *s, struct canvas *line, struct instant now)
{
	canvas_fill(line, 0, 0, line->width, ROLE_TEXT, ' ');
	if (s->say_until.boot_ms > now.boot_ms)
		paint_notice(s, line);
	else if (s->mode == MODE_FILTER)
		paint_filter_keys(line);
	else
		paint_hints(s, line);
}
