/* The report of one health pass. The JSON is a contract (schema k911/check/v1); the page is for
 * eyes: what is wrong and why first, then what it affects, then every check in aligned columns.
 * Names come from the cluster, so everything is made safe before it is written. */
#include "app/check_report.h"

#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "io/json.h"

#define SAFE_ROOM 720

static const char *safe(char dst[SAFE_ROOM], const char *text)
{
	text_safe(dst, SAFE_ROOM, text, strlen(text));
	return dst;
}

static bool has_level(const struct snapshot *s)
{
	return s->verdict.known && s->verdict.now != LEVEL_NONE;
}

/* ---- JSON ---- */

static void write_first(struct jsw *w, const struct layer_board *b)
{
	char text[SAFE_ROOM];

	if (!b->broken) {
		jsw_str(w, "first_broken_layer", NULL);
		return;
	}
	jsw_object(w, "first_broken_layer");
	jsw_str(w, "layer", layer_name(b->first));
	jsw_str(w, "node", b->first_node >= 0 ? safe(text, b->nodes[b->first_node].name) : NULL);
	jsw_str(w, "text", safe(text, b->first_text));
	jsw_end_object(w);
}

static void write_check(struct jsw *w, const struct check *c)
{
	char text[SAFE_ROOM];

	jsw_object(w, NULL);
	jsw_str(w, "id", safe(text, c->id));
	jsw_str(w, "status", check_word(c->status));
	jsw_str(w, "text", safe(text, c->text));
	jsw_str(w, "source", c->source);
	if (c->age_ms >= 0)
		jsw_int(w, "age_ms", c->age_ms);
	else
		jsw_str(w, "age_ms", NULL);
	jsw_end_object(w);
}

void check_report_json(struct buf *out, const struct snapshot *s, const struct checks *h)
{
	char text[SAFE_ROOM], at[32];
	struct jsw w;

	jsw_init(&w, out);
	jsw_object(&w, NULL);
	jsw_str(&w, "schema", "k911/check/v1");
	jsw_str(&w, "cluster", safe(text, s->cluster));
	jsw_str(&w, "at", instant_rfc3339(s->at.wall_ms, at, sizeof(at)));
	jsw_str(&w, "status", check_word(checks_overall(s)));
	jsw_str(&w, "level", has_level(s) ? level_name(s->verdict.now) : NULL);
	jsw_array(&w, "reasons");
	for (size_t i = 0; i < s->verdict.n; i++) {
		jsw_object(&w, NULL);
		jsw_str(&w, "level", level_name(s->verdict.reasons[i].level));
		jsw_str(&w, "rule", rule_name(s->verdict.reasons[i].rule));
		jsw_str(&w, "text", safe(text, s->verdict.reasons[i].text));
		jsw_end_object(&w);
	}
	jsw_end_array(&w);
	write_first(&w, &s->layers);
	jsw_array(&w, "checks");
	for (size_t i = 0; i < h->len; i++)
		write_check(&w, &h->at[i]);
	jsw_end_array(&w);
	jsw_end_object(&w);
	buf_putc(out, '\n');
}

/* ---- the page ---- */

struct page {
	struct buf *out;
	bool colour;
};

static const char *const level_paint[] = {
	[LEVEL_P0] = "1;31", [LEVEL_P1] = "31", [LEVEL_P2] = "33", [LEVEL_P3] = "34"};
static const char *const status_paint[] = {
	[CHECK_OK] = "32", [CHECK_WARNING] = "33", [CHECK_CRITICAL] = "31", [CHECK_UNKNOWN] = "2"};

static void painted(const struct page *p, const char *paint, const char *text)
{
	if (p->colour)
		buf_fmt(p->out, "\033[%sm%s\033[0m", paint, text);
	else
		buf_puts(p->out, text);
}

/* Then blanks up to the column; at least two. */
static void column(const struct page *p, const char *paint, const char *text, int width)
{
	int blanks = width - text_width(text);

	painted(p, paint, text);
	buf_fmt(p->out, "%*s", blanks > 2 ? blanks : 2, "");
}

static void heading(const struct page *p, const char *text)
{
	buf_putc(p->out, '\n');
	painted(p, "1", text);
	buf_putc(p->out, '\n');
}

static const char *status_title(enum check_status s)
{
	static const char *const titles[] = {[CHECK_OK] = N_("ok"),
		[CHECK_WARNING] = N_("warning"),
		[CHECK_CRITICAL] = N_("critical"),
		[CHECK_UNKNOWN] = N_("unknown")};

	return _(titles[s]);
}

static void put_head(const struct page *p, const struct snapshot *s)
{
	enum check_status overall = checks_overall(s);
	char text[SAFE_ROOM], at[32];

	painted(p, "1", safe(text, s->cluster[0] ? s->cluster : s->server));
	buf_fmt(p->out, "  %s\n\n", instant_local(s->at.wall_ms, at, sizeof(at)));
	if (has_level(s)) {
		painted(p, level_paint[s->verdict.now], level_name(s->verdict.now));
		buf_puts(p->out, "  ");
	}
	painted(p, status_paint[overall], status_title(overall));
	buf_putc(p->out, '\n');
	if (s->layers.broken)
		buf_fmt(p->out, "%s: %s\n", _("first broken layer"),
			safe(text, s->layers.first_text));
}

