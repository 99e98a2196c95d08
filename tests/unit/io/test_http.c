/* Both faces of http against servers that misbehave: every failure has its code and names
 * its endpoint, and done comes exactly once whatever happens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "help/fetch.h"
#include "help/hostile.h"
#include "help/metered.h"
#include "help/secure.h"

static struct http *net;

static int open_net(void **state)
{
	struct err e;

	(void)state;
	/* What the environment says about proxies must not matter. */
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("https_proxy", "http://127.0.0.1:1", 1);
	net = http_open(&e);
	return net == NULL;
}

static int close_net(void **state)
{
	(void)state;
	http_close(net);
	return 0;
}

static char *url_of(int port, const char *path)
{
	return str_fmt("http://127.0.0.1:%d%s", port, path);
}

/* Asks both faces and gives what each said. */
struct both {
	struct fetch net;
	struct http_result blocking;
	struct buf body;
};

static void ask_both(struct both *b, struct http_request *r, int port)
{
	char *url = url_of(port, "/x");

	r->url = url;
	fetch_init(&b->net, net);
	buf_init(&b->body, 64u << 20);
	fetch_start(&b->net, r);
	fetch_wait(&b->net);
	http_perform(r, -1, &b->body, &b->blocking);
	free(url);
}

static void both_done(struct both *b)
{
	assert_int_equal(b->net.dones, 1);
	fetch_free(&b->net);
	buf_done(&b->body);
}

static void assert_both_fail(struct http_request *r, int port, enum err_code code, const char *part)
{
	char *where = str_fmt("127.0.0.1:%d", port);
	struct both b;

	ask_both(&b, r, port);
	if (b.net.result.err.code != code || b.blocking.err.code != code)
		fail_msg("net: %s; blocking: %s", b.net.result.err.text, b.blocking.err.text);
	assert_non_null(strstr(b.net.result.err.text, where));
	assert_non_null(strstr(b.net.result.err.text, part));
	assert_non_null(strstr(b.blocking.err.text, part));
	both_done(&b);
	free(where);
}

/* Answers each request of a connection with the same text. */
static void serve_text(struct peer *p, void *arg)
{
	struct buf head;

	buf_init(&head, 1 << 16);
	while (peer_request(p, &head) == 0 && peer_say(p, arg) == 0)
		;
	buf_done(&head);
}

static void serve_text_and_close(struct peer *p, void *arg)
{
	struct buf head;

	buf_init(&head, 1 << 16);
	if (peer_request(p, &head) == 0)
		peer_say(p, arg);
	buf_done(&head);
}

static void test_an_answer_comes_with_its_times_and_date(void **state)
{
	static char text[] = "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 "
			     "GMT\r\nContent-Length: 5\r\n\r\nhello";
	struct hostile *h = hostile_start(NULL, serve_text, text);
	struct http_request r = {0};
	struct both b;

	(void)state;
	ask_both(&b, &r, hostile_port(h));
	assert_int_equal(b.net.result.err.code, ERR_NONE);
	assert_int_equal(b.net.result.status, 200);
	assert_int_equal(b.blocking.status, 200);
	assert_string_equal(buf_text(&b.net.body), "hello");
	assert_string_equal(buf_text(&b.body), "hello");
	assert_true(b.net.result.date_ms == 784111777000);
	assert_true(
		b.net.result.connect_us >= 0 && b.net.result.total_us >= b.net.result.connect_us);
	assert_int_equal(b.net.result.tls_us, -1);
	assert_int_equal(b.net.result.retry_after_s, -1);
	assert_int_equal(b.net.result.grpc_status, -1);
	assert_int_equal(b.net.result.http_version, 1);
	assert_int_equal(b.net.heads, 1);
	both_done(&b);
	hostile_stop(h);
}

struct said {
	struct buf head, body;
};

