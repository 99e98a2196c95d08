/* The queue on the disk: once per transition and target, in order, across processes and restarts,
 * with the clock as an argument. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "help/outgoing.h"
#include "help/scratch.h"
#include "ops/notify/notify_outbox.h"

#define PER_MINUTE 5

static const char *const one[] = {"slack:a"};
static const char *const two[] = {"slack:a", "feishu:b"};
static struct outgoing at;

static int set_up(void **state)
{
	(void)state;
	outgoing_init(&at);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	outgoing_done(&at);
	return 0;
}

static struct outbox *box_open(void)
{
	struct err e = {0};
	struct outbox *o = outbox_new(at.db);

	if (outbox_check(o, NOON_MS, &e) != 0)
		fail_msg("%s", e.text);
	return o;
}

static int put(struct outbox *o, int n, int64_t now_ms)
{
	const struct notification a = outgoing_alert(n);
	struct err e = {0};
	int rc = outbox_put(o, &a, one, 1, now_ms, &e);

	if (rc < 0)
		fail_msg("%s", e.text);
	return rc;
}

static int take(struct outbox *o, const char *target, int64_t now_ms, struct outbox_item *item,
	int64_t *next_ms)
{
	struct err e = {0};
	int rc = outbox_claim(o, target, PER_MINUTE, now_ms, item, next_ms, &e);

	if (rc < 0)
		fail_msg("%s", e.text);
	return rc;
}

static void test_what_was_put_comes_out_as_it_was(void **state)
{
	const struct notification a = outgoing_alert(3);
	struct outbox *o = box_open();
	struct outbox_item item;
	char key[NOTIFICATION_KEY];
	int64_t next;

	(void)state;
	assert_int_equal(put(o, 3, NOON_MS), 1);
	assert_int_equal(take(o, "slack:a", NOON_MS, &item, &next), 1);
	assert_memory_equal(&item.alert, &a, sizeof(a));
	assert_string_equal(item.key, notification_key(&a, key));
	assert_int_equal(item.tries, 1);
	outbox_free(o);
}

static void test_a_transition_is_put_once_for_each_target(void **state)
{
	const struct notification a = outgoing_alert(0);
	struct outbox *o = box_open();
	struct outbox_item item;
	struct err e;
	int64_t next;

	(void)state;
	assert_int_equal(put(o, 0, NOON_MS), 1);
	assert_int_equal(put(o, 0, NOON_MS), 0);
	assert_int_equal(outbox_put(o, &a, two, 2, NOON_MS, &e), 1);
	assert_int_equal(take(o, "slack:a", NOON_MS, &item, &next), 1);
	assert_int_equal(outbox_delivered(o, &item, NOON_MS, &e), 0);
	assert_int_equal(put(o, 0, NOON_MS + 3600000), 0); /* also after it was sent */
	outbox_free(o);
	o = box_open();
	assert_int_equal(put(o, 0, NOON_MS + 7200000), 0);
	assert_int_equal(take(o, "slack:a", NOON_MS + 7200000, &item, &next), 0);
	assert_true(next == OUTBOX_NEVER);
	assert_int_equal(take(o, "feishu:b", NOON_MS + 7200000, &item, &next), 1);
	outbox_free(o);
}

static enum outbox_word say(void *words, size_t target)
{
	return ((const enum outbox_word *)words)[target];
}

static void test_what_went_out_past_it_is_never_waiting(void **state)
{
	static const enum outbox_word words[] = {OUTBOX_SENT, OUTBOX_WAITS},
				      not_now[] = {OUTBOX_WAITS, OUTBOX_NOT_NOW};
	const struct notification a = outgoing_alert(1);
	struct outbox_post post = {.alert = &a, .targets = two, .n = 2, .ask = say};
	struct outbox *o = box_open();
	struct outbox_count count;
	struct outbox_item item;
	struct err e = {0};
	int64_t next;

	(void)state;
	post.arg = (void *)(uintptr_t)not_now;
	assert_int_equal(outbox_take(o, &post, NOON_MS, &e), -1);
	assert_int_equal(e.code, ERR_BUSY);
	assert_int_equal(outbox_count(o, "slack:a", &count, &e), 0);
	assert_int_equal(count.waiting, 0); /* nor is it for the other */
	post.arg = (void *)(uintptr_t)words;
	assert_int_equal(outbox_take(o, &post, NOON_MS, &e), 2);
	assert_int_equal(take(o, "slack:a", NOON_MS, &item, &next), 0);
	assert_true(next == OUTBOX_NEVER);
	assert_int_equal(take(o, "feishu:b", NOON_MS, &item, &next), 1);
	put(o, 2, NOON_MS);
	post.alert = &item.alert;
	item.alert = outgoing_alert(2); /* it lay there waiting, and went out past it */
	assert_int_equal(outbox_take(o, &post, NOON_MS, &e), 2);
	assert_int_equal(outbox_count(o, "slack:a", &count, &e), 0);
	assert_int_equal(count.delivered, 2);
	assert_int_equal(count.waiting, 0);
	outbox_free(o);
}

