/* A runbook's form: a row an input, with its question, what it is worth now, and what is wrong with
 * that. Names are typed, or chosen by Tab from what the snapshot holds. What is filled in becomes a
 * plan, which changes nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "base/vec.h"
#include "screen_parts.h"

#define KEY_PLAN  ('P' & 31)
#define HEAD_ROWS 5
#define HELP_ROWS 2
#define GAP       2

/* As the board has it now; NULL when it is gone, or is another one by now. */
static const struct runbook_card *card_of(const struct screen *s)
{
	const struct runbook_card *card = run_board_card(s->now->runs, s->form.runbook);

	if (card == NULL || card->n_inputs != s->form.n)
		return NULL;
	for (size_t i = 0; i < s->form.n; i++)
		if (!str_eq(card->inputs[i].name, s->form.inputs[i].name))
			return NULL;
	return card;
}

void form_begin(struct screen *s, const char *runbook, struct instant now)
{
	const struct runbook_card *card = run_board_card(s->now->runs, runbook);
	const struct action top = {.id = ACTION_TOP};

	if (card == NULL) {
		screen_say(s, NOTICE_WARN, now, "%s", _("that runbook is not there any more"));
		return;
	}
	memset(&s->form, 0, sizeof(s->form));
	str_copy(s->form.runbook, sizeof(s->form.runbook), runbook);
	s->form.n = card->n_inputs < RUN_INPUTS ? card->n_inputs : RUN_INPUTS;
	for (size_t i = 0; i < s->form.n; i++)
		str_copy(s->form.inputs[i].name, sizeof(s->form.inputs[i].name),
			card->inputs[i].name);
	widget_text_act(s->paper, &top);
	s->mode = MODE_FORM;
	form_show(s);
}

/* A default that was not known when the form was opened comes later; one that stands there is not
 * taken from under the operator's eyes. */
void form_show(struct screen *s)
{
	const struct runbook_card *card = s->mode == MODE_FORM ? card_of(s) : NULL;

	for (size_t i = 0; card != NULL && i < s->form.n; i++)
		if (!s->form.inputs[i].touched && s->form.inputs[i].value[0] == '\0')
			str_copy(s->form.inputs[i].value, sizeof(s->form.inputs[i].value),
				card->inputs[i].value);
}

/* ---- keys ---- */

/* The first input that cannot stay as it is gets the cursor. */
static bool is_complete(struct screen *s, const struct runbook_card *card)
{
	bool good = true;

	for (size_t i = s->form.n; i-- > 0;)
		if (!form_value_check(
			    &card->inputs[i], s->form.inputs[i].value, s->form.inputs[i].wrong)) {
			s->form.at = i;
			good = false;
		}
	return good;
}

/* "k=v" in lines; false: they do not fit into a command. */
static bool put_inputs(const struct form *f, char text[COMMAND_TEXT])
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < f->n; i++) {
		int n = snprintf(text + used, COMMAND_TEXT - used, "%s=%s\n", f->inputs[i].name,
			f->inputs[i].value);

		if (n < 0 || (size_t)n >= COMMAND_TEXT - used)
			return false;
		used += (size_t)n;
	}
	return true;
}

static void plan(struct screen *s, const struct runbook_card *card, struct instant now)
{
	struct view_args args = {0};

	if (!is_complete(s, card))
		return;
	if (!put_inputs(&s->form, args.text)) {
		screen_say(s, NOTICE_WARN, now, "%s", _("the inputs are too long together"));
		return;
	}
	str_copy(args.name, sizeof(args.name), s->form.runbook);
	s->mode = MODE_VIEWS;
	pane_show(s, pane_of_view(s, s->views->actions), s->views->plan, &args, now);
}

/* The next name that begins as it was typed. */
static void choose(struct screen *s, const struct run_input_card *card, size_t i, bool back)
{
	const char *stem = s->form.inputs[i].stem;
	char *value = s->form.inputs[i].value;
	struct form_choices all;
	size_t at = 0;

	form_choices_find(s->now, card, stem, &all);
	while (at < all.len && !str_eq(all.at[at], value))
		at++;
	if (at == all.len) /* none of them yet: the first, or the last */
		at = back || all.len == 0 ? 0 : all.len - 1;
	if (all.len > 0)
		str_copy(value, INPUT_BYTES, all.at[(at + (back ? all.len - 1 : 1)) % all.len]);
	vec_done(&all);
	s->form.inputs[i].wrong[0] = '\0';
	s->form.inputs[i].touched = true;
}

