/* Pane 2: the system's pods and the CNI's, the failing first. With the whole screen also where they
 * live, what they are and, in the title, how all the other pods do. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "ui/kit/show.h"
#include "ui/view/table_view.h"
#include "ui/view/views.h"

enum column { NAME, NAMESPACE, READY, STATUS, RESTARTS, NODE, AGE, IP, COMPONENT, OWNER, COLUMNS };

static const struct widget_column columns[COLUMNS] = {
	[NAME] = {N_("NAME"), NULL, 12, 14, 63, 0, 0, WIDGET_NAME},
	[NAMESPACE] = {N_("NAMESPACE"), NULL, 9, 20, 30, 0, 4, WIDGET_ZOOMED},
	[READY] = {N_("READY"), NULL, 5, 7, 7, 0, 1, 0},
	[STATUS] = {N_("STATUS"), NULL, 8, 16, 28, 0, 0, 0},
	[RESTARTS] = {N_("RESTARTS"), N_("RST"), 3, 18, 18, 0, 2,
		WIDGET_RIGHT | WIDGET_FALLING | WIDGET_WHOLE},
	[NODE] = {N_("NODE"), NULL, 4, 16, 30, 0, 3, 0},
	[AGE] = {N_("AGE"), NULL, 4, 8, 8, 0, 5, WIDGET_RIGHT},
	[IP] = {N_("IP"), NULL, 9, 39, 39, 0, 6, WIDGET_ZOOMED},
	[COMPONENT] = {N_("COMPONENT"), NULL, 9, 32, 32, 0, 7, WIDGET_ZOOMED},
	[OWNER] = {N_("OWNER"), NULL, 10, 40, 60, 0, 8, WIDGET_ZOOMED},
};

static bool failing(const struct system_pod_row *p, const struct widget_ask *ask)
{
	return pod_failing(&p->pod, ask->snapshot->at.wall_ms);
}

static enum role status_role(const struct system_pod_row *p, const struct widget_ask *ask)
{
	if (failing(p, ask))
		return ROLE_BAD;
	if (p->pod.phase == POD_SUCCEEDED)
		return ROLE_DIM;
	return p->pod.phase == POD_RUNNING && (p->pod.flags & POD_READY) != 0 ? ROLE_TEXT
									      : ROLE_WARN;
}

static int64_t last_restart(const struct system_pod_row *p)
{
	int64_t last = INT64_MIN;

	for (size_t i = 0; p->detail != NULL && i < p->detail->n_containers; i++)
		if (p->detail->containers[i].last_finished_ms > last)
			last = p->detail->containers[i].last_finished_ms;
	return last;
}

/* As kubectl: "3 (2m ago)" where there is room for it. */
static void restarts_cell(
	const struct system_pod_row *p, const struct widget_ask *ask, struct widget_cell *out)
{
	int64_t last = last_restart(p);
	char age[SHOW_SIZE];

	if (p->pod.restarts == 0)
		out->role = ROLE_DIM;
	snprintf(out->text, sizeof(out->text), "%u", p->pod.restarts);
	if (p->pod.restarts == 0 || last == INT64_MIN || !ask->look->zoomed)
		return;
	snprintf(out->text, sizeof(out->text), _("%u (%s ago)"), p->pod.restarts,
		show_since(last, ask->look->now, age, sizeof(age)));
	if (text_width(out->text) > ask->room)
		snprintf(out->text, sizeof(out->text), "%u", p->pod.restarts);
}

static const char *text_of(const struct system_pod_row *p, int column)
{
	switch (column) {
	case NAME:
		return pod_name(&p->pod);
	case NAMESPACE:
		return p->pod.ns;
	case STATUS:
		return p->pod.status;
	case NODE:
		return p->pod.node;
	case IP:
		return p->detail != NULL ? p->detail->ip : "";
	case COMPONENT:
		return p->detail != NULL ? p->detail->component : "";
	case OWNER:
		return p->detail != NULL ? p->detail->owner : "";
	default:
		return "";
	}
}

