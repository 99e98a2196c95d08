/* One pod: its containers with what ended them, its conditions, its events; and the way to its
 * logs. A pod outside the system is known only by its row, and the page says so. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ui/kit/fresh.h"
#include "ui/kit/show.h"
#include "ui/view/page_view.h"
#include "ui/view/views.h"

struct pod_view {
	struct detail detail; /* first: detail_close and detail_act know it */
	size_t container;     /* whose log is opened */
};

static void key_of(const struct detail *d, struct pod_row *key)
{
	memset(key, 0, sizeof(*key));
	key->ns = d->args.ns;
	pod_set_name(key, d->args.name, NULL);
}

static const struct pod_detail *detail_of(const struct snapshot *s, const struct detail *d)
{
	struct system_pod_row key = {.detail = NULL};
	const struct system_pod_row *row;

	key_of(d, &key.pod);
	row = table_find(s->system_pods, &key);
	return row != NULL ? row->detail : NULL;
}

/* The system's own row is the richer one, but both say the same. */
static const struct pod_row *row_of(const struct snapshot *s, const struct detail *d)
{
	struct system_pod_row key = {.detail = NULL};
	const struct system_pod_row *row;

	key_of(d, &key.pod);
	row = table_find(s->system_pods, &key);
	return row != NULL ? &row->pod : table_find(s->pods, &key.pod);
}

static void write_what(struct pen *p, const struct pod_row *r, const struct pod_detail *d,
	const struct detail_page *page)
{
	char text[SHOW_SIZE];

	pen_pair(p, _("Status"), pod_failing(r, page->look->now.wall_ms) ? ROLE_BAD : ROLE_OK, "%s",
		r->status);
	pen_pair(p, _("Ready"), ROLE_TEXT, "%u/%u", r->ready, r->containers);
	pen_pair(p, _("Node"), ROLE_TEXT, "%s", r->node[0] != '\0' ? r->node : _("not scheduled"));
	pen_pair(p, _("Namespace"), ROLE_TEXT, "%s", r->ns);
	pen_pair(p, _("Restarts"), r->restarts > 0 ? ROLE_ACCENT : ROLE_TEXT, "%u", r->restarts);
	pen_pair(p, _("Age"), ROLE_TEXT, "%s",
		show_since(r->created_ms, page->look->now, text, sizeof(text)));
	if (d == NULL)
		return;
	pen_pair(p, _("Pod IP"), ROLE_TEXT, "%s", d->ip);
	pen_pair(p, _("Host IP"), ROLE_TEXT, "%s", d->host_ip);
	pen_pair(p, _("Owner"), ROLE_TEXT, "%s%s", d->owner,
		r->flags & POD_MIRROR ? _(" (static pod)") : "");
	pen_pair(p, _("Component"), ROLE_TEXT, "%s", d->component);
	pen_pair(p, _("Priority"), ROLE_TEXT, "%s", d->priority_class);
	pen_pair(p, _("QoS"), ROLE_TEXT, "%s", d->qos);
	if (d->reason[0] != '\0')
		pen_wide_pair(p, _("Reason"), ROLE_BAD, d->reason);
	if (d->message[0] != '\0')
		pen_wide_pair(p, _("Message"), ROLE_TEXT, d->message);
	pen_wide_pair(p, _("UID"), ROLE_DIM, d->uid);
}

struct containers {
	const struct pod_detail *detail;
	size_t chosen;
	struct instant now;
};

static void state_cell(const struct pod_container *k, struct instant now, struct widget_cell *out)
{
	char age[SHOW_SIZE];
	const char *what = k->reason[0] != '\0' ? k->reason : k->state;

	if (str_eq(k->state, "Running") && k->started_ms != INT64_MIN)
		snprintf(out->text, sizeof(out->text), "%s %s", what,
			show_since(k->started_ms, now, age, sizeof(age)));
	else
		str_copy(out->text, sizeof(out->text), what);
	if (str_eq(k->state, "Running"))
		out->role = k->ready ? ROLE_OK : ROLE_WARN;
	else if (!str_eq(k->state, "Terminated") || k->exit_code != 0)
		out->role = ROLE_BAD;
	else
		out->role = ROLE_DIM;
}

/* "Error, exit 137, 4m ago" */
static void last_cell(const struct pod_container *k, struct instant now, struct widget_cell *out)
{
	char age[SHOW_SIZE];

	if (k->last_reason[0] == '\0' && k->last_finished_ms == INT64_MIN)
		return;
	snprintf(out->text, sizeof(out->text), _("%s, exit %d, %s ago"), k->last_reason,
		k->exit_code, show_since(k->last_finished_ms, now, age, sizeof(age)));
	out->role = k->exit_code != 0 ? ROLE_WARN : ROLE_DIM;
}

static void container_cell(const void *context, size_t row, int column, struct widget_cell *out)
{
	const struct containers *all = context;
	const struct pod_container *k = &all->detail->containers[row];
	size_t size = sizeof(out->text);

	switch (column) {
	case 0:
		snprintf(out->text, size, "%s %s%s", row == all->chosen ? ">" : " ", k->name,
			k->init ? _(" (init)") : "");
		out->role = row == all->chosen ? ROLE_ACCENT : ROLE_TEXT;
		break;
	case 1:
		state_cell(k, all->now, out);
		break;
	case 2:
		str_copy(out->text, size, k->ready ? _("yes") : _("no"));
		out->role = ROLE_DIM;
		break;
	case 3:
		snprintf(out->text, size, "%u", k->restarts);
		break;
	default:
		last_cell(k, all->now, out);
	}
}