static void go(struct screen *s, const struct runbook_card *card, int key, struct instant now)
{
	struct form *f = &s->form;
	size_t i = f->at;

	if (key == KEYS_UP)
		f->at = i > 0 ? i - 1 : 0;
	else if (key == KEYS_DOWN)
		f->at = i + 1 < f->n ? i + 1 : i;
	else if (f->n > 0 && key == KEYS_ENTER && i + 1 < f->n)
		f->at += form_value_check(&card->inputs[i], f->inputs[i].value, f->inputs[i].wrong);
	else
		plan(s, card, now);
}

static void edit(struct screen *s, const struct run_input_card *card, size_t i, int key)
{
	char *value = s->form.inputs[i].value;

	if (card->type == RUN_INPUT_CHOICE) {
		if (key == ' ')
			choose(s, card, i, false);
		return;
	}
	if (input_key(value, key) != INPUT_EDITED)
		return;
	s->form.inputs[i].wrong[0] = '\0';
	s->form.inputs[i].touched = true;
	str_copy(s->form.inputs[i].stem, sizeof(s->form.inputs[i].stem), value);
}

enum action_id form_key(struct screen *s, int key, struct instant now)
{
	const struct runbook_card *card = card_of(s);
	size_t i = s->form.at;

	if (card == NULL || key == KEYS_ESCAPE) {
		s->mode = MODE_VIEWS;
		if (card == NULL)
			screen_say(s, NOTICE_WARN, now, "%s",
				_("that runbook has changed: look again"));
	} else if (key == KEYS_UP || key == KEYS_DOWN || key == KEYS_ENTER || key == KEY_PLAN) {
		go(s, card, key, now);
	} else if (i >= s->form.n) {
		return ACTION_NONE; /* it has no inputs */
	} else if (key == KEYS_TAB || key == KEYS_RIGHT) {
		choose(s, &card->inputs[i], i, false);
	} else if (key == KEYS_BACK_TAB || key == KEYS_LEFT) {
		choose(s, &card->inputs[i], i, true);
	} else {
		edit(s, &card->inputs[i], i, key);
	}
	return ACTION_NONE;
}

/* The mouse fills in nothing, and loses nothing that was typed. */
enum action_id form_point(struct screen *s, enum screen_pointer what, int row, struct instant now)
{
	(void)s;
	(void)what;
	(void)row;
	(void)now;
	return ACTION_NONE;
}

/* ---- painting ---- */

static void write_head(struct pen *p, void *context)
{
	const struct runbook_card *card = *(const struct runbook_card **)context;
	char why[300];

	pen_text(p, ROLE_ACCENT, card->title);
	if (card->about[0] != '\0')
		pen_text(p, ROLE_TEXT, card->about);
	snprintf(why, sizeof(why), _("It fits now: %s"), card->why);
	if (card->fits && card->why[0] != '\0')
		pen_text(p, ROLE_WARN, why);
}

/* What is known of the value beside it: what is wrong, or that nothing of that name is known. */
static enum role note_of(
	const struct screen *s, const struct run_input_card *card, size_t i, char dst[160])
{
	const char *value = s->form.inputs[i].value;
	bool named = card->type != RUN_INPUT_FILE && card->type != RUN_INPUT_TEXT;

	str_copy(dst, 160, s->form.inputs[i].wrong);
	if (dst[0] != '\0')
		return ROLE_BAD;
	if (value[0] == '\0')
		str_copy(dst, 160, card->optional ? _("may stay empty") : "");
	else if (named && !form_value_known(s->now, card, value))
		str_copy(dst, 160, _("not known here: the plan will tell"));
	return value[0] == '\0' ? ROLE_DIM : ROLE_WARN;
}

static void paint_value(struct canvas *c, int row, int at, int room, const char *value, bool edited)
{
	int used;

	canvas_fill(c, row, at, room, edited ? ROLE_INPUT : ROLE_TEXT, ' ');
	while (*value != '\0' && text_width(value) > room - 1) {
		uint32_t skipped;

		value += text_next(value, strlen(value), &skipped);
	}
	used = canvas_put(c, row, at, room, edited ? ROLE_INPUT : ROLE_ACCENT, value);
	if (edited)
		canvas_attr(c, row, at + used, 1, CELL_REVERSE, true);
}

