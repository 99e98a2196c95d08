/* Alerts on their way to real receivers: one that records, one that answers 500 and then 200, one
 * that hangs, one that is down for the first minute. The lane is told the time; nothing sleeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/log.h"
#include "base/str.h"
#include "base/wake.h"
#include "help/hostile.h"
#include "help/outgoing.h"
#include "help/receiver.h"
#include "io/file.h"
#include "model/command.h"
#include "ops/notify/notify.h"
#include "ops/notify/notify_outbox.h"

#define WAIT_MS 20000

static const struct receiver_answer fine[] = {{200, NULL, NULL}};
static struct outgoing at;
static struct outbox *queue; /* of this process */

static int set_up(void **state)
{
	(void)state;
	outgoing_init(&at);
	queue = outbox_new(at.db);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	outbox_free(queue);
	outgoing_done(&at);
	return 0;
}

static void put(const struct notify_lane *lane, int n, int64_t now_ms)
{
	const char *name = notify_lane_name(lane);
	const struct notification a = outgoing_alert(n);
	struct err e = {0};
	struct outbox *o = outbox_new(at.db); /* another process's */

	if (outbox_put(o, &a, &name, 1, now_ms, &e) < 0)
		fail_msg("%s", e.text);
	outbox_free(o);
}

static struct notify_lane *slack_lane(int port)
{
	const struct notify_target t = outgoing_target(&at, NOTIFY_SLACK, "slack", port, NULL);

	return notify_lane_new(&t, queue);
}

/* Lets simulated time pass, turn by turn as the thread would, until a delivery or until_ms. */
static bool delivered_by(struct notify_lane *lane, int64_t *now_ms, int64_t until_ms)
{
	while (*now_ms <= until_ms) {
		int64_t next_ms;
		struct err e;

		if (notify_lane_turn(lane, *now_ms, 7, -1, &next_ms, &e) == LANE_DELIVERED)
			return true;
		if (next_ms > *now_ms)
			*now_ms = next_ms;
	}
	return false;
}

static void test_a_receiver_gets_what_was_put(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct notify_lane *lane = slack_lane(receiver_port(r));
	int64_t now_ms = NOON_MS;

	(void)state;
	put(lane, 1, NOON_MS);
	assert_true(delivered_by(lane, &now_ms, NOON_MS));
	assert_true(str_starts(receiver_head(r, 0), "POST /hook/s3cret HTTP/1.1\r\n"));
	assert_non_null(strstr(receiver_head(r, 0), "Content-Type: application/json"));
	assert_non_null(strstr(receiver_head(r, 0), "Idempotency-Key: 01HZZ"));
	assert_true(str_starts(
		receiver_body(r, 0), "{\"text\":\"🚨 K8s Cluster Alert: P0 in prod (INC-0007)"));
	assert_false(delivered_by(lane, &now_ms, NOON_MS + 3600000));
	assert_int_equal(receiver_count(r), 1);
	notify_lane_free(lane);
	receiver_stop(r);
}

static void test_a_500_is_tried_again_and_a_200_ends_it(void **state)
{
	static const struct receiver_answer answers[] = {
		{500, NULL, "boom"}, {503, NULL, NULL}, {200, NULL, NULL}};
	struct receiver *r = receiver_start(answers, 3);
	struct notify_lane *lane = slack_lane(receiver_port(r));
	int64_t now_ms = NOON_MS, next_ms;
	struct err e;

	(void)state;
	put(lane, 1, NOON_MS);
	assert_int_equal(notify_lane_turn(lane, now_ms, 0, -1, &next_ms, &e), LANE_FAILED);
	assert_non_null(strstr(e.text, "answered 500: boom"));
	assert_null(strstr(e.text, "s3cret"));
	assert_true(delivered_by(lane, &now_ms, NOON_MS + 10000));
	assert_int_equal(receiver_count(r), 3);
	assert_string_equal(receiver_body(r, 0), receiver_body(r, 2));
	assert_false(delivered_by(lane, &now_ms, NOON_MS + 3600000));
	assert_int_equal(receiver_count(r), 3);
	notify_lane_free(lane);
	receiver_stop(r);
}

