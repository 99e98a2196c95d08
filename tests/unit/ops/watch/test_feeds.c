/* Live logs: what a view that opened one is shown, from an API server and from the node itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "help/script.h"
#include "io/file.h"
#include "ops/watch/feeds.h"

#define WAIT_MS 20000

/* Feeds between a server that answers by a script and a node whose ssh is a program of ours. */
struct place {
	struct script *server;
	struct http *http;
	struct pool *pool;
	struct kube_client *client;
	struct kube_endpoint at;
	struct node_shell *shell;
	struct mailbox *box;
	char ssh[64];
	struct feeds f;
};

static const struct command web = {.feed = 7, .ns = "shop", .name = "web", .container = "c"};
static const struct shell_host node = {.name = "192.0.2.1"};

/* ssh: the program's text; NULL: no ssh. */
static void place_open(struct place *p, const struct script_step *steps, size_t n, const char *ssh)
{
	struct node_shell_options shell = node_shell_defaults;
	struct kube_access *a = mem_new(struct kube_access);
	char command[80];
	struct err e;

	memset(p, 0, sizeof(*p));
	p->server = script_start(NULL, steps, n);
	a->server = str_fmt("http://127.0.0.1:%d", script_port(p->server));
	a->user = mem_str("me");
	p->http = http_open(&e);
	p->pool = pool_start(1, 4);
	p->client = kube_client_new(a, NULL);
	kube_client_server(p->client, &p->at);
	p->box = mailbox_new(100);
	if (ssh != NULL) {
		snprintf(p->ssh, sizeof(p->ssh), "/tmp/k911-feeds-%d.sh", (int)getpid());
		assert_int_equal(file_write(p->ssh, ssh, strlen(ssh), 0600, &e), 0);
		snprintf(command, sizeof(command), "sh %s", p->ssh);
		shell.command = command;
		p->shell = node_shell_new(&shell, &e);
		assert_non_null(p->shell);
	}
	feeds_init(&p->f, p->http, p->pool, p->client, p->shell, p->box);
}

static void place_close(struct place *p)
{
	feeds_done(&p->f);
	pool_stop(p->pool);
	http_close(p->http);
	kube_client_unref(p->client);
	node_shell_free(p->shell);
	mailbox_free(p->box);
	script_stop(p->server);
	if (p->ssh[0] != '\0')
		unlink(p->ssh);
}

/* The feed's newest page: the test's to unref. */
static struct feed *page(struct place *p)
{
	struct snapshot *s = snapshot_new();
	struct feed *f;

	feeds_publish(&p->f, s);
	assert_int_equal(s->n_feeds, 1);
	f = feed_ref(s->feeds[0]);
	snapshot_unref(s);
	return f;
}

/* The page once the feed has come to an end, good or bad. */
static struct feed *last_page(struct place *p)
{
	for (;;) {
		struct pollfd wait = {.fd = mailbox_fd(p->box), .events = POLLIN};
		struct feed *f = page(p);
		struct letter *l;

		if (f->state == FEED_ENDED || f->state == FEED_FAILED)
			return f;
		feed_unref(f);
		if (poll(&wait, 1, WAIT_MS) != 1)
			fail_msg("the feed did not end");
		while ((l = mailbox_take(p->box)) != NULL) {
			letter_hear(l, instant_now());
			l->drop(l);
		}
	}
}

static void test_a_log_is_followed_line_by_line_to_its_end(void **state)
{
	static const struct script_step step = {
		.expect = "GET /api/v1/namespaces/shop/pods/web/log container=c follow=true",
		.status = 200,
		.body = "one\ntwo\n"};
	struct place p;
	struct feed *f;

	(void)state;
	place_open(&p, &step, 1, NULL);
	assert_true(feeds_open(&p.f, &web, &p.at, &node));
	f = page(&p);
	assert_int_equal(f->state, FEED_OPENING);
	assert_int_equal(f->n, 0);
	feed_unref(f);
	f = last_page(&p);
	assert_int_equal(f->id, 7);
	assert_int_equal(f->state, FEED_ENDED);
	assert_string_equal(f->error, "");
	assert_int_equal(f->n, 2);
	assert_string_equal(rstr_text(f->lines[0]), "one");
	assert_string_equal(rstr_text(f->lines[1]), "two");
	feed_unref(f);
	place_close(&p);
}

static void test_the_newest_lines_are_kept_and_those_that_fell_off_are_counted(void **state)
{
	struct script_step step = {.status = 200};
	struct place p;
	struct buf body;
	struct feed *f;

	(void)state;
	buf_init(&body, 1 << 20);
	for (int i = 0; i < FEED_KEEP + 5; i++)
		buf_fmt(&body, "line %d\n", i);
	step.body = buf_text(&body);
	place_open(&p, &step, 1, NULL);
	assert_true(feeds_open(&p.f, &web, &p.at, &node));
	f = last_page(&p);
	assert_int_equal(f->n, FEED_KEEP);
	assert_int_equal(f->first, 5);
	assert_string_equal(rstr_text(f->lines[0]), "line 5");
	assert_string_equal(rstr_text(f->lines[FEED_KEEP - 1]), "line 2004");
	feed_unref(f);
	place_close(&p);
	buf_done(&body);
}

