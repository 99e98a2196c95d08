/* Promises of the log view: it follows the end, stands still while one reads, tells what was lost,
 * and asks the engine for exactly the log that is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "help/golden.h"
#include "help/samples.h"
#include "ui/view/views.h"

#define FEED 7

static const struct view_args args = {.ns = "kube-system",
	.name = "coredns-7db6d8ff4d-8x2kd",
	.container = "coredns",
	.feed = FEED};

struct incident_desk {
	void *view;
	struct snapshot *snapshot;
	struct canvas *canvas;
	struct view_look look;
};

static void open_desk(struct incident_desk *d, int rows, int columns)
{
	struct command *c = NULL;

	d->view = view_log.open(&view_log, &args, &c);
	assert_non_null(c);
	c->letter.drop(&c->letter);
	d->snapshot = sample_broken();
	d->canvas = canvas_new(rows, columns, true);
	d->look = (struct view_look){sample_now(), true, true, ""};
}

static void close_desk(struct incident_desk *d)
{
	struct command *c = view_log.close(d->view);

	assert_non_null(c);
	assert_int_equal(c->letter.kind, COMMAND_FEED_CLOSE);
	assert_int_equal(c->feed, FEED);
	c->letter.drop(&c->letter);
	snapshot_unref(d->snapshot);
	canvas_free(d->canvas);
	samples_done();
}

/* The ring holds the lines first .. first + n - 1: "line 12" and so on. */
static void set_lines(struct incident_desk *d, uint64_t first, size_t n, const char *tail)
{
	struct rstr **lines = calloc(n, sizeof(*lines));

	for (size_t i = 0; i < n; i++) {
		char *text = str_fmt("line %llu%s", (unsigned long long)(first + i), tail);
		lines[i] = rstr_new(text, strlen(text));
		free(text);
	}
	feed_unref(d->snapshot->n_feeds > 0 ? d->snapshot->feeds[0] : NULL);
	d->snapshot->feeds[0] = feed_new(FEED, FEED_OPEN, NULL, first, lines, n);
	d->snapshot->n_feeds = 1;
	for (size_t i = 0; i < n; i++)
		rstr_unref(lines[i]);
	free(lines);
}

static void assert_shows(struct incident_desk *d, const char *want)
{
	char *text;

	canvas_clear(d->canvas);
	view_log.draw(d->view, d->snapshot, d->canvas, &d->look);
	text = canvas_dump(d->canvas, false);
	assert_string_equal(text, want);
	free(text);
}

static struct view_reply act(struct incident_desk *d, enum action_id id)
{
	struct action a = {.id = id};
	struct view_reply reply = {0};

	view_log.act(d->view, d->snapshot, &a, &d->look, &reply);
	return reply;
}

static void assert_head(struct incident_desk *d, const char *want)
{
	enum role role;
	char head[300];

	view_log.head(d->view, d->snapshot, &d->look, head, sizeof(head), &role);
	assert_string_equal(head, want);
}

static void test_opening_asks_for_this_containers_log(void **state)
{
	struct command *c = NULL;
	struct view_args previous = args;
	void *view;

	(void)state;
	previous.previous = true;
	view = view_log.open(&view_log, &previous, &c);
	assert_int_equal(c->letter.kind, COMMAND_FEED_OPEN);
	assert_int_equal(c->feed, FEED);
	assert_string_equal(c->ns, "kube-system");
	assert_string_equal(c->name, "coredns-7db6d8ff4d-8x2kd");
	assert_string_equal(c->container, "coredns");
	assert_true(c->previous);
	assert_true(c->tail > 0);
	c->letter.drop(&c->letter);
	c = view_log.close(view);
	c->letter.drop(&c->letter);
}

static void test_it_says_what_it_waits_for_and_why_it_failed(void **state)
{
	struct incident_desk d;

	(void)state;
	open_desk(&d, 2, 40);
	assert_shows(&d, " opening the log...\n\n");
	d.snapshot->feeds[0] =
		feed_new(FEED, FEED_FAILED, "container is waiting to start", 0, NULL, 0);
	d.snapshot->n_feeds = 1;
	assert_shows(&d, " container is waiting to start\n\n");
	close_desk(&d);
}

static void test_it_follows_the_end(void **state)
{
	struct incident_desk d;

	(void)state;
	open_desk(&d, 3, 30);
	set_lines(&d, 0, 10, "");
	assert_shows(&d, " line 7\n line 8\n line 9\n");
	set_lines(&d, 2, 10, "");
	assert_shows(&d, " line 9\n line 10\n line 11\n");
	assert_head(&d, "coredns-7db6d8ff4d-8x2kd coredns, following, 10 lines, 2 older dropped");
	close_desk(&d);
}

