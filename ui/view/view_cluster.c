/* The header's detail: which cluster this is and as whom, how much of the month its API could be
 * reached, and where everything on the screen comes from. */
#include <stdio.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ui/kit/show.h"
#include "ui/kit/show_incident.h"
#include "ui/view/page_cluster.h"
#include "ui/view/page_view.h"
#include "ui/view/views.h"

#define MINUTE_MS 60000.0

static void write_identity(struct pen *p, const struct snapshot *s)
{
	if (s->uid_untold)
		pen_pair(p, _("Identity"), ROLE_WARN, "%s",
			_("not told: the server does not give the namespace kube-system"));
	else if (s->uid[0] != '\0')
		pen_pair(p, _("Identity"), ROLE_TEXT, "%s", s->uid);
}

/* Only when it matters: beyond the ceiling, rows of different names become one. */
static void write_names(struct pen *p, const struct snapshot *s)
{
	if (s->names_bytes > s->names_max / 4 * 3)
		pen_pair(p, _("Names"), ROLE_WARN,
			_("%zu MB of %zu MB: past that, new names are shown as (too many names)"),
			s->names_bytes >> 20, s->names_max >> 20);
}

static void write_cluster(struct pen *p, const struct snapshot *s)
{
	pen_pair(p, _("Cluster"), ROLE_ACCENT, "%s", s->cluster);
	pen_pair(p, _("Context"), ROLE_TEXT, "%s", s->context);
	pen_pair(p, _("User"), ROLE_TEXT, "%s", s->user);
	pen_pair(p, _("Server"), ROLE_TEXT, "%s", s->server);
	pen_pair(p, _("Version"), ROLE_TEXT, "%s", s->version[0] != '\0' ? s->version : "-");
	pen_pair(
		p, _("Namespace"), ROLE_TEXT, "%s", s->namespace_[0] != '\0' ? s->namespace_ : "-");
	write_identity(p, s);
	write_names(p, s);
}

/* ---- availability ---- */

static void write_availability(struct pen *p, const struct snapshot *s)
{
	const struct availability *a = &s->availability;
	int left = show_permille(a->left_ms < 0 ? 0 : a->left_ms, a->budget_ms);
	enum role role = a->left_ms <= 0 ? ROLE_BAD : left < 250 ? ROLE_WARN : ROLE_OK;
	char words[120];

	pen_section(p, _("The API this month, against 99.9 %"));
	if (!s->availability_known) {
		pen_text(p, ROLE_DIM,
			s->journal.off ? _("not known: without a journal nothing is counted")
				       : _("not known: nothing was watched yet this month"));
		return;
	}
	pen_pair(p, _("Reachable"), role, _("%.3f %% of what was watched"), a->percent);
	pen_pair(p, _("Unreachable"), a->down_ms > 0 ? role : ROLE_TEXT,
		_("%.1f min of %.1f min allowed"), (double)a->down_ms / MINUTE_MS,
		(double)a->budget_ms / MINUTE_MS);
	if (a->left_ms < 0)
		snprintf(words, sizeof(words), _("overdrawn by %.1f min"),
			(double)-a->left_ms / MINUTE_MS);
	else
		snprintf(words, sizeof(words), _("%.1f min left"), (double)a->left_ms / MINUTE_MS);
	pen_bar(p, _("Budget left"), left, role, words);
	snprintf(words, sizeof(words), _("%.0f %% of the month so far"), a->watched_percent);
	pen_bar(p, _("Watched"), (int)(a->watched_percent * 10),
		a->watched_percent < 50 ? ROLE_WARN : ROLE_TEXT, words);
}

/* ---- sources ---- */

static const char *const source_titles[SOURCE_COUNT] = {
	[SOURCE_NODES] = N_("nodes"),
	[SOURCE_PODS] = N_("pods"),
	[SOURCE_EVENTS] = N_("events"),
	[SOURCE_NODE_LEASES] = N_("node leases"),
	[SOURCE_SYSTEM_LEASES] = N_("system leases"),
	[SOURCE_USAGE] = N_("usage"),
	[SOURCE_DEPLOYMENTS] = "Deployments",
	[SOURCE_STATEFUL_SETS] = "StatefulSets",
	[SOURCE_DAEMON_SETS] = "DaemonSets",
	[SOURCE_SERVICES] = "Services",
	[SOURCE_SLICES] = "EndpointSlices",
	[SOURCE_CONFIG_MAPS] = "ConfigMaps",
	[SOURCE_ETCD] = "etcd",
	[SOURCE_PROBES] = N_("probes"),
	[SOURCE_ALERTS] = N_("alerts"),
	[SOURCE_JOURNAL] = N_("journal"),
};

static const struct {
	const char *title;
	enum role role;
} source_states[] = {
	[SOURCE_NEVER] = {N_("never"), ROLE_DIM},
	[SOURCE_LOADING] = {N_("loading"), ROLE_DIM},
	[SOURCE_LIVE] = {N_("live"), ROLE_OK},
	[SOURCE_STALE] = {N_("stale"), ROLE_STALE},
	[SOURCE_ABSENT] = {N_("absent"), ROLE_DIM},
};

