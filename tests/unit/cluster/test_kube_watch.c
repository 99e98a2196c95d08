/* What the receiver of a watch sees when the server is well, slow, wrong, overloaded, or goes away.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/kube_watch.h"
#include "help/script.h"
#include "model/node.h"

#define DEADLINE_MS 20000
#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))

struct place {
	struct script *server;
	struct http *http;
	struct kube_client *client;
	struct intern *names;
	struct mailbox *box;
	struct kube_watch *watch;
	uint64_t version; /* of the last letter that was expected */
};

static void begin_kind(struct place *t, const struct kube_kind *kind,
	const struct script_step *steps, size_t n, size_t room)
{
	struct kube_access *a = mem_new(struct kube_access);
	struct kube_endpoint at;
	struct err e;

	t->server = script_start(NULL, steps, n);
	a->server = str_fmt("http://127.0.0.1:%d", script_port(t->server));
	a->user = mem_str("me");
	t->http = http_open(&e);
	assert_non_null(t->http);
	t->client = kube_client_new(a, NULL);
	t->names = intern_new(1 << 20);
	t->box = mailbox_new(room);
	kube_client_server(t->client, &at);
	t->watch = kube_watch_start(
		t->http, t->client, &at, kind, t->names, &(struct hearer){.box = t->box});
}

#define begin_with(t, steps, n, room) begin_kind(t, &kube_nodes, steps, n, room)
#define begin(t, steps)               begin_with(t, steps, COUNT(steps), 1000)

static void finish(struct place *t)
{
	kube_watch_stop(t->watch, false);
	http_close(t->http);
	kube_client_unref(t->client);
	mailbox_free(t->box);
	intern_unref(t->names);
	script_stop(t->server);
}

static struct kube_letter *next(struct place *t)
{
	int64_t until = instant_now().boot_ms + DEADLINE_MS;
	struct letter *l;

	while ((l = mailbox_take(t->box)) == NULL) {
		struct pollfd p = {.fd = mailbox_fd(t->box), .events = POLLIN};

		if (instant_now().boot_ms > until)
			fail_msg("no letter came");
		poll(&p, 1, 100);
	}
	return (struct kube_letter *)(void *)l;
}

static const char *word_of(int kind)
{
	static const char *const words[] = {"LIST_BEGIN", "ROWS", "LIST_END", "ALIVE", "TROUBLE"};

	return words[kind - KUBE_LIST_BEGIN];
}

/* The next letter, which must be of this kind; its error. */
static struct err expect(struct place *t, int kind)
{
	struct kube_letter *l = next(t);
	struct err e = l->err;

	if (l->letter.kind != kind)
		fail_msg("%s (%s) came, not %s", word_of(l->letter.kind), l->err.text,
			word_of(kind));
	t->version = l->version;
	l->letter.drop(&l->letter);
	return e;
}

/* The next rows, in as many letters as they come, as "a b -c" (deleted ones with a minus). */
static void expect_rows(struct place *t, const char *want)
{
	struct buf got;

	buf_init(&got, 1000);
	while (got.len < strlen(want)) {
		struct kube_letter *l = next(t);

		if (l->letter.kind != KUBE_ROWS)
			fail_msg("%s (%s) came after \"%s\", not \"%s\"", word_of(l->letter.kind),
				l->err.text, buf_text(&got), want);
		for (size_t i = 0; i < l->n; i++)
			buf_fmt(&got, "%s%s%s", got.len > 0 ? " " : "", l->deleted[i] ? "-" : "",
				((struct node_row *)(void *)(l->rows + i * sizeof(struct node_row)))
					->name);
		l->letter.drop(&l->letter);
	}
	assert_string_equal(buf_text(&got), want);
	buf_done(&got);
}

static void says(const struct err *e, enum err_code code, const char *words)
{
	if (e->code != code || strstr(e->text, words) == NULL)
		fail_msg("%d \"%s\", not %d \"%s\"", e->code, e->text, code, words);
}

#define NODE(name, rv)                                                                             \
	"{\"metadata\":{\"name\":\"" name "\",\"resourceVersion\":\"" rv                           \
	"\",\"managedFields\":[{\"a\":{}}]}}"
#define LIST(rv, items)                                                                            \
	"{\"kind\":\"NodeList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"" rv     \
	"\"},\"items\":[" items "]}"
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"
#define BOOKMARK(rv)                                                                               \
	EVENT("BOOKMARK", "{\"kind\":\"Node\",\"metadata\":{\"resourceVersion\":\"" rv "\"}}")
#define STATUS(code, message)                                                                      \
	"{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"" message "\",\"code\":" code "}"

