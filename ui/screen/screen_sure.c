/* A question before something that is not taken back: y says yes, any other key no. */
#include <stdio.h>

#include "base/i18n.h"
#include "base/str.h"
#include "screen_parts.h"

void sure_begin(struct screen *s, const char *question, struct command *c)
{
	screen_hold(s, c);
	s->sure_quits = c == NULL;
	str_copy(s->sure, sizeof(s->sure), question);
	s->input[0] = s->wrong[0] = '\0';
	s->mode = MODE_SURE;
}

enum action_id sure_key(struct screen *s, int key, struct instant now)
{
	struct command *c = screen_held(s);

	s->mode = MODE_VIEWS;
	if (key == 'y' || key == 'Y') {
		screen_post(s, c, now);
		s->wish = s->sure_quits ? SCREEN_QUIT : s->wish;
	} else if (c != NULL) {
		c->letter.drop(&c->letter);
	}
	return ACTION_NONE;
}

void sure_paint(struct screen *s, struct canvas *all, struct canvas *body, struct instant now)
{
	char question[260];

	(void)body;
	(void)now;
	snprintf(question, sizeof(question), _("%s (y or n)"), s->sure);
	input_paint(s, all, question);
}
