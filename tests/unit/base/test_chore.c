/* Work that may hang: one at a time, the newest wins, and nobody is held by it. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/chore.h"
#include "base/instant.h"
#include "base/mem.h"

#define SOON_MS 20000

/* What the jobs of a test share; one that is to hang does so until the gate opens. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool open;
	atomic_int began, ran, dropped, last;
} seen = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void set_gate(bool open)
{
	pthread_mutex_lock(&seen.lock);
	seen.open = open;
	pthread_cond_broadcast(&seen.changed);
	pthread_mutex_unlock(&seen.lock);
}

static int reset(void **state)
{
	(void)state;
	seen.began = seen.ran = seen.dropped = seen.last = 0;
	set_gate(true);
	return 0;
}

static void run(void *job)
{
	seen.began++;
	pthread_mutex_lock(&seen.lock);
	while (!seen.open)
		pthread_cond_wait(&seen.changed, &seen.lock);
	pthread_mutex_unlock(&seen.lock);
	seen.last = *(int *)job;
	seen.ran++;
}

static void drop(void *job)
{
	free(job);
	seen.dropped++;
}

static void put(struct chore *c, int n)
{
	int *job = mem_new(int);

	*job = n;
	chore_put(c, job);
}

static void wait_for(atomic_int *what, int n)
{
	int64_t until = instant_now().boot_ms + SOON_MS;

	while (*what < n && instant_now().boot_ms < until)
		poll(NULL, 0, 1);
	assert_true(*what >= n);
}

static void test_what_was_given_is_done_before_it_stops(void **state)
{
	struct chore *c = chore_start("test", run, drop);

	(void)state;
	assert_non_null(c);
	put(c, 7);
	assert_true(chore_stop(c, SOON_MS));
	assert_int_equal(seen.last, 7);
	assert_int_equal(seen.ran, 1);
	assert_int_equal(seen.dropped, 1);
	assert_true(chore_stop(NULL, 0));
}

static void test_while_one_hangs_only_the_newest_waits(void **state)
{
	struct chore *c = chore_start("test", run, drop);

	(void)state;
	set_gate(false);
	put(c, 1);
	wait_for(&seen.began, 1);
	for (int n = 2; n <= 100; n++)
		put(c, n);
	assert_int_equal(seen.dropped, 98);
	set_gate(true);
	wait_for(&seen.ran, 2);
	assert_int_equal(seen.last, 100);
	assert_true(chore_stop(c, SOON_MS));
	assert_int_equal(seen.ran, 2);
	assert_int_equal(seen.dropped, 100);
}

static void test_it_says_how_long_one_has_run(void **state)
{
	struct chore *c = chore_start("test", run, drop);
	int64_t from, busy;

	(void)state;
	assert_int_equal(chore_busy_ms(c, instant_now().boot_ms), -1);
	set_gate(false);
	from = instant_now().boot_ms;
	put(c, 1);
	wait_for(&seen.began, 1);
	busy = chore_busy_ms(c, instant_now().boot_ms + 60000);
	assert_in_range(busy, 60000, 60000 + instant_now().boot_ms - from);
	set_gate(true);
	wait_for(&seen.dropped, 1);
	assert_true(chore_stop(c, SOON_MS));
}

static void test_a_hung_one_holds_nobody_and_cleans_up_when_it_wakes(void **state)
{
	struct chore *c = chore_start("test", run, drop);

	(void)state;
	set_gate(false);
	put(c, 1);
	wait_for(&seen.began, 1);
	put(c, 2);
	assert_false(chore_stop(c, 10));
	set_gate(true);
	wait_for(&seen.dropped, 2);
	assert_int_equal(seen.last, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_what_was_given_is_done_before_it_stops, reset),
		cmocka_unit_test_setup(test_while_one_hangs_only_the_newest_waits, reset),
		cmocka_unit_test_setup(test_it_says_how_long_one_has_run, reset),
		cmocka_unit_test_setup(
			test_a_hung_one_holds_nobody_and_cleans_up_when_it_wakes, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
