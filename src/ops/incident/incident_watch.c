/* Measures in BOOTTIME how long the checks have been green, and how long bad; asks the folded
 * incident what was written already. So a restart repeats nothing: what was told is in the journal,
 * and only the stretches begin anew.
 *
 * * Recovery is recorded for an incident the checks have seen broken; for one that was opened by
 * hand about something k911 cannot see, green checks prove nothing. */
#include "ops/incident/incident_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "ops/incident/entry.h"

#define STEP_MS 2000 /* the wall clock may drift from the other so much between two steps */

const struct incident_watch_options incident_watch_defaults = {
	.hold_down_ms = 60000,
	.propose_ms = 2000,
};

void incident_watch_init(
	struct incident_watch *w, const struct incident_watch_options *o, const char *host)
{
	memset(w, 0, sizeof(*w));
	w->options = *o;
	w->level = w->told = LEVEL_NONE;
	w->proposal.level = LEVEL_NONE;
	str_copy(w->by.name, sizeof(w->by.name), "k911");
	str_copy(w->by.host, sizeof(w->by.host), host);
}

/* Converts a BOOTTIME instant to wall time, with today's offset. */
static int64_t wall_of(struct instant then, struct instant now)
{
	return now.wall_ms - (now.boot_ms - then.boot_ms);
}

static struct entry_by by_at(const struct incident_watch *w, struct instant now)
{
	return (struct entry_by){.by = w->by, .now_ms = now.wall_ms};
}

/* ---- stretches ---- */

static void follow(struct incident_watch *w, const struct watch_input *in)
{
	if (!in->known) {
		w->green.boot_ms =
			0; /* a gap is no green; trouble goes on until it is seen to end */
		return;
	}
	if (in->level == LEVEL_NONE) {
		if (w->green.boot_ms == 0)
			w->green = in->now;
		w->bad.boot_ms = w->worse.boot_ms = 0;
	} else {
		if (w->bad.boot_ms == 0)
			w->bad = in->now;
		if (w->worse.boot_ms == 0 || in->level < w->level)
			w->worse = in->now;
		w->green.boot_ms = 0;
	}
	w->level = in->level;
}

/* ---- clocks that were set ---- */

/* A restart of the machine (boot_ms went back) leaves nothing to compare. */
static int64_t jump(const struct incident_watch *w, struct instant now)
{
	int64_t by = (now.wall_ms - w->last.wall_ms) - (now.boot_ms - w->last.boot_ms);

	if (w->last.boot_ms == 0 || now.boot_ms < w->last.boot_ms || llabs(by) <= STEP_MS)
		return 0;
	return by;
}

/* ---- what is to be written ---- */

struct out {
	struct journal_draft **at;
	size_t n;
};

static void add(struct out *o, struct journal_draft *d)
{
	if (d != NULL)
		o->at[o->n++] = d;
}

static void tell_health(struct incident_watch *w, const struct watch_input *in,
	const struct incident *current, struct out *o)
{
	const struct entry_by a = by_at(w, in->now);
	enum level was = current ? current->health : w->told;

	if (!in->known || in->level == was)
		return;
	add(o, entry_verdict(current ? current->id : "", was, in->level, in->reasons, in->n_reasons,
		       in->level == LEVEL_NONE ? NULL : in->broken, &a));
	if (current == NULL)
		w->told = in->level;
}

static bool has_held(const struct incident_watch *w, struct instant now)
{
	return w->green.boot_ms != 0 && now.boot_ms - w->green.boot_ms >= w->options.hold_down_ms;
}

static void tell_recovery(struct incident_watch *w, const struct watch_input *in,
	const struct incident *current, struct out *o)
{
	const struct entry_by a = by_at(w, in->now);
	char text[80], span[32];
	struct entry_request q = {.i = current};
	struct journal_draft *recovered;
	int64_t at;

	if (current == NULL || !current->seen_bad || !has_held(w, in->now) ||
		incident_state(current) >= INCIDENT_IS_RECOVERED)
		return;
	/* Green since before it was detected: its trouble had ended already. */
	at = wall_of(w->green, in->now);
	for (int m = INCIDENT_DETECTED; m <= INCIDENT_MITIGATED; m++)
		if (m != INCIDENT_ACKNOWLEDGED && incident_present(&current->time[m]) > at)
			at = incident_present(&current->time[m]);
	q.words.at_ms = at;
	recovered = entry_make("recovered", &q, &a, NULL);
	if (recovered == NULL)
		return;
	add(o, recovered);
	snprintf(text, sizeof(text), _("all checks green for %s"),
		span_text(w->options.hold_down_ms, span, sizeof(span)));
	o->n += entry_saw(current, EVIDENCE_RECOVERED, text, &a, o->at + o->n);
}

static void tell_clocks(
	struct incident_watch *w, struct instant now, const struct incident *i, struct out *o)
{
	const struct entry_by a = by_at(w, now);

	for (int c = 0; c < SLA_CLOCKS; c++) {
		int mark = incident_to_tell(i, (enum sla_clock)c, now.wall_ms);

		if (mark > 0)
			add(o, entry_mark(i, (enum sla_clock)c, mark, &a));
	}
}

/* ---- what is proposed ---- */

static enum proposal_kind kind_of(const struct incident *current, enum level level)
{
	if (current == NULL)
		return PROPOSE_OPEN;
	if (incident_state(current) == INCIDENT_IS_RECOVERED)
		return PROPOSE_REOPEN;
	return level < current->level ? PROPOSE_RAISE : PROPOSE_NOTHING;
}

static void propose(
	struct incident_watch *w, const struct watch_input *in, const struct incident *current)
{
	struct instant since = current == NULL || incident_state(current) == INCIDENT_IS_RECOVERED
				       ? w->bad
				       : w->worse;

	w->proposal = (struct proposal){.kind = PROPOSE_NOTHING, .level = LEVEL_NONE};
	/* What was true before nothing could be seen any more is no word on what is true now. */
	if (!in->known || w->level == LEVEL_NONE || since.boot_ms == 0 ||
		in->now.boot_ms - since.boot_ms < w->options.propose_ms)
		return;
	w->proposal.kind = kind_of(current, w->level);
	if (w->proposal.kind != PROPOSE_NOTHING)
		w->proposal =
			(struct proposal){w->proposal.kind, w->level, wall_of(since, in->now)};
}

/* ---- a step ---- */

size_t incident_watch_step(struct incident_watch *w, const struct watch_input *in,
	const struct incident *current, const struct incident *const *open, size_t n_open,
	struct journal_draft **out)
{
	const struct entry_by a = by_at(w, in->now);
	struct out o = {.at = out};
	int64_t by = jump(w, in->now);

	if (in->now.boot_ms < w->last.boot_ms) /* another machine's word, or a restored one */
		w->green.boot_ms = w->bad.boot_ms = w->worse.boot_ms = 0;
	follow(w, in);
	if (by != 0) {
		/* First the clocks, then all else at the next step, when deadlines have followed.
		 */
		for (size_t k = 0; k < n_open; k++)
			add(&o, entry_clock_set(open[k], by, in->now.boot_ms, &a));
	} else {
		if (current != NULL && !str_eq(w->incident, current->id))
			w->told = LEVEL_NONE; /* told to the incident from here on */
		tell_health(w, in, current, &o);
		tell_recovery(w, in, current, &o);
		for (size_t k = 0; k < n_open; k++)
			tell_clocks(w, in->now, open[k], &o);
	}
	str_copy(w->incident, sizeof(w->incident), current ? current->id : "");
	propose(w, in, current);
	w->last = in->now;
	return o.n;
}
