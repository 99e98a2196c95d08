/* Letters that come after whoever asked for them is gone, though another now stands in its place,
 * at the very same address: they are nobody's. Each test makes real letters, puts a new asker where
 * the old one was, plays them to it, and then lets its own answers in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "help/hostile.h"
#include "ops/engine/engine.h"
#include "ops/watch/api_sides.h"
#include "ops/watch/api_watch.h"
#include "ops/watch/feeds.h"

#define WAIT_MS     20000
#define LETTERS_MAX 16

/* All that a watch is made with; nobody listens where it asks. */
struct place {
	struct http *http;
	struct pool *pool;
	struct kube_client *client;
	struct node_shell *shell;
	struct mailbox *box;
	char url[64];
};

struct letters {
	size_t n;
	struct letter *at[LETTERS_MAX];
};

/* room: for what is no answer. */
static void place_open_with(struct place *p, size_t room)
{
	struct node_shell_options shell = node_shell_defaults;
	struct kube_access *a = mem_new(struct kube_access);
	struct err e = {0};

	snprintf(p->url, sizeof(p->url), "http://127.0.0.1:%d", hostile_closed_port());
	a->server = mem_str(p->url);
	a->user = mem_str("me");
	shell.command = "/bin/false";
	p->http = http_open(&e);
	p->pool = pool_start(2, 16);
	p->client = kube_client_new(a, NULL);
	p->shell = node_shell_new(&shell, &e);
	p->box = mailbox_new(room);
	assert_non_null(p->http);
	assert_non_null(p->shell);
}

static void place_open(struct place *p)
{
	place_open_with(p, 100);
}

static void place_close(struct place *p)
{
	pool_stop(p->pool);
	http_close(p->http);
	kube_client_unref(p->client);
	node_shell_free(p->shell);
	mailbox_free(p->box);
}

static struct instant at(int64_t ms)
{
	return (struct instant){.wall_ms = 1700000000000 + ms, .boot_ms = 1000000 + ms};
}

static void collect(struct place *p, size_t n, struct letters *into)
{
	for (into->n = 0; into->n < n;) {
		struct pollfd wait = {.fd = mailbox_fd(p->box), .events = POLLIN};
		struct letter *l = mailbox_take(p->box);

		if (l)
			into->at[into->n++] = l;
		else if (poll(&wait, 1, WAIT_MS) != 1)
			fail_msg("%zu of %zu letters came", into->n, n);
	}
}

static void drop_all(struct letters *l)
{
	for (size_t i = 0; i < l->n; i++)
		l->at[i]->drop(l->at[i]);
	l->n = 0;
}

/* ---- API servers ---- */

static void ask_api(struct api_watch *w, const struct place *p)
{
	memset(w, 0, sizeof(*w));
	api_watch_init(w, p->http, p->pool, p->client, p->box, "");
	w->at[0].ever = true; /* so that its certificate is asked for, too */
	api_watch_tick(w, at(0));
}

static void test_an_api_servers_answers_are_not_its_successors(void **state)
{
	struct api_watch w, before;
	struct letters late, own;
	struct place p;

	(void)state;
	place_open(&p);
	ask_api(&w, &p);
	collect(&p, 3, &late);
	api_watch_done(&w);
	ask_api(&w, &p);
	before = w;
	for (size_t i = 0; i < late.n; i++)
		letter_hear(late.at[i], at(10));
	assert_memory_equal(&w, &before, sizeof(w));
	collect(&p, 3, &own);
	for (size_t i = 0; i < own.n; i++)
		letter_hear(own.at[i], at(20));
	assert_int_equal(w.at[0].live.probe.state, PROBE_FAILED);
	assert_int_equal(w.at[0].ready.probe.state, PROBE_FAILED);
	assert_int_equal(w.at[0].certificate.probe.state, PROBE_FAILED);
	before = w;
	letter_hear(own.at[0], at(30)); /* counted already */
	assert_memory_equal(&w, &before, sizeof(w));
	drop_all(&late);
	drop_all(&own);
	api_watch_done(&w);
	place_close(&p);
}

