/* What this console itself could not do, so that it is not taken for the cluster's fault: moments
 * in which the engine's thread stood still (a slow disk, a suspended laptop, a stopped process),
 * queues that were full, answers that were lost on the way. It is said in the sources. */
#include <stdio.h>

#include "base/i18n.h"
#include "base/log.h"
#include "base/str.h"
#include "ops/engine/engine_parts.h"

#define STOOD_STILL_MS 2000  /* so long between two turns, which are a tenth of a second apart */
#define QUEUE_MS       10000 /* workers that are all busy for so long hang */
#define FULL_MS        5000  /* a queue that was full so lately is so still */
#define SAY_MS         60000 /* how long a strain is said after it ended */

static void questions_woke(struct engine *en, int64_t ms, struct instant now)
{
	api_watch_woke(&en->api, ms, now);
	etcd_watch_woke(&en->etcd, ms, now);
	node_watch_woke(&en->nodes, ms, now);
	question_woke(&en->alerts.question, ms, now);
	for (size_t i = 0; i < SIDE_COUNT; i++)
		question_woke(&en->side[i], ms, now);
}

void engine_turned(struct engine *en, struct instant now)
{
	struct engine_strain *s = &en->strain;
	int64_t ms = instant_age_ms(s->turned, now);

	s->turned = now;
	if (ms < STOOD_STILL_MS)
		return;
	s->woke = now;
	s->stood_ms = ms;
	questions_woke(en, ms, now);
	log_put(LOG_WARN, "engine", "k911 itself stood still for %lld.%lld s: ages begin anew",
		(long long)ms / 1000, (long long)ms % 1000 / 100);
}

static bool answered_since(const struct question *q, struct instant then)
{
	return q->probe.at.boot_ms >= then.boot_ms;
}

bool engine_is_settled(const struct engine *en, struct instant now)
{
	struct instant woke = en->strain.woke;
	bool all = answered_since(&en->side[SIDE_PULSE], woke);

	if (woke.boot_ms == 0 || instant_age_ms(woke, now) >= LIMIT_SILENCE_MS)
		return true;
	for (size_t i = 0; i < en->api.n; i++)
		all = all && answered_since(&en->api.at[i].live, woke);
	for (size_t i = 0; i < en->etcd.state.n; i++)
		all = all && (en->etcd.credentials.state != ETCD_CREDENTIALS_FOUND ||
				     answered_since(&en->etcd.at[i].status, woke));
	for (size_t i = 0; i < en->nodes.n; i++)
		all = all &&
		      (!en->nodes.at[i].ever || answered_since(&en->nodes.at[i].round, woke));
	return all;
}

/* ---- saying it ---- */

static void later(struct instant *most, const struct question *q)
{
	if (q->lost.boot_ms > most->boot_ms)
		*most = q->lost;
}

/* The last answer that was given up, of all that count for a level. */
static struct instant last_lost(const struct engine *en)
{
	struct instant most = {0};

	for (size_t i = 0; i < en->api.n; i++) {
		later(&most, &en->api.at[i].live);
		later(&most, &en->api.at[i].ready);
	}
	for (size_t i = 0; i < en->etcd.state.n; i++)
		later(&most, &en->etcd.at[i].status);
	for (size_t i = 0; i < en->nodes.n; i++)
		later(&most, &en->nodes.at[i].round);
	for (size_t i = 0; i < SIDE_COUNT; i++)
		later(&most, &en->side[i]);
	return most;
}

static bool is_recent(struct instant then, struct instant now, int64_t within_ms)
{
	int64_t age_ms = instant_age_ms(then, now);

	return age_ms >= 0 && age_ms < within_ms;
}

/* The screen stood still, and looks again. */
static void tell_missed(struct engine *en)
{
	uint64_t missed = mailbox_refused(en->notices), more = missed - en->strain.missed;

	if (more == 0 || mailbox_waiting(en->notices) > 0)
		return;
	en->strain.missed = missed;
	notice_say(en->notices, NOTICE_WARN,
		_("%llu messages found no room on the screen: they are in the log"),
		(unsigned long long)more);
}

void engine_strain_look(struct engine *en, struct instant now)
{
	struct engine_strain *s = &en->strain;
	uint64_t refused = pool_refused(en->pool);

	if (pool_waiting(en->pool) == 0 || s->pool_idle.boot_ms == 0)
		s->pool_idle = now;
	if (refused != s->refused_jobs || instant_age_ms(s->pool_idle, now) >= QUEUE_MS)
		s->pool_full = now;
	s->refused_jobs = refused;
	tell_missed(en);
}

void engine_strain_fill(const struct engine *en, struct source *probes, struct instant now)
{
	const struct engine_strain *s = &en->strain;
	bool settled = engine_is_settled(en, now);
	char age[32];

	probes->state =
		settled && !is_recent(s->pool_full, now, FULL_MS) ? SOURCE_LIVE : SOURCE_STALE;
	probes->good = settled ? now : s->woke;
	if (is_recent(s->pool_full, now, SAY_MS)) {
		str_copy(probes->error, sizeof(probes->error),
			_("too much is being asked at once: some probes wait for a worker"));
	} else if (is_recent(last_lost(en), now, SAY_MS)) {
		snprintf(probes->error, sizeof(probes->error),
			_("an answer was lost on this console's own side %s ago"),
			instant_age(instant_age_ms(last_lost(en), now), age, sizeof(age)));
	} else if (is_recent(s->woke, now, SAY_MS)) {
		snprintf(probes->error, sizeof(probes->error),
			_("this console itself stood still for %lld s, %s ago"),
			(long long)s->stood_ms / 1000,
			instant_age(instant_age_ms(s->woke, now), age, sizeof(age)));
	}
}
