/* The dialog before a step that needs consent: what it is about, what will happen and may go wrong,
 * what etcd can bear, the way back, the command itself; and a yes, or the target's name to be typed.
 *
 * It opens by itself only on the page of its run, and even there takes no key until nobody has typed
 * for a moment before its eyes: what was meant for the page answers nothing. A name is compared
 * whole, by what the question takes; "y" is no name. A no ends the run at this step, so one may look
 * elsewhere first: the question stays in the header. Where it is no longer asked the dialog stays
 * until it is closed, or what is typed into it would become commands. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "screen_parts.h"
#include "ui/kit/show.h"

#define QUIET_MS     300
#define MOST_COLUMNS 100

static const struct ask *ask_numbered(const struct screen *s, uint64_t number)
{
	for (size_t i = 0; i < s->now->n_asks; i++)
		if (s->now->asks[i].number == number)
			return &s->now->asks[i];
	return NULL;
}

bool consent_begin(struct screen *s, const struct ask *a)
{
	const struct run_seen *run = run_board_consent(s->now->runs, a->number);
	const struct action top = {.id = ACTION_TOP};

	if (run == NULL)
		return false;
	s->ask = *a;
	s->consent = run->consent;
	if (s->consent.word[0] != '\0' && a->n == 1) /* as the question will compare it */
		str_copy(s->consent.word, sizeof(s->consent.word), a->choices[0]);
	str_copy(s->consent_run, sizeof(s->consent_run), run->id);
	s->consent_seen = (struct instant){0};
	s->input[0] = s->wrong[0] = '\0';
	widget_text_act(s->paper, &top);
	s->mode = s->consent.word[0] != '\0' ? MODE_CONSENT_TYPED : MODE_CONSENT;
	return true;
}

void consent_show(struct screen *s)
{
	const struct run_seen *run = s->mode == MODE_VIEWS ? runs_on_page(s) : NULL;
	const struct ask *a;

	if (run == NULL || run->consent.ask == 0 || run->consent.ask == s->answered)
		return;
	a = ask_numbered(s, run->consent.ask);
	if (a != NULL)
		consent_begin(s, a);
}

static void leave(struct screen *s)
{
	s->answered = s->ask.number;
	s->mode = MODE_VIEWS;
}

void consent_end(struct screen *s)
{
	s->consent.ask = 0;
	str_copy(
		s->wrong, sizeof(s->wrong), _("that question is no longer asked: Esc closes this"));
}

static void say_yes(struct screen *s, const char *typed, struct instant now)
{
	char answer[ASK_ANSWER], why[200];
	struct command *c;

	if (s->consent.word[0] != '\0' && !str_eq(typed, s->consent.word)) {
		str_copy(s->wrong, sizeof(s->wrong),
			typed[0] != '\0' ? _("that is not it: nothing was done")
					 : _("it is to be typed, letter by letter"));
		s->input[0] = '\0';
		return;
	}
	if (!ask_take(&s->ask, typed, answer, why)) {
		str_copy(s->wrong, sizeof(s->wrong), why);
		return;
	}
	c = command_new(COMMAND_ANSWER);
	c->ask = s->ask.number;
	str_copy(c->text, sizeof(c->text), answer);
	leave(s);
	screen_post(s, c, now);
}

static void say_no(struct screen *s, struct instant now)
{
	struct command *c = command_new(COMMAND_RUN_ABORT);

	str_copy(c->name, sizeof(c->name), s->consent_run);
	leave(s);
	screen_say(s, NOTICE_INFO, now, "%s", _("you said no: the run stops here"));
	screen_post(s, c, now);
}

static bool scrolls(struct screen *s, int key)
{
	static const struct {
		int key;
		enum action_id action;
	} rows[] = {{KEYS_UP, ACTION_UP}, {KEYS_DOWN, ACTION_DOWN}, {KEYS_PAGE_UP, ACTION_PAGE_UP},
		{KEYS_PAGE_DOWN, ACTION_PAGE_DOWN}, {KEYS_HOME, ACTION_TOP},
		{KEYS_END, ACTION_BOTTOM}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].key == key)
			return widget_text_act(s->paper, &(struct action){.id = rows[i].action});
	return false;
}

static void type(struct screen *s, int key, struct instant now)
{
	enum input_end end = input_key(s->input, key);

	s->wrong[0] = '\0';
	if (end == INPUT_ACCEPTED)
		say_yes(s, s->input, now);
	else if (key == KEYS_ESCAPE)
		say_no(s, now);
}

/* True: it came too soon after the dialog, or after another such key. */
static bool is_too_soon(struct screen *s, struct instant now)
{
	bool soon =
		s->consent_seen.boot_ms == 0 || now.boot_ms - s->consent_seen.boot_ms < QUIET_MS;

	if (soon && s->consent_seen.boot_ms != 0)
		s->consent_seen = now;
	return soon;
}

