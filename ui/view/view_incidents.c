/* Every incident there is, the newest first; the current one is marked, and another can be made it.
 */
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

struct incidents {
	struct widget_table *table;
};

enum column { ALIAS, CURRENT, LEVEL, STATE, AGE, DURATION, TITLE, DETECTED, CLUSTER, COLUMNS };

static const struct widget_column columns[COLUMNS] = {
	[ALIAS] = {N_("INCIDENT"), NULL, 8, 10, 16, 0, 0, 0},
	[CURRENT] = {N_("CURRENT"), "", 1, 7, 8, 0, 1, WIDGET_WHOLE | WIDGET_FIXED},
	[LEVEL] = {N_("LEVEL"), N_("LV"), 2, 11, 12, 0, 0, 0},
	[STATE] = {N_("STATE"), NULL, 6, 12, 14, 0, 1, 0},
	[AGE] = {N_("AGE"), NULL, 4, 6, 7, 0, 2, WIDGET_RIGHT},
	[DURATION] = {N_("DURATION"), NULL, 6, 8, 10, 0, 4, WIDGET_RIGHT | WIDGET_FALLING},
	[TITLE] = {N_("TITLE"), NULL, 12, 24, 60, 1, 0, 0},
	[DETECTED] = {N_("DETECTED"), NULL, 19, 19, 19, 0, 6, WIDGET_ZOOMED | WIDGET_WHOLE},
	[CLUSTER] = {N_("CLUSTER"), NULL, 8, 16, 40, 0, 5, 0},
};

/* A row is a place in the book's array. */
static const struct incident *of(const void *row)
{
	return *(struct incident *const *)row;
}

static void level_cell(
	const struct incident *i, const struct widget_ask *ask, struct widget_cell *out)
{
	show_level(i->level, out->text, sizeof(out->text));
	if (text_width(out->text) > ask->room)
		str_copy(out->text, sizeof(out->text), level_name(i->level));
	out->role = incident_state(i) == INCIDENT_IS_CLOSED ? ROLE_DIM : show_level_role(i->level);
}

static void current_cell(
	const struct incident *i, const struct widget_ask *ask, struct widget_cell *out)
{
	if (ask->snapshot->book->current != i)
		return;
	str_copy(out->text, sizeof(out->text),
		ask->room >= text_width(_("current")) ? _("current") : ">");
	out->role = ROLE_ACCENT;
}

static int64_t duration_of(const struct incident *i, struct instant now)
{
	return incident_clock(i, SLA_RECOVER, now.wall_ms).elapsed_ms;
}

static void cell(const void *row, int column, const struct widget_ask *ask, struct widget_cell *out)
{
	const struct incident *i = of(row);
	enum incident_state state = incident_state(i);
	size_t size = sizeof(out->text);

	switch (column) {
	case ALIAS:
		str_copy(out->text, size, i->alias);
		break;
	case CURRENT:
		current_cell(i, ask, out);
		break;
	case LEVEL:
		level_cell(i, ask, out);
		break;
	case STATE:
		str_copy(out->text, size, _(incident_state_title(state)));
		out->role = show_state_role(state);
		break;
	case AGE:
		show_since(incident_present(&i->time[INCIDENT_DETECTED]), ask->look->now, out->text,
			size);
		out->role = ROLE_DIM;
		break;
	case DETECTED:
		show_moment(incident_present(&i->time[INCIDENT_DETECTED]), out->text, size);
		out->role = ROLE_DIM;
		break;
	case DURATION:
		show_span(duration_of(i, ask->look->now), out->text, size);
		break;
	case TITLE:
		str_copy(out->text, size, rstr_text(i->title));
		break;
	default:
		str_copy(out->text, size, i->cluster);
		out->role = ROLE_DIM;
	}
}