static void test_a_receiver_that_is_down_for_a_minute_gets_it_soon_after(void **state)
{
	int port = hostile_closed_port();
	struct notify_lane *lane = slack_lane(port);
	int64_t now_ms = NOON_MS;
	struct receiver *r;

	(void)state;
	put(lane, 1, NOON_MS);
	put(lane, 2, NOON_MS);
	assert_false(delivered_by(lane, &now_ms, NOON_MS + 60000));
	r = receiver_start_at(port, fine, 1);
	assert_true(delivered_by(lane, &now_ms, NOON_MS + 121000));
	assert_true(delivered_by(lane, &now_ms, NOON_MS + 121000));
	assert_int_equal(receiver_count(r), 2);
	assert_non_null(strstr(receiver_body(r, 0), "&lt;1&gt;")); /* in their order */
	assert_non_null(strstr(receiver_body(r, 1), "&lt;2&gt;"));
	notify_lane_free(lane);
	receiver_stop(r);
}

static void test_retry_after_is_obeyed(void **state)
{
	static const struct receiver_answer answers[] = {
		{429, "Retry-After: 90\r\n", NULL}, {200, NULL, NULL}};
	struct receiver *r = receiver_start(answers, 2);
	struct notify_lane *lane = slack_lane(receiver_port(r));
	int64_t now_ms = NOON_MS;

	(void)state;
	put(lane, 1, NOON_MS);
	assert_false(delivered_by(lane, &now_ms, NOON_MS + 89999));
	assert_int_equal(receiver_count(r), 1);
	assert_true(delivered_by(lane, &now_ms, NOON_MS + 90000));
	notify_lane_free(lane);
	receiver_stop(r);
}

static void test_one_that_is_refused_does_not_hold_the_next(void **state)
{
	static const struct receiver_answer answers[] = {{400, NULL, "invalid"},
		{400, NULL, "invalid"}, {400, NULL, "invalid"}, {200, NULL, NULL}};
	struct receiver *r = receiver_start(answers, 4);
	struct notify_lane *lane = slack_lane(receiver_port(r));
	int64_t now_ms = NOON_MS;

	(void)state;
	put(lane, 1, NOON_MS);
	put(lane, 2, NOON_MS);
	assert_true(delivered_by(lane, &now_ms, NOON_MS + 60000));
	assert_non_null(strstr(receiver_body(r, 3), "&lt;2&gt;"));
	notify_lane_free(lane);
	receiver_stop(r);
}

static void test_a_robot_that_says_no_in_a_200_is_tried_again(void **state)
{
	static const struct receiver_answer answers[] = {
		{200, NULL, "{\"errcode\":130101,\"errmsg\":\"send too fast\"}"},
		{200, NULL, "{\"errcode\":0,\"errmsg\":\"ok\"}"}};
	struct receiver *r = receiver_start(answers, 2);
	const struct notify_target t =
		outgoing_target(&at, NOTIFY_DINGTALK, "ding", receiver_port(r), "SEChush\n");
	struct notify_lane *lane = notify_lane_new(&t, queue);
	int64_t now_ms = NOON_MS;

	(void)state;
	put(lane, 1, NOON_MS);
	assert_true(delivered_by(lane, &now_ms, NOON_MS + 10000));
	assert_int_equal(receiver_count(r), 2);
	assert_non_null(
		strstr(receiver_head(r, 0), "POST /hook/s3cret?timestamp=1795435200000&sign="));
	assert_null(strstr(receiver_head(r, 0), "SEChush"));
	notify_lane_free(lane);
	receiver_stop(r);
}

static void test_what_a_killed_process_left_is_sent_once(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct notify_lane *lane = slack_lane(receiver_port(r));
	int64_t now_ms = NOON_MS, next_ms;
	struct outbox_item item;
	struct err e;
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) { /* dies with the alert in its hands */
		struct outbox *o;

		put(lane, 1, NOON_MS);
		o = outbox_new(at.db);
		outbox_claim(o, notify_lane_name(lane), 50, NOON_MS, &item, &next_ms, &e);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	put(lane, 1, NOON_MS + 1000); /* the restarted console sees the same transition */
	assert_true(delivered_by(lane, &now_ms, NOON_MS + OUTBOX_CLAIM_MS));
	assert_false(delivered_by(lane, &now_ms, NOON_MS + 3600000));
	assert_int_equal(receiver_count(r), 1);
	notify_lane_free(lane);
	receiver_stop(r);
}