enum action_id consent_key(struct screen *s, int key, struct instant now)
{
	if (is_too_soon(s, now) || scrolls(s, key))
		return ACTION_NONE;
	if (s->consent.ask == 0) {
		s->mode = key == KEYS_ESCAPE || key == KEYS_ENTER ? MODE_VIEWS : s->mode;
	} else if (key == KEYS_TAB) {
		leave(s);
		screen_say(s, NOTICE_INFO, now, "%s", _("the question stays: ! brings it back"));
	} else if (s->mode == MODE_CONSENT_TYPED) {
		type(s, key, now);
	} else if (key == 'y' || key == 'Y') {
		say_yes(s, "yes", now);
	} else if (key == 'n' || key == 'N' || key == KEYS_ESCAPE) {
		say_no(s, now);
	}
	return ACTION_NONE;
}

/* The wheel scrolls; a click answers nothing. */
enum action_id consent_point(
	struct screen *s, enum screen_pointer what, int row, struct instant now)
{
	(void)row;
	(void)now;
	if (what == POINTER_WHEEL_UP || what == POINTER_WHEEL_DOWN)
		scrolls(s, what == POINTER_WHEEL_UP ? KEYS_UP : KEYS_DOWN);
	return ACTION_NONE;
}

/* ---- painting ---- */

static void write_consent(struct pen *p, void *context)
{
	const struct run_consent *c = context;
	const struct {
		const char *name, *text;
		enum role role;
	} rows[] = {
		{_("Target"), c->target, ROLE_ACCENT},
		{_("What happens"), c->what, ROLE_TEXT},
		{_("May go wrong"), c->risk, ROLE_WARN},
		{_("etcd"), c->oracle, ROLE_BAD},
		{_("Undo"), c->undo, ROLE_TEXT},
		{_("Command"), c->command, ROLE_ACCENT},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].text[0] != '\0')
			pen_wide_pair(p, rows[i].name, rows[i].role, rows[i].text);
}

static void paint_title(const struct screen *s, struct canvas *box, struct instant now)
{
	char left[SHOW_SIZE], words[80] = "", step[sizeof(s->ask.text)];
	int end = box->width - 2;

	if (s->ask.deadline.boot_ms > now.boot_ms)
		snprintf(words, sizeof(words), _(" within %s "),
			show_age(s->ask.deadline.boot_ms - now.boot_ms, left, sizeof(left)));
	canvas_right(box, 0, end, text_width(words), ROLE_WARN, words);
	text_safe(step, sizeof(step), s->ask.text, strlen(s->ask.text));
	canvas_fmt(box, 0, 2, end - text_width(words) - 3, ROLE_WARN, " %s ", step);
}

static int put_key(struct canvas *c, int at, const char *key, const char *what)
{
	at += canvas_put(c, 0, at, -1, ROLE_KEY, key) + 1;
	return at + canvas_put(c, 0, at, -1, ROLE_TEXT, what) + 3;
}

static void paint_keys(struct canvas *line)
{
	int at = put_key(line, 1, "y", _("yes, do it"));

	at = put_key(line, at, "n", _("no, stop the run here"));
	put_key(line, at, _("Tab"), _("look around first"));
}

/* What is to be typed, above what is typed. */
static void paint_word(struct screen *s, struct canvas *above, struct canvas *line)
{
	bool bad = s->wrong[0] != '\0';
	char word[sizeof(s->consent.word) * 2];
	int at = 1;

	text_safe(word, sizeof(word), s->consent.word, strlen(s->consent.word));
	if (bad)
		canvas_put(above, 0, 1, above->width - 2, ROLE_BAD, s->wrong);
	else
		canvas_put(above, 0, 1, above->width - 2, ROLE_DIM,
			_("Esc no, stop the run here   Tab look around first"));
	canvas_fill(line, 0, 0, line->width, ROLE_INPUT, ' ');
	at += canvas_fmt(line, 0, at, line->width * 2 / 3, ROLE_KEY, _("type %s to do it:"), word);
	at += 1;
	at += canvas_put(line, 0, at, line->width - at - 1, ROLE_INPUT, s->input);
	canvas_attr(line, 0, at, 1, CELL_REVERSE, true);
}

void consent_paint(struct screen *s, struct canvas *all, struct canvas *body, struct instant now)
{
	int width = body->width > MOST_COLUMNS ? MOST_COLUMNS : body->width;
	struct canvas box = canvas_area(body, 0, (body->width - width) / 2, body->height, width);
	struct canvas in = canvas_area(&box, 1, 1, box.height - 5, width - 2);
	struct canvas above = canvas_area(&box, box.height - 3, 1, 1, width - 2);
	struct canvas line = canvas_area(&box, box.height - 2, 1, 1, width - 2);
	const struct view_look look = {.now = now, .focused = true, .filter = ""};

	(void)all;
	if (s->consent_seen.boot_ms == 0)
		s->consent_seen = now;
	canvas_clear(&box);
	canvas_box(&box, 0, 0, box.height, box.width, ROLE_BORDER_FOCUS);
	paint_title(s, &box, now);
	widget_text_draw(s->paper, &in, &look, write_consent, &s->consent);
	if (s->mode == MODE_CONSENT_TYPED)
		paint_word(s, &above, &line);
	else if (s->wrong[0] != '\0')
		canvas_put(&above, 0, 1, above.width - 2, ROLE_BAD, s->wrong);
	if (s->mode == MODE_CONSENT)
		paint_keys(&line);
}
