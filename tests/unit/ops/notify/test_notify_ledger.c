/* What goes past the disk and when, and that nothing goes both ways. The time is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <string.h>

#include "help/outgoing.h"
#include "ops/notify/notify_ledger.h"

#define BEGIN_MS   INT64_C(5000000)
#define PATIENT_MS (BEGIN_MS + LEDGER_PATIENCE_MS)

static const unsigned all_levels[] = {~0u, ~0u};
static struct notify_ledger *l;

static int set_up(void **state)
{
	(void)state;
	l = notify_ledger_new(all_levels, 2, LEDGER_PATIENCE_MS);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	notify_ledger_free(l);
	return 0;
}

static const char *key_of(int n)
{
	static _Thread_local char keys[8][NOTIFICATION_KEY];
	const struct notification a = outgoing_alert(n);

	return notification_key(&a, keys[n % 8]);
}

static enum ledger_post post_as(int n, enum ledger_origin origin, int64_t now_ms)
{
	const struct notification a = outgoing_alert(n);

	return notify_ledger_post(l, &a, origin, now_ms);
}

static enum ledger_post post(int n, int64_t now_ms)
{
	return post_as(n, LEDGER_POSTED, now_ms);
}

/* As the clerk does. */
static void put(int n, enum ledger_put how)
{
	struct notification a;

	assert_true(notify_ledger_unput(l, true, &a));
	assert_int_equal(a.serial, n);
	notify_ledger_put(l, key_of(n), how);
}

static int overdue(size_t at, int64_t now_ms, int64_t stuck_ms, int64_t *next_ms)
{
	const struct ledger_moment m = {now_ms, stuck_ms};
	struct notification a;

	return notify_ledger_overdue(l, at, &m, &a, next_ms) ? (int)a.serial : -1;
}

static enum lane_word begin(size_t at, enum ledger_way way, int n, int64_t now_ms, int64_t stuck_ms)
{
	const struct ledger_moment m = {now_ms, stuck_ms};

	return notify_ledger_begin(l, at, way, key_of(n), &m);
}

static void end(size_t at, enum ledger_way way, int n, enum lane_fate fate)
{
	notify_ledger_end(l, at, way, key_of(n), fate);
}

static void test_what_the_disk_keeps_is_overdue_when_patience_ends(void **state)
{
	int64_t next_ms;

	(void)state;
	assert_int_equal(overdue(0, BEGIN_MS, 0, &next_ms), -1);
	assert_true(next_ms == INT64_MAX);
	assert_int_equal(post(1, BEGIN_MS), LEDGER_NEW);
	assert_int_equal(post(1, BEGIN_MS), LEDGER_KNOWN);
	assert_int_equal(post(2, BEGIN_MS + 1), LEDGER_NEW);
	assert_true(notify_ledger_unput_ms(l) == BEGIN_MS);
	assert_int_equal(overdue(0, PATIENT_MS - 1, 0, &next_ms), -1);
	assert_true(next_ms == PATIENT_MS);
	assert_int_equal(overdue(0, PATIENT_MS + 1, 0, &next_ms), 1); /* in their order */
	assert_int_equal(overdue(0, PATIENT_MS + 1, 0, &next_ms), 2);
	assert_int_equal(overdue(0, PATIENT_MS + 1, 0, &next_ms), -1);
	assert_int_equal(overdue(1, PATIENT_MS + 1, 0, &next_ms), 1); /* each receiver's */
	assert_int_equal(notify_ledger_waiting(l), 4);
}

static void test_what_the_disk_refuses_is_overdue_at_once_and_put_again(void **state)
{
	struct notification a;
	int64_t next_ms;

	(void)state;
	post(1, BEGIN_MS);
	put(1, LEDGER_REFUSED);
	assert_true(notify_ledger_owes(l));
	assert_int_equal(overdue(0, BEGIN_MS, 0, &next_ms), 1);
	assert_false(notify_ledger_unput(l, false, &a));
	assert_int_equal(begin(0, LEDGER_PAST, 1, BEGIN_MS, 0), LANE_MAY_SEND);
	assert_false(notify_ledger_unput(l, true, &a)); /* not while it is on its way */
	end(0, LEDGER_PAST, 1, LANE_TAKEN);
	assert_true(notify_ledger_unput(l, true, &a));
	assert_int_equal(notify_ledger_asked(l, key_of(1), 0, BEGIN_MS), OUTBOX_SENT);
	assert_int_equal(notify_ledger_asked(l, key_of(1), 1, BEGIN_MS), OUTBOX_WAITS);
	notify_ledger_put(l, key_of(1), LEDGER_ON_DISK);
	assert_int_equal(begin(1, LEDGER_DISK, 1, BEGIN_MS, 0), LANE_MAY_SEND);
	end(1, LEDGER_DISK, 1, LANE_TAKEN);
	assert_int_equal(post(1, BEGIN_MS), LEDGER_NEW); /* forgotten: the outbox knows it */
}

