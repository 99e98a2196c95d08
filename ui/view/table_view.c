/* What views that are a table have in common: the rows are taken anew from each snapshot, the head
 * counts what matches, an empty table says why. */
#include "ui/view/table_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "ui/kit/fresh.h"

#define ORDER_MS 5000

struct state {
	const struct table_view *view;
	struct widget_table *table;
	void *context;
};

const enum action_id table_view_actions[] = {ACTION_ENTER, TABLE_ACTIONS};

void *table_view_open(
	const struct view_ops *view, const struct view_args *args, struct command **command)
{
	struct state *st = mem_new(struct state);
	const struct table_view *v = view->of;

	(void)args;
	st->view = v;
	st->context = v->begin != NULL ? v->begin() : NULL;
	st->table = widget_table_new(&v->ops, st->context);
	if (v->opened != COMMAND_NONE)
		*command = command_new(v->opened);
	return st;
}

struct command *table_view_close(void *state)
{
	struct state *st = state;

	widget_table_free(st->table);
	if (st->view->done != NULL)
		st->view->done(st->context);
	free(st);
	return NULL;
}

/* Gives how many rows there are, filter or not. */
static size_t take(struct state *st, const struct snapshot *s, const struct view_look *look)
{
	const struct table_view *v = st->view;
	struct widget_rows rows = {.stamp = v->ages ? (uint64_t)s->at.boot_ms / ORDER_MS : 0};

	if (v->rows != NULL)
		rows = v->rows(st->context, s, look);
	else
		memcpy(&rows.table, (const char *)s + v->table, sizeof(rows.table));
	widget_table_rows(st->table, &rows, s, look);
	return rows.table != NULL ? table_count(rows.table) : rows.n;
}

void table_view_head(void *state, const struct snapshot *s, const struct view_look *look, char *dst,
	size_t size, enum role *role)
{
	struct state *st = state;
	const struct table_view *v = st->view;
	size_t all = take(st, s, look);

	str_copy(dst, size, "");
	*role = ROLE_DIM;
	v->head(s, look, dst, size, role);
	if (look->filter != NULL && look->filter[0] != '\0')
		snprintf(dst, size, _("%zu of %zu match"), widget_table_shown(st->table), all);
	if (v->more != NULL)
		v->more(s, look, dst, size, role);
	fresh_head(&s->sources[v->source], look->now, dst, size, role);
}

void table_view_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look)
{
	struct state *st = state;
	const struct table_view *v = st->view;
	const struct source *src = &s->sources[v->source];
	const char *foot = v->foot != NULL && c->height > 4 ? v->foot(s, look) : NULL;
	struct canvas rest = canvas_area(c, 0, 0, c->height - (foot != NULL), c->width);
	bool any = take(st, s, look) > 0;
	char empty[300];

	fresh_empty(src, any, v->why_empty != NULL ? v->why_empty(s) : _(v->none), empty,
		sizeof(empty));
	widget_table_draw(st->table, s, look, &rest, !v->kept && !fresh_is_live(src), empty);
	if (foot != NULL)
		canvas_put(c, c->height - 1, 1, c->width - 2, v->foot_warns ? ROLE_WARN : ROLE_DIM,
			foot);
}

void table_view_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply)
{
	struct state *st = state;
	const struct table_view *v = st->view;
	enum widget_did did;
	const void *row;

	take(st, s, look);
	did = widget_table_act(st->table, a);
	row = widget_table_selected(st->table);
	reply->handled = did == WIDGET_HANDLED || (did == WIDGET_ENTER && v->detail != NULL);
	if (row == NULL)
		return;
	if (did == WIDGET_ENTER && v->detail != NULL)
		v->detail(row, s, reply);
	else if (did == WIDGET_NOTHING && v->other != NULL)
		v->other(row, a, reply);
}
