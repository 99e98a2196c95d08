/* Kinds as rows: the name that is stored, and the sentence it makes in a timeline. */
#include "ops/journal/entry_kind.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/sla.h"

#define WORDS_MAX (300u << 10)

static const char *text(const struct js *p, const char *key)
{
	return js_text_or(p, key, "");
}

/* ": a; b" behind what is there, but for what was said already. */
static void put_reasons(struct buf *to, const struct js *p, const char *said)
{
	const struct js *reasons = js_get(p, "reasons");
	const char *before = ": ";

	for (size_t i = 0; i < js_len(reasons); i++) {
		const char *one = js_str(js_nth(reasons, i));

		if (one == NULL || str_eq(one, said))
			continue;
		buf_fmt(to, "%s%s", before, one);
		before = "; ";
	}
}

static void opened(struct buf *to, const struct js *p)
{
	buf_fmt(to, _("%s opened: %s"), text(p, "level"), text(p, "title"));
	put_reasons(to, p, text(p, "title"));
}

static void acknowledged(struct buf *to, const struct js *p)
{
	(void)p;
	buf_puts(to, _("acknowledged"));
}

static void mitigated(struct buf *to, const struct js *p)
{
	(void)p;
	buf_puts(to, _("mitigated"));
}

static void recovered(struct buf *to, const struct js *p)
{
	(void)p;
	buf_puts(to, _("recovered"));
}

static void closed(struct buf *to, const struct js *p)
{
	(void)p;
	buf_puts(to, _("closed"));
}

static void reopened(struct buf *to, const struct js *p)
{
	buf_puts(to, _("reopened"));
	if (text(p, "reason")[0])
		buf_fmt(to, ": %s", text(p, "reason"));
}

static void level(struct buf *to, const struct js *p)
{
	buf_fmt(to, _("level %s → %s: %s"), text(p, "from"), text(p, "to"), text(p, "reason"));
}

static void role(struct buf *to, const struct js *p)
{
	if (text(p, "who")[0])
		buf_fmt(to, _("%s is now %s"), text(p, "role"), text(p, "who"));
	else
		buf_fmt(to, _("%s is now nobody"), text(p, "role"));
}

static void note(struct buf *to, const struct js *p)
{
	buf_puts(to, text(p, "text"));
}

static void star(struct buf *to, const struct js *p)
{
	buf_puts(to, js_bool(p, "starred", true) ? _("starred a note") : _("took a note's star"));
}

/* The strategy's items are translated; a team's own are in no catalogue. */
static const char *item(const struct js *p)
{
	const char *words = text(p, "text");

	return words[0] ? _(words) : text(p, "item");
}

static void tick(struct buf *to, const struct js *p)
{
	buf_fmt(to, _("done: %s"), item(p));
	if (text(p, "evidence")[0])
		buf_fmt(to, _(" (seen: %s)"), text(p, "evidence"));
}

static void untick(struct buf *to, const struct js *p)
{
	buf_fmt(to, _("not done: %s"), item(p));
}

static void link_(struct buf *to, const struct js *p)
{
	buf_fmt(to, "%s: %s", text(p, "what"), text(p, "name"));
}

static void action(struct buf *to, const struct js *p)
{
	buf_fmt(to, "%s: %s", text(p, "state"),
		text(p, "title")[0] ? text(p, "title") : text(p, "action"));
	if (text(p, "command")[0])
		buf_fmt(to, " $ %s", text(p, "command"));
	if (text(p, "result")[0])
		buf_fmt(to, " → %s", text(p, "result"));
}

static void health(struct buf *to, const struct js *p)
{
	const char *from = text(p, "from"), *now = text(p, "to");

	buf_fmt(to, _("health %s → %s"), from[0] ? from : _("green"), now[0] ? now : _("green"));
	put_reasons(to, p, NULL);
	if (text(p, "broken")[0])
		buf_fmt(to, _("; first broken layer: %s"), text(p, "broken"));
}

static const char *clock_title(const struct js *p)
{
	const char *name = text(p, "clock");

	for (int c = 0; c < SLA_CLOCKS; c++)
		if (str_eq(name, sla_name((enum sla_clock)c)))
			return _(sla_title((enum sla_clock)c));
	return name;
}

static void warning(struct buf *to, const struct js *p)
{
	buf_fmt(to, _("%d %% of the time to %s is gone (%s)"), (int)js_int(p, "percent", 0),
		clock_title(p), text(p, "level"));
}

static void breach(struct buf *to, const struct js *p)
{
	buf_fmt(to, _("the time to %s is over (%s)"), clock_title(p), text(p, "level"));
}

static void clock_set(struct buf *to, const struct js *p)
{
	int64_t by = js_int(p, "by_ms", 0);
	char span[32];

	span_text(by < 0 ? -by : by, span, sizeof(span));
	buf_fmt(to,
		by < 0 ? _("the clock was set back by %s; deadlines follow")
		       : _("the clock was set forward by %s; deadlines follow"),
		span);
}

static const struct {
	const char *name;
	void (*words)(struct buf *to, const struct js *p);
} kinds[ENTRY_KINDS] = {
	[ENTRY_OPENED] = {"opened", opened},
	[ENTRY_ACKNOWLEDGED] = {"acknowledged", acknowledged},
	[ENTRY_MITIGATED] = {"mitigated", mitigated},
	[ENTRY_RECOVERED] = {"recovered", recovered},
	[ENTRY_CLOSED] = {"closed", closed},
	[ENTRY_REOPENED] = {"reopened", reopened},
	[ENTRY_LEVEL] = {"level", level},
	[ENTRY_ROLE] = {"role", role},
	[ENTRY_NOTE] = {"note", note},
	[ENTRY_STAR] = {"star", star},
	[ENTRY_TICK] = {"tick", tick},
	[ENTRY_UNTICK] = {"untick", untick},
	[ENTRY_LINK] = {"link", link_},
	[ENTRY_ACTION] = {"action", action},
	[ENTRY_VERDICT] = {"health", health},
	[ENTRY_WARNING] = {"warning", warning},
	[ENTRY_BREACH] = {"breach", breach},
	[ENTRY_CLOCK_SET] = {"clock-set", clock_set},
};

const char *entry_kind_name(enum entry_kind k)
{
	return (unsigned)k < ENTRY_KINDS ? kinds[k].name : "";
}

enum entry_kind entry_kind_of(const char *name)
{
	for (int k = 0; k < ENTRY_KINDS; k++)
		if (str_eq(name, kinds[k].name))
			return (enum entry_kind)k;
	return ENTRY_OTHER;
}

char *entry_words(const struct journal_entry *en, const struct js *payload)
{
	enum entry_kind k = entry_kind_of(en->kind);
	struct buf to;

	buf_init(&to, WORDS_MAX);
	if (k != ENTRY_OTHER)
		kinds[k].words(&to, payload);
	else
		buf_fmt(&to, "%s: %s", en->kind, text(payload, "text"));
	return buf_take(&to);
}