static void source_cell(const void *context, size_t row, int column, struct widget_cell *out)
{
	const struct detail_page *page = context;
	const struct source *src = &page->snapshot->sources[row];
	size_t size = sizeof(out->text);

	switch (column) {
	case 0:
		str_copy(out->text, size, gettext(source_titles[row]));
		break;
	case 1:
		str_copy(out->text, size,
			src->saved ? _("saved") : _(source_states[src->state].title));
		out->role = src->saved ? ROLE_STALE : source_states[src->state].role;
		break;
	case 2:
		if (src->saved)
			show_since(src->good.wall_ms, page->look->now, out->text, size);
		else
			show_age(instant_age_ms(src->good, page->look->now), out->text, size);
		out->role = ROLE_DIM;
		break;
	case 3:
		str_copy(out->text, size, src->via);
		break;
	default:
		str_copy(out->text, size, src->error[0] != '\0' ? gettext(src->error) : "");
		out->role = src->state == SOURCE_LIVE ? ROLE_DIM : ROLE_BAD;
	}
}

static void write_sources(struct pen *p, const struct detail_page *page)
{
	static const char *const headings[] = {
		N_("SOURCE"), N_("STATE"), N_("AGE"), N_("VIA"), N_("ERROR")};

	pen_section(p, _("Where the data come from"));
	pen_table(p, &(struct pen_table){headings, 4, 5, SOURCE_COUNT, source_cell, page});
}

/* ---- rates ---- */

static const char *const rate_titles[RATE_KINDS + 1] = {
	[RATE_API] = N_("apiserver"),
	[RATE_ETCD] = N_("etcd"),
	[RATE_NODE] = N_("ssh"),
	[RATE_KINDS] = N_("other"),
};

/* With the ceiling beside it, and a mark above it that needs no colour. */
static void rate_text(const struct rate_row *row, double rate, double most, struct widget_cell *out)
{
	char words[40];
	bool over = row->of < RATE_KINDS && rate > most;

	snprintf(words, sizeof(words), row->of < RATE_KINDS ? _("%.2f of %.1f") : "%.2f", rate,
		most);
	snprintf(out->text, sizeof(out->text), over ? "! %s" : "%s", words);
	out->role = over ? ROLE_BAD : ROLE_TEXT;
}

static void rate_cell(const void *context, size_t i, int column, struct widget_cell *out)
{
	const struct rate_row *row = &((const struct snapshot *)context)->rates[i];
	const struct rate most = rate_limits[RATE_BROKEN][row->of];

	switch (column) {
	case 0:
		str_copy(out->text, sizeof(out->text), row->name[0] ? row->name : _("others"));
		break;
	case 1:
		str_copy(out->text, sizeof(out->text), row->node);
		break;
	case 2:
		rate_text(row, row->rate.requests, most.requests, out);
		break;
	case 3:
		rate_text(row, row->rate.connections, most.connections, out);
		break;
	default:
		str_copy(out->text, sizeof(out->text), gettext(rate_titles[row->of]));
		out->role = ROLE_DIM;
	}
}

static void write_rates(struct pen *p, const struct snapshot *s)
{
	static const char *const headings[] = {
		N_("SERVER"), N_("NODE"), N_("REQUESTS"), N_("CONNECTIONS"), N_("KIND")};

	pen_section(p, _("Requests to the servers, per second, last minute"));
	if (s->n_rates == 0)
		pen_text(p, ROLE_DIM, _("none was asked"));
	else
		pen_table(p, &(struct pen_table){headings, 0xc, 5, s->n_rates, rate_cell, s});
}

static void write_journal(struct pen *p, const struct detail_page *page)
{
	const struct snapshot *s = page->snapshot;
	struct show_troubles t;

	pen_section(p, _("Journal"));
	show_troubles(s, page->look->now, &t);
	if (s->journal.off)
		pen_text(p, ROLE_DIM,
			s->journal.why[0] != '\0' ? gettext(s->journal.why)
						  : _("no journal is kept here"));
	else if (s->journal.why[0] == '\0')
		pen_text(p, ROLE_OK, _("every entry is on the disk"));
	for (int i = 0; i < t.n; i++)
		pen_text(p, ROLE_BAD, t.text[i]);
}

static void write_keeping(struct pen *p, const struct detail_page *page)
{
	char age[SHOW_SIZE], text[300];

	for (int id = 0; id < KEEPING_COUNT; id++) {
		const struct keeping *k = &page->snapshot->keeping[id];

		if (k->why[0] == '\0')
			continue;
		show_age(instant_age_ms(k->since, page->look->now), age, sizeof(age));
		snprintf(text, sizeof(text),
			id == KEEPING_STATE ? _("the last good state cannot be saved for %s: %s")
					    : _("the log cannot be written for %s: %s"),
			age, gettext(k->why));
		pen_text(p, ROLE_BAD, text);
	}
}

static void write_page(struct pen *p, void *context)
{
	const struct detail_page *page = context;

	write_cluster(p, page->snapshot);
	write_availability(p, page->snapshot);
	page_cluster_history(p, page->snapshot);
	write_journal(p, page);
	write_keeping(p, page);
	write_sources(p, page);
	write_rates(p, page->snapshot);
}

static void cluster_head(void *state, const struct snapshot *s, const struct view_look *look,
	char *dst, size_t size, enum role *role)
{
	size_t n = 0, live = 0;

	(void)state;
	(void)look;
	for (int k = 0; k < SOURCE_COUNT; k++) {
		n += s->sources[k].state != SOURCE_ABSENT;
		live += s->sources[k].state == SOURCE_LIVE && !s->sources[k].saved;
	}
	*role = live == n ? ROLE_DIM : ROLE_STALE;
	snprintf(dst, size, _("%s, %zu of %zu sources live"), s->cluster, live, n);
}

static const struct page_view page = {.write = write_page};

const struct view_ops view_cluster = {
	.name = "cluster",
	.title = N_("cluster"),
	.head = cluster_head,
	PAGE_VIEW(&page),
	.act = detail_act,
	.actions = detail_actions,
};