struct leaver {
	struct receiver *receiver;
	int stop_fd;
};

static void *leave(void *arg)
{
	const struct leaver *l = arg;

	receiver_wait(l->receiver, 1);
	wake_set(l->stop_fd);
	return NULL;
}

static void test_leaving_breaks_a_hanging_delivery_off_and_loses_nothing(void **state)
{
	static const struct receiver_answer answers[] = {{0, NULL, NULL}, {200, NULL, NULL}};
	struct receiver *r = receiver_start(answers, 2);
	struct notify_lane *lane = slack_lane(receiver_port(r));
	struct leaver l = {r, wake_open()};
	int64_t now_ms = NOON_MS, next_ms;
	pthread_t thread;
	struct err e;

	(void)state;
	put(lane, 1, NOON_MS);
	assert_int_equal(pthread_create(&thread, NULL, leave, &l), 0);
	assert_int_equal(notify_lane_turn(lane, now_ms, 0, l.stop_fd, &next_ms, &e), LANE_STOPPED);
	pthread_join(thread, NULL);
	assert_true(delivered_by(lane, &now_ms, NOON_MS)); /* due at once */
	close(l.stop_fd);
	notify_lane_free(lane);
	receiver_stop(r);
}

static void test_a_corrected_file_is_used_at_once(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct notify_target t = outgoing_target(&at, NOTIFY_SLACK, "slack", 1, NULL);
	struct notify_lane *lane = notify_lane_new(&t, queue);
	char *url = str_fmt("http://127.0.0.1:%d/", receiver_port(r));
	int64_t now_ms = NOON_MS, next_ms;
	struct err e;

	(void)state;
	chmod(t.url_file, 0666);
	assert_int_equal(notify_lane_check(lane, &e), -1);
	assert_non_null(strstr(e.text, "may be written by its group or by others"));
	unlink(t.url_file);
	assert_int_equal(notify_lane_check(lane, &e), -1);
	put(lane, 1, NOON_MS);
	assert_int_equal(notify_lane_turn(lane, now_ms, 0, -1, &next_ms, &e), LANE_FAILED);
	assert_non_null(strstr(e.text, t.url_file));
	outgoing_file(&at, "slack", url);
	assert_int_equal(notify_lane_check(lane, &e), 0);
	assert_true(delivered_by(lane, &now_ms, NOON_MS + 5000));
	free(url);
	notify_lane_free(lane);
	receiver_stop(r);
}

/* From here on the disk takes nothing. */
static enum lane_word fill_disk(void *limit, const struct outbox_item *item)
{
	const struct rlimit none = {0, ((const struct rlimit *)limit)->rlim_max};

	(void)item;
	setrlimit(RLIMIT_FSIZE, &none);
	return LANE_MAY_SEND;
}

static void test_what_was_taken_is_written_down_before_it_is_left(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct notify_lane *lane = slack_lane(receiver_port(r));
	int64_t now_ms = NOON_MS;
	struct outbox_count count;
	struct rlimit limit;
	struct err e = {0};

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	put(lane, 1, NOON_MS);
	getrlimit(RLIMIT_FSIZE, &limit);
	notify_lane_ask(lane, &(struct lane_asker){.ask = fill_disk, .arg = &limit});
	assert_true(delivered_by(lane, &now_ms, NOON_MS));
	assert_int_equal(notify_lane_settle(lane, NOON_MS, &e), -1);
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(outbox_count(queue, notify_lane_name(lane), &count, &e), 0);
	assert_int_equal(count.waiting, 1);
	assert_int_equal(notify_lane_settle(lane, NOON_MS, &e), 0);
	assert_int_equal(outbox_count(queue, notify_lane_name(lane), &count, &e), 0);
	assert_int_equal(count.delivered, 1);
	notify_lane_free(lane);
	receiver_stop(r);
}

static enum lane_word say_word(void *word, const struct outbox_item *item)
{
	(void)item;
	return *(const enum lane_word *)word;
}

