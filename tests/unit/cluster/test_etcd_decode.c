/* etcd's answers as etcd 3.6.5 sent them, and as nobody should. */
#include <inttypes.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cluster/etcd_decode.h"

#define CLUSTER 0xdc50b8daae93b3e0u
#define HEADER                                                                                     \
	"\x0a\x19\x08\xe0\xe7\xce\xf4\xaa\x9b\xae\xa8\xdc\x01\x10\xc8\xa5\xa0\xdc\xd7\x82\xa0\xbc" \
	"\x66\x18\x02\x20\x02"

static const char status[] =
	HEADER "\x12\x05\x33\x2e\x36\x2e\x35\x18\x80\xa0\x01\x20\xc8\xa5\xa0\xdc\xd7\x82\xa0\xbc"
	       "\x66\x28\x07\x30\x02\x38\x07\x48\x80\x80\x01"
	       "\x5a\x05\x33\x2e\x36\x2e\x30\x60\x80\xda\xc4\x09\x6a\x00";
static const char status_nospace[] =
	HEADER "\x12\x05\x33\x2e\x36\x2e\x35\x18\x80\xa0\x01\x20\xc8\xa5\xa0\xdc\xd7\x82\xa0\xbc"
	       "\x66\x28\x09\x30\x02\x38\x09\x42\x2b"
	       "memberID:7383985554639123976 alarm:NOSPACE "
	       "\x48\x80\x80\x01\x5a\x05\x33\x2e\x36\x2e\x30\x60\x80\xda\xc4\x09\x6a\x00";
static const char members[] =
	"\x0a\x17\x08\xe0\xe7\xce\xf4\xaa\x9b\xae\xa8\xdc\x01\x10\xc8\xa5\xa0\xdc\xd7\x82\xa0\xbc"
	"\x66\x20\x02"
	"\x12\x24\x08\xf2\xd4\xd2\xf3\xba\x8a\xbd\xc6\x53\x1a\x16http://127.0.0.1:42390\x28\x01"
	"\x12\x3e\x08\xc8\xa5\xa0\xdc\xd7\x82\xa0\xbc\x66\x12\x02m1\x1a\x16http://"
	"127.0.0.1:42380\"\x16http://127.0.0.1:42379";
static const char alarms[] = HEADER "\x12\x0c\x08\x88\xec\x85\xd7\xd6\xf7\xcb\xbc\x66\x10\x01";
static const char range[] = HEADER "\x20\x01";
static const char range_with_value[] =
	HEADER "\x12\x11\x0a\x06health\x10\x02\x18\x02\x20\x01\x2a\x01x\x20\x01";
static const char hashkv[] =
	HEADER "\x10\x90\xf6\xa9\x85\x0a\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x20\x02";

#define BYTES(literal) (const unsigned char *)(literal), sizeof(literal) - 1

static void test_status_tells_what_the_console_shows(void **state)
{
	struct etcd_answer x;
	struct etcd_status_answer *a = &x.status;
	struct err e = {0};

	(void)state;
	assert_int_equal(etcd_status_decode(BYTES(status), &x, &e), 0);
	assert_true(a->cluster_id == CLUSTER);
	assert_true(a->member_id != 0 && a->member_id == a->leader_id);
	assert_int_equal(a->raft_term, 2);
	assert_int_equal(a->raft_index, 7);
	assert_int_equal(a->raft_applied, 7);
	assert_int_equal(a->revision, 2);
	assert_int_equal(a->db_bytes, 20480);
	assert_int_equal(a->db_used_bytes, 16384);
	assert_int_equal(a->quota_bytes, 20000000);
	assert_false(a->learner);
	assert_string_equal(a->version, "3.6.5");
	assert_string_equal(a->errors, "");
}

