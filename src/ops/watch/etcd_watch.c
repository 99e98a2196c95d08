/* The members are asked one by one, because a member that hangs or lives in another cluster must
 * not speak for the others. The list of members is believed only from one that belongs to the
 * majority's cluster: a member that came back on an empty disk lists only itself and is green in
 * every naive check. */
#include "ops/watch/etcd_watch.h"

#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "ops/watch/etcd_members.h"

#define MEMBERS_EVERY_MS 10000
#define ALARMS_EVERY_MS  10000
#define READ_EVERY_MS    5000
#define READ_RAREST_MS   10000
#define OTHER_RAREST_MS  60000
#define TOTAL_MS         5000
#define FRESH_MS         5000 /* an answer so young is of now */

struct etcd_letter {
	struct letter letter;
	uint64_t asking;
	struct err err;
	int64_t latency_us, retry_ms;
	struct etcd_answer answer;
};

static void on_answer(void *arg, const struct err *err, const struct http_result *result,
	const struct etcd_answer *answer)
{
	struct etcd_letter *x = arg;

	x->answer = *answer;
	x->err = *err;
	x->latency_us = result ? result->total_us : -1;
	x->retry_ms = result ? http_retry_ms(result) : 0;
	letter_answer(&x->letter);
}

static void hear(void *room, struct letter *l, struct instant now);

static void ask(
	struct etcd_watch *w, const struct etcd_target *t, enum etcd_what what, uint64_t asking)
{
	struct etcd_letter *x = mem_new(struct etcd_letter);

	x->letter.drop = letter_free;
	x->letter.to = (struct hearer){.box = w->to, .hear = hear, .room = w};
	x->asking = asking;
	etcd_ask(w->http, t, what, on_answer, x);
}

static struct etcd_watch_member *watch_of(struct etcd_watch *w, const struct etcd_member *m)
{
	return &w->at[m - w->state.members];
}

/* What is asked of the cluster as a whole begins anew. */
static void begin(struct etcd_watch *w)
{
	question_init(&w->members, MEMBERS_EVERY_MS);
	question_backs_off(&w->members, OTHER_RAREST_MS);
	question_init(&w->alarms, ALARMS_EVERY_MS);
	question_backs_off(&w->alarms, OTHER_RAREST_MS);
	question_init(&w->read, READ_EVERY_MS);
	question_backs_off(&w->read, READ_RAREST_MS);
	etcd_hash_init(&w->hash, w->slow_fsync_us);
}

void etcd_watch_init(struct etcd_watch *w, struct http *http, struct pool *pool,
	struct node_shell *shell, struct mailbox *to, const struct etcd_watch_options *o)
{
	const char *const files[3] = {o->cacert, o->cert, o->key};

	memset(w, 0, sizeof(*w));
	w->http = http;
	w->to = to;
	w->state.read_us = -1;
	w->slow_fsync_us = o->slow_fsync_us;
	w->credentials = (struct etcd_credentials){.pool = pool, .shell = shell, .to = to};
	etcd_credentials_init(&w->credentials, files, o->pki_dir);
	begin(w);
	for (size_t i = 0; o->endpoints && o->endpoints[i]; i++)
		etcd_members_configure(w, o->endpoints[i]);
}

void etcd_watch_done(struct etcd_watch *w)
{
	etcd_credentials_done(&w->credentials);
}

void etcd_watch_forget_all(struct etcd_watch *w)
{
	etcd_members_forget_all(w);
	begin(w); /* what was asked is not awaited */
	etcd_credentials_forget(&w->credentials);
}

/* Asking. */

static struct etcd_target target_of(const struct etcd_watch *w, const char *url, bool fresh)
{
	return (struct etcd_target){
		.url = url, .tls = w->credentials.tls, .total_ms = TOTAL_MS, .fresh = fresh};
}

static void tick_member(struct etcd_watch *w, size_t i, struct instant now)
{
	struct etcd_member *m = &w->state.members[i];
	struct etcd_watch_member *x = &w->at[i];
	struct etcd_target t = target_of(w, m->client_url, x->fresh);

	if (m->client_url[0] && question_due(&x->status, now))
		ask(w, &t, ETCD_STATUS, question_asked(&x->status, now));
	if (etcd_answers(m) && question_due(&x->metrics, now)) {
		t.fresh = false;
		ask(w, &t, ETCD_METRICS, question_asked(&x->metrics, now));
	}
	/* A member that waits for quorum answers on its peer port alone (FACTS 0.2). */
	if ((m->health == ETCD_SILENT || m->health == ETCD_DOWN) && x->status.silent.boot_ms != 0 &&
		m->peer_url[0] && question_due(&x->peer, now)) {
		struct etcd_target p = target_of(w, m->peer_url, true);

		ask(w, &p, ETCD_PEER, question_asked(&x->peer, now));
	}
}

