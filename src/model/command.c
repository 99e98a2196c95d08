/* Commands and notices: letters whose one allocation is themselves. */
#include "model/command.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

struct command *command_new(enum command_kind kind)
{
	struct command *c = mem_new(struct command);

	c->letter.kind = (int)kind;
	c->letter.drop = letter_free;
	return c;
}

struct command *command_record(const char *entry, const char *incident)
{
	struct command *c = command_new(COMMAND_RECORD);

	c->entry = entry;
	c->level = LEVEL_NONE;
	str_copy(c->incident, sizeof(c->incident), incident);
	return c;
}

static struct notice *make_notice(enum notice_level level, const char *fmt, va_list args)
{
	struct notice *n = mem_new(struct notice);
	char text[2 * sizeof(n->text)];

	n->letter.drop = letter_free;
	n->level = level;
	vsnprintf(text, sizeof(text), fmt, args);
	str_copy(n->text, sizeof(n->text), text); /* cuts between characters, not within */
	return n;
}

struct notice *notice_new(enum notice_level level, const char *fmt, ...)
{
	struct notice *n;
	va_list args;

	va_start(args, fmt);
	n = make_notice(level, fmt, args);
	va_end(args);
	return n;
}

void notice_post(struct mailbox *to, struct notice *n)
{
	if (mailbox_post(to, &n->letter) == 0)
		return;
	log_put(LOG_WARN, "notice", "no room on the screen for: %s", n->text);
	letter_free(&n->letter);
}

void notice_say(struct mailbox *to, enum notice_level level, const char *fmt, ...)
{
	struct notice *n;
	va_list args;

	va_start(args, fmt);
	n = make_notice(level, fmt, args);
	va_end(args);
	notice_post(to, n);
}