static void test_a_full_database_shows_in_the_errors(void **state)
{
	struct etcd_answer x;
	struct etcd_status_answer *a = &x.status;

	(void)state;
	assert_int_equal(etcd_status_decode(BYTES(status_nospace), &x, NULL), 0);
	assert_non_null(strstr(a->errors, "alarm:NOSPACE"));
}

/* etcd 3.4 sends neither quota nor storage version; without a leader the field is left out. */
static void test_what_an_older_server_leaves_out_is_unknown(void **state)
{
	struct etcd_answer x;
	struct etcd_status_answer *a = &x.status;

	(void)state;
	assert_int_equal(etcd_status_decode(BYTES(HEADER "\x12\x06"
							 "3.4.23"),
				 &x, NULL),
		0);
	assert_string_equal(a->version, "3.4.23");
	assert_int_equal(a->quota_bytes, -1);
	assert_int_equal(a->db_used_bytes, -1);
	assert_int_equal(a->leader_id, 0);
}

static void test_members_and_learners_are_listed(void **state)
{
	struct etcd_answer x;
	struct etcd_members_answer *a = &x.members;

	(void)state;
	assert_int_equal(etcd_members_decode(BYTES(members), &x, NULL), 0);
	assert_int_equal(a->n, 2);
	assert_true(a->cluster_id == CLUSTER);
	assert_true(a->members[0].learner);
	assert_string_equal(a->members[0].name, "");
	assert_string_equal(a->members[0].peer_url, "http://127.0.0.1:42390");
	assert_string_equal(a->members[0].client_url, "");
	assert_false(a->members[1].learner);
	assert_string_equal(a->members[1].name, "m1");
	assert_string_equal(a->members[1].client_url, "http://127.0.0.1:42379");
}

static void test_alarms_of_one_member_are_one_row(void **state)
{
	static const char both[] = HEADER "\x12\x04\x08\x07\x10\x01\x12\x04\x08\x09\x10\x01\x12\x04"
					  "\x08\x07\x10\x02\x12\x04\x08\x05\x10\x09";
	struct etcd_answer x;
	struct etcd_alarms_answer *a = &x.alarms;

	(void)state;
	assert_int_equal(etcd_alarms_decode(BYTES(alarms), &x, NULL), 0);
	assert_int_equal(a->n, 1);
	assert_int_equal(a->alarms[0].alarm, ETCD_ALARM_NOSPACE);
	assert_int_equal(etcd_alarms_decode(BYTES(both), &x, NULL), 0);
	assert_int_equal(a->n, 2);
	assert_int_equal(a->alarms[0].member, 7);
	assert_int_equal(a->alarms[0].alarm, ETCD_ALARM_NOSPACE | ETCD_ALARM_CORRUPT);
	assert_int_equal(a->alarms[1].alarm, ETCD_ALARM_NOSPACE);
	assert_int_equal(etcd_alarms_decode(BYTES(HEADER), &x, NULL), 0);
	assert_int_equal(a->n, 0);
}

static void test_a_read_gives_its_revision(void **state)
{
	struct etcd_answer a;

	(void)state;
	assert_int_equal(etcd_range_decode(BYTES(range), &a, NULL), 0);
	assert_int_equal(a.revision, 2);
	assert_int_equal(etcd_range_decode(BYTES(range_with_value), &a, NULL), 0);
	assert_int_equal(a.revision, 2);
}

static void test_hashkv_names_what_was_hashed(void **state)
{
	struct etcd_answer x;
	struct etcd_hash_answer *a = &x.hash;

	(void)state;
	assert_int_equal(etcd_hash_decode(BYTES(hashkv), &x, NULL), 0);
	assert_int_equal(a->hash, 2695527184u);
	assert_int_equal(a->revision, 2);
	assert_int_equal(a->compact_revision, -1);
}

