/* Trouble is told to the team also while nobody has opened an incident for it, after a little
 * patience with whoever sits at the console: opening one tells it better, with a number and a name.
 * Its level is told whenever it changes, down as well as up: small trouble can outlast the outage
 * it came with for as long as the next one takes to come, which must be told anew. What was
 * announced and ends without an incident is told to have ended.
 *
 * Where nothing at all answers, the own link is the first suspect, and a laptop without one must
 * call nobody. Whoever is to be told is the witness: when a receiver answers and the cluster still
 * does not, all of it may be down, and that is told, with the doubt. */
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "incident_desk_parts.h"
#include "model/notification.h"

#define PATIENCE_MS    15000
#define REACH_EVERY_MS 5000
#define REACH_OLD_MS   20000
#define PROOF_MS       10000 /* in which every server is asked again, and may answer */
#define SAME_MS        2000  /* a moment told twice may differ so much: it is a span before now */

static void announce(struct incident_desk *d, enum notification_kind kind, enum level level, struct instant now)
{
	struct notification a;

	notification_init(&a, kind);
	str_copy(a.cluster, sizeof(a.cluster), d->cluster.name);
	str_copy(a.broken, sizeof(a.broken), d->broken);
	a.level = level;
	a.worst = d->announced.worst;
	a.at_ms = now.wall_ms;
	a.detected_ms = d->announced.detected_ms;
	if (kind != NOTIFICATION_RECOVERED) {
		str_copy(a.clock, sizeof(a.clock), sla_name(SLA_RESPOND));
		a.deadline_ms = a.detected_ms + d->targets[level].respond_ms;
	}
	if (kind == NOTIFICATION_LEVEL) {
		a.before = d->announced.level;
		a.serial = d->announced.changes;
	}
	for (size_t k = 0; k < d->verdict.n && a.n_reasons < NOTIFICATION_REASONS; k++)
		str_copy(a.reasons[a.n_reasons++], sizeof(a.reasons[0]), d->reasons[k]);
	if (d->verdict.dark)
		str_copy(a.reasons[a.n_reasons++], sizeof(a.reasons[0]), d->dark.text);
	str_copy(a.title, sizeof(a.title), a.n_reasons > 0 ? a.reasons[0] : "");
	notify_post(d->notify, &a);
}

static void begin(struct incident_desk *d, enum level level, int64_t since_ms, struct instant now)
{
	d->announced = (struct incident_desk_announced){
		.standing = true, .detected_ms = since_ms, .level = level, .worst = level};
	announce(d, NOTIFICATION_DETECTED, level, now);
}

static void change(struct incident_desk *d, enum level level, struct instant now)
{
	struct incident_desk_announced *told = &d->announced;

	told->worst = level < told->worst ? level : told->worst;
	announce(d, NOTIFICATION_LEVEL, level, now);
	told->level = level;
	told->changes++;
}

/* A level must last: etcd that seeks a leader is no outage, though every server refuses meanwhile.
 */
static bool has_turned(struct incident_desk_announced *told, enum level level, struct instant now)
{
	if (level == told->level) {
		told->turned = (struct instant){0};
		return false;
	}
	if (told->turned.boot_ms == 0 || level != told->other)
		told->turned = now;
	told->other = level;
	return instant_age_ms(told->turned, now) >= PATIENCE_MS;
}

static bool has_ended(const struct incident_desk *d, struct instant now)
{
	return d->watch.green.boot_ms != 0 &&
	       instant_age_ms(d->watch.green, now) >= d->hold_down_ms;
}

void incident_desk_announce(struct incident_desk *d, struct instant now)
{
	const struct proposal *p = &d->watch.proposal;
	struct incident_desk_announced *told = &d->announced;

	if (incidents_current(d->is, &d->cluster) != NULL) {
		told->standing = false; /* from here on the incident speaks */
		return;
	}
	if (!told->standing) {
		if (p->kind == PROPOSE_OPEN && now.wall_ms - p->since_ms >= PATIENCE_MS)
			begin(d, p->level, p->since_ms, now);
	} else if (p->kind == PROPOSE_OPEN && has_turned(told, p->level, now)) {
		change(d, p->level, now);
	} else if (has_ended(d, now)) {
		announce(d, NOTIFICATION_RECOVERED, told->level, now);
		told->standing = false;
	}
}

/* Has the own link been seen to work for long enough? A receiver answers, and after that all of the
 * cluster was asked again and said nothing. A link that has just come back passes the first and not
 * the second. */
static bool link_is_proven(struct incident_desk *d, struct instant now)
{
	struct incident_desk_dark *dark = &d->dark;
	unsigned reached = notify_reached(d->notify);

	if (dark->asked.boot_ms != 0 && reached != dark->heard) {
		dark->latest = now;
		if (dark->proven.boot_ms == 0)
			dark->proven = now;
	}
	dark->heard = reached;
	if (dark->latest.boot_ms != 0 && instant_age_ms(dark->latest, now) >= REACH_OLD_MS)
		dark->proven = dark->latest = (struct instant){0};
	if (dark->asked.boot_ms == 0 || instant_age_ms(dark->asked, now) >= REACH_EVERY_MS) {
		dark->asked = now;
		notify_ask_reach(d->notify);
	}
	return dark->proven.boot_ms != 0 && instant_age_ms(dark->proven, now) >= PROOF_MS;
}

void incident_desk_announce_dark(struct incident_desk *d, struct instant now)
{
	struct incident_desk_announced *told = &d->announced;
	struct incident_desk_dark *dark = &d->dark;
	int64_t dark_ms;

	if (dark->since.boot_ms == 0)
		*dark = (struct incident_desk_dark){.since = now, .heard = notify_reached(d->notify)};
	dark_ms = instant_age_ms(dark->since, now);
	if (incidents_current(d->is, &d->cluster) != NULL ||
		(told->standing && told->level == LEVEL_P0) || dark_ms < PATIENCE_MS ||
		!link_is_proven(d, now))
		return;
	snprintf(dark->text, sizeof(dark->text),
		_("nothing of the cluster has answered %.60s for %lld s, while this receiver does: "
		  "all of it is down, or the way to it (link, VPN, firewall)"),
		d->by.host, (long long)(dark_ms / 1000));
	if (told->standing)
		change(d, LEVEL_P0, now);
	else
		begin(d, LEVEL_P0, dark->since.wall_ms, now);
}

bool incident_desk_was_announced(const struct incident_desk *d, const struct incident *i)
{
	return d->announced.detected_ms != 0 && i->reopened == 0 &&
	       llabs(i->time[INCIDENT_DETECTED].at_ms - d->announced.detected_ms) <= SAME_MS;
}