static void paint_inputs(struct screen *s, const struct runbook_card *card, struct canvas *c)
{
	int ask = (c->width - 2) * 2 / 5, value = (c->width - 2) / 4,
	    note = 1 + ask + value + 2 * GAP;
	size_t rows = c->height > 0 ? (size_t)c->height : 1;
	size_t top = s->form.at + 1 > rows ? s->form.at + 1 - rows : 0;

	for (size_t i = top; i < s->form.n; i++) {
		bool edited = i == s->form.at;
		char text[160];
		enum role role = note_of(s, &card->inputs[i], i, text);

		canvas_put(c, (int)(i - top), 1, ask, edited ? ROLE_TEXT : ROLE_DIM,
			card->inputs[i].ask[0] != '\0' ? card->inputs[i].ask
						       : card->inputs[i].name);
		paint_value(
			c, (int)(i - top), 1 + ask + GAP, value, s->form.inputs[i].value, edited);
		canvas_put(c, (int)(i - top), note, c->width - note - 1, role, text);
	}
}

/* What Tab goes through, from the value on; or what is wrong with it, in full. */
static void paint_help(struct screen *s, const struct run_input_card *card, struct canvas *c)
{
	struct form_choices all;
	char note[160];
	enum role role = note_of(s, card, s->form.at, note);
	int at = 1;

	canvas_put(c, 0, 1, c->width - 2, role, note);
	form_choices_find(s->now, card, s->form.inputs[s->form.at].stem, &all);
	if (all.len > 0)
		at += canvas_put(c, 1, at, c->width - 2, ROLE_DIM, _("Tab chooses:")) + 1;
	for (size_t k = 0; k < all.len && at < c->width - 2; k++) {
		bool is = str_eq(all.at[k], s->form.inputs[s->form.at].value);

		at += canvas_put(c, 1, at, c->width - at - 1, is ? ROLE_ACCENT : ROLE_TEXT,
			      all.at[k]) +
		      1;
	}
	if (all.len == 0)
		canvas_put(c, 1, 1, c->width - 2, ROLE_DIM,
			card->type == RUN_INPUT_FILE ? _("the path of a file on this machine")
						     : _("type it"));
	vec_done(&all);
}

static void paint_keys(struct screen *s, struct canvas *line)
{
	static const struct {
		const char *key, *what;
	} rows[] = {{N_("Enter"), N_("next, then the plan")}, {"Ctrl-P", N_("the plan")},
		{N_("Tab"), N_("choose")}, {N_("Esc"), N_("leave")}};
	int at = 1;

	canvas_fill(line, 0, 0, line->width, ROLE_TEXT, ' ');
	for (size_t i = s->form.n == 0 ? 1 : 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		at += canvas_put(line, 0, at, -1, ROLE_KEY, _(rows[i].key)) + 1;
		at += canvas_put(line, 0, at, -1, ROLE_DIM, _(rows[i].what)) + 2;
	}
}

void form_paint(struct screen *s, struct canvas *all, struct canvas *body, struct instant now)
{
	const struct runbook_card *card = card_of(s);
	struct canvas head = canvas_area(body, 1, 1, HEAD_ROWS, body->width - 2);
	struct canvas rows = canvas_area(
		body, 2 + HEAD_ROWS, 1, body->height - HEAD_ROWS - HELP_ROWS - 4, body->width - 2);
	struct canvas help =
		canvas_area(body, body->height - HELP_ROWS - 1, 1, HELP_ROWS, body->width - 2);
	struct canvas line = canvas_area(all, all->height - 1, 0, 1, all->width);
	const struct view_look look = {.now = now, .focused = true, .filter = ""};

	canvas_clear(body);
	canvas_box(body, 0, 0, body->height, body->width, ROLE_BORDER_FOCUS);
	canvas_fmt(body, 0, 2, body->width - 4, ROLE_BORDER_FOCUS, " %s ", s->form.runbook);
	if (s->say_until.boot_ms <= now.boot_ms)
		paint_keys(s, &line);
	if (card == NULL) {
		canvas_put(body, 1, 2, body->width - 4, ROLE_WARN,
			_("that runbook has changed: look again"));
		return;
	}
	widget_text_draw(s->paper, &head, &look, write_head, &card);
	paint_inputs(s, card, &rows);
	if (s->form.n > 0)
		paint_help(s, &card->inputs[s->form.at], &help);
}
