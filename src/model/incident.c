/* Incidents: which order of things is possible, and how the clocks stand. Folding writes the
 * fields; what may be written is asked here first, both by who records and by who folds. */
#include "model/incident.h"

#include <stdlib.h>

#include "base/i18n.h"
#include "base/instant.h"

static const struct {
	const char *name, *title;
} moments[INCIDENT_MOMENTS] = {
	[INCIDENT_STARTED] = {"started", N_("started")},
	[INCIDENT_DETECTED] = {"detected", N_("detected")},
	[INCIDENT_ACKNOWLEDGED] = {"acknowledged", N_("acknowledged")},
	[INCIDENT_MITIGATED] = {"mitigated", N_("mitigated")},
	[INCIDENT_RECOVERED] = {"recovered", N_("recovered")},
	[INCIDENT_CLOSED] = {"closed", N_("closed")},
};

static const struct {
	const char *name, *title;
} states[] = {
	[INCIDENT_OPEN] = {"open", N_("open")},
	[INCIDENT_IS_ACKNOWLEDGED] = {"acknowledged", N_("acknowledged")},
	[INCIDENT_IS_MITIGATED] = {"mitigated", N_("mitigated")},
	[INCIDENT_IS_RECOVERED] = {"recovered", N_("recovered")},
	[INCIDENT_IS_CLOSED] = {"closed", N_("closed")},
};

/* What cannot come before what. An acknowledgement may come after the recovery: the checks must
 * hold for a while before it is known. */
static const struct {
	enum incident_moment first, then;
} order[] = {
	{INCIDENT_STARTED, INCIDENT_DETECTED},
	{INCIDENT_DETECTED, INCIDENT_ACKNOWLEDGED},
	{INCIDENT_DETECTED, INCIDENT_MITIGATED},
	{INCIDENT_DETECTED, INCIDENT_RECOVERED},
	{INCIDENT_MITIGATED, INCIDENT_RECOVERED},
	{INCIDENT_ACKNOWLEDGED, INCIDENT_CLOSED},
	{INCIDENT_RECOVERED, INCIDENT_CLOSED},
};

#define FUTURE_MS 1000 /* a time so far ahead is a mistake */

const char *incident_moment_name(enum incident_moment m)
{
	return moments[m].name;
}

const char *incident_moment_title(enum incident_moment m)
{
	return moments[m].title;
}

const char *incident_state_name(enum incident_state s)
{
	return states[s].name;
}

const char *incident_state_title(enum incident_state s)
{
	return states[s].title;
}

/* ---- life ---- */

struct incident *incident_new(const char *id)
{
	struct incident *i = mem_new(struct incident);

	i->refs = 1;
	str_copy(i->id, sizeof(i->id), id);
	i->level = i->health = LEVEL_NONE;
	for (int m = 0; m < INCIDENT_MOMENTS; m++)
		i->time[m].at_ms = INCIDENT_NEVER;
	return i;
}

struct incident *incident_ref(struct incident *i)
{
	__atomic_fetch_add(&i->refs, 1, __ATOMIC_RELAXED);
	return i;
}

/* Does so to each text that an incident holds, but for its checklists'. */
static void each_text(const struct incident *i, void (*does)(struct rstr *text))
{
	for (size_t k = 0; k < i->levels.len; k++)
		does(i->levels.at[k].reason);
	for (size_t k = 0; k < i->notes.len; k++)
		does(i->notes.at[k].text);
	for (size_t k = 0; k < i->links.len; k++)
		does(i->links.at[k].name);
	for (size_t k = 0; k < i->actions.len; k++) {
		does(i->actions.at[k].title);
		does(i->actions.at[k].command);
		does(i->actions.at[k].result);
	}
	for (size_t k = 0; k < i->events.len; k++)
		does(i->events.at[k].text);
	for (size_t k = 0; k < i->reasons.len; k++)
		does(i->reasons.at[k]);
	does(i->title);
	does(i->broken);
}

static void share(struct rstr *text)
{
	rstr_ref(text);
}