static void test_it_stands_still_while_one_reads(void **state)
{
	struct incident_desk d;

	(void)state;
	open_desk(&d, 3, 30);
	set_lines(&d, 0, 10, "");
	assert_shows(&d, " line 7\n line 8\n line 9\n");
	act(&d, ACTION_UP);
	act(&d, ACTION_UP);
	assert_shows(&d, " line 6\n line 7\n line 8\n");
	set_lines(&d, 5, 20, ""); /* more came, some fell off */
	assert_shows(&d, " line 6\n line 7\n line 8\n");
	set_lines(&d, 8, 20, ""); /* what was read fell off: the oldest that is left */
	assert_shows(&d, " line 8\n line 9\n line 10\n");
	assert_head(&d, "coredns-7db6d8ff4d-8x2kd coredns, 20 lines, 8 older dropped");
	act(&d, ACTION_TOP);
	assert_shows(&d, " line 8\n line 9\n line 10\n");
	act(&d, ACTION_BOTTOM);
	set_lines(&d, 9, 20, "");
	assert_shows(&d, " line 26\n line 27\n line 28\n");
	close_desk(&d);
}

static void test_coming_down_to_the_end_follows_again(void **state)
{
	struct incident_desk d;

	(void)state;
	open_desk(&d, 3, 30);
	set_lines(&d, 0, 5, "");
	assert_shows(&d, " line 2\n line 3\n line 4\n");
	act(&d, ACTION_PAGE_UP);
	assert_shows(&d, " line 0\n line 1\n line 2\n");
	act(&d, ACTION_PAGE_DOWN);
	set_lines(&d, 0, 6, "");
	assert_shows(&d, " line 3\n line 4\n line 5\n");
	act(&d, ACTION_FOLLOW); /* and the key stops it */
	set_lines(&d, 0, 9, "");
	assert_shows(&d, " line 3\n line 4\n line 5\n");
	close_desk(&d);
}

static void test_long_lines_are_cut_wrapped_or_scrolled(void **state)
{
	struct incident_desk d;

	(void)state;
	open_desk(&d, 4, 12);
	set_lines(&d, 0, 2, " abcdefghijklmnopqrst");
	assert_shows(&d, " line 0 ab~\n line 1 ab~\n\n\n");
	act(&d, ACTION_RIGHT);
	assert_shows(&d, " jklmnopqr~\n jklmnopqr~\n\n\n");
	act(&d, ACTION_LEFT);
	act(&d, ACTION_WRAP);
	assert_shows(&d, " nopqrst\n line 1 abc\n defghijklm\n nopqrst\n");
	close_desk(&d);
}

static void test_the_next_container_replaces_this_log(void **state)
{
	struct incident_desk d;
	struct view_reply r;

	(void)state;
	open_desk(&d, 3, 30);
	r = act(&d, ACTION_NEXT_CONTAINER);
	assert_ptr_equal(r.open, &view_log);
	assert_true(r.back);
	assert_string_equal(r.args.container, "metrics");
	assert_string_equal(r.args.name, args.name);
	r = act(&d, ACTION_PREVIOUS_LOGS);
	assert_ptr_equal(r.open, &view_log);
	assert_true(r.back && r.args.previous);
	assert_string_equal(r.args.container, "coredns");
	close_desk(&d);
}

static void test_what_containers_print_cannot_touch_the_terminal(void **state)
{
	static const char *const hostile[] = {
		"E1123 04:43:50.123456       1 reflector.go:150] watch of *v1.Node failed",
		"W1123 04:43:50.123456       1 warn.go:1] it is late",
		"I1123 04:43:50.123456       1 info.go:1] it is fine",
		"{\"level\":\"error\",\"msg\":\"from etcd\"}",
		"time=\"now\" level=warning msg=\"from containerd\"",
		"\x1b[2J\x1b]0;owned\x07 \xe2\x80\xae reversed \xff",
		"中文日志：磁盘空间不足",
	};
	struct rstr *lines[7];
	struct incident_desk d;

	(void)state;
	open_desk(&d, 8, 60);
	for (int i = 0; i < 7; i++)
		lines[i] = rstr_new(hostile[i], strlen(hostile[i]));
	d.snapshot->feeds[0] = feed_new(FEED, FEED_ENDED, NULL, 0, lines, 7);
	d.snapshot->n_feeds = 1;
	for (int i = 0; i < 7; i++)
		rstr_unref(lines[i]);
	d.look.filter = "late";
	view_log.draw(d.view, d.snapshot, d.canvas, &d.look);
	assert_true(golden_canvas("log_hostile.txt", d.canvas, true));
	assert_head(&d, "coredns-7db6d8ff4d-8x2kd coredns, following, 7 lines, ended");
	close_desk(&d);
}

static int set_up(void **state)
{
	(void)state;
	setenv("LANGUAGE", "C", 1);
	return setlocale(LC_ALL, "C.UTF-8") == NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opening_asks_for_this_containers_log),
		cmocka_unit_test(test_it_says_what_it_waits_for_and_why_it_failed),
		cmocka_unit_test(test_it_follows_the_end),
		cmocka_unit_test(test_it_stands_still_while_one_reads),
		cmocka_unit_test(test_coming_down_to_the_end_follows_again),
		cmocka_unit_test(test_long_lines_are_cut_wrapped_or_scrolled),
		cmocka_unit_test(test_the_next_container_replaces_this_log),
		cmocka_unit_test(test_what_containers_print_cannot_touch_the_terminal),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
