/* Every kind of entry by its row: the sentence it is in a timeline, its effect on the incident,
 * whom it is told, how it is made. */
#include "ops/incident/entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "entry_row.h"

#define WORDS_MAX (300u << 10)

static const struct entry_rows *const all[] = {
	&entry_life, &entry_people, &entry_seen, &entry_runs};

#define N_ALL (sizeof(all) / sizeof(all[0]))

static const struct entry_row *row_of(const char *kind)
{
	for (size_t k = 0; k < N_ALL; k++)
		for (size_t r = 0; r < all[k]->n; r++)
			if (str_eq(all[k]->at[r].name, kind))
				return &all[k]->at[r];
	return NULL;
}

/* ---- what an entry is ---- */

char *entry_sentence(const struct journal_entry *en, const struct js *payload)
{
	const struct entry_row *row = row_of(en->kind);
	struct buf to;

	buf_init(&to, WORDS_MAX);
	if (row == NULL)
		buf_fmt(&to, "%s: %s", en->kind, payload_text(payload, "text"));
	else if (row->words != NULL)
		row->words(&to, payload);
	else
		buf_puts(&to, _(row->said));
	return buf_take(&to);
}

static void add_event(const struct fold *f)
{
	struct incident_event *to = vec_add(&f->i->events);
	char *words = entry_sentence(f->en, f->p);

	str_copy(to->id, sizeof(to->id), f->en->id);
	str_copy(to->kind, sizeof(to->kind), f->en->kind);
	str_copy(to->author, sizeof(to->author), f->en->author);
	to->at_ms = js_int(f->p, "at_ms", js_int(f->p, "detected_ms", f->en->at_ms));
	to->kept = f->en->row == 0;
	to->text = rstr_of(words);
	free(words);
}

void entry_fold(struct incident *i, const struct journal_entry *en)
{
	struct js *p = js_parse(en->payload, strlen(en->payload), NULL);
	struct fold f = {i, en, p, row_of(en->kind)};

	i->number = en->number ? en->number : i->number;
	journal_alias(i->number, i->alias, sizeof(i->alias));
	if (p == NULL || (f.row != NULL && f.row->fold != NULL && !f.row->fold(&f)))
		i->misfits++;
	add_event(&f);
	js_free(p);
}

const char *entry_heading(size_t n, const char **kind)
{
	for (size_t k = 0; k < N_ALL; k++)
		for (size_t r = 0; r < all[k]->n; r++)
			if (all[k]->at[r].heading != NULL && n-- == 0) {
				*kind = all[k]->at[r].name;
				return all[k]->at[r].heading;
			}
	return NULL;
}

struct journal_draft *entry_make(
	const char *kind, const struct entry_request *q, const struct entry_by *by, struct err *e)
{
	struct entry_request known = *q;
	const struct making m = {&known, by, row_of(kind)};

	known.words.name = q->words.name != NULL ? q->words.name : "";
	known.words.text = q->words.text != NULL ? q->words.text : "";
	if (m.row != NULL && m.row->make != NULL)
		/* cppcheck-suppress returnDanglingLifetime; the draft is no part of m */
		return m.row->make(&m, e);
	err_set(e, ERR_USAGE, _("%s is no entry that anyone makes"), kind);
	return NULL;
}

/* ---- whom it is told ---- */

static enum level worst_of(const struct incident *i)
{
	enum level worst = i->level;

	for (size_t k = 0; k < i->levels.len; k++)
		if (i->levels.at[k].level < worst)
			worst = i->levels.at[k].level;
	return worst;
}

static void fill_common(struct telling *t, const struct journal_entry *en)
{
	struct notification *a = t->a;
	const struct incident *i = t->i;

	str_copy(a->cluster, sizeof(a->cluster), i->cluster);
	str_copy(a->incident, sizeof(a->incident), i->id);
	str_copy(a->alias, sizeof(a->alias), i->alias);
	str_copy(a->title, sizeof(a->title), rstr_text(i->title));
	str_copy(a->broken, sizeof(a->broken), rstr_text(i->broken));
	str_copy(a->who, sizeof(a->who), str_eq(en->author, "k911") ? "" : en->author);
	a->level = i->level;
	a->worst = worst_of(i);
	a->at_ms = en->at_ms;
	a->detected_ms = incident_present(&i->time[INCIDENT_DETECTED]);
	a->serial = (unsigned)i->reopened;
	if (en->row != 0)
		sha_hex(en->hash, a->anchor);
	for (size_t k = 0; k < i->reasons.len && a->n_reasons < NOTIFICATION_REASONS; k++)
		str_copy(a->reasons[a->n_reasons++], sizeof(a->reasons[0]),
			rstr_text(i->reasons.at[k]));
}

/* It is made from what is on the disk, so whoever wrote the entry (another console, the command
 * line) is heard too, and the outbox knows by the notification's key what was sent. */
bool entry_notification(
	struct notification *a, const struct incident *i, const struct journal_entry *en)
{
	const struct entry_row *row = row_of(en->kind);
	struct telling t = {.a = a, .i = i};
	struct js *p;

	if (row == NULL || row->told == NULL || i->levels.len == 0 ||
		(p = js_parse(en->payload, strlen(en->payload), NULL)) == NULL)
		return false;
	t.p = p;
	notification_init(a, row->told->kind);
	fill_common(&t, en);
	if (row->told->fill != NULL)
		row->told->fill(&t);
	js_free(p);
	return true;
}