/* When servers are removed, those behind them move up. */
static void test_an_answer_finds_its_api_server_wherever_it_has_moved(void **state)
{
	struct host node = {.name = "m1", .address = "127.0.0.1"};
	struct letters own;
	struct api_watch w;
	struct place p;

	(void)state;
	place_open(&p);
	memset(&w, 0, sizeof(w));
	node.api_port = hostile_closed_port();
	api_watch_init(&w, p.http, p.pool, p.client, p.box, "");
	api_watch_learn(&w, &node);
	w.at[0].live.asked = w.at[0].ready.asked = at(0); /* the first is not asked now */
	api_watch_tick(&w, at(0));
	collect(&p, 2, &own);
	w.at[0] = w.at[1];
	w.n = 1;
	for (size_t i = 0; i < own.n; i++)
		letter_hear(own.at[i], at(5));
	assert_int_equal(w.at[0].live.probe.state, PROBE_FAILED);
	assert_int_equal(w.at[0].ready.probe.state, PROBE_FAILED);
	drop_all(&own);
	api_watch_done(&w);
	place_close(&p);
}

/* ---- etcd's members ---- */

/* The member seems well, so that it is asked everything; or down, so that its peer port is. */
static void ask_etcd_known(struct etcd_watch *w, const struct place *p, bool well,
	enum probe_state disk, enum probe_state alarms)
{
	const char *const endpoints[] = {p->url, NULL};
	static const struct node_watch nobody;
	struct etcd_watch_options o = engine_defaults.etcd;
	struct etcd_member *m = &w->state.members[0];

	memset(w, 0, sizeof(*w));
	o.endpoints = endpoints;
	o.slow_fsync_us = 100000;
	etcd_watch_init(w, p->http, p->pool, NULL, p->box, &o);
	w->credentials.state = ETCD_CREDENTIALS_FOUND;
	w->read.probe.state = PROBE_OK;
	w->at[0].status.silent = well ? (struct instant){0} : at(-1000);
	m->health = well ? ETCD_HEALTHY : ETCD_DOWN;
	m->id = m->revision = m->db_bytes = 5;
	m->fsync_p99_us = m->latency_us = 1000;
	w->state.quorum = ETCD_QUORUM_OK;
	w->state.read_us = 1000;
	w->at[0].metrics.probe.state = disk;
	w->alarms.probe.state = alarms;
	w->hash.well = at(-3600000);
	str_copy(m->peer_url, sizeof(m->peer_url), p->url);
	etcd_watch_tick(w, at(0), &nobody);
}

static void ask_etcd(struct etcd_watch *w, const struct place *p, bool well)
{
	ask_etcd_known(w, p, well, PROBE_OK, PROBE_OK);
}

static void etcd_answers_stay_their_own(bool well, size_t n)
{
	static struct etcd_watch w, before;
	struct letters late, own;
	struct place p;

	place_open(&p);
	ask_etcd(&w, &p, well);
	collect(&p, n, &late);
	etcd_watch_done(&w);
	ask_etcd(&w, &p, well);
	before = w;
	for (size_t i = 0; i < late.n; i++)
		letter_hear(late.at[i], at(10));
	assert_memory_equal(&w, &before, sizeof(w));
	collect(&p, n, &own);
	for (size_t i = 0; i < own.n; i++)
		letter_hear(own.at[i], at(20));
	assert_false(w.at[0].status.in_flight || w.at[0].metrics.in_flight ||
		     w.at[0].peer.in_flight || w.members.in_flight || w.alarms.in_flight ||
		     w.read.in_flight || w.hash.question.in_flight);
	assert_int_equal(w.state.members[0].health, ETCD_DOWN);
	drop_all(&late);
	drop_all(&own);
	etcd_watch_done(&w);
	place_close(&p);
}

static void test_an_etcd_members_answers_are_not_its_successors(void **state)
{
	(void)state;
	etcd_answers_stay_their_own(true, 6);  /* status, metrics, members, alarms, read, hash */
	etcd_answers_stay_their_own(false, 2); /* status, peer */
}

static void test_etcds_hash_is_not_asked_while_alarms_or_a_disk_are_unknown(void **state)
{
	static const enum probe_state known[][2] = {
		{PROBE_FAILED, PROBE_OK}, {PROBE_OK, PROBE_FAILED}, {PROBE_NEVER, PROBE_NEVER}};
	static struct etcd_watch w;
	struct letters own;
	struct place p;

	(void)state;
	place_open(&p);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		ask_etcd_known(&w, &p, true, known[i][0], known[i][1]);
		assert_false(w.hash.question.in_flight);
		assert_int_equal(w.hash.well.boot_ms, 0);
		collect(&p, 5, &own);
		drop_all(&own);
		etcd_watch_done(&w);
	}
	place_close(&p);
}

