/* Pane 1: the nodes, the troubled ones first. In the pane what tells whether a node lives (status,
 * lease, load); with the whole screen all that `kubectl get nodes -o wide` tells, too. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "model/pods_by_node.h"
#include "ui/kit/fresh.h"
#include "ui/kit/show.h"
#include "ui/view/table_view.h"
#include "ui/view/views.h"

enum column {
	NAME,
	STATUS,
	ROLES,
	CPU,
	MEM,
	LEASE,
	PODS,
	AGE,
	VERSION,
	INTERNAL_IP,
	EXTERNAL_IP,
	OS_IMAGE,
	KERNEL,
	RUNTIME,
	COLUMNS
};

static const struct widget_column columns[COLUMNS] = {
	[NAME] = {N_("NAME"), NULL, 4, 12, 60, 0, 0, WIDGET_NAME},
	[STATUS] = {N_("STATUS"), NULL, 8, 12, 50, 0, 0, 0},
	[ROLES] = {N_("ROLES"), NULL, 6, 13, 24, 0, 5, 0},
	[CPU] = {N_("CPU"), NULL, 4, 6, 6, 0, 2, WIDGET_RIGHT | WIDGET_FALLING},
	[MEM] = {N_("MEM"), NULL, 4, 6, 6, 0, 2, WIDGET_RIGHT | WIDGET_FALLING},
	[LEASE] = {N_("LEASE"), NULL, 5, 9, 9, 0, 1, WIDGET_RIGHT | WIDGET_FALLING},
	[PODS] = {N_("PODS"), NULL, 4, 7, 7, 0, 6, WIDGET_RIGHT | WIDGET_ZOOMED | WIDGET_FALLING},
	[AGE] = {N_("AGE"), NULL, 4, 8, 8, 0, 3, WIDGET_RIGHT},
	[VERSION] = {N_("VERSION"), NULL, 7, 20, 20, 0, 4, WIDGET_ZOOMED},
	[INTERNAL_IP] = {N_("INTERNAL-IP"), NULL, 11, 39, 39, 0, 4, WIDGET_ZOOMED},
	[EXTERNAL_IP] = {N_("EXTERNAL-IP"), NULL, 11, 39, 39, 0, 9, WIDGET_ZOOMED},
	[OS_IMAGE] = {N_("OS-IMAGE"), NULL, 10, 40, 40, 0, 8, WIDGET_ZOOMED},
	[KERNEL] = {N_("KERNEL-VERSION"), NULL, 14, 40, 40, 0, 8, WIDGET_ZOOMED},
	[RUNTIME] = {N_("CONTAINER-RUNTIME"), NULL, 17, 40, 40, 0, 7, WIDGET_ZOOMED},
};

/* Conditions that kubectl's STATUS leaves out. */
static const struct {
	unsigned flag;
	const char *word;
} pressures[] = {
	{NODE_MEM_PRESSURE, "MemoryPressure"},
	{NODE_DISK_PRESSURE, "DiskPressure"},
	{NODE_PID_PRESSURE, "PIDPressure"},
	{NODE_NET_UNAVAILABLE, "NetworkUnavailable"},
};

static void status_cell(const struct node_row *n, struct widget_cell *out)
{
	size_t used;

	node_status(n, out->text, sizeof(out->text));
	for (size_t i = 0; i < sizeof(pressures) / sizeof(pressures[0]); i++) {
		used = strlen(out->text);
		if ((n->flags & pressures[i].flag) != 0)
			snprintf(out->text + used, sizeof(out->text) - used, ",%s",
				pressures[i].word);
	}
	if (!node_is_ready(n))
		out->role = ROLE_BAD;
	else if (strcmp(out->text, "Ready") != 0)
		out->role = ROLE_WARN;
}

/* Permille of the allocatable; -1 unknown. */
static int load(const struct node_row *n, int column, const struct snapshot *s)
{
	const struct usage_row *u = snapshot_usage(s, n->name);

	if (u == NULL)
		return -1;
	return column == CPU ? show_permille(u->cpu_milli, n->cpu_milli)
			     : show_permille(u->mem_bytes, n->mem_bytes);
}

