/* Promises of etcd_judge: quorum is counted over voters, the unseen are not trusted but not accused
 * either, and a split is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "model/etcd_state.h"

/* n listed voters, the first `healthy` of them answering, the rest `others`. */
static struct etcd_state cluster(int n, int healthy, enum etcd_health others)
{
	struct etcd_state s = {.n = (size_t)n, .read_us = -1};

	for (int i = 0; i < n; i++) {
		struct etcd_member *m = &s.members[i];
		m->id = (uint64_t)i + 1;
		snprintf(m->name, sizeof(m->name), "m%d", i + 1);
		m->listed = true;
		m->health = i < healthy ? ETCD_HEALTHY : others;
		if (i >= healthy)
			continue;
		m->cluster_id = 77;
		m->raft_term = 4;
		m->raft_index = 1000;
		m->leader_id = 1;
		m->leader = i == 0;
	}
	return s;
}

static void test_quorum_table_for_one_to_seven_voters(void **state)
{
	static const int quorum_of[8] = {0, 1, 2, 2, 3, 3, 4, 4};

	(void)state;
	for (int n = 1; n <= 7; n++) {
		assert_int_equal(etcd_quorum_of(n), quorum_of[n]);
		for (int healthy = 0; healthy <= n; healthy++) {
			struct etcd_state s = cluster(n, healthy, ETCD_DOWN);
			etcd_judge(&s);
			assert_int_equal(s.voters, n);
			assert_int_equal(s.healthy_voters, healthy);
			assert_int_equal(s.quorum_size, quorum_of[n]);
			assert_int_equal(s.quorum,
				healthy >= quorum_of[n] ? ETCD_QUORUM_OK : ETCD_QUORUM_LOST);
			assert_int_equal(
				s.may_lose, healthy > quorum_of[n] ? healthy - quorum_of[n] : 0);
		}
	}
}

static void test_learners_do_not_vote(void **state)
{
	struct etcd_state s = cluster(4, 4, ETCD_DOWN);

	(void)state;
	s.members[3].learner = true;
	etcd_judge(&s);
	assert_int_equal(s.voters, 3);
	assert_int_equal(s.may_lose, 1);
	s.members[1].health = s.members[2].health = ETCD_DOWN;
	etcd_judge(&s);
	assert_int_equal(s.quorum, ETCD_QUORUM_LOST); /* the learner does not save it */
}

static void test_a_removed_member_does_not_count(void **state)
{
	struct etcd_state s = cluster(4, 3, ETCD_DOWN);

	(void)state;
	s.members[3].listed = false;
	etcd_judge(&s);
	assert_int_equal(s.voters, 3);
	assert_int_equal(s.quorum_size, 2);
}

static void test_members_nobody_could_ask_are_not_accused(void **state)
{
	struct etcd_state s = cluster(3, 1, ETCD_UNKNOWN);

	(void)state;
	etcd_judge(&s);
	assert_int_equal(s.healthy_voters, 1);
	assert_int_equal(s.may_lose, 0);
	assert_int_equal(s.quorum, ETCD_QUORUM_UNKNOWN);
	s.read_us = 900; /* a linearizable read went through: there is a quorum */
	etcd_judge(&s);
	assert_int_equal(s.quorum, ETCD_QUORUM_OK);
	s.read_us = -1;
	s.members[0].health = s.members[1].health = ETCD_DOWN;
	etcd_judge(&s);
	assert_int_equal(
		s.quorum, ETCD_QUORUM_LOST); /* one unseen member cannot make up two votes */
}

static void test_nothing_known_is_unknown(void **state)
{
	struct etcd_state s = {.read_us = -1};

	(void)state;
	etcd_judge(&s);
	assert_int_equal(s.quorum, ETCD_QUORUM_UNKNOWN);
	s = cluster(3, 0, ETCD_UNKNOWN);
	for (int i = 0; i < 3; i++)
		s.members[i].listed = false; /* only addresses are known */
	etcd_judge(&s);
	assert_int_equal(s.voters, 3);
	assert_int_equal(s.quorum, ETCD_QUORUM_UNKNOWN);
}

static void test_members_without_a_leader_lose_quorum(void **state)
{
	struct etcd_state s = cluster(3, 3, ETCD_DOWN);

	(void)state;
	for (int i = 0; i < 3; i++) {
		s.members[i].health = ETCD_UNHEALTHY;
		s.members[i].leader_id = 0;
	}
	etcd_judge(&s);
	assert_int_equal(s.quorum, ETCD_QUORUM_LOST);
	assert_int_equal(s.leader_id, 0);
}

