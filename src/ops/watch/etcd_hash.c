/* The hash of the whole key space tells whether the members hold the same. It is also the heaviest
 * thing that can be asked of a member: it reads its whole database. So it is asked of none while
 * anything about etcd or its disks is not well, nor soon after, and never of two members at once.
 * All of a round are asked for the same revision; hashes taken before and after a compaction differ
 * in healthy members too, so a round that saw one says nothing. */
#include "ops/watch/etcd_hash.h"

#include <string.h>

#define HASH_EVERY_MS  600000
#define HASH_STEP_MS   10000 /* from one member to the next */
#define HASH_RAREST_MS 3600000
#define HASH_WELL_MS   120000               /* so long all must have been well */
#define HASH_BYTES_MAX (INT64_C(512) << 20) /* larger ones are not read for this */
#define HASH_READ_US   500000               /* who answers no faster has enough to do */

void etcd_hash_init(struct etcd_hash *h, int64_t fsync_us)
{
	memset(h, 0, sizeof(*h));
	h->fsync_us = fsync_us;
	question_init(&h->question, HASH_EVERY_MS);
	question_backs_off(&h->question, HASH_RAREST_MS);
}

static void end_round(struct etcd_hash *h)
{
	h->n = 0;
	h->question.every_ms = HASH_EVERY_MS;
}

void etcd_hash_disturbed(struct etcd_hash *h)
{
	h->well = (struct instant){0};
	end_round(h);
}

static bool is_quick(int64_t us, int64_t limit_us)
{
	return us >= 0 && us < limit_us;
}

static bool is_well(const struct etcd_member *m, int64_t fsync_us)
{
	return m->health == ETCD_HEALTHY && !m->learner && m->id != 0 && m->revision > 0 &&
	       m->db_bytes >= 0 && m->db_bytes <= HASH_BYTES_MAX &&
	       is_quick(m->fsync_p99_us, fsync_us) && is_quick(m->latency_us, HASH_READ_US);
}

static bool may_be_asked(const struct etcd_state *s, int64_t fsync_us)
{
	if (s->n == 0 || s->quorum != ETCD_QUORUM_OK || s->split || s->alarms != 0 ||
		!is_quick(s->read_us, HASH_READ_US))
		return false;
	for (size_t i = 0; i < s->n; i++)
		if (!is_well(&s->members[i], fsync_us))
			return false;
	return true;
}

static int64_t least_revision(const struct etcd_state *s)
{
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < s->n; i++)
		if (s->members[i].revision < least)
			least = s->members[i].revision;
	return least;
}

static bool was_asked(const struct etcd_hash *h, uint64_t member)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->told[i].member == member)
			return true;
	return false;
}

/* The first that this round has not asked; -1: it is complete. */
static int whose_turn(const struct etcd_hash *h, const struct etcd_state *s)
{
	for (size_t i = 0; i < s->n && h->n < ETCD_MAX_MEMBERS; i++)
		if (!was_asked(h, s->members[i].id))
			return (int)i;
	return -1;
}

int etcd_hash_next(struct etcd_hash *h, const struct etcd_state *s, struct instant now)
{
	int i;

	if (!may_be_asked(s, h->fsync_us)) {
		etcd_hash_disturbed(h);
		return -1;
	}
	if (h->well.boot_ms == 0)
		h->well = now;
	if (instant_age_ms(h->well, now) < HASH_WELL_MS || !question_due(&h->question, now))
		return -1;
	i = whose_turn(h, s);
	if (i < 0) { /* who was left has gone */
		end_round(h);
		return -1;
	}
	if (h->n == 0)
		h->revision = least_revision(s);
	h->told[h->n++] = (struct etcd_hash_told){.member = s->members[i].id};
	h->question.every_ms = HASH_STEP_MS;
	return i;
}

static bool saw_a_compaction(const struct etcd_hash *h)
{
	for (size_t i = 1; i < h->n; i++)
		if (h->told[i].compact_revision != h->told[0].compact_revision)
			return true;
	return false;
}

static void publish(const struct etcd_hash *h, struct etcd_state *s)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < h->n; k++)
			if (s->members[i].id == h->told[k].member) {
				s->members[i].kv_hash = h->told[k].hash;
				s->members[i].hash_revision = h->revision;
			}
}

void etcd_hash_heard(
	struct etcd_hash *h, struct etcd_state *s, const struct etcd_hash_answer *answer)
{
	if (h->n == 0)
		return; /* of a round that was given up */
	if (!answer) {
		end_round(h);
		return;
	}
	h->told[h->n - 1].hash = answer->hash;
	h->told[h->n - 1].compact_revision = answer->compact_revision;
	if (whose_turn(h, s) >= 0)
		return;
	if (!saw_a_compaction(h))
		publish(h, s);
	end_round(h);
}
