/* The journal: every entry of every incident, and of none, the newest first. What the disk has not
 * taken yet says so. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "ui/kit/show.h"
#include "ui/kit/show_incident.h"
#include "ui/view/table_view.h"
#include "ui/view/views.h"

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

	return str_any_has_case(texts, sizeof(texts) / sizeof(texts[0]), needle);
}

static struct widget_rows rows_of(
	void *context, const struct snapshot *s, const struct view_look *look)
{
	(void)context;
	(void)look;
	return (struct widget_rows){
		.array = s->book->lines, .n = s->book->n_lines, .size = sizeof(s->book->lines[0])};
}

static void head(const struct snapshot *s, const struct view_look *look, char *dst, size_t size,
	enum role *role) /* NOLINT(readability-non-const-parameter): a row's */
{
	(void)look;
	(void)role;
	if (s->book->n_lines >= BOOK_LINES)
		snprintf(dst, size, _("the newest %d"), BOOK_LINES);
	else
		snprintf(dst, size, "%zu", s->book->n_lines);
}

static const char *why_empty(const struct snapshot *s)
{
	return s->journal.off ? _("no journal is kept here") : _("the journal is empty");
}

static void detail(const void *row, const struct snapshot *s, struct view_reply *reply)
{
	const struct casebook_line *line = row;

	if (casebook_find(s->book, line->incident) == NULL) {
		str_copy(reply->say, sizeof(reply->say), _("this entry belongs to no incident"));
		return;
	}
	reply->open = &view_incident;
	str_copy(reply->args.name, sizeof(reply->args.name), line->incident);
}

static const struct table_view table = {.ops = {.columns = columns,
						.n = COLUMNS,
						.newest_first = true,
						.cell = cell,
						.compare = compare,
						.key = key,
						.match = match},
	.source = SOURCE_JOURNAL,
	.kept = true,
	.rows = rows_of,
	.head = head,
	.why_empty = why_empty,
	.detail = detail};

const struct view_ops view_journal = {.name = "journal",
	.title = N_("journal"),
	TABLE_VIEW(&table),
	.actions = (const enum action_id[]){ACTION_ENTER, ACTION_BACK, TABLE_ACTIONS}};
