/* Which API server is used: where the watches stay, when and where they move, what is asked for
 * logs. Real watches, of servers that nobody listens at; what the probes saw is the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "help/hostile.h"
#include "model/lease.h"
#include "ops/watch/api_place.h"

#define STAY_MS     5000
#define STAY_MAX_MS 80000

struct world {
	struct http *http;
	struct pool *pool;
	struct kube_client *client;
	struct mailbox *in;
	struct kube_tables tables;
	struct api_watch api;
	struct api_place place;
	char url[64];
	int port;
};

static struct instant at(int64_t ms)
{
	return (struct instant){.wall_ms = 1700000000000 + ms, .boot_ms = 1000000 + ms};
}

static void learn(struct world *w, const char *name)
{
	struct host node = {.api_port = w->port};

	str_copy(node.name, sizeof(node.name), name);
	snprintf(node.address, sizeof(node.address), "127.0.0.%s", name + 1);
	api_watch_learn(&w->api, &node);
}

static void probe(struct world *w, size_t i, enum probe_state state, int64_t ms)
{
	struct question *live = &w->api.at[i].live;

	live->probe.state = state;
	live->probe.answered = state == PROBE_FAILED;
	live->probe.since = state == PROBE_OK ? (struct instant){0} : at(ms);
	live->probe.good = state == PROBE_OK ? at(ms) : live->probe.good;
	live->code = state == PROBE_FAILED ? ERR_REFUSED : ERR_NONE;
}

static void pulse(struct world *w, int64_t ms)
{
	question_heard(&w->place.sides.at[SIDE_PULSE], at(ms));
}

static void hold_breath(struct world *w, int64_t since)
{
	struct question *q = &w->place.sides.at[SIDE_PULSE];

	question_asked(q, at(since));
	question_answered(q, at(since + 1500), &(struct err){.code = ERR_TIMEOUT}, -1);
}

/* The load balancer and m2, m3, m4, all well; the watches run at the first and have a pulse. */
static int set_up_with(void **state, const char *load_balancer)
{
	struct world *w = mem_new(struct world);
	struct kube_access *a = mem_new(struct kube_access);
	struct err e = {0};

	w->port = hostile_closed_port();
	snprintf(w->url, sizeof(w->url), "http://127.0.0.1:%d", w->port);
	a->server = mem_str(w->url);
	a->user = mem_str("me");
	w->http = http_open(&e);
	w->pool = pool_start(1, 16);
	w->client = kube_client_new(a, NULL);
	w->in = mailbox_new(4096);
	kube_tables_init(&w->tables);
	w->tables.names = intern_new(1 << 20);
	api_watch_init(&w->api, w->http, w->pool, w->client, w->in, load_balancer);
	api_place_init(&w->place, &w->api, &w->tables);
	learn(w, "m2");
	learn(w, "m3");
	learn(w, "m4");
	for (size_t i = 0; i < w->api.n; i++)
		probe(w, i, PROBE_OK, 0);
	api_place_move(&w->place, 0, false, at(0));
	pulse(w, 1);
	*state = w;
	return 0;
}

static int set_up(void **state)
{
	return set_up_with(state, "");
}

static int set_up_with_balancer(void **state)
{
	return set_up_with(state, "127.0.0.9:6443");
}

static int tear_down(void **state)
{
	struct world *w = *state;

	kube_tables_stop(&w->tables, false);
	pool_stop(w->pool);
	http_close(w->http);
	mailbox_free(w->in);
	kube_tables_done(&w->tables);
	api_watch_done(&w->api);
	kube_client_unref(w->client);
	free(w);
	return 0;
}

static void tick(struct world *w, int64_t ms)
{
	api_place_tick(&w->place, ETCD_QUORUM_OK, (struct instant){0}, at(ms));
}

static void live(struct world *w)
{
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++)
		w->tables.sources[w->tables.at[i].kind->source].state = SOURCE_LIVE;
}

/* ---- staying ---- */

