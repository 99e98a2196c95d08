/* The prompt: one line that is asked for at the bottom of the screen. A row per question: how it is
 * asked, how the answer becomes a command. A wrong answer is said where the question stood, and
 * stays to be mended. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "ui/screen/screen_parts.h"

struct prompt {
	enum action_id action;
	const char *ask; /* N_() key */
	enum command_kind kind;
	/* Fills the command from the answer, or writes what is wrong and gives false. */
	bool (*take)(struct screen *s, const char *answer, struct command *c);
};

/* "word rest": the first word into dst; gives the rest. */
static const char *first_word(const char *answer, char *dst, size_t size)
{
	size_t n = strcspn(answer, " ");

	str_copy_n(dst, size, answer, n);
	return answer + n + strspn(answer + n, " ");
}

static bool wrong(struct screen *s, const char *sentence)
{
	str_copy(s->wrong, sizeof(s->wrong), sentence);
	return false;
}

static bool take_level(struct screen *s, const char *answer, struct command *c)
{
	char word[8];
	const char *rest = first_word(answer, word, sizeof(word));

	if (!level_parse(word, &c->level))
		return wrong(s, _("begin with P0, P1, P2 or P3"));
	if (rest[0] == '\0')
		return wrong(s, _("say in a few words why, too"));
	str_copy(c->text, sizeof(c->text), rest);
	return true;
}

static bool take_text(struct screen *s, const char *answer, struct command *c)
{
	if (answer[0] == '\0')
		return wrong(s, _("write something, or leave with Esc"));
	str_copy(c->text, sizeof(c->text), answer);
	return true;
}

static bool take_reason(struct screen *s, const char *answer, struct command *c)
{
	(void)s;
	str_copy(c->text, sizeof(c->text), answer);
	return true;
}

static bool take_pair(struct screen *s, const char *answer, struct command *c)
{
	const char *rest = first_word(answer, c->name, sizeof(c->name));

	if (c->name[0] == '\0' || rest[0] == '\0')
		return wrong(s, _("two things are wanted, with a blank between"));
	str_copy(c->text, sizeof(c->text), rest);
	return true;
}

static bool take_role(struct screen *s, const char *answer, struct command *c)
{
	const char *rest = first_word(answer, c->name, sizeof(c->name));

	if (c->name[0] == '\0')
		return wrong(s, _("name a role, and who has it"));
	str_copy(c->text, sizeof(c->text), rest); /* "": nobody any more */
	return true;
}

/* Notes are numbered as the incident's page shows them. */
static bool take_star(struct screen *s, const char *answer, struct command *c)
{
	const struct incident *i = casebook_find(s->now->book, s->about);
	int64_t n = 0;

	if (i == NULL || !str_i64(answer, &n) || n < 1 || (size_t)n > i->notes.len)
		return wrong(s, _("the number of one of the notes is wanted"));
	str_copy(c->name, sizeof(c->name), i->notes.at[n - 1].id);
	c->on = !i->notes.at[n - 1].starred;
	return true;
}

static bool take_mitigated(struct screen *s, const char *answer, struct command *c)
{
	(void)s;
	(void)answer;
	c->moment = INCIDENT_MITIGATED;
	return true;
}

static bool take_recovered(struct screen *s, const char *answer, struct command *c)
{
	(void)s;
	(void)answer;
	c->moment = INCIDENT_RECOVERED;
	return true;
}

static bool take_close(struct screen *s, const char *answer, struct command *c)
{
	(void)s;
	(void)answer;
	c->moment = INCIDENT_CLOSED;
	return true;
}

static const struct prompt prompts[] = {
	{ACTION_OPEN, N_("new incident: level and title"), COMMAND_OPEN, take_level},
	{ACTION_NOTE, N_("note"), COMMAND_NOTE, take_text},
	{ACTION_LEVEL, N_("level and reason"), COMMAND_LEVEL, take_level},
	{ACTION_ROLE, N_("role and who"), COMMAND_ROLE, take_role},
	{ACTION_STAR, N_("number of the note to star, or to unstar"), COMMAND_STAR, take_star},
	{ACTION_LINK, N_("what it is and where (ticket OPS-7)"), COMMAND_LINK, take_pair},
	{ACTION_REOPEN, N_("reopen: why"), COMMAND_REOPEN, take_reason},
	{ACTION_MITIGATED, N_("Enter records that users no longer feel it"), COMMAND_MOMENT,
		take_mitigated},
	{ACTION_RECOVERED, N_("Enter records that it has recovered"), COMMAND_MOMENT,
		take_recovered},
	{ACTION_CLOSE, N_("Enter closes the incident"), COMMAND_MOMENT, take_close},
};

void prompt_begin(
	struct screen *s, enum action_id id, const struct incident *about, const char *text)
{
	for (size_t i = 0; i < sizeof(prompts) / sizeof(prompts[0]); i++)
		if (prompts[i].action == id)
			s->prompt = &prompts[i];
	s->mode = MODE_PROMPT;
	s->wrong[0] = '\0';
	str_copy(s->about, sizeof(s->about), about != NULL ? about->id : "");
	str_copy(s->input, sizeof(s->input), text);
}

static void accept(struct screen *s, struct instant now)
{
	const char *answer = s->input + strspn(s->input, " ");
	struct command *c = command_new(s->prompt->kind);

	c->level = LEVEL_NONE;
	str_copy(c->incident, sizeof(c->incident), s->about);
	if (!s->prompt->take(s, answer, c)) {
		c->letter.drop(&c->letter);
		return;
	}
	s->mode = MODE_VIEWS;
	screen_post(s, c, now);
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

/* The end of what is typed is where one types: what does not fit is left out at the beginning. */
void prompt_paint(struct screen *s, struct canvas *all, struct canvas *body)
{
	struct canvas bottom = canvas_area(all, all->height - 1, 0, 1, all->width), *line = &bottom;
	bool bad = s->wrong[0] != '\0';
	const char *text = s->input;
	int at = 1;

	(void)body;
	canvas_fill(line, 0, 0, line->width, ROLE_INPUT, ' ');
	at += canvas_fmt(line, 0, at, line->width - 20, bad ? ROLE_BAD : ROLE_KEY,
		      "%s:", bad ? s->wrong : _(s->prompt->ask)) +
	      1;
	while (*text != '\0' && text_width(text) > line->width - at - 1) {
		uint32_t skipped;

		text += text_next(text, strlen(text), &skipped);
	}
	at += canvas_put(line, 0, at, line->width - at - 1, ROLE_INPUT, text);
	canvas_attr(line, 0, at, 1, CELL_REVERSE, true);
}
