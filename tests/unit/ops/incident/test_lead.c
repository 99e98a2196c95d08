/* One of several consoles leads, whatever the disk does. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "ops/incident/lead.h"

#define SOON_MS 20000

static char dir[] = "/tmp/k911-lead-XXXXXX", path[64];

/* What a lock is worth on this disk: this stands in for libc's. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool hangs;
	int asked;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void set_disk(bool hangs)
{
	pthread_mutex_lock(&disk.lock);
	disk.hangs = hangs;
	pthread_cond_broadcast(&disk.changed);
	pthread_mutex_unlock(&disk.lock);
}

int flock(int fd, int how)
{
	pthread_mutex_lock(&disk.lock);
	disk.asked++;
	while (disk.hangs)
		pthread_cond_wait(&disk.changed, &disk.lock);
	pthread_mutex_unlock(&disk.lock);
	return (int)syscall(SYS_flock, fd, how);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/lock", dir);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static struct instant at(int64_t s)
{
	return (struct instant){.wall_ms = 1795435200000 + s * 1000, .boot_ms = 1000000 + s * 1000};
}

/* The console's clock stands; its thread may take its time. */
static bool comes_to_lead(struct lead *l, struct instant now)
{
	int64_t until = instant_now().boot_ms + SOON_MS;

	while (!lead_is_ours(l, now) && instant_now().boot_ms < until)
		poll(NULL, 0, 1);
	return lead_is_ours(l, now);
}

static void test_the_second_leads_when_the_first_is_gone(void **state)
{
	struct lead *first = lead_start(path), *second = lead_start(path);

	(void)state;
	assert_true(lead_is_ours(first, at(0)));
	assert_false(lead_is_ours(second, at(0)));
	lead_stop(first);
	assert_true(comes_to_lead(second, at(2)));
	lead_stop(second);
	lead_stop(NULL);
}

static void test_where_nobody_can_lock_each_speaks_for_itself(void **state)
{
	struct lead *l = lead_start("/nonexistent/lock");

	(void)state;
	assert_true(lead_is_ours(l, at(0)));
	assert_true(lead_is_ours(l, at(100)));
	lead_stop(l);
}

static void test_a_lock_that_hangs_holds_nobody_and_silences_nobody_for_long(void **state)
{
	struct lead *first = lead_start(path), *second = lead_start(path);

	(void)state;
	assert_false(lead_is_ours(second, at(0)));
	set_disk(true);
	for (int s = 1; s < LEAD_SILENT_MS / 1000; s++)
		assert_false(lead_is_ours(second, at(s)));
	assert_true(comes_to_lead(second, at(LEAD_SILENT_MS / 1000 + 1)));
	set_disk(false);
	for (int s = 100; !lead_is_ours(first, at(s)) || lead_is_ours(second, at(s)); s++)
		poll(NULL, 0, 1); /* the disk is back, and the answer that it is theirs */
	lead_stop(first);
	lead_stop(second);
}

/* A stopped process keeps its lock: first is not called any more, as if its process were stopped.
 */
static void test_who_sleeps_loses_the_lead_and_yields_when_it_wakes(void **state)
{
	struct lead *first = lead_start(path), *second = lead_start(path);
	int s;

	(void)state;
	assert_true(lead_is_ours(first, at(0)));
	for (s = 1; s < 1000 && !lead_is_ours(second, at(s)); s++)
		poll(NULL, 0, 5); /* its thread answers, and says what it read */
	assert_in_range(s, LEAD_ASLEEP_MS / 1000, 999);
	for (int k = 0; k < 20; k++) {
		assert_false(lead_is_ours(first, at(s + k))); /* not even at once */
		poll(NULL, 0, 1);
	}
	assert_true(comes_to_lead(second, at(s + 20)));
	lead_stop(second);
	for (s += 100; !lead_is_ours(first, at(s)) && s < 2000; s++)
		poll(NULL, 0, 1);
	assert_true(lead_is_ours(first, at(s)));
	lead_stop(first);
}

/* Who waits was stopped itself, for longer than any leader may sleep: that says nothing of him. */
static void test_a_waiting_console_that_slept_takes_nothing_from_one_awake(void **state)
{
	struct lead *first = lead_start(path), *second = lead_start(path);

	(void)state;
	for (int s = 0; s < 1000; s += 6) {
		assert_true(comes_to_lead(first, at(s)));
		if (s % 60 == 0) {
			assert_false(lead_is_ours(second, at(s)));
			poll(NULL, 0, 5);
		}
	}
	lead_stop(first);
	lead_stop(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_second_leads_when_the_first_is_gone),
		cmocka_unit_test(test_where_nobody_can_lock_each_speaks_for_itself),
		cmocka_unit_test(test_a_lock_that_hangs_holds_nobody_and_silences_nobody_for_long),
		cmocka_unit_test(test_who_sleeps_loses_the_lead_and_yields_when_it_wakes),
		cmocka_unit_test(test_a_waiting_console_that_slept_takes_nothing_from_one_awake),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
