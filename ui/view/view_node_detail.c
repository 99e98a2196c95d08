/* One node: what it is, whether it lives, what presses it, what runs on it and what happened to it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/vec.h"
#include "model/lease.h"
#include "ui/kit/fresh.h"
#include "ui/kit/show.h"
#include "ui/view/page_view.h"
#include "ui/view/views.h"

static const struct node_row *node_of(const struct snapshot *s, const struct detail *d)
{
	const struct node_row key = {.name = d->args.name};

	return table_find(s->nodes, &key);
}

static void write_what(struct pen *p, const struct node_row *n, const struct detail_page *page)
{
	const struct node_detail *d = n->detail;
	char text[80];

	pen_pair(p, _("Status"), node_is_ready(n) ? ROLE_OK : ROLE_BAD, "%s%s%s",
		node_status(n, text, sizeof(text)), node_is_ready(n) ? "" : "  ",
		node_is_ready(n) ? "" : n->ready_reason);
	pen_pair(p, _("Roles"), ROLE_TEXT, "%s", n->roles);
	pen_pair(p, _("Status since"), ROLE_TEXT, "%s",
		show_since(n->ready_since_ms, page->look->now, text, sizeof(text)));
	pen_pair(p, _("Age"), ROLE_TEXT, "%s",
		show_since(n->created_ms, page->look->now, text, sizeof(text)));
	pen_pair(p, _("Internal IP"), ROLE_TEXT, "%s", n->internal_ip);
	pen_pair(p, _("External IP"), ROLE_TEXT, "%s", n->external_ip);
	if (d != NULL)
		pen_pair(p, _("Hostname"), ROLE_TEXT, "%s", d->hostname);
	pen_pair(p, _("Kubelet"), ROLE_TEXT, "%s", n->version);
	pen_pair(p, _("Runtime"), ROLE_TEXT, "%s", n->runtime);
	pen_pair(p, _("OS"), ROLE_TEXT, "%s", n->os_image);
	pen_pair(p, _("Kernel"), ROLE_TEXT, "%s%s%s", n->kernel,
		d != NULL && d->architecture[0] != '\0' ? "  " : "",
		d != NULL ? d->architecture : "");
	if (d != NULL && d->pod_cidr[0] != '\0')
		pen_pair(p, _("Pod CIDR"), ROLE_TEXT, "%s", d->pod_cidr);
	if (d != NULL && d->provider_id[0] != '\0')
		pen_wide_pair(p, _("Provider ID"), ROLE_TEXT, d->provider_id);
}

static void write_lease(struct pen *p, const struct node_row *n, const struct detail_page *page)
{
	const struct lease_row *l = snapshot_lease(page->snapshot, "kube-node-lease", n->name);
	int64_t age_ms = show_lease_ms(page->snapshot, n->name, page->look->now);
	const struct source *src = &page->snapshot->sources[SOURCE_NODE_LEASES];
	char age[SHOW_SIZE], when[SHOW_SIZE], empty[300];

	pen_section(p, _("Lease"));
	if (l == NULL) {
		pen_text(p, ROLE_DIM,
			fresh_empty(src, false, _("the node has no lease"), empty, sizeof(empty)));
		return;
	}
	pen_pair(p, _("Renewed"), fresh_is_live(src) ? show_lease_role(age_ms) : ROLE_STALE,
		_("%s ago%s"), show_age(age_ms, age, sizeof(age)),
		age_ms >= LEASE_STALE_MS ? _(": the kubelet has stopped renewing it") : "");
	pen_pair(p, _("As written"), ROLE_DIM, "%s", show_moment(l->renew_ms, when, sizeof(when)));
	pen_pair(p, _("Holder"), ROLE_TEXT, "%s", l->holder);
	pen_pair(p, _("Duration"), ROLE_TEXT, "%ds", l->duration_s);
}

static void write_usage(
	struct pen *p, const struct node_row *n, const struct detail_page *page, uint32_t pods)
{
	const struct usage_row *u = snapshot_usage(page->snapshot, n->name);
	const struct source *src = &page->snapshot->sources[SOURCE_USAGE];
	const struct limits *limits = &page->snapshot->limits;
	char a[SHOW_SIZE], b[SHOW_SIZE], words[100];

	pen_section(p, _("Usage"));
	if (u != NULL) {
		int cpu = show_permille(u->cpu_milli, n->cpu_milli),
		    mem = show_permille(u->mem_bytes, n->mem_bytes);

		snprintf(words, sizeof(words), _("%d%%  %s of %s cores"), (cpu + 5) / 10,
			show_cpu(u->cpu_milli, a, sizeof(a)), show_cpu(n->cpu_milli, b, sizeof(b)));
		pen_bar(p, _("CPU"), cpu,
			limit_passed(u->cpu_milli, n->cpu_milli, limits->cpu_percent) ? ROLE_WARN
										      : ROLE_TEXT,
			words);
		snprintf(words, sizeof(words), _("%d%%  %s of %s"), (mem + 5) / 10,
			show_bytes(u->mem_bytes, a, sizeof(a)),
			show_bytes(n->mem_bytes, b, sizeof(b)));
		pen_bar(p, _("Memory"), mem,
			limit_passed(u->mem_bytes, n->mem_bytes, limits->memory_percent)
				? ROLE_WARN
				: ROLE_TEXT,
			words);
	} else {
		pen_text(p, ROLE_DIM,
			src->state == SOURCE_ABSENT ? _("the cluster serves no metrics")
						    : _("no usage of this node is known"));
	}
	snprintf(words, sizeof(words), _("%u of %lld"), pods, (long long)n->pods_max);
	pen_bar(p, _("Pods"), show_permille(pods, n->pods_max), ROLE_TEXT, words);
}

static void write_layers(struct pen *p, const struct node_row *n, const struct detail_page *page)
{
	const struct layer_board *b = &page->snapshot->layers;
	char sentence[200], text[300], latency[SHOW_SIZE];

	for (size_t i = 0; i < b->n; i++) {
		if (!str_eq(b->nodes[i].name, n->name))
			continue;
		pen_section(p, _("Layers"));
		for (int l = 0; l < LAYER_NODE_COUNT; l++) {
			const struct probe *probe = &b->nodes[i].layer[l];

			show_probe(probe, page->look->now, sentence, sizeof(sentence));
			if (probe->state == PROBE_OK && probe->latency_us > 0)
				snprintf(text, sizeof(text), "%s  %s", sentence,
					show_latency(probe->latency_us, latency, sizeof(latency)));
			else if (probe->state == PROBE_OK)
				str_copy(text, sizeof(text), sentence);
			else
				snprintf(text, sizeof(text), "%s %s", show_sign(probe), sentence);
			pen_pair(p, gettext(layer_title((enum layer_id)l)), show_probe_role(probe),
				"%s", text);
		}
	}
}

static void write_containers(struct pen *p, const struct host_report *r, struct instant now)
{
	char age[SHOW_SIZE];

	for (size_t i = 0; i < r->n_containers; i++) {
		const struct host_container *c = &r->containers[i];

		if (i > 0 && str_eq(r->containers[i - 1].name, c->name))
			continue; /* an older one */
		pen_pair(p, c->name, str_eq(c->state, "Running") ? ROLE_TEXT : ROLE_BAD,
			_("%s  restarts %d  %s"), c->state, c->attempt,
			show_since(c->created_ms, now, age, sizeof(age)));
	}
}

