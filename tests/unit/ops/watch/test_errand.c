/* An errand comes back as a letter, to its hearer and once, whatever became of it on our side. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ops/watch/errand.h"

#define WAIT_MS 20000

struct room {
	struct pool *pool;
	struct mailbox *box;
	struct question question;
	int heard, dropped;
	struct err err;
};

struct sum {
	struct errand errand;
	struct room *from;
	int a, b, sum;
};

static struct instant at(int64_t ms)
{
	return (struct instant){.wall_ms = 1700000000000 + ms, .boot_ms = 1000000 + ms};
}

static void sum_run(struct errand *x, int cancel_fd)
{
	struct sum *s = (struct sum *)x;

	(void)cancel_fd;
	s->sum = s->a + s->b;
	if (s->a < 0)
		err_set(&x->err, ERR_INPUT, "negative");
}

static void hold_run(struct errand *x, int cancel_fd)
{
	struct pollfd p = {.fd = cancel_fd, .events = POLLIN};

	(void)x;
	poll(&p, 1, WAIT_MS);
}

static void sum_drop(struct letter *l)
{
	struct sum *s = (struct sum *)l;

	s->from->dropped++;
	free(s);
}

static void sum_hear(void *room, struct letter *l, struct instant now)
{
	struct sum *s = (struct sum *)l;
	struct room *r = room;

	if (!question_awaits(&r->question, s->errand.asking))
		return;
	question_answered(&r->question, now, &s->errand.err, -1);
	r->err = s->errand.err;
	r->heard += s->sum;
}

static const struct errand_kind sums = {sum_run, sum_drop, sum_hear};
static const struct errand_kind holds = {hold_run, sum_drop, sum_hear};

static int room_open(void **state)
{
	struct room *r = mem_new(struct room);

	r->pool = pool_start(1, 4);
	r->box = mailbox_new(0); /* answers have room all the same */
	question_init(&r->question, 1000);
	*state = r;
	return 0;
}

static int room_close(void **state)
{
	struct room *r = *state;

	pool_stop(r->pool);
	mailbox_free(r->box);
	free(r);
	return 0;
}

static struct sum *sum_new(struct room *r, const struct errand_kind *kind, int a, int b)
{
	struct sum *s = mem_new(struct sum);

	errand_init(&s->errand, kind, r->box, r);
	s->from = r;
	s->a = a;
	s->b = b;
	return s;
}

static int ask(struct room *r, const struct errand_kind *kind, int a, int b, int64_t ms)
{
	return errand_ask(&sum_new(r, kind, a, b)->errand, r->pool, &r->question, at(ms));
}

static struct letter *next_letter(struct room *r)
{
	struct pollfd p = {.fd = mailbox_fd(r->box), .events = POLLIN};
	struct letter *l;

	while ((l = mailbox_take(r->box)) == NULL)
		assert_int_equal(poll(&p, 1, WAIT_MS), 1);
	return l;
}

static void hear_next(struct room *r, int64_t ms)
{
	struct letter *l = next_letter(r);

	letter_hear(l, at(ms));
	l->drop(l);
}

static void test_what_was_run_is_heard_with_what_it_found(void **state)
{
	struct room *r = *state;

	assert_int_equal(ask(r, &sums, 2, 3, 0), 0);
	hear_next(r, 10);
	assert_int_equal(r->heard, 5);
	assert_int_equal(r->err.code, ERR_NONE);
	assert_int_equal(r->question.probe.state, PROBE_OK);
	assert_int_equal(ask(r, &sums, -2, 3, 2000), 0);
	hear_next(r, 2010);
	assert_int_equal(r->err.code, ERR_INPUT);
	assert_int_equal(r->dropped, 2);
}

static void test_what_finds_no_room_is_dropped_and_due_again(void **state)
{
	struct room *r = *state;
	struct pool *full = r->pool;

	r->pool = pool_start(1, 0);
	assert_int_equal(ask(r, &sums, 2, 3, 0), -1);
	assert_int_equal(r->dropped, 1);
	assert_false(r->question.in_flight);
	assert_true(question_due(&r->question, at(0)));
	pool_stop(r->pool);
	r->pool = full;
	assert_null(mailbox_take(r->box));
}

static void test_an_answer_that_another_was_asked_after_is_nobodys(void **state)
{
	struct room *r = *state;
	struct letter *late;

	assert_int_equal(ask(r, &sums, 2, 3, 0), 0);
	late = next_letter(r);
	question_init(&r->question, 1000); /* whoever asked is gone; another stands in its place */
	letter_hear(late, at(10));
	assert_int_equal(ask(r, &sums, 20, 30, 20), 0);
	letter_hear(late, at(30));
	assert_int_equal(r->heard, 0);
	late->drop(late);
	hear_next(r, 40);
	assert_int_equal(r->heard, 50);
}

static void test_what_never_came_to_be_run_says_so(void **state)
{
	struct room *r = *state;
	struct letter *l;

	assert_int_equal(errand_send(&sum_new(r, &holds, 0, 0)->errand, r->pool), 0);
	assert_int_equal(ask(r, &sums, 2, 3, 0), 0); /* behind it: the one worker is held */
	for (int64_t ms = 0; ms < 60000; ms += 100) {
		errand_wait(r->pool, &r->question, at(ms));
		question_wait(&r->question, at(ms));
	}
	assert_int_equal(r->question.probe.state, PROBE_NEVER); /* no silence: it waits */
	pool_stop(r->pool);
	r->pool = NULL;
	for (int i = 0; i < 2; i++) {
		l = next_letter(r);
		letter_hear(l, at(60000));
		l->drop(l);
	}
	assert_int_equal(r->heard, 0);
	assert_int_equal(r->err.code, ERR_CANCELLED);
	assert_int_equal(r->dropped, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_what_was_run_is_heard_with_what_it_found, room_open, room_close),
		cmocka_unit_test_setup_teardown(
			test_what_finds_no_room_is_dropped_and_due_again, room_open, room_close),
		cmocka_unit_test_setup_teardown(
			test_an_answer_that_another_was_asked_after_is_nobodys, room_open,
			room_close),
		cmocka_unit_test_setup_teardown(
			test_what_never_came_to_be_run_says_so, room_open, room_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
