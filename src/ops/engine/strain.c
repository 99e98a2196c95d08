/* Each thing is said for a minute after it ended; the worst first. */
#include "ops/engine/strain.h"

#include <stdio.h>

#include "base/i18n.h"
#include "base/log.h"
#include "base/str.h"
#include "model/command.h"

#define STOOD_STILL_MS 2000  /* so long between two turns, which are a tenth of a second apart */
#define QUEUE_MS       10000 /* workers that are all busy for so long hang */
#define FULL_MS        5000  /* a queue that was full so lately is so still */
#define SAY_MS         60000 /* how long a strain is said after it ended */

void strain_init(struct strain *s, struct control_plane *control_plane, struct alert_watch *alerts,
	struct pool *pool)
{
	*s = (struct strain){.control_plane = control_plane, .alerts = alerts, .pool = pool};
}

static void questions_woke(struct strain *s, int64_t ms, struct instant now)
{
	struct control_plane *c = s->control_plane;

	api_watch_woke(c->place->api, ms, now);
	etcd_watch_woke(c->etcd, ms, now);
	node_watch_woke(c->nodes, ms, now);
	question_woke(&s->alerts->question, ms, now);
	for (size_t i = 0; i < SIDE_COUNT; i++)
		question_woke(&c->place->sides.at[i], ms, now);
}

void strain_turned(struct strain *s, struct instant now)
{
	int64_t ms = instant_age_ms(s->turned, now);

	s->turned = now;
	if (ms < STOOD_STILL_MS)
		return;
	s->woke = now;
	s->stood_ms = ms;
	questions_woke(s, ms, now);
	log_put(LOG_WARN, "engine", "k911 itself stood still for %lld.%lld s: ages begin anew",
		(long long)ms / 1000, (long long)ms % 1000 / 100);
}

static bool answered_since(const struct question *q, struct instant then)
{
	return q->probe.at.boot_ms >= then.boot_ms;
}

bool strain_is_settled(const struct strain *s, struct instant now)
{
	const struct control_plane *c = s->control_plane;
	const struct api_watch *api = c->place->api;
	struct instant woke = s->woke;
	bool all = answered_since(&c->place->sides.at[SIDE_PULSE], woke);

	if (woke.boot_ms == 0 || instant_age_ms(woke, now) >= LIMIT_SILENCE_MS)
		return true;
	for (size_t i = 0; i < api->n; i++)
		all = all && answered_since(&api->at[i].live, woke);
	for (size_t i = 0; i < c->etcd->state.n; i++)
		all = all && (c->etcd->credentials.state != ETCD_CREDENTIALS_FOUND ||
				     answered_since(&c->etcd->at[i].status, woke));
	for (size_t i = 0; i < c->nodes->n; i++)
		all = all &&
		      (!c->nodes->at[i].ever || answered_since(&c->nodes->at[i].round, woke));
	return all;
}

/* ---- saying it ---- */

/* The last answer that was given up, of all that count for a level. */
static struct instant last_lost(const struct control_plane *c)
{
	const struct api_watch *api = c->place->api;
	struct instant most = {0};

	for (size_t i = 0; i < api->n; i++)
		most = instant_later(
			most, instant_later(api->at[i].live.lost, api->at[i].ready.lost));
	for (size_t i = 0; i < c->etcd->state.n; i++)
		most = instant_later(most, c->etcd->at[i].status.lost);
	for (size_t i = 0; i < c->nodes->n; i++)
		most = instant_later(most, c->nodes->at[i].round.lost);
	for (size_t i = 0; i < SIDE_COUNT; i++)
		most = instant_later(most, c->place->sides.at[i].lost);
	return most;
}

static bool is_recent(struct instant then, struct instant now, int64_t within_ms)
{
	int64_t age_ms = instant_age_ms(then, now);

	return age_ms >= 0 && age_ms < within_ms;
}

/* The screen stood still, and looks again. */
static void tell_missed(struct strain *s)
{
	struct mailbox *notices = s->control_plane->notices;
	uint64_t missed = mailbox_load(notices).refused, more = missed - s->missed;

	if (more == 0 || mailbox_load(notices).waiting > 0)
		return;
	s->missed = missed;
	notice_say(notices, NOTICE_WARN,
		_("%llu messages found no room on the screen: they are in the log"),
		(unsigned long long)more);
}

void strain_look(struct strain *s, struct instant now)
{
	uint64_t refused = pool_load(s->pool).refused;

	if (pool_load(s->pool).waiting == 0 || s->pool_idle.boot_ms == 0)
		s->pool_idle = now;
	if (refused != s->refused_jobs || instant_age_ms(s->pool_idle, now) >= QUEUE_MS)
		s->pool_full = now;
	s->refused_jobs = refused;
	tell_missed(s);
}

void strain_fill(const struct strain *s, struct source *probes, struct instant now)
{
	struct instant lost = last_lost(s->control_plane);
	bool settled = strain_is_settled(s, now);
	char age[32];

	probes->state =
		settled && !is_recent(s->pool_full, now, FULL_MS) ? SOURCE_LIVE : SOURCE_STALE;
	probes->good = settled ? now : s->woke;
	if (is_recent(s->pool_full, now, SAY_MS)) {
		str_copy(probes->error, sizeof(probes->error),
			_("too much is being asked at once: some probes wait for a worker"));
	} else if (is_recent(lost, now, SAY_MS)) {
		snprintf(probes->error, sizeof(probes->error),
			_("an answer was lost on this console's own side %s ago"),
			instant_age(instant_age_ms(lost, now), age, sizeof(age)));
	} else if (is_recent(s->woke, now, SAY_MS)) {
		snprintf(probes->error, sizeof(probes->error),
			_("this console itself stood still for %lld s, %s ago"),
			(long long)s->stood_ms / 1000,
			instant_age(instant_age_ms(s->woke, now), age, sizeof(age)));
	}
}
