/* What people say about an incident, as entries: roles, notes and their stars, links, ticks. */
#include <string.h>

#include "base/i18n.h"
#include "entry_row.h"

static void role_words(struct buf *to, const struct js *p)
{
	if (payload_text(p, "who")[0])
		buf_fmt(to, _("%s is now %s"), payload_text(p, "role"), payload_text(p, "who"));
	else
		buf_fmt(to, _("%s is now nobody"), payload_text(p, "role"));
}

static struct incident_role *role_of(struct incident *i, const char *role)
{
	for (size_t k = 0; k < i->roles.len; k++)
		if (str_eq(i->roles.at[k].role, role))
			return &i->roles.at[k];
	return vec_add(&i->roles);
}

static bool fold_role(struct fold *f)
{
	struct incident_role *to;

	if (!payload_text(f->p, "role")[0])
		return false;
	to = role_of(f->i, payload_text(f->p, "role"));
	str_copy(to->role, sizeof(to->role), payload_text(f->p, "role"));
	str_copy(to->who, sizeof(to->who), payload_text(f->p, "who"));
	return true;
}

static struct journal_draft *make_role(const struct making *m, struct err *e)
{
	const struct entry_words *w = &m->q->words;
	struct journal_draft *d;

	if (entry_need(w->name, _("the role"), e) != 0)
		return NULL;
	if (strlen(w->name) >= sizeof(((struct incident_role *)0)->role) ||
		strlen(w->text) >= sizeof(((struct incident_role *)0)->who)) {
		err_set(e, ERR_USAGE, _("a role has at most %d bytes, a name %d"), 31, 63);
		return NULL;
	}
	d = draft_of(m->q->i->id, m->row->name, m->by);
	journal_draft_text(d, "role", w->name);
	journal_draft_text(d, "who", w->text);
	return d;
}

static void note_words(struct buf *to, const struct js *p)
{
	buf_puts(to, payload_text(p, "text"));
}

static bool fold_note(struct fold *f)
{
	struct incident_note *to = vec_add(&f->i->notes);

	str_copy(to->id, sizeof(to->id), f->en->id);
	str_copy(to->author, sizeof(to->author), f->en->author);
	to->at_ms = f->en->at_ms;
	to->text = rstr_of(payload_text(f->p, "text"));
	to->starred = js_bool(f->p, "starred", false);
	return true;
}

static struct journal_draft *make_note(const struct making *m, struct err *e)
{
	struct journal_draft *d;

	if (entry_need(m->q->words.text, _("the note"), e) != 0)
		return NULL;
	d = draft_of(m->q->i->id, m->row->name, m->by);
	journal_draft_text(d, "text", m->q->words.text);
	if (m->q->words.on)
		journal_draft_bool(d, "starred", true);
	return d;
}

static void star_words(struct buf *to, const struct js *p)
{
	buf_puts(to, js_bool(p, "starred", true) ? _("starred a note") : _("took a note's star"));
}

static bool fold_star(struct fold *f)
{
	for (size_t k = 0; k < f->i->notes.len; k++) {
		if (str_eq(f->i->notes.at[k].id, payload_text(f->p, "note"))) {
			f->i->notes.at[k].starred = js_bool(f->p, "starred", true);
			return true;
		}
	}
	return false;
}

static struct journal_draft *make_star(const struct making *m, struct err *e)
{
	const struct incident *i = m->q->i;
	const struct entry_words *w = &m->q->words;

	for (size_t k = 0; k < i->notes.len; k++) {
		struct journal_draft *d;

		if (!str_eq(i->notes.at[k].id, w->name))
			continue;
		d = draft_of(i->id, m->row->name, m->by);
		journal_draft_text(d, "note", w->name);
		journal_draft_bool(d, "starred", w->on);
		return d;
	}
	err_set(e, ERR_MISSING, _("%s has no note %s"), i->alias, w->name);
	return NULL;
}

static void link_words(struct buf *to, const struct js *p)
{
	buf_fmt(to, "%s: %s", payload_text(p, "what"), payload_text(p, "name"));
}

static bool fold_link(struct fold *f)
{
	struct incident_link *to = vec_add(&f->i->links);

	str_copy(to->what, sizeof(to->what), payload_text(f->p, "what"));
	to->at_ms = f->en->at_ms;
	to->name = rstr_of(payload_text(f->p, "name"));
	return true;
}

/* A name and a text, by these keys; both are needed. */
static const struct pair {
	const char *name, *name_is, *text, *text_is; /* what is missing: N_() */
} pairs[] = {
	{"what", N_("what is linked"), "name", N_("the link")},
	{"source", N_("the source of the evidence"), "text", N_("the evidence")},
};

