/* What the functions of every kind of entry use: a payload's texts, times and reasons, and the
 * draft they begin with. */
#include "entry_row.h"

#include <string.h>

#include "base/i18n.h"

const char *payload_text(const struct js *p, const char *key)
{
	return js_text_or(p, key, "");
}

void put_reasons(struct buf *to, const struct js *p, const char *said)
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

struct rstr *rstr_of(const char *s)
{
	return rstr_new(s, strlen(s));
}

void rstr_replace(struct rstr **to, const char *s)
{
	rstr_unref(*to);
	*to = rstr_of(s);
}

struct incident_time fold_time(const struct fold *f, const char *key)
{
	struct incident_time t = {
		.at_ms = js_int(f->p, key, f->en->at_ms), .given = js_bool(f->p, "given", false)};

	str_copy(t.host, sizeof(t.host), f->en->host);
	return t;
}

enum level tell_level(const struct telling *t, const char *key)
{
	enum level l = LEVEL_NONE;

	level_parse(payload_text(t->p, key), &l);
	return l;
}

void tell_due(struct telling *t, enum sla_clock c)
{
	struct sla_state s = incident_clock(t->i, c, t->a->at_ms);

	str_copy(t->a->clock, sizeof(t->a->clock), sla_name(c));
	t->a->deadline_ms = s.stopped ? NOTIFICATION_NEVER : s.deadline_ms;
}

struct journal_draft *draft_of(const char *incident, const char *kind, const struct entry_by *by)
{
	return journal_draft_new(incident, kind, &by->by, by->now_ms);
}

int entry_need(const char *text, const char *what, struct err *e)
{
	if (text != NULL && text[strspn(text, " \t\r\n")] != '\0')
		return 0;
	return err_set(e, ERR_USAGE, _("%s must not be empty"), what);
}
