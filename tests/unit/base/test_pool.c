/* Workers: every job runs once, in order; a stop wakes, drops and joins. */
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/pool.h"
#include "base/serial.h"

#define JOBS 500

static struct counts {
	atomic_int ran, dropped, cancelled;
	atomic_int order[JOBS];
	sem_t started, go;
} counts;

static int setup(void **state)
{
	(void)state;
	counts.ran = counts.dropped = counts.cancelled = 0;
	sem_init(&counts.started, 0, 0);
	sem_init(&counts.go, 0, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sem_destroy(&counts.started);
	sem_destroy(&counts.go);
	return 0;
}

/* Waits as a test may: with a deadline. */
static void wait_for(sem_t *sem)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 20;
	assert_int_equal(sem_timedwait(sem, &until), 0);
}

static void drop(void *job)
{
	(void)job;
	atomic_fetch_add(&counts.dropped, 1);
}

static void run_and_note(void *job, int cancel_fd)
{
	int at = atomic_fetch_add(&counts.ran, 1);

	(void)cancel_fd;
	counts.order[at] = *(int *)job;
	sem_post(&counts.started);
}

static void run_until_go(void *job, int cancel_fd)
{
	(void)job;
	(void)cancel_fd;
	sem_post(&counts.started);
	while (sem_wait(&counts.go) != 0)
		;
	atomic_fetch_add(&counts.ran, 1);
}

static void run_until_cancelled(void *job, int cancel_fd)
{
	struct pollfd p = {.fd = cancel_fd, .events = POLLIN};

	(void)job;
	sem_post(&counts.started);
	if (poll(&p, 1, 20000) == 1)
		atomic_fetch_add(&counts.cancelled, 1);
	atomic_fetch_add(&counts.ran, 1);
}

static void test_every_job_runs_once_and_is_dropped(void **state)
{
	struct pool *p = pool_start(4, JOBS);
	static int numbers[JOBS];

	(void)state;
	for (int i = 0; i < JOBS; i++)
		assert_int_equal(pool_add(p, run_and_note, drop, &numbers[i]), 0);
	for (int i = 0; i < JOBS; i++)
		wait_for(&counts.started);
	pool_stop(p);
	assert_int_equal(counts.ran, JOBS);
	assert_int_equal(counts.dropped, JOBS);
}

static void test_one_worker_keeps_the_order(void **state)
{
	struct pool *p = pool_start(1, JOBS);
	static int numbers[JOBS];

	(void)state;
	for (int i = 0; i < JOBS; i++) {
		numbers[i] = i;
		assert_int_equal(pool_add(p, run_and_note, drop, &numbers[i]), 0);
	}
	for (int i = 0; i < JOBS; i++)
		wait_for(&counts.started);
	pool_stop(p);
	for (int i = 0; i < JOBS; i++)
		assert_int_equal(counts.order[i], i);
}

static void test_a_job_has_begun_once_a_worker_took_it(void **state)
{
	struct pool *p = pool_start(1, JOBS);
	uint64_t numbers[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		numbers[i] = serial_next();
		assert_int_equal(pool_add(p, run_until_go, drop, NULL), 0);
	}
	for (int i = 0; i < 3; i++) {
		wait_for(&counts.started);
		for (int k = 0; k < 3; k++)
			assert_int_equal(pool_has_begun(p, numbers[k]), k <= i);
		sem_post(&counts.go);
	}
	pool_stop(p);
}

static void test_too_many_waiting_jobs_are_refused_untouched(void **state)
{
	struct pool *p = pool_start(1, 2);

	(void)state;
	assert_int_equal(pool_add(p, run_until_go, drop, NULL), 0);
	wait_for(&counts.started); /* it runs, so it waits no more */
	assert_int_equal(pool_add(p, run_until_go, drop, NULL), 0);
	assert_int_equal(pool_add(p, run_until_go, drop, NULL), 0);
	assert_int_equal(pool_load(p).refused, 0);
	assert_int_equal(pool_add(p, run_until_go, drop, NULL), -1);
	assert_int_equal(pool_load(p).refused, 1);
	for (int i = 0; i < 3; i++)
		sem_post(&counts.go);
	wait_for(&counts.started);
	wait_for(&counts.started);
	pool_stop(p);
	assert_int_equal(counts.ran, 3);
	assert_int_equal(counts.dropped, 3);
}

static void test_a_stop_wakes_all_that_run_and_drops_all_that_wait(void **state)
{
	struct pool *p = pool_start(2, 10);

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(pool_add(p, run_until_cancelled, drop, NULL), 0);
	wait_for(&counts.started);
	wait_for(&counts.started);
	pool_stop(p);
	assert_int_equal(counts.ran, 2);
	assert_int_equal(counts.cancelled, 2);
	assert_int_equal(counts.dropped, 5);
}

static void *add_some(void *pool)
{
	static int number;

	for (int i = 0; i < JOBS / 5; i++)
		if (pool_add(pool, run_and_note, drop, &number) != 0)
			return pool;
	return NULL;
}

static void test_many_threads_may_add(void **state)
{
	struct pool *p = pool_start(3, JOBS);
	pthread_t adders[5];
	void *refused;

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(pthread_create(&adders[i], NULL, add_some, p), 0);
	for (int i = 0; i < 5; i++) {
		pthread_join(adders[i], &refused);
		assert_null(refused);
	}
	for (int i = 0; i < JOBS; i++)
		wait_for(&counts.started);
	pool_stop(p);
	assert_int_equal(counts.ran, JOBS);
	assert_int_equal(counts.dropped, JOBS);
}

static void test_an_idle_pool_stops(void **state)
{
	(void)state;
	pool_stop(pool_start(3, 1));
	pool_stop(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_every_job_runs_once_and_is_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_worker_keeps_the_order, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_job_has_begun_once_a_worker_took_it, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_too_many_waiting_jobs_are_refused_untouched, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_stop_wakes_all_that_run_and_drops_all_that_wait, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_threads_may_add, setup, teardown),
		cmocka_unit_test_setup_teardown(test_an_idle_pool_stops, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