static void test_what_another_process_holds_up_is_put_again_within_patience(void **state)
{
	int64_t next_ms;

	(void)state;
	post(1, BEGIN_MS);
	put(1, LEDGER_HELD_UP);
	assert_true(notify_ledger_owes(l));
	assert_int_equal(overdue(0, PATIENT_MS - 1, 0, &next_ms), -1);
	put(1, LEDGER_HELD_UP);
	assert_int_equal(overdue(0, PATIENT_MS, 0, &next_ms), 1);
}

static void test_what_is_on_the_disk_goes_past_it_only_while_that_is_stuck(void **state)
{
	int64_t next_ms, stuck_ms = BEGIN_MS + 5000, due_ms = stuck_ms + OUTBOX_CLAIM_MS;

	(void)state;
	post(1, BEGIN_MS);
	put(1, LEDGER_ON_DISK);
	assert_int_equal(overdue(0, due_ms + 1000000, 0, &next_ms), -1);
	assert_true(next_ms < INT64_MAX); /* it is looked at again */
	assert_int_equal(overdue(0, due_ms - 1, stuck_ms, &next_ms), -1);
	assert_int_equal(overdue(0, due_ms, stuck_ms, &next_ms), 1);
	assert_int_equal(begin(0, LEDGER_PAST, 1, due_ms, 0), LANE_NOT_YET); /* it is back */
	assert_int_equal(begin(0, LEDGER_PAST, 1, due_ms, stuck_ms), LANE_MAY_SEND);
	end(0, LEDGER_PAST, 1, LANE_AGAIN);
	assert_int_equal(begin(0, LEDGER_DISK, 1, due_ms, 0), LANE_MAY_SEND);
	end(0, LEDGER_DISK, 1, LANE_TAKEN);
	assert_int_equal(begin(0, LEDGER_PAST, 1, due_ms, stuck_ms), LANE_WAS_SENT);
}

/* Whoever claims its row then finds it delivered, unless the commit takes longer than any that is
 * well. */
static void test_nothing_goes_past_the_disk_while_it_is_being_committed(void **state)
{
	struct notification a;
	int64_t next_ms, locked_ms = PATIENT_MS + 500;

	(void)state;
	post(1, BEGIN_MS);
	assert_true(notify_ledger_unput(l, false, &a));
	assert_int_equal(overdue(0, PATIENT_MS, 0, &next_ms), 1);
	assert_int_equal(notify_ledger_asked(l, key_of(1), 0, locked_ms), OUTBOX_WAITS);
	assert_int_equal(begin(0, LEDGER_PAST, 1, locked_ms + 1, 0), LANE_NOT_YET);
	assert_int_equal(
		begin(0, LEDGER_PAST, 1, locked_ms + LEDGER_PATIENCE_MS, 0), LANE_MAY_SEND);
	assert_int_equal(notify_ledger_asked(l, key_of(1), 0, locked_ms), OUTBOX_NOT_NOW);
	end(0, LEDGER_PAST, 1, LANE_TAKEN);
	notify_ledger_put(l, key_of(1), LEDGER_ON_DISK); /* it came through after all */
	assert_int_equal(begin(0, LEDGER_DISK, 1, locked_ms, 0), LANE_WAS_SENT);
}

static void test_a_row_of_another_process_is_sent_and_one_known_to_the_outbox_forgotten(
	void **state)
{
	int64_t next_ms;

	(void)state;
	assert_int_equal(begin(0, LEDGER_DISK, 1, BEGIN_MS, 0), LANE_MAY_SEND);
	end(0, LEDGER_DISK, 1, LANE_TAKEN);
	post(2, BEGIN_MS);
	assert_int_equal(overdue(0, PATIENT_MS, 0, &next_ms), 2);
	put(2, LEDGER_NOT_NEW);
	assert_int_equal(begin(0, LEDGER_PAST, 2, PATIENT_MS, BEGIN_MS), LANE_WAS_SENT);
	assert_int_equal(notify_ledger_waiting(l), 0);
}

static void *send_by_disk(void *word)
{
	*(enum lane_word *)word = begin(0, LEDGER_DISK, 1, PATIENT_MS, 0);
	return NULL;
}