static void serve_listening(struct peer *p, void *arg)
{
	struct said *s = arg;
	const char *length;
	char c;
	long n;

	if (peer_request(p, &s->head) != 0)
		return;
	length = strstr(s->head.at, "Content-Length: ");
	for (n = length != NULL ? strtol(length + 16, NULL, 10) : 0;
		n > 0 && peer_read(p, &c, 1) == 0; n--)
		buf_putc(&s->body, c);
	peer_say(p, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
}

static void test_a_request_is_sent_as_it_was_asked(void **state)
{
	static const char *const headers[] = {
		"Content-Type: application/merge-patch+json", "X-A: b", NULL};
	struct secure secure;
	struct http_request r = {.method = "PATCH",
		.version = HTTP_V1,
		.bearer = "s3cret",
		.headers = headers,
		.body = "{}\n",
		.body_bytes = 3};
	struct said s;
	struct hostile *h;
	struct http_result result;
	struct buf body;
	char *url;

	(void)state;
	buf_init(&s.head, 4096);
	buf_init(&s.body, 4096);
	buf_init(&body, 4096);
	secure_open(&secure);
	h = hostile_start(secure.server, serve_listening, &s);
	url = str_fmt("https://127.0.0.1:%d/api?x=1", hostile_port(h));
	r.url = url;
	r.tls = secure.client;
	assert_int_equal(http_perform(&r, -1, &body, &result), 0);
	assert_int_equal(result.status, 201);
	hostile_stop(h);
	assert_true(str_starts(s.head.at, "PATCH /api?x=1 HTTP/1.1\r\n"));
	assert_non_null(strstr(s.head.at, "Authorization: Bearer s3cret\r\n"));
	assert_non_null(strstr(s.head.at, "Content-Type: application/merge-patch+json\r\n"));
	assert_non_null(strstr(s.head.at, "User-Agent: k911/"));
	assert_null(strstr(s.head.at, "Expect"));
	assert_null(strstr(s.head.at, "urlencoded"));
	assert_string_equal(buf_text(&s.body), "{}\n");
	buf_done(&s.head);
	buf_done(&s.body);
	buf_done(&body);
	free(url);
	secure_done(&secure);
}

static void serve_nothing(struct peer *p, void *arg)
{
	(void)arg;
	peer_hold(p);
}

static void test_no_credential_goes_out_without_tls(void **state)
{
	static const char *const authorization[] = {"X: y", "authorization: Basic eA==", NULL};
	static const char *const cookie[] = {"Cookie: session=1", NULL};
	const struct http_request rows[] = {
		{.bearer = "s3cret"},
		{.basic = "me:s3cret"},
		{.basic = "key:s3cret", .sigv4 = "aws:amz:eu:s3"},
		{.headers = authorization},
		{.headers = cookie},
	};
	struct hostile *h = hostile_start(NULL, serve_nothing, NULL);
	struct http_request by_url = {.method = NULL};
	struct http_result result;
	struct buf body;
	char *url;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_request r = rows[i];

		assert_both_fail(&r, hostile_port(h), ERR_TLS, "https://");
	}
	buf_init(&body, 100);
	url = str_fmt("http://me:s3cret@127.0.0.1:%d/", hostile_port(h));
	by_url.url = url;
	assert_int_equal(http_perform(&by_url, -1, &body, &result), -1);
	assert_int_equal(result.err.code, ERR_TLS);
	assert_null(strstr(result.err.text, "s3cret"));
	assert_int_equal(hostile_connections(h), 0);
	hostile_stop(h);
	buf_done(&body);
	free(url);
}

static void test_no_proxy_is_told_a_password_without_tls(void **state)
{
	struct hostile *h = hostile_start(NULL, serve_nothing, NULL);
	char *proxy = str_fmt("http://me:s3cret@127.0.0.1:%d", hostile_port(h));
	struct http_request r = {.proxy = proxy};

	(void)state;
	assert_both_fail(&r, hostile_closed_port(), ERR_TLS, "proxy");
	assert_int_equal(hostile_connections(h), 0);
	hostile_stop(h);
	free(proxy);
}

static void test_a_header_cannot_be_smuggled_in(void **state)
{
	struct http_request r = {.bearer = "a\r\nX-Evil: 1"};

	(void)state;
	assert_both_fail(&r, hostile_closed_port(), ERR_USAGE, "line break");
}

