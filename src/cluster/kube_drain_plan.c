/* What a drain will do with each pod, judged by kubectl's filters in kubectl's order: DaemonSet,
 * mirror, emptyDir, no controller. The first that keeps a pod, or refuses it, decides. */
#include "cluster/kube_drain.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"

const char *kube_drain_words(enum kube_drain_why why)
{
	static const char *const words[] = {
		[DRAIN_MADE_ANEW] = N_("its controller makes another elsewhere"),
		[DRAIN_FINISHED] = N_("it has finished"),
		[DRAIN_LOSES_EMPTY_DIR] = N_("what its emptyDir holds is lost"),
		[DRAIN_LOST_FOREVER] = N_("no controller makes it anew: it is lost"),
		[DRAIN_ORPHAN] = N_("its DaemonSet is gone: it is lost"),
		[DRAIN_DAEMONSET] = N_("a DaemonSet's pod stays"),
		[DRAIN_MIRROR] = N_("a static pod stays"),
		[DRAIN_REFUSES_DAEMONSET] = N_("a DaemonSet's pod: say that these may stay"),
		[DRAIN_REFUSES_ORPHAN] =
			N_("its DaemonSet is gone: say that it may be lost (force)"),
		[DRAIN_REFUSES_EMPTY_DIR] = N_("it has an emptyDir: say that its data may be lost"),
		[DRAIN_REFUSES_BARE] =
			N_("no controller makes it anew: say that it may be lost (force)"),
	};

	return _(words[why]);
}

/* ---- filters ---- */

struct drain_view {
	const struct kube_items *daemonsets;
	const struct kube_drain_options *o;
};

static const struct js *controller_of(const struct js *pod)
{
	const struct js *owners = js_at(pod, "metadata.ownerReferences");

	for (size_t i = 0; i < js_len(owners); i++)
		if (js_bool(js_nth(owners, i), "controller", false))
			return js_nth(owners, i);
	return NULL;
}

static bool is_finished(const struct js *pod)
{
	const char *phase = js_text_or(js_get(pod, "status"), "phase", "");

	return strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0;
}

static bool is_daemonset_there(const struct drain_view *v, const char *ns, const char *name)
{
	for (size_t i = 0; i < v->daemonsets->at.len; i++) {
		const struct js *meta = js_get(v->daemonsets->at.at[i], "metadata");

		if (str_eq(js_text(meta, "namespace"), ns) && str_eq(js_text(meta, "name"), name))
			return true;
	}
	return false;
}

static void decide(struct kube_drain_row *row, enum kube_drain_fate fate, enum kube_drain_why why)
{
	row->fate = fate;
	row->why = why;
}

/* Each gives true when the next filter is to be asked. */
static bool filter_daemonset(
	const struct drain_view *v, const struct js *pod, struct kube_drain_row *row)
{
	const struct js *owner = controller_of(pod);

	if (!str_eq(js_text(owner, "kind"), "DaemonSet") || is_finished(pod))
		return true;
	if (!is_daemonset_there(v, row->ns, js_text_or(owner, "name", ""))) {
		decide(row, v->o->force ? DRAIN_EVICT : DRAIN_ERROR,
			v->o->force ? DRAIN_ORPHAN : DRAIN_REFUSES_ORPHAN);
		return v->o->force;
	}
	decide(row, v->o->ignore_daemonsets ? DRAIN_STAY : DRAIN_ERROR,
		v->o->ignore_daemonsets ? DRAIN_DAEMONSET : DRAIN_REFUSES_DAEMONSET);
	return false;
}

static bool filter_mirror(
	const struct drain_view *v, const struct js *pod, struct kube_drain_row *row)
{
	(void)v;
	if (js_get(js_at(pod, "metadata.annotations"), "kubernetes.io/config.mirror") == NULL)
		return true;
	decide(row, DRAIN_STAY, DRAIN_MIRROR);
	return false;
}

