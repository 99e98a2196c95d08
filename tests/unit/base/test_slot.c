/* The newest wins; the unread one is dropped; a wake-up stays. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/slot.h"
#include "base/wake.h"

#define PUTS 20000

static atomic_int dropped;

static void drop(void *thing)
{
	atomic_fetch_add(&dropped, 1);
	free(thing);
}

static int *number(int value)
{
	int *n = mem_new(int);

	*n = value;
	return n;
}

static int taken(struct slot *s)
{
	int *n = slot_take(s), value = n == NULL ? -1 : *n;

	free(n);
	return value;
}

static int readable(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, timeout_ms);
}

static void test_the_newest_is_taken_and_the_unread_dropped(void **state)
{
	struct slot *s = slot_new(drop);

	(void)state;
	dropped = 0;
	assert_int_equal(taken(s), -1);
	slot_put(s, number(1));
	slot_put(s, number(2));
	assert_int_equal(dropped, 1);
	assert_int_equal(taken(s), 2);
	assert_int_equal(taken(s), -1);
	assert_int_equal(dropped, 1);
	slot_put(s, number(3));
	slot_free(s);
	assert_int_equal(dropped, 2);
	slot_free(NULL);
}

static void test_the_descriptor_is_readable_only_while_one_waits(void **state)
{
	struct slot *s = slot_new(drop);

	(void)state;
	assert_int_equal(readable(slot_fd(s), 0), 0);
	slot_put(s, number(1));
	slot_put(s, number(2));
	assert_int_equal(readable(slot_fd(s), 0), 1);
	taken(s);
	assert_int_equal(readable(slot_fd(s), 0), 0);
	slot_free(s);
}

static void *put_all(void *arg)
{
	for (int i = 1; i <= PUTS; i++)
		slot_put(arg, number(i));
	return NULL;
}

static void test_a_taker_sees_numbers_grow_up_to_the_last(void **state)
{
	struct slot *s = slot_new(drop);
	pthread_t putter;
	int last = 0, takes = 0;

	(void)state;
	dropped = 0;
	assert_int_equal(pthread_create(&putter, NULL, put_all, s), 0);
	while (last < PUTS) {
		int now;

		assert_int_equal(readable(slot_fd(s), 20000), 1);
		now = taken(s);
		assert_true(now > last);
		last = now;
		takes++;
	}
	pthread_join(putter, NULL);
	assert_int_equal(takes + dropped, PUTS);
	slot_free(s);
}

static void test_a_wake_up_stays_until_it_is_cleared(void **state)
{
	int fd = wake_open();

	(void)state;
	wake_clear(fd);
	assert_int_equal(readable(fd, 0), 0);
	wake_set(fd);
	wake_set(fd);
	assert_int_equal(readable(fd, 0), 1);
	assert_int_equal(readable(fd, 0), 1);
	wake_clear(fd);
	assert_int_equal(readable(fd, 0), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_newest_is_taken_and_the_unread_dropped),
		cmocka_unit_test(test_the_descriptor_is_readable_only_while_one_waits),
		cmocka_unit_test(test_a_taker_sees_numbers_grow_up_to_the_last),
		cmocka_unit_test(test_a_wake_up_stays_until_it_is_cleared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