static void test_a_claim_that_a_slow_disk_has_used_up_is_not_sent_on(void **state)
{
	enum lane_word word = LANE_TOO_LATE;
	struct receiver *r = receiver_start(fine, 1);
	struct notify_lane *lane = slack_lane(receiver_port(r));
	int64_t now_ms = NOON_MS, next_ms;
	struct err e = {0};

	(void)state;
	put(lane, 1, NOON_MS);
	notify_lane_ask(lane, &(struct lane_asker){.ask = say_word, .arg = &word});
	assert_int_equal(notify_lane_turn(lane, now_ms, 0, -1, &next_ms, &e), LANE_NO_QUEUE);
	word = LANE_MAY_SEND;
	assert_false(delivered_by(lane, &now_ms, NOON_MS + OUTBOX_CLAIM_MS - 1));
	assert_true(delivered_by(lane, &now_ms, NOON_MS + OUTBOX_CLAIM_MS));
	assert_int_equal(receiver_count(r), 1);
	notify_lane_free(lane);
	receiver_stop(r);
}

static void test_without_a_disk_it_is_sent_from_memory(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct notify_target t =
		outgoing_target(&at, NOTIFY_SLACK, "slack", receiver_port(r), NULL);
	struct outbox *nowhere = outbox_new("/proc/nowhere/notify.db");
	struct notify_lane *lane = notify_lane_new(&t, nowhere), *past = notify_lane_past(lane);
	const struct notification a = outgoing_alert(1);
	int64_t now_ms = NOON_MS, next_ms;
	struct err e;

	(void)state;
	assert_int_equal(notify_lane_keep(past, &a, NOON_MS, &e), 0);
	assert_int_equal(notify_lane_turn(past, NOON_MS, 0, -1, &next_ms, &e), LANE_FAILED);
	assert_non_null(strstr(e.text, t.url_file)); /* it was never read */
	assert_int_equal(notify_lane_check(lane, &e), 0);
	unlink(t.url_file); /* and is not read again */
	assert_true(delivered_by(past, &now_ms, NOON_MS + 1000));
	assert_int_equal(receiver_count(r), 1);
	notify_lane_free(past);
	notify_lane_free(lane);
	outbox_free(nowhere);
	receiver_stop(r);
}

static void test_waiting_doubles_to_a_minute_and_varies(void **state)
{
	(void)state;
	for (uint32_t chance = 0; chance < 100000; chance += 997) {
		int64_t first = notify_backoff_ms(1, chance),
			last = notify_backoff_ms(1000, chance);

		assert_in_range(first, 500, 1000);
		assert_in_range(notify_backoff_ms(4, chance), 4000, 8000);
		assert_in_range(last, 30000, 60000);
	}
	assert_int_not_equal(notify_backoff_ms(5, 1), notify_backoff_ms(5, 4000));
}

/* ---- the threads ---- */

static const struct notice *wait_notice(struct mailbox *box, enum notice_level level)
{
	struct pollfd p = {.fd = mailbox_fd(box), .events = POLLIN};
	static struct notice last;
	struct letter *l;

	while (poll(&p, 1, WAIT_MS) > 0) {
		if ((l = mailbox_take(box)) == NULL)
			continue;
		last = *(struct notice *)l;
		l->drop(l);
		if (last.level == level)
			return &last;
	}
	fail_msg("no notice came");
	return NULL;
}

static void test_a_hanging_receiver_delays_nobody_else(void **state)
{
	static const struct receiver_answer hangs[] = {{0, NULL, NULL}};
	struct receiver *bad = receiver_start(hangs, 1), *good = receiver_start(fine, 1);
	const struct notify_target targets[] = {
		outgoing_target(&at, NOTIFY_SLACK, "bad", receiver_port(bad), NULL),
		outgoing_target(&at, NOTIFY_WEBHOOK, "good", receiver_port(good), NULL)};
	const struct notify_options o = {.path = at.db, .targets = targets, .n = 2};
	struct err e = {0};
	struct notify *n = notify_start(&o, &e);

	(void)state;
	assert_non_null(n);
	for (int i = 0; i < 3; i++) {
		const struct notification a = outgoing_alert(i);

		assert_int_equal(notify_put(n, &a, &e), 0);
		assert_int_equal(notify_put(n, &a, &e), 0);
	}
	assert_true(receiver_wait(good, 3));
	assert_true(receiver_wait(bad, 1));
	notify_stop(n); /* does not wait for the hanging one */
	assert_int_equal(receiver_count(good), 3);
	assert_int_equal(receiver_count(bad), 1);
	receiver_stop(bad);
	receiver_stop(good);
}

