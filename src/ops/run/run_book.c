/* Each thing keeps the id of the last entry it heard: ids sort by time, so what comes late or again
 * changes nothing. */
#include "ops/run/run_book.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "io/json.h"

struct page {
	struct run_past *past;
	char last[ULID_SIZE];   /* entry of the run itself */
	VEC(char *) deeds_last; /* by deed */
};

struct debt {
	struct run_debt debt;
	char last[ULID_SIZE];
	bool owed;
};

struct run_book {
	VEC(struct page *) pages; /* by id: the oldest first */
	VEC(struct debt) debts;
	VEC(struct run_debt *) owed; /* those that are, the oldest first; borrowed */
};

struct run_book *run_book_new(void)
{
	return mem_new(struct run_book);
}

static void page_free(struct page *p)
{
	run_past_free(p->past);
	for (size_t k = 0; k < p->deeds_last.len; k++)
		free(p->deeds_last.at[k]);
	vec_done(&p->deeds_last);
	free(p);
}

void run_book_free(struct run_book *b)
{
	if (!b)
		return;
	for (size_t k = 0; k < b->pages.len; k++)
		page_free(b->pages.at[k]);
	vec_done(&b->pages);
	vec_done(&b->debts);
	vec_done(&b->owed);
	free(b);
}

/* ---- runs ---- */

static void take_out(struct run_book *b, size_t k)
{
	page_free(b->pages.at[k]);
	memmove(&b->pages.at[k], &b->pages.at[k + 1],
		(b->pages.len - k - 1) * sizeof(b->pages.at[0]));
	b->pages.len--;
}

static void forget_oldest(struct run_book *b)
{
	for (size_t k = 0; b->pages.len > RUN_BOOK_MAX && k < b->pages.len; k++)
		if (run_state_is_over(b->pages.at[k]->past->state)) {
			take_out(b, k);
			return;
		}
}

static struct page *page_of(struct run_book *b, const char *id)
{
	size_t k = b->pages.len;
	struct page *p;

	while (k > 0 && strcmp(b->pages.at[k - 1]->past->id, id) > 0)
		k--;
	if (k > 0 && str_eq(b->pages.at[k - 1]->past->id, id))
		return b->pages.at[k - 1];
	p = mem_new(struct page);
	p->past = mem_new(struct run_past);
	p->past->state = RUN_GOING;
	str_copy(p->past->id, sizeof(p->past->id), id);
	(void)vec_add(&b->pages);
	memmove(&b->pages.at[k + 1], &b->pages.at[k],
		(b->pages.len - 1 - k) * sizeof(b->pages.at[0]));
	b->pages.at[k] = p;
	return p;
}

/* Has it been heard, or something later? Else it has now. */
static bool is_old(char last[ULID_SIZE], const struct journal_entry *en)
{
	if (strcmp(en->id, last) <= 0)
		return true;
	str_copy(last, ULID_SIZE, en->id);
	return false;
}

static const struct {
	const char *word;
	enum run_state state;
} run_words[] = {
	{"started", RUN_GOING},
	{"resumed", RUN_GOING},
	{"done", RUN_DONE},
	{"refused", RUN_REFUSED},
	{"failed", RUN_FAILED},
	{"aborted", RUN_ABORTED},
};

static void take_inputs(struct run_past *p, const struct js *inputs)
{
	if (p->inputs.len > 0)
		return;
	for (size_t k = 0; k < js_len(inputs) && k < RUN_INPUTS; k++)
		*vec_add(&p->inputs) = mem_str(js_str(js_nth(inputs, k)));
}

static bool hear_run(struct run_book *b, const struct journal_entry *en, const struct js *j)
{
	struct page *page = page_of(b, js_text_or(j, "run", ""));
	struct run_past *p = page->past;

	if (is_old(page->last, en))
		return false;
	for (size_t k = 0; k < sizeof(run_words) / sizeof(run_words[0]); k++)
		if (str_eq(run_words[k].word, js_text_or(j, "state", "")))
			p->state = run_words[k].state;
	str_copy(p->incident, sizeof(p->incident), en->incident);
	str_copy(p->runbook, sizeof(p->runbook), js_text_or(j, "runbook", ""));
	str_copy(p->digest, sizeof(p->digest), js_text_or(j, "digest", ""));
	str_copy(p->title, sizeof(p->title), js_text_or(j, "title", ""));
	str_copy(p->why, sizeof(p->why), js_text_or(j, "why", ""));
	str_copy(p->author, sizeof(p->author), en->author);
	str_copy(p->host, sizeof(p->host), en->host);
	take_inputs(p, js_get(j, "inputs"));
	if (p->began_ms == 0)
		p->began_ms = en->at_ms;
	p->ended_ms = run_state_is_over(p->state) ? en->at_ms : 0;
	forget_oldest(b);
	return true;
}

/* ---- what they did ---- */

static const struct {
	const char *word;
	enum run_deed_state state;
} deed_words[] = {
	{"intent", RUN_DEED_INTENT},
	{"running", RUN_DEED_ACTED},
	{"done", RUN_DEED_DONE},
	{"failed", RUN_DEED_FAILED},
	{"aborted", RUN_DEED_FAILED},
};