static void put_reasons(const struct page *p, const struct snapshot *s)
{
	char text[SAFE_ROOM];
	int width = 0;

	if (s->verdict.n == 0)
		return;
	heading(p, _("Why"));
	for (size_t i = 0; i < s->verdict.n; i++)
		if (text_width(rule_name(s->verdict.reasons[i].rule)) > width)
			width = text_width(rule_name(s->verdict.reasons[i].rule));
	for (size_t i = 0; i < s->verdict.n; i++) {
		const struct reason *r = &s->verdict.reasons[i];

		buf_puts(p->out, "  ");
		column(p, level_paint[r->level], level_name(r->level), 4);
		column(p, "0", rule_name(r->rule), width + 2);
		buf_fmt(p->out, "%s\n", safe(text, r->text));
	}
}

static void put_names(const struct page *p, const char *title, const struct names *names)
{
	char list[NAMES_ROOM + 20], text[SAFE_ROOM];

	if (names->n == 0)
		return;
	buf_puts(p->out, "  ");
	column(p, "0", title, 16);
	buf_fmt(p->out, "%s\n", safe(text, names_text(names, list, sizeof(list))));
}

static void put_impact(const struct page *p, const struct snapshot *s)
{
	const struct impact *i = &s->impact;

	if (i->masters_lost.n + i->workers_lost.n + i->parts_down.n + i->core.down.n +
			i->workloads_failing.n + i->services_dark.n + i->pods_failing +
			i->pods_stranded ==
		0)
		return;
	heading(p, _("Affected"));
	put_names(p, _("control plane"), &i->masters_lost);
	put_names(p, _("parts of it"), &i->parts_down);
	put_names(p, _("workers"), &i->workers_lost);
	put_names(p, _("core services"), &i->core.down);
	put_names(p, _("workloads"), &i->workloads_failing);
	put_names(p, _("Services"), &i->services_dark);
	if (i->pods_failing + i->pods_stranded > 0) {
		buf_puts(p->out, "  ");
		column(p, "0", _("pods"), 16);
		buf_fmt(p->out, _("%u failing, %u on nodes that are lost\n"), i->pods_failing,
			i->pods_stranded);
	}
}

static void put_changes(const struct page *p, const struct snapshot *s)
{
	char text[SAFE_ROOM], at[32];
	int title = 0, what = 0;

	if (!has_level(s) || s->changes.n == 0)
		return;
	buf_putc(p->out, '\n');
	if (s->changes.since_healthy)
		buf_fmt(p->out, _("Changed since %s"),
			instant_local(s->changes.since_ms, at, sizeof(at)));
	else
		buf_puts(p->out, _("Changed in the last 24 hours"));
	buf_putc(p->out, '\n');
	for (size_t i = 0; i < s->changes.n; i++) {
		int width = text_width(safe(text, s->changes.at[i].what));

		what = width > what ? width : what;
		width = text_width(_(alteration_title(s->changes.at[i].kind)));
		title = width > title ? width : title;
	}
	for (size_t i = 0; i < s->changes.n; i++) {
		const struct alteration *c = &s->changes.at[i];

		buf_fmt(p->out, "  %s  ", instant_local(c->at_ms, at, sizeof(at)));
		column(p, "0", _(alteration_title(c->kind)), title + 2);
		if (c->text[0] == '\0') {
			buf_fmt(p->out, "%s\n", safe(text, c->what));
			continue;
		}
		column(p, "0", safe(text, c->what), what + 2);
		buf_fmt(p->out, "%s\n", safe(text, c->text));
	}
}

/* Of a thousand workers only those that are not well are listed one by one. */
static bool is_listed(const struct check *c)
{
	return c->status != CHECK_OK || !str_starts(c->id, "node/") ||
	       !str_eq(c->source, source_name(SOURCE_NODES));
}

static void put_checks(const struct page *p, const struct checks *h)
{
	char text[SAFE_ROOM], age[32];
	int status = 0, id = 0;

	heading(p, _("Checks"));
	for (int i = 0; i <= CHECK_UNKNOWN; i++)
		if (text_width(status_title((enum check_status)i)) > status)
			status = text_width(status_title((enum check_status)i));
	for (size_t i = 0; i < h->len; i++)
		if (is_listed(&h->at[i]) && text_width(safe(text, h->at[i].id)) > id)
			id = text_width(text);
	for (size_t i = 0; i < h->len; i++) {
		const struct check *c = &h->at[i];

		if (!is_listed(c))
			continue;
		buf_puts(p->out, "  ");
		column(p, status_paint[c->status], status_title(c->status), status + 2);
		column(p, "0", safe(text, c->id), id + 2);
		buf_fmt(p->out, "%5s  %s\n",
			c->age_ms < 0 ? "-" : instant_age(c->age_ms, age, sizeof(age)),
			safe(text, c->text));
	}
}

void check_report_text(
	struct buf *out, const struct snapshot *s, const struct checks *h, bool colour)
{
	const struct page p = {out, colour};

	put_head(&p, s);
	put_reasons(&p, s);
	put_impact(&p, s);
	put_changes(&p, s);
	put_checks(&p, h);
}