static void write_memory(struct pen *p, const struct host_report *r, const struct limits *l)
{
	int64_t all = r->mem_total_kb, used = all - r->mem_available_kb;
	char a[SHOW_SIZE], b[SHOW_SIZE], words[100];

	if (all <= 0 || r->mem_available_kb < 0)
		return;
	snprintf(words, sizeof(words), _("%d%%  %s of %s"), (show_permille(used, all) + 5) / 10,
		show_bytes(used * 1024, a, sizeof(a)), show_bytes(all * 1024, b, sizeof(b)));
	pen_bar(p, _("Memory"), show_permille(used, all),
		limit_passed(used, all, l->memory_percent) ? ROLE_WARN : ROLE_TEXT, words);
}

static void write_disk(struct pen *p, const char *path, int percent, const struct limits *l)
{
	char words[20];

	if (percent < 0)
		return;
	snprintf(words, sizeof(words), "%d%%", percent);
	pen_bar(p, path, percent * 10,
		limit_passed(percent, 100, l->disk_percent) ? ROLE_WARN : ROLE_TEXT, words);
}

/* What the node's own shell says, which needs no API server. */
static void write_host(struct pen *p, const struct node_row *n, const struct detail_page *page)
{
	const struct host_report *r = snapshot_host(page->snapshot, n->name);
	const struct limits *l = &page->snapshot->limits;
	char text[SHOW_SIZE];

	if (r == NULL)
		return;
	pen_section(p, _("By ssh"));
	if (r->boot_time_ms > 0)
		pen_pair(p, _("Booted"), ROLE_TEXT, "%s",
			show_since(r->boot_time_ms, page->look->now, text, sizeof(text)));
	if (r->load1 >= 0)
		pen_pair(p, _("Load"), ROLE_TEXT, "%.2f", r->load1);
	write_memory(p, r, l);
	write_disk(p, "/", r->disk_percent_root, l);
	write_disk(p, "/var/lib/etcd", r->disk_percent_etcd, l);
	if (r->holds_vip)
		pen_pair(p, _("Address"), ROLE_TEXT, "%s", _("holds the load balancer's"));
	if (r->ca_foreign)
		pen_wide_pair(p, _("Authority"), ROLE_BAD, _("is not the kubeconfig's"));
	if (r->kubelet_last[0] != '\0')
		pen_wide_pair(p, _("kubelet said"), ROLE_WARN, r->kubelet_last);
	if (r->manifests[0] != '\0')
		pen_wide_pair(p, _("Manifests"), ROLE_TEXT, r->manifests);
	write_containers(p, r, page->look->now);
}

