/* Trouble is told to the team also while nobody has opened an incident for it, after a little
 * patience with whoever sits at the console: opening one tells it better, with a number and a name.
 * Its level is told whenever it changes, down as well as up: small trouble can outlast the outage
 * it came with for as long as the next one takes to come, which must be told anew. What was
 * announced and ends without an incident is told to have ended. The console that leads next, this
 * one restarted or another, goes on from there: what was announced lies with the lead.
 *
 * A leader may be killed between telling and leaving word of it. So what makes the key of what is to
 * be told, the moment of its detection, is left there as soon as trouble is seen, which is patience
 * before it is told: whoever leads next tells it by the same key, and the outbox knows that it was
 * put already. Where the disk takes neither word nor row in that time, it is told all the same, and
 * after a kill once more.
 *
 * Where nothing at all answers, the own link is the first suspect, and a laptop without one must
 * call nobody. Whoever is to be told is the witness: when a receiver answers and the cluster still
 * does not, all of it may be down, and that is told, with the doubt. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "incident_desk_parts.h"
#include "io/json.h"
#include "model/notification.h"

#define PATIENCE_MS    15000
#define REACH_EVERY_MS 5000
#define REACH_OLD_MS   20000
#define PROOF_MS       10000 /* in which every server is asked again, and may answer */
#define RESTART_MS     60000 /* a console is back, or another leads, before that */
#define SEEN_STEP_MS   5000  /* a line that changed more often would be written more often */
#define SAME_MS        2000  /* a moment told twice may differ so much: it is a span before now */

void incident_desk_tell(struct incident_desk *d, const struct notification *a, bool heard_of)
{
	struct incident_desk_telling *t;

	if (notify_post(d->notify, a, heard_of))
		return;
	t = mem_new(struct incident_desk_telling);
	*t = (struct incident_desk_telling){.alert = *a, .heard_of = heard_of};
	*vec_add(&d->telling) = t;
}

/* One that is only heard of holds up no other: it has less room. */
void incident_desk_tell_on(struct incident_desk *d)
{
	bool full[2] = {false, false};
	size_t left = 0;

	for (size_t k = 0; k < d->telling.len; k++) {
		struct incident_desk_telling *t = d->telling.at[k];

		if (!full[t->heard_of] && notify_post(d->notify, &t->alert, t->heard_of)) {
			free(t);
			continue;
		}
		full[t->heard_of] = true;
		d->telling.at[left++] = t;
	}
	d->telling.len = left;
}

static void announce(
	struct incident_desk *d, enum notification_kind kind, enum level level, struct instant now)
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
	incident_desk_tell(d, &a, false);
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

/* What ended and came again while nobody watched is another trouble, unless it came again so soon
 * that it would be the same to a console that had watched. */
static bool is_same(const struct incident_desk *d, int64_t since_ms)
{
	int64_t gap_ms = d->hold_down_ms > RESTART_MS ? d->hold_down_ms : RESTART_MS;

	return since_ms - d->announced.seen_ms <= gap_ms;
}

static void judge_recalled(struct incident_desk *d, int64_t since_ms)
{
	struct incident_desk_announced *told = &d->announced;

	if (told->recalled && !is_same(d, since_ms))
		told->standing = told->pending = false;
	told->recalled = false;
}

/* From now on it is known, also to whoever leads next, by when it was detected. Gives how long ago
 * that is. */
