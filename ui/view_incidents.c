/* All incidents, the newest first; a mark before the one that what is done now belongs to. Enter
 * opens one, `.` makes it the current one. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ui/fresh.h"
#include "ui/list.h"
#include "ui/show.h"

enum column { MARK, NUMBER, LEVEL, STATE, DETECTED, CLUSTER, TITLE, COLUMNS };

static const struct widget_column columns[COLUMNS] = {
	[MARK] = {"", NULL, 1, 1, 1, 0, 0, WIDGET_FIXED},
	[NUMBER] = {N_("INCIDENT"), NULL, 8, 8, 10, 0, 0, WIDGET_WHOLE},
	[LEVEL] = {N_("LEVEL"), "", 2, 5, 5, 0, 0, WIDGET_WHOLE},
	[STATE] = {N_("STATE"), NULL, 6, 12, 12, 0, 1, 0},
	[DETECTED] = {N_("DETECTED"), NULL, 5, 8, 8, 0, 2, WIDGET_RIGHT},
	[CLUSTER] = {N_("CLUSTER"), NULL, 6, 12, 24, 0, 3, WIDGET_NAME},
	[TITLE] = {N_("TITLE"), NULL, 10, 30, 60, 1, 0, 0},
};

static const struct incident *of(const void *row)
{
	return *(const struct incident *const *)row;
}

static enum role level_role(enum level l)
{
	return l < LEVEL_COUNT ? (enum role)(ROLE_P0 + (int)l) : ROLE_DIM;
}

static void cell(const void *row, int column, const struct widget_ask *ask, struct widget_cell *out)
{
	const struct incident *i = of(row);
	bool closed = incident_state(i) == INCIDENT_IS_CLOSED;
	size_t size = sizeof(out->text);

	out->role = closed ? ROLE_DIM : ROLE_TEXT;
	switch (column) {
	case MARK:
		str_copy(out->text, size, i == ask->snapshot->book->current ? ">" : "");
		out->role = ROLE_ACCENT;
		break;
	case NUMBER:
		str_copy(out->text, size, i->alias);
		break;
	case LEVEL:
		str_copy(out->text, size, level_name(i->level));
		out->role = closed ? ROLE_DIM : level_role(i->level);
		break;
	case STATE:
		str_copy(out->text, size, _(incident_state_title(incident_state(i))));
		break;
	case DETECTED:
		show_since(incident_present(&i->time[INCIDENT_DETECTED]), ask->look->now, out->text,
			size);
		out->role = ROLE_DIM;
		break;
	case CLUSTER:
		str_copy(out->text, size, i->cluster[0] != '\0' ? i->cluster : "-");
		out->role = ROLE_DIM;
		break;
	default:
		str_copy(out->text, size, rstr_text(i->title));
	}
}

static int compare(const void *a, const void *b, int column, const struct widget_ask *ask)
{
	const struct incident *x = of(a), *y = of(b);

	(void)ask;
	switch (column) {
	case LEVEL:
		return widget_by_number(x->level, y->level);
	case STATE:
		return widget_by_number(incident_state(x), incident_state(y));
	case DETECTED:
		return widget_by_number(incident_present(&y->time[INCIDENT_DETECTED]),
			incident_present(&x->time[INCIDENT_DETECTED]));
	case CLUSTER:
		return strcmp(x->cluster, y->cluster);
	case TITLE:
		return strcmp(rstr_text(x->title), rstr_text(y->title));
	case NUMBER:
		return widget_by_number(y->number, x->number);
	default:
		return 0; /* as the book has them */
	}
}

static struct widget_key key(const void *row)
{
	return (struct widget_key){of(row)->id, ""};
}

static bool match(const void *row, const char *needle)
{
	const struct incident *i = of(row);

	return str_has_case(i->alias, needle) || str_has_case(rstr_text(i->title), needle) ||
	       str_has_case(i->cluster, needle) || str_has_case(level_name(i->level), needle) ||
	       str_has_case(_(incident_state_title(incident_state(i))), needle);
}

static const struct widget_table_ops table_ops = {.columns = columns,
	.n = COLUMNS,
	.newest_first = true,
	.cell = cell,
	.compare = compare,
	.key = key,
	.match = match};

static void *incidents_open(const struct view_args *args, struct command **command)
{
	(void)args;
	(void)command;
	return widget_table_new(&table_ops, NULL);
}

static void take(void *state, const struct snapshot *s, const struct view_look *look)
{
	const struct widget_rows rows = {.array = s->book->incidents,
		.n = s->book->n,
		.size = sizeof(s->book->incidents[0]),
		.stamp = s->book->number};

	widget_table_rows(state, &rows, s, look);
}

static void incidents_head(void *state, const struct snapshot *s, const struct view_look *look,
	char *dst, size_t size, enum role *role)
{
	take(state, s, look);
	list_count(state, s->book->n, look, dst, size);
	*role = ROLE_DIM;
	fresh_head(&s->sources[SOURCE_JOURNAL], look->now, dst, size, role);
}

static void incidents_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look)
{
	char empty[300];

	take(state, s, look);
	if (s->journal.off)
		str_copy(empty, sizeof(empty), s->journal.why);
	else
		fresh_empty(&s->sources[SOURCE_JOURNAL], s->book->n > 0,
			_("no incident is recorded"), empty, sizeof(empty));
	widget_table_draw(state, s, look, c, false, empty);
}

static void incidents_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply)
{
	const struct incident *const *row;
	enum widget_did did;

	take(state, s, look);
	did = widget_table_act(state, a);
	row = widget_table_selected(state);
	reply->handled = did != WIDGET_NOTHING || a->id == ACTION_CHOOSE;
	if (row == NULL)
		return;
	if (a->id == ACTION_CHOOSE) {
		reply->command = command_new(COMMAND_CHOOSE);
		str_copy(reply->command->incident, sizeof(reply->command->incident), (*row)->id);
	} else if (did == WIDGET_ENTER) {
		reply->open = &view_incident;
		str_copy(reply->args.name, sizeof(reply->args.name), (*row)->id);
	}
}

static const enum action_id actions[] = {ACTION_ENTER, ACTION_CHOOSE, ACTION_FILTER, ACTION_SORT,
	ACTION_SORT_REVERSE, ACTION_UP, ACTION_DOWN, ACTION_PAGE_UP, ACTION_PAGE_DOWN, ACTION_TOP,
	ACTION_BOTTOM, ACTION_LEFT, ACTION_RIGHT, ACTION_NONE};

const struct view_ops view_incidents = {
	.name = "incidents",
	.title = N_("incidents"),
	.open = incidents_open,
	.head = incidents_head,
	.draw = incidents_draw,
	.act = incidents_act,
	.close = list_close,
	.actions = actions,
};