static int compare(const void *a, const void *b, int column, const struct widget_ask *ask)
{
	const struct incident *x = of(a), *y = of(b);

	switch (column) {
	case ALIAS:
		return widget_by_number(x->number, y->number);
	case LEVEL:
		return widget_by_number((int)x->level, (int)y->level);
	case STATE:
		return widget_by_number((int)incident_state(x), (int)incident_state(y));
	case AGE:
	case DETECTED:
		return widget_by_number(incident_present(&y->time[INCIDENT_DETECTED]),
			incident_present(&x->time[INCIDENT_DETECTED]));
	case DURATION:
		return widget_by_number(
			duration_of(x, ask->look->now), duration_of(y, ask->look->now));
	case TITLE:
		return strcmp(rstr_text(x->title), rstr_text(y->title));
	case CLUSTER:
		return strcmp(x->cluster, y->cluster);
	default:
		return 0; /* as the book has them: newest first */
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
	struct incidents *state = mem_new(struct incidents);

	(void)args;
	(void)command;
	state->table = widget_table_new(&table_ops, state);
	return state;
}

static struct command *incidents_close(void *state)
{
	widget_table_free(((struct incidents *)state)->table);
	free(state);
	return NULL;
}

static void take(struct incidents *state, const struct snapshot *s, const struct view_look *look)
{
	const struct widget_rows rows = {.array = s->book->incidents,
		.n = s->book->n,
		.size = sizeof(s->book->incidents[0])};

	widget_table_rows(state->table, &rows, s, look);
}

static void incidents_head(void *state, const struct snapshot *s, const struct view_look *look,
	char *dst, size_t size, enum role *role)
{
	struct incidents *v = state;
	size_t open = 0;

	take(v, s, look);
	for (size_t k = 0; k < s->book->n; k++)
		open += incident_state(s->book->incidents[k]) < INCIDENT_IS_RECOVERED;
	*role = open > 0 ? ROLE_WARN : ROLE_DIM;
	if (look->filter != NULL && look->filter[0] != '\0')
		snprintf(
			dst, size, _("%zu of %zu match"), widget_table_shown(v->table), s->book->n);
	else
		snprintf(dst, size, _("%zu, %zu not recovered"), s->book->n, open);
	fresh_head(&s->sources[SOURCE_JOURNAL], look->now, dst, size, role);
}

static void incidents_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look)
{
	struct incidents *v = state;
	char empty[300];

	take(v, s, look);
	fresh_empty(&s->sources[SOURCE_JOURNAL], s->book->n > 0,
		s->journal.off ? _("incidents are not kept here") : _("there was no incident yet"),
		empty, sizeof(empty));
	widget_table_draw(v->table, s, look, c, false, empty);
}

static void incidents_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply)
{
	struct incidents *v = state;
	const struct incident *i;
	enum widget_did did;

	take(v, s, look);
	did = widget_table_act(v->table, a);
	reply->handled = did != WIDGET_NOTHING || a->id == ACTION_CHOOSE;
	if (widget_table_selected(v->table) == NULL)
		return;
	i = of(widget_table_selected(v->table));
	if (a->id == ACTION_CHOOSE) {
		reply->command = command_new(COMMAND_CHOOSE);
		str_copy(reply->command->incident, sizeof(reply->command->incident), i->id);
		snprintf(reply->say, sizeof(reply->say), _("%s is the current incident now"),
			i->alias);
	} else if (did == WIDGET_ENTER) {
		reply->open = &view_incident;
		str_copy(reply->args.name, sizeof(reply->args.name), i->id);
	}
}

static const enum action_id actions[] = {ACTION_ENTER, ACTION_CHOOSE, ACTION_BACK, ACTION_FILTER,
	ACTION_SORT, ACTION_SORT_REVERSE, ACTION_UP, ACTION_DOWN, ACTION_PAGE_UP, ACTION_PAGE_DOWN,
	ACTION_TOP, ACTION_BOTTOM, ACTION_LEFT, ACTION_RIGHT, ACTION_NONE};

const struct view_ops view_incidents = {
	.name = "incidents",
	.title = N_("incidents"),
	.open = incidents_open,
	.head = incidents_head,
	.draw = incidents_draw,
	.act = incidents_act,
	.close = incidents_close,
	.actions = actions,
};