static void test_only_the_wanted_levels_are_sent(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	struct notify_target t = outgoing_target(&at, NOTIFY_WEBHOOK, "w", receiver_port(r), NULL);
	const struct notify_options o = {.path = at.db, .targets = &t, .n = 1};
	struct notification mild = outgoing_alert(1), bad = outgoing_alert(2);
	struct err e = {0};
	struct notify *n;

	(void)state;
	t.levels = 1u << LEVEL_P0;
	mild.level = mild.worst = LEVEL_P2;
	setlocale(LC_ALL, "C"); /* as under cron: the chat still gets its characters */
	n = notify_start(&o, &e);
	assert_int_equal(notify_put(n, &mild, &e), 0);
	assert_int_equal(notify_put(n, &bad, &e), 0);
	assert_int_equal(notify_flush(n, WAIT_MS), 0);
	assert_int_equal(receiver_count(r), 1);
	assert_non_null(strstr(receiver_body(r, 0), "\"serial\":2"));
	assert_non_null(
		strstr(receiver_body(r, 0), "\"text\":\"P0 in prod (INC-0007): API Server 不可用"));
	notify_stop(n);
	setlocale(LC_ALL, "C.UTF-8");
	receiver_stop(r);
}

static void test_the_next_process_sends_what_the_last_one_could_not(void **state)
{
	int port = hostile_closed_port();
	const struct notify_target t = outgoing_target(&at, NOTIFY_WEBHOOK, "w", port, NULL);
	const struct notify_options o = {.path = at.db, .targets = &t, .n = 1};
	const struct notification a = outgoing_alert(1);
	struct err e = {0};
	struct notify *n = notify_start(&o, &e);
	struct receiver *r;

	(void)state;
	assert_int_equal(notify_put(n, &a, &e), 0);
	assert_int_equal(notify_flush(n, WAIT_MS), 1);
	notify_stop(n);
	r = receiver_start_at(port, fine, 1);
	n = notify_start(&o, &e);
	assert_true(receiver_wait(r, 1));
	notify_stop(n);
	receiver_stop(r);
}

static void test_the_operator_is_told_of_trouble_and_of_its_end_without_secrets(void **state)
{
	static const struct receiver_answer answers[] = {
		{500, NULL, "boom"}, {500, NULL, "boom"}, {200, NULL, NULL}};
	struct receiver *r = receiver_start(answers, 3);
	const struct notify_target t =
		outgoing_target(&at, NOTIFY_SLACK, "slack", receiver_port(r), NULL);
	struct mailbox *notices = mailbox_new(16);
	const struct notify_options o = {.path = at.db, .targets = &t, .n = 1, .notices = notices};
	const struct notification a = outgoing_alert(1);
	char *log_path = str_fmt("%s/log", at.dir), *log;
	const struct notice *said;
	struct err e = {0};
	struct notify *n;

	(void)state;
	assert_int_equal(log_open(log_path, LOG_DEBUG, &e), 0);
	n = notify_start(&o, &e);
	assert_int_equal(notify_put(n, &a, &e), 0);
	said = wait_notice(notices, NOTICE_WARN);
	assert_non_null(strstr(said->text, "do not get through"));
	assert_non_null(strstr(said->text, "boom"));
	assert_null(strstr(said->text, "s3cret"));
	wait_notice(notices, NOTICE_INFO);
	notify_stop(n);
	log_close();
	assert_int_equal(file_read(log_path, 1 << 20, &log, NULL, &e), 0);
	assert_non_null(strstr(log, "get through again"));
	assert_null(strstr(log, "s3cret"));
	free(log);
	free(log_path);
	mailbox_free(notices);
	receiver_stop(r);
}

static void test_a_full_disk_is_said_and_the_alert_goes_out(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	const struct notify_target t =
		outgoing_target(&at, NOTIFY_WEBHOOK, "w", receiver_port(r), NULL);
	const struct notify_options o = {.path = "/proc/nowhere/notify.db", .targets = &t, .n = 1};
	const struct notification a = outgoing_alert(1);
	struct err e = {0};
	struct notify *n = notify_start(&o, &e);

	(void)state;
	assert_int_equal(notify_put(n, &a, &e), -1);
	assert_non_null(strstr(e.text, "/proc/nowhere"));
	assert_true(receiver_wait(r, 1));
	notify_stop(n);
	receiver_stop(r);
}