static void test_cut_and_garbled_answers_are_errors(void **state)
{
	struct etcd_answer s, m;
	struct err e = {0};

	(void)state;
	for (size_t n = 1; n < sizeof(members) - 1; n++)
		if (etcd_members_decode((const unsigned char *)members, n, &m, &e) != 0)
			assert_int_equal(m.members.n, 0);
	assert_int_equal(etcd_status_decode((const unsigned char *)status, 40, &s, &e), -1);
	assert_int_equal(e.code, ERR_INPUT);
	assert_non_null(strstr(e.text, "Status"));
	assert_int_equal(etcd_status_decode(BYTES("<html>404 not found</html>"), &s, NULL), -1);
	assert_int_equal(s.status.db_bytes, -1);
}

static void test_more_members_than_the_ceiling_is_an_error(void **state)
{
	unsigned char many[17 * 4];
	struct etcd_answer m;

	(void)state;
	for (size_t i = 0; i < 17; i++)
		memcpy(many + i * 4, "\x12\x02\x08\x01", 4);
	assert_int_equal(etcd_members_decode(many, 16 * 4, &m, NULL), 0);
	assert_int_equal(m.members.n, ETCD_MAX_MEMBERS);
	assert_int_equal(etcd_members_decode(many, sizeof(many), &m, NULL), -1);
}

static void test_escape_sequences_in_names_are_spelled_out(void **state)
{
	struct etcd_answer m;

	(void)state;
	assert_int_equal(etcd_members_decode(BYTES("\x12\x09\x08\x01\x12\x05"
						   "a\x1b[2J"),
				 &m, NULL),
		0);
	assert_string_equal(m.members.members[0].name, "a^[[2J");
}

static void test_peer_members_keep_ids_past_int64(void **state)
{
	static const char json[] =
		"[{\"id\":17237436991929493444,\"peerURLs\":[\"https://10.0.1.10:2380\",\"https://"
		"x:2380\"],\"name\":\"m1\",\"clientURLs\":[\"https://10.0.1.10:2379\"]},"
		"{\"id\":6020455442133854834,\"peerURLs\":[\"https://"
		"10.0.1.11:2380\"],\"isLearner\":true}]\n";
	struct etcd_answer x;
	struct etcd_members_answer *a = &x.members;

	(void)state;
	assert_int_equal(etcd_peer_members_decode(BYTES(json), &x, NULL), 0);
	assert_int_equal(a->n, 2);
	assert_true(a->members[0].id == UINT64_C(17237436991929493444));
	assert_string_equal(a->members[0].peer_url, "https://10.0.1.10:2380");
	assert_true(a->members[1].learner);
	assert_string_equal(a->members[1].client_url, "");
}

static void test_a_list_of_members_that_is_none_is_an_error(void **state)
{
	static const char *const bad[] = {"", "404 page not found\n", "{}", "[]", "[1,2]",
		"[{\"name\":\"m1\"}]", "[{\"id\":-4}]", "[{\"id\":99999999999999999999}]"};
	struct etcd_answer x;
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(etcd_peer_members_decode(
					 (const unsigned char *)bad[i], strlen(bad[i]), &x, &e),
			-1);
		assert_int_equal(e.code, ERR_INPUT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_tells_what_the_console_shows),
		cmocka_unit_test(test_a_full_database_shows_in_the_errors),
		cmocka_unit_test(test_what_an_older_server_leaves_out_is_unknown),
		cmocka_unit_test(test_members_and_learners_are_listed),
		cmocka_unit_test(test_alarms_of_one_member_are_one_row),
		cmocka_unit_test(test_a_read_gives_its_revision),
		cmocka_unit_test(test_hashkv_names_what_was_hashed),
		cmocka_unit_test(test_cut_and_garbled_answers_are_errors),
		cmocka_unit_test(test_more_members_than_the_ceiling_is_an_error),
		cmocka_unit_test(test_escape_sequences_in_names_are_spelled_out),
		cmocka_unit_test(test_peer_members_keep_ids_past_int64),
		cmocka_unit_test(test_a_list_of_members_that_is_none_is_an_error),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