/* One that belongs to the majority's cluster and answers; the leader first. */
static const struct etcd_member *spokesman(const struct etcd_watch *w)
{
	const struct etcd_member *best = NULL;

	for (size_t i = 0; i < w->state.n; i++) {
		const struct etcd_member *m = &w->state.members[i];

		if (m->foreign || m->learner || !etcd_answers(m))
			continue;
		if (!best || (m->health == ETCD_HEALTHY && best->health != ETCD_HEALTHY) ||
			(m->leader && !best->leader))
			best = m;
	}
	return best;
}

/* Metrics that ceased say nothing of a disk now; nor do alarms that can no longer be read. */
static bool health_is_known(const struct etcd_watch *w)
{
	if (w->alarms.probe.state != PROBE_OK)
		return false;
	for (size_t i = 0; i < w->state.n; i++)
		if (w->at[i].metrics.probe.state != PROBE_OK)
			return false;
	return true;
}

static void tick_hash(struct etcd_watch *w, struct instant now)
{
	struct etcd_target t;
	int i;

	if (!health_is_known(w)) {
		etcd_hash_disturbed(&w->hash);
		return;
	}
	i = etcd_hash_next(&w->hash, &w->state, now);
	if (i < 0)
		return;
	t = target_of(w, w->state.members[i].client_url, false);
	t.revision = w->hash.revision;
	ask(w, &t, ETCD_HASH, question_asked(&w->hash.question, now));
}

static void tick_cluster(struct etcd_watch *w, struct instant now)
{
	const struct etcd_member *m = spokesman(w);
	struct etcd_target t;

	if (!m)
		return;
	t = target_of(w, m->client_url, false);
	if (question_due(&w->members, now))
		ask(w, &t, ETCD_MEMBERS, question_asked(&w->members, now));
	if (question_due(&w->alarms, now))
		ask(w, &t, ETCD_ALARMS, question_asked(&w->alarms, now));
	if (question_due(&w->read, now))
		ask(w, &t, ETCD_READ, question_asked(&w->read, now));
}

static void judge_member(struct etcd_member *m, const struct etcd_watch_member *x)
{
	const struct probe *p = &x->status.probe;

	switch (p->state) {
	case PROBE_SILENT:
		m->health = ETCD_SILENT;
		break;
	case PROBE_FAILED:
		m->health = ETCD_DOWN;
		break;
	case PROBE_OK:
	case PROBE_WARN:
		m->health = m->leader_id == 0 || m->errors[0] || m->alarms || m->foreign
				    ? ETCD_UNHEALTHY
				    : ETCD_HEALTHY;
		break;
	case PROBE_NEVER:
	case PROBE_SKIPPED:
		m->health = ETCD_UNKNOWN;
		break;
	}
	m->silent_since = p->since;
	if (p->state != PROBE_SILENT || p->text[0])
		str_copy(m->error, sizeof(m->error), p->text);
}

/* What a disk did before its member or its metrics ceased says nothing of now: it counts neither as
 * slow nor as quick. */
static void forget_the_disk(struct etcd_member *m, const struct etcd_watch_member *x)
{
	if (!etcd_answers(m) || x->metrics.probe.state != PROBE_OK)
		m->fsync_p99_us = -1;
}

static void judge(struct etcd_watch *w)
{
	struct etcd_state *s = &w->state;

	s->read_us = w->read.probe.state == PROBE_OK ? w->read.probe.latency_us : -1;
	str_copy(s->read_error, sizeof(s->read_error), w->read.probe.text);
	for (size_t i = 0; i < s->n; i++)
		judge_member(&s->members[i], &w->at[i]);
	etcd_judge(s);
	for (size_t i = 0; i < s->n; i++) {
		struct etcd_member *m = &s->members[i];

		forget_the_disk(m, &w->at[i]);
		m->leader = m->id != 0 && m->id == s->leader_id && !m->foreign;
		if (m->foreign)
			m->health = m->health == ETCD_HEALTHY ? ETCD_UNHEALTHY : m->health;
	}
}