static void test_a_full_database_is_no_lost_quorum(void **state)
{
	struct etcd_state s = cluster(3, 3, ETCD_DOWN);

	(void)state;
	for (int i = 0; i < 3; i++)
		s.members[i].health = ETCD_UNHEALTHY;
	s.members[1].alarms = ETCD_ALARM_NOSPACE;
	etcd_judge(&s);
	assert_int_equal(s.quorum, ETCD_QUORUM_OK);
	assert_int_equal(s.alarms, ETCD_ALARM_NOSPACE);
	assert_false(s.corrupt);
}

static void test_the_leader_is_the_newest_terms(void **state)
{
	struct etcd_state s = cluster(3, 3, ETCD_DOWN);

	(void)state;
	s.members[1].raft_term = s.members[2].raft_term = 5;
	s.members[1].leader_id = s.members[2].leader_id = 2;
	etcd_judge(&s);
	assert_int_equal(s.raft_term, 5);
	assert_int_equal(s.leader_id, 2);
	assert_false(s.split);
}

static void test_two_leaders_in_one_term_are_a_split(void **state)
{
	struct etcd_state s = cluster(3, 3, ETCD_DOWN);

	(void)state;
	s.members[2].leader_id = 3;
	etcd_judge(&s);
	assert_true(s.split);
}

static void test_a_foreign_cluster_id_is_a_split_and_does_not_vote(void **state)
{
	struct etcd_state s = cluster(3, 3, ETCD_DOWN);

	(void)state;
	s.members[0].cluster_id = 99;
	etcd_judge(&s);
	assert_true(s.split);
	assert_true(s.members[0].foreign);
	assert_false(s.members[1].foreign);
	assert_int_equal(s.cluster_id, 77);
	assert_int_equal(s.healthy_voters, 2);
	assert_int_equal(s.may_lose, 0);
	s.members[0].cluster_id = 77;
	etcd_judge(&s);
	assert_false(s.split);
	assert_false(s.members[0].foreign);
}

static void test_equal_revisions_with_different_hashes_are_corrupt(void **state)
{
	struct etcd_state s = cluster(3, 3, ETCD_DOWN);

	(void)state;
	for (int i = 0; i < 3; i++) {
		s.members[i].kv_hash = 5;
		s.members[i].hash_revision = 100;
	}
	etcd_judge(&s);
	assert_false(s.corrupt);
	s.members[2].kv_hash = 6;
	s.members[2].hash_revision = 101; /* taken at another moment: says nothing */
	etcd_judge(&s);
	assert_false(s.corrupt);
	s.members[2].hash_revision = 100;
	etcd_judge(&s);
	assert_true(s.corrupt);
}

static void test_lag_is_behind_the_furthest(void **state)
{
	struct etcd_state s = cluster(3, 2, ETCD_DOWN);

	(void)state;
	s.members[0].raft_index = 1500;
	s.members[2].raft_index = 9000; /* what it said before it went down */
	etcd_judge(&s);
	assert_int_equal(s.members[0].lag, 0);
	assert_int_equal(s.members[1].lag, 500);
	assert_int_equal(s.members[2].lag, -1);
}

static void test_every_health_has_a_word(void **state)
{
	(void)state;
	for (int h = ETCD_UNKNOWN; h <= ETCD_DOWN; h++)
		assert_true(etcd_health_word((enum etcd_health)h)[0] != '\0');
	assert_string_equal(etcd_health_word(ETCD_SILENT), "no answer");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quorum_table_for_one_to_seven_voters),
		cmocka_unit_test(test_learners_do_not_vote),
		cmocka_unit_test(test_a_removed_member_does_not_count),
		cmocka_unit_test(test_members_nobody_could_ask_are_not_accused),
		cmocka_unit_test(test_nothing_known_is_unknown),
		cmocka_unit_test(test_members_without_a_leader_lose_quorum),
		cmocka_unit_test(test_a_full_database_is_no_lost_quorum),
		cmocka_unit_test(test_the_leader_is_the_newest_terms),
		cmocka_unit_test(test_two_leaders_in_one_term_are_a_split),
		cmocka_unit_test(test_a_foreign_cluster_id_is_a_split_and_does_not_vote),
		cmocka_unit_test(test_equal_revisions_with_different_hashes_are_corrupt),
		cmocka_unit_test(test_lag_is_behind_the_furthest),
		cmocka_unit_test(test_every_health_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
