/* The screen's state, where every file of it begins: what has the focus, what is said, what is
 * posted to the engine. */
#include <stdarg.h>
#include <stdio.h>

#include "base/i18n.h"
#include "screen_parts.h"

#define SAY_INFO_MS  6000
#define SAY_WORSE_MS 20000

struct pane *screen_focused(struct screen *s)
{
	return &s->panes[s->focus];
}

struct sheet *pane_top(struct pane *p)
{
	return &p->stack[p->depth - 1];
}

void screen_say(struct screen *s, enum notice_level level, struct instant now, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->say, sizeof(s->say), fmt, ap);
	va_end(ap);
	s->say_level = level;
	s->say_until = now;
	s->say_until.boot_ms += level == NOTICE_INFO ? SAY_INFO_MS : SAY_WORSE_MS;
}

void screen_hold(struct screen *s, struct command *c)
{
	if (s->pending != NULL)
		s->pending->letter.drop(&s->pending->letter);
	s->pending = c;
}

struct command *screen_held(struct screen *s)
{
	struct command *c = s->pending;

	s->pending = NULL;
	return c;
}

void screen_post(struct screen *s, struct command *c, struct instant now)
{
	if (c == NULL)
		return;
	if (s->commands != NULL && mailbox_post(s->commands, &c->letter) == 0)
		return;
	c->letter.drop(&c->letter);
	screen_say(
		s, NOTICE_ERROR, now, "%s", _("k911's engine is too busy to take this: try again"));
}