static void test_nobody_listens_is_refused(void **state)
{
	struct http_request r = {0};

	(void)state;
	assert_both_fail(&r, hostile_closed_port(), ERR_REFUSED, "connection refused by");
}

static void test_a_hung_server_is_a_timeout(void **state)
{
	struct hostile *h = hostile_start(NULL, serve_nothing, NULL);
	struct http_request r = {.total_ms = 150};

	(void)state;
	assert_both_fail(&r, hostile_port(h), ERR_TIMEOUT, "within 0.15 s");
	hostile_stop(h);
}

static void serve_half_then_hang(struct peer *p, void *arg)
{
	serve_text_and_close(p, arg);
	peer_hold(p);
}

static void test_a_dripping_answer_is_a_timeout(void **state)
{
	static char text[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n";
	struct hostile *h = hostile_start(NULL, serve_half_then_hang, text);
	struct http_request r = {.total_ms = 150};

	(void)state;
	assert_both_fail(&r, hostile_port(h), ERR_TIMEOUT, "did not end");
	hostile_stop(h);
}

static void serve_reset(struct peer *p, void *arg)
{
	(void)arg;
	peer_reset_on_close(p);
}

static void test_broken_connections_are_unreachable(void **state)
{
	static char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"items\":[";
	static char nothing[] = "";
	struct http_request r = {0};
	struct hostile *h;

	(void)state;
	h = hostile_start(NULL, serve_reset, NULL);
	assert_both_fail(&r, hostile_port(h), ERR_UNREACHABLE, "");
	hostile_stop(h);
	h = hostile_start(NULL, serve_text_and_close, half);
	assert_both_fail(&r, hostile_port(h), ERR_UNREACHABLE, "broke");
	hostile_stop(h);
	h = hostile_start(NULL, serve_text_and_close, nothing);
	assert_both_fail(&r, hostile_port(h), ERR_UNREACHABLE, "without an answer");
	hostile_stop(h);
}

/* As far as the framing can be told from its outside. */
static void test_bodies_that_lie_about_their_length_fail(void **state)
{
	static const struct {
		const char *answer;
		enum err_code code;
	} rows[] = {
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf", ERR_UNREACHABLE},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
			ERR_UNREACHABLE},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n0\r\n\r\n",
			ERR_UNREACHABLE},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhalf",
			ERR_UNREACHABLE},
		{"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhalf", ERR_INPUT},
	};
	struct http_request r = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *answer = mem_str(rows[i].answer);
		struct hostile *h = hostile_start(NULL, serve_text_and_close, answer);

		assert_both_fail(&r, hostile_port(h), rows[i].code, "");
		hostile_stop(h);
		free(answer);
	}
}

static void test_garbage_is_no_http(void **state)
{
	static char garbage[] = "\x16\x03\x01\x02 SSH-2.0-OpenSSH_9.2\r\n\r\n";
	struct hostile *h = hostile_start(NULL, serve_text_and_close, garbage);
	struct http_request r = {0};

	(void)state;
	assert_both_fail(&r, hostile_port(h), ERR_INPUT, "no proper HTTP");
	hostile_stop(h);
}

static void serve_fat(struct peer *p, void *arg)
{
	static const char block[1 << 16];
	struct buf head;
	int i;

	(void)arg;
	buf_init(&head, 1 << 16);
	if (peer_request(p, &head) == 0)
		peer_say(p, "HTTP/1.1 200 OK\r\nContent-Length: 5242880\r\n\r\n");
	for (i = 0; i < 80; i++)
		if (peer_send(p, block, sizeof(block)) != 0)
			break;
	buf_done(&head);
}

static void test_an_answer_has_a_ceiling(void **state)
{
	struct hostile *h = hostile_start(NULL, serve_fat, NULL);
	struct http_request r = {0};
	struct both b;

	(void)state;
	ask_both(&b, &r, hostile_port(h));
	assert_int_equal(b.net.body.len, 5242880);
	assert_int_equal(b.body.len, 5242880);
	both_done(&b);
	r.max_bytes = 1 << 20;
	assert_both_fail(&r, hostile_port(h), ERR_LIMIT, "larger than 1048576");
	hostile_stop(h);
}