static void test_the_first_put_goes_first_and_holds_the_others(void **state)
{
	struct outbox *o = box_open();
	struct outbox_item item;
	struct err e;
	int64_t next;

	(void)state;
	put(o, 1, NOON_MS);
	put(o, 2, NOON_MS);
	assert_int_equal(take(o, "slack:a", NOON_MS, &item, &next), 1);
	assert_int_equal(item.alert.serial, 1);
	assert_int_equal(outbox_failed(o, &item, NOON_MS + 4000, "500", &e), 0);
	assert_int_equal(take(o, "slack:a", NOON_MS + 3999, &item, &next), 0);
	assert_true(next == NOON_MS + 4000);
	assert_int_equal(take(o, "slack:a", NOON_MS + 4000, &item, &next), 1);
	assert_int_equal(item.alert.serial, 1);
	assert_int_equal(item.tries, 2);
	assert_int_equal(outbox_delivered(o, &item, NOON_MS + 4000, &e), 0);
	assert_int_equal(take(o, "slack:a", NOON_MS + 4000, &item, &next), 1);
	assert_int_equal(item.alert.serial, 2);
	outbox_free(o);
}

static void test_two_consoles_never_hold_the_same(void **state)
{
	struct outbox *o = box_open(), *other = box_open();
	struct outbox_item item;
	int64_t next;

	(void)state;
	put(o, 1, NOON_MS);
	assert_int_equal(take(o, "slack:a", NOON_MS, &item, &next), 1);
	assert_int_equal(take(other, "slack:a", NOON_MS, &item, &next), 0);
	assert_true(next == NOON_MS + OUTBOX_CLAIM_MS);
	outbox_free(o); /* it died: its claim runs out */
	assert_int_equal(take(other, "slack:a", NOON_MS + OUTBOX_CLAIM_MS, &item, &next), 1);
	assert_int_equal(item.tries, 2);
	outbox_free(other);
}

/* A disk held the first for longer than its claim: what it says of its failure is no longer
 * news. */
static void test_who_comes_back_too_late_takes_nothing_from_the_one_that_sends_now(void **state)
{
	struct outbox *o = box_open(), *other = box_open();
	struct outbox_item late, item;
	const int64_t then = NOON_MS + OUTBOX_CLAIM_MS;
	struct err e = {0};
	int64_t next;

	(void)state;
	put(o, 1, NOON_MS);
	assert_int_equal(take(o, "slack:a", NOON_MS, &late, &next), 1);
	assert_int_equal(take(other, "slack:a", then, &item, &next), 1);
	assert_int_equal(outbox_failed(o, &late, then, "no", &e), 0);
	assert_int_equal(outbox_return(o, &late, then, &e), 0);
	assert_int_equal(outbox_give_up(o, &late, then, "never", &e), 0);
	assert_int_equal(take(o, "slack:a", then + 1, &late, &next), 0);
	assert_true(next == then + OUTBOX_CLAIM_MS);
	assert_int_equal(outbox_delivered(other, &item, then + 2, &e), 0);
	assert_int_equal(outbox_give_up(other, &item, then + 3, "never", &e), 0);
	assert_int_equal(take(o, "slack:a", then * 2, &late, &next), 0);
	outbox_free(o);
	outbox_free(other);
}

static void test_a_kill_after_put_loses_nothing(void **state)
{
	struct outbox_item item;
	struct outbox *o;
	int64_t next;
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		put(box_open(), 1, NOON_MS);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	o = box_open();
	assert_int_equal(put(o, 1, NOON_MS), 0); /* the journal is read again: known */
	assert_int_equal(take(o, "slack:a", NOON_MS, &item, &next), 1);
	assert_int_equal(item.alert.serial, 1);
	outbox_free(o);
}

