/* The common part of the details. Nothing is kept of the object but its key, so a detail follows
 * its object through every snapshot, and says so when it is gone. */
#include "ui/view/page_view.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "ui/kit/fresh.h"
#include "ui/kit/show.h"

#define EVENTS_SHOWN 50

void *detail_open(
	const struct view_ops *view, const struct view_args *args, struct command **command)
{
	const struct page_view *v = view->of;
	struct detail *d = mem_zero(1, v->size != 0 ? v->size : sizeof(*d));

	(void)command;
	d->view = v;
	d->args = *args;
	d->page = widget_text_new();
	return d;
}

void detail_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look)
{
	const struct detail *d = state;
	struct detail_page page = {s, look, state, c->ascii};

	widget_text_draw(d->page, c, look, d->view->write, &page);
}

struct command *detail_close(void *state)
{
	struct detail *d = state;

	widget_text_free(d->page);
	free(d);
	return NULL;
}

void detail_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply)
{
	(void)s;
	(void)look;
	reply->handled = widget_text_act(((struct detail *)state)->page, a);
}

const enum action_id detail_actions[] = {ACTION_BACK, ACTION_FILTER, ACTION_UP, ACTION_DOWN,
	ACTION_PAGE_UP, ACTION_PAGE_DOWN, ACTION_TOP, ACTION_BOTTOM, ACTION_NONE};

enum role detail_condition_role(const char *type, const char *status)
{
	bool pressure = str_ends(type, "Pressure") || str_eq(type, "NetworkUnavailable") ||
			str_eq(type, "DisruptionTarget");

	if (str_eq(status, pressure ? "False" : "True"))
		return ROLE_TEXT;
	return str_eq(status, "Unknown") || !pressure ? ROLE_BAD : ROLE_WARN;
}

/* Events. */

struct found {
	const struct event_row **at;
	size_t len, cap;
	struct instant now;
};

static int newest_first(const void *a, const void *b)
{
	const struct event_row *x = *(const struct event_row *const *)a,
			       *y = *(const struct event_row *const *)b;

	return (x->last_ms < y->last_ms) - (x->last_ms > y->last_ms);
}

static void find(struct found *f, const struct table *events, const char *kind, const char *ns,
	const char *name)
{
	struct table_walk w = table_walk(events);
	const struct event_row *e;

	while ((e = table_next(&w)) != NULL)
		if (str_eq(e->name, name) && str_eq(e->kind, kind) &&
			(ns == NULL || str_eq(e->ns, ns)))
			*vec_add(f) = e;
	if (f->len > 1)
		qsort(f->at, f->len, sizeof(*f->at), newest_first);
	if (f->len > EVENTS_SHOWN)
		f->len = EVENTS_SHOWN;
}

static void event_cell(const void *context, size_t row, int column, struct widget_cell *out)
{
	const struct found *f = context;
	const struct event_row *e = f->at[row];
	size_t size = sizeof(out->text);

	switch (column) {
	case 0:
		show_since(e->last_ms, f->now, out->text, size);
		out->role = ROLE_DIM;
		break;
	case 1:
		str_copy(out->text, size, e->type);
		out->role = event_is_warning(e) ? ROLE_WARN : ROLE_DIM;
		break;
	case 2:
		str_copy(out->text, size, e->reason);
		out->role = event_is_warning(e) ? ROLE_WARN : ROLE_TEXT;
		break;
	case 3:
		if (e->count > 1)
			snprintf(out->text, size, "%u", e->count);
		break;
	default:
		str_copy(out->text, size, rstr_text(e->message));
	}
}

void detail_events(struct pen *p, const struct detail_page *page, const char *kind, const char *ns,
	const char *name)
{
	static const char *const headings[] = {
		N_("AGE"), N_("TYPE"), N_("REASON"), N_("COUNT"), N_("MESSAGE")};
	struct found f = {NULL, 0, 0, page->look->now};
	const struct source *src = &page->snapshot->sources[SOURCE_EVENTS];
	char empty[300];

	find(&f, page->snapshot->events, kind, ns, name);
	pen_section(p, _("Events"));
	if (f.len > 0)
		pen_table(p, &(struct pen_table){headings, 1 | 8, 5, f.len, event_cell, &f});
	else
		pen_text(p, ROLE_DIM,
			fresh_empty(src, false, _("none in what is kept"), empty, sizeof(empty)));
	free(f.at);
}