static void serve_many_headers(struct peer *p, void *arg)
{
	char line[1000];
	struct buf head;
	int i;

	(void)arg;
	buf_init(&head, 1 << 16);
	memset(line, 'x', sizeof(line));
	memcpy(line, "X-A: ", 5);
	memcpy(line + sizeof(line) - 2, "\r\n", 2);
	if (peer_request(p, &head) == 0)
		peer_say(p, "HTTP/1.1 200 OK\r\n");
	for (i = 0; i < 100000; i++)
		if (peer_send(p, line, sizeof(line)) != 0)
			break;
	buf_done(&head);
}

static void test_endless_headers_have_a_ceiling(void **state)
{
	struct hostile *h = hostile_start(NULL, serve_many_headers, NULL);
	struct http_request r = {0};

	(void)state;
	assert_both_fail(&r, hostile_port(h), ERR_LIMIT, "larger");
	hostile_stop(h);
}

static void serve_gzip(struct peer *p, void *arg)
{
	static const char zipped[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9"
				     "\x57\x48\xaf\xca\x2c\x50\xc8\xa0\x3d"
				     "\x13\x00\x0f\xd4\x34\x1e\x6e\x00\x00\x00";
	struct buf head;

	(void)arg;
	buf_init(&head, 1 << 16);
	if (peer_request(p, &head) == 0) {
		if (strstr(head.at, "Accept-Encoding: gzip") == NULL) {
			peer_say(p, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain");
		} else {
			peer_say(p, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: "
				    "close\r\n\r\n");
			peer_send(p, zipped, sizeof(zipped) - 1);
		}
	}
	buf_done(&head);
}

static void test_gzip_is_used_when_asked(void **state)
{
	struct hostile *h = hostile_start(NULL, serve_gzip, NULL);
	struct http_request r = {0};
	struct both b;

	(void)state;
	ask_both(&b, &r, hostile_port(h));
	assert_string_equal(buf_text(&b.body), "plain");
	both_done(&b);
	r.gzip = true;
	ask_both(&b, &r, hostile_port(h));
	assert_int_equal(b.net.result.err.code, ERR_NONE);
	assert_int_equal(b.net.body.len, 110);
	assert_int_equal(b.body.len, 110);
	assert_true(str_starts(b.body.at, "hello gzip hello"));
	both_done(&b);
	r.max_bytes = 50;
	assert_both_fail(&r, hostile_port(h), ERR_LIMIT, "larger than 50");
	hostile_stop(h);
}

static void test_statuses_become_codes_and_sentences(void **state)
{
	static const struct {
		long status;
		const char *body;
		enum err_code code;
		const char *part;
	} rows[] = {
		{401, "{\"kind\":\"Status\",\"message\":\"Unauthorized\",\"code\":401}", ERR_AUTH,
			"Unauthorized"},
		{403, "{\"message\":\"pods is \\u001b[31mforbidden\"}", ERR_AUTH, "forbidden"},
		{403, "", ERR_AUTH, "not allowed"},
		{404, "404 page not found\nmore", ERR_MISSING, "404 page not found"},
		{409, "", ERR_CONFLICT, "409"},
		{410, "{\"reason\":\"Expired\",\"message\":\"too old\"}", ERR_GONE, "too old"},
		{412, "", ERR_CONFLICT, "412"},
		{429, "{", ERR_BUSY, "429"},
		{500, "<html>oops</html>", ERR_SERVER, "500"},
		{503, "{\"error\":\"etcdserver: no leader\"}", ERR_BUSY, "no leader"},
		{504, "", ERR_TIMEOUT, "504"},
	};
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		http_status_err(&e, rows[i].status, rows[i].body, strlen(rows[i].body));
		assert_int_equal(e.code, rows[i].code);
		if (strstr(e.text, rows[i].part) == NULL || strchr(e.text, '\x1b') != NULL)
			fail_msg("%ld: %s", rows[i].status, e.text);
	}
}

static void test_an_answer_of_any_status_is_an_answer(void **state)
{
	static char text[] = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 429 Too Many\r\nRetry-After: "
			     "7\r\nContent-Length: 2\r\n\r\n{}";
	struct hostile *h = hostile_start(NULL, serve_text_and_close, text);
	struct http_request r = {0};
	struct both b;

	(void)state;
	ask_both(&b, &r, hostile_port(h));
	assert_int_equal(b.net.result.err.code, ERR_NONE);
	assert_int_equal(b.net.result.status, 429);
	assert_int_equal(b.net.result.retry_after_s, 7);
	assert_int_equal(b.net.heads, 1);
	both_done(&b);
	hostile_stop(h);
}

/* One chunk, then silence until released, then the end. */
static void serve_stream(struct peer *p, void *arg)
{
	struct buf head;

	(void)arg;
	buf_init(&head, 1 << 16);
	if (peer_request(p, &head) == 0 &&
		peer_say(
			p, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n") ==
			0) {
		peer_hold(p);
		peer_say(p, "4\r\ntwo\n\r\n0\r\n\r\n");
	}
	buf_done(&head);
}

static void test_a_stream_is_given_as_it_comes(void **state)
{
	struct hostile *h = hostile_start(NULL, serve_stream, NULL);
	char *url = url_of(hostile_port(h), "/watch");
	struct http_request r = {.url = url};
	struct fetch f;

	(void)state;
	fetch_init(&f, net);
	fetch_start(&f, &r);
	fetch_wait_body(&f, 4);
	assert_int_equal(fetch_dones(&f), 0);
	hostile_release(h);
	fetch_wait(&f);
	assert_int_equal(f.result.err.code, ERR_NONE);
	assert_string_equal(f.body.at, "one\ntwo\n");
	fetch_free(&f);
	hostile_stop(h);
	free(url);
}

static void test_a_cancel_ends_in_done_once(void **state)
{
	struct hostile *h = hostile_start(NULL, serve_stream, NULL);
	char *url = url_of(hostile_port(h), "/watch");
	struct http_request r = {.url = url};
	struct fetch f;
	int poison;

	(void)state;
	for (poison = 0; poison < 2; poison++) {
		fetch_init(&f, net);
		fetch_start(&f, &r);
		fetch_wait_body(&f, 4);
		http_cancel(net, f.id, poison);
		http_cancel(net, f.id, poison);
		fetch_wait(&f);
		http_cancel(net, f.id, poison);
		assert_int_equal(f.result.err.code, ERR_CANCELLED);
		assert_int_equal(f.dones, 1);
		fetch_free(&f);
	}
	hostile_stop(h);
	free(url);
}

static int cancel_itself(struct fetch *f)
{
	pthread_mutex_lock(&f->lock);
	pthread_mutex_unlock(&f->lock);
	http_cancel(f->http, f->id, true);
	return 0;
}

static int stop_it(struct fetch *f)
{
	(void)f;
	return 1;
}

static void test_a_callback_can_end_its_own_transfer(void **state)
{
	struct hostile *h = hostile_start(NULL, serve_fat, NULL);
	char *url = url_of(hostile_port(h), "/");
	struct http_request r = {.url = url};
	int (*const ways[])(struct fetch * f) = {cancel_itself, stop_it};
	struct fetch f;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		fetch_init(&f, net);
		f.on_data = ways[i];
		fetch_start(&f, &r);
		fetch_wait(&f);
		assert_int_equal(f.result.err.code, ERR_CANCELLED);
		assert_true(f.body.len > 0 && f.body.len < 5242880);
		fetch_free(&f);
	}
	hostile_stop(h);
	free(url);
}

struct chain {
	struct fetch last;
	struct http_request r;
	int left;
};

static void on_link_done(void *arg, const struct http_result *result)
{
	static const struct http_calls again = {.done = on_link_done};
	struct chain *c = arg;

	(void)result;
	if (c->left-- > 0)
		http_start(net, &c->r, &again, c);
	else
		fetch_start(&c->last, &c->r);
}

static void test_done_can_start_the_next(void **state)
{
	static char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	static const struct http_calls first = {.done = on_link_done};
	struct hostile *h = hostile_start(NULL, serve_text, text);
	char *url = url_of(hostile_port(h), "/");
	struct chain c = {.r = {.url = url}, .left = 20};

	(void)state;
	fetch_init(&c.last, net);
	http_start(net, &c.r, &first, &c);
	fetch_wait(&c.last);
	assert_string_equal(c.last.body.at, "ok");
	assert_int_equal(hostile_connections(h), 1);
	fetch_free(&c.last);
	hostile_stop(h);
	free(url);
}

static void test_fresh_requests_keep_no_connection(void **state)
{
	static char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	struct hostile *h = hostile_start(NULL, serve_text, text);
	char *url = url_of(hostile_port(h), "/");
	struct http_request r = {.url = url, .fresh = true};
	struct fetch f;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		fetch_init(&f, net);
		fetch_start(&f, &r);
		fetch_wait(&f);
		fetch_free(&f);
	}
	assert_int_equal(hostile_connections(h), 3);
	hostile_stop(h);
	free(url);
}