static void cell(const void *row, int column, const struct widget_ask *ask, struct widget_cell *out)
{
	const struct system_pod_row *p = row;

	switch (column) {
	case READY:
		snprintf(out->text, sizeof(out->text), "%u/%u", p->pod.ready, p->pod.containers);
		out->role = p->pod.ready < p->pod.containers ? status_role(p, ask) : ROLE_DIM;
		break;
	case RESTARTS:
		restarts_cell(p, ask, out);
		break;
	case AGE:
		show_since(p->pod.created_ms, ask->look->now, out->text, sizeof(out->text));
		out->role = ROLE_DIM;
		break;
	default:
		str_copy(out->text, sizeof(out->text), text_of(p, column));
		out->role = column == STATUS ? status_role(p, ask)
			    : column == NAME ? ROLE_TEXT
					     : ROLE_DIM;
	}
}

static int compare(const void *a, const void *b, int column, const struct widget_ask *ask)
{
	const struct system_pod_row *x = a, *y = b;

	switch (column) {
	case -1:
		return widget_by_number(failing(y, ask), failing(x, ask));
	case READY:
		return widget_by_number(
			x->pod.ready - x->pod.containers, y->pod.ready - y->pod.containers);
	case RESTARTS:
		return widget_by_number(x->pod.restarts, y->pod.restarts);
	case AGE:
		return widget_by_number(y->pod.created_ms, x->pod.created_ms);
	default:
		return strcmp(text_of(x, column), text_of(y, column));
	}
}

static struct widget_key key(const void *row)
{
	const struct system_pod_row *p = row;

	return (struct widget_key){pod_name(&p->pod), p->pod.ns};
}

static bool match(const void *row, const char *needle)
{
	for (int i = NAME; i < COLUMNS; i++)
		if (str_has_case(text_of(row, i), needle))
			return true;
	return false;
}

static void head(const struct snapshot *s, const struct view_look *look, char *dst, size_t size,
	enum role *role)
{
	size_t all = table_count(s->system_pods);
	unsigned bad = s->pod_counts.system_failing;

	(void)look;
	*role = bad > 0 ? ROLE_BAD : ROLE_DIM;
	if (all > 0 && bad > 0)
		snprintf(dst, size, _("%zu, %u failing"), all, bad);
	else if (all > 0)
		snprintf(dst, size, _("%zu, none failing"), all);
}

static void more(const struct snapshot *s, const struct view_look *look, char *dst, size_t size,
	enum role *role) /* NOLINT(readability-non-const-parameter): a row's */
{
	const struct pod_counts *c = &s->pod_counts;
	size_t n = strlen(dst);

	(void)role;
	if (look->zoomed && n < size && c->all > 0)
		snprintf(dst + n, size - n,
			_(", of all %u pods %u running, %u pending, %u failing"), c->all,
			c->running, c->pending, c->failing);
}

static void show(const struct view_ops *view, const void *row, struct view_reply *reply)
{
	const struct system_pod_row *p = row;

	reply->handled = true;
	reply->open = view;
	str_copy(reply->args.ns, sizeof(reply->args.ns), p->pod.ns);
	str_copy(reply->args.name, sizeof(reply->args.name), pod_name(&p->pod));
}

static void detail(const void *row, const struct snapshot *s, struct view_reply *reply)
{
	(void)s;
	show(&view_pod_detail, row, reply);
}

static void logs(const void *row, const struct action *a, struct view_reply *reply)
{
	if (a->id != ACTION_LOGS && a->id != ACTION_PREVIOUS_LOGS)
		return;
	show(&view_log, row, reply);
	reply->args.previous = a->id == ACTION_PREVIOUS_LOGS;
}

static const struct table_view table = {.ops = {.columns = columns,
						.n = COLUMNS,
						.cell = cell,
						.compare = compare,
						.key = key,
						.match = match},
	.source = SOURCE_PODS,
	.table = offsetof(struct snapshot, system_pods),
	.ages = true, /* a young pod becomes a failing one by time alone */
	.head = head,
	.more = more,
	.none = N_("there are no pods in kube-system"),
	.detail = detail,
	.other = logs};

const struct view_ops view_system_pods = {.name = "system-pods",
	.title = N_("system pods"),
	TABLE_VIEW(&table),
	.actions = (const enum action_id[]){
		ACTION_ENTER, ACTION_LOGS, ACTION_PREVIOUS_LOGS, TABLE_ACTIONS}};