void incident_unref(struct incident *i)
{
	if (i == NULL || __atomic_fetch_sub(&i->refs, 1, __ATOMIC_ACQ_REL) != 1)
		return;
	each_text(i, rstr_unref);
	vec_done(&i->levels);
	vec_done(&i->roles);
	vec_done(&i->notes);
	vec_done(&i->links);
	vec_done(&i->actions);
	vec_done(&i->events);
	vec_done(&i->steps);
	vec_done(&i->reasons);
	checklist_done(&i->lists);
	free(i);
}

#define COPY(field)                                                                                \
	(to->field.at = mem_dup(i->field.at, i->field.len * sizeof(*i->field.at)),                 \
		to->field.cap = i->field.len)

struct incident *incident_copy(const struct incident *i)
{
	struct incident *to = mem_dup(i, sizeof(*i));

	to->refs = 1;
	COPY(levels);
	COPY(roles);
	COPY(notes);
	COPY(links);
	COPY(actions);
	COPY(events);
	COPY(steps);
	COPY(reasons);
	each_text(to, share);
	checklist_copy(&to->lists, &i->lists);
	return to;
}

/* ---- questions ---- */

int64_t incident_present(const struct incident_time *t)
{
	return t->at_ms == INCIDENT_NEVER ? INCIDENT_NEVER : t->at_ms + t->skew_ms;
}

static bool is_set(const struct incident *i, enum incident_moment m)
{
	return i->time[m].at_ms != INCIDENT_NEVER;
}

enum incident_state incident_state(const struct incident *i)
{
	if (is_set(i, INCIDENT_CLOSED))
		return INCIDENT_IS_CLOSED;
	if (is_set(i, INCIDENT_RECOVERED))
		return INCIDENT_IS_RECOVERED;
	if (is_set(i, INCIDENT_MITIGATED))
		return INCIDENT_IS_MITIGATED;
	return is_set(i, INCIDENT_ACKNOWLEDGED) ? INCIDENT_IS_ACKNOWLEDGED : INCIDENT_OPEN;
}

const char *incident_role_of(const struct incident *i, const char *role)
{
	for (size_t k = 0; k < i->roles.len; k++)
		if (str_eq(i->roles.at[k].role, role))
			return i->roles.at[k].who;
	return "";
}

/* ---- what may be ---- */

static int impossible(const struct incident *i, enum incident_moment first, int64_t first_ms,
	enum incident_moment then, int64_t then_ms, struct err *e)
{
	char a[32], b[32];

	return err_set(e, ERR_CONFLICT,
		_("%s: \"%s\" (%s) cannot be before \"%s\" (%s): give the right time"), i->alias,
		_(moments[then].title), instant_rfc3339(then_ms, a, sizeof(a)),
		_(moments[first].title), instant_rfc3339(first_ms, b, sizeof(b)));
}

/* What lies ahead of now, a clock told that was ahead: it forbids nothing. */
static bool is_ahead(const struct incident_time *t, int64_t now_ms)
{
	return incident_present(t) > now_ms;
}

int incident_may(const struct incident *i, enum incident_moment m, int64_t at_ms, int64_t now_ms,
	struct err *e)
{
	char text[32];

	if (is_set(i, m))
		return err_set(e, ERR_CONFLICT, _("%s: \"%s\" is recorded already, at %s"),
			i->alias, _(moments[m].title),
			instant_rfc3339(i->time[m].at_ms, text, sizeof(text)));
	if (is_set(i, INCIDENT_CLOSED))
		return err_set(e, ERR_CONFLICT, _("%s is closed: reopen it first"), i->alias);
	if (m == INCIDENT_CLOSED && !is_set(i, INCIDENT_RECOVERED))
		return err_set(e, ERR_CONFLICT,
			_("%s has not recovered: record its recovery first, then close it"),
			i->alias);
	if (at_ms > now_ms + FUTURE_MS)
		return err_set(e, ERR_CONFLICT, _("%s: \"%s\" (%s) is in the future"), i->alias,
			_(moments[m].title), instant_rfc3339(at_ms, text, sizeof(text)));
	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
		enum incident_moment first = order[k].first, then = order[k].then;

		if (then == m && is_set(i, first) && !is_ahead(&i->time[first], now_ms) &&
			incident_present(&i->time[first]) > at_ms)
			return impossible(i, first, incident_present(&i->time[first]), m, at_ms, e);
		if (first == m && is_set(i, then) && incident_present(&i->time[then]) < at_ms)
			return impossible(i, m, at_ms, then, incident_present(&i->time[then]), e);
	}
	return 0;
}

