/* What the configured Alertmanager says is firing: the worst first, then the newest. Opening it is
 * looking at it, which the checklist asks for. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ui/fresh.h"
#include "ui/list.h"
#include "ui/show.h"

enum column { SEVERITY, NAME, SINCE, SUMMARY, LABELS, COLUMNS };

static const struct widget_column columns[COLUMNS] = {
	[SEVERITY] = {N_("SEVERITY"), "", 1, 8, 10, 0, 0, 0},
	[NAME] = {N_("NAME"), NULL, 10, 24, 40, 0, 0, WIDGET_NAME},
	[SINCE] = {N_("SINCE"), NULL, 4, 7, 7, 0, 1, WIDGET_RIGHT},
	[SUMMARY] = {N_("SUMMARY"), NULL, 10, 24, 60, 2, 2, 0},
	[LABELS] = {N_("LABELS"), NULL, 10, 20, 60, 1, 3, 0},
};

static int weight(const struct firing_row *f)
{
	const char *severity = rstr_text(f->severity);

	if (!firing_counts(f))
		return 3;
	return str_eq(severity, "critical") ? 0 : str_eq(severity, "warning") ? 1 : 2;
}

static void cell(const void *row, int column, const struct widget_ask *ask, struct widget_cell *out)
{
	static const enum role roles[] = {ROLE_BAD, ROLE_WARN, ROLE_TEXT, ROLE_DIM};
	const struct firing_row *f = row;
	size_t size = sizeof(out->text);

	switch (column) {
	case SEVERITY:
		str_copy(out->text, size, rstr_text(f->severity));
		out->role = roles[weight(f)];
		break;
	case NAME:
		str_copy(out->text, size, rstr_text(f->name));
		break;
	case SINCE:
		show_since(f->since_ms, ask->look->now, out->text, size);
		out->role = ROLE_DIM;
		break;
	case SUMMARY:
		str_copy(out->text, size, rstr_text(f->summary));
		break;
	default:
		str_copy(out->text, size, rstr_text(f->labels));
		out->role = ROLE_DIM;
	}
}

static int compare(const void *a, const void *b, int column, const struct widget_ask *ask)
{
	const struct firing_row *x = a, *y = b;
	int order = widget_by_number(weight(x), weight(y));

	(void)ask;
	switch (column) {
	case NAME:
		return strcmp(rstr_text(x->name), rstr_text(y->name));
	case SUMMARY:
		return strcmp(rstr_text(x->summary), rstr_text(y->summary));
	case LABELS:
		return strcmp(rstr_text(x->labels), rstr_text(y->labels));
	case SEVERITY:
		return order;
	case SINCE:
		return widget_by_number(y->since_ms, x->since_ms);
	default:
		return order != 0 ? order : widget_by_number(y->since_ms, x->since_ms);
	}
}

static struct widget_key key(const void *row)
{
	return (struct widget_key){((const struct firing_row *)row)->fingerprint, ""};
}

static bool match(const void *row, const char *needle)
{
	const struct firing_row *f = row;

	return str_has_case(rstr_text(f->name), needle) ||
	       str_has_case(rstr_text(f->severity), needle) ||
	       str_has_case(rstr_text(f->summary), needle) ||
	       str_has_case(rstr_text(f->labels), needle);
}

static const struct widget_table_ops table_ops = {.columns = columns,
	.n = COLUMNS,
	.cell = cell,
	.compare = compare,
	.key = key,
	.match = match};

static void *alerts_open(const struct view_args *args, struct command **command)
{
	(void)args;
	*command = command_new(COMMAND_SAW_ALERTS);
	return widget_table_new(&table_ops, NULL);
}

static void take(void *state, const struct snapshot *s, const struct view_look *look)
{
	const struct widget_rows rows = {.table = s->firing};

	widget_table_rows(state, &rows, s, look);
}

static void alerts_head(void *state, const struct snapshot *s, const struct view_look *look,
	char *dst, size_t size, enum role *role)
{
	take(state, s, look);
	list_count(state, table_count(s->firing), look, dst, size);
	*role = s->alerts.n > 0 ? ROLE_WARN : ROLE_DIM;
	fresh_head(&s->sources[SOURCE_ALERTS], look->now, dst, size, role);
}

static void alerts_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look)
{
	const struct source *src = &s->sources[SOURCE_ALERTS];
	char empty[300];

	take(state, s, look);
	if (src->state == SOURCE_ABSENT)
		str_copy(empty, sizeof(empty),
			_("no Alertmanager is asked: name one in the configuration, alerts: "
			  "{alertmanager: URL}"));
	else
		fresh_empty(
			src, table_count(s->firing) > 0, _("no alert fires"), empty, sizeof(empty));
	widget_table_draw(state, s, look, c, !fresh_is_live(src), empty);
}

static void alerts_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply)
{
	take(state, s, look);
	reply->handled = widget_table_act(state, a) != WIDGET_NOTHING;
}

static const enum action_id actions[] = {ACTION_FILTER, ACTION_SORT, ACTION_SORT_REVERSE, ACTION_UP,
	ACTION_DOWN, ACTION_PAGE_UP, ACTION_PAGE_DOWN, ACTION_TOP, ACTION_BOTTOM, ACTION_LEFT,
	ACTION_RIGHT, ACTION_NONE};

const struct view_ops view_alerts = {
	.name = "alerts",
	.title = N_("alerts"),
	.open = alerts_open,
	.head = alerts_head,
	.draw = alerts_draw,
	.act = alerts_act,
	.close = list_close,
	.actions = actions,
};