static void write_containers(
	struct pen *p, const struct pod_detail *d, const struct pod_view *v, struct instant now)
{
	static const char *const headings[] = {
		N_("  NAME"), N_("STATE"), N_("READY"), N_("RESTARTS"), N_("LAST TERMINATION")};
	struct containers all = {d, d->n_containers > 0 ? v->container % d->n_containers : 0, now};

	pen_section(p, _("Containers"));
	pen_table(p, &(struct pen_table){headings, 8, 5, d->n_containers, container_cell, &all});
	for (size_t i = 0; i < d->n_containers; i++)
		if (d->containers[i].message[0] != '\0')
			pen_wide_pair(
				p, d->containers[i].name, ROLE_WARN, d->containers[i].message);
	pen_section(p, _("Images"));
	for (size_t i = 0; i < d->n_containers; i++)
		pen_wide_pair(p, d->containers[i].name, ROLE_TEXT, d->containers[i].image);
}

static void condition_cell(const void *context, size_t row, int column, struct widget_cell *out)
{
	const struct pod_condition *c = &((const struct pod_detail *)context)->conditions[row];
	const char *const texts[] = {c->type, c->status, c->reason, c->message};

	str_copy(out->text, sizeof(out->text), texts[column]);
	if (column == 1)
		out->role = detail_condition_role(c->type, c->status);
}

static void write_conditions(struct pen *p, const struct pod_detail *d)
{
	static const char *const headings[] = {
		N_("TYPE"), N_("STATUS"), N_("REASON"), N_("MESSAGE")};

	pen_section(p, _("Conditions"));
	if (d->n_conditions == 0)
		pen_text(p, ROLE_DIM, _("none"));
	else
		pen_table(
			p, &(struct pen_table){headings, 0, 4, d->n_conditions, condition_cell, d});
}

static void write_page(struct pen *p, void *context)
{
	const struct detail_page *page = context;
	const struct pod_view *v = page->state;
	const struct pod_row *r = row_of(page->snapshot, &v->detail);
	const struct pod_detail *d = detail_of(page->snapshot, &v->detail);

	if (r == NULL) {
		pen_text(p, ROLE_WARN,
			_("The cluster has no such pod any more, or it was not seen yet."));
	} else {
		write_what(p, r, d, page);
		if (d == NULL) {
			pen_blank(p);
			pen_text(p, ROLE_DIM,
				_("Containers and conditions are kept for the system's pods "
				  "only."));
		} else {
			write_containers(p, d, v, page->look->now);
			write_conditions(p, d);
		}
	}
	detail_events(p, page, "Pod", v->detail.args.ns, v->detail.args.name);
}

static void pod_head(void *state, const struct snapshot *s, const struct view_look *look, char *dst,
	size_t size, enum role *role)
{
	const struct pod_view *v = state;
	const struct pod_row *r = row_of(s, &v->detail);

	*role = r != NULL && !pod_failing(r, look->now.wall_ms) ? ROLE_DIM : ROLE_BAD;
	snprintf(dst, size, "%s/%s %s", v->detail.args.ns, v->detail.args.name,
		r != NULL ? r->status : "-");
	fresh_head(&s->sources[SOURCE_PODS], look->now, dst, size, role);
}

static void open_log(
	const struct pod_view *v, const struct snapshot *s, bool previous, struct view_reply *reply)
{
	const struct pod_detail *d = detail_of(s, &v->detail);

	reply->handled = true;
	reply->open = &view_log;
	reply->args = v->detail.args;
	reply->args.previous = previous;
	if (d != NULL && d->n_containers > 0)
		str_copy(reply->args.container, sizeof(reply->args.container),
			d->containers[v->container % d->n_containers].name);
}

static void pod_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply)
{
	struct pod_view *v = state;

	switch ((int)a->id) {
	case ACTION_LOGS:
	case ACTION_ENTER:
		open_log(v, s, false, reply);
		break;
	case ACTION_PREVIOUS_LOGS:
		open_log(v, s, true, reply);
		break;
	case ACTION_NEXT_CONTAINER:
		v->container++;
		reply->handled = true;
		break;
	default:
		detail_act(&v->detail, s, a, look, reply);
	}
}

static const enum action_id actions[] = {ACTION_LOGS, ACTION_PREVIOUS_LOGS, ACTION_NEXT_CONTAINER,
	ACTION_BACK, ACTION_FILTER, ACTION_UP, ACTION_DOWN, ACTION_PAGE_UP, ACTION_PAGE_DOWN,
	ACTION_TOP, ACTION_BOTTOM, ACTION_NONE};

static const struct page_view page = {.write = write_page, .size = sizeof(struct pod_view)};

const struct view_ops view_pod_detail = {
	.name = "pod",
	.title = N_("pod"),
	.head = pod_head,
	PAGE_VIEW(&page),
	.act = pod_act,
	.actions = actions,
};