static void test_no_more_than_so_many_a_minute(void **state)
{
	struct outbox *o = box_open();
	struct outbox_item item;
	int64_t next, now_ms = NOON_MS;
	struct err e;

	(void)state;
	for (int i = 0; i < 2 * PER_MINUTE; i++)
		put(o, i, NOON_MS);
	for (int i = 0; i < PER_MINUTE; i++, now_ms += 1000) {
		assert_int_equal(take(o, "slack:a", now_ms, &item, &next), 1);
		outbox_delivered(o, &item, now_ms, &e);
	}
	assert_int_equal(take(o, "slack:a", now_ms, &item, &next), 0);
	assert_true(next == NOON_MS + 60000);
	outbox_free(o); /* a restart is no way around it */
	o = box_open();
	assert_int_equal(take(o, "slack:a", now_ms, &item, &next), 0);
	assert_int_equal(take(o, "slack:a", NOON_MS + 60000, &item, &next), 1);
	outbox_free(o);
}

static void test_what_nobody_took_for_a_day_is_given_up(void **state)
{
	struct outbox *o = box_open();
	struct outbox_count count;
	struct outbox_item item;
	int64_t next;
	struct err e;

	(void)state;
	put(o, 1, NOON_MS);
	/* Never tried, as k911 was not running: a day later it is still sent. */
	assert_int_equal(take(o, "slack:a", NOON_MS + OUTBOX_KEEP_MS + 1, &item, &next), 1);
	outbox_failed(o, &item, NOON_MS + OUTBOX_KEEP_MS + 1, "500", &e);
	assert_int_equal(take(o, "slack:a", NOON_MS + OUTBOX_KEEP_MS + 1, &item, &next), 0);
	assert_int_equal(outbox_count(o, "slack:a", &count, &e), 0);
	assert_int_equal(count.waiting, 0);
	assert_int_equal(count.given_up, 1);
	outbox_free(o);
}

static void test_a_clock_set_back_does_not_hold_an_alert(void **state)
{
	struct outbox *o = box_open();
	struct outbox_item item;
	struct err e;
	int64_t next;

	(void)state;
	put(o, 1, NOON_MS);
	assert_int_equal(take(o, "slack:a", NOON_MS, &item, &next), 1);
	outbox_failed(o, &item, NOON_MS + 60000, "500", &e);
	assert_int_equal(take(o, "slack:a", NOON_MS - 3600000, &item, &next), 1);
	outbox_free(o);
}

static void test_what_was_sent_long_ago_is_forgotten(void **state)
{
	struct outbox *o = box_open();
	struct outbox_count count;
	struct outbox_item item;
	int64_t next;
	struct err e;

	(void)state;
	put(o, 1, NOON_MS);
	take(o, "slack:a", NOON_MS, &item, &next);
	outbox_delivered(o, &item, NOON_MS, &e);
	put(o, 2, NOON_MS + OUTBOX_PAST_MS);
	outbox_count(o, "slack:a", &count, &e);
	assert_int_equal(count.delivered, 1);
	put(o, 3, NOON_MS + OUTBOX_PAST_MS + 1);
	outbox_count(o, "slack:a", &count, &e);
	assert_int_equal(count.delivered, 0);
	assert_int_equal(count.waiting, 2);
	outbox_free(o);
}

static void test_a_returned_one_was_not_tried(void **state)
{
	struct outbox *o = box_open();
	struct outbox_item item;
	struct err e;
	int64_t next;

	(void)state;
	put(o, 1, NOON_MS);
	take(o, "slack:a", NOON_MS, &item, &next);
	assert_int_equal(outbox_return(o, &item, NOON_MS + 10, &e), 0);
	assert_int_equal(take(o, "slack:a", NOON_MS + 10, &item, &next), 1);
	assert_int_equal(item.tries, 1);
	outbox_free(o);
}

/* ---- damage ---- */

static void test_a_damaged_one_is_moved_aside_and_nothing_readable_is_lost(void **state)
{
	struct outbox *o = box_open();
	struct outbox_item item;
	char said[OUTBOX_DAMAGE];
	struct err e;
	int64_t next;

	(void)state;
	put(o, 1, NOON_MS);
	put(o, 2, NOON_MS);
	assert_int_equal(take(o, "slack:a", NOON_MS, &item, &next), 1);
	assert_int_equal(outbox_delivered(o, &item, NOON_MS, &e), 0);
	outbox_free(o);
	scratch_break(at.db, "outbox_by_state");
	o = box_open();
	assert_non_null(strstr(outbox_damage(o, said), at.db));
	assert_non_null(strstr(said, ".damaged-"));
	assert_int_equal(put(o, 1, NOON_MS), 0); /* it was sent: never again */
	assert_int_equal(take(o, "slack:a", NOON_MS, &item, &next), 1);
	assert_int_equal(item.alert.serial, 2);
	assert_int_equal(outbox_delivered(o, &item, NOON_MS, &e), 0);
	assert_int_equal(take(o, "slack:a", NOON_MS, &item, &next), 0);
	outbox_free(o);
	o = box_open(); /* once is enough */
	assert_string_equal(outbox_damage(o, said), "");
	outbox_free(o);
}