#define LISTS "GET /api/v1/nodes?resourceVersion=0"
#define LISTED                                                                                     \
	{                                                                                          \
		.expect = LISTS, .status = 200, .body = LIST("100", NODE("a", "90"))               \
	}
#define HANGS_ON                                                                                   \
	{                                                                                          \
		.expect = "watch=1", .status = 200, .then = SCRIPT_HOLD                            \
	}

static void expect_list(struct place *t, const char *rows)
{
	expect(t, KUBE_LIST_BEGIN);
	expect_rows(t, rows);
	expect(t, KUBE_LIST_END);
}

static void test_a_list_then_its_watch_then_on_from_the_last_version(void **state)
{
	static const struct script_step steps[] = {
		{.expect = LISTS " Accept:",
			.reject = "watch",
			.status = 200,
			.body = LIST("100", NODE("a", "90") "," NODE("b", "95"))},
		{.expect = "watch=1 allowWatchBookmarks=true resourceVersion=100 timeoutSeconds=2",
			.status = 200,
			.body = EVENT("ADDED", NODE("c", "101")) EVENT("MODIFIED", NODE("a", "102"))
				EVENT("DELETED", NODE("b", "103")) BOOKMARK("150")},
		{.expect = "watch=1 resourceVersion=150",
			.status = 200,
			.body = EVENT("ADDED", NODE("d", "151")),
			.then = SCRIPT_HOLD},
	};
	struct kube_kind brief = kube_nodes; /* its watches end in time */
	struct place t;

	(void)state;
	brief.watch_s = 2;
	begin_kind(&t, &brief, steps, COUNT(steps), 1000);
	expect_list(&t, "a b");
	assert_int_equal(t.version, 100);
	expect(&t, KUBE_ALIVE);
	expect_rows(&t, "c a -b");
	expect(&t, KUBE_ALIVE); /* the bookmark */
	assert_int_equal(t.version, 150);
	expect(&t, KUBE_ALIVE); /* open again */
	expect_rows(&t, "d");
	finish(&t);
}

#define PAGE(token, items)                                                                         \
	"{\"kind\":\"NodeList\",\"metadata\":{\"resourceVersion\":\"7\",\"continue\":\"" token     \
	"\"},\"items\":[" items "]}"

/* What trouble comes, after whatever rows. */
static struct err trouble_of(struct place *t)
{
	struct kube_letter *l;
	struct err e;

	while ((l = next(t))->letter.kind != KUBE_TROUBLE)
		l->letter.drop(&l->letter);
	e = l->err;
	l->letter.drop(&l->letter);
	return e;
}

static void expect_no_end(const struct script_step *steps, size_t n, const char *words)
{
	struct kube_kind any_number = kube_nodes;
	struct place t;
	struct err e;

	any_number.rows_max = 0;
	begin_kind(&t, &any_number, steps, n, 10000);
	e = trouble_of(&t);
	says(&e, ERR_INPUT, words);
	assert_int_equal(script_asked(t.server), n);
	finish(&t);
}

/* Each would be asked for at once, hundreds of times a second, for ever. */
static void test_a_list_whose_pages_have_no_end_is_given_up(void **state)
{
	static const struct script_step empty[] = {
		{.expect = LISTS, .status = 200, .body = PAGE("x", NODE("a", "1"))},
		{.expect = "continue=x", .status = 200, .body = PAGE("y", "")},
	};
	static const struct script_step itself[] = {
		{.expect = LISTS, .status = 200, .body = PAGE("x", NODE("a", "1"))},
		{.expect = "continue=x", .status = 200, .body = PAGE("x", NODE("a", "1"))},
	};

	(void)state;
	expect_no_end(empty, COUNT(empty), "and is empty");
	expect_no_end(itself, COUNT(itself), "and leads to itself");
}

/* A page, and as many rows on it as a server would put there. */
static char *make_page(const char *next, int rows)
{
	struct buf page;

	buf_init(&page, 1 << 20);
	buf_fmt(&page, "{\"metadata\":{\"resourceVersion\":\"7\",\"continue\":\"%s\"},\"items\":[",
		next);
	for (int i = 0; i < rows; i++)
		buf_fmt(&page, "%s{\"metadata\":{\"name\":\"n%d\"}}", i > 0 ? "," : "", i);
	buf_puts(&page, "]}");
	return buf_take(&page);
}

static void expect_circle(struct script_step *steps, size_t n, int rows, const char *words)
{
	char *x = make_page("x", rows), *y = make_page("y", rows);

	for (size_t i = 0; i < n; i++)
		steps[i] = (struct script_step){.status = 200, .body = i % 2 == 0 ? x : y};
	expect_no_end(steps, n, words);
	free(x);
	free(y);
}

