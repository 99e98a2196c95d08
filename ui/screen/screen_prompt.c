/* The prompt: one line that is asked for at the bottom of the screen. What is asked, and how the
 * answer becomes a command, is a row of model/entry_ask; or a view has asked, and the answer is the
 * text of its command. A wrong answer is said where the question stood, and stays to be mended. */
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "screen_parts.h"

void prompt_begin(struct screen *s, const struct entry_ask *what, const struct incident *about,
	const char *text)
{
	s->prompt = what;
	s->question = what->ask;
	s->mode = MODE_PROMPT;
	s->wrong[0] = '\0';
	str_copy(s->about, sizeof(s->about), about != NULL ? about->id : "");
	str_copy(s->input, sizeof(s->input), text);
}

void prompt_command(struct screen *s, const char *question, struct command *c)
{
	screen_hold(s, c);
	s->prompt = NULL;
	s->question = question;
	s->mode = MODE_PROMPT;
	s->wrong[0] = s->input[0] = '\0';
}

static void accept_text(struct screen *s, const char *text, struct instant now)
{
	struct command *c;

	if (text[0] == '\0') {
		str_copy(s->wrong, sizeof(s->wrong), _("write something, or leave with Esc"));
		return;
	}
	c = screen_held(s);
	str_copy(c->text, sizeof(c->text), text);
	s->mode = MODE_VIEWS;
	screen_post(s, c, now);
}

static void accept_entry(struct screen *s, const char *answer, struct instant now)
{
	struct command *c = command_record(s->prompt->kind, s->about);
	const char *wrong;

	if (s->prompt->opens)
		c->letter.kind = COMMAND_OPEN;
	wrong = entry_ask_take(s->prompt, casebook_find(s->now->book, s->about), answer, c);
	if (wrong != NULL) {
		str_copy(s->wrong, sizeof(s->wrong), wrong);
		c->letter.drop(&c->letter);
		return;
	}
	s->mode = MODE_VIEWS;
	screen_post(s, c, now);
}

static void accept(struct screen *s, struct instant now)
{
	const char *answer = s->input + strspn(s->input, " ");

	if (s->prompt != NULL)
		accept_entry(s, answer, now);
	else
		accept_text(s, answer, now);
}

enum action_id prompt_key(struct screen *s, int key, struct instant now)
{
	s->wrong[0] = '\0';
	switch (input_key(s->input, key)) {
	case INPUT_ACCEPTED:
		accept(s, now);
		break;
	case INPUT_CANCELLED:
		s->mode = MODE_VIEWS;
		break;
	case INPUT_EDITED:
	case INPUT_IGNORED:
		break;
	}
	return ACTION_NONE;
}

void prompt_paint(struct screen *s, struct canvas *all, struct canvas *body, struct instant now)
{
	(void)body;
	(void)now;
	input_paint(s, all, _(s->question));
}