static struct meter_reading since(struct meter_reading before, int port)
{
	struct meter_reading now = metered_port(port);

	for (int k = 0; k < METER_WHATS; k++)
		now.n[k] -= before.n[k];
	return now;
}

static void test_the_meter_counts_requests_and_those_that_had_to_connect(void **state)
{
	static char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	static const struct http_calls first = {.done = on_link_done};
	struct hostile *h = hostile_start(NULL, serve_text, text);
	int port = hostile_port(h);
	char *url = url_of(port, "/"), *to = str_fmt("127.0.0.1:%d", port);
	struct http_request elsewhere = {.url = "http://10.0.1.10:6443/x", .connect_to = to};
	struct chain c = {.r = {.url = url}, .left = 20};
	struct meter_reading before = metered_port(port);
	struct http_result result;
	struct buf body;

	(void)state;
	fetch_init(&c.last, net);
	http_start(net, &c.r, &first, &c);
	fetch_wait(&c.last);
	assert_int_equal(since(before, port).n[METER_REQUESTS], 22);
	assert_int_equal(since(before, port).n[METER_CONNECTIONS], 1);
	buf_init(&body, 100);
	assert_int_equal(http_perform(&elsewhere, -1, &body, &result), 0);
	assert_int_equal(since(before, port).n[METER_REQUESTS], 23);
	assert_int_equal(since(before, port).n[METER_CONNECTIONS], hostile_connections(h));
	assert_int_equal(metered(METER_SERVER, "10.0.1.10:6443").n[METER_REQUESTS], 0);
	buf_done(&body);
	fetch_free(&c.last);
	hostile_stop(h);
	free(url);
	free(to);
}

