/* No alert is lost to a disk, and none goes twice: whatever call hangs or fails, at the start, in
 * the commit or after it. The senders' patience is short here; nothing is asserted of time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/str.h"
#include "help/outgoing.h"
#include "help/receiver.h"
#include "help/sick_disk.h"
#include "io/db.h"
#include "model/command.h"
#include "ops/notify/notify.h"
#include "ops/notify/notify_outbox.h"

#define WAIT_MS     20000
#define PATIENCE_MS 100

static const struct receiver_answer fine[] = {{200, NULL, NULL}};
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
	sick_disk(NULL, DISK_WELL);
	outgoing_done(&at);
	return 0;
}

static struct notify *start(const struct notify_target *targets, size_t n, struct mailbox *sent)
{
	const struct notify_options o = {.path = at.db,
		.targets = targets,
		.n = n,
		.sent = sent,
		.patience_ms = PATIENCE_MS};
	struct err e = {0};
	struct notify *notify = notify_start(&o, &e);

	if (!notify)
		fail_msg("%s", e.text);
	return notify;
}

static struct notify_target hook(const char *name, struct receiver *r)
{
	return outgoing_target(&at, NOTIFY_WEBHOOK, name, receiver_port(r), NULL);
}

static void post(struct notify *n, int which)
{
	const struct notification a = outgoing_alert(which);

	notify_post(n, &a, false);
}

static bool is_unkept(const struct notify_health *h)
{
	return h->unkept.boot_ms != 0;
}

static bool is_well(const struct notify_health *h)
{
	return h->unkept.boot_ms == 0 && h->failing == 0;
}

static const char *wanted_text;

static bool says_so(const struct notify_health *h)
{
	return is_unkept(h) && strstr(h->unkept_why, wanted_text) != NULL;
}

static void wait_said(struct notify *n, const char *text)
{
	wanted_text = text;
	outgoing_health_when(n, says_so);
}

/* As another process sees it. */
static struct outbox_count rows(const struct notify_target *t)
{
	char *name = str_fmt("webhook:%s", t->url_file);
	struct outbox *o = outbox_new(at.db);
	struct outbox_count c = {-1, -1, -1};
	struct err e;

	outbox_count(o, name, &c, &e);
	outbox_free(o);
	free(name);
	return c;
}

static void wait_rows(const struct notify_target *t, int64_t waiting, int64_t delivered)
{
	struct instant begin = instant_now();
	struct outbox_count c;

	do {
		c = rows(t);
		if (c.waiting == waiting && c.delivered == delivered)
			return;
		poll(NULL, 0, 5);
	} while (instant_age_ms(begin, instant_now()) < WAIT_MS);
	fail_msg("%lld wait, %lld are delivered", (long long)c.waiting, (long long)c.delivered);
}

/* The disk is itself again: it comes to know what was sent past it, and nothing is sent again. */
static void heal(struct notify *n, const struct notify_target *t, struct receiver *r, int sent)
{
	sick_disk(NULL, DISK_WELL);
	wait_rows(t, 0, sent);
	outgoing_health_when(n, is_well);
	assert_int_equal(notify_flush(n, WAIT_MS), 0);
	assert_int_equal(receiver_count(r), sent);
}

static const struct {
	enum sickness has;
	const char *said; /* part of what is, at the start */
} troubles[] = {
	{DISK_OPEN_HANGS, "the disk does not answer"},
	{DISK_WRITE_HANGS, "the disk does not answer"},
	{DISK_SYNC_HANGS, "the disk does not answer"},
	{DISK_LOCK_HANGS, "the disk does not answer"},
	{DISK_FULL, "No space left on device"},
	{DISK_READ_ONLY, "Read-only file system"},
	{DISK_BROKEN, "Input/output error"},
};
#define TROUBLES (sizeof(troubles) / sizeof(troubles[0]))

static void test_an_alert_goes_past_a_disk_that_does_not_take_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < TROUBLES; i++) {
		struct receiver *r = receiver_start(fine, 1);
		char *name = str_fmt("take-%zu", i);
		const struct notify_target t = hook(name, r);
		struct notify *n = start(&t, 1, NULL);

		assert_int_equal(notify_flush(n, WAIT_MS), 0); /* all was read while it was well */
		sick_disk(at.dir, troubles[i].has);
		post(n, 1);
		if (troubles[i].has != DISK_OPEN_HANGS)
			wait_said(n, troubles[i].has < DISK_FULL ? troubles[i].said : at.db);
		assert_true(receiver_wait(r, 1));
		post(n, 1); /* the same once more */
		post(n, 2);
		assert_true(receiver_wait(r, 2));
		heal(n, &t, r, 2);
		notify_stop(n);
		receiver_stop(r);
		free(name);
	}
}

static void test_an_alert_goes_past_a_disk_that_was_never_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < TROUBLES; i++) {
		struct receiver *r = receiver_start(fine, 1);
		const struct notify_target t = hook("start", r);
		struct mailbox *sent = mailbox_new(0);
		struct notify *n;

		sick_disk(at.db, troubles[i].has); /* the receiver's own files lie elsewhere */
		n = start(&t, 1, sent);
		wait_said(n, troubles[i].said); /* before anything is to be told */
		post(n, 1);
		assert_true(receiver_wait(r, 1));
		heal(n, &t, r, 1);
		assert_true(mailbox_load(sent).waiting == 1); /* told to have been sent, once */
		notify_stop(n);
		mailbox_free(sent);
		receiver_stop(r);
		outgoing_done(&at);
		outgoing_init(&at);
	}
}

