/* What a person is asked: consent before a step, and what is to become of one that failed. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/serial.h"
#include "base/str.h"
#include "run_inner.h"

static void join(const struct run_targets *t, char *dst, size_t size)
{
	size_t used = 0;

	dst[0] = '\0';
	for (size_t k = 0; k < t->n && used < size; k++)
		used += (size_t)snprintf(
			dst + used, size - used, "%s%s", k > 0 ? ", " : "", t->at[k]);
	str_mend(dst);
}

/* What is to be typed: with one target it may name it. */
static void word_of(struct run *r, const struct runbook_step *s, const struct run_targets *where,
	char *dst, size_t size)
{
	dst[0] = '\0';
	if (s->confirm == CONFIRM_TYPED)
		run_text(r, s->confirm_word, where->n > 0 ? where->at[0] : "", dst, size);
}

bool run_consent(struct run *r, size_t k, const struct run_targets *where)
{
	const struct runbook_step *s = &r->book->steps[k];
	const struct run_step_seen *seen = &r->seen->steps[k];
	struct run_consent c = {.ask = serial_next()};
	struct ask a = {.number = c.ask, .n = 1, .changes = true};
	char answer[ASK_ANSWER];

	if (s->confirm == CONFIRM_NONE)
		return true;
	join(where, c.target, sizeof(c.target));
	snprintf(c.what, sizeof(c.what), "%s", seen->impact);
	str_copy(c.risk, sizeof(c.risk), seen->risk);
	str_copy(c.undo, sizeof(c.undo), seen->undo);
	str_copy(c.command, sizeof(c.command), seen->command);
	run_oracle(r->now, where, c.oracle, sizeof(c.oracle));
	word_of(r, s, where, c.word, sizeof(c.word));
	str_copy(a.choices[0], sizeof(a.choices[0]), c.word[0] ? c.word : "yes");
	snprintf(a.text, sizeof(a.text), "%s%s%.120s?", seen->title, c.target[0] ? ": " : "",
		c.target);
	str_mend(a.text);
	pthread_mutex_lock(&r->lock);
	r->seen->consent = c;
	pthread_mutex_unlock(&r->lock);
	return run_ask(r, &a, answer);
}

size_t run_choose(struct run *r, const char *text, const char *const *choices)
{
	struct ask a = {.number = serial_next(), .changes = true};
	char answer[ASK_ANSWER];
	size_t n = 0;

	for (; n < ASK_CHOICES && choices[n]; n++)
		str_copy(a.choices[n], sizeof(a.choices[n]), choices[n]);
	a.n = n;
	str_copy(a.text, sizeof(a.text), text);
	if (!run_ask(r, &a, answer))
		return n - 1;
	for (size_t k = 0; k < n; k++)
		if (str_eq(answer, choices[k]))
			return k;
	return n - 1;
}