static void test_the_meter_counts_a_connection_that_is_refused(void **state)
{
	struct hostile *h = hostile_start(NULL, serve_text, NULL);
	int port = hostile_port(h);
	char *url = url_of(port, "/");
	struct http_request r = {.url = url};
	struct meter_reading before = metered_port(port);
	struct http_result result;
	struct buf body;

	(void)state;
	hostile_stop(h);
	buf_init(&body, 100);
	assert_int_equal(http_perform(&r, -1, &body, &result), -1);
	assert_int_equal(result.err.code, ERR_REFUSED);
	assert_int_equal(since(before, port).n[METER_REQUESTS], 0);
	assert_int_equal(since(before, port).n[METER_CONNECTIONS], 1);
	buf_done(&body);
	free(url);
}

static void test_closing_ends_everything_once(void **state)
{
	struct hostile *h = hostile_start(NULL, serve_stream, NULL);
	char *url = url_of(hostile_port(h), "/watch");
	struct http_request r = {.url = url};
	struct fetch f[5];
	struct err e;
	struct http *own = http_open(&e);
	int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		fetch_init(&f[i], own);
		fetch_start(&f[i], &r);
	}
	fetch_wait_body(&f[0], 4);
	http_close(own);
	for (i = 0; i < 5; i++) {
		assert_int_equal(f[i].dones, 1);
		assert_int_equal(f[i].result.err.code, ERR_CANCELLED);
		fetch_free(&f[i]);
	}
	hostile_stop(h);
	free(url);
	http_close(NULL);
}

