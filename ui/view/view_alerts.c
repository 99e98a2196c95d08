/* What an Alertmanager says is firing, critical ones first. That they were looked at is told to the
 * engine: it is an item of the emergency list. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "ui/kit/fresh.h"
#include "ui/kit/show.h"
#include "ui/kit/widget_table.h"
#include "ui/view/views.h"

struct alerts {
	struct widget_table *table;
};

enum column { SEVERITY, NAME, SINCE, SUMMARY, LABELS, COLUMNS };

static const struct widget_column columns[COLUMNS] = {
	[SEVERITY] = {N_("SEVERITY"), N_("SEV"), 4, 8, 12, 0, 0, 0},
	[NAME] = {N_("NAME"), NULL, 10, 22, 50, 0, 0, WIDGET_NAME},
	[SINCE] = {N_("SINCE"), NULL, 4, 5, 7, 0, 1, WIDGET_RIGHT | WIDGET_FALLING},
	[SUMMARY] = {N_("SUMMARY"), NULL, 14, 26, 70, 2, 2, 0},
	[LABELS] = {N_("LABELS"), NULL, 14, 24, 80, 1, 3, 0},
};

/* Critical, warning, whatever else, and last what is no trouble. */
static int weight(const struct alert_row *f)
{
	if (!alert_counts(f))
		return 3;
	if (str_eq(rstr_text(f->severity), "critical"))
		return 0;
	return str_eq(rstr_text(f->severity), "warning") ? 1 : 2;
}

static void severity_cell(const struct alert_row *f, struct widget_cell *out)
{
	static const enum role roles[] = {ROLE_BAD, ROLE_WARN, ROLE_TEXT, ROLE_DIM};
	const char *severity = rstr_text(f->severity);

	str_copy(out->text, sizeof(out->text), severity[0] != '\0' ? severity : "-");
	out->role = roles[weight(f)];
}

static void cell(const void *row, int column, const struct widget_ask *ask, struct widget_cell *out)
{
	const struct alert_row *f = row;
	size_t size = sizeof(out->text);

	out->role = alert_counts(f) ? ROLE_TEXT : ROLE_DIM;
	switch (column) {
	case SEVERITY:
		severity_cell(f, out);
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
	const struct alert_row *x = a, *y = b;
	int order = widget_by_number(weight(x), weight(y));

	(void)ask;
	switch (column) {
	case NAME:
		return strcmp(rstr_text(x->name), rstr_text(y->name));
	case SINCE: /* falling: the longest first */
		return widget_by_number(y->since_ms, x->since_ms);
	case SUMMARY:
		return strcmp(rstr_text(x->summary), rstr_text(y->summary));
	case LABELS:
		return strcmp(rstr_text(x->labels), rstr_text(y->labels));
	default:
		return order != 0 ? order : widget_by_number(y->since_ms, x->since_ms);
	}
}

static struct widget_key key(const void *row)
{
	return (struct widget_key){((const struct alert_row *)row)->fingerprint, ""};
}

static bool match(const void *row, const char *needle)
{
	const struct alert_row *f = row;

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
	struct alerts *state = mem_new(struct alerts);

	(void)args;
	*command = command_new(COMMAND_SAW_ALERTS);
	state->table = widget_table_new(&table_ops, state);
	return state;
}

static struct command *alerts_close(void *state)
{
	widget_table_free(((struct alerts *)state)->table);
	free(state);
	return NULL;
}

static void take(struct alerts *state, const struct snapshot *s, const struct view_look *look)
{
	const struct widget_rows rows = {.table = s->firing};

	widget_table_rows(state->table, &rows, s, look);
}

static void count(const struct table *firing, size_t by_weight[4])
{
	struct table_walk w = table_walk(firing);
	const struct alert_row *f;

	memset(by_weight, 0, 4 * sizeof(by_weight[0]));
	while ((f = table_next(&w)) != NULL)
		by_weight[weight(f)]++;
}

static void alerts_head(void *state, const struct snapshot *s, const struct view_look *look,
	char *dst, size_t size, enum role *role)
{
	struct alerts *v = state;
	const struct source *src = &s->sources[SOURCE_ALERTS];
	size_t by_weight[4];

	take(v, s, look);
	count(s->firing, by_weight);
	*role = by_weight[0] > 0                  ? ROLE_BAD
		: by_weight[1] + by_weight[2] > 0 ? ROLE_WARN
						  : ROLE_DIM;
	str_copy(dst, size, "");
	if (src->state == SOURCE_ABSENT)
		str_copy(dst, size, _("not configured"));
	else if (look->filter != NULL && look->filter[0] != '\0')
		snprintf(dst, size, _("%zu of %zu match"), widget_table_shown(v->table),
			table_count(s->firing));
	else if (table_count(s->firing) > 0)
		snprintf(dst, size, _("%zu, %zu critical, %zu warning"), table_count(s->firing),
			by_weight[0], by_weight[1]);
	else if (fresh_is_live(src))
		str_copy(dst, size, _("none fires"));
	fresh_head(src, look->now, dst, size, role);
}

static void alerts_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look)
{
	struct alerts *v = state;
	const struct source *src = &s->sources[SOURCE_ALERTS];
	const char *none = _("no alert fires");
	char empty[300];

	if (src->state == SOURCE_ABSENT)
		none = _("no Alertmanager is configured: alerts: {alertmanager: URL} in the config "
			 "names it");
	else if (src->state == SOURCE_STALE)
		none = _("none fired when it last answered");
	take(v, s, look);
	fresh_empty(src, table_count(s->firing) > 0, none, empty, sizeof(empty));
	widget_table_draw(v->table, s, look, c, !fresh_is_live(src), empty);
}

static void alerts_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply)
{
	struct alerts *v = state;

	take(v, s, look);
	reply->handled = widget_table_act(v->table, a) == WIDGET_HANDLED;
}

static const enum action_id actions[] = {ACTION_BACK, ACTION_FILTER, ACTION_SORT,
	ACTION_SORT_REVERSE, ACTION_UP, ACTION_DOWN, ACTION_PAGE_UP, ACTION_PAGE_DOWN, ACTION_TOP,
	ACTION_BOTTOM, ACTION_LEFT, ACTION_RIGHT, ACTION_NONE};

const struct view_ops view_alerts = {
	.name = "alerts",
	.title = N_("alerts"),
	.open = alerts_open,
	.head = alerts_head,
	.draw = alerts_draw,
	.act = alerts_act,
	.close = alerts_close,
	.actions = actions,
};
