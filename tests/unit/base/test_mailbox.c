/* Letters between threads: order, the ceiling, the wake-up, and many senders. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mailbox.h"
#include "base/mem.h"

#define SENDERS  4
#define PER_EACH 5000

struct number {
	struct letter letter;
	int sender, value;
};

static int dropped;

static void drop_number(struct letter *l)
{
	dropped++;
	free(l);
}

static struct letter *number_new(int sender, int value)
{
	struct number *n = mem_new(struct number);

	n->letter.drop = drop_number;
	n->sender = sender;
	n->value = value;
	return &n->letter;
}

static int value_of(struct letter *l)
{
	int value = ((struct number *)l)->value;

	l->drop(l);
	return value;
}

static int readable(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, timeout_ms);
}

static void test_letters_come_in_the_order_they_were_posted(void **state)
{
	struct mailbox *box = mailbox_new(10);

	(void)state;
	for (int i = 1; i <= 3; i++)
		assert_int_equal(mailbox_post(box, number_new(0, i)), 0);
	for (int i = 1; i <= 3; i++)
		assert_int_equal(value_of(mailbox_take(box)), i);
	assert_null(mailbox_take(box));
	mailbox_free(box);
}

static void test_the_descriptor_is_readable_only_while_letters_wait(void **state)
{
	struct mailbox *box = mailbox_new(10);

	(void)state;
	assert_int_equal(readable(mailbox_fd(box), 0), 0);
	mailbox_post(box, number_new(0, 1));
	mailbox_post(box, number_new(0, 2));
	assert_int_equal(readable(mailbox_fd(box), 0), 1);
	value_of(mailbox_take(box));
	assert_int_equal(readable(mailbox_fd(box), 0), 1);
	value_of(mailbox_take(box));
	assert_int_equal(readable(mailbox_fd(box), 0), 0);
	mailbox_post(box, number_new(0, 3));
	assert_int_equal(readable(mailbox_fd(box), 0), 1);
	mailbox_free(box);
}

static void test_a_full_box_refuses_and_the_letter_stays_the_callers(void **state)
{
	struct mailbox *box = mailbox_new(1);
	struct letter *second = number_new(0, 2);

	(void)state;
	assert_int_equal(mailbox_post(box, number_new(0, 1)), 0);
	assert_int_equal(mailbox_post(box, second), -1);
	value_of(mailbox_take(box));
	assert_int_equal(mailbox_post(box, second), 0);
	mailbox_free(box);
}

static struct letter *big_new(int value, size_t bytes)
{
	struct letter *l = number_new(0, value);

	l->bytes = bytes;
	return l;
}

static void test_few_letters_may_fill_a_box_by_what_they_hold(void **state)
{
	struct mailbox *box = mailbox_new(10);
	struct letter *third = big_new(3, 1);

	(void)state;
	assert_int_equal(mailbox_post(box, big_new(1, MAILBOX_BYTES - 10)), 0);
	assert_int_equal(mailbox_post(box, big_new(2, 10)), 0);
	assert_int_equal(mailbox_post(box, third), -1);
	value_of(mailbox_take(box));
	assert_int_equal(mailbox_post(box, third), 0);
	value_of(mailbox_take(box));
	value_of(mailbox_take(box));
	assert_int_equal(
		mailbox_post(box, big_new(4, 2 * MAILBOX_BYTES)), 0); /* by itself: it goes */
	mailbox_free(box);
}

static void test_an_answer_is_taken_by_a_full_box_and_comes_first(void **state)
{
	struct mailbox *box = mailbox_new(2);
	struct letter *third = number_new(0, 3);

	(void)state;
	mailbox_post(box, number_new(0, 1));
	mailbox_post(box, number_new(0, 2));
	assert_int_equal(mailbox_load(box).refused, 0);
	assert_int_equal(mailbox_post(box, third), -1);
	assert_int_equal(mailbox_load(box).refused, 1);
	for (int i = 10; i < 20; i++)
		mailbox_answer(box, number_new(0, i));
	for (int i = 10; i < 20; i++)
		assert_int_equal(value_of(mailbox_take(box)), i);
	assert_int_equal(mailbox_post(box, third), -1); /* answers made no room, and took none */
	assert_int_equal(value_of(mailbox_take(box)), 1);
	assert_int_equal(mailbox_post(box, third), 0);
	assert_int_equal(value_of(mailbox_take(box)), 2);
	assert_int_equal(value_of(mailbox_take(box)), 3);
	assert_null(mailbox_take(box));
	assert_int_equal(readable(mailbox_fd(box), 0), 0);
	mailbox_answer(box, number_new(0, 20));
	assert_int_equal(readable(mailbox_fd(box), 0), 1);
	mailbox_free(box);
}

static void test_a_freed_box_drops_what_waits(void **state)
{
	struct mailbox *box = mailbox_new(10);

	(void)state;
	mailbox_post(box, number_new(0, 1));
	mailbox_post(box, number_new(0, 2));
	mailbox_answer(box, number_new(0, 3));
	dropped = 0;
	mailbox_free(box);
	assert_int_equal(dropped, 3);
	mailbox_free(NULL);
}

struct sender {
	struct mailbox *box;
	int id;
};

static void *send_all(void *arg)
{
	struct sender *s = arg;

	for (int i = 0; i < PER_EACH;) {
		struct letter *l = number_new(s->id, i);

		if (mailbox_post(s->box, l) == 0)
			i++;
		else
			free(l);
	}
	return NULL;
}

static void test_many_senders_lose_nothing_and_keep_their_order(void **state)
{
	struct mailbox *box = mailbox_new(SENDERS * PER_EACH);
	struct sender senders[SENDERS];
	pthread_t threads[SENDERS];
	int next[SENDERS] = {0};

	(void)state;
	for (int i = 0; i < SENDERS; i++) {
		senders[i] = (struct sender){box, i};
		assert_int_equal(pthread_create(&threads[i], NULL, send_all, &senders[i]), 0);
	}
	for (int got = 0; got < SENDERS * PER_EACH;) {
		struct letter *l;

		assert_int_equal(readable(mailbox_fd(box), 20000), 1);
		while ((l = mailbox_take(box)) != NULL) {
			int sender = ((struct number *)l)->sender;

			assert_int_equal(value_of(l), next[sender]);
			next[sender]++;
			got++;
		}
	}
	for (int i = 0; i < SENDERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(readable(mailbox_fd(box), 0), 0);
	mailbox_free(box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_letters_come_in_the_order_they_were_posted),
		cmocka_unit_test(test_the_descriptor_is_readable_only_while_letters_wait),
		cmocka_unit_test(test_a_full_box_refuses_and_the_letter_stays_the_callers),
		cmocka_unit_test(test_few_letters_may_fill_a_box_by_what_they_hold),
		cmocka_unit_test(test_an_answer_is_taken_by_a_full_box_and_comes_first),
		cmocka_unit_test(test_a_freed_box_drops_what_waits),
		cmocka_unit_test(test_many_senders_lose_nothing_and_keep_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
