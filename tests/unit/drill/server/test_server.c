/* The drill's server: answers over HTTP/1.1, streams, faults, and peers that send rubbish. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/str.h"
#include "drill/server/exchange.h"
#include "drill/server/server.h"
#include "io/http.h"

enum { SOON_MS = 5000 };

static struct server *server;
static struct listener *port;
static int gone;

static void count_gone(void *arg)
{
	(void)arg;
	__atomic_add_fetch(&gone, 1, __ATOMIC_SEQ_CST);
}

static void late(struct exchange *x)
{
	exchange_reply(x, 200, "text/plain", "late", 4);
}

static void handle(void *arg, struct exchange *x)
{
	char value[20] = "";
	size_t n;
	const char *body = exchange_body(x, &n);

	(void)arg;
	if (strcmp(exchange_path(x), "/echo") == 0) {
		exchange_reply(x, 200, "text/plain", body, n);
	} else if (strcmp(exchange_path(x), "/query a") == 0) {
		exchange_query(x, "k", value, sizeof(value));
		exchange_reply(x, 200, "text/plain", value, strlen(value));
	} else if (strcmp(exchange_path(x), "/stream") == 0) {
		exchange_head(x, 200, "text/plain");
		for (int i = 0; i < 1000; i++)
			exchange_send(x, "0123456789", 10);
		exchange_end(x);
	} else if (strcmp(exchange_path(x), "/late") == 0) {
		exchange_later(x, 50, late);
	} else if (strcmp(exchange_path(x), "/open") == 0) {
		exchange_on_gone(x, count_gone, NULL);
		exchange_head(x, 200, "text/plain");
		exchange_send(x, "begun", 5);
	} else {
		exchange_reset(x);
	}
}

static int begin(void **state)
{
	struct listen_request r = {.address = "127.0.0.1", .handle = handle};

	(void)state;
	server = server_new(NULL);
	port = server_listen(server, &r, NULL);
	gone = 0;
	return port != NULL ? server_start(server, NULL) : -1;
}

static int end(void **state)
{
	(void)state;
	server_stop(server);
	return 0;
}

static long ask(const char *path, const char *body, int64_t ms, struct buf *answer,
	struct http_result *result)
{
	struct http_request r = {.total_ms = ms,
		.connect_ms = ms,
		.version = HTTP_V1,
		.fresh = true,
		.max_bytes = 1 << 20};
	char url[100];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", listener_port(port), path);
	r.url = url;
	if (body != NULL) {
		r.method = "POST";
		r.body = body;
		r.body_bytes = strlen(body);
	}
	memset(result, 0, sizeof(*result));
	return http_perform(&r, -1, answer, result) == 0 ? result->status : 0;
}

static void assert_answer(const char *path, const char *body, const char *expect)
{
	struct buf answer;
	struct http_result result;

	buf_init(&answer, 1 << 20);
	assert_int_equal(ask(path, body, SOON_MS, &answer, &result), 200);
	assert_true(result.date_ms != INT64_MIN);
	if (expect != NULL)
		assert_string_equal(buf_text(&answer), expect);
	else
		assert_int_equal(answer.len, 10000);
	buf_done(&answer);
}

static void test_answers_come_whole_streamed_and_late(void **state)
{
	(void)state;
	assert_answer("/echo", "hello", "hello");
	assert_answer("/query%20a?x=1&k=a%2Bb+c&y", NULL, "a+b c");
	assert_answer("/stream", NULL, NULL);
	assert_answer("/late", NULL, "late");
}

static void test_a_peer_that_leaves_is_noticed(void **state)
{
	struct buf answer;
	struct http_result result;
	int64_t until = instant_now().boot_ms + SOON_MS;

	(void)state;
	buf_init(&answer, 1000);
	assert_int_equal(ask("/open", NULL, 100, &answer, &result), 0);
	assert_int_equal(result.err.code, ERR_TIMEOUT);
	while (__atomic_load_n(&gone, __ATOMIC_SEQ_CST) == 0 && instant_now().boot_ms < until)
		poll(NULL, 0, 5);
	assert_int_equal(__atomic_load_n(&gone, __ATOMIC_SEQ_CST), 1);
	buf_done(&answer);
}

static enum fault wanted;

static void set_fault(void *arg)
{
	listener_set_fault(arg, wanted, 300);
}

static void test_every_fault_is_its_own_error(void **state)
{
	static const struct {
		enum fault fault;
		enum err_code code;
	} rows[] = {{FAULT_REFUSE, ERR_REFUSED}, {FAULT_HANG, ERR_TIMEOUT},
		{FAULT_CUT, ERR_TIMEOUT}, {FAULT_RESET, ERR_UNREACHABLE}, {FAULT_SLOW, ERR_TIMEOUT},
		{FAULT_NONE, ERR_NONE}};
	struct http_result result;
	struct buf answer;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_init(&answer, 1000);
		wanted = rows[i].fault;
		server_run(server, set_fault, port);
		assert_int_equal(ask("/echo", "x", 150, &answer, &result),
			rows[i].code == ERR_NONE ? 200 : 0);
		assert_int_equal(result.err.code, rows[i].code);
		if (rows[i].fault == FAULT_CUT)
			assert_int_equal(result.connect_us, -1);
		buf_done(&answer);
	}
}

static int dial(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)listener_port(port)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static size_t talk(const char *bytes, size_t n, char *dst, size_t size)
{
	int fd = dial();
	size_t got = 0;

	assert_int_equal(send(fd, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
	shutdown(fd, SHUT_WR);
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t r = poll(&p, 1, SOON_MS) == 1 ? recv(fd, dst + got, size - 1 - got, 0) : -1;

		if (r <= 0)
			break;
		got += (size_t)r;
	}
	dst[got] = '\0';
	close(fd);
	return got;
}

static void test_rubbish_is_refused_and_the_server_lives(void **state)
{
	static const char *const rubbish[] = {"\r\n\r\n", "GET\r\n\r\n",
		"GET nothing HTTP/1.1\r\n\r\n", "GET / SPDY/3\r\n\r\n",
		"GET / HTTP/1.1\r\nno colon\r\n\r\n",
		"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
		"POST / HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n",
		"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"};
	char answer[2000];

	(void)state;
	for (size_t i = 0; i < sizeof(rubbish) / sizeof(*rubbish); i++) {
		talk(rubbish[i], strlen(rubbish[i]), answer, sizeof(answer));
		if (strncmp(answer, "HTTP/1.1 4", 10) != 0)
			fail_msg("%zu: %s", i, answer);
	}
	talk("\x16\x03\x01\x02\x00\xff\xfe", 7, answer, sizeof(answer));
	assert_answer("/echo", "alive", "alive");
}

static void test_pipelined_requests_are_answered_in_order(void **state)
{
	static const char two[] =
		"POST /echo HTTP/1.1\r\ncontent-length: 3\r\n\r\noneGET /late HTTP/1.1\r\n\r\n"
		"POST /echo HTTP/1.1\r\ncontent-length: 5\r\nconnection: close\r\n\r\nthree";
	char answer[4000];
	const char *one, *late_one, *three;
	int fd = dial();
	size_t got = 0;

	(void)state;
	assert_int_equal(send(fd, two, sizeof(two) - 1, MSG_NOSIGNAL), (ssize_t)sizeof(two) - 1);
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t r = poll(&p, 1, SOON_MS) == 1
				    ? recv(fd, answer + got, sizeof(answer) - 1 - got, 0)
				    : -1;

		if (r <= 0)
			break;
		got += (size_t)r;
	}
	answer[got] = '\0';
	close(fd);
	one = strstr(answer, "\r\n\r\none");
	late_one = strstr(answer, "\r\n\r\nlate");
	three = strstr(answer, "\r\n\r\nthree");
	assert_non_null(one);
	assert_non_null(late_one);
	assert_non_null(three);
	assert_true(one < late_one && late_one < three);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_answers_come_whole_streamed_and_late, begin, end),
		cmocka_unit_test_setup_teardown(test_a_peer_that_leaves_is_noticed, begin, end),
		cmocka_unit_test_setup_teardown(test_every_fault_is_its_own_error, begin, end),
		cmocka_unit_test_setup_teardown(
			test_rubbish_is_refused_and_the_server_lives, begin, end),
		cmocka_unit_test_setup_teardown(
			test_pipelined_requests_are_answered_in_order, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