static struct journal_draft *make_pair(const struct making *m, struct err *e)
{
	const struct entry_words *w = &m->q->words;
	const struct pair *p = &pairs[m->row->arg];
	struct journal_draft *d;

	if (entry_need(w->name, _(p->name_is), e) != 0 ||
		entry_need(w->text, _(p->text_is), e) != 0)
		return NULL;
	d = draft_of(m->q->i->id, m->row->name, m->by);
	journal_draft_text(d, p->name, w->name);
	journal_draft_text(d, p->text, w->text);
	return d;
}

static void evidence_words(struct buf *to, const struct js *p)
{
	buf_fmt(to, _("evidence from %s: %s"), payload_text(p, "source"), payload_text(p, "text"));
}

/* ---- checklists ---- */

/* The strategy's items are translated; a team's own are in no catalogue. */
static const char *item(const struct js *p)
{
	const char *words = payload_text(p, "text");

	return words[0] ? _(words) : payload_text(p, "item");
}

static void tick_words(struct buf *to, const struct js *p)
{
	buf_fmt(to, _("done: %s"), item(p));
	if (payload_text(p, "evidence")[0])
		buf_fmt(to, _(" (seen: %s)"), payload_text(p, "evidence"));
}

static void untick_words(struct buf *to, const struct js *p)
{
	buf_fmt(to, _("not done: %s"), item(p));
}

static bool fold_tick(struct fold *f)
{
	for (size_t k = 0; k < f->i->lists.items.len; k++) {
		struct checklist_item *item = &f->i->lists.items.at[k];

		if (!str_eq(item->name, payload_text(f->p, "item")))
			continue;
		rstr_unref(item->evidence_text);
		item->evidence_text = payload_text(f->p, "evidence")[0]
					      ? rstr_of(payload_text(f->p, "evidence"))
					      : NULL;
		item->by_hand = item->evidence_text == NULL;
		item->ticked = f->row->arg;
		item->at_ms = f->en->at_ms;
		str_copy(item->by, sizeof(item->by), f->en->author);
		return true;
	}
	return false;
}

static struct journal_draft *tick_draft(const struct incident *i, const struct checklist_item *item,
	bool on, const char *evidence, const struct entry_by *by)
{
	struct journal_draft *d = draft_of(i->id, on ? "tick" : "untick", by);

	journal_draft_text(d, "item", item->name);
	journal_draft_text(d, "text", rstr_text(item->text));
	journal_draft_text(d, "evidence", evidence);
	return d;
}

static struct journal_draft *make_tick(const struct making *m, struct err *e)
{
	const struct incident *i = m->q->i;
	const struct checklist_item *found = checklist_find(&i->lists, m->q->words.name, e);
	bool on = m->row->arg;

	if (found == NULL)
		return NULL;
	if (found->ticked == on) {
		err_set(e, ERR_CONFLICT,
			on ? _("%s: \"%s\" is ticked already") : _("%s: \"%s\" is not ticked"),
			i->alias, _(rstr_text(found->text)));
		return NULL;
	}
	return tick_draft(i, found, on, NULL, m->by);
}

size_t entry_saw(const struct incident *i, enum evidence what, const char *text,
	const struct entry_by *by, struct journal_draft **out)
{
	size_t n = 0;

	for (size_t k = 0; k < i->lists.items.len && n < CHECKLIST_ROWS; k++) {
		const struct checklist_item *item = &i->lists.items.at[k];

		if (what != EVIDENCE_NONE && item->evidence == what && !item->ticked &&
			!item->by_hand)
			out[n++] = tick_draft(i, item, true, text, by);
	}
	return n;
}

static const struct entry_row rows[] = {
	/* role who ("": nobody any more) */
	{.name = "role", .words = role_words, .fold = fold_role, .make = make_role},
	/* text [starred] */
	{.name = "note", .words = note_words, .fold = fold_note, .make = make_note},
	/* note: its id; starred */
	{.name = "star", .words = star_words, .fold = fold_star, .make = make_star},
	/* what name */
	{.name = "link", .words = link_words, .fold = fold_link, .make = make_pair, .arg = 0},
	/* source text */
	{.name = "evidence",
		.words = evidence_words,
		.make = make_pair,
		.arg = 1,
		.heading = N_("Evidence")},
	/* item text [evidence] */
	{.name = "tick", .words = tick_words, .fold = fold_tick, .make = make_tick, .arg = true},
	/* item text */
	{.name = "untick",
		.words = untick_words,
		.fold = fold_tick,
		.make = make_tick,
		.arg = false},
};

const struct entry_rows entry_people = ENTRY_ROWS(rows);
