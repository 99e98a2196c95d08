/* A followed log comes as its lines, whatever the network cuts it into, and ends with the reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/kube_log.h"
#include "help/script.h"

#define DEADLINE_MS 20000

struct place {
	struct script *server;
	struct http *http;
	struct kube_client *client;
	struct mailbox *box;
	struct kube_log *log;
	struct buf lines; /* what came, each line ended by a newline */
	struct err err;   /* END's */
};

static void begin(struct place *t, const struct script_step *step, size_t room)
{
	const struct kube_log_options o = {.ns = "kube-system",
		.pod = "dns",
		.container = "c",
		.previous = true,
		.follow = true,
		.tail = 50,
		.number = 7};
	struct kube_access *a = mem_new(struct kube_access);
	struct kube_endpoint at;

	t->server = script_start(NULL, step, 1);
	a->server = str_fmt("http://127.0.0.1:%d", script_port(t->server));
	t->http = http_open(&t->err);
	t->client = kube_client_new(a, NULL);
	t->box = mailbox_new(room);
	buf_init(&t->lines, 1u << 20);
	kube_client_server(t->client, &at);
	t->log = kube_log_start(t->http, t->client, &at, &o, &(struct hearer){.box = t->box});
}

static void finish(struct place *t)
{
	kube_log_stop(t->log);
	http_close(t->http);
	kube_client_unref(t->client);
	mailbox_free(t->box);
	buf_done(&t->lines);
	script_stop(t->server);
}

/* Takes one letter; its kind. */
static int take(struct place *t)
{
	int64_t until = instant_now().boot_ms + DEADLINE_MS;
	struct kube_log_letter *l;
	struct letter *letter;
	int kind;

	while ((letter = mailbox_take(t->box)) == NULL) {
		struct pollfd p = {.fd = mailbox_fd(t->box), .events = POLLIN};

		if (instant_now().boot_ms > until)
			fail_msg("no letter came");
		poll(&p, 1, 100);
	}
	l = (struct kube_log_letter *)(void *)letter;
	kind = letter->kind;
	assert_int_equal(l->number, 7);
	for (size_t i = 0; i < l->n; i++)
		buf_fmt(&t->lines, "%s\n", rstr_text(l->lines[i]));
	if (kind == KUBE_LOG_END)
		t->err = l->err;
	letter->drop(letter);
	return kind;
}

static void take_all(struct place *t)
{
	while (take(t) != KUBE_LOG_END)
		;
}

static void test_lines_are_whole_however_they_come(void **state)
{
	static const char text[] = "first\n\nthird with \xe4\xb8\xad\r\nlast without end";
	struct script_step step = {.expect =
					   "GET "
					   "/api/v1/namespaces/kube-system/pods/dns/"
					   "log?container=c&follow=true&previous=true&tailLines=50",
		.status = 200,
		.body = text};

	(void)state;
	for (size_t drip = 0; drip < 8; drip++) {
		struct place t;

		step.drip = drip;
		begin(&t, &step, 1000);
		take_all(&t);
		assert_string_equal(
			buf_text(&t.lines), "first\n\nthird with \xe4\xb8\xad\nlast without end\n");
		assert_int_equal(t.err.code, ERR_NONE);
		finish(&t);
	}
}

static void test_lines_come_while_the_log_goes_on(void **state)
{
	static const struct script_step step = {
		.status = 200, .body = "one\ntwo\n", .then = SCRIPT_HOLD};
	struct place t;

	(void)state;
	begin(&t, &step, 1000);
	while (strcmp(buf_text(&t.lines), "one\ntwo\n") != 0)
		assert_int_equal(take(&t), KUBE_LOG_LINES);
	finish(&t);
}

static void test_a_line_without_end_is_cut(void **state)
{
	size_t n = 40000;
	char *text = mem_zero(n + 1, 1);
	struct script_step step = {.status = 200, .body = text};
	struct place t;

	(void)state;
	memset(text, 'x', n);
	begin(&t, &step, 1000);
	take_all(&t);
	assert_int_equal(strcspn(buf_text(&t.lines), "\n"), 16384);
	assert_int_equal(t.lines.len, n + 3);
	finish(&t);
	free(text);
}

static void test_the_servers_reason_ends_it(void **state)
{
	static const struct script_step step = {.status = 400,
		.body = "{\"kind\":\"Status\",\"message\":\"a container name must be specified for "
			"pod dns, choose one of: [a b]\",\"code\":400}"};
	struct place t;

	(void)state;
	begin(&t, &step, 1000);
	assert_int_equal(take(&t), KUBE_LOG_END);
	assert_int_not_equal(t.err.code, ERR_NONE);
	assert_non_null(strstr(t.err.text, "choose one of"));
	finish(&t);
}

static void test_a_broken_connection_ends_it(void **state)
{
	static const struct script_step step = {.status = 0};
	struct place t;

	(void)state;
	begin(&t, &step, 1000);
	assert_int_equal(take(&t), KUBE_LOG_END);
	assert_int_not_equal(t.err.code, ERR_NONE);
	finish(&t);
}

static void test_a_receiver_that_is_too_slow_is_told(void **state)
{
	size_t n = 4u << 20;
	char *text = mem_zero(n + 1, 1);
	const struct script_step step = {.status = 200, .body = text, .then = SCRIPT_WAIT};
	struct place t;

	(void)state;
	memset(text, 'x', n);
	for (size_t i = 99; i < n; i += 100)
		text[i] = '\n';
	begin(&t, &step, 1);
	script_wait_left(t.server, 1);
	take_all(&t);
	assert_int_equal(t.err.code, ERR_LIMIT);
	finish(&t);
	free(text);
}

static void test_it_can_be_stopped_at_any_time(void **state)
{
	static const struct script_step step = {
		.status = 200, .body = "one\n", .then = SCRIPT_HOLD};
	struct place t;

	(void)state;
	begin(&t, &step, 10);
	finish(&t);
	begin(&t, &step, 10);
	assert_int_equal(take(&t), KUBE_LOG_LINES);
	finish(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_are_whole_however_they_come),
		cmocka_unit_test(test_lines_come_while_the_log_goes_on),
		cmocka_unit_test(test_a_line_without_end_is_cut),
		cmocka_unit_test(test_the_servers_reason_ends_it),
		cmocka_unit_test(test_a_broken_connection_ends_it),
		cmocka_unit_test(test_a_receiver_that_is_too_slow_is_told),
		cmocka_unit_test(test_it_can_be_stopped_at_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