#define STORM_EACH 60

struct storm {
	const char *url;
	atomic_int dones;
};

static void on_storm_done(void *arg, const struct http_result *result)
{
	struct storm *s = arg;

	(void)result;
	atomic_fetch_add(&s->dones, 1);
}

static void *storm_main(void *arg)
{
	static const struct http_calls calls = {.done = on_storm_done};
	struct storm *s = arg;
	struct http_request r = {.url = s->url, .total_ms = 5000};
	uint64_t id;
	int i;

	for (i = 0; i < STORM_EACH; i++) {
		id = http_start(net, &r, &calls, s);
		if (i % 3 != 0)
			http_cancel(net, id, i % 2);
	}
	return NULL;
}

static void test_done_comes_once_in_a_storm_of_starts_and_cancels(void **state)
{
	static char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	struct hostile *h = hostile_start(NULL, serve_text, text);
	char *url = url_of(hostile_port(h), "/");
	struct http_request r = {.url = url};
	struct storm s = {.url = url};
	pthread_t threads[3];
	struct fetch f;
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, storm_main, &s), 0);
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < 2000 && atomic_load(&s.dones) < 3 * STORM_EACH; i++) {
		fetch_init(&f, net);
		fetch_start(&f, &r);
		fetch_wait(&f);
		fetch_free(&f);
	}
	assert_int_equal(atomic_load(&s.dones), 3 * STORM_EACH);
	hostile_stop(h);
	free(url);
}

struct order {
	char ran[32];
	int closings;
	struct fetch after;
	const struct http_request *r;
};

struct step {
	struct order *o;
	char letter;
};

static void on_step(void *arg, bool closing)
{
	struct step *s = arg;
	size_t n = strlen(s->o->ran);

	s->o->ran[n] = s->letter;
	s->o->closings += closing;
	if (s->letter == 'z')
		fetch_start(&s->o->after, s->o->r);
}

static void test_timers_run_in_their_order_on_the_net_thread(void **state)
{
	struct http_request r = {.url = "no-url-at-all:"};
	struct order o = {.r = &r};
	struct step steps[] = {{&o, 'a'}, {&o, 'b'}, {&o, 'c'}, {&o, 'd'}, {&o, 'z'}};
	uint64_t dropped;

	(void)state;
	fetch_init(&o.after, net);
	http_after(net, 60, on_step, &steps[4]);
	http_after(net, 40, on_step, &steps[2]);
	http_after(net, 20, on_step, &steps[1]);
	dropped = http_after(net, 30, on_step, &steps[3]);
	http_call(net, on_step, &steps[0]);
	assert_true(http_after_cancel(net, dropped));
	assert_false(http_after_cancel(net, dropped));
	fetch_wait(&o.after);
	assert_string_equal(o.ran, "abcz");
	assert_int_equal(o.closings, 0);
	assert_int_equal(o.after.result.err.code, ERR_USAGE);
	fetch_free(&o.after);
}

static void test_closing_runs_what_still_waits(void **state)
{
	struct order o = {0};
	struct step steps[] = {{&o, 'a'}, {&o, 'b'}};
	struct err e;
	struct http *own = http_open(&e);

	(void)state;
	http_after(own, 3600000, on_step, &steps[1]);
	http_after(own, 1800000, on_step, &steps[0]);
	http_close(own);
	assert_string_equal(o.ran, "ab");
	assert_int_equal(o.closings, 2);
}

struct canceller {
	struct hostile *server;
	int fd;
};

static void serve_and_cancel(struct peer *p, void *arg)
{
	const struct canceller *c = arg;
	struct buf head;

	buf_init(&head, 1 << 16);
	if (peer_request(p, &head) == 0)
		(void)!write(c->fd, "x", 1);
	buf_done(&head);
	peer_hold(p);
}

