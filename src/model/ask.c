/* Questions and their answers. What counts as an answer is settled here, for the screen, which says
 * at once what is wrong, and for the engine, which believes no screen. */
#include "model/ask.h"

#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"

static bool take(const char *from, char answer[ASK_ANSWER])
{
	str_copy(answer, ASK_ANSWER, from);
	return true;
}

static bool refuse(char why[200], const char *sentence)
{
	str_copy(why, 200, sentence);
	return false;
}

bool ask_take(const struct ask *a, const char *typed, char answer[ASK_ANSWER], char why[200])
{
	int64_t number;

	why[0] = '\0';
	if (a->n == 0)
		return typed[0] != '\0' ? take(typed, answer)
					: refuse(why, _("write something, or leave with Esc"));
	if (a->n == 1)
		return str_eq(typed, a->choices[0])
			       ? take(typed, answer)
			       : refuse(why, _("type it letter by letter, as it stands there"));
	if (str_i64(typed, &number) && number >= 1 && (size_t)number <= a->n)
		return take(a->choices[number - 1], answer);
	for (size_t i = 0; i < a->n; i++)
		if (strcasecmp(typed, a->choices[i]) == 0)
			return take(a->choices[i], answer);
	return refuse(why, _("one of the choices is wanted: its number, or the word"));
}

void ask_post(const struct hearer *engine, const struct ask *a, struct mailbox *reply_to)
{
	struct ask_letter *l = mem_new(struct ask_letter);

	l->letter.drop = letter_free;
	l->ask = *a;
	l->letter.to = *engine;
	l->reply_to = reply_to;
	letter_answer(&l->letter);
}

void ask_reply_post(struct mailbox *to, uint64_t number, enum ask_end end, const char *answer)
{
	struct ask_reply *r = mem_new(struct ask_reply);

	r->letter.drop = letter_free;
	r->number = number;
	r->end = end;
	str_copy(r->answer, sizeof(r->answer), answer);
	mailbox_answer(to, &r->letter);
}