static void seek(struct etcd_watch *w, struct instant now, const struct node_watch *nodes)
{
	const char *named[ETCD_MAX_MEMBERS];
	size_t n = 0;

	for (size_t i = 0; i < w->state.n; i++)
		if (w->at[i].configured)
			named[n++] = w->state.members[i].address;
	if (w->state.n > 0)
		etcd_credentials_seek(&w->credentials, now, nodes, named, n);
}

void etcd_watch_tick(struct etcd_watch *w, struct instant now, const struct node_watch *nodes)
{
	if (w->credentials.state != ETCD_CREDENTIALS_FOUND) {
		seek(w, now, nodes);
		return;
	}
	for (size_t i = 0; i < w->state.n; i++)
		if (!w->at[i].remembered || nodes->remembered == REMEMBERED_PROVE)
			tick_member(w, i, now);
	tick_cluster(w, now);
	tick_hash(w, now);
	for (size_t i = 0; i < w->state.n; i++)
		question_wait(&w->at[i].status, now);
	question_wait(&w->read, now);
	judge(w);
}

void etcd_watch_ask_all(struct etcd_watch *w)
{
	struct question *all[] = {&w->members, &w->alarms, &w->read};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		question_again(all[i]);
	for (size_t i = 0; i < w->state.n; i++)
		question_again(&w->at[i].status);
	w->credentials.vain = 0;
}

void etcd_watch_woke(struct etcd_watch *w, int64_t ms, struct instant now)
{
	struct question *all[] = {
		&w->credentials.search, &w->members, &w->alarms, &w->read, &w->hash.question};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		question_woke(all[i], ms, now);
	etcd_hash_disturbed(&w->hash); /* how they are now is not known yet */
	for (size_t i = 0; i < w->state.n; i++) {
		question_woke(&w->at[i].status, ms, now);
		question_woke(&w->at[i].metrics, ms, now);
		question_woke(&w->at[i].peer, ms, now);
	}
}

/* Hearing. */

static void answered(struct question *q, const struct etcd_letter *x, struct instant now)
{
	question_answered(q, now, &x->err, x->latency_us);
	question_hold(q, now, x->retry_ms);
}

static void hear_status(struct etcd_watch *w, struct etcd_member *m, const struct etcd_letter *x,
	struct instant now)
{
	struct etcd_watch_member *watch = watch_of(w, m);
	const struct etcd_status_answer *a = &x->answer.status;

	answered(&watch->status, x, now);
	watch->fresh = x->err.code != ERR_NONE;
	if (x->err.code != ERR_NONE)
		return;
	m->rolled_back = (m->rolled_back || (a->revision < m->revision && m->revision > 0)) &&
			 a->revision <= m->revision;
	m->id = a->member_id;
	m->cluster_id = a->cluster_id;
	m->leader_id = a->leader_id;
	m->raft_term = a->raft_term;
	m->raft_index = a->raft_index;
	m->raft_applied = a->raft_applied;
	m->revision = a->revision;
	m->db_bytes = a->db_bytes;
	m->db_used_bytes = a->db_used_bytes;
	if (a->quota_bytes >= 0)
		m->quota_bytes = a->quota_bytes;
	m->learner = a->learner;
	m->latency_us = x->latency_us;
	m->good = now;
	str_copy(m->version, sizeof(m->version), a->version);
	str_copy(m->errors, sizeof(m->errors), a->errors);
}

static void hear_metrics(struct etcd_watch *w, struct etcd_member *m, const struct etcd_letter *x,
	struct instant now)
{
	struct etcd_watch_member *watch = watch_of(w, m);
	const struct etcd_metrics *a = &x->answer.metrics;

	answered(&watch->metrics, x, now);
	if (x->err.code != ERR_NONE)
		return;
	m->fsync_p99_us = etcd_histogram_p99_us(&a->fsync, &watch->fsync);
	watch->fsync = a->fsync;
	m->leader_changes = a->leader_changes;
	if (m->quota_bytes < 0)
		m->quota_bytes = a->quota_bytes;
}

static void hear_peer(struct etcd_watch *w, struct etcd_member *m, const struct etcd_letter *x,
	struct instant now)
{
	struct etcd_watch_member *watch = watch_of(w, m);