int incident_may_level(const struct incident *i, enum level to, struct err *e)
{
	if (is_set(i, INCIDENT_CLOSED))
		return err_set(e, ERR_CONFLICT, _("%s is closed: reopen it first"), i->alias);
	if (to == i->level)
		return err_set(
			e, ERR_CONFLICT, _("%s is %s already"), i->alias, level_name(i->level));
	return 0;
}

int incident_may_reopen(const struct incident *i, struct err *e)
{
	if (!is_set(i, INCIDENT_RECOVERED) && !is_set(i, INCIDENT_CLOSED))
		return err_set(e, ERR_CONFLICT, _("%s is open already"), i->alias);
	return 0;
}

/* ---- clocks ---- */

static int64_t sooner(int64_t a, int64_t b)
{
	if (a == INCIDENT_NEVER || b == INCIDENT_NEVER)
		return a == INCIDENT_NEVER ? b : a;
	return a < b ? a : b;
}

struct sla_state incident_clock(const struct incident *i, enum sla_clock c, int64_t now_ms)
{
	int64_t stop = incident_present(&i->time[INCIDENT_RECOVERED]);
	VEC(struct sla_span) spans = {0};
	struct sla_state s;

	if (c == SLA_RESPOND)
		stop = sooner(stop, incident_present(&i->time[INCIDENT_ACKNOWLEDGED]));
	for (size_t k = 0; k < i->levels.len; k++)
		*vec_add(&spans) = (struct sla_span){incident_present(&i->levels.at[k].time),
			sla_target(&i->levels.at[k].target, c)};
	if (spans.len == 0)
		*vec_add(&spans) = (struct sla_span){0, sla_target(&level_targets[LEVEL_P3], c)};
	s = sla_judge(
		incident_present(&i->time[INCIDENT_DETECTED]), stop, spans.at, spans.len, now_ms);
	vec_done(&spans);
	return s;
}

#define FOLLOW_UP_MS (INT64_C(24) * 3600 * 1000)

int64_t incident_due(const struct incident *i, enum checklist_id list, int64_t now_ms)
{
	int64_t recovered = incident_present(&i->time[INCIDENT_RECOVERED]);

	if (list == CHECKLIST_EMERGENCY)
		return incident_clock(i, SLA_RESPOND, now_ms).deadline_ms;
	if (list == CHECKLIST_TECHNICAL)
		return incident_clock(i, SLA_RECOVER, now_ms).deadline_ms;
	return recovered == INCIDENT_NEVER ? INCIDENT_NEVER : recovered + FOLLOW_UP_MS;
}

int incident_to_tell(const struct incident *i, enum sla_clock c, int64_t now_ms)
{
	struct sla_state s = incident_clock(i, c, now_ms);

	if (s.breached)
		return i->breach_told[c] ? 0 : 100;
	if (s.stopped || i->level == LEVEL_NONE || s.mark <= i->told[c][i->level])
		return 0;
	return s.mark;
}

/* ---- clocks that were set ---- */

#define SAME_BOOT_MS 30000
#define SAME_BY_MS   5000

static void shift(struct incident_time *t, const char *host, int64_t by_ms)
{
	if (t->at_ms != INCIDENT_NEVER && !t->given && str_eq(t->host, host))
		t->skew_ms += by_ms;
}

bool incident_clock_set(struct incident *i, const char *host, int64_t by_ms, int64_t boot_ms)
{
	struct incident_step *step;

	for (size_t k = 0; k < i->steps.len; k++) {
		const struct incident_step *s = &i->steps.at[k];

		if (str_eq(s->host, host) && llabs(s->boot_ms - boot_ms) <= SAME_BOOT_MS &&
			llabs(s->by_ms - by_ms) <= SAME_BY_MS)
			return false;
	}
	step = vec_add(&i->steps);
	str_copy(step->host, sizeof(step->host), host);
	step->by_ms = by_ms;
	step->boot_ms = boot_ms;
	for (int m = 0; m < INCIDENT_MOMENTS; m++)
		shift(&i->time[m], host, by_ms);
	for (size_t k = 0; k < i->levels.len; k++)
		shift(&i->levels.at[k].time, host, by_ms);
	return true;
}