static bool is_high(const struct node_row *n, int column, const struct snapshot *s)
{
	const struct usage_row *u = snapshot_usage(s, n->name);

	if (column == CPU)
		return limit_passed(u->cpu_milli, n->cpu_milli, s->limits.cpu_percent);
	return limit_passed(u->mem_bytes, n->mem_bytes, s->limits.memory_percent);
}

static void load_cell(
	const struct node_row *n, int column, const struct widget_ask *ask, struct widget_cell *out)
{
	int permille = load(n, column, ask->snapshot);

	show_percent(permille, 1000, out->text, sizeof(out->text));
	if (permille < 0)
		out->role = ROLE_DIM;
	else if (is_high(n, column, ask->snapshot))
		out->role = ROLE_WARN;
	else if (!fresh_is_live(&ask->snapshot->sources[SOURCE_USAGE]))
		out->role = ROLE_STALE;
}

static void lease_cell(
	const struct node_row *n, const struct widget_ask *ask, struct widget_cell *out)
{
	int64_t age_ms = show_lease_ms(ask->snapshot, n->name, ask->look->now);

	show_age(age_ms, out->text, sizeof(out->text));
	out->role = show_lease_role(age_ms);
	if (!fresh_is_live(&ask->snapshot->sources[SOURCE_NODE_LEASES]))
		out->role = ROLE_STALE;
}

static void pods_cell(
	const struct node_row *n, const struct widget_ask *ask, struct widget_cell *out)
{

	if (ask->snapshot->sources[SOURCE_PODS].state == SOURCE_NEVER)
		str_copy(out->text, sizeof(out->text), "-");
	else
		snprintf(
			out->text, sizeof(out->text), "%u", pods_by_node_of(ask->context, n->name));
}

static const char *text_of(const struct node_row *n, int column)
{
	switch (column) {
	case NAME:
		return n->name;
	case ROLES:
		return n->roles;
	case VERSION:
		return n->version;
	case INTERNAL_IP:
		return n->internal_ip;
	case EXTERNAL_IP:
		return n->external_ip;
	case OS_IMAGE:
		return n->os_image;
	case KERNEL:
		return n->kernel;
	case RUNTIME:
		return n->runtime;
	default:
		return "";
	}
}

static void cell(const void *row, int column, const struct widget_ask *ask, struct widget_cell *out)
{
	const struct node_row *n = row;

	switch (column) {
	case STATUS:
		status_cell(n, out);
		break;
	case CPU:
	case MEM:
		load_cell(n, column, ask, out);
		break;
	case LEASE:
		lease_cell(n, ask, out);
		break;
	case PODS:
		pods_cell(n, ask, out);
		break;
	case AGE:
		show_since(n->created_ms, ask->look->now, out->text, sizeof(out->text));
		out->role = ROLE_DIM;
		break;
	default:
		str_copy(out->text, sizeof(out->text), text_of(n, column));
		out->role = column >= VERSION || column == ROLES ? ROLE_DIM : ROLE_TEXT;
	}
}

/* A node whose lease is old is in trouble before its status says so. */
static bool lease_is_old(const struct node_row *n, const struct snapshot *s)
{
	return show_lease_role(show_lease_ms(s, n->name, s->at)) == ROLE_BAD;
}

/* How much a node deserves to be looked at: the troubled first, then the control plane. */
static int worry(const struct node_row *n, const struct snapshot *s)
{
	if (!node_is_ready(n))
		return 0;
	if (lease_is_old(n, s))
		return 1;
	if ((n->flags & ~(unsigned)NODE_CONTROL_PLANE) != 0)
		return 2;
	return (n->flags & NODE_CONTROL_PLANE) != 0 ? 3 : 4;
}

