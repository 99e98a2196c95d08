/* What an Alertmanager says is firing, critical ones first. That they were looked at is told to the
 * engine: it is an item of the emergency list. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ui/kit/fresh.h"
#include "ui/kit/show.h"
#include "ui/view/table_view.h"
#include "ui/view/views.h"

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

static void count(const struct table *firing, size_t by_weight[4])
{
	struct table_walk w = table_walk(firing);
	const struct alert_row *f;

	memset(by_weight, 0, 4 * sizeof(by_weight[0]));
	while ((f = table_next(&w)) != NULL)
		by_weight[weight(f)]++;
}

static void head(const struct snapshot *s, const struct view_look *look, char *dst, size_t size,
	enum role *role)
{
	size_t by_weight[4], all = table_count(s->firing);

	(void)look;
	count(s->firing, by_weight);
	*role = by_weight[0] > 0                  ? ROLE_BAD
		: by_weight[1] + by_weight[2] > 0 ? ROLE_WARN
						  : ROLE_DIM;
	if (all > 0)
		snprintf(dst, size, _("%zu, %zu critical, %zu warning"), all, by_weight[0],
			by_weight[1]);
	else if (fresh_is_live(&s->sources[SOURCE_ALERTS]))
		str_copy(dst, size, _("none fires"));
}

static void more(const struct snapshot *s, const struct view_look *look, char *dst, size_t size,
	enum role *role) /* NOLINT(readability-non-const-parameter): a row's */
{
	(void)look;
	(void)role;
	if (s->sources[SOURCE_ALERTS].state == SOURCE_ABSENT)
		str_copy(dst, size, _("not configured"));
}

static const char *why_empty(const struct snapshot *s)
{
	enum source_state state = s->sources[SOURCE_ALERTS].state;

	if (state == SOURCE_ABSENT)
		return _("no Alertmanager is configured: alerts: {alertmanager: URL} in the config "
			 "names it");
	return state == SOURCE_STALE ? _("none fired when it last answered") : _("no alert fires");
}

static const struct table_view table = {.ops = {.columns = columns,
						.n = COLUMNS,
						.cell = cell,
						.compare = compare,
						.key = key,
						.match = match},
	.source = SOURCE_ALERTS,
	.opened = COMMAND_SAW_ALERTS,
	.table = offsetof(struct snapshot, firing),
	.head = head,
	.more = more,
	.why_empty = why_empty};

const struct view_ops view_alerts = {.name = "alerts",
	.title = N_("alerts"),
	TABLE_VIEW(&table),
	.actions = (const enum action_id[]){ACTION_BACK, TABLE_ACTIONS}};