struct conditions {
	const struct node_detail *detail;
	struct instant now;
};

static void condition_cell(const void *context, size_t row, int column, struct widget_cell *out)
{
	const struct conditions *all = context;
	const struct node_condition *c = &all->detail->conditions[row];
	const char *const texts[] = {c->type, c->status, "", c->reason, c->message};

	str_copy(out->text, sizeof(out->text), texts[column]);
	if (column == 1)
		out->role = detail_condition_role(c->type, c->status);
	if (column == 2) {
		show_since(c->transition_ms, all->now, out->text, sizeof(out->text));
		out->role = ROLE_DIM;
	}
}

static void write_conditions(
	struct pen *p, const struct node_row *n, const struct detail_page *page)
{
	static const char *const headings[] = {
		N_("TYPE"), N_("STATUS"), N_("SINCE"), N_("REASON"), N_("MESSAGE")};
	struct conditions all = {n->detail, page->look->now};

	pen_section(p, _("Conditions"));
	if (n->detail == NULL || n->detail->n_conditions == 0)
		pen_text(p, ROLE_DIM, _("none"));
	else
		pen_table(p, &(struct pen_table){headings, 4, 5, n->detail->n_conditions,
				     condition_cell, &all});
}

static void write_taints_and_labels(struct pen *p, const struct node_row *n)
{
	const struct node_detail *d = n->detail;
	char text[600];

	pen_section(p, _("Taints"));
	if (d == NULL || d->n_taints == 0)
		pen_text(p, ROLE_DIM, _("none"));
	for (size_t i = 0; d != NULL && i < d->n_taints; i++) {
		snprintf(text, sizeof(text), "%s%s%s:%s", d->taints[i].key,
			d->taints[i].value[0] != '\0' ? "=" : "", d->taints[i].value,
			d->taints[i].effect);
		pen_text(p, ROLE_TEXT, text);
	}
	pen_section(p, _("Labels"));
	if (d == NULL || d->n_labels == 0)
		pen_text(p, ROLE_DIM, _("none"));
	for (size_t i = 0; d != NULL && i < d->n_labels; i++) {
		snprintf(text, sizeof(text), "%s%s%s", d->labels[i].key,
			d->labels[i].value[0] != '\0' ? "=" : "", d->labels[i].value);
		pen_text(p, ROLE_TEXT, text);
	}
}

struct pods_on {
	const struct pod_row **at;
	size_t len, cap;
	uint32_t running;
	struct instant now;
};

