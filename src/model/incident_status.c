/* The words a chat gets. */
#include "model/incident_status.h"

#include "base/i18n.h"
#include "base/instant.h"
#include "base/str.h"

char *incident_span(int64_t ms, char *dst, size_t size)
{
	return span_text(ms / 1000 * 1000, dst, size);
}

static void put_clock_words(
	struct buf *out, const struct incident *i, enum sla_clock c, int64_t now_ms)
{
	struct sla_state s = incident_clock(i, c, now_ms);
	char a[32], b[32];

	incident_span(s.stopped ? s.elapsed_ms : s.left_ms, a, sizeof(a));
	incident_span(s.left_ms + s.elapsed_ms, b, sizeof(b));
	if (s.stopped)
		buf_fmt(out,
			s.breached ? _(" %s after %s (target %s, breached);")
				   : _(" %s after %s (target %s);"),
			_(sla_title(c)), a, b);
	else if (s.left_ms < 0)
		buf_fmt(out, _(" %s overdue by %s (target %s);"), _(sla_title(c)),
			a + (a[0] == '-'), b);
	else
		buf_fmt(out, _(" %s: %s left (target %s);"), _(sla_title(c)), a, b);
}

void incident_status(const struct incident *i, int64_t now_ms, struct buf *out)
{
	const char *commander = incident_role_of(i, "commander");
	char span[32];
	int done, all;

	buf_fmt(out, _("%s %s %s: %s."), level_name(i->level), i->alias, rstr_text(i->title),
		_(incident_state_title(incident_state(i))));
	buf_fmt(out, _(" Duration %s;"),
		incident_span(
			incident_clock(i, SLA_RECOVER, now_ms).elapsed_ms, span, sizeof(span)));
	for (int c = 0; c < SLA_CLOCKS; c++)
		put_clock_words(out, i, (enum sla_clock)c, now_ms);
	if (i->broken && incident_state(i) < INCIDENT_IS_RECOVERED)
		buf_fmt(out, _(" first broken layer %s;"), rstr_text(i->broken));
	if (commander[0])
		buf_fmt(out, _(" commander %s;"), commander);
	for (int l = 0; l < CHECKLIST_COUNT; l++) {
		checklist_count(&i->lists, (enum checklist_id)l, &done, &all);
		buf_fmt(out, l + 1 < CHECKLIST_COUNT ? " %s %d/%d," : " %s %d/%d.",
			_(checklist_title((enum checklist_id)l)), done, all);
	}
}