static size_t deed_of(struct page *page, const char *step, const char *target)
{
	struct run_deed_past *d;

	for (size_t k = 0; k < page->past->deeds.len; k++)
		if (str_eq(page->past->deeds.at[k].step, step) &&
			str_eq(page->past->deeds.at[k].target, target))
			return k;
	d = vec_add(&page->past->deeds);
	str_copy(d->step, sizeof(d->step), step);
	str_copy(d->target, sizeof(d->target), target);
	*vec_add(&page->deeds_last) = mem_zero(1, ULID_SIZE);
	return page->past->deeds.len - 1;
}

static void copy_said(char *dst, size_t size, const struct js *j, const char *key)
{
	if (js_text_or(j, key, "")[0])
		str_copy(dst, size, js_text_or(j, key, ""));
}

static bool hear_action(struct run_book *b, const struct journal_entry *en, const struct js *j)
{
	struct page *page;
	struct run_deed_past *d;
	size_t k;

	if (!js_text_or(j, "step", "")[0])
		return false; /* another doer's */
	page = page_of(b, js_text_or(j, "run", ""));
	k = deed_of(page, js_text_or(j, "step", ""), js_text_or(j, "target", ""));
	d = &page->past->deeds.at[k];
	if (is_old(page->deeds_last.at[k], en))
		return false;
	for (size_t i = 0; i < sizeof(deed_words) / sizeof(deed_words[0]); i++)
		if (str_eq(deed_words[i].word, js_text_or(j, "state", "")))
			d->state = deed_words[i].state;
	copy_said(d->title, sizeof(d->title), j, "title");
	copy_said(d->command, sizeof(d->command), j, "command");
	copy_said(d->result, sizeof(d->result), j, "result");
	d->at_ms = en->at_ms;
	if (d->state == RUN_DEED_INTENT)
		d->began_ms = en->at_ms;
	return true;
}

/* ---- what they owe ---- */

static struct debt *debt_of(struct run_book *b, const char *id)
{
	struct debt *d;

	for (size_t k = 0; k < b->debts.len; k++)
		if (str_eq(b->debts.at[k].debt.id, id))
			return &b->debts.at[k];
	d = vec_add(&b->debts);
	str_copy(d->debt.id, sizeof(d->debt.id), id);
	return d;
}

static void list_owed(struct run_book *b)
{
	b->owed.len = 0;
	for (size_t k = 0; k < b->debts.len; k++)
		if (b->debts.at[k].owed)
			*vec_add(&b->owed) = &b->debts.at[k].debt;
}

static bool hear_debt(struct run_book *b, const struct journal_entry *en, const struct js *j)
{
	struct debt *d = debt_of(b, js_text_or(j, "debt", ""));

	if (is_old(d->last, en))
		return false;
	d->owed = str_eq(js_text_or(j, "state", ""), "owed");
	if (d->owed)
		d->debt.since_ms = en->at_ms;
	copy_said(d->debt.kind, sizeof(d->debt.kind), j, "kind");
	copy_said(d->debt.target, sizeof(d->debt.target), j, "target");
	copy_said(d->debt.text, sizeof(d->debt.text), j, "text");
	copy_said(d->debt.run, sizeof(d->debt.run), j, "run");
	list_owed(b);
	return true;
}

/* ---- */

static const struct {
	const char *kind, *key; /* what names the thing */
	bool (*hear)(struct run_book *b, const struct journal_entry *en, const struct js *j);
} kinds[] = {
	{"run", "run", hear_run},
	{"action", "run", hear_action},
	{"debt", "debt", hear_debt},
};

bool run_book_hear(struct run_book *b, const struct journal_entry *en)
{
	bool new = false;
	struct js *j;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		if (!str_eq(kinds[k].kind, en->kind))
			continue;
		j = js_parse(en->payload, strlen(en->payload), NULL);
		if (js_text_or(j, kinds[k].key, "")[0])
			new = kinds[k].hear(b, en, j);
		js_free(j);
		return new;
	}
	return false;
}

size_t run_book_count(const struct run_book *b)
{
	return b->pages.len;
}

const struct run_past *run_book_at(const struct run_book *b, size_t k)
{
	return b->pages.at[b->pages.len - 1 - k]->past;
}

const struct run_past *run_book_find(const struct run_book *b, const char *id)
{
	const struct run_past *found = NULL;

	for (size_t k = 0; k < b->pages.len; k++) {
		if (!str_ends(b->pages.at[k]->past->id, id))
			continue;
		if (found)
			return NULL;
		found = b->pages.at[k]->past;
	}
	return found;
}

size_t run_book_debts(const struct run_book *b)
{
	return b->owed.len;
}

const struct run_debt *run_book_debt(const struct run_book *b, size_t k)
{
	return b->owed.at[k];
}

const struct run_debt *run_book_debt_find(const struct run_book *b, const char *id)
{
	for (size_t k = 0; k < b->owed.len; k++)
		if (str_eq(b->owed.at[k]->id, id))
			return b->owed.at[k];
	return NULL;
}
