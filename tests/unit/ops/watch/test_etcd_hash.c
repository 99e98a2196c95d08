/* Whom etcd's hash is asked of, when, and when it is not: what is told here is only the state and
 * the time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "ops/watch/etcd_hash.h"

#define FSYNC_US  100000
#define MINUTE_MS 60000
#define HOUR_MS   3600000
#define COMPACTED 50

struct stand {
	struct etcd_hash hash;
	struct etcd_state etcd;
	int64_t ms;
};

static struct instant at(int64_t ms)
{
	return (struct instant){.wall_ms = 1700000000000 + ms, .boot_ms = 1000000 + ms};
}

static void all_well(struct etcd_state *s)
{
	memset(s, 0, sizeof(*s));
	s->n = 3;
	s->quorum = ETCD_QUORUM_OK;
	s->read_us = 2000;
	for (size_t i = 0; i < s->n; i++) {
		struct etcd_member *m = &s->members[i];

		m->id = 11 + i;
		m->health = ETCD_HEALTHY;
		m->revision = 100 + (int64_t)i;
		m->latency_us = 1500;
		m->fsync_p99_us = 4000;
		m->db_bytes = 90 << 20;
	}
}

static void stand_begin(struct stand *t)
{
	all_well(&t->etcd);
	etcd_hash_init(&t->hash, FSYNC_US);
	t->ms = 0;
}

/* Asks whom it is to ask next, and never a second one meanwhile; -1: nobody, until then. */
static int ask(struct stand *t, int64_t until_ms)
{
	for (; t->ms < until_ms; t->ms += 500) {
		int i = etcd_hash_next(&t->hash, &t->etcd, at(t->ms));

		if (i < 0)
			continue;
		question_asked(&t->hash.question, at(t->ms));
		assert_int_equal(etcd_hash_next(&t->hash, &t->etcd, at(t->ms + 1)), -1);
		t->ms += 1000;
		return i;
	}
	return -1;
}

static void answer(struct stand *t, uint32_t hash, int64_t compacted)
{
	const struct etcd_hash_answer a = {.hash = hash, .compact_revision = compacted};
	struct err e;

	err_clear(&e);
	question_answered(&t->hash.question, at(t->ms), &e, 100000);
	etcd_hash_heard(&t->hash, &t->etcd, &a);
}

static void refuse(struct stand *t)
{
	struct err e;

	err_set(&e, ERR_SERVER, "mvcc: required revision has been compacted");
	question_answered(&t->hash.question, at(t->ms), &e, -1);
	etcd_hash_heard(&t->hash, &t->etcd, NULL);
}

/* How many are asked until then, all of whom answer. */
static int count(struct stand *t, int64_t until_ms)
{
	int n = 0;

	while (ask(t, until_ms) >= 0) {
		answer(t, 5, COMPACTED);
		n++;
	}
	return n;
}

static void assert_hashes(const struct stand *t, uint32_t first, uint32_t others, int64_t revision)
{
	for (size_t i = 0; i < t->etcd.n; i++) {
		assert_int_equal(t->etcd.members[i].kv_hash, i == 0 ? first : others);
		assert_int_equal(t->etcd.members[i].hash_revision, revision);
	}
}

static void test_it_is_not_asked_at_the_start_but_when_all_was_well_for_a_while(void **state)
{
	struct stand t;

	(void)state;
	stand_begin(&t);
	assert_int_equal(count(&t, 2 * MINUTE_MS), 0);
	assert_int_equal(count(&t, 4 * MINUTE_MS), 3);
	assert_int_equal(count(&t, 12 * MINUTE_MS), 0);
	assert_int_equal(count(&t, 15 * MINUTE_MS), 3);
}

static void test_members_are_asked_one_after_the_other_with_a_rest_between(void **state)
{
	struct stand t;

	(void)state;
	stand_begin(&t);
	for (int i = 0; i < 3; i++) {
		int64_t before = t.ms;

		assert_int_equal(ask(&t, HOUR_MS), i);
		assert_true(t.ms - before >= 10000);
		answer(&t, 5, COMPACTED);
	}
}

static void lose_quorum(struct etcd_state *s)
{
	s->quorum = ETCD_QUORUM_LOST;
}

static void raise_alarm(struct etcd_state *s)
{
	s->alarms = ETCD_ALARM_NOSPACE;
}

static void slow_disk(struct etcd_state *s)
{
	s->members[2].fsync_p99_us = FSYNC_US + 1;
}

static void unknown_disk(struct etcd_state *s)
{
	s->members[2].fsync_p99_us = -1;
}

static void hang_one(struct etcd_state *s)
{
	s->members[1].health = ETCD_SILENT;
}

static void no_reads(struct etcd_state *s)
{
	s->read_us = -1;
}

static void slow_reads(struct etcd_state *s)
{
	s->read_us = 900000;
}

static void split(struct etcd_state *s)
{
	s->split = true;
}

static void add_learner(struct etcd_state *s)
{
	s->members[1].learner = true;
}

static void grow(struct etcd_state *s)
{
	s->members[0].db_bytes = INT64_C(4) << 30;
}

static void forget_the_id(struct etcd_state *s)
{
	s->members[2].id = 0;
}

