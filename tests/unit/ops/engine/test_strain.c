/* What is this console's own fault: moments in which it stood still, a full queue, lost answers. No
 * server is called down for it, and it is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/command.h"
#include "model/lease.h"
#include "ops/engine/strain.h"

#define WAIT_MS 20000

static struct instant at(int64_t ms)
{
	return (struct instant){.wall_ms = 1700000000000 + ms, .boot_ms = 1000000 + ms};
}

static void answer(struct question *q, int64_t ms, enum err_code code)
{
	struct err e;

	err_clear(&e);
	if (code != ERR_NONE)
		err_set(&e, code, "why");
	question_answered(q, at(ms), &e, 1500);
}

static void well(struct question *q, int64_t ms)
{
	question_init(q, 1000);
	question_asked(q, at(ms - 5));
	answer(q, ms, ERR_NONE);
}

struct world {
	struct kube_tables tables;
	struct api_watch api;
	struct api_place place;
	struct etcd_watch etcd;
	struct node_watch nodes;
	struct control_plane plane;
	struct alert_watch alerts;
	struct pool *pool;
	struct mailbox *notices;
	struct strain strain;
};

/* A load balancer and a server, a member, a node, a pulse: all were well at 0. */
static struct world *world_new(void)
{
	struct world *w = mem_new(struct world);

	w->pool = pool_start(1, 1);
	w->notices = mailbox_new(2);
	api_place_init(&w->place, &w->api, &w->tables);
	control_plane_init(&w->plane, &w->place, &w->etcd, &w->nodes, w->notices);
	strain_init(&w->strain, &w->plane, &w->alerts, w->pool);
	w->api.n = 2;
	w->etcd.state.n = w->nodes.n = 1;
	w->etcd.credentials.state = ETCD_CREDENTIALS_FOUND;
	w->nodes.at[0].ever = true;
	for (size_t i = 0; i < 2; i++)
		well(&w->api.at[i].live, 0);
	well(&w->etcd.at[0].status, 0);
	well(&w->nodes.at[0].round, 0);
	well(&w->place.sides.at[SIDE_PULSE], 0);
	strain_turned(&w->strain, at(0));
	return w;
}

static void world_free(struct world *w)
{
	pool_stop(w->pool);
	mailbox_free(w->notices);
	free(w);
}

static const char *said(struct world *w, int64_t ms, enum source_state state)
{
	static struct source probes;

	memset(&probes, 0, sizeof(probes));
	strain_look(&w->strain, at(ms));
	strain_fill(&w->strain, &probes, at(ms));
	assert_int_equal(probes.state, state);
	return probes.error;
}

static void test_the_time_it_stood_still_is_nobodys_silence(void **state)
{
	struct world *w = world_new();
	struct question *live = &w->api.at[0].live;

	(void)state;
	strain_turned(&w->strain, at(1000));
	question_asked(live, at(1000));
	strain_turned(&w->strain, at(1100));
	strain_turned(&w->strain, at(21100)); /* what is under way was lost, or is still to come */
	assert_false(question_wait(live, at(21100)));
	assert_int_equal(live->probe.state, PROBE_OK);
	assert_false(question_wait(live, at(22500)));
	assert_true(question_wait(live, at(22700)));
	assert_int_equal(live->probe.state, PROBE_SILENT);
	assert_int_equal(live->probe.since.boot_ms, at(21100).boot_ms);
	world_free(w);
}

static void test_silence_from_before_goes_on_without_the_time_it_stood_still(void **state)
{
	struct world *w = world_new();
	struct question *live = &w->api.at[0].live;

	(void)state;
	strain_turned(&w->strain, at(1000));
	question_asked(live, at(1000));
	for (int64_t ms = 1000; ms <= 5000; ms += 100)
		strain_turned(&w->strain, at(ms));
	assert_true(question_wait(live, at(5000)));
	strain_turned(&w->strain, at(65000));
	answer(live, 65001, ERR_TIMEOUT);
	question_asked(live, at(65001));
	answer(live, 70001, ERR_TIMEOUT);
	question_asked(live, at(70001));
	question_wait(live, at(70900));
	assert_int_equal(live->probe.state, PROBE_SILENT);
	assert_true(question_wait(live, at(71100))); /* ten seconds of it were seen */
	assert_int_equal(live->probe.state, PROBE_FAILED);
	world_free(w);
}

static void test_what_was_down_before_stays_down(void **state)
{
	struct world *w = world_new();
	struct question *live = &w->api.at[0].live;

	(void)state;
	question_asked(live, at(100));
	answer(live, 101, ERR_REFUSED);
	strain_turned(&w->strain, at(20000));
	question_wait(live, at(20000));
	assert_int_equal(live->probe.state, PROBE_FAILED);
	assert_int_equal(live->probe.since.boot_ms, at(100).boot_ms);
	world_free(w);
}

static void test_nothing_is_judged_until_all_were_heard_of_again(void **state)
{
	struct world *w = world_new();

	(void)state;
	assert_true(strain_is_settled(&w->strain, at(0)));
	strain_turned(&w->strain, at(20000));
	assert_false(strain_is_settled(&w->strain, at(20000)));
	answer(&w->place.sides.at[SIDE_PULSE], 20010, ERR_NONE);
	answer(&w->api.at[0].live, 20010, ERR_NONE);
	answer(&w->etcd.at[0].status, 20010, ERR_NONE);
	answer(&w->nodes.at[0].round, 20010, ERR_TIMEOUT);
	assert_false(strain_is_settled(&w->strain, at(20020)));
	answer(&w->api.at[1].live, 20030, ERR_REFUSED);
	assert_true(strain_is_settled(&w->strain, at(20040)));
	world_free(w);
}

