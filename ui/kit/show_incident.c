/* How an incident is written. A clock says first what counts for who looks at it: how much is left
 * while it runs, how it went when it has stopped. */
#include "ui/kit/show_incident.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "ui/kit/show.h"

#define SECOND_MS 1000
#define MINUTE_MS (60 * INT64_C(1000))
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)
#define NEAR_MS   (10 * MINUTE_MS) /* a list due so soon is worth a colour */

enum role show_level_role(enum level l)
{
	return (unsigned)l < LEVEL_COUNT ? (enum role)(ROLE_P0 + (int)l) : ROLE_DIM;
}

char *show_level(enum level l, char *dst, size_t size)
{
	if ((unsigned)l >= LEVEL_COUNT)
		str_copy(dst, size, "-");
	else
		snprintf(dst, size, "%s %s", level_name(l), _(level_title(l)));
	return dst;
}

enum role show_state_role(enum incident_state s)
{
	static const enum role roles[] = {[INCIDENT_OPEN] = ROLE_BAD,
		[INCIDENT_IS_ACKNOWLEDGED] = ROLE_WARN,
		[INCIDENT_IS_MITIGATED] = ROLE_WARN,
		[INCIDENT_IS_RECOVERED] = ROLE_OK,
		[INCIDENT_IS_CLOSED] = ROLE_DIM};

	return roles[s];
}

char *show_span(int64_t ms, char *dst, size_t size)
{
	ms = ms < 0 ? 0 : ms;
	if (ms < MINUTE_MS)
		snprintf(dst, size, "%llds", (long long)(ms / SECOND_MS));
	else if (ms < HOUR_MS && ms % MINUTE_MS < SECOND_MS)
		snprintf(dst, size, "%lldm", (long long)(ms / MINUTE_MS));
	else if (ms < HOUR_MS)
		snprintf(dst, size, "%lldm%02llds", (long long)(ms / MINUTE_MS),
			(long long)(ms % MINUTE_MS / SECOND_MS));
	else if (ms <= 3 * DAY_MS && ms % HOUR_MS < MINUTE_MS)
		snprintf(dst, size, "%lldh", (long long)(ms / HOUR_MS));
	else if (ms < 2 * DAY_MS)
		snprintf(dst, size, "%lldh%02lldm", (long long)(ms / HOUR_MS),
			(long long)(ms % HOUR_MS / MINUTE_MS));
	else
		snprintf(dst, size, "%lldd%lldh", (long long)(ms / DAY_MS),
			(long long)(ms % DAY_MS / HOUR_MS));
	return dst;
}

char *show_clock_time(int64_t wall_ms, struct instant now, char *dst, size_t size)
{
	char at[SHOW_SIZE], today[SHOW_SIZE];

	show_moment(wall_ms, at, sizeof(at));
	show_moment(now.wall_ms, today, sizeof(today));
	if (strlen(at) < 16) {
		str_copy(dst, size, at);
		return dst;
	}
	str_copy_n(dst, size, strncmp(at, today, 10) == 0 ? at + 11 : at + 5,
		strncmp(at, today, 10) == 0 ? 5 : 11);
	return dst;
}

char *show_clock(const struct sla_state *c, char *dst, size_t size, enum role *role)
{
	char span[SHOW_SIZE];

	if (c->stopped) {
		*role = c->breached ? ROLE_BAD : ROLE_OK;
		snprintf(dst, size, c->breached ? _("late %s") : _("ok %s"),
			show_span(c->elapsed_ms, span, sizeof(span)));
	} else if (c->left_ms < 0) {
		*role = ROLE_BAD;
		snprintf(dst, size, _("overdue %s"), show_span(-c->left_ms, span, sizeof(span)));
	} else {
		*role = c->breached || c->mark >= 90 ? ROLE_BAD
			: c->mark >= 50              ? ROLE_WARN
						     : ROLE_TEXT;
		snprintf(dst, size, c->breached ? _("late, %s left") : _("%s left"),
			show_span(c->left_ms, span, sizeof(span)));
	}
	return dst;
}

int show_clock_permille(const struct sla_state *c)
{
	int permille = show_permille(c->elapsed_ms, c->elapsed_ms + c->left_ms);

	return permille < 0 || permille > 1000 ? 1000 : permille;
}

char *show_due(const struct incident *i, enum checklist_id list, struct instant now, char *dst,
	size_t size, enum role *role)
{
	int64_t due_ms = incident_due(i, list, now.wall_ms);
	char span[SHOW_SIZE];

	*role = ROLE_DIM;
	if (incident_state(i) == INCIDENT_IS_CLOSED) {
		str_copy(dst, size, _("left open"));
		return dst;
	}
	if (due_ms == INCIDENT_NEVER) {
		str_copy(dst, size, _("due 24 h after recovery"));
		return dst;
	}
	due_ms -= now.wall_ms;
	if (due_ms < NEAR_MS)
		*role = due_ms < 0 ? ROLE_BAD : ROLE_WARN;
	snprintf(dst, size, due_ms < 0 ? _("overdue %s") : _("due in %s"),
		show_span(due_ms < 0 ? -due_ms : due_ms, span, sizeof(span)));
	return dst;
}

