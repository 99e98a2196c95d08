/* What the watch of etcd asks, when, and what it makes of the answers. The client is this test's
 * own etcd_ask: it notes each question and answers it when the test says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ops/watch/etcd_watch.h"

#define OURS   7
#define MASTER "http://10.0.1.10:2379"

static struct asked {
	enum etcd_what what;
	char url[128];
	int64_t revision;
	bool fresh;
	etcd_done done; /* NULL: answered */
	void *arg;
} asked[64];
static size_t n_asked;

uint64_t etcd_ask(
	struct http *h, const struct etcd_target *t, enum etcd_what what, etcd_done done, void *arg)
{
	struct asked *a = &asked[n_asked++];

	(void)h;
	assert_true(n_asked < sizeof(asked) / sizeof(asked[0]));
	*a = (struct asked){
		.what = what, .revision = t->revision, .fresh = t->fresh, .done = done, .arg = arg};
	str_copy(a->url, sizeof(a->url), t->url);
	return n_asked;
}

struct world {
	struct etcd_watch watch;
	struct node_watch nodes;
	struct mailbox *box;
	int64_t ms;
};

static struct instant now(const struct world *w)
{
	return (struct instant){.wall_ms = 1700000000000 + w->ms, .boot_ms = 1000000 + w->ms};
}

static void tick(struct world *w, int64_t ms)
{
	w->ms += ms;
	etcd_watch_tick(&w->watch, now(w), &w->nodes);
}

static int set_up(void **state)
{
	static const char *const endpoints[] = {
		MASTER, "http://10.0.1.11:2379", "http://10.0.1.12:2379", NULL};
	const struct etcd_watch_options o = {
		.endpoints = endpoints, .pki_dir = "", .slow_fsync_us = 100000};
	struct world *w = mem_new(struct world);

	n_asked = 0;
	w->box = mailbox_new(64);
	etcd_watch_init(&w->watch, NULL, NULL, NULL, w->box, &o);
	w->watch.credentials.state = ETCD_CREDENTIALS_FOUND;
	*state = w;
	return 0;
}

static void hear_all(struct world *w)
{
	struct letter *l;

	while ((l = mailbox_take(w->box)) != NULL) {
		letter_hear(l, now(w));
		l->drop(l);
	}
}

static void end(struct asked *a, const struct err *err, const struct etcd_answer *answer)
{
	const struct http_result result = {.total_us = 1200, .retry_after_s = -1};
	etcd_done done = a->done;

	a->done = NULL;
	done(a->arg, err, &result, answer);
}

static int tear_down(void **state)
{
	struct world *w = *state;
	const struct err closing = {.code = ERR_CANCELLED};

	for (size_t i = 0; i < n_asked; i++)
		if (asked[i].done)
			end(&asked[i], &closing, &(struct etcd_answer){.what = asked[i].what});
	mailbox_free(w->box);
	etcd_watch_done(&w->watch);
	free(w);
	return 0;
}

/* The oldest unanswered question of this kind to this URL; NULL: none. */
static struct asked *find(enum etcd_what what, const char *url)
{
	for (size_t i = 0; i < n_asked; i++)
		if (asked[i].done && asked[i].what == what && (!url || str_eq(asked[i].url, url)))
			return &asked[i];
	return NULL;
}

static bool is_asked_afresh(enum etcd_what what, const char *url)
{
	const struct asked *a = find(what, url);

	assert_non_null(a);
	return a != NULL && a->fresh;
}

static void answer(struct world *w, const char *url, const struct etcd_answer *a)
{
	static const struct err none;

	assert_non_null(find(a->what, url));
	end(find(a->what, url), &none, a);
	hear_all(w);
}

static void refuse(struct world *w, enum etcd_what what, const char *url, enum err_code code)
{
	struct err e = {0};

	assert_non_null(find(what, url));
	err_set(&e, code, "connection refused");
	end(find(what, url), &e, &(struct etcd_answer){.what = what});
	hear_all(w);
}

static void well(struct world *w, const char *url, uint64_t id, uint64_t cluster)
{
	struct etcd_answer a = {.what = ETCD_STATUS,
		.status = {.member_id = id,
			.cluster_id = cluster,
			.leader_id = 1,
			.raft_term = 2,
			.raft_index = 90 + id,
			.revision = 50,
			.db_bytes = 4096,
			.quota_bytes = -1}};

	answer(w, url, &a);
}

static void all_well(struct world *w)
{
	tick(w, 0);
	well(w, MASTER, 1, OURS);
	well(w, "http://10.0.1.11:2379", 2, OURS);
	well(w, "http://10.0.1.12:2379", 3, OURS);
}