static void test_pages_that_lead_in_a_circle_end(void **state)
{
	static struct script_step steps[1001];

	(void)state;
	expect_circle(steps, COUNT(steps), 100, "no list has so many");
}

/* Else each row could cost its server a request. */
static void test_a_list_of_crumbs_is_given_up_after_a_few(void **state)
{
	static struct script_step steps[9];

	(void)state;
	expect_circle(steps, COUNT(steps), 99, "there are but crumbs on each");
}

static void test_a_list_of_other_objects_is_refused(void **state)
{
	static const struct script_step steps[] = {
		{.expect = LISTS,
			.status = 200,
			.body = "{\"kind\":\"SecretList\",\"metadata\":{\"resourceVersion\":\"7\"},"
				"\"items\":[" NODE("a", "1") "]}"},
	};
	struct place t;
	struct err e;

	(void)state;
	begin(&t, steps);
	e = trouble_of(&t);
	says(&e, ERR_INPUT, "asked for nodes, the server answers with a list of Secret");
	finish(&t);
}

/* A byte now and then is life in a watch, but no list. */
static void test_a_list_that_drips_is_given_up(void **state)
{
	static const struct script_step steps[] = {
		{.expect = LISTS,
			.status = 200,
			.body = "{\"kind\":\"NodeList\",",
			.then = SCRIPT_DRIP},
	};
	struct place t;
	struct err e;

	(void)state;
	begin(&t, steps);
	e = trouble_of(&t);
	says(&e, ERR_TIMEOUT, "answers too slowly");
	finish(&t);
}

static void test_a_list_of_more_than_can_be_is_given_up(void **state)
{
	static const struct script_step steps[] = {
		{.expect = LISTS,
			.status = 200,
			.body = LIST("7", NODE("a", "1") "," NODE("b", "2") "," NODE("c", "3"))},
	};
	struct kube_kind few = kube_nodes;
	struct place t;
	struct err e;

	(void)state;
	few.rows_max = 2;
	begin_kind(&t, &few, steps, COUNT(steps), 1000);
	expect(&t, KUBE_LIST_BEGIN);
	expect_rows(&t, "a b");
	e = expect(&t, KUBE_TROUBLE);
	says(&e, ERR_LIMIT, "more than 2 ");
	finish(&t);
}

static void test_a_list_in_pages_is_one_list(void **state)
{
	static const struct script_step steps[] = {
		{.expect = LISTS,
			.status = 200,
			.body = "{\"metadata\":{\"resourceVersion\":\"7\",\"continue\":\"a/"
				"b=\"},\"items\":[" NODE("a", "1") "]}"},
		{.expect = "continue=a%2Fb%3D",
			.reject = "resourceVersion",
			.status = 200,
			.body = LIST("7", NODE("b", "2"))},
		{.expect = "watch=1 resourceVersion=7", .status = 200, .then = SCRIPT_HOLD},
	};
	struct place t;

	(void)state;
	begin(&t, steps);
	expect_list(&t, "a b");
	expect(&t, KUBE_ALIVE);
	finish(&t);
}

static void test_an_expired_page_begins_the_list_again(void **state)
{
	static const struct script_step steps[] = {
		{.status = 200,
			.body = "{\"metadata\":{\"resourceVersion\":\"7\",\"continue\":\"x\"},"
				"\"items\":[" NODE("a", "1") "]}"},
		{.expect = "continue=x", .status = 410, .body = STATUS("410", "too old")},
		LISTED,
		HANGS_ON,
	};
	struct place t;

	(void)state;
	begin(&t, steps);
	expect(&t, KUBE_LIST_BEGIN);
	expect_rows(&t, "a");
	expect_list(&t, "a");
	expect(&t, KUBE_ALIVE);
	finish(&t);
}

/* A watch that ends in each of these ways is followed by a list, without a word to the operator. */
static void test_a_version_too_old_lists_anew(void **state)
{
	static const struct script_step ends[] = {
		{.expect = "watch=1",
			.status = 410,
			.body = STATUS("410", "too old resource version")},
		{.expect = "watch=1",
			.status = 200,
			.body = EVENT("ERROR", STATUS("410", "too old"))},
		{.expect = "watch=1",
			.status = 200,
			.body = BOOKMARK("99"),
			.then = SCRIPT_HOLD}, /* etcd was restored */
		{.expect = "watch=1",
			.status = 200,
			.body = ""}, /* out of turn: so it may have been */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		const struct script_step steps[] = {LISTED, ends[i], LISTED, HANGS_ON};
		struct place t;

		begin(&t, steps);
		expect_list(&t, "a");
		if (ends[i].status == 200)
			expect(&t, KUBE_ALIVE);
		expect_list(&t, "a");
		expect(&t, KUBE_ALIVE);
		finish(&t);
	}
}