/* Nobody listens: whatever was known of the disk is of the past from then on. */
static void test_a_disk_is_not_known_once_its_metrics_cease(void **state)
{
	static const struct node_watch nobody;
	static struct etcd_watch w;
	struct letters own;
	struct place p;

	(void)state;
	place_open(&p);
	ask_etcd(&w, &p, true);
	w.state.members[0].fsync_p99_us = 900000;
	collect(&p, 6, &own);
	for (size_t i = 0; i < own.n; i++)
		letter_hear(own.at[i], at(10));
	assert_int_equal(w.at[0].metrics.probe.state, PROBE_FAILED);
	w.at[0].status.probe.state = PROBE_OK; /* only they do */
	w.state.members[0].leader_id = 5;
	etcd_watch_tick(&w, at(20), &nobody);
	assert_int_equal(w.state.members[0].health, ETCD_HEALTHY);
	assert_int_equal(w.state.members[0].fsync_p99_us, -1);
	drop_all(&own);
	etcd_watch_done(&w);
	place_close(&p);
}

static void seek(struct etcd_watch *w, const struct place *p)
{
	static const struct node_watch nobody;
	struct etcd_watch_options o = engine_defaults.etcd;

	memset(w, 0, sizeof(*w));
	o.cacert = o.cert = o.key = "/nonexistent/etcd.pem";
	etcd_watch_init(w, p->http, p->pool, NULL, p->box, &o);
	etcd_credentials_seek(&w->credentials, at(0), &nobody, NULL, 0);
}

static void test_a_search_for_credentials_is_not_ended_by_an_earlier_ones_finding(void **state)
{
	static struct etcd_watch w;
	struct letters late, own;
	struct place p;

	(void)state;
	place_open(&p);
	seek(&w, &p);
	collect(&p, 1, &late);
	etcd_watch_done(&w);
	seek(&w, &p);
	letter_hear(late.at[0], at(10));
	assert_int_equal(w.credentials.state, ETCD_CREDENTIALS_SOUGHT);
	assert_string_equal(w.credentials.from, "");
	collect(&p, 1, &own);
	letter_hear(own.at[0], at(20));
	assert_int_equal(w.credentials.state, ETCD_CREDENTIALS_NONE);
	assert_non_null(strstr(w.credentials.from, "/nonexistent/etcd.pem"));
	drop_all(&late);
	drop_all(&own);
	etcd_watch_done(&w);
	place_close(&p);
}

/* ---- nodes and balancers ---- */

static void ask_nodes(struct node_watch *w, const struct place *p)
{
	static const char *const balancers[] = {"192.0.2.9", NULL};
	const struct host node = {.name = "m1", .address = "192.0.2.1"};
	struct balancer_options o = engine_defaults.load_balancer;

	memset(w, 0, sizeof(*w));
	o.haproxy_nodes = balancers;
	node_watch_init(w, p->pool, p->shell, p->box, &o);
	node_watch_learn(w, &node);
	node_watch_tick(w, at(0));
}

static void test_a_nodes_round_is_not_its_successors(void **state)
{
	static struct node_watch w, before;
	struct letters late, own;
	struct place p;

	(void)state;
	place_open(&p);
	ask_nodes(&w, &p);
	collect(&p, 2, &late);
	node_watch_done(&w);
	ask_nodes(&w, &p);
	before = w;
	for (size_t i = 0; i < late.n; i++)
		letter_hear(late.at[i], at(10));
	assert_memory_equal(&w, &before, sizeof(w));
	collect(&p, 2, &own);
	for (size_t i = 0; i < own.n; i++)
		letter_hear(own.at[i], at(20));
	assert_int_equal(w.at[0].round.probe.state, PROBE_FAILED);
	assert_int_equal(w.balancers[0].stat.probe.state, PROBE_FAILED);
	drop_all(&late);
	drop_all(&own);
	node_watch_done(&w);
	place_close(&p);
}

static void test_a_round_at_a_nodes_old_address_says_nothing_of_the_new(void **state)
{
	const struct host moved = {.name = "m1", .address = "192.0.2.2"};
	static struct node_watch w;
	struct letters late;
	struct place p;

	(void)state;
	place_open(&p);
	ask_nodes(&w, &p);
	collect(&p, 2, &late);
	node_watch_learn(&w, &moved);
	for (size_t i = 0; i < late.n; i++)
		letter_hear(late.at[i], at(10));
	assert_int_equal(w.at[0].round.probe.state, PROBE_NEVER);
	assert_true(question_due(&w.at[0].round, at(10)));
	drop_all(&late);
	node_watch_done(&w);
	place_close(&p);
}

/* ---- feeds ---- */