static int compare(const void *a, const void *b, int column, const struct widget_ask *ask)
{
	const struct node_row *x = a, *y = b;
	const struct snapshot *s = ask->snapshot;

	switch (column) {
	case -1:
	case STATUS:
		return widget_by_number(worry(x, s), worry(y, s));
	case CPU:
	case MEM:
		return widget_by_number(load(x, column, s), load(y, column, s));
	case LEASE:
		return widget_by_number(
			show_lease_ms(s, x->name, s->at), show_lease_ms(s, y->name, s->at));
	case PODS:
		return widget_by_number(pods_by_node_of(ask->context, x->name),
			pods_by_node_of(ask->context, y->name));
	case AGE:
		return widget_by_number(y->created_ms, x->created_ms);
	default:
		return strcmp(text_of(x, column), text_of(y, column));
	}
}

static struct widget_key key(const void *row)
{
	return (struct widget_key){((const struct node_row *)row)->name, ""};
}

static bool match(const void *row, const char *needle)
{
	const struct node_row *n = row;
	char status[80];

	for (int i = NAME; i < COLUMNS; i++)
		if (str_has_case(text_of(n, i), needle))
			return true;
	return str_has_case(node_status(n, status, sizeof(status)), needle);
}

static struct widget_rows rows_of(
	void *context, const struct snapshot *s, const struct view_look *look)
{
	if (look->zoomed)
		pods_by_node_count(context, s->pods, look->now);
	/* Loads and leases change by themselves: the order follows them every few seconds. */
	return (struct widget_rows){.table = s->nodes, .stamp = (uint64_t)s->at.boot_ms / 5000};
}

/* Nodes that call themselves ready but have stopped renewing their lease. */
static int old_leases(const struct snapshot *s)
{
	struct table_walk w = table_walk(s->nodes);
	const struct node_row *n;
	int old = 0;

	while ((n = table_next(&w)) != NULL)
		old += node_is_ready(n) && lease_is_old(n, s);
	return old;
}

static void head(const struct snapshot *s, const struct view_look *look, char *dst, size_t size,
	enum role *role)
{
	size_t all = table_count(s->nodes);

	(void)look;
	*role = s->nodes_not_ready > 0 ? ROLE_BAD : ROLE_DIM;
	if (all > 0 && s->nodes_not_ready > 0)
		snprintf(dst, size, _("%zu, %d not ready"), all, s->nodes_not_ready);
	else if (all > 0)
		snprintf(dst, size, _("%zu, all ready"), all);
}

static void more(const struct snapshot *s, const struct view_look *look, char *dst, size_t size,
	enum role *role)
{
	int old = fresh_is_live(&s->sources[SOURCE_NODE_LEASES]) ? old_leases(s) : 0;
	size_t n = strlen(dst);

	(void)look;
	if (old == 0 || n >= size)
		return;
	snprintf(dst + n, size - n, P_(", %d old lease", ", %d old leases", old), old);
	*role = ROLE_BAD;
}

static const char *foot(const struct snapshot *s, const struct view_look *look)
{
	return look->zoomed && s->sources[SOURCE_USAGE].state == SOURCE_ABSENT
		       ? _("the cluster serves no metrics: CPU and MEM stay empty")
		       : NULL;
}

static void detail(const void *row, const struct snapshot *s, struct view_reply *reply)
{
	(void)s;
	reply->open = &view_node_detail;
	str_copy(reply->args.name, sizeof(reply->args.name), ((const struct node_row *)row)->name);
}

static void *begin(void)
{
	return pods_by_node_new();
}

static void done(void *context)
{
	pods_by_node_free(context);
}

static const struct table_view table = {
	.ops = {.columns = columns,
		.n = COLUMNS,
		.cell = cell,
		.compare = compare,
		.key = key,
		.match = match},
	.source = SOURCE_NODES,
	.begin = begin,
	.done = done,
	.rows = rows_of,
	.head = head,
	.more = more,
	.none = N_("the cluster has no nodes"),
	.foot = foot,
	.detail = detail,
};

const struct view_ops view_nodes = {
	.name = "nodes", .title = N_("nodes"), TABLE_VIEW(&table), .actions = table_view_actions};