/* For whichever receiver. */
static bool is_on_disk(int which)
{
	const struct notification a = outgoing_alert(which);
	struct db *d = db_open(at.db, DB_READ, NULL);
	char key[NOTIFICATION_KEY];
	const struct db_value values[] = {DB_TEXT(notification_key(&a, key))};
	struct db_stmt *s =
		d ? db_ask(d, "SELECT id FROM outbox WHERE key = ?", values, 1, NULL) : NULL;
	bool yes = db_step(s, NULL) == 1;

	db_finish(s);
	db_close(d);
	return yes;
}

static void wait_on_disk(int which)
{
	struct instant begin = instant_now();

	while (!is_on_disk(which))
		if (instant_age_ms(begin, instant_now()) > WAIT_MS)
			fail_msg("%d is not on the disk", which);
}

/* One alert is on its way, and another waits in the outbox, when the disk goes. */
static void test_what_is_on_the_disk_already_goes_past_it_too(void **state)
{
	static const struct receiver_answer held[] = {{RECEIVER_HELD, NULL, NULL}};

	(void)state;
	for (size_t i = 0; i < TROUBLES; i++) {
		struct receiver *r = receiver_start(held, 1);
		const struct notify_target t = hook("held", r);
		struct notify *n = start(&t, 1, NULL);

		post(n, 1);
		assert_true(receiver_wait(r, 1));
		post(n, 2);
		wait_on_disk(2);
		sick_disk(at.dir, troubles[i].has);
		receiver_release(r);
		assert_true(receiver_wait(r, 2));
		heal(n, &t, r, 2);
		notify_stop(n);
		receiver_stop(r);
		outgoing_done(&at);
		outgoing_init(&at);
	}
}

static void test_past_the_disk_a_receiver_is_tried_again_as_ever(void **state)
{
	static const struct receiver_answer answers[] = {{500, NULL, "boom"}, {200, NULL, NULL}};
	struct receiver *r = receiver_start(answers, 2), *other = receiver_start(fine, 1);
	const struct notify_target targets[] = {hook("fails", r), hook("well", other)};
	struct notify *n = start(targets, 2, NULL);

	(void)state;
	assert_int_equal(notify_flush(n, WAIT_MS), 0);
	sick_disk(at.dir, DISK_SYNC_HANGS);
	post(n, 1);
	assert_true(receiver_wait(other, 1));
	assert_true(receiver_wait(r, 2));
	assert_string_equal(receiver_body(r, 0), receiver_body(r, 1));
	heal(n, &targets[1], other, 1);
	wait_rows(&targets[0], 0, 1);
	assert_int_equal(receiver_count(r), 2);
	notify_stop(n);
	receiver_stop(r);
	receiver_stop(other);
}

static void test_whether_a_receiver_answers_is_known_while_the_disk_hangs(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	const struct notify_target t = hook("reach", r);
	struct notify *n;

	(void)state;
	sick_disk(at.db, DISK_OPEN_HANGS);
	n = start(&t, 1, NULL);
	outgoing_health_when(n, is_unkept);
	notify_ask_reach(n);
	assert_true(receiver_wait(r, 1));
	assert_true(str_starts(receiver_head(r, 0), "HEAD / "));
	sick_disk(NULL, DISK_WELL);
	notify_stop(n);
	receiver_stop(r);
}

/* ---- killed ---- */

static int be_killed(const char *db, const char *url_file)
{
	const struct notify_target t = {
		.kind = NOTIFY_WEBHOOK, .url_file = url_file, .levels = ~0u};
	struct notify *n;

	str_copy(at.db, sizeof(at.db), db);
	n = start(&t, 1, NULL);
	notify_flush(n, WAIT_MS);
	sick_disk(at.db, DISK_SYNC_HANGS);
	post(n, 1);
	poll(NULL, 0, WAIT_MS);
	return 1;
}

/* Nobody but the killed process knew that it was sent: twice, by the same key, is better than not
 * at all. */
static void test_a_kill_while_the_disk_hangs_loses_nothing(void **state)
{
	struct receiver *r = receiver_start(fine, 1);
	const struct notify_target t = hook("kill", r);
	char self[] = "killed", file[200];
	char *argv[] = {self, at.db, file, NULL};
	const char *first, *second;
	struct notify *n;
	int status;
	pid_t pid;

	(void)state;
	str_copy(file, sizeof(file), t.url_file);
	assert_int_equal(posix_spawn(&pid, program_invocation_name, NULL, NULL, argv, environ), 0);
	assert_true(receiver_wait(r, 1));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	n = start(&t, 1, NULL);
	post(n, 1); /* the restarted console sees the same transition */
	wait_rows(&t, 0, 1);
	assert_int_equal(notify_flush(n, WAIT_MS), 0);
	assert_int_equal(receiver_count(r), 2);
	first = strstr(receiver_head(r, 0), "Idempotency-Key:");
	second = strstr(receiver_head(r, 1), "Idempotency-Key:");
	assert_non_null(first);
	assert_non_null(second);
	assert_memory_equal(first, second, strcspn(first, "\r"));
	notify_stop(n);
	receiver_stop(r);
}

int main(int argc, char **argv)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_an_alert_goes_past_a_disk_that_does_not_take_it),
		T(test_an_alert_goes_past_a_disk_that_was_never_there),
		T(test_what_is_on_the_disk_already_goes_past_it_too),
		T(test_past_the_disk_a_receiver_is_tried_again_as_ever),
		T(test_whether_a_receiver_answers_is_known_while_the_disk_hangs),
		T(test_a_kill_while_the_disk_hangs_loses_nothing),
	};

	setlocale(LC_ALL, "C.UTF-8");
	if (argc == 3)
		return be_killed(argv[1], argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
