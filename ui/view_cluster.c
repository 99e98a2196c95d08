/* The header's detail: which cluster this is, how much of the month its API could be reached, and
 * where everything on the screen comes from. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "model/incident_status.h"
#include "ui/detail.h"
#include "ui/fresh.h"
#include "ui/show.h"

static void write_identity(struct pen *p, const struct snapshot *s)
{
	pen_pair(p, _("Cluster"), ROLE_ACCENT, "%s", s->cluster);
	pen_pair(p, _("Version"), ROLE_TEXT, "%s", s->version[0] != '\0' ? s->version : "-");
	pen_pair(p, _("Context"), ROLE_TEXT, "%s", s->context);
	pen_pair(p, _("User"), ROLE_TEXT, "%s", s->user);
	pen_pair(p, _("Server"), ROLE_TEXT, "%s", s->server);
	pen_pair(p, _("API servers"), s->layers.api_live == s->layers.api_all ? ROLE_OK : ROLE_BAD,
		"%d/%d", s->layers.api_live, s->layers.api_all);
}

static void write_availability(struct pen *p, const struct snapshot *s)
{
	const struct availability *a = &s->availability;
	char down[32], budget[32], left[32], words[160];
	int used;

	pen_section(p, _("API availability this month"));
	if (!s->availability_known || a->watched_ms <= 0) {
		pen_text(p, ROLE_DIM, _("Not watched long enough yet."));
		return;
	}
	incident_span(a->down_ms, down, sizeof(down));
	incident_span(a->budget_ms, budget, sizeof(budget));
	incident_span(a->left_ms < 0 ? -a->left_ms : a->left_ms, left, sizeof(left));
	used = show_permille(a->down_ms, a->budget_ms);
	pen_pair(p, _("Reachable"), a->left_ms < 0 ? ROLE_BAD : ROLE_OK, "%.3f%%", a->percent);
	pen_pair(p, _("Watched"), ROLE_TEXT, _("%.1f%% of the month so far"), a->watched_percent);
	snprintf(words, sizeof(words),
		a->left_ms < 0 ? _("%s of %s (99.9 %%): overdrawn by %s")
			       : _("%s of %s (99.9 %%): %s left"),
		down, budget, left);
	pen_bar(p, _("Unreachable"), used > 1000 ? 1000 : used,
		a->left_ms < 0 ? ROLE_BAD
		: used > 500   ? ROLE_WARN
			       : ROLE_BAR,
		words);
}

static const char *state_word(enum source_state s)
{
	static const char *const words[] = {[SOURCE_NEVER] = N_("never"),
		[SOURCE_LOADING] = N_("loading"),
		[SOURCE_LIVE] = N_("live"),
		[SOURCE_STALE] = N_("stale"),
		[SOURCE_ABSENT] = N_("absent")};

	return _(words[s]);
}

static enum role state_role(enum source_state s)
{
	return s == SOURCE_LIVE     ? ROLE_OK
	       : s == SOURCE_ABSENT ? ROLE_DIM
	       : s == SOURCE_STALE  ? ROLE_STALE
				    : ROLE_WARN;
}

enum { NAME, STATE, AGE, VIA, ERROR, COLUMNS };

static void source_cell(const void *context, size_t row, int column, struct widget_cell *out)
{
	const struct detail_page *page = context;
	const struct source *src = &page->snapshot->sources[row];
	size_t size = sizeof(out->text);

	out->role = ROLE_TEXT;
	switch (column) {
	case NAME:
		str_copy(out->text, size, source_name((enum source_id)row));
		break;
	case STATE:
		str_copy(out->text, size, src->saved ? _("saved") : state_word(src->state));
		out->role = src->saved ? ROLE_STALE : state_role(src->state);
		break;
	case AGE:
		if (src->good.boot_ms != 0 || src->saved)
			show_since(src->good.wall_ms, page->look->now, out->text, size);
		else
			str_copy(out->text, size, "-");
		out->role = ROLE_DIM;
		break;
	case VIA:
		str_copy(out->text, size, src->via[0] != '\0' ? src->via : "-");
		out->role = ROLE_DIM;
		break;
	default:
		str_copy(out->text, size, src->error);
		out->role = ROLE_WARN;
	}
}

static void write_sources(struct pen *p, const struct detail_page *page)
{
	static const char *const headings[COLUMNS] = {
		N_("SOURCE"), N_("STATE"), N_("AGE"), N_("VIA"), N_("LAST ERROR")};
	const struct pen_table t = {.headings = headings,
		.right = 1u << AGE,
		.columns = COLUMNS,
		.rows = SOURCE_COUNT,
		.cell = source_cell,
		.context = page};

	pen_section(p, _("Where it comes from"));
	pen_table(p, &t);
}

static void write_history(struct pen *p, const struct snapshot *s)
{
	char text[SHOW_SIZE];

	pen_section(p, _("The last 15 minutes"));
	pen_spark(p, _("API latency"), &s->api_latency_ms,
		show_latency(s->vip_latency_us, text, sizeof(text)));
	pen_spark(p, _("etcd latency"), &s->etcd_latency_ms,
		show_latency(s->etcd.read_us, text, sizeof(text)));
}

static void write_page(struct pen *p, void *context)
{
	const struct detail_page *page = context;

	write_identity(p, page->snapshot);
	write_availability(p, page->snapshot);
	write_sources(p, page);
	write_history(p, page->snapshot);
}

static void cluster_head(void *state, const struct snapshot *s, const struct view_look *look,
	char *dst, size_t size, enum role *role)
{
	(void)state;
	(void)look;
	str_copy(dst, size, s->cluster);
	*role = ROLE_DIM;
}

static void cluster_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look)
{
	struct detail_page page = {s, look, state};

	widget_text_draw(((struct detail *)state)->page, c, look, write_page, &page);
}

const struct view_ops view_cluster = {
	.name = "cluster",
	.title = N_("cluster"),
	.open = detail_open,
	.head = cluster_head,
	.draw = cluster_draw,
	.act = detail_act,
	.close = detail_close,
	.actions = detail_actions,
};
