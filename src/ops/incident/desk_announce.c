/* Trouble is told to the team also while nobody has opened an incident for it, after a little
 * patience with whoever sits at the console: opening one tells it better, with a number and a name.
 * Its level is told whenever it changes, down as well as up: small trouble can outlast the outage
 * it came with for as long as the next one takes to come, which must be told anew. What was
 * announced and ends without an incident is told to have ended. */
#include <stdlib.h>

#include "desk_parts.h"
#include "model/alert.h"

#define PATIENCE_MS 15000
#define SAME_MS     2000 /* a moment told twice may differ so much: it is a span before now */

static void announce(struct desk *d, enum alert_kind kind, enum level level, struct instant now)
{
	struct alert a;

	alert_init(&a, kind);
	str_copy(a.cluster, sizeof(a.cluster), d->cluster.name);
	str_copy(a.broken, sizeof(a.broken), d->broken);
	a.level = level;
	a.worst = d->announced.worst;
	a.at_ms = now.wall_ms;
	a.detected_ms = d->announced.detected_ms;
	if (kind != ALERT_RECOVERED) {
		str_copy(a.clock, sizeof(a.clock), sla_name(SLA_RESPOND));
		a.deadline_ms = a.detected_ms + d->targets[level].respond_ms;
	}
	if (kind == ALERT_LEVEL) {
		a.before = d->announced.level;
		a.serial = d->announced.changes;
	}
	for (size_t k = 0; k < d->verdict.n && a.n_reasons < ALERT_REASONS; k++)
		str_copy(a.reasons[a.n_reasons++], sizeof(a.reasons[0]), d->reasons[k]);
	str_copy(a.title, sizeof(a.title), d->verdict.n > 0 ? d->reasons[0] : "");
	notify_post(d->notify, &a);
}

static void begin(struct desk *d, const struct proposal *p, struct instant now)
{
	d->announced = (struct desk_announced){
		.standing = true, .detected_ms = p->since_ms, .level = p->level, .worst = p->level};
	announce(d, ALERT_DETECTED, p->level, now);
}

static bool has_ended(const struct desk *d, struct instant now)
{
	return d->watch.green.boot_ms != 0 &&
	       instant_age_ms(d->watch.green, now) >= d->hold_down_ms;
}

void desk_announce(struct desk *d, struct instant now)
{
	const struct proposal *p = &d->watch.proposal;
	struct desk_announced *told = &d->announced;

	if (incidents_current(d->is, &d->cluster) != NULL) {
		told->standing = false; /* from here on the incident speaks */
		return;
	}
	if (!told->standing) {
		if (p->kind == PROPOSE_OPEN && now.wall_ms - p->since_ms >= PATIENCE_MS)
			begin(d, p, now);
	} else if (p->kind == PROPOSE_OPEN && p->level != told->level) {
		told->worst = p->level < told->worst ? p->level : told->worst;
		announce(d, ALERT_LEVEL, p->level, now);
		told->level = p->level;
		told->changes++;
	} else if (has_ended(d, now)) {
		announce(d, ALERT_RECOVERED, told->level, now);
		told->standing = false;
	}
}

bool desk_was_announced(const struct desk *d, const struct incident *i)
{
	return d->announced.detected_ms != 0 && i->reopened == 0 &&
	       llabs(i->time[INCIDENT_DETECTED].at_ms - d->announced.detected_ms) <= SAME_MS;
}
