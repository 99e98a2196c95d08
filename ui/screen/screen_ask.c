/* The answer to what something under way waits on. A question never opens itself: whoever types
 * would answer it with keys meant for something else. It stands in the header until a key opens it,
 * and what is answered is the question as it stood then, even if another one is asked meanwhile. On
 * a run's page that run's question comes before others; a run's consent has a dialog of its own. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "screen_parts.h"

void ask_begin(struct screen *s)
{
	const struct run_seen *run = runs_on_page(s);
	const struct ask *a = &s->now->asks[0];

	if (s->now->n_asks == 0)
		return;
	for (size_t i = 0; run != NULL && i < s->now->n_asks; i++)
		if (s->now->asks[i].number == run->consent.ask)
			a = &s->now->asks[i];
	if (consent_begin(s, a))
		return;
	s->ask = *a;
	s->mode = MODE_ASK;
	s->input[0] = s->wrong[0] = '\0';
}

void ask_show(struct screen *s)
{
	for (size_t i = 0; i < s->now->n_asks; i++)
		if (s->now->asks[i].number == s->ask.number)
			return;
	if (s->mode == MODE_CONSENT || s->mode == MODE_CONSENT_TYPED)
		consent_end(s);
	if (s->mode != MODE_ASK)
		return;
	s->mode = MODE_VIEWS;
	screen_say(s, NOTICE_WARN, s->now->at, "%s", _("that question is no longer asked"));
}

static void accept(struct screen *s, struct instant now)
{
	const char *typed = s->input + strspn(s->input, " ");
	char answer[ASK_ANSWER];
	struct command *c;

	if (!ask_take(&s->ask, typed, answer, s->wrong))
		return;
	c = command_new(COMMAND_ANSWER);
	c->ask = s->ask.number;
	str_copy(c->text, sizeof(c->text), answer);
	s->mode = MODE_VIEWS;
	screen_post(s, c, now);
}

enum action_id ask_key(struct screen *s, int key, struct instant now)
{
	enum input_end end = input_key(s->input, key);

	s->wrong[0] = '\0';
	if (end == INPUT_ACCEPTED)
		accept(s, now);
	else if (end == INPUT_CANCELLED)
		s->mode = MODE_VIEWS;
	return ACTION_NONE;
}

/* "type m2", "1 retry  2 stop": the question itself stands in the header. */
static void choices_text(const struct ask *a, char *dst, size_t size)
{
	char name[64];
	size_t used = 0;

	str_copy(dst, size, a->n == 0 ? _("answer") : "");
	for (size_t i = 0; i < a->n && used < size; i++) {
		text_safe(name, sizeof(name), a->choices[i], strlen(a->choices[i]));
		if (a->n == 1)
			snprintf(dst, size, _("type %s"), name);
		else
			snprintf(dst + used, size - used, "%s%zu %s", i > 0 ? "  " : "", i + 1,
				name);
		used = strlen(dst);
	}
}

void ask_paint(struct screen *s, struct canvas *all, struct canvas *body, struct instant now)
{
	char choices[ASK_CHOICES * 72];

	(void)body;
	(void)now;
	choices_text(&s->ask, choices, sizeof(choices));
	input_paint(s, all, choices);
}