static int64_t expect(struct incident_desk *d, int64_t since_ms, struct instant now)
{
	if (!d->announced.pending)
		d->announced =
			(struct incident_desk_announced){.pending = true, .detected_ms = since_ms};
	return now.wall_ms - d->announced.detected_ms;
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
		told->standing = told->pending = false; /* from here on the incident speaks */
		return;
	}
	if (p->kind == PROPOSE_OPEN)
		judge_recalled(d, p->since_ms);
	if (p->kind != PROPOSE_OPEN && (!told->recalled || has_ended(d, now)))
		told->pending = false; /* who has just begun has not seen it yet */
	if (!told->standing) {
		if (p->kind == PROPOSE_OPEN && expect(d, p->since_ms, now) >= PATIENCE_MS)
			begin(d, p->level, told->detected_ms, now);
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
		*dark = (struct incident_desk_dark){
			.since = now, .heard = notify_reached(d->notify)};
	judge_recalled(d, dark->since.wall_ms);
	dark_ms = instant_age_ms(dark->since, now);
	if (incidents_current(d->is, &d->cluster) != NULL ||
		(told->standing && told->level == LEVEL_P0))
		return;
	if (!told->standing)
		expect(d, dark->since.wall_ms, now);
	if (dark_ms < PATIENCE_MS || !link_is_proven(d, now))
		return;
	snprintf(dark->text, sizeof(dark->text),
		_("nothing of the cluster has answered %.60s for %lld s, while this receiver does: "
		  "all of it is down, or the way to it (link, VPN, firewall)"),
		d->by.host, (long long)(dark_ms / 1000));
	if (told->standing)
		change(d, LEVEL_P0, now);
	else
		begin(d, LEVEL_P0, told->detected_ms, now);
}

void incident_desk_recall(struct incident_desk *d)
{
	struct incident_desk_announced *told = &d->announced;
	enum level level = LEVEL_NONE, worst = LEVEL_NONE;
	char note[LEAD_NOTE];
	struct js *left;
	int64_t detected_ms;

	lead_note(d->lead, note);
	left = js_parse(note, strlen(note), NULL);
	detected_ms = js_int(left, "detected_ms", 0);
	told->standing = detected_ms > 0 && level_parse(js_text_or(left, "level", ""), &level) &&
			 level_parse(js_text_or(left, "worst", ""), &worst);
	told->pending = detected_ms > 0 && !js_at(left, "level");
	if (told->standing || told->pending) {
		if (told->detected_ms != detected_ms)
			*told = (struct incident_desk_announced){
				.standing = told->standing, .pending = told->pending};
		told->detected_ms = detected_ms;
		told->level = level;
		told->worst = worst;
		told->changes = (unsigned)js_int(left, "changes", 0);
		told->seen_ms = js_int(left, "seen_ms", 0);
		told->recalled = true;
	}
	js_free(left);
}

void incident_desk_leave_word(struct incident_desk *d, struct instant now)
{
	struct incident_desk_announced *told = &d->announced;
	char note[LEAD_NOTE] = "";

	if (!told->recalled &&
		(d->verdict.dark || (d->verdict.known && d->verdict.now != LEVEL_NONE)))
		told->seen_ms = now.wall_ms - now.wall_ms % SEEN_STEP_MS;
	if (told->standing)
		snprintf(note, sizeof(note),
			"{\"level\":\"%s\",\"worst\":\"%s\",\"changes\":%u,\"detected_ms\":%lld,"
			"\"seen_ms\":%lld}",
			level_name(told->level), level_name(told->worst), told->changes,
			(long long)told->detected_ms, (long long)told->seen_ms);
	else if (told->pending)
		snprintf(note, sizeof(note), "{\"detected_ms\":%lld,\"seen_ms\":%lld}",
			(long long)told->detected_ms, (long long)told->seen_ms);
	lead_leave_note(d->lead, note, now);
}

void incident_desk_date_proposal(struct incident_desk *d)
{
	const struct incident_desk_announced *told = &d->announced;
	struct proposal *p = &d->watch.proposal;

	if (told->standing && p->kind == PROPOSE_OPEN && told->detected_ms < p->since_ms &&
		is_same(d, p->since_ms))
		p->since_ms = told->detected_ms;
}

bool incident_desk_was_announced(const struct incident_desk *d, const struct incident *i)
{
	return d->announced.detected_ms != 0 && !d->announced.pending && i->reopened == 0 &&
	       llabs(i->time[INCIDENT_DETECTED].at_ms - d->announced.detected_ms) <= SAME_MS;
}
