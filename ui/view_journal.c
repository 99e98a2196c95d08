/* Every entry of the journal, the newest first: what was seen, said and done, by whom, of whichever
 * incident or of none. Enter opens the incident. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ui/fresh.h"
#include "ui/list.h"
#include "ui/show.h"

enum column { TIME, INCIDENT, AUTHOR, HOST, KIND, TEXT, COLUMNS };

static const struct widget_column columns[COLUMNS] = {
	[TIME] = {N_("TIME"), NULL, 8, 19, 19, 0, 0, 0},
	[INCIDENT] = {N_("INCIDENT"), NULL, 8, 8, 10, 0, 1, WIDGET_WHOLE},
	[AUTHOR] = {N_("AUTHOR"), NULL, 4, 10, 20, 0, 2, 0},
	[HOST] = {N_("HOST"), NULL, 4, 12, 30, 0, 4, WIDGET_ZOOMED | WIDGET_NAME},
	[KIND] = {N_("KIND"), NULL, 6, 12, 12, 0, 3, WIDGET_WHOLE},
	[TEXT] = {N_("TEXT"), NULL, 12, 30, 60, 1, 0, 0},
};

static void cell(const void *row, int column, const struct widget_ask *ask, struct widget_cell *out)
{
	const struct book_line *l = row;
	size_t size = sizeof(out->text);

	switch (column) {
	case TIME:
		if (ask->room >= 19)
			show_moment(l->at_ms, out->text, size);
		else
			instant_hms(l->at_ms, out->text, size);
		out->role = ROLE_DIM;
		break;
	case INCIDENT:
		str_copy(out->text, size, l->alias[0] != '\0' ? l->alias : "-");
		break;
	case AUTHOR:
		str_copy(out->text, size, l->author);
		break;
	case HOST:
		str_copy(out->text, size, l->host);
		out->role = ROLE_DIM;
		break;
	case KIND:
		str_copy(out->text, size, l->kind);
		out->role = ROLE_DIM;
		break;
	default:
		/* TRANSLATORS: an entry that is not on the disk yet */
		snprintf(out->text, size, l->kept ? _("(in memory only) %s") : "%s",
			rstr_text(l->text));
		out->role = l->kept ? ROLE_BAD : ROLE_TEXT;
	}
}

static int compare(const void *a, const void *b, int column, const struct widget_ask *ask)
{
	const struct book_line *x = a, *y = b;

	(void)ask;
	switch (column) {
	case INCIDENT:
		return strcmp(x->alias, y->alias);
	case AUTHOR:
		return strcmp(x->author, y->author);
	case HOST:
		return strcmp(x->host, y->host);
	case KIND:
		return strcmp(x->kind, y->kind);
	case TEXT:
		return strcmp(rstr_text(x->text), rstr_text(y->text));
	case TIME:
		return widget_by_number(y->at_ms, x->at_ms);
	default:
		return 0; /* as they came in, newest first */
	}
}

static struct widget_key key(const void *row)
{
	return (struct widget_key){((const struct book_line *)row)->id, ""};
}

static bool match(const void *row, const char *needle)
{
	const struct book_line *l = row;
	const char *const texts[] = {l->alias, l->author, l->host, l->kind, rstr_text(l->text)};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (str_has_case(texts[i], needle))
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
	(void)args;
	(void)command;
	return widget_table_new(&table_ops, NULL);
}

static void take(void *state, const struct snapshot *s, const struct view_look *look)
{
	const struct widget_rows rows = {.array = s->book->lines,
		.n = s->book->n_lines,
		.size = sizeof(s->book->lines[0]),
		.stamp = s->book->number};

	widget_table_rows(state, &rows, s, look);
}

static void journal_head(void *state, const struct snapshot *s, const struct view_look *look,
	char *dst, size_t size, enum role *role)
{
	take(state, s, look);
	list_count(state, s->book->n_lines, look, dst, size);
	*role = ROLE_DIM;
	fresh_head(&s->sources[SOURCE_JOURNAL], look->now, dst, size, role);
}

static void journal_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look)
{
	char empty[300];

	take(state, s, look);
	if (s->journal.off)
		str_copy(empty, sizeof(empty), s->journal.why);
	else
		fresh_empty(&s->sources[SOURCE_JOURNAL], s->book->n_lines > 0,
			_("nothing is recorded yet"), empty, sizeof(empty));
	widget_table_draw(state, s, look, c, false, empty);
}

static void journal_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply)
{
	const struct book_line *line;
	enum widget_did did;

	take(state, s, look);
	did = widget_table_act(state, a);
	line = widget_table_selected(state);
	reply->handled = did != WIDGET_NOTHING;
	if (did != WIDGET_ENTER || line == NULL)
		return;
	if (line->incident[0] == '\0') {
		str_copy(reply->say, sizeof(reply->say),
			_("this was recorded while no incident was open"));
		return;
	}
	reply->open = &view_incident;
	str_copy(reply->args.name, sizeof(reply->args.name), line->incident);
}

const struct view_ops view_journal = {
	.name = "journal",
	.title = N_("journal"),
	.open = journal_open,
	.head = journal_head,
	.draw = journal_draw,
	.act = journal_act,
	.close = list_close,
	.actions = list_actions,
};