static bool has_empty_dir(const struct js *pod)
{
	const struct js *volumes = js_at(pod, "spec.volumes");

	for (size_t i = 0; i < js_len(volumes); i++)
		if (js_get(js_nth(volumes, i), "emptyDir") != NULL)
			return true;
	return false;
}

static bool filter_empty_dir(
	const struct drain_view *v, const struct js *pod, struct kube_drain_row *row)
{
	if (!has_empty_dir(pod) || is_finished(pod))
		return true;
	if (v->o->delete_empty_dir)
		decide(row, DRAIN_EVICT, DRAIN_LOSES_EMPTY_DIR);
	else
		decide(row, DRAIN_ERROR, DRAIN_REFUSES_EMPTY_DIR);
	return v->o->delete_empty_dir;
}

static bool filter_bare(
	const struct drain_view *v, const struct js *pod, struct kube_drain_row *row)
{
	if (controller_of(pod) != NULL || is_finished(pod))
		return true;
	if (v->o->force)
		decide(row, DRAIN_EVICT, DRAIN_LOST_FOREVER);
	else
		decide(row, DRAIN_ERROR, DRAIN_REFUSES_BARE);
	return v->o->force;
}

static void judge(const struct drain_view *v, const struct js *pod, struct kube_drain_row *row)
{
	static bool (*const filters[])(
		const struct drain_view *v, const struct js *pod, struct kube_drain_row *row) = {
		filter_daemonset, filter_mirror, filter_empty_dir, filter_bare};

	decide(row, DRAIN_EVICT, is_finished(pod) ? DRAIN_FINISHED : DRAIN_MADE_ANEW);
	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++)
		if (!filters[i](v, pod, row))
			return;
}

/* ---- budgets ---- */

static bool expression_holds(const struct js *x, const struct js *labels)
{
	const char *op = js_text_or(x, "operator", ""),
		   *has = js_text(labels, js_text_or(x, "key", ""));
	const struct js *values = js_get(x, "values");
	bool in = false;

	for (size_t i = 0; i < js_len(values); i++)
		in = in || (has != NULL && str_eq(js_str(js_nth(values, i)), has));
	if (strcmp(op, "Exists") == 0)
		return has != NULL;
	if (strcmp(op, "DoesNotExist") == 0)
		return has == NULL;
	return strcmp(op, "NotIn") == 0 ? !in : in;
}

/* An empty selector picks all pods of its namespace, one that is absent none. */
static bool covers(const struct js *budget, const char *ns, const struct js *pod)
{
	const struct js *selector = js_at(budget, "spec.selector"),
			*labels = js_at(pod, "metadata.labels"),
			*wanted = js_get(selector, "matchLabels"),
			*expressions = js_get(selector, "matchExpressions");

	if (selector == NULL || !str_eq(js_text(js_get(budget, "metadata"), "namespace"), ns))
		return false;
	for (const void *it = js_first(wanted); it != NULL; it = js_next(wanted, it))
		if (!str_eq(js_text(labels, js_key(it)), js_str(js_value(it))))
			return false;
	for (size_t i = 0; i < js_len(expressions); i++)
		if (!expression_holds(js_nth(expressions, i), labels))
			return false;
	return true;
}

/* What is not running needs no budget. */
static bool needs_budget(const struct js *pod)
{
	return js_at(pod, "metadata.deletionTimestamp") == NULL &&
	       str_eq(js_text(js_get(pod, "status"), "phase"), "Running");
}

/* taken: how many of this drain's pods each budget has let go already. */
static void ask_budgets(const struct kube_items *budgets, const struct js *pod, int *taken,
	struct kube_drain_row *row)
{
	struct buf names;