/* A view's id is its own affair: it may use it again. */
static void reopened_feed_hears_only_its_own(
	const struct kube_endpoint *at_server, const char *name, const char *why)
{
	struct shell_host host = {.local = false};
	const struct command c = {.feed = 7, .ns = "a", .name = "b", .container = "c"};
	struct letters late, own;
	struct feeds f;
	struct place p;

	place_open(&p);
	feeds_init(&f, p.http, p.pool, p.client, p.shell, p.box);
	str_copy(host.name, sizeof(host.name), name);
	assert_true(feeds_open(&f, &c, at_server, &host));
	collect(&p, 1, &late);
	feeds_close(&f, 7);
	letter_hear(late.at[0], at(10)); /* to none */
	assert_true(feeds_open(&f, &c, at_server, &host));
	letter_hear(late.at[0], at(10));
	assert_int_equal(f.at[0].id, 7);
	assert_int_equal(f.at[0].state, FEED_OPENING);
	collect(&p, 1, &own);
	letter_hear(own.at[0], at(10));
	assert_int_equal(f.at[0].state, FEED_FAILED);
	assert_non_null(strstr(f.at[0].error, why));
	drop_all(&late);
	drop_all(&own);
	feeds_done(&f);
	place_close(&p);
}

static void test_a_feed_opened_anew_hears_nothing_of_the_old(void **state)
{
	struct kube_endpoint server = {.label = "127.0.0.1:1"};

	(void)state;
	snprintf(server.connect_to, sizeof(server.connect_to), "127.0.0.1:%d",
		hostile_closed_port());
	reopened_feed_hears_only_its_own(&server, "", "refused");
	reopened_feed_hears_only_its_own(NULL, "192.0.2.1", "192.0.2.1");
}

/* ---- alerts ---- */

static void ask_alerts(struct alert_watch *in, const struct place *p)
{
	struct alert_watch_options o = engine_defaults.alerts;

	o.url = p->url;
	alert_watch_init(in, p->pool, p->box, &o);
	alert_watch_tick(in, at(0));
}

static void test_alerts_of_an_asking_that_was_given_up_are_late(void **state)
{
	struct letters late, own;
	struct alert_watch in;
	struct place p;

	(void)state;
	place_open(&p);
	ask_alerts(&in, &p);
	collect(&p, 1, &late);
	alert_watch_done(&in);
	ask_alerts(&in, &p);
	letter_hear(late.at[0], at(10));
	assert_int_equal(in.source.state, SOURCE_LOADING);
	collect(&p, 1, &own);
	letter_hear(own.at[0], at(20));
	assert_int_equal(in.source.state, SOURCE_NEVER);
	drop_all(&late);
	drop_all(&own);
	alert_watch_done(&in);
	place_close(&p);
}

/* ---- what the active API server is asked beside its watches ---- */

static void ask_sides(struct api_sides *s, const struct place *p, struct instant now)
{
	struct kube_endpoint server;

	kube_client_server(p->client, &server);
	for (size_t i = 0; i < SIDE_COUNT; i++)
		question_init(&s->at[i], 1000);
	s->at[SIDE_PULSE].probe.state = PROBE_OK; /* then the others are asked, too */
	api_sides_tick(s, &server, now);
}

static void test_side_answers_of_a_server_that_was_left_are_late(void **state)
{
	struct question before[SIDE_COUNT];
	static struct kube_tables tables;
	static struct api_sides sides;
	struct letters late, own;
	struct place p;

	(void)state;
	place_open(&p);
	kube_tables_init(&tables);
	api_sides_init(&sides, p.http, p.client, p.box, &tables);
	ask_sides(&sides, &p, at(0));
	collect(&p, SIDE_COUNT, &late);
	ask_sides(&sides, &p, at(100));
	memcpy(before, sides.at, sizeof(before));
	for (size_t i = 0; i < late.n; i++)
		letter_hear(late.at[i], at(110));
	assert_memory_equal(sides.at, before, sizeof(before));
	collect(&p, SIDE_COUNT, &own);
	for (size_t i = 0; i < own.n; i++)
		letter_hear(own.at[i], at(120));
	for (size_t i = 0; i < SIDE_COUNT; i++)
		assert_false(sides.at[i].in_flight);
	assert_int_equal(sides.at[SIDE_PULSE].probe.state, PROBE_FAILED);
	drop_all(&late);
	drop_all(&own);
	kube_tables_done(&tables);
	place_close(&p);
}

/* ---- a mailbox that is full ---- */

