/* How the cluster is, in sections. What is counted from tables that are not live says so: it is how
 * it was, not how it is. */
#include "ui/view/page_cluster.h"

#include <stdio.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ui/kit/show.h"
#include "ui/kit/show_incident.h"

/* "1 of 3: m2": what is lost of how many, with names. */
static void write_lost(
	struct pen *p, const char *name, bool known, unsigned all, const struct names *lost)
{
	char names[NAMES_ROOM + 64], of[40] = "";

	if (all > 0)
		snprintf(of, sizeof(of), _(" of %u"), all);
	names_text(lost, names, sizeof(names));
	pen_pair(p, name,
		!known        ? ROLE_STALE
		: lost->n > 0 ? ROLE_BAD
			      : ROLE_OK,
		"%u%s%s%s%s", lost->n, of, lost->n > 0 ? ": " : "", names,
		known ? "" : _("  as last seen"));
}

static void write_pods(struct pen *p, const struct snapshot *s)
{
	const struct impact *i = &s->impact;
	bool live = s->sources[SOURCE_PODS].state == SOURCE_LIVE;

	pen_pair(p, _("Pods failing"),
		!live                 ? ROLE_STALE
		: i->pods_failing > 0 ? ROLE_BAD
				      : ROLE_OK,
		"%u%s", i->pods_failing, live ? "" : _("  as last seen"));
	pen_pair(p, _("Pods stranded"),
		!live                  ? ROLE_STALE
		: i->pods_stranded > 0 ? ROLE_WARN
				       : ROLE_OK,
		i->pods_stranded > 0 ? _("%u on lost nodes") : "%u", i->pods_stranded);
}

void page_cluster_impact(struct pen *p, const struct snapshot *s)
{
	const struct impact *i = &s->impact;

	pen_section(p, _("Impact now"));
	if (i->at.boot_ms == 0) {
		pen_text(p, ROLE_DIM, _("not counted yet"));
		return;
	}
	write_lost(p, _("Masters lost"), i->nodes_known, i->masters, &i->masters_lost);
	write_lost(p, _("Workers lost"), i->nodes_known, i->workers, &i->workers_lost);
	write_pods(p, s);
	write_lost(p, _("Workloads down"), i->workloads_known, i->workloads, &i->workloads_failing);
	write_lost(p, _("Services dark"), i->services_known, i->services, &i->services_dark);
	write_lost(p, _("Control plane"), true, 0, &i->parts_down);
	write_lost(p, _("Core services"), true, 0, &i->core.down);
}

struct changed {
	const struct changes *changes;
	struct instant now;
};

static void change_cell(const void *context, size_t row, int column, struct widget_cell *out)
{
	const struct changed *changed = context;
	const struct alteration *a = &changed->changes->at[row];
	size_t size = sizeof(out->text);

	switch (column) {
	case 0:
		show_clock_time(a->at_ms, changed->now, out->text, size);
		out->role = ROLE_DIM;
		break;
	case 1:
		show_since(a->at_ms, changed->now, out->text, size);
		break;
	case 2:
		str_copy(out->text, size, _(alteration_title(a->kind)));
		out->role = ROLE_ACCENT;
		break;
	case 3:
		str_copy(out->text, size, a->what);
		break;
	default:
		str_copy(out->text, size, a->text);
	}
}

void page_cluster_changes(struct pen *p, const struct snapshot *s, struct instant now)
{
	static const char *const headings[] = {
		N_("TIME"), N_("AGE"), N_("CHANGE"), N_("WHAT"), N_("FROM AND TO")};
	const struct changed changed = {&s->changes, now};
	char title[120], since[SHOW_SIZE];

	if (s->changes.since_ms == 0)
		str_copy(title, sizeof(title), _("What changed"));
	else
		snprintf(title, sizeof(title),
			s->changes.since_healthy
				? _("What changed since %s, when all was well")
				: _("What changed since %s (it was never seen well)"),
			show_clock_time(s->changes.since_ms, now, since, sizeof(since)));
	pen_section(p, title);
	if (s->changes.n == 0)
		pen_text(p, ROLE_DIM, _("nothing, as far as k911 could see"));
	else
		pen_table(p,
			&(struct pen_table){headings, 2, 5, s->changes.n, change_cell, &changed});
}

void page_cluster_history(struct pen *p, const struct snapshot *s)
{
	char now[SHOW_SIZE];
	int32_t warnings = s->warnings.at[HISTORY_SLOTS - 1];

	pen_section(p, _("The last 15 minutes"));
	pen_spark(p, _("API latency"), &s->api_latency_ms,
		show_latency(s->vip_latency_us, now, sizeof(now)));
	pen_spark(p, _("etcd latency"), &s->etcd_latency_ms,
		show_latency(s->etcd.read_us, now, sizeof(now)));
	snprintf(now, sizeof(now), "%d", warnings < 0 ? 0 : warnings);
	pen_spark(p, _("warning events"), &s->warnings, now);
}