static void test_watches_stay_while_their_server_is_well(void **state)
{
	struct world *w = *state;
	const struct kube_watch *was = w->tables.at[KUBE_TABLE_NODES].watch;

	live(w);
	for (int64_t ms = 1000; ms <= 60000; ms += 1000) {
		pulse(w, ms);
		tick(w, ms);
	}
	assert_int_equal(w->place.active, 0);
	assert_ptr_equal(w->tables.at[KUBE_TABLE_NODES].watch, was);
	assert_int_equal(w->tables.sources[SOURCE_NODES].state, SOURCE_LIVE);
}

static void test_a_server_that_says_it_is_sick_is_not_left_while_it_has_a_pulse(void **state)
{
	struct world *w = *state;
	struct question *q = &w->api.at[0].live;

	live(w);
	pulse(w, 6000);
	probe(w, 0, PROBE_FAILED, 6000);
	q->code = ERR_SERVER; /* an answer of 500 */
	tick(w, 6100);
	assert_int_equal(w->place.active, 0);
	assert_int_equal(w->tables.sources[SOURCE_NODES].state, SOURCE_LIVE);
	pulse(w, 6000 + LIMIT_SILENCE_MS); /* ten seconds of it are enough */
	tick(w, 6000 + LIMIT_SILENCE_MS);
	assert_int_equal(w->place.active, 1);
}

static void test_without_another_server_the_watches_go_on_trying_where_they_are(void **state)
{
	struct world *w = *state;

	live(w);
	for (size_t i = 0; i < w->api.n; i++)
		probe(w, i, PROBE_FAILED, 6000);
	hold_breath(w, 6000);
	tick(w, 10000);
	assert_int_equal(w->place.active, 0);
	assert_int_equal(w->place.moved.boot_ms, at(0).boot_ms);
	assert_true(w->place.lost);
	assert_int_equal(w->tables.sources[SOURCE_NODES].state, SOURCE_STALE);
	assert_string_equal(w->tables.sources[SOURCE_NODES].error, "no answer");
}

static void test_what_rests_is_woken_when_the_server_is_back(void **state)
{
	struct world *w = *state;

	w->place.lost = true;
	tick(w, 1000);
	assert_false(w->place.lost);
	w->place.lost = true; /* without a pulse there is nothing to be woken for */
	hold_breath(w, 2000);
	tick(w, 4000);
	assert_true(w->place.lost);
}

static void test_without_quorum_what_is_shown_is_old_and_nothing_moves(void **state)
{
	struct world *w = *state;

	live(w);
	pulse(w, 6000);
	api_place_tick(&w->place, ETCD_QUORUM_LOST, (struct instant){0}, at(6000));
	assert_int_equal(w->place.active, 0);
	assert_true(w->place.lost);
	assert_int_equal(w->tables.sources[SOURCE_PODS].state, SOURCE_STALE);
	assert_non_null(strstr(w->tables.sources[SOURCE_PODS].error, "quorum"));
}

/* ---- moving ---- */

static void test_watches_leave_a_dead_server_for_one_that_is_well(void **state)
{
	struct world *w = *state;
	char m3[80];

	snprintf(m3, sizeof(m3), "127.0.0.3:%d", w->port);
	live(w);
	probe(w, 0, PROBE_FAILED, 6000);
	probe(w, 1, PROBE_SILENT, 6000);
	tick(w, 6100);
	assert_int_equal(w->place.active, 2);
	assert_string_equal(w->tables.sources[SOURCE_NODES].via, m3);
	assert_string_equal(w->tables.sources[SOURCE_PODS].via, m3);
	assert_null(w->tables.at[KUBE_TABLE_EVENTS].watch);
	api_place_watch_rest(&w->place, at(6200));
	assert_non_null(w->tables.at[KUBE_TABLE_EVENTS].watch);
	assert_string_equal(w->tables.sources[SOURCE_EVENTS].via, m3);
}