static void test_it_is_never_asked_while_etcd_or_a_disk_is_unwell(void **state)
{
	static void (*const harms[])(struct etcd_state * s) = {lose_quorum, raise_alarm, slow_disk,
		unknown_disk, hang_one, no_reads, slow_reads, split, add_learner, grow,
		forget_the_id};

	(void)state;
	for (size_t i = 0; i < sizeof(harms) / sizeof(harms[0]); i++) {
		struct stand t;

		stand_begin(&t);
		harms[i](&t.etcd);
		assert_int_equal(count(&t, HOUR_MS), 0);
		all_well(&t.etcd);
		assert_int_equal(count(&t, HOUR_MS + 2 * MINUTE_MS), 0);
		assert_int_equal(count(&t, HOUR_MS + 4 * MINUTE_MS), 3);
	}
}

static void test_one_that_is_well_only_now_and_then_is_never_asked(void **state)
{
	struct stand t;

	(void)state;
	stand_begin(&t);
	while (t.ms < HOUR_MS) {
		assert_int_equal(count(&t, t.ms + MINUTE_MS), 0);
		etcd_hash_disturbed(&t.hash);
	}
}

static void test_a_round_that_is_disturbed_is_given_up_and_begun_anew_later(void **state)
{
	struct stand t;

	(void)state;
	stand_begin(&t);
	assert_int_equal(ask(&t, HOUR_MS), 0);
	slow_disk(&t.etcd);
	assert_int_equal(ask(&t, t.ms + MINUTE_MS), -1);
	answer(&t, 7, COMPACTED); /* late: of the round that is gone */
	all_well(&t.etcd);
	assert_int_equal(count(&t, t.ms + 2 * MINUTE_MS), 0);
	assert_hashes(&t, 0, 0, 0);
	assert_int_equal(count(&t, t.ms + 10 * MINUTE_MS), 3);
	assert_hashes(&t, 5, 5, 100);
}

static void test_a_refusal_ends_the_round(void **state)
{
	struct stand t;

	(void)state;
	stand_begin(&t);
	assert_int_equal(ask(&t, HOUR_MS), 0);
	answer(&t, 5, COMPACTED);
	assert_int_equal(ask(&t, HOUR_MS), 1);
	refuse(&t);
	assert_int_equal(ask(&t, t.ms + 9 * MINUTE_MS), -1);
	assert_int_equal(ask(&t, t.ms + 20 * MINUTE_MS), 0);
}

static void round_of(struct stand *t, uint32_t first, int64_t compacted_last)
{
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ask(t, t->ms + HOUR_MS), i);
		answer(t, i == 0 ? first : 5, i == 2 ? compacted_last : COMPACTED);
	}
}

/* Half of a new round beside half of an old one would look well. */
static void test_an_inconsistency_stays_known_while_the_next_round_is_under_way(void **state)
{
	struct stand t;

	(void)state;
	stand_begin(&t);
	round_of(&t, 6, COMPACTED);
	etcd_judge(&t.etcd);
	assert_true(t.etcd.corrupt);
	for (size_t i = 0; i < t.etcd.n; i++)
		t.etcd.members[i].revision += 70;
	assert_int_equal(ask(&t, t.ms + HOUR_MS), 0);
	answer(&t, 6, COMPACTED);
	assert_int_equal(t.hash.revision, 170);
	assert_hashes(&t, 6, 5, 100);
	etcd_judge(&t.etcd);
	assert_true(t.etcd.corrupt);
}

static void test_a_compaction_between_two_answers_is_no_inconsistency(void **state)
{
	struct stand t;

	(void)state;
	stand_begin(&t);
	round_of(&t, 6, COMPACTED + 30);
	assert_hashes(&t, 0, 0, 0);
}

static void test_who_goes_or_comes_during_a_round_is_minded(void **state)
{
	struct stand t;

	(void)state;
	stand_begin(&t);
	assert_int_equal(ask(&t, HOUR_MS), 0);
	answer(&t, 5, COMPACTED);
	t.etcd.members[0].id = 99; /* another in its place: the next one, at the same place */
	assert_int_equal(ask(&t, HOUR_MS), 0);
	answer(&t, 5, COMPACTED);
	t.etcd.n = 1;
	assert_int_equal(ask(&t, t.ms + 5 * MINUTE_MS), -1);
	t.etcd.n = 3;
	assert_int_equal(ask(&t, t.ms + HOUR_MS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_it_is_not_asked_at_the_start_but_when_all_was_well_for_a_while),
		cmocka_unit_test(test_members_are_asked_one_after_the_other_with_a_rest_between),
		cmocka_unit_test(test_it_is_never_asked_while_etcd_or_a_disk_is_unwell),
		cmocka_unit_test(test_one_that_is_well_only_now_and_then_is_never_asked),
		cmocka_unit_test(test_a_round_that_is_disturbed_is_given_up_and_begun_anew_later),
		cmocka_unit_test(test_a_refusal_ends_the_round),
		cmocka_unit_test(
			test_an_inconsistency_stays_known_while_the_next_round_is_under_way),
		cmocka_unit_test(test_a_compaction_between_two_answers_is_no_inconsistency),
		cmocka_unit_test(test_who_goes_or_comes_during_a_round_is_minded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
