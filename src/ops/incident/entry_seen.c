/* What the console sees, as entries: the verdict of the checks, marks of the clocks, a clock that
 * was set. */

#include "base/i18n.h"
#include "base/instant.h"
#include "entry_row.h"
#include "model/sla.h"

static void health_words(struct buf *to, const struct js *p)
{
	const char *from = payload_text(p, "from"), *now = payload_text(p, "to");

	buf_fmt(to, _("health %s → %s"), from[0] ? from : _("green"), now[0] ? now : _("green"));
	put_reasons(to, p, NULL);
	if (payload_text(p, "broken")[0])
		buf_fmt(to, _("; first broken layer: %s"), payload_text(p, "broken"));
}

static bool fold_health(struct fold *f)
{
	enum level l = LEVEL_NONE;

	level_parse(payload_text(f->p, "to"), &l);
	f->i->health = l;
	f->i->seen_bad |= l != LEVEL_NONE;
	if (payload_text(f->p, "broken")[0])
		rstr_replace(&f->i->broken, payload_text(f->p, "broken"));
	return true;
}

struct journal_draft *entry_verdict(const char *incident, enum level from, enum level to,
	const char *const *reasons, size_t n, const char *broken, const struct entry_by *by)
{
	struct journal_draft *d = draft_of(incident, "health", by);

	journal_draft_text(d, "from", level_name(from));
	journal_draft_text(d, "to", level_name(to));
	journal_draft_texts(d, "reasons", reasons, n);
	journal_draft_text(d, "broken", broken);
	return d;
}

/* ---- clocks ---- */

static const char *clock_title(const struct js *p)
{
	const char *name = payload_text(p, "clock");

	for (int c = 0; c < SLA_CLOCKS; c++)
		if (str_eq(name, sla_name((enum sla_clock)c)))
			return _(sla_title((enum sla_clock)c));
	return name;
}

static void warning_words(struct buf *to, const struct js *p)
{
	buf_fmt(to, _("%d %% of the time to %s is gone (%s)"), (int)js_int(p, "percent", 0),
		clock_title(p), payload_text(p, "level"));
}

static void breach_words(struct buf *to, const struct js *p)
{
	buf_fmt(to, _("the time to %s is over (%s)"), clock_title(p), payload_text(p, "level"));
}

static int clock_of(const char *name)
{
	for (int c = 0; c < SLA_CLOCKS; c++)
		if (str_eq(name, sla_name((enum sla_clock)c)))
			return c;
	return -1;
}

static bool fold_warning(struct fold *f)
{
	int c = clock_of(payload_text(f->p, "clock")), percent = (int)js_int(f->p, "percent", 0);
	enum level l;

	if (c < 0 || !level_parse(payload_text(f->p, "level"), &l))
		return false;
	if (percent > f->i->told[c][l])
		f->i->told[c][l] = percent;
	return true;
}

static bool fold_breach(struct fold *f)
{
	int c = clock_of(payload_text(f->p, "clock"));

	if (c < 0)
		return false;
	f->i->breach_told[c] = true;
	return true;
}

static void clock_told(struct telling *t)
{
	for (int c = 0; c < SLA_CLOCKS; c++)
		if (str_eq(payload_text(t->p, "clock"), sla_name((enum sla_clock)c)))
			tell_due(t, (enum sla_clock)c);
	t->a->level = tell_level(t, "level");
	t->a->percent = (int)js_int(t->p, "percent", 0);
}

struct journal_draft *entry_mark(
	const struct incident *i, enum sla_clock c, int mark, const struct entry_by *by)
{
	struct journal_draft *d = draft_of(i->id, mark >= 100 ? "breach" : "warning", by);

	journal_draft_text(d, "clock", sla_name(c));
	journal_draft_text(d, "level", level_name(i->level));
	if (mark < 100)
		journal_draft_int(d, "percent", mark);
	return d;
}

static void clock_set_words(struct buf *to, const struct js *p)
{
	int64_t by = js_int(p, "by_ms", 0);
	char span[32];

	span_text(by < 0 ? -by : by, span, sizeof(span));
	buf_fmt(to,
		by < 0 ? _("the clock was set back by %s; deadlines follow")
		       : _("the clock was set forward by %s; deadlines follow"),
		span);
}

static bool fold_clock_set(struct fold *f)
{
	return incident_clock_set(
		f->i, f->en->host, js_int(f->p, "by_ms", 0), js_int(f->p, "boot_ms", 0));
}

struct journal_draft *entry_clock_set(
	const struct incident *i, int64_t by_ms, int64_t boot_ms, const struct entry_by *by)
{
	struct journal_draft *d = draft_of(i->id, "clock-set", by);

	journal_draft_int(d, "by_ms", by_ms);
	journal_draft_int(d, "boot_ms", boot_ms);
	return d;
}

static const struct entry_row rows[] = {
	/* from to ("" is green) [reasons[]] [broken] */
	{.name = "health", .words = health_words, .fold = fold_health},
	/* clock level percent */
	{.name = "warning",
		.words = warning_words,
		.fold = fold_warning,
		.told = &(const struct entry_told){NOTIFICATION_WARNING, clock_told}},
	/* clock level */
	{.name = "breach",
		.words = breach_words,
		.fold = fold_breach,
		.told = &(const struct entry_told){NOTIFICATION_BREACH, clock_told}},
	/* by_ms boot_ms */
	{.name = "clock-set", .words = clock_set_words, .fold = fold_clock_set},
};

const struct entry_rows entry_seen = ENTRY_ROWS(rows);