/* How many descriptors of this process are of the outbox's file. */
static int count_open(void)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *f;
	char to[256];
	int n = 0;

	assert_non_null(d);
	while ((f = readdir(d)) != NULL) { /* NOLINT(concurrency-mt-unsafe) */
		ssize_t length = readlinkat(dirfd(d), f->d_name, to, sizeof(to) - 1);

		if (length <= 0)
			continue;
		to[length] = '\0';
		n += str_eq(to, at.db);
	}
	closedir(d);
	return n;
}

static void test_a_process_has_its_outbox_open_once_however_many_receivers(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	const struct notify_target targets[] = {
		outgoing_target(&at, NOTIFY_SLACK, "a", receiver_port(r), NULL),
		outgoing_target(&at, NOTIFY_WEBHOOK, "b", receiver_port(r), NULL),
		outgoing_target(&at, NOTIFY_FEISHU, "c", receiver_port(r), NULL)};
	const struct notify_options o = {.path = at.db, .targets = targets, .n = 3};
	const struct notification a = outgoing_alert(1), b = outgoing_alert(2);
	struct err e = {0};
	struct notify *n = notify_start(&o, &e);

	(void)state;
	assert_int_equal(notify_put(n, &a, &e), 0);
	notify_post(n, &b, false);
	assert_true(receiver_wait(r, 4));
	assert_true(notify_flush(n, WAIT_MS) >= 0);
	assert_int_equal(count_open(), 1);
	notify_stop(n);
	receiver_stop(r);
}

static void *release(void *receiver)
{
	poll(NULL, 0, 20); /* so that leaving has begun: nothing below depends on it */
	receiver_release(receiver);
	return NULL;
}

/* Cut off, it would be sent again, though the receiver has it. */
static void test_leaving_lets_a_delivery_on_its_way_arrive(void **state)
{
	static const struct receiver_answer held[] = {{RECEIVER_HELD, NULL, NULL}};
	struct receiver *r = receiver_start(held, 1);
	const struct notify_target t =
		outgoing_target(&at, NOTIFY_WEBHOOK, "w", receiver_port(r), NULL);
	const struct notify_options o = {.path = at.db, .targets = &t, .n = 1};
	const struct notification a = outgoing_alert(1), b = outgoing_alert(2);
	char *name = str_fmt("webhook:%s", t.url_file);
	struct outbox_count count;
	struct err e = {0};
	struct notify *n = notify_start(&o, &e);
	pthread_t releaser;

	(void)state;
	assert_int_equal(notify_put(n, &a, &e), 0);
	assert_int_equal(notify_put(n, &b, &e), 0);
	assert_true(receiver_wait(r, 1));
	assert_int_equal(pthread_create(&releaser, NULL, release, r), 0);
	notify_stop(n);
	pthread_join(releaser, NULL);
	assert_int_equal(outbox_count(queue, name, &count, &e), 0);
	assert_int_equal(count.delivered, receiver_count(r));
	assert_int_equal(count.delivered + count.waiting, 2);
	free(name);
	receiver_stop(r);
}

static bool one_fails(const struct notify_health *h)
{
	return h->failing == 1 && h->to[0];
}

static bool all_well(const struct notify_health *h)
{
	return h->failing == 0 && h->unkept.boot_ms == 0;
}

static bool not_kept(const struct notify_health *h)
{
	return h->unkept.boot_ms != 0;
}

static bool was_damaged(const struct notify_health *h)
{
	return h->damage[0] != '\0';
}

