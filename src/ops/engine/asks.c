/* A question leaves this list in one way only, by asks_end, so that it gets one reply. */
#include "ops/engine/asks.h"

#include <string.h>

#include "base/i18n.h"
#include "base/str.h"

static void take_out(struct asks *a, size_t i)
{
	memmove(&a->at[i], &a->at[i + 1], (a->n - i - 1) * sizeof(a->at[0]));
	a->n--;
}

static void asks_end(struct asks *a, size_t i, enum ask_end end, const char *answer)
{
	ask_reply_post(a->at[i].reply_to, a->at[i].ask.number, end, answer);
	take_out(a, i);
}

/* a->n: there is none. */
static size_t find(const struct asks *a, uint64_t number)
{
	size_t i = 0;

	while (i < a->n && a->at[i].ask.number != number)
		i++;
	return i;
}

void asks_hear(void *asks, struct letter *l, struct instant now)
{
	struct asks *a = asks;
	const struct ask_letter *x = (const struct ask_letter *)l;
	size_t i = find(a, x->ask.number);

	(void)now;
	if (x->reply_to == NULL) {
		if (i < a->n)
			take_out(a, i);
	} else if (a->n == ASK_MAX) {
		ask_reply_post(x->reply_to, x->ask.number, ASK_REFUSED, "");
	} else {
		a->at[a->n].ask = x->ask;
		a->at[a->n++].reply_to = x->reply_to;
	}
}

bool asks_answer(struct asks *a, const struct command *c, bool read_only,
	const struct cluster_mark *now, char why[GATE_WHY])
{
	size_t i = find(a, c->ask);
	char answer[ASK_ANSWER], wrong[200];

	if (i == a->n) {
		str_copy(why, GATE_WHY, _("that question is no longer asked"));
		return false;
	}
	if (!ask_take(&a->at[i].ask, c->text, answer, wrong)) {
		str_copy(why, GATE_WHY, wrong);
		return false;
	}
	if (a->at[i].ask.changes && gate_judge(read_only, &a->at[i].ask.of, now, why) != GATE_OPEN)
		return false;
	asks_end(a, i, ASK_ANSWERED, answer);
	return true;
}

bool asks_tick(struct asks *a, struct instant now)
{
	size_t before = a->n;

	for (size_t i = a->n; i-- > 0;) {
		int64_t deadline = a->at[i].ask.deadline.boot_ms;

		if (deadline != 0 && now.boot_ms >= deadline)
			asks_end(a, i, ASK_EXPIRED, "");
	}
	return a->n < before;
}

void asks_fill(const struct asks *a, struct snapshot *s)
{
	s->n_asks = a->n;
	for (size_t i = 0; i < a->n; i++)
		s->asks[i] = a->at[i].ask;
}