static void test_each_member_speaks_for_itself(void **state)
{
	struct world *w = *state;

	all_well(w);
	assert_int_equal(w->watch.state.quorum, ETCD_QUORUM_OK);
	assert_int_equal(w->watch.state.healthy_voters, 3);
	assert_true(w->watch.state.members[0].leader);
	assert_int_equal(w->watch.state.members[1].lag, 1);
	assert_int_equal(w->watch.state.members[2].latency_us, 1200);
	assert_int_equal(w->watch.state.members[2].db_bytes, 4096);
}

static void test_a_refusal_is_down_at_once_and_asked_over_a_new_connection(void **state)
{
	struct world *w = *state;

	all_well(w);
	tick(w, 1200);
	assert_false(is_asked_afresh(ETCD_STATUS, MASTER));
	refuse(w, ETCD_STATUS, MASTER, ERR_UNREACHABLE);
	assert_int_equal(w->watch.state.members[0].health, ETCD_DOWN);
	assert_non_null(strstr(w->watch.state.members[0].error, "refused"));
	assert_int_equal(w->watch.state.quorum, ETCD_QUORUM_OK);
	tick(w, 1200);
	assert_true(is_asked_afresh(ETCD_STATUS, MASTER));
}

static void test_a_member_that_only_its_peer_port_answers_waits_for_quorum(void **state)
{
	struct world *w = *state;
	struct etcd_answer peers = {.what = ETCD_PEER, .members = {.n = 1}};

	all_well(w);
	str_copy(w->watch.state.members[0].peer_url, sizeof(w->watch.state.members[0].peer_url),
		"http://10.0.1.10:2380");
	tick(w, 1200);
	assert_null(find(ETCD_PEER, NULL));
	refuse(w, ETCD_STATUS, MASTER, ERR_TIMEOUT);
	tick(w, 600);
	answer(w, "http://10.0.1.10:2380", &peers);
	assert_non_null(strstr(w->watch.state.members[0].error, "waits for quorum"));
	assert_int_equal(w->watch.state.n, 3); /* its list is not believed */
}

static void test_the_list_of_another_cluster_is_not_believed(void **state)
{
	struct world *w = *state;
	struct etcd_answer a = {.what = ETCD_MEMBERS,
		.members = {.cluster_id = 99,
			.n = 1,
			.members = {{.id = 8,
				.name = "m8",
				.peer_url = "http://10.0.1.18:2380",
				.client_url = "http://10.0.1.18:2379"}}}};

	all_well(w);
	tick(w, 100);
	answer(w, NULL, &a);
	assert_int_equal(w->watch.state.n, 3);
	tick(w, 12000);
	a.members.cluster_id = OURS;
	answer(w, NULL, &a);
	assert_int_equal(w->watch.state.n, 4);
	assert_string_equal(w->watch.state.members[3].name, "m8");
}

/* One that came back on an empty disk is green in every naive check. */
static void test_a_member_of_another_cluster_neither_counts_nor_speaks(void **state)
{
	struct world *w = *state;

	tick(w, 0);
	well(w, MASTER, 1, 99);
	well(w, "http://10.0.1.11:2379", 2, OURS);
	well(w, "http://10.0.1.12:2379", 3, OURS);
	assert_true(w->watch.state.members[0].foreign);
	assert_int_equal(w->watch.state.members[0].health, ETCD_UNHEALTHY);
	assert_true(w->watch.state.split);
	assert_int_equal(w->watch.state.healthy_voters, 2);
	tick(w, 100);
	assert_null(find(ETCD_MEMBERS, MASTER));
	assert_non_null(find(ETCD_MEMBERS, NULL));
}

static void test_alarms_fall_on_their_members_and_are_lifted(void **state)
{
	struct world *w = *state;
	struct etcd_answer a = {.what = ETCD_ALARMS,
		.alarms = {.n = 1, .alarms = {{.member = 2, .alarm = ETCD_ALARM_NOSPACE}}}};

	all_well(w);
	tick(w, 100);
	answer(w, NULL, &a);
	assert_int_equal(w->watch.state.members[0].alarms, 0);
	assert_int_equal(w->watch.state.members[1].alarms, ETCD_ALARM_NOSPACE);
	assert_int_equal(w->watch.state.members[1].health, ETCD_UNHEALTHY);
	tick(w, 12000);
	a.alarms.n = 0;
	answer(w, NULL, &a);
	assert_int_equal(w->watch.state.members[1].alarms, 0);
}

