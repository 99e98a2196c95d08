/* Pane 4: what happened, the newest first. A warning has its word, or in a narrow pane its sign,
 * beside its colour. What it says matters more than what it is about, whose name it often holds. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ui/kit/show.h"
#include "ui/view/table_view.h"
#include "ui/view/view_event.h"
#include "ui/view/views.h"

enum column { AGE, TYPE, REASON, NAMESPACE, OBJECT, COUNT, SOURCE, MESSAGE, COLUMNS };

static const struct widget_column columns[COLUMNS] = {
	[AGE] = {N_("AGE"), NULL, 4, 7, 7, 0, 0, WIDGET_RIGHT},
	[TYPE] = {N_("TYPE"), "", 1, 7, 7, 0, 0, WIDGET_WHOLE},
	[REASON] = {N_("REASON"), NULL, 8, 11, 24, 0, 0, 0},
	[NAMESPACE] = {N_("NAMESPACE"), NULL, 9, 24, 24, 0, 7, WIDGET_ZOOMED},
	[OBJECT] = {N_("OBJECT"), NULL, 10, 14, 44, 0, 2, WIDGET_NAME},
	[COUNT] = {N_("COUNT"), N_("N"), 1, 6, 10, 0, 4,
		WIDGET_RIGHT | WIDGET_FALLING | WIDGET_IF_ANY},
	[SOURCE] = {N_("SOURCE"), NULL, 8, 26, 26, 0, 8, WIDGET_ZOOMED},
	[MESSAGE] = {N_("MESSAGE"), NULL, 10, 18, 32, 1, 1, 0},
};

static void type_cell(
	const struct event_row *e, const struct widget_ask *ask, struct widget_cell *out)
{
	bool warning = event_is_warning(e);

	if (ask->room >= (int)strlen(e->type))
		str_copy(out->text, sizeof(out->text), e->type);
	else
		str_copy(out->text, sizeof(out->text), warning ? "!" : "");
	out->role = warning ? ROLE_WARN : ROLE_DIM;
}

static void cell(const void *row, int column, const struct widget_ask *ask, struct widget_cell *out)
{
	const struct event_row *e = row;
	size_t size = sizeof(out->text);

	switch (column) {
	case AGE:
		show_since(e->last_ms, ask->look->now, out->text, size);
		out->role = ROLE_DIM;
		break;
	case TYPE:
		type_cell(e, ask, out);
		break;
	case REASON:
		str_copy(out->text, size, e->reason);
		out->role = event_is_warning(e) ? ROLE_WARN : ROLE_TEXT;
		break;
	case NAMESPACE:
		str_copy(out->text, size, e->ns);
		out->role = ROLE_DIM;
		break;
	case OBJECT:
		event_object(e, out->text, size);
		break;
	case COUNT:
		if (e->count > 1)
			snprintf(out->text, size, "%u", e->count);
		break;
	case SOURCE:
		str_copy(out->text, size, e->source);
		out->role = ROLE_DIM;
		break;
	default:
		str_copy(out->text, size, rstr_text(e->message));
		out->role = event_is_warning(e) ? ROLE_TEXT : ROLE_DIM;
	}
}

static int by_object(const struct event_row *x, const struct event_row *y)
{
	int order = strcmp(x->kind, y->kind);

	return order != 0 ? order : strcmp(x->name, y->name);
}

static int compare(const void *a, const void *b, int column, const struct widget_ask *ask)
{
	const struct event_row *x = a, *y = b;

	(void)ask;
	switch (column) {
	case TYPE:
		return widget_by_number(event_is_warning(y), event_is_warning(x));
	case REASON:
		return strcmp(x->reason, y->reason);
	case NAMESPACE:
		return strcmp(x->ns, y->ns);
	case OBJECT:
		return by_object(x, y);
	case COUNT:
		return widget_by_number(x->count, y->count);
	case SOURCE:
		return strcmp(x->source, y->source);
	case MESSAGE:
		return strcmp(rstr_text(x->message), rstr_text(y->message));
	default:
		return widget_by_number(y->last_ms, x->last_ms);
	}
}

static struct widget_key key(const void *row)
{
	return (struct widget_key){((const struct event_row *)row)->uid, ""};
}

static bool match(const void *row, const char *needle)
{
	const struct event_row *e = row;
	const char *const texts[] = {
		e->reason, e->name, e->kind, e->ns, e->type, e->source, rstr_text(e->message)};

	return str_any_has_case(texts, sizeof(texts) / sizeof(texts[0]), needle);
}

static void head(const struct snapshot *s, const struct view_look *look, char *dst, size_t size,
	enum role *role)
{
	size_t all = table_count(s->events);

	(void)look;
	if (s->warnings_per_minute >= 1) {
		*role = ROLE_WARN;
		snprintf(dst, size,
			P_("%zu, %.0f warning a minute", "%zu, %.0f warnings a minute",
				s->warnings_per_minute + 0.5),
			all, s->warnings_per_minute);
	} else if (all > 0) {
		snprintf(dst, size, "%zu", all);
	}
}

static void detail(const void *row, const struct snapshot *s, struct view_reply *reply)
{
	(void)s;
	reply->open = &view_event_detail;
	str_copy(reply->args.name, sizeof(reply->args.name), ((const struct event_row *)row)->uid);
}

static const struct table_view table = {.ops = {.columns = columns,
						.n = COLUMNS,
						.newest_first = true,
						.cell = cell,
						.compare = compare,
						.key = key,
						.match = match},
	.source = SOURCE_EVENTS,
	.table = offsetof(struct snapshot, events),
	.head = head,
	.none = N_("nothing has happened lately"),
	.detail = detail};

const struct view_ops view_events = {
	.name = "events", .title = N_("events"), TABLE_VIEW(&table), .actions = table_view_actions};
