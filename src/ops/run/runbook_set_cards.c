/* The menu of runbooks: each with its inputs as the snapshot answers them, those that fit what is
 * broken on top, the first broken layer's before the rules', worst first. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ops/run/runbook_defaults.h"
#include "ops/run/runbook_set.h"

#define LAYER "layer:"

/* How well a runbook fits what is broken now, and what that is. */
struct fit {
	int rank; /* 0: not at all; else the smaller the better */
	const char *why;
};

static struct fit fit_of(const char *name, const struct snapshot *now)
{
	const struct layer_board *b = &now->layers;

	if (str_starts(name, LAYER))
		return b->broken && str_eq(name + strlen(LAYER), layer_name(b->first))
			       ? (struct fit){1, b->first_text}
			       : (struct fit){0, ""};
	for (size_t i = 0; i < now->verdict.n; i++)
		if (str_eq(rule_name(now->verdict.reasons[i].rule), name))
			return (struct fit){2 + (int)i, now->verdict.reasons[i].text};
	return (struct fit){0, ""};
}

static struct fit best_fit(const struct runbook *r, const struct snapshot *now)
{
	struct fit best = {0, ""};

	for (size_t i = 0; i < r->n_fits; i++) {
		struct fit f = fit_of(r->fits[i], now);

		if (f.rank > 0 && (best.rank == 0 || f.rank < best.rank))
			best = f;
	}
	return best;
}

static void fill_input(
	struct run_input_card *card, const struct runbook_input *in, const struct snapshot *now)
{
	const char *ask = said_text(&in->ask);

	str_copy(card->name, sizeof(card->name), in->name);
	str_copy(card->ask, sizeof(card->ask), ask[0] ? ask : in->name);
	card->type = in->type;
	card->optional = in->optional;
	if (in->fallback)
		runbook_default_value(in->fallback, now, card->value, sizeof(card->value));
	card->n_choices = in->n_choices;
	card->choices = in->n_choices > 0 ? mem_zero(in->n_choices, sizeof(*card->choices)) : NULL;
	for (size_t i = 0; i < in->n_choices; i++)
		str_copy(card->choices[i], sizeof(card->choices[i]), in->choices[i]);
}

static void fill_card(
	struct runbook_card *card, const struct runbook *r, const struct snapshot *now)
{
	struct fit f = best_fit(r, now);

	str_copy(card->id, sizeof(card->id), r->id);
	str_copy(card->title, sizeof(card->title), said_text(&r->title));
	str_copy(card->about, sizeof(card->about), said_text(&r->about));
	str_copy(card->why, sizeof(card->why), f.why);
	card->builtin = r->builtin;
	card->fits = f.rank > 0;
	card->n_inputs = r->n_inputs;
	card->inputs = mem_zero(r->n_inputs + 1, sizeof(*card->inputs));
	for (size_t i = 0; i < r->n_inputs; i++)
		fill_input(&card->inputs[i], &r->inputs[i], now);
}

struct ranked {
	const struct runbook *book;
	int rank;
};

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (!x->rank != !y->rank)
		return x->rank ? -1 : 1;
	return x->rank != y->rank ? x->rank - y->rank : strcmp(x->book->id, y->book->id);
}

void runbook_set_cards(const struct runbook_set *s, const struct snapshot *now, struct run_board *b)
{
	size_t n = runbook_set_count(s);
	struct ranked *order = mem_zero(n + 1, sizeof(*order));

	for (size_t i = 0; i < n; i++) {
		order[i].book = runbook_set_at(s, i);
		order[i].rank = best_fit(order[i].book, now).rank;
	}
	qsort(order, n, sizeof(*order), by_rank);
	b->cards = mem_zero(n + 1, sizeof(*b->cards));
	b->n_cards = n;
	for (size_t i = 0; i < n; i++)
		fill_card(&b->cards[i], order[i].book, now);
	if (runbook_set_broken(s) > 0)
		str_copy(b->trouble, sizeof(b->trouble), runbook_set_trouble(s, 0));
	free(order);
}