static void test_one_that_cannot_be_read_at_all_holds_up_no_alert(void **state)
{
	struct outbox *o = box_open();
	struct outbox_item item;
	char said[OUTBOX_DAMAGE];
	int64_t next;

	(void)state;
	put(o, 1, NOON_MS);
	outbox_free(o);
	scratch_break(at.db, "outbox");
	o = box_open();
	assert_non_null(strstr(outbox_damage(o, said), ".damaged-"));
	assert_int_equal(put(o, 2, NOON_MS), 1);
	assert_int_equal(take(o, "slack:a", NOON_MS, &item, &next), 1);
	assert_int_equal(item.alert.serial, 2);
	outbox_free(o);
}

/* Two consoles: one finds the damage, the other goes on in the new file, and what it holds it
 * settles there. */
static void test_who_still_has_the_old_file_goes_on_in_the_new_one(void **state)
{
	struct outbox *o = box_open(), *other = box_open();
	struct outbox_item item, again;
	struct err e;
	int64_t next;

	(void)state;
	put(o, 1, NOON_MS);
	assert_int_equal(take(other, "slack:a", NOON_MS, &item, &next), 1);
	outbox_free(o);
	scratch_break(at.db, "outbox_by_state");
	o = box_open();
	assert_int_equal(outbox_delivered(other, &item, NOON_MS, &e), 0);
	assert_int_equal(take(o, "slack:a", NOON_MS + OUTBOX_CLAIM_MS, &again, &next), 0);
	assert_true(next == OUTBOX_NEVER);
	put(other, 2, NOON_MS);
	assert_int_equal(take(o, "slack:a", NOON_MS, &again, &next), 1);
	assert_int_equal(again.alert.serial, 2);
	outbox_free(other);
	outbox_free(o);
}

#define PUTTERS 8
#define EACH    25

static void *put_many(void *arg)
{
	static _Atomic int number;
	struct err e = {0};

	for (int i = 0; i < EACH; i++) {
		const struct notification a = outgoing_alert(++number);

		if (outbox_put(arg, &a, two, 2, NOON_MS, &e) != 2)
			return NULL;
	}
	return arg;
}

static void test_any_thread_uses_the_one_there_is(void **state)
{
	struct outbox *o = outbox_new(at.db);
	struct outbox_count count;
	pthread_t threads[PUTTERS];
	void *did;
	struct err e;

	(void)state;
	for (int i = 0; i < PUTTERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, put_many, o), 0);
	for (int i = 0; i < PUTTERS; i++) {
		pthread_join(threads[i], &did);
		assert_ptr_equal(did, o);
	}
	assert_int_equal(outbox_count(o, "feishu:b", &count, &e), 0);
	assert_int_equal(count.waiting, PUTTERS * EACH);
	outbox_free(o);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_what_was_put_comes_out_as_it_was),
		T(test_a_transition_is_put_once_for_each_target),
		T(test_what_went_out_past_it_is_never_waiting),
		T(test_the_first_put_goes_first_and_holds_the_others),
		T(test_two_consoles_never_hold_the_same),
		T(test_who_comes_back_too_late_takes_nothing_from_the_one_that_sends_now),
		T(test_a_kill_after_put_loses_nothing),
		T(test_no_more_than_so_many_a_minute),
		T(test_what_nobody_took_for_a_day_is_given_up),
		T(test_a_clock_set_back_does_not_hold_an_alert),
		T(test_what_was_sent_long_ago_is_forgotten),
		T(test_a_returned_one_was_not_tried),
		T(test_a_damaged_one_is_moved_aside_and_nothing_readable_is_lost),
		T(test_one_that_cannot_be_read_at_all_holds_up_no_alert),
		T(test_who_still_has_the_old_file_goes_on_in_the_new_one),
		T(test_any_thread_uses_the_one_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