	buf_init(&names, KUBE_PATH_MAX);
	for (size_t i = 0; i < budgets->at.len; i++) {
		const struct js *b = budgets->at.at[i];

		if (row->fate != DRAIN_EVICT || !needs_budget(pod) || !covers(b, row->ns, pod))
			continue;
		row->budgets++;
		row->allowed = (int)js_int(js_get(b, "status"), "disruptionsAllowed", 0);
		row->waits = taken[i]++ >= row->allowed;
		buf_fmt(&names, "%s%.*s", names.len > 0 ? ", " : "", KUBE_NAME_MAX,
			js_text_or(js_get(b, "metadata"), "name", ""));
	}
	row->stuck = row->budgets > 1;
	row->waits = row->waits && !row->stuck;
	row->budget = buf_take(&names);
}

/* ---- the plan ---- */

static char *bounded(const struct js *o, const char *key)
{
	const char *s = js_text_or(o, key, "");

	return mem_dup(s, strnlen(s, KUBE_NAME_MAX));
}

static int by_name(const void *a, const void *b)
{
	const struct kube_drain_row *x = a, *y = b;
	int c = strcmp(x->ns, y->ns);

	return c != 0 ? c : strcmp(x->name, y->name);
}

static void add_row(const struct drain_view *v, const struct js *pod,
	const struct kube_items *budgets, int *taken, struct kube_drain_plan *out)
{
	struct kube_drain_row *row = vec_add(&out->rows);
	const struct js *meta = js_get(pod, "metadata"), *owner = controller_of(pod);

	row->ns = bounded(meta, "namespace");
	row->name = bounded(meta, "name");
	row->uid = bounded(meta, "uid");
	row->owner = owner != NULL ? str_fmt("%.63s/%.*s", js_text_or(owner, "kind", ""),
					     KUBE_NAME_MAX, js_text_or(owner, "name", ""))
				   : mem_str("");
	judge(v, pod, row);
	ask_budgets(budgets, pod, taken, row);
	out->evict += row->fate == DRAIN_EVICT;
	out->stay += row->fate == DRAIN_STAY;
	out->errors += row->fate == DRAIN_ERROR;
	out->waits += row->waits || row->stuck;
}

void kube_drain_plan(const struct kube_items *pods, const struct kube_items *budgets,
	const struct kube_items *daemonsets, const struct kube_drain_options *o,
	struct kube_drain_plan *out)
{
	const struct drain_view v = {daemonsets, o};
	int *taken = mem_zero(budgets->at.len + 1, sizeof(*taken));

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < pods->at.len; i++)
		add_row(&v, pods->at.at[i], budgets, taken, out);
	if (out->rows.len > 0)
		qsort(out->rows.at, out->rows.len, sizeof(*out->rows.at), by_name);
	free(taken);
}

void kube_drain_plan_done(struct kube_drain_plan *p)
{
	for (size_t i = 0; i < p->rows.len; i++) {
		free(p->rows.at[i].ns);
		free(p->rows.at[i].name);
		free(p->rows.at[i].uid);
		free(p->rows.at[i].owner);
		free(p->rows.at[i].budget);
	}
	vec_done(&p->rows);
	memset(p, 0, sizeof(*p));
}

int kube_drain_look(const struct kube_deed *d, const char *node, const struct kube_drain_options *o,
	struct kube_drain_plan *out, struct err *e)
{
	static const struct kube_ref refs[] = {{.plural = "pods"},
		{.group = "policy", .plural = "poddisruptionbudgets"},
		{.group = "apps", .plural = "daemonsets"}};
	static const struct kube_select all = {.fields = NULL};
	struct kube_items lists[3];
	int n = 0, rc = 0;

	memset(out, 0, sizeof(*out));
	for (; rc == 0 && n < 3; n++)
		rc = n == 0 ? kube_deed_pods_of(d, node, false, &lists[n], e)
			    : kube_deed_list(d, &refs[n], &all, &lists[n], e);
	if (rc == 0)
		kube_drain_plan(&lists[0], &lists[1], &lists[2], o, out);
	while (n-- > 0)
		kube_items_done(&lists[n]);
	return rc;
}
