/* What the members' own answers add up to.
 *
 * Three questions are kept apart. Who takes part in consensus: a voter that answers and knows a
 * leader, whatever alarm it raises. Is there quorum: enough such voters, or a linearizable read
 * that just succeeded (nothing else proves more); lost only when even the members nobody could ask
 * would not be enough. Is there one cluster: every answer with the same cluster id, one leader in
 * each term, equal hashes at equal revisions. */
#include "model/etcd_state.h"

#include "base/i18n.h"

static const char *const check_words[] = {
	[ETCD_UNKNOWN] = N_("unknown"),
	[ETCD_HEALTHY] = N_("healthy"),
	[ETCD_UNHEALTHY] = N_("unhealthy"),
	[ETCD_SILENT] = N_("no answer"),
	[ETCD_DOWN] = N_("down"),
};

const char *etcd_health_word(enum etcd_health h)
{
	return (unsigned)h <= ETCD_DOWN ? check_words[h] : check_words[ETCD_UNKNOWN];
}

int etcd_quorum_of(int voters)
{
	return voters / 2 + 1;
}

bool etcd_answers(const struct etcd_member *m)
{
	return m->health == ETCD_HEALTHY || m->health == ETCD_UNHEALTHY;
}

static bool takes_part(const struct etcd_member *m)
{
	return m->health == ETCD_HEALTHY || (m->health == ETCD_UNHEALTHY && m->leader_id != 0);
}

static bool any_listed(const struct etcd_state *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->members[i].listed)
			return true;
	return false;
}

/* The cluster id most members name; among equals the first's. */
static uint64_t common_cluster(const struct etcd_state *s)
{
	uint64_t best = 0;
	size_t best_votes = 0;

	for (size_t i = 0; i < s->n; i++) {
		size_t votes = 0;
		for (size_t j = 0; j < s->n; j++)
			votes += s->members[j].cluster_id == s->members[i].cluster_id;
		if (s->members[i].cluster_id != 0 && votes > best_votes) {
			best = s->members[i].cluster_id;
			best_votes = votes;
		}
	}
	return best;
}

static void mark_foreign(struct etcd_state *s)
{
	s->cluster_id = common_cluster(s);
	for (size_t i = 0; i < s->n; i++) {
		struct etcd_member *m = &s->members[i];
		m->foreign = m->cluster_id != 0 && m->cluster_id != s->cluster_id;
		s->split = s->split || m->foreign;
	}
}

/* Counts the voters; gives how many of them nobody could ask. */
static int count_voters(struct etcd_state *s)
{
	bool listed = any_listed(s);
	int unseen = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct etcd_member *m = &s->members[i];
		if (m->learner || (listed && !m->listed))
			continue;
		s->voters++;
		s->healthy_voters += takes_part(m) && !m->foreign;
		unseen += m->health == ETCD_UNKNOWN;
	}
	return unseen;
}

static enum etcd_quorum judge_quorum(const struct etcd_state *s, int unseen)
{
	if (s->voters == 0)
		return ETCD_QUORUM_UNKNOWN;
	if (s->healthy_voters >= s->quorum_size || s->read_us >= 0)
		return ETCD_QUORUM_OK;
	return s->healthy_voters + unseen >= s->quorum_size ? ETCD_QUORUM_UNKNOWN
							    : ETCD_QUORUM_LOST;
}

/* The leader named in the highest term, and whether two are named in one. */
static void judge_leader(struct etcd_state *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct etcd_member *m = &s->members[i];
		if (!etcd_answers(m) || m->foreign)
			continue;
		if (m->raft_term > s->raft_term) {
			s->raft_term = m->raft_term;
			s->leader_id = 0;
		}
		if (m->raft_term == s->raft_term && m->leader_id != 0)
			s->leader_id = m->leader_id;
		for (size_t j = 0; j < i; j++) {
			const struct etcd_member *o = &s->members[j];
			if (etcd_answers(o) && !o->foreign && o->raft_term == m->raft_term &&
				o->leader_id != 0 && m->leader_id != 0 &&
				o->leader_id != m->leader_id)
				s->split = true;
		}
	}
}

static void judge_hashes(struct etcd_state *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct etcd_member *m = &s->members[i];
		s->alarms |= m->alarms;
		for (size_t j = 0; j < i; j++) {
			const struct etcd_member *o = &s->members[j];
			if (m->kv_hash != 0 && o->kv_hash != 0 && !m->foreign && !o->foreign &&
				m->hash_revision == o->hash_revision && m->kv_hash != o->kv_hash)
				s->corrupt = true;
		}
	}
	s->corrupt = s->corrupt || (s->alarms & ETCD_ALARM_CORRUPT) != 0;
}

static void measure_lag(struct etcd_state *s)
{
	uint64_t furthest = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct etcd_member *m = &s->members[i];
		if (etcd_answers(m) && !m->foreign && m->raft_index > furthest)
			furthest = m->raft_index;
	}
	for (size_t i = 0; i < s->n; i++) {
		struct etcd_member *m = &s->members[i];
		bool known = etcd_answers(m) && !m->foreign && m->raft_index > 0;
		m->lag = known ? (int64_t)(furthest - m->raft_index) : -1;
	}
}

void etcd_judge(struct etcd_state *s)
{
	int unseen;

	s->voters = s->healthy_voters = s->may_lose = 0;
	s->leader_id = s->raft_term = 0;
	s->split = s->corrupt = false;
	s->alarms = 0;
	mark_foreign(s);
	unseen = count_voters(s);
	s->quorum_size = s->voters > 0 ? etcd_quorum_of(s->voters) : 0;
	s->quorum = judge_quorum(s, unseen);
	if (s->healthy_voters > s->quorum_size)
		s->may_lose = s->healthy_voters - s->quorum_size;
	judge_leader(s);
	judge_hashes(s);
	measure_lag(s);
}