static void test_nodes_and_pods_are_listed_before_the_rest(void **state)
{
	struct world *w = *state;

	api_place_watch_rest(&w->place, at(400));
	assert_non_null(w->tables.at[KUBE_TABLE_PODS].watch);
	assert_null(w->tables.at[KUBE_TABLE_EVENTS].watch);
	api_place_watch_rest(&w->place, at(500)); /* they are late */
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++)
		assert_non_null(w->tables.at[i].watch);
}

static void test_letters_of_the_server_that_was_left_are_late(void **state)
{
	struct world *w = *state;
	struct kube_letter late = {
		.letter = {.kind = KUBE_ALIVE}, .of = &kube_nodes, .at = at(6200)};

	late.watch = w->tables.at[KUBE_TABLE_NODES].number;
	probe(w, 0, PROBE_FAILED, 6000);
	tick(w, 6100);
	assert_int_equal(w->place.active, 1);
	assert_false(kube_tables_hear(&w->tables, &late));
	assert_int_not_equal(w->place.sides.at[SIDE_PULSE].probe.state, PROBE_OK);
}

static void test_a_connection_without_a_pulse_is_left_though_its_server_answers(void **state)
{
	struct world *w = *state;

	hold_breath(w, 6000);
	probe(w, 0, PROBE_OK, 6500);
	tick(w, 9900);
	assert_int_equal(w->place.active, 0);
	tick(w, 10000);
	assert_int_equal(w->place.active, 1);
}

static void test_a_lone_server_gets_a_new_connection_once_it_answers_again(void **state)
{
	struct world *w = *state;

	api_watch_keep(&w->api, NULL, 0, &w->place.active);
	assert_int_equal(w->api.n, 1);
	hold_breath(w, 6000);
	probe(w, 0, PROBE_OK, 6500); /* from before the silence was noticed: it may hang */
	tick(w, 10000);
	assert_int_equal(w->place.moved.boot_ms, at(0).boot_ms);
	probe(w, 0, PROBE_OK, 10100);
	tick(w, 10200);
	assert_int_equal(w->place.active, 0);
	assert_int_equal(w->place.moved.boot_ms, at(10200).boot_ms);
}

/* Each server takes connections and then says nothing. */
static void test_a_new_place_is_given_longer_each_time_none_gives_a_pulse(void **state)
{
	struct world *w = *state;
	int64_t moved = 0, stay = STAY_MS;

	for (int move = 1; move <= 7; move++) {
		int was = w->place.active;

		hold_breath(w, moved);
		tick(w, moved + stay - 1);
		assert_int_equal(w->place.active, was);
		tick(w, moved + stay);
		assert_int_not_equal(w->place.active, was);
		moved += stay;
		if (move > 1) /* the first had served */
			stay = stay * 2 < STAY_MAX_MS ? stay * 2 : STAY_MAX_MS;
		assert_int_equal(w->place.stay_ms, stay);
	}
	assert_int_equal(stay, STAY_MAX_MS);
	pulse(w, moved + 1000);
	hold_breath(w, moved + 100000);
	tick(w, moved + 104000);
	assert_int_equal(w->place.stay_ms, STAY_MS);
}

static void test_a_move_takes_no_back_off_back(void **state)
{
	struct world *w = *state;
	struct kube_rations *r = kube_client_rations(w->client);
	struct question *usage = &w->place.sides.at[SIDE_USAGE],
			*identity = &w->place.sides.at[SIDE_IDENTITY];
	const char *left = w->api.at[0].at.label;
	int64_t rests;

	usage->vain = 20;
	usage->asked = at(5900);
	identity->vain = 20;
	kube_ration_failed(r, left, SOURCE_PODS, 30000, at(6000));
	rests = kube_ration_wait_ms(r, left, SOURCE_PODS, false, at(6100));
	probe(w, 0, PROBE_FAILED, 6000);
	tick(w, 6100);
	assert_int_equal(w->place.active, 1);
	assert_int_equal(usage->vain, 20);
	assert_false(question_due(usage, at(60000)));
	assert_int_equal(identity->vain, 0); /* that is the new server's to tell */
	assert_true(question_due(identity, at(6100)));
	probe(w, 0, PROBE_OK, 12000);
	for (size_t i = 1; i < w->api.n; i++) {
		probe(w, i, PROBE_FAILED, 12000);
		w->api.at[i].live.probe.answered = false; /* out of sight, not refusing */
	}
	tick(w, 12000);
	assert_int_equal(w->place.active, 0);
	assert_true(kube_ration_wait_ms(r, left, SOURCE_PODS, false, at(12000)) >= rests - 5900);
}