static void test_it_is_known_which_receiver_fails_since_when_and_why(void **state)
{
	static const struct receiver_answer answers[] = {
		{500, NULL, "boom"}, {500, NULL, "bang"}, {200, NULL, NULL}};
	struct receiver *bad = receiver_start(answers, 3), *good = receiver_start(fine, 1);
	const struct notify_target targets[] = {
		outgoing_target(&at, NOTIFY_WEBHOOK, "good", receiver_port(good), NULL),
		outgoing_target(&at, NOTIFY_SLACK, "bad", receiver_port(bad), NULL)};
	const struct notify_options o = {.path = at.db, .targets = targets, .n = 2};
	const struct notification a = outgoing_alert(1);
	struct instant before = instant_now();
	struct err e = {0};
	struct notify *n = notify_start(&o, &e);
	struct notify_health h;

	(void)state;
	assert_int_equal(notify_put(n, &a, &e), 0);
	h = outgoing_health_when(n, one_fails);
	assert_non_null(strstr(h.to, "slack:"));
	assert_non_null(strstr(h.to, "bad"));
	assert_non_null(strstr(h.why, "answered 500: b"));
	assert_true(instant_age_ms(before, h.since) >= 0);
	outgoing_health_when(n, all_well);
	assert_int_equal(receiver_count(bad), 3);
	notify_stop(n);
	receiver_stop(bad);
	receiver_stop(good);
}

static void test_an_outbox_that_cannot_be_opened_is_known_before_the_first_alert(void **state)
{
	const struct notify_target t = outgoing_target(&at, NOTIFY_WEBHOOK, "w", 1, NULL);
	const struct notify_options o = {.path = "/proc/nowhere/notify.db", .targets = &t, .n = 1};
	struct err e = {0};
	struct notify *n = notify_start(&o, &e);
	struct notify_health h = outgoing_health_when(n, not_kept);

	(void)state;
	assert_non_null(strstr(h.unkept_why, "/proc/nowhere"));
	assert_int_equal(h.failing, 0); /* the receiver gets what is sent past the disk */
	notify_stop(n);
}

static void test_a_damaged_outbox_is_said_and_the_alerts_go_on(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	const struct notify_target t =
		outgoing_target(&at, NOTIFY_WEBHOOK, "w", receiver_port(r), NULL);
	struct mailbox *notices = mailbox_new(16);
	const struct notify_options o = {.path = at.db, .targets = &t, .n = 1, .notices = notices};
	const struct notification a = outgoing_alert(1);
	struct notify_health h;
	struct err e = {0};
	struct notify *n;

	(void)state;
	assert_int_equal(file_write(at.db, "this is no database", 19, 0600, &e), 0);
	n = notify_start(&o, &e);
	h = outgoing_health_when(n, was_damaged); /* before any alert */
	assert_non_null(strstr(h.damage, ".damaged-"));
	assert_non_null(strstr(wait_notice(notices, NOTICE_ERROR)->text, "the outbox was damaged"));
	assert_int_equal(notify_put(n, &a, &e), 0);
	assert_true(receiver_wait(r, 1));
	assert_int_equal(notify_flush(n, WAIT_MS), 0);
	outgoing_health_when(n, all_well);
	notify_stop(n);
	mailbox_free(notices);
	receiver_stop(r);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_a_receiver_gets_what_was_put),
		T(test_a_500_is_tried_again_and_a_200_ends_it),
		T(test_a_receiver_that_is_down_for_a_minute_gets_it_soon_after),
		T(test_retry_after_is_obeyed),
		T(test_one_that_is_refused_does_not_hold_the_next),
		T(test_a_robot_that_says_no_in_a_200_is_tried_again),
		T(test_what_a_killed_process_left_is_sent_once),
		T(test_leaving_breaks_a_hanging_delivery_off_and_loses_nothing),
		T(test_a_corrected_file_is_used_at_once),
		T(test_what_was_taken_is_written_down_before_it_is_left),
		T(test_a_claim_that_a_slow_disk_has_used_up_is_not_sent_on),
		T(test_without_a_disk_it_is_sent_from_memory),
		T(test_waiting_doubles_to_a_minute_and_varies),
		T(test_a_hanging_receiver_delays_nobody_else),
		T(test_only_the_wanted_levels_are_sent),
		T(test_the_next_process_sends_what_the_last_one_could_not),
		T(test_the_operator_is_told_of_trouble_and_of_its_end_without_secrets),
		T(test_a_full_disk_is_said_and_the_alert_goes_out),
		T(test_a_process_has_its_outbox_open_once_however_many_receivers),
		T(test_leaving_lets_a_delivery_on_its_way_arrive),
		T(test_it_is_known_which_receiver_fails_since_when_and_why),
		T(test_an_outbox_that_cannot_be_opened_is_known_before_the_first_alert),
		T(test_a_damaged_outbox_is_said_and_the_alerts_go_on),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