static void test_a_blocking_request_can_be_cancelled(void **state)
{
	struct http_request r = {0};
	struct canceller c;
	struct hostile *h;
	struct http_result result;
	struct buf body;
	char *url;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	c.fd = ends[1];
	h = hostile_start(NULL, serve_and_cancel, &c);
	url = url_of(hostile_port(h), "/");
	r.url = url;
	buf_init(&body, 100);
	assert_int_equal(http_perform(&r, ends[0], &body, &result), -1);
	assert_int_equal(result.err.code, ERR_CANCELLED);
	buf_done(&body);
	hostile_stop(h);
	close(ends[0]);
	close(ends[1]);
	free(url);
}

static void test_a_name_without_address_is_unreachable(void **state)
{
	struct http_request r = {.url = "http://no-such-host.invalid:1/", .total_ms = 10000};
	struct http_result result;
	struct buf body;

	(void)state;
	buf_init(&body, 100);
	assert_int_equal(http_perform(&r, -1, &body, &result), -1);
	assert_true(result.err.code == ERR_UNREACHABLE || result.err.code == ERR_TIMEOUT);
	assert_non_null(strstr(result.err.text, "no-such-host.invalid:1"));
	buf_done(&body);
}

static void test_a_missing_unix_socket_is_named(void **state)
{
	struct http_request r = {.url = "http://localhost/", .unix_socket = "/nowhere/x.sock"};
	struct http_result result;
	struct buf body;

	(void)state;
	buf_init(&body, 100);
	assert_int_equal(http_perform(&r, -1, &body, &result), -1);
	assert_int_equal(result.err.code, ERR_UNREACHABLE);
	assert_non_null(strstr(result.err.text, "/nowhere/x.sock"));
	buf_done(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_answer_comes_with_its_times_and_date),
		cmocka_unit_test(test_a_request_is_sent_as_it_was_asked),
		cmocka_unit_test(test_no_credential_goes_out_without_tls),
		cmocka_unit_test(test_no_proxy_is_told_a_password_without_tls),
		cmocka_unit_test(test_a_header_cannot_be_smuggled_in),
		cmocka_unit_test(test_nobody_listens_is_refused),
		cmocka_unit_test(test_a_hung_server_is_a_timeout),
		cmocka_unit_test(test_a_dripping_answer_is_a_timeout),
		cmocka_unit_test(test_broken_connections_are_unreachable),
		cmocka_unit_test(test_bodies_that_lie_about_their_length_fail),
		cmocka_unit_test(test_garbage_is_no_http),
		cmocka_unit_test(test_an_answer_has_a_ceiling),
		cmocka_unit_test(test_endless_headers_have_a_ceiling),
		cmocka_unit_test(test_gzip_is_used_when_asked),
		cmocka_unit_test(test_statuses_become_codes_and_sentences),
		cmocka_unit_test(test_an_answer_of_any_status_is_an_answer),
		cmocka_unit_test(test_a_stream_is_given_as_it_comes),
		cmocka_unit_test(test_a_cancel_ends_in_done_once),
		cmocka_unit_test(test_a_callback_can_end_its_own_transfer),
		cmocka_unit_test(test_done_can_start_the_next),
		cmocka_unit_test(test_the_meter_counts_requests_and_those_that_had_to_connect),
		cmocka_unit_test(test_the_meter_counts_a_connection_that_is_refused),
		cmocka_unit_test(test_fresh_requests_keep_no_connection),
		cmocka_unit_test(test_closing_ends_everything_once),
		cmocka_unit_test(test_done_comes_once_in_a_storm_of_starts_and_cancels),
		cmocka_unit_test(test_timers_run_in_their_order_on_the_net_thread),
		cmocka_unit_test(test_closing_runs_what_still_waits),
		cmocka_unit_test(test_a_blocking_request_can_be_cancelled),
		cmocka_unit_test(test_a_name_without_address_is_unreachable),
		cmocka_unit_test(test_a_missing_unix_socket_is_named),
	};

	return cmocka_run_group_tests(tests, open_net, close_net);
}