static void put_lease(struct world *w, int64_t seen)
{
	struct lease_row l = {.ns = "kube-node-lease", .name = "w1", .holder = "w1", .host = ""};

	l.seen = at(seen);
	table_put(w->tables.at[KUBE_TABLE_NODE_LEASES].shown, &l);
}

/* Its own etcd is cut off: the watches stay open, and nothing comes. */
static void test_watches_that_stand_still_while_etcd_has_its_quorum_move(void **state)
{
	struct world *w = *state;
	int64_t woke = 30000;

	live(w);
	put_lease(w, 1000);
	pulse(w, 1000 + LEASE_STALE_MS - 1);
	tick(w, 1000 + LEASE_STALE_MS - 1);
	assert_int_equal(w->place.active, 0);
	pulse(w, 1000 + LEASE_STALE_MS);
	api_place_tick(&w->place, ETCD_QUORUM_UNKNOWN, at(0), at(1000 + LEASE_STALE_MS));
	assert_int_equal(w->place.active, 0);
	/* This console itself slept meanwhile. */
	api_place_tick(&w->place, ETCD_QUORUM_OK, at(woke), at(1000 + LEASE_STALE_MS));
	assert_int_equal(w->place.active, 0);
	tick(w, 1000 + LEASE_STALE_MS);
	assert_int_equal(w->place.active, 1);
}

/* ---- which one ---- */

static void test_a_move_goes_to_no_server_that_is_not_ready(void **state)
{
	struct world *w = *state;

	w->api.at[1].ready.probe.state = PROBE_FAILED;
	w->api.at[2].ready.probe.state = PROBE_FAILED;
	probe(w, 0, PROBE_FAILED, 6000);
	tick(w, 6000);
	assert_int_equal(w->place.active, 3);
}

static void test_a_move_goes_rather_to_a_server_that_was_not_listed_a_moment_ago(void **state)
{
	struct world *w = *state;
	struct kube_rations *r = kube_client_rations(w->client);

	kube_rations_set_floor(r, 30000);
	kube_ration_listed(r, w->api.at[1].at.label, SOURCE_NODES, at(5000));
	kube_ration_whole(r, w->api.at[1].at.label, SOURCE_NODES, at(5000));
	probe(w, 0, PROBE_FAILED, 6000);
	tick(w, 6000);
	assert_int_equal(w->place.active, 2);
	for (size_t i = 2; i < w->api.n; i++)
		probe(w, i, PROBE_FAILED, 12000);
	tick(w, 12000); /* rather than nowhere */
	assert_int_equal(w->place.active, 1);
}

static int chosen(const struct world *w)
{
	const struct kube_endpoint *at_server = api_place_choose(&w->place, at(6000));

	for (size_t i = 0; i < w->api.n; i++)
		if (at_server == &w->api.at[i].at)
			return (int)i;
	return -1;
}

static void test_logs_come_from_where_the_watches_run_while_it_answers(void **state)
{
	struct world *w = *state;

	w->place.active = 2;
	probe(w, 1, PROBE_FAILED, 6000);
	assert_int_equal(chosen(w), 2);
	w->api.at[2].ready.probe.state = PROBE_FAILED; /* it may have this one */
	assert_int_equal(chosen(w), 2);
	probe(w, 2, PROBE_SILENT, 6000);
	assert_int_equal(chosen(w), 3);
	w->api.at[3].ready.probe.state = PROBE_FAILED;
	assert_int_equal(chosen(w), 0);
	probe(w, 0, PROBE_FAILED, 6000);
	assert_int_equal(chosen(w), 3); /* rather than none */
	probe(w, 3, PROBE_FAILED, 6000);
	assert_int_equal(chosen(w), -1);
}