static void test_a_server_that_gives_no_log_is_quoted(void **state)
{
	static const struct script_step step = {.status = 400,
		.body = "{\"kind\":\"Status\",\"message\":\"container \\\"c\\\" is waiting to "
			"start\","
			"\"code\":400}"};
	struct place p;
	struct feed *f;

	(void)state;
	place_open(&p, &step, 1, NULL);
	assert_true(feeds_open(&p.f, &web, &p.at, &node));
	f = last_page(&p);
	assert_int_equal(f->state, FEED_FAILED);
	assert_non_null(strstr(f->error, "is waiting to start"));
	feed_unref(f);
	place_close(&p);
}

static void test_without_an_api_server_the_node_is_asked_for_its_own_log(void **state)
{
	struct place p;
	struct feed *f;

	(void)state;
	place_open(&p, NULL, 0, "echo one\necho two\n");
	assert_true(feeds_open(&p.f, &web, NULL, &node));
	f = last_page(&p);
	assert_int_equal(f->state, FEED_ENDED);
	assert_non_null(strstr(f->error, node.name));
	assert_int_equal(f->n, 2);
	assert_string_equal(rstr_text(f->lines[1]), "two");
	feed_unref(f);
	place_close(&p);
}

static void test_a_node_that_has_no_log_of_it_says_so(void **state)
{
	struct place p;
	struct feed *f;

	(void)state;
	place_open(&p, NULL, 0, "exit 1\n");
	assert_true(feeds_open(&p.f, &web, NULL, &node));
	f = last_page(&p);
	assert_int_equal(f->state, FEED_FAILED);
	assert_non_null(strstr(f->error, node.name));
	feed_unref(f);
	place_close(&p);
}

/* Nobody is asked: neither over a shell that there is not, nor for a name that leads elsewhere. */
static void test_what_cannot_be_asked_fails_at_once(void **state)
{
	static const struct shell_host nowhere = {.name = ""};
	static const struct command astray = {.feed = 7, .ns = "shop", .name = "../../etc"};
	const struct {
		const char *ssh;
		const struct command *c;
		const struct shell_host *host;
	} rows[] = {{NULL, &web, &node}, {"echo one\n", &web, &nowhere},
		{"echo one\n", &astray, &node}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct place p;
		struct feed *f;

		place_open(&p, NULL, 0, rows[i].ssh);
		assert_true(feeds_open(&p.f, rows[i].c, NULL, rows[i].host));
		f = page(&p);
		assert_int_equal(f->state, FEED_FAILED);
		assert_string_not_equal(f->error, "");
		feed_unref(f);
		place_close(&p);
	}
}

static void test_a_page_stays_as_it_was_published(void **state)
{
	static const struct script_step step = {.status = 200, .body = "one\n"};
	struct place p;
	struct feed *before, *again, *after;

	(void)state;
	place_open(&p, &step, 1, NULL);
	assert_true(feeds_open(&p.f, &web, &p.at, &node));
	before = page(&p);
	again = page(&p);
	assert_ptr_equal(before, again); /* nothing new: no new page */
	after = last_page(&p);
	assert_int_equal(before->n, 0);
	assert_int_equal(before->state, FEED_OPENING);
	assert_int_equal(after->n, 1);
	feed_unref(before);
	feed_unref(again);
	feed_unref(after);
	place_close(&p);
}

static void test_a_closed_feed_leaves_its_place_to_another(void **state)
{
	struct place p;
	struct command c = web;

	(void)state;
	place_open(&p, NULL, 0, NULL);
	for (c.feed = 1; c.feed <= FEEDS_MAX; c.feed++)
		assert_true(feeds_open(&p.f, &c, NULL, &node));
	assert_false(feeds_open(&p.f, &c, NULL, &node));
	feeds_close(&p.f, 3);
	assert_true(feeds_open(&p.f, &c, NULL, &node));
	place_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_log_is_followed_line_by_line_to_its_end),
		cmocka_unit_test(
			test_the_newest_lines_are_kept_and_those_that_fell_off_are_counted),
		cmocka_unit_test(test_a_server_that_gives_no_log_is_quoted),
		cmocka_unit_test(test_without_an_api_server_the_node_is_asked_for_its_own_log),
		cmocka_unit_test(test_a_node_that_has_no_log_of_it_says_so),
		cmocka_unit_test(test_what_cannot_be_asked_fails_at_once),
		cmocka_unit_test(test_a_page_stays_as_it_was_published),
		cmocka_unit_test(test_a_closed_feed_leaves_its_place_to_another),
	};

	return cmocka_run_group_tests_name("feeds", tests, NULL, NULL);
}