static void test_a_failed_read_has_no_latency_and_says_why(void **state)
{
	struct world *w = *state;

	all_well(w);
	tick(w, 100);
	answer(w, NULL, &(struct etcd_answer){.what = ETCD_READ, .revision = 50});
	assert_int_equal(w->watch.state.read_us, 1200);
	tick(w, 6000);
	refuse(w, ETCD_READ, NULL, ERR_UNREACHABLE);
	assert_int_equal(w->watch.state.read_us, -1);
	assert_non_null(strstr(w->watch.state.read_error, "refused"));
}

static void test_a_revision_that_went_backwards_is_remembered(void **state)
{
	struct world *w = *state;
	struct etcd_answer a = {.what = ETCD_STATUS,
		.status = {.member_id = 1, .cluster_id = OURS, .leader_id = 1, .revision = 40}};

	all_well(w);
	tick(w, 1200);
	answer(w, MASTER, &a);
	assert_true(w->watch.state.members[0].rolled_back);
	tick(w, 1200);
	a.status.revision = 41;
	answer(w, MASTER, &a);
	assert_false(w->watch.state.members[0].rolled_back);
}

static void test_metrics_that_cease_leave_no_verdict_on_the_disk(void **state)
{
	struct world *w = *state;
	struct etcd_answer a = {.what = ETCD_METRICS,
		.metrics = {.quota_bytes = 1 << 20,
			.leader_changes = 4,
			.fsync = {.n = 1, .le = {0.5}, .count = {10}, .total = 10}}};

	all_well(w);
	tick(w, 100);
	answer(w, MASTER, &a);
	assert_true(w->watch.state.members[0].fsync_p99_us > 0);
	assert_int_equal(w->watch.state.members[0].quota_bytes, 1 << 20);
	assert_int_equal(w->watch.state.members[0].leader_changes, 4);
	tick(w, 17000);
	refuse(w, ETCD_METRICS, MASTER, ERR_UNREACHABLE);
	assert_int_equal(w->watch.state.members[0].fsync_p99_us, -1);
}

/* What was asked of a member that is gone must not fall on the one that took its place. */
static void test_an_answer_that_nobody_awaits_changes_nothing(void **state)
{
	struct world *w = *state;

	tick(w, 0);
	etcd_watch_forget_all(&w->watch);
	well(w, MASTER, 1, OURS);
	assert_int_equal(w->watch.state.members[0].health, ETCD_UNKNOWN);
	assert_int_equal(w->watch.state.members[0].id, 0);
}

static void test_the_hash_is_of_one_revision_for_all(void **state)
{
	struct world *w = *state;
	size_t hashes = 0;

	for (int i = 0; i < 700 && hashes < 2; i++) {
		n_asked = 0;
		tick(w, 1200);
		for (size_t k = 0; k < n_asked; k++) {
			struct asked *a = &asked[k];
			struct etcd_answer said = {.what = a->what};

			if (a->what == ETCD_STATUS) {
				well(w, a->url, (uint64_t)(a->url[15] - '0') + 1, OURS);
				continue;
			}
			if (a->what == ETCD_METRICS)
				said.metrics.fsync = (struct etcd_histogram){
					.n = 1, .le = {0.01}, .count = {i + 1}, .total = i + 1};
			if (a->what == ETCD_HASH) {
				assert_int_equal(a->revision, 50);
				said.hash = (struct etcd_hash_answer){.hash = 5, .revision = 50};
				hashes++;
			}
			answer(w, a->url, &said);
		}
	}
	assert_int_equal(hashes, 2);
}

int main(void)
{
#define WATCH_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WATCH_TEST(test_each_member_speaks_for_itself),
		WATCH_TEST(test_a_refusal_is_down_at_once_and_asked_over_a_new_connection),
		WATCH_TEST(test_a_member_that_only_its_peer_port_answers_waits_for_quorum),
		WATCH_TEST(test_the_list_of_another_cluster_is_not_believed),
		WATCH_TEST(test_a_member_of_another_cluster_neither_counts_nor_speaks),
		WATCH_TEST(test_alarms_fall_on_their_members_and_are_lifted),
		WATCH_TEST(test_a_failed_read_has_no_latency_and_says_why),
		WATCH_TEST(test_a_revision_that_went_backwards_is_remembered),
		WATCH_TEST(test_metrics_that_cease_leave_no_verdict_on_the_disk),
		WATCH_TEST(test_an_answer_that_nobody_awaits_changes_nothing),
		WATCH_TEST(test_the_hash_is_of_one_revision_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