static void test_an_error_inside_a_watch_is_said_and_lists_anew(void **state)
{
	static const struct script_step steps[] = {
		LISTED,
		{.expect = "watch=1",
			.status = 200,
			.body = EVENT("ERROR", STATUS("500", "etcdserver: no leader"))},
		LISTED,
		HANGS_ON,
	};
	struct place t;
	struct err e;

	(void)state;
	begin(&t, steps);
	expect_list(&t, "a");
	expect(&t, KUBE_ALIVE);
	e = expect(&t, KUBE_TROUBLE);
	says(&e, ERR_SERVER, "no leader");
	expect_list(&t, "a");
	finish(&t);
}

static void test_a_server_that_was_away_is_listed_anew(void **state)
{
	static const struct script_step steps[] = {
		LISTED,
		{.expect = "watch=1",
			.status = 200,
			.body = EVENT("ADDED", NODE("b", "105")) "{\"type\":\"ADDED\",\"obj",
			.then = SCRIPT_RESET},
		{.expect = "watch=1 resourceVersion=105", .status = 0},
		LISTED,
		HANGS_ON,
	};
	struct place t;

	(void)state;
	begin(&t, steps);
	expect_list(&t, "a");
	expect(&t, KUBE_ALIVE);
	expect_rows(&t, "b");
	expect(&t, KUBE_TROUBLE);
	expect(&t, KUBE_TROUBLE);
	expect_list(&t, "a");
	finish(&t);
}

static void test_a_reset_watch_goes_on_where_it_was(void **state)
{
	static const struct script_step steps[] = {
		LISTED,
		{.expect = "watch=1",
			.status = 200,
			.body = EVENT("ADDED", NODE("b", "105")) "{\"type\":\"ADDED\",\"obj"},
		{.expect = "watch=1 resourceVersion=105", .status = 200, .then = SCRIPT_HOLD},
	};
	struct err e;
	struct place t;

	(void)state;
	begin(&t, steps);
	expect_list(&t, "a");
	expect(&t, KUBE_ALIVE);
	expect_rows(&t, "b");
	e = expect(&t, KUBE_TROUBLE);
	says(&e, ERR_INPUT, "");
	expect(&t, KUBE_ALIVE);
	finish(&t);
}