static void test_a_balancer_whose_servers_all_refuse_is_not_chosen(void **state)
{
	struct world *w = *state;

	assert_ptr_equal(api_watch_vip(&w->api), &w->api.at[1]);
	w->place.active = 1;
	for (size_t i = 0; i < w->api.n; i++)
		if (i != 1)
			probe(w, i, PROBE_FAILED, 6000);
	assert_int_equal(chosen(w), -1);
	w->api.at[2].live.probe.answered = false; /* out of sight: it tells nothing of it */
	assert_int_equal(chosen(w), 1);
}

static void test_watches_leave_a_server_that_is_forgotten_for_the_best_that_stays(void **state)
{
	const struct host stays = {.name = "m4", .address = "127.0.0.4"};
	struct world *w = *state;

	w->place.active = 2;
	probe(w, 0, PROBE_FAILED, 6000);
	api_place_keep(&w->place, &stays, 1, at(6000));
	assert_int_equal(w->api.n, 2);
	assert_string_equal(api_place_at(&w->place)->node, "m4");
	assert_int_equal(w->place.moved.boot_ms, at(6000).boot_ms);
	api_place_keep(&w->place, NULL, 0, at(7000)); /* none that is left answers: the first */
	assert_int_equal(w->place.active, 0);
}

static void test_another_cluster_is_watched_from_its_first_server_and_asked_everything(void **state)
{
	struct world *w = *state;
	struct api_sides *s = &w->place.sides;

	w->place.active = 2;
	s->at[SIDE_VERSION].vain = 20;
	s->at[SIDE_VERSION].asked = at(5000);
	api_sides_identify(s, "uid-a", false);
	assert_false(s->another);
	str_copy(s->version, sizeof(s->version), "v1.31.0");
	api_sides_identify(s, "uid-b", false);
	assert_true(s->another);
	api_place_begin_anew(&w->place, at(6000));
	assert_false(s->another);
	assert_int_equal(w->place.active, 0);
	assert_string_equal(s->version, "");
	assert_true(question_due(&s->at[SIDE_VERSION], at(6000)));
	assert_true(api_sides_knows_cluster(s, at(6000)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(test_watches_stay_while_their_server_is_well),
		TEST(test_a_server_that_says_it_is_sick_is_not_left_while_it_has_a_pulse),
		TEST(test_without_another_server_the_watches_go_on_trying_where_they_are),
		TEST(test_what_rests_is_woken_when_the_server_is_back),
		TEST(test_without_quorum_what_is_shown_is_old_and_nothing_moves),
		TEST(test_watches_leave_a_dead_server_for_one_that_is_well),
		TEST(test_nodes_and_pods_are_listed_before_the_rest),
		TEST(test_letters_of_the_server_that_was_left_are_late),
		TEST(test_a_connection_without_a_pulse_is_left_though_its_server_answers),
		TEST(test_a_lone_server_gets_a_new_connection_once_it_answers_again),
		TEST(test_a_new_place_is_given_longer_each_time_none_gives_a_pulse),
		TEST(test_a_move_takes_no_back_off_back),
		TEST(test_watches_that_stand_still_while_etcd_has_its_quorum_move),
		TEST(test_a_move_goes_to_no_server_that_is_not_ready),
		TEST(test_a_move_goes_rather_to_a_server_that_was_not_listed_a_moment_ago),
		TEST(test_logs_come_from_where_the_watches_run_while_it_answers),
		cmocka_unit_test_setup_teardown(
			test_a_balancer_whose_servers_all_refuse_is_not_chosen,
			set_up_with_balancer, tear_down),
		TEST(test_watches_leave_a_server_that_is_forgotten_for_the_best_that_stays),
		TEST(test_another_cluster_is_watched_from_its_first_server_and_asked_everything),
	};

	return cmocka_run_group_tests_name("api_place", tests, NULL, NULL);
}