static int failing_first(const void *a, const void *b, void *context)
{
	const struct pod_row *x = *(const struct pod_row *const *)a,
			     *y = *(const struct pod_row *const *)b;
	const struct pods_on *on = context;
	int order = (int)pod_failing(y, on->now.wall_ms) - (int)pod_failing(x, on->now.wall_ms);

	return order != 0 ? order : pod_ops.compare(x, y);
}

static void find_pods(struct pods_on *on, const struct snapshot *s, const char *node)
{
	struct table_walk w = table_walk(s->pods);
	const struct pod_row *pod;

	while ((pod = table_next(&w)) != NULL) {
		if (!str_eq(pod->node, node))
			continue;
		*vec_add(on) = pod;
		on->running += pod->phase != POD_SUCCEEDED && pod->phase != POD_FAILED;
	}
	if (on->len > 1)
		qsort_r(on->at, on->len, sizeof(*on->at), failing_first, on);
}

static void pod_cell(const void *context, size_t row, int column, struct widget_cell *out)
{
	const struct pods_on *on = context;
	const struct pod_row *pod = on->at[row];
	size_t size = sizeof(out->text);

	out->role = ROLE_DIM;
	switch (column) {
	case 0:
		str_copy(out->text, size, pod->ns);
		break;
	case 1:
		str_copy(out->text, size, pod_name(pod));
		out->role = ROLE_TEXT;
		break;
	case 2:
		snprintf(out->text, size, "%u/%u", pod->ready, pod->containers);
		break;
	case 3:
		str_copy(out->text, size, pod->status);
		out->role = pod_failing(pod, on->now.wall_ms) ? ROLE_BAD : ROLE_TEXT;
		break;
	case 4:
		snprintf(out->text, size, "%u", pod->restarts);
		break;
	default:
		show_since(pod->created_ms, on->now, out->text, size);
	}
}

static void write_pods(struct pen *p, struct pods_on *on, const struct detail_page *page)
{
	static const char *const headings[] = {
		N_("NAMESPACE"), N_("NAME"), N_("READY"), N_("STATUS"), N_("RESTARTS"), N_("AGE")};
	char empty[300];

	pen_section(p, _("Pods"));
	if (on->len == 0)
		pen_text(p, ROLE_DIM,
			fresh_empty(&page->snapshot->sources[SOURCE_PODS], false, _("none"), empty,
				sizeof(empty)));
	else
		pen_table(p, &(struct pen_table){headings, 16, 6, on->len, pod_cell, on});
}

static void write_page(struct pen *p, void *context)
{
	const struct detail_page *page = context;
	const struct detail *d = page->state;
	const struct node_row *n = node_of(page->snapshot, d);
	struct pods_on on = {NULL, 0, 0, 0, page->look->now};

	if (n == NULL) {
		pen_text(p, ROLE_WARN, _("The cluster has no such node, or it was not seen yet."));
		detail_events(p, page, "Node", NULL, d->args.name);
		return;
	}
	find_pods(&on, page->snapshot, n->name);
	write_what(p, n, page);
	write_layers(p, n, page);
	write_host(p, n, page);
	write_conditions(p, n, page);
	write_lease(p, n, page);
	write_usage(p, n, page, on.running);
	write_taints_and_labels(p, n);
	write_pods(p, &on, page);
	detail_events(p, page, "Node", NULL, n->name);
	free(on.at);
}

static void node_head(void *state, const struct snapshot *s, const struct view_look *look,
	char *dst, size_t size, enum role *role)
{
	const struct detail *d = state;
	const struct node_row *n = node_of(s, d);
	char status[80];

	*role = n != NULL && node_is_ready(n) ? ROLE_DIM : ROLE_BAD;
	snprintf(dst, size, "%s %s", d->args.name,
		n != NULL ? node_status(n, status, sizeof(status)) : "-");
	fresh_head(&s->sources[SOURCE_NODES], look->now, dst, size, role);
}

static const struct page_view page = {.write = write_page};

const struct view_ops view_node_detail = {
	.name = "node",
	.title = N_("node"),
	.head = node_head,
	PAGE_VIEW(&page),
	.act = detail_act,
	.actions = detail_actions,
};