/* What a list may be answered with, and what the operator reads; the list after it is whole. */
static void test_a_failed_list_says_why_and_is_tried_again(void **state)
{
	static const struct {
		struct script_step step;
		bool begins;
		const char *rows;
		enum err_code code;
		const char *words;
	} rows[] = {
		{{.status = 500, .body = STATUS("500", "etcdserver: no leader")}, false, "",
			ERR_SERVER, "etcdserver: no leader"},
		{{.status = 401, .body = STATUS("401", "Unauthorized")}, false, "", ERR_AUTH,
			"Unauthorized"},
		{{.status = 503, .body = "<html>haproxy</html>"}, false, "", ERR_BUSY, "503"},
		{{.status = 200,
			 .body = "{\"kind\":\"NodeList\",\"metadata\":{\"resourceVersion\":\"1\"},"
				 "\"items\":[" NODE("a", "1") ",{\"metadata\""},
			true, "a", ERR_INPUT, ""},
		{{.status = 200, .body = "{\"items\":[" NODE("a", "1") ",nonsense]}"}, true, "a",
			ERR_INPUT, ""},
		{{.status = 200, .body = STATUS("200", "fine")}, true, "", ERR_INPUT, "no list"},
		{{.status = 200, .body = "{\"items\":[]}"}, true, "", ERR_INPUT, "no list"},
		{{.status = 200, .body = ""}, true, "", ERR_INPUT, ""},
		{{.status = 200, .body = "[]"}, true, "", ERR_INPUT, ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct script_step steps[] = {rows[i].step, LISTED, HANGS_ON};
		struct place t;
		struct err e;

		begin(&t, steps);
		if (rows[i].begins)
			expect(&t, KUBE_LIST_BEGIN);
		expect_rows(&t, rows[i].rows);
		e = expect(&t, KUBE_TROUBLE);
		says(&e, rows[i].code, rows[i].words);
		expect_list(&t, "a");
		finish(&t);
	}
}

#define DENIED                                                                                     \
	{                                                                                          \
		.status = 403,                                                                     \
		.body = STATUS("403", "nodes is forbidden: User me cannot list resource nodes")    \
	}

/* An API server that just started denies everything: it is soon asked again. */
static void test_what_is_denied_for_a_moment_is_listed_soon(void **state)
{
	static const struct script_step steps[] = {DENIED, DENIED, LISTED, HANGS_ON};
	struct place t;

	(void)state;
	begin(&t, steps);
	expect(&t, KUBE_TROUBLE);
	expect(&t, KUBE_TROUBLE);
	expect_list(&t, "a");
	finish(&t);
}

static void test_what_may_not_be_listed_is_said_and_asked_again_when_told_to(void **state)
{
	static const struct script_step steps[] = {
		DENIED,
		DENIED,
		DENIED,
		DENIED, /* it rests after these */
		LISTED,
		HANGS_ON,
	};
	struct place t;
	struct err e;

	(void)state;
	begin(&t, steps);
	for (int i = 0; i < 4; i++) {
		e = expect(&t, KUBE_TROUBLE);
		says(&e, ERR_AUTH, "User me cannot list resource nodes");
	}
	kube_watch_relist(t.watch);
	expect_list(&t, "a");
	finish(&t);
}

static void test_a_kind_that_is_not_served_is_missing(void **state)
{
	static const struct script_step steps[] = {{.status = 404, .body = "404 page not found"}};
	struct place t;
	struct err e;

	(void)state;
	begin(&t, steps);
	e = expect(&t, KUBE_TROUBLE);
	says(&e, ERR_MISSING, "404");
	finish(&t);
}

static void test_a_busy_server_is_given_the_time_it_asks_for(void **state)
{
	static const struct script_step steps[] = {
		{.status = 429,
			.headers = "Retry-After: 1\r\n",
			.body = STATUS("429", "storage is (re)initializing")},
		LISTED,
		HANGS_ON,
	};
	struct kube_letter *l;
	struct instant then;
	struct place t;

	(void)state;
	begin(&t, steps);
	l = next(&t);
	assert_int_equal(l->letter.kind, KUBE_TROUBLE);
	says(&l->err, ERR_BUSY, "initializing");
	then = l->at;
	l->letter.drop(&l->letter);
	l = next(&t);
	assert_int_equal(l->letter.kind, KUBE_LIST_BEGIN);
	assert_true(instant_age_ms(then, l->at) >= 1000);
	l->letter.drop(&l->letter);
	finish(&t);
}

static void test_relisting_ends_the_watch_and_lists(void **state)
{
	static const struct script_step steps[] = {LISTED, HANGS_ON, LISTED, HANGS_ON};
	struct place t;

	(void)state;
	begin(&t, steps);
	expect_list(&t, "a");
	expect(&t, KUBE_ALIVE);
	kube_watch_relist(t.watch);
	expect_list(&t, "a");
	expect(&t, KUBE_ALIVE);
	finish(&t);
}

static void test_a_slow_drip_reads_the_same(void **state)
{
	static const struct script_step steps[] = {
		{.status = 200,
			.body = LIST("100", NODE("a", "90") "," NODE("b", "95")),
			.drip = 1},
		{.status = 200,
			.body = EVENT("ADDED", NODE("c", "101")) EVENT("DELETED", NODE("a", "102")),
			.drip = 1,
			.then = SCRIPT_HOLD},
	};
	struct place t;

	(void)state;
	begin(&t, steps);
	expect_list(&t, "a b");
	expect(&t, KUBE_ALIVE);
	expect_rows(&t, "c -a");
	finish(&t);
}

static void test_a_list_may_come_in_protobuf_and_its_watch_does_not(void **state)
{
	static const char list[] = "k8s\0\x12\x15\x0a\x05\x12\x03"
				   "100\x12\x05\x0a\x03\x0a\x01"
				   "a\x12\x05\x0a\x03\x0a\x01"
				   "b";
	static const struct script_step steps[] = {
		{.expect = LISTS " Accept: application/vnd.kubernetes.protobuf, application/json",
			.status = 200,
			.headers = "Content-Type: application/vnd.kubernetes.protobuf\r\n",
			.body = list,
			.body_bytes = sizeof(list) - 1,
			.drip = 5},
		{.expect = "watch=1 resourceVersion=100 Accept: application/json",
			.reject = "protobuf",
			.status = 200,
			.body = EVENT("ADDED", NODE("c", "101")),
			.then = SCRIPT_HOLD},
	};
	struct place t;

	(void)state;
	begin(&t, steps);
	expect_list(&t, "a b");
	expect(&t, KUBE_ALIVE);
	expect_rows(&t, "c");
	finish(&t);
}

static void test_an_object_that_cannot_be_read_fails_alone(void **state)
{
	static const struct script_step steps[] = {
		{.status = 200,
			.body = LIST("100",
				NODE("a", "90") ",{\"metadata\":{}},{\"metadata\":[7]}," NODE(
					"b", "95"))},
		{.status = 200,
			.body = EVENT("ADDED", "{\"metadata\":{\"resourceVersion\":\"101\"}}")
				EVENT("ODD", NODE("x", "102")) EVENT("ADDED", NODE("c", "103")),
			.then = SCRIPT_HOLD},
	};
	struct kube_letter *l;
	struct place t;

	(void)state;
	begin(&t, steps);
	expect(&t, KUBE_LIST_BEGIN);
	l = next(&t);
	assert_int_equal(l->n, 2);
	assert_int_equal(l->undecoded, 2);
	says(&l->err, ERR_INPUT, "without a name");
	l->letter.drop(&l->letter);
	expect(&t, KUBE_LIST_END);
	expect(&t, KUBE_ALIVE);
	expect_rows(&t, "c");
	finish(&t);
}

static char *with_annotation(size_t bytes)
{
	struct buf b;

	buf_init(&b, 64u << 20);
	buf_puts(&b, "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[{\"metadata\":{\"name\":"
		     "\"big\",\"annotations\":{\"x\":\"");
	for (size_t i = 0; i < bytes; i++)
		buf_putc(&b, 'x');
	buf_puts(&b, "\"}}}]}");
	return buf_take(&b);
}

static void test_a_huge_object_is_read_up_to_a_limit(void **state)
{
	char *large = with_annotation(5u << 20), *too_large = with_annotation(17u << 20);
	const struct script_step steps[] = {
		{.status = 200, .body = too_large}, {.status = 200, .body = large}, HANGS_ON};
	struct place t;
	struct err e;

	(void)state;
	begin(&t, steps);
	expect(&t, KUBE_LIST_BEGIN);
	e = expect(&t, KUBE_TROUBLE);
	says(&e, ERR_LIMIT, "");
	expect_list(&t, "big");
	finish(&t);
	free(large);
	free(too_large);
}

static char *many_nodes(size_t n)
{
	struct buf b;

	buf_init(&b, 1u << 20);
	buf_puts(&b, "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[");
	for (size_t i = 0; i < n; i++)
		buf_fmt(&b, "%s{\"metadata\":{\"name\":\"n%zu\"}}", i > 0 ? "," : "", i);
	buf_puts(&b, "]}");
	return buf_take(&b);
}

/* Nobody takes a letter before the client has given the list up: then the receiver is told, and
 * everything comes again. */
static void test_a_full_mailbox_ends_in_a_whole_list(void **state)
{
	char *flood = many_nodes(3000);
	const struct script_step steps[] = {
		{.expect = LISTS, .status = 200, .body = flood, .then = SCRIPT_WAIT}, LISTED,
		HANGS_ON};
	struct kube_letter *l;
	struct place t;
	size_t rows = 0;

	(void)state;
	begin_with(&t, steps, COUNT(steps), 5); /* what comes after fits */
	script_wait_left(t.server, 1);
	expect(&t, KUBE_LIST_BEGIN);
	while ((l = next(&t))->letter.kind == KUBE_ROWS) {
		rows += l->n;
		l->letter.drop(&l->letter);
	}
	assert_true(rows < 3000);
	assert_int_equal(l->letter.kind, KUBE_TROUBLE);
	says(&l->err, ERR_LIMIT, "nodes");
	l->letter.drop(&l->letter);
	expect_list(&t, "a");
	finish(&t);
	free(flood);
}

static void test_what_a_receiver_takes_is_its_own(void **state)
{
	static const struct script_step steps[] = {LISTED, HANGS_ON};
	struct kube_letter *l;
	struct node_row row;
	struct place t;

	(void)state;
	begin(&t, steps);
	expect(&t, KUBE_LIST_BEGIN);
	l = next(&t);
	memcpy(&row, l->rows, sizeof(row));
	l->taken[0] = true;
	assert_int_equal(l->watch, kube_watch_number(t.watch));
	l->letter.drop(&l->letter);
	assert_string_equal(row.name, "a");
	row_unref(&node_ops, &row);
	finish(&t);
}

static void test_a_watch_can_be_stopped_at_any_time(void **state)
{
	static const struct script_step steps[] = {LISTED, HANGS_ON};
	struct place t;

	(void)state;
	begin(&t, steps); /* before it began */
	finish(&t);
	begin(&t, steps); /* in the list, or between */
	expect(&t, KUBE_LIST_BEGIN);
	finish(&t);
	begin(&t, steps); /* in the watch */
	expect_list(&t, "a");
	expect(&t, KUBE_ALIVE);
	finish(&t);
	begin_with(&t, steps, 0, 10); /* the server never answers */
	finish(&t);
}

/* ---- sparing the server ---- */

#define BRIEF_MS 1500
#define ENDS_AT_ONCE                                                                               \
	{                                                                                          \
		.expect = "watch=1", .status = 200, .body = ""                                     \
	}

static void set_floor(struct place *t)
{
	kube_rations_set_floor(kube_client_rations(t->client), BRIEF_MS);
}

/* When a list begins, which must be the next letter but for troubles. */
static struct instant list_begins(struct place *t)
{
	struct kube_letter *l = next(t);
	struct instant when;

	while (l->letter.kind == KUBE_TROUBLE) {
		l->letter.drop(&l->letter);
		l = next(t);
	}
	if (l->letter.kind != KUBE_LIST_BEGIN)
		fail_msg("%s came, not a list", word_of(l->letter.kind));
	when = l->at;
	l->letter.drop(&l->letter);
	expect_rows(t, "a");
	expect(t, KUBE_LIST_END);
	return when;
}

static void start_anew(struct place *t)
{
	struct kube_endpoint at;

	kube_watch_stop(t->watch, true);
	kube_client_server(t->client, &at);
	t->watch = kube_watch_start(
		t->http, t->client, &at, &kube_nodes, t->names, &(struct hearer){.box = t->box});
}

/* The rows stay live meanwhile: a watch from the last version stands in for the list. */
static void test_what_was_just_listed_is_watched_on_until_it_may_be_listed_again(void **state)
{
	static const struct script_step steps[] = {LISTED, ENDS_AT_ONCE,
		{.expect = "watch=1 resourceVersion=100",
			.status = 200,
			.body = EVENT("ADDED", NODE("b", "101")),
			.then = SCRIPT_HOLD},
		LISTED, HANGS_ON};
	struct instant first;
	struct place t;

	(void)state;
	begin(&t, steps);
	set_floor(&t);
	first = list_begins(&t);
	expect(&t, KUBE_ALIVE);
	expect(&t, KUBE_ALIVE);
	expect_rows(&t, "b");
	assert_true(instant_age_ms(first, list_begins(&t)) >= BRIEF_MS - 200);
	expect(&t, KUBE_ALIVE);
	finish(&t);
}

/* Half a list is nothing to go on from. */
static void test_a_list_that_broke_off_is_not_gone_on_from(void **state)
{
	static const struct script_step steps[] = {
		{.status = 200,
			.body = "{\"kind\":\"NodeList\",\"metadata\":{\"resourceVersion\":\"1\"},"
				"\"items\":[" NODE("a", "1") ",{\"metadata\""},
		LISTED, HANGS_ON};
	struct instant first;
	struct kube_letter *l;
	struct place t;

	(void)state;
	begin(&t, steps);
	set_floor(&t);
	l = next(&t);
	assert_int_equal(l->letter.kind, KUBE_LIST_BEGIN);
	first = l->at;
	l->letter.drop(&l->letter);
	expect_rows(&t, "a");
	assert_true(instant_age_ms(first, list_begins(&t)) >= BRIEF_MS - 200);
	finish(&t);
}

static void test_a_watch_made_anew_goes_on_and_does_not_list_again_at_once(void **state)
{
	static const struct script_step steps[] = {LISTED, HANGS_ON,
		{.expect = "watch=1 resourceVersion=100",
			.status = 200,
			.body = EVENT("ADDED", NODE("b", "101")),
			.then = SCRIPT_HOLD},
		LISTED, HANGS_ON};
	struct instant first;
	struct place t;

	(void)state;
	begin(&t, steps);
	set_floor(&t);
	first = list_begins(&t);
	expect(&t, KUBE_ALIVE);
	start_anew(&t);
	expect(&t, KUBE_ALIVE);
	expect_rows(&t, "b");
	assert_true(instant_age_ms(first, list_begins(&t)) >= BRIEF_MS - 200);
	finish(&t);
}

static void test_an_expired_version_is_listed_again_whenever_it_expires(void **state)
{
	static const struct script_step steps[] = {LISTED,
		{.expect = "watch=1", .status = 410, .body = STATUS("410", "too old")}, LISTED,
		HANGS_ON};
	struct place t;

	(void)state;
	begin(&t, steps);
	kube_rations_set_floor(kube_client_rations(t.client), 3600000);
	list_begins(&t);
	list_begins(&t);
	expect(&t, KUBE_ALIVE);
	finish(&t);
}

static void test_what_a_server_asked_for_holds_for_the_next_watch_too(void **state)
{
	static const struct script_step steps[] = {
		{.status = 429, .headers = "Retry-After: 2\r\n", .body = STATUS("429", "busy")},
		LISTED, HANGS_ON};
	struct kube_letter *l;
	struct instant then;
	struct place t;

	(void)state;
	begin(&t, steps);
	l = next(&t);
	then = l->at;
	l->letter.drop(&l->letter);
	start_anew(&t);
	assert_true(instant_age_ms(then, list_begins(&t)) >= 2000);
	finish(&t);
}

static void test_nobody_is_held_off_for_hours(void **state)
{
	const struct http_result absurd = {.status = 429, .retry_after_s = INT64_MAX},
				 plain = {.status = 503, .retry_after_s = 7},
				 fine = {.status = 200, .retry_after_s = 7},
				 none = {.status = 503, .retry_after_s = -1};

	(void)state;
	assert_int_equal(http_retry_ms(&absurd), HTTP_RETRY_MAX_MS);
	assert_int_equal(http_retry_ms(&plain), 7000);
	assert_int_equal(http_retry_ms(&fine), 0);
	assert_int_equal(http_retry_ms(&none), 0);
}

static void test_waking_leaves_an_open_watch_open(void **state)
{
	static const struct script_step steps[] = {LISTED, HANGS_ON};
	struct place t;

	(void)state;
	begin(&t, steps);
	list_begins(&t);
	expect(&t, KUBE_ALIVE);
	for (int i = 0; i < 5; i++) {
		kube_watch_wake(t.watch);
		expect(&t, KUBE_ALIVE); /* it says that it lives */
	}
	assert_int_equal(script_asked(t.server), 2);
	finish(&t);
}

static void test_by_hand_a_watch_that_was_just_listed_stays_open(void **state)
{
	static const struct script_step steps[] = {LISTED, HANGS_ON};
	struct place t;

	(void)state;
	begin(&t, steps);
	set_floor(&t);
	list_begins(&t);
	expect(&t, KUBE_ALIVE);
	kube_watch_relist(t.watch);
	kube_watch_wake(t.watch);
	expect(&t, KUBE_ALIVE);
	assert_int_equal(script_asked(t.server), 2);
	finish(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_list_then_its_watch_then_on_from_the_last_version),
		cmocka_unit_test(test_a_list_whose_pages_have_no_end_is_given_up),
		cmocka_unit_test(test_pages_that_lead_in_a_circle_end),
		cmocka_unit_test(test_a_list_of_crumbs_is_given_up_after_a_few),
		cmocka_unit_test(test_a_list_of_other_objects_is_refused),
		cmocka_unit_test(test_a_list_that_drips_is_given_up),
		cmocka_unit_test(test_a_list_of_more_than_can_be_is_given_up),
		cmocka_unit_test(test_a_list_in_pages_is_one_list),
		cmocka_unit_test(test_an_expired_page_begins_the_list_again),
		cmocka_unit_test(test_a_version_too_old_lists_anew),
		cmocka_unit_test(test_an_error_inside_a_watch_is_said_and_lists_anew),
		cmocka_unit_test(test_a_server_that_was_away_is_listed_anew),
		cmocka_unit_test(test_a_reset_watch_goes_on_where_it_was),
		cmocka_unit_test(test_a_failed_list_says_why_and_is_tried_again),
		cmocka_unit_test(test_what_is_denied_for_a_moment_is_listed_soon),
		cmocka_unit_test(test_what_may_not_be_listed_is_said_and_asked_again_when_told_to),
		cmocka_unit_test(test_a_kind_that_is_not_served_is_missing),
		cmocka_unit_test(test_a_busy_server_is_given_the_time_it_asks_for),
		cmocka_unit_test(test_relisting_ends_the_watch_and_lists),
		cmocka_unit_test(test_a_slow_drip_reads_the_same),
		cmocka_unit_test(test_a_list_may_come_in_protobuf_and_its_watch_does_not),
		cmocka_unit_test(test_an_object_that_cannot_be_read_fails_alone),
		cmocka_unit_test(test_a_huge_object_is_read_up_to_a_limit),
		cmocka_unit_test(test_a_full_mailbox_ends_in_a_whole_list),
		cmocka_unit_test(test_what_a_receiver_takes_is_its_own),
		cmocka_unit_test(test_a_watch_can_be_stopped_at_any_time),
		cmocka_unit_test(
			test_what_was_just_listed_is_watched_on_until_it_may_be_listed_again),
		cmocka_unit_test(test_a_list_that_broke_off_is_not_gone_on_from),
		cmocka_unit_test(test_a_watch_made_anew_goes_on_and_does_not_list_again_at_once),
		cmocka_unit_test(test_an_expired_version_is_listed_again_whenever_it_expires),
		cmocka_unit_test(test_what_a_server_asked_for_holds_for_the_next_watch_too),
		cmocka_unit_test(test_nobody_is_held_off_for_hours),
		cmocka_unit_test(test_waking_leaves_an_open_watch_open),
		cmocka_unit_test(test_by_hand_a_watch_that_was_just_listed_stays_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
