/* What is shown of the journal. A book is made anew when an entry came; what did not change is
 * shared with the one before, and the words of a line are made when it is first shown. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "incident_desk_parts.h"
#include "io/json.h"
#include "ops/incident/entry.h"

#define LOOK_BACK 600 /* an entry that comes again, now written, is one of the last */

/* ---- what changed ---- */

static struct incident_desk_page *page_of(struct incident_desk *d, const char *incident)
{
	struct incident_desk_page *p;

	for (size_t k = 0; k < d->pages.len; k++)
		if (str_eq(d->pages.at[k].id, incident))
			return &d->pages.at[k];
	p = vec_add(&d->pages);
	str_copy(p->id, sizeof(p->id), incident);
	return p;
}

static void line_drop(struct incident_desk_line *l)
{
	rstr_unref(l->line.text);
	free(l->entry);
}

/* Its index; the number of lines when it is not there. */
static size_t line_of(const struct incident_desk *d, const char *id)
{
	size_t n = d->lines.len, least = n > LOOK_BACK ? n - LOOK_BACK : 0;

	for (size_t k = n; k > least; k--)
		if (str_eq(d->lines.at[k - 1].line.id, id))
			return k - 1;
	return n;
}

/* Lets go of the older half when there are twice as many as are shown. */
static void forget_old(struct incident_desk *d)
{
	struct incident_desk_line *at = d->lines.at;
	size_t kept = BOOK_LINES;

	if (d->lines.len < (size_t)2 * BOOK_LINES)
		return;
	for (size_t k = 0; k < d->lines.len - kept; k++)
		line_drop(&at[k]);
	memmove(at, at + d->lines.len - kept, kept * sizeof(*at));
	d->lines.len = kept;
}

static void put_line(struct incident_desk *d, const struct journal_entry *en)
{
	size_t k = line_of(d, en->id);
	struct incident_desk_line *l;

	if (k < d->lines.len) {
		l = &d->lines.at[k];
		line_drop(l);
		memset(l, 0, sizeof(*l));
	} else {
		forget_old(d);
		l = vec_add(&d->lines);
	}
	str_copy(l->line.id, sizeof(l->line.id), en->id);
	str_copy(l->line.incident, sizeof(l->line.incident), en->incident);
	if (en->incident[0])
		journal_alias(en->number, l->line.alias, sizeof(l->line.alias));
	str_copy(l->line.kind, sizeof(l->line.kind), en->kind);
	str_copy(l->line.author, sizeof(l->line.author), en->author);
	str_copy(l->line.host, sizeof(l->line.host), en->host);
	l->line.at_ms = en->at_ms;
	l->line.kept = en->row == 0;
	l->entry = entry_copy(en);
}

void incident_desk_page_changed(struct incident_desk *d, const struct journal_entry *en)
{
	struct incident_desk_page *p;

	put_line(d, en);
	d->stale = true;
	if (!en->incident[0])
		return;
	p = page_of(d, en->incident);
	incident_unref(p->copy);
	p->copy = NULL;
}

/* ---- the book ---- */

static void make_words(struct incident_desk_line *l)
{
	struct js *p;
	char *words;

	if (!l->entry)
		return;
	p = js_parse(l->entry->payload, strlen(l->entry->payload), NULL);
	words = entry_sentence(l->entry, p);
	l->line.text = rstr_new(words, strlen(words));
	free(words);
	js_free(p);
	free(l->entry);
	l->entry = NULL;
}

static struct incident *share(struct incident_desk *d, const struct incident *i)
{
	struct incident_desk_page *p = page_of(d, i->id);

	if (!p->copy)
		p->copy = incident_copy(i);
	return incident_ref(p->copy);
}

static void fill_incidents(struct incident_desk *d, struct casebook *b)
{
	const struct incident *current = incidents_current(d->is, &d->cluster);

	for (size_t k = 0; k < b->n; k++) {
		const struct incident *i = incidents_at(d->is, b->n - 1 - k);

		b->incidents[k] = share(d, i);
		if (i == current)
			b->current = b->incidents[k];
	}
}

void incident_desk_make_book(struct incident_desk *d)
{
	size_t n = d->lines.len < BOOK_LINES ? d->lines.len : BOOK_LINES;
	struct casebook *b;

	if (!d->stale)
		return;
	d->stale = false;
	b = casebook_new(incidents_count(d->is), n);
	b->number = ++d->number;
	fill_incidents(d, b);
	for (size_t k = 0; k < n; k++) {
		struct incident_desk_line *l = &d->lines.at[d->lines.len - 1 - k];

		make_words(l);
		b->lines[k] = l->line;
		rstr_ref(b->lines[k].text);
	}
	casebook_unref(d->book);
	d->book = b;
}

void incident_desk_pages_done(struct incident_desk *d)
{
	for (size_t k = 0; k < d->pages.len; k++)
		incident_unref(d->pages.at[k].copy);
	for (size_t k = 0; k < d->lines.len; k++)
		line_drop(&d->lines.at[k]);
	vec_done(&d->pages);
	vec_done(&d->lines);
}