static void test_who_never_answers_is_not_waited_for_beyond_its_time(void **state)
{
	struct world *w = world_new();

	(void)state;
	strain_turned(&w->strain, at(20000));
	assert_false(strain_is_settled(&w->strain, at(20000 + LIMIT_SILENCE_MS - 1)));
	assert_true(strain_is_settled(&w->strain, at(20000 + LIMIT_SILENCE_MS)));
	world_free(w);
}

/* Its renewals were not seen, which is not to say that there were none. */
static void test_a_lease_is_not_late_for_what_was_not_seen(void **state)
{
	const struct lease_row l = {.ns = "kube-node-lease",
		.name = "w1",
		.renew_ms = 1,
		.renewed = true,
		.seen = at(0)};
	struct lease_judge j = {.nodes_seen = at(LEASE_STALE_MS)};

	(void)state;
	assert_true(lease_is_late(&j, &l));
	j.nodes_seen = j.woke = at(60000);
	assert_false(lease_is_late(&j, &l));
	j.nodes_seen = at(60000 + LEASE_STALE_MS - 1);
	assert_false(lease_is_late(&j, &l));
	j.nodes_seen = at(60000 + LEASE_STALE_MS);
	assert_true(lease_is_late(&j, &l));
}

static void test_it_says_that_it_stood_still(void **state)
{
	struct world *w = world_new();

	(void)state;
	assert_string_equal(said(w, 0, SOURCE_LIVE), "");
	strain_turned(&w->strain, at(20000));
	assert_string_equal(
		said(w, 22000, SOURCE_STALE), "this console itself stood still for 20 s, 2s ago");
	assert_string_equal(
		said(w, 35000, SOURCE_LIVE), "this console itself stood still for 20 s, 15s ago");
	assert_string_equal(said(w, 90000, SOURCE_LIVE), "");
	world_free(w);
}

static void test_it_says_that_an_answer_was_lost(void **state)
{
	struct world *w = world_new();
	struct question *status = &w->etcd.at[0].status;

	(void)state;
	question_asked(status, at(1000));
	assert_true(question_due(status, at(9000)));
	question_asked(status, at(9000));
	assert_string_equal(said(w, 12000, SOURCE_LIVE),
		"an answer was lost on this console's own side 3s ago");
	assert_string_equal(said(w, 80000, SOURCE_LIVE), "");
	world_free(w);
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

static void test_it_says_that_its_queue_was_full(void **state)
{
	struct world *w = world_new();
	int refused = 0;

	(void)state;
	for (int i = 0; i < 3; i++)
		refused += pool_add(w->pool, hold, forget, NULL) != 0;
	assert_true(refused > 0);
	assert_string_equal(said(w, 0, SOURCE_STALE),
		"too much is being asked at once: some probes wait for a worker");
	assert_true(said(w, 6000, SOURCE_LIVE)[0] != '\0'); /* it was, a moment ago */
	world_free(w);
}

/* Every worker hangs, be it in a disk: nothing is refused, and nothing comes back. */
static void test_it_says_that_its_workers_hang(void **state)
{
	struct world *w = world_new();

	(void)state;
	assert_int_equal(pool_add(w->pool, hold, forget, NULL), 0);
	while (pool_load(w->pool).waiting > 0)
		poll(NULL, 0, 1); /* until the worker has it */
	assert_int_equal(pool_add(w->pool, hold, forget, NULL), 0);
	assert_string_equal(said(w, 0, SOURCE_LIVE), "");
	assert_string_equal(said(w, 9900, SOURCE_LIVE), "");
	assert_string_equal(said(w, 10000, SOURCE_STALE),
		"too much is being asked at once: some probes wait for a worker");
	world_free(w);
}

static void test_what_a_stopped_screen_missed_is_told_when_it_looks_again(void **state)
{
	struct world *w = world_new();
	struct letter *l;

	(void)state;
	for (int i = 0; i < 5; i++)
		notice_post(w->notices, notice_new(NOTICE_INFO, "%d", i));
	strain_look(&w->strain, at(0));
	for (int i = 0; i < 2; i++) {
		l = mailbox_take(w->notices);
		l->drop(l);
	}
	assert_null(mailbox_take(w->notices));
	for (int i = 0; i < 2; i++)
		strain_look(&w->strain, at(100));
	l = mailbox_take(w->notices);
	assert_non_null(l);
	assert_string_equal(((struct notice *)l)->text,
		"3 messages found no room on the screen: they are in the log");
	l->drop(l);
	assert_null(mailbox_take(w->notices)); /* told once */
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_time_it_stood_still_is_nobodys_silence),
		cmocka_unit_test(test_silence_from_before_goes_on_without_the_time_it_stood_still),
		cmocka_unit_test(test_what_was_down_before_stays_down),
		cmocka_unit_test(test_nothing_is_judged_until_all_were_heard_of_again),
		cmocka_unit_test(test_who_never_answers_is_not_waited_for_beyond_its_time),
		cmocka_unit_test(test_a_lease_is_not_late_for_what_was_not_seen),
		cmocka_unit_test(test_it_says_that_it_stood_still),
		cmocka_unit_test(test_it_says_that_an_answer_was_lost),
		cmocka_unit_test(test_it_says_that_its_queue_was_full),
		cmocka_unit_test(test_it_says_that_its_workers_hang),
		cmocka_unit_test(test_what_a_stopped_screen_missed_is_told_when_it_looks_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