static void test_the_other_way_waits_while_it_is_under_way(void **state)
{
	enum lane_word word = LANE_CANNOT;
	pthread_t thread;
	int64_t next_ms;

	(void)state;
	post(1, BEGIN_MS);
	put(1, LEDGER_ON_DISK);
	overdue(0, BEGIN_MS + OUTBOX_CLAIM_MS, BEGIN_MS, &next_ms);
	assert_int_equal(
		begin(0, LEDGER_PAST, 1, BEGIN_MS + OUTBOX_CLAIM_MS, BEGIN_MS), LANE_MAY_SEND);
	assert_int_equal(pthread_create(&thread, NULL, send_by_disk, &word), 0);
	poll(NULL, 0, 10); /* so that it may wait already: nothing below depends on it */
	end(0, LEDGER_PAST, 1, LANE_TAKEN);
	pthread_join(thread, NULL);
	assert_int_equal(word, LANE_WAS_SENT);
}

static void test_what_is_safe_makes_room_and_what_is_not_is_kept(void **state)
{
	int64_t next_ms;

	(void)state;
	for (int n = 0; n < LEDGER_MAX; n++)
		assert_int_equal(post(n, BEGIN_MS), LEDGER_NEW);
	assert_int_equal(post(LEDGER_MAX, BEGIN_MS), LEDGER_FULL);
	put(0, LEDGER_ON_DISK);
	assert_int_equal(post(LEDGER_MAX, BEGIN_MS), LEDGER_NEW);
	assert_int_equal(post(LEDGER_MAX + 1, BEGIN_MS), LEDGER_FULL);
	assert_int_equal(overdue(0, PATIENT_MS, 0, &next_ms), 1);
}

/* A console that starts hears of all that was told before. */
static void test_what_is_only_heard_of_waits_for_the_disk_and_leaves_room(void **state)
{
	int64_t next_ms;

	(void)state;
	for (int n = 0; n < LEDGER_MAX_HEARD; n++)
		assert_int_equal(post_as(n, LEDGER_HEARD_OF, BEGIN_MS), LEDGER_NEW);
	assert_int_equal(post_as(LEDGER_MAX_HEARD, LEDGER_HEARD_OF, BEGIN_MS), LEDGER_FULL);
	assert_int_equal(overdue(0, PATIENT_MS, 0, &next_ms), -1);
	put(0, LEDGER_REFUSED);
	assert_int_equal(overdue(0, PATIENT_MS, 0, &next_ms), -1);
	assert_int_equal(post(LEDGER_MAX_HEARD, BEGIN_MS), LEDGER_NEW);
	put(LEDGER_MAX_HEARD, LEDGER_ON_DISK); /* before all that was heard of */
	assert_int_equal(post(1, BEGIN_MS), LEDGER_KNOWN);
	assert_int_equal(overdue(0, PATIENT_MS, 0, &next_ms), 1); /* it is ours after all */
}

static void test_what_is_only_heard_of_takes_no_room_from_what_is_ours(void **state)
{
	int64_t next_ms;

	(void)state;
	post(0, BEGIN_MS);
	put(0, LEDGER_ON_DISK);
	for (int n = 1; n < LEDGER_MAX_HEARD; n++)
		assert_int_equal(post_as(n, LEDGER_HEARD_OF, BEGIN_MS), LEDGER_NEW);
	assert_int_equal(post_as(LEDGER_MAX_HEARD, LEDGER_HEARD_OF, BEGIN_MS), LEDGER_FULL);
	assert_int_equal(overdue(0, BEGIN_MS + OUTBOX_CLAIM_MS, BEGIN_MS, &next_ms), 0);
}

static void test_a_disk_that_takes_one_after_the_other_keeps_none_waiting(void **state)
{
	struct notification a;

	(void)state;
	post(1, BEGIN_MS);
	post(2, BEGIN_MS);
	assert_int_equal(notify_ledger_unput_ms(l), BEGIN_MS);
	assert_true(notify_ledger_unput(l, false, &a));
	notify_ledger_asked(l, key_of(1), 0, PATIENT_MS);
	notify_ledger_put(l, key_of(1), LEDGER_ON_DISK);
	assert_int_equal(notify_ledger_unput_ms(l), PATIENT_MS);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_what_the_disk_keeps_is_overdue_when_patience_ends),
		T(test_what_the_disk_refuses_is_overdue_at_once_and_put_again),
		T(test_what_another_process_holds_up_is_put_again_within_patience),
		T(test_what_is_on_the_disk_goes_past_it_only_while_that_is_stuck),
		T(test_nothing_goes_past_the_disk_while_it_is_being_committed),
		T(test_a_row_of_another_process_is_sent_and_one_known_to_the_outbox_forgotten),
		T(test_the_other_way_waits_while_it_is_under_way),
		T(test_what_is_safe_makes_room_and_what_is_not_is_kept),
		T(test_what_is_only_heard_of_waits_for_the_disk_and_leaves_room),
		T(test_what_is_only_heard_of_takes_no_room_from_what_is_ours),
		T(test_a_disk_that_takes_one_after_the_other_keeps_none_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
