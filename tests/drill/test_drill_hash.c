/* Members of the practice cluster that hold different data: seen by the hash of their keys alone,
 * which is asked rarely. So the clock leaps a second at a time, as soon as all that was asked is
 * answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <string.h>

#include "help/drilled.h"
#include "ops/watch/etcd_watch.h"

/* Its leases are renewed, and so its disks written, while the clock leaps. */
#define FAST          25
#define WAIT_MS       20000
#define LEAP_MS       1000
#define SLOW_FSYNC_US 1000000 /* the machine may be busy with other tests */
#define ROUND_MS      (15 * 60000)

struct stand {
	struct drilled d;
	struct mailbox *box;
	struct etcd_watch w;
	int64_t ahead_ms;
};

static struct stand t;

static struct instant leaping(void)
{
	struct instant now = instant_now();

	now.boot_ms += t.ahead_ms;
	now.wall_ms += t.ahead_ms;
	return now;
}

static int begin(void **state)
{
	const char *urls[4] = {NULL};
	struct etcd_watch_options o = {
		.endpoints = urls, .pki_dir = "", .slow_fsync_us = SLOW_FSYNC_US};

	(void)state;
	memset(&t, 0, sizeof(t));
	drilled_start(&t.d, "healthy", FAST);
	for (int i = 0; i < 3; i++)
		urls[i] = t.d.config->masters[i].etcd_url;
	o.cacert = t.d.config->etcd_ca;
	o.cert = t.d.config->etcd_cert;
	o.key = t.d.config->etcd_key;
	t.box = mailbox_new(100);
	etcd_watch_init(&t.w, t.d.http, t.d.pool, t.d.shell, t.box, &o);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	etcd_watch_done(&t.w);
	drilled_stop(&t.d);
	mailbox_free(t.box);
	return 0;
}

static bool awaits_answers(void)
{
	bool some = t.w.members.in_flight || t.w.alarms.in_flight || t.w.read.in_flight ||
		    t.w.credentials.search.in_flight || t.w.hash.question.in_flight;

	for (size_t i = 0; i < t.w.state.n; i++)
		some = some || t.w.at[i].status.in_flight || t.w.at[i].metrics.in_flight;
	return some;
}

static void hear(void)
{
	struct instant began = instant_now();
	struct letter *l;

	while (awaits_answers()) {
		struct pollfd p = {.fd = mailbox_fd(t.box), .events = POLLIN};

		if (instant_age_ms(began, instant_now()) > WAIT_MS)
			fail_msg("an answer did not come");
		poll(&p, 1, 100);
		while ((l = mailbox_take(t.box)) != NULL) {
			letter_hear(l, leaping());
			l->drop(l);
		}
	}
}

/* Until each member told its hash, and no longer than a round may take. */
static void round_of_hashes(void)
{
	static const struct node_watch nobody;
	int64_t until = t.ahead_ms + ROUND_MS;
	size_t told;

	for (size_t i = 0; i < t.w.state.n; i++)
		t.w.state.members[i].hash_revision = 0;
	do {
		etcd_watch_tick(&t.w, leaping(), &nobody);
		hear();
		poll(NULL, 0, LEAP_MS / FAST);
		t.ahead_ms += LEAP_MS;
		told = 0;
		for (size_t i = 0; i < t.w.state.n; i++)
			told += t.w.state.members[i].hash_revision > 0;
	} while (told < 3 && t.ahead_ms < until);
	assert_int_equal(told, 3);
	etcd_watch_tick(&t.w, leaping(), &nobody);
	hear();
}

static void test_members_with_different_data_are_found_and_found_mended(void **state)
{
	struct err e;

	(void)state;
	round_of_hashes();
	assert_false(t.w.state.corrupt);
	assert_int_equal(drill_set(t.d.drill, "data/m2", "differ", &e), 0);
	round_of_hashes();
	assert_true(t.w.state.corrupt);
	assert_int_equal(drill_scenario(t.d.drill, "healthy", &e), 0);
	round_of_hashes();
	assert_false(t.w.state.corrupt);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members_with_different_data_are_found_and_found_mended),
	};

	drilled_self(argc, argv);
	return cmocka_run_group_tests(tests, begin, finish);
}
