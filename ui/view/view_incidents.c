/* Every incident there is, the newest first; the current one is marked, and another can be made it.
 */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "ui/kit/show.h"
#include "ui/kit/show_incident.h"
#include "ui/view/table_view.h"
#include "ui/view/views.h"

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

static struct widget_rows rows_of(
	void *context, const struct snapshot *s, const struct view_look *look)
{
	(void)context;
	(void)look;
	return (struct widget_rows){.array = s->book->incidents,
		.n = s->book->n,
		.size = sizeof(s->book->incidents[0])};
}

static void head(const struct snapshot *s, const struct view_look *look, char *dst, size_t size,
	enum role *role)
{
	size_t open = 0;

	(void)look;
	for (size_t k = 0; k < s->book->n; k++)
		open += incident_state(s->book->incidents[k]) < INCIDENT_IS_RECOVERED;
	*role = open > 0 ? ROLE_WARN : ROLE_DIM;
	snprintf(dst, size, _("%zu, %zu not recovered"), s->book->n, open);
}

static const char *why_empty(const struct snapshot *s)
{
	return s->journal.off ? _("incidents are not kept here") : _("there was no incident yet");
}

static void detail(const void *row, const struct snapshot *s, struct view_reply *reply)
{
	(void)s;
	reply->open = &view_incident;
	str_copy(reply->args.name, sizeof(reply->args.name), of(row)->id);
}

static void choose(const void *row, const struct action *a, struct view_reply *reply)
{
	const struct incident *i = of(row);

	if (a->id != ACTION_CHOOSE)
		return;
	reply->handled = true;
	reply->command = command_new(COMMAND_CHOOSE);
	str_copy(reply->command->incident, sizeof(reply->command->incident), i->id);
	snprintf(reply->say, sizeof(reply->say), _("%s is the current incident now"), i->alias);
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
	.detail = detail,
	.other = choose};

const struct view_ops view_incidents = {.name = "incidents",
	.title = N_("incidents"),
	TABLE_VIEW(&table),
	.actions =
		(const enum action_id[]){ACTION_ENTER, ACTION_CHOOSE, ACTION_BACK, TABLE_ACTIONS}};