const struct incident *show_current(const struct snapshot *s)
{
	const struct incident *i = s->book->current;

	return i != NULL && incident_state(i) != INCIDENT_IS_CLOSED ? i : NULL;
}

const struct incident *show_named(const struct snapshot *s, const char *id)
{
	return id[0] != '\0' ? casebook_find(s->book, id) : s->book->current;
}

const char *show_proposal(const struct snapshot *s, char *dst, size_t size)
{
	str_copy(dst, size, "");
	switch (s->proposal.kind) {
	case PROPOSE_NOTHING:
		break;
	case PROPOSE_OPEN:
		str_copy(dst, size, _("i opens an incident"));
		break;
	case PROPOSE_RAISE:
		snprintf(dst, size, _("checks say %s: L raises it"), level_name(s->proposal.level));
		break;
	case PROPOSE_REOPEN:
		str_copy(dst, size, _("broken again: o reopens it"));
		break;
	}
	return dst;
}

enum level show_trouble(const struct snapshot *s)
{
	if (s->proposal.kind == PROPOSE_OPEN)
		return s->proposal.level;
	return s->journal.off && s->verdict.known ? s->verdict.level : LEVEL_NONE;
}

const char *show_list_name(enum checklist_id list)
{
	static const char *const names[CHECKLIST_COUNT] = {
		[CHECKLIST_EMERGENCY] = N_("emergency"),
		[CHECKLIST_TECHNICAL] = N_("technical"),
		[CHECKLIST_FOLLOW_UP] = N_("follow-up"),
	};

	return names[list];
}

static void add_trouble(struct show_troubles *t, const char *text)
{
	text_safe(t->text[t->n], sizeof(t->text[0]), text, strlen(text));
	t->n++;
}

static void add_unwritten(
	struct show_troubles *t, const struct journal_writer_state *j, struct instant now)
{
	char text[400], age[SHOW_SIZE];

	snprintf(text, sizeof(text),
		P_("journal: %zu entry in memory only for %s: %s",
			"journal: %zu entries in memory only for %s: %s", j->waiting),
		j->waiting, show_age(instant_age_ms(j->since, now), age, sizeof(age)),
		gettext(j->why));
	add_trouble(t, text);
}

static void add_damage(struct show_troubles *t, const char *damage)
{
	char text[700];

	snprintf(text, sizeof(text), _("the journal cannot be trusted: %s (k911 incident verify)"),
		damage);
	add_trouble(t, text);
}

/* The receiver that fails longest; how many more do is said behind it. */
static void add_failing(struct show_troubles *t, const struct notify_health *h, struct instant now)
{
	char text[700], age[SHOW_SIZE];
	size_t n;

	show_age(instant_age_ms(h->since, now), age, sizeof(age));
	if (h->to[0] == '\0')
		snprintf(text, sizeof(text), _("alerts are not sent for %s: %s"), age, h->why);
	else
		snprintf(text, sizeof(text), _("alerts to %s do not get through for %s: %s"), h->to,
			age, h->why);
	n = strlen(text);
	if (h->failing > 1)
		snprintf(text + n, sizeof(text) - n, _(" (and %zu more)"), h->failing - 1);
	add_trouble(t, text);
}

static void add_unkept(struct show_troubles *t, const struct notify_health *h, struct instant now)
{
	char text[700], age[SHOW_SIZE];

	snprintf(text, sizeof(text),
		_("outbox not writable for %s: sent past it: %s (mend the disk, or start with "
		  "another --state-dir)"),
		show_age(instant_age_ms(h->unkept, now), age, sizeof(age)), h->unkept_why);
	add_trouble(t, text);
}

static void add_lost(struct show_troubles *t, size_t lost)
{
	char text[200];

	snprintf(text, sizeof(text),
		P_("%zu alert is lost: too many waited", "%zu alerts are lost: too many waited",
			lost),
		lost);
	add_trouble(t, text);
}

void show_troubles(const struct snapshot *s, struct instant now, struct show_troubles *out)
{
	const struct notify_health *h = &s->notify;
	char text[700];

	out->n = 0;
	if (!s->journal.off && s->journal.why[0] != '\0')
		add_unwritten(out, &s->journal, now);
	if (s->journal.damage[0] != '\0')
		add_damage(out, s->journal.damage);
	if (h->failing > 0)
		add_failing(out, h, now);
	if (h->unkept.boot_ms != 0)
		add_unkept(out, h, now);
	if (h->lost > 0)
		add_lost(out, h->lost);
	if (h->damage[0] != '\0' && instant_age_ms(h->damaged, now) < HOUR_MS) {
		snprintf(text, sizeof(text), _("the outbox was damaged: %s"), h->damage);
		add_trouble(out, text);
	}
}
