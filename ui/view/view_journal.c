/* The journal: every entry of every incident, and of none, the newest first. What the disk has not
 * taken yet says so. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "ui/kit/fresh.h"
#include "ui/kit/show.h"
#include "ui/kit/show_incident.h"
#include "ui/kit/widget_table.h"
#include "ui/view/views.h"

struct journal {
	struct widget_table *table;
};

enum column { TIME, KEPT, INCIDENT, AUTHOR, KIND, HOST, TEXT, COLUMNS };

static const struct widget_column columns[COLUMNS] = {
	[TIME] = {N_("TIME"), NULL, 5, 14, 19, 0, 0, 0},
	[KEPT] = {N_("KEPT"), "", 1, 14, 20, 0, 0, WIDGET_WHOLE | WIDGET_IF_ANY},
	[INCIDENT] = {N_("INCIDENT"), NULL, 8, 8, 16, 0, 1, 0},
	[AUTHOR] = {N_("AUTHOR"), NULL, 5, 8, 20, 0, 2, 0},
	[KIND] = {N_("KIND"), NULL, 6, 8, 16, 0, 3, 0},
	[HOST] = {N_("HOST"), NULL, 8, 12, 24, 0, 7, WIDGET_ZOOMED},
	[TEXT] = {N_("TEXT"), NULL, 12, 30, 80, 1, 0, WIDGET_FIXED},
};

/* As short as says it: "04:43" in a pane; with the whole screen "11-23 04:43:50", of another year
 * with that. */
static void time_cell(
	const struct casebook_line *line, const struct widget_ask *ask, struct widget_cell *out)
{
	char at[SHOW_SIZE], now[SHOW_SIZE];
	bool this_year;

	out->role = ROLE_DIM;
	if (!ask->look->zoomed) {
		show_clock_time(line->at_ms, ask->look->now, out->text, sizeof(out->text));
		return;
	}
	show_moment(line->at_ms, at, sizeof(at));
	show_moment(ask->look->now.wall_ms, now, sizeof(now));
	this_year = strlen(at) > 5 && strncmp(at, now, 5) == 0;
	str_copy(out->text, sizeof(out->text), this_year ? at + 5 : at);
}

static void cell(const void *row, int column, const struct widget_ask *ask, struct widget_cell *out)
{
	const struct casebook_line *line = row;
	size_t size = sizeof(out->text);

	switch (column) {
	case TIME:
		time_cell(line, ask, out);
		break;
	case KEPT:
		if (line->kept)
			str_copy(out->text, size,
				ask->room >= text_width(_("in memory only")) ? _("in memory only")
									     : "!");
		out->role = ROLE_BAD;
		break;
	case INCIDENT:
		str_copy(out->text, size, line->alias);
		break;
	case AUTHOR:
		str_copy(out->text, size, line->author);
		break;
	case KIND:
		str_copy(out->text, size, line->kind);
		out->role = ROLE_DIM;
		break;
	case HOST:
		str_copy(out->text, size, line->host);
		out->role = ROLE_DIM;
		break;
	default:
		str_copy(out->text, size, rstr_text(line->text));
	}
}

static int compare(const void *a, const void *b, int column, const struct widget_ask *ask)
{
	const struct casebook_line *x = a, *y = b;

	(void)ask;
	switch (column) {
	case TIME:
		return widget_by_number(x->at_ms, y->at_ms);
	case KEPT:
		return widget_by_number(y->kept, x->kept);
	case INCIDENT:
		return strcmp(x->alias, y->alias);
	case AUTHOR:
		return strcmp(x->author, y->author);
	case KIND:
		return strcmp(x->kind, y->kind);
	case HOST:
		return strcmp(x->host, y->host);
	default:
		return 0; /* as the book has them: newest first */
	}
}

static struct widget_key key(const void *row)
{
	return (struct widget_key){((const struct casebook_line *)row)->id, ""};
}

static bool match(const void *row, const char *needle)
{
	const struct casebook_line *line = row;
	const char *const texts[] = {
		rstr_text(line->text), line->author, line->kind, line->alias, line->host};

	for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
		if (str_has_case(texts[k], needle))
			return true;
	return false;
}

static const struct widget_table_ops table_ops = {.columns = columns,
	.n = COLUMNS,
	.newest_first = true,
	.cell = cell,
	.compare = compare,
	.key = key,
	.match = match};

static void *journal_open(const struct view_args *args, struct command **command)
{
	struct journal *state = mem_new(struct journal);

	(void)args;
	(void)command;
	state->table = widget_table_new(&table_ops, state);
	return state;
}

static struct command *journal_close(void *state)
{
	widget_table_free(((struct journal *)state)->table);
	free(state);
	return NULL;
}

static void take(struct journal *state, const struct snapshot *s, const struct view_look *look)
{
	const struct widget_rows rows = {
		.array = s->book->lines, .n = s->book->n_lines, .size = sizeof(s->book->lines[0])};

	widget_table_rows(state->table, &rows, s, look);
}

static void journal_head(void *state, const struct snapshot *s, const struct view_look *look,
	char *dst, size_t size, enum role *role)
{
	struct journal *v = state;

	take(v, s, look);
	*role = ROLE_DIM;
	if (look->filter != NULL && look->filter[0] != '\0')
		snprintf(dst, size, _("%zu of %zu match"), widget_table_shown(v->table),
			s->book->n_lines);
	else if (s->book->n_lines >= BOOK_LINES)
		snprintf(dst, size, _("the newest %d"), BOOK_LINES);
	else
		snprintf(dst, size, "%zu", s->book->n_lines);
	fresh_head(&s->sources[SOURCE_JOURNAL], look->now, dst, size, role);
}

static void journal_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look)
{
	struct journal *v = state;
	char empty[300];

	take(v, s, look);
	fresh_empty(&s->sources[SOURCE_JOURNAL], s->book->n_lines > 0,
		s->journal.off ? _("no journal is kept here") : _("the journal is empty"), empty,
		sizeof(empty));
	widget_table_draw(v->table, s, look, c, false, empty);
}

static void journal_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply)
{
	struct journal *v = state;
	const struct casebook_line *line;
	enum widget_did did;

	take(v, s, look);
	did = widget_table_act(v->table, a);
	line = widget_table_selected(v->table);
	reply->handled = did != WIDGET_NOTHING;
	if (did != WIDGET_ENTER || line == NULL)
		return;
	if (casebook_find(s->book, line->incident) == NULL) {
		str_copy(reply->say, sizeof(reply->say), _("this entry belongs to no incident"));
		return;
	}
	reply->open = &view_incident;
	str_copy(reply->args.name, sizeof(reply->args.name), line->incident);
}

static const enum action_id actions[] = {ACTION_ENTER, ACTION_BACK, ACTION_FILTER, ACTION_SORT,
	ACTION_SORT_REVERSE, ACTION_UP, ACTION_DOWN, ACTION_PAGE_UP, ACTION_PAGE_DOWN, ACTION_TOP,
	ACTION_BOTTOM, ACTION_LEFT, ACTION_RIGHT, ACTION_NONE};

const struct view_ops view_journal = {
	.name = "journal",
	.title = N_("journal"),
	.open = journal_open,
	.head = journal_head,
	.draw = journal_draw,
	.act = journal_act,
	.close = journal_close,
	.actions = actions,
};