/* A flood of watches' letters takes all the room there is for them. */
static void test_every_answer_has_room_in_a_full_mailbox(void **state)
{
	const struct command log = {.feed = 7, .ns = "a", .name = "b", .container = "c"};
	static struct etcd_watch etcd, searching;
	static struct node_watch nodes;
	static struct alert_watch alerts;
	static struct feeds feeds;
	struct letters answers;
	struct api_watch api;
	struct place p;

	(void)state;
	place_open_with(&p, 0);
	ask_api(&api, &p);
	ask_etcd(&etcd, &p, true);
	seek(&searching, &p);
	ask_nodes(&nodes, &p);
	ask_alerts(&alerts, &p);
	feeds_init(&feeds, p.http, p.pool, p.client, p.shell, p.box);
	assert_true(feeds_open(&feeds, &log, NULL, &(struct shell_host){.name = "192.0.2.1"}));
	collect(&p, 3 + 6 + 1 + 2 + 1 + 1, &answers);
	drop_all(&answers);
	feeds_done(&feeds);
	alert_watch_done(&alerts);
	node_watch_done(&nodes);
	etcd_watch_done(&searching);
	etcd_watch_done(&etcd);
	api_watch_done(&api);
	place_close(&p);
}

static void hold(void *job, int cancel_fd)
{
	struct pollfd p = {.fd = cancel_fd, .events = POLLIN};

	(void)job;
	poll(&p, 1, WAIT_MS);
}

static void forget(void *job)
{
	(void)job;
}

/* Each of them once, when the queue has room again. */
static void test_what_found_the_pools_queue_full_is_asked_once_there_is_room(void **state)
{
	static struct etcd_watch searching;
	static struct node_watch nodes;
	static const struct node_watch nobody;
	struct alert_watch alerts;
	struct letters answers;
	struct api_watch api;
	struct pool *full;
	struct place p;

	(void)state;
	place_open(&p);
	full = p.pool;
	p.pool = pool_start(2, 0); /* no room at all */
	ask_api(&api, &p);
	seek(&searching, &p);
	ask_nodes(&nodes, &p);
	ask_alerts(&alerts, &p);
	assert_int_equal(pool_load(p.pool).refused, 5);
	collect(&p, 2, &answers); /* the API server's, which need no worker */
	drop_all(&answers);
	pool_stop(p.pool);
	p.pool = api.pool = searching.credentials.pool = nodes.pool = alerts.pool = full;
	api_watch_tick(&api, at(100));
	etcd_credentials_seek(&searching.credentials, at(100), &nobody, NULL, 0);
	node_watch_tick(&nodes, at(100));
	alert_watch_tick(&alerts, at(100));
	collect(&p, 5, &answers);
	drop_all(&answers);
	alert_watch_done(&alerts);
	node_watch_done(&nodes);
	etcd_watch_done(&searching);
	api_watch_done(&api);
	place_close(&p);
}

/* Every worker is held by a hung node, for as long as it takes to call a silent one down. */
static void test_a_node_whose_round_waits_for_a_worker_is_not_silent(void **state)
{
	static struct node_watch w;
	struct place p;

	(void)state;
	place_open(&p);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pool_add(p.pool, hold, forget, NULL), 0);
	ask_nodes(&w, &p);
	for (int64_t ms = 100; ms < 60000; ms += 100)
		node_watch_tick(&w, at(ms));
	assert_int_equal(w.at[0].round.probe.state, PROBE_NEVER);
	assert_int_equal(w.balancers[0].stat.probe.state, PROBE_NEVER);
	assert_true(w.at[0].round.in_flight);
	node_watch_done(&w);
	place_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_api_servers_answers_are_not_its_successors),
		cmocka_unit_test(test_an_answer_finds_its_api_server_wherever_it_has_moved),
		cmocka_unit_test(test_an_etcd_members_answers_are_not_its_successors),
		cmocka_unit_test(test_a_disk_is_not_known_once_its_metrics_cease),
		cmocka_unit_test(test_etcds_hash_is_not_asked_while_alarms_or_a_disk_are_unknown),
		cmocka_unit_test(
			test_a_search_for_credentials_is_not_ended_by_an_earlier_ones_finding),
		cmocka_unit_test(test_a_nodes_round_is_not_its_successors),
		cmocka_unit_test(test_a_round_at_a_nodes_old_address_says_nothing_of_the_new),
		cmocka_unit_test(test_a_feed_opened_anew_hears_nothing_of_the_old),
		cmocka_unit_test(test_alerts_of_an_asking_that_was_given_up_are_late),
		cmocka_unit_test(test_side_answers_of_a_server_that_was_left_are_late),
		cmocka_unit_test(test_every_answer_has_room_in_a_full_mailbox),
		cmocka_unit_test(test_what_found_the_pools_queue_full_is_asked_once_there_is_room),
		cmocka_unit_test(test_a_node_whose_round_waits_for_a_worker_is_not_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