	answered(&watch->peer, x, now);
	if (x->err.code == ERR_NONE && probe_is_bad(&watch->status.probe))
		str_copy(watch->status.probe.text, sizeof(watch->status.probe.text),
			_("waits for quorum: its peer port answers, its client port does not"));
}

static void hear_members(struct etcd_watch *w, const struct etcd_letter *x, struct instant now)
{
	const struct etcd_members_answer *a = &x->answer.members;

	answered(&w->members, x, now);
	if (x->err.code == ERR_NONE &&
		(w->state.cluster_id == 0 || a->cluster_id == w->state.cluster_id))
		etcd_members_listed(w, a);
}

static void hear_alarms(struct etcd_watch *w, const struct etcd_letter *x, struct instant now)
{
	answered(&w->alarms, x, now);
	if (x->err.code != ERR_NONE)
		return;
	for (size_t i = 0; i < w->state.n; i++) {
		w->state.members[i].alarms = 0;
		for (size_t k = 0; k < x->answer.alarms.n; k++)
			if (x->answer.alarms.alarms[k].member == w->state.members[i].id)
				w->state.members[i].alarms |= x->answer.alarms.alarms[k].alarm;
	}
}

static void hear_hash(struct etcd_watch *w, const struct etcd_letter *x, struct instant now)
{
	answered(&w->hash.question, x, now);
	etcd_hash_heard(&w->hash, &w->state, x->err.code == ERR_NONE ? &x->answer.hash : NULL);
}

static bool member_awaits(const struct etcd_watch_member *m, const struct etcd_letter *x)
{
	switch (x->answer.what) {
	case ETCD_STATUS:
		return question_awaits(&m->status, x->asking);
	case ETCD_METRICS:
		return question_awaits(&m->metrics, x->asking);
	case ETCD_PEER:
		return question_awaits(&m->peer, x->asking);
	case ETCD_MEMBERS:
	case ETCD_ALARMS:
	case ETCD_READ:
	case ETCD_HASH:
		break;
	}
	return false;
}

/* The member that awaits this answer; NULL: it is gone, or no longer waits. */
static struct etcd_member *member_asked(struct etcd_watch *w, const struct etcd_letter *x)
{
	for (size_t i = 0; i < w->state.n; i++)
		if (member_awaits(&w->at[i], x))
			return &w->state.members[i];
	return NULL;
}

static void hear_member(struct etcd_watch *w, struct etcd_member *m, const struct etcd_letter *x,
	struct instant now)
{
	if (x->answer.what == ETCD_STATUS)
		hear_status(w, m, x, now);
	else if (x->answer.what == ETCD_METRICS)
		hear_metrics(w, m, x, now);
	else if (x->answer.what == ETCD_PEER)
		hear_peer(w, m, x, now);
}

static void hear(void *room, struct letter *l, struct instant now)
{
	struct etcd_watch *w = room;
	const struct etcd_letter *x = (const struct etcd_letter *)l;
	struct etcd_member *m;

	if (question_awaits(&w->members, x->asking))
		hear_members(w, x, now);
	else if (question_awaits(&w->alarms, x->asking))
		hear_alarms(w, x, now);
	else if (question_awaits(&w->read, x->asking))
		answered(&w->read, x, now);
	else if (question_awaits(&w->hash.question, x->asking))
		hear_hash(w, x, now);
	else if ((m = member_asked(w, x)) != NULL)
		hear_member(w, m, x, now);
	judge(w);
}

void etcd_watch_fill(const struct etcd_watch *w, struct snapshot *s)
{
	struct source *src = &s->sources[SOURCE_ETCD];

	s->etcd = w->state;
	*src = w->source;
	for (size_t i = 0; i < w->state.n; i++) {
		struct instant good = w->state.members[i].good;

		if (good.boot_ms == 0 ||
			(src->good.boot_ms != 0 && good.boot_ms <= src->good.boot_ms))
			continue;
		src->good = good;
		src->saved = false;
	}
	if (src->good.boot_ms != 0 && !src->saved)
		src->state =
			instant_age_ms(src->good, s->at) < FRESH_MS ? SOURCE_LIVE : SOURCE_STALE;
	if (w->credentials.state != ETCD_CREDENTIALS_FOUND)
		str_copy(src->error, sizeof(src->error), w->credentials.from);
}
