/* Calls to one etcd member that answers rightly, wrongly, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "cluster/etcd.h"
#include "help/h2.h"

/* What the member was asked (protobuf), and how it answers. */
struct member {
	char asked[64];
	size_t asked_n;
	const char *frame; /* the answer's messages, framed; NULL: none */
	size_t frame_n;
	const char *status; /* grpc-status; NULL: hangs */
	const char *text;   /* grpc-message */
};

static void serve_grpc(struct peer *p, void *arg)
{
	static const char *const head[] = {
		":status", "200", "content-type", "application/grpc", NULL};
	struct member *m = arg;
	const char *const end[] = {
		"grpc-status", m->status, "grpc-message", m->text != NULL ? m->text : "", NULL};
	uint32_t stream;
	struct buf body;

	buf_init(&body, 4096);
	if (peer_h2_begin(p) == 0 && peer_h2_request(p, &stream, &body) == 0) {
		m->asked_n = body.len < sizeof(m->asked) ? body.len : sizeof(m->asked);
		memcpy(m->asked, buf_text(&body), m->asked_n);
		if (m->status == NULL) {
			peer_hold(p);
		} else {
			peer_h2_head(p, stream, head, false);
			if (m->frame != NULL)
				peer_h2_data(p, stream, m->frame, m->frame_n, false);
			peer_h2_head(p, stream, end, true);
			peer_hold(p);
		}
	}
	buf_done(&body);
}

/* The JSON of the peer port; http1 is the whole answer. */
static void serve_http1(struct peer *p, void *arg)
{
	struct member *m = arg;
	struct buf head;

	buf_init(&head, 8192);
	if (peer_request(p, &head) == 0) {
		m->asked_n = str_starts(buf_text(&head), "GET /members HTTP/1.1\r\n");
		peer_say(p, m->text);
	}
	buf_done(&head);
}

struct heard {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int times;
	struct err err;
	struct etcd_answer answer;
};

struct world {
	struct http *http;
	struct hostile *server;
	struct member member;
	struct heard heard;
	char url[64];
	struct etcd_target target;
};

static void open_world(struct world *w, void (*serve)(struct peer *p, void *arg))
{
	char *url;

	w->server = hostile_start(NULL, serve, &w->member);
	w->http = http_open(NULL);
	assert_non_null(w->http);
	url = str_fmt("http://127.0.0.1:%d/", hostile_port(w->server));
	str_copy(w->url, sizeof(w->url), url);
	free(url);
	w->target = (struct etcd_target){.url = w->url, .total_ms = 10000};
	pthread_mutex_init(&w->heard.lock, NULL);
	pthread_cond_init(&w->heard.changed, NULL);
}

static void close_world(struct world *w)
{
	http_close(w->http);
	hostile_stop(w->server);
	pthread_mutex_destroy(&w->heard.lock);
	pthread_cond_destroy(&w->heard.changed);
}

static void wait_for(struct heard *h)
{
	struct timespec until;
	int late = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 20;
	pthread_mutex_lock(&h->lock);
	while (h->times == 0 && late != ETIMEDOUT)
		late = pthread_cond_timedwait(&h->changed, &h->lock, &until);
	pthread_mutex_unlock(&h->lock);
	assert_int_equal(h->times, 1);
}

static void on_answer(void *arg, const struct err *err, const struct http_result *result,
	const struct etcd_answer *answer)
{
	struct heard *h = arg;

	(void)result;
	pthread_mutex_lock(&h->lock);
	h->times++;
	h->err = *err;
	h->answer = *answer;
	pthread_cond_signal(&h->changed);
	pthread_mutex_unlock(&h->lock);
}

#define FRAME(length, message) "\0\0\0\0" length message
#define ANSWER(bytes)          .frame = (bytes), .frame_n = sizeof(bytes) - 1, .status = "0"
#define assert_asked(w, bytes)                                                                     \
	(assert_int_equal((w)->member.asked_n, sizeof(bytes) - 1),                                 \
		assert_memory_equal((w)->member.asked, (bytes), sizeof(bytes) - 1))

static void test_status_is_asked_and_told_once(void **state)
{
	struct world w = {.member = {ANSWER(FRAME("\x0a", "\x0a\x02\x10\x07\x12\x04"
							  "3.6."))}};

	(void)state;
	open_world(&w, serve_grpc);
	assert_true(etcd_ask(w.http, &w.target, ETCD_STATUS, on_answer, &w.heard) != 0);
	wait_for(&w.heard);
	assert_int_equal(w.heard.err.code, ERR_NONE);
	assert_int_equal(w.heard.answer.status.member_id, 7);
	assert_string_equal(w.heard.answer.status.version, "3.6.");
	assert_asked(&w, FRAME("\0", ""));
	close_world(&w);
}

static void test_the_member_list_is_asked_linearizable(void **state)
{
	struct world w = {.member = {ANSWER(FRAME("\x06", "\x12\x04\x08\x09\x12\x00"))}};

	(void)state;
	open_world(&w, serve_grpc);
	etcd_ask(w.http, &w.target, ETCD_MEMBERS, on_answer, &w.heard);
	wait_for(&w.heard);
	assert_int_equal(w.heard.answer.members.n, 1);
	assert_int_equal(w.heard.answer.members.members[0].id, 9);
	assert_asked(&w, FRAME("\x02", "\x08\x01"));
	close_world(&w);
}

static void test_alarms_are_read_not_set(void **state)
{
	struct world w = {.member = {ANSWER(FRAME("\x06", "\x12\x04\x08\x09\x10\x01"))}};

	(void)state;
	open_world(&w, serve_grpc);
	etcd_ask(w.http, &w.target, ETCD_ALARMS, on_answer, &w.heard);
	wait_for(&w.heard);
	assert_int_equal(w.heard.answer.alarms.n, 1);
	assert_int_equal(w.heard.answer.alarms.alarms[0].alarm, ETCD_ALARM_NOSPACE);
	assert_asked(&w, FRAME("\0", ""));
	close_world(&w);
}

static void test_hashkv_is_of_the_revision_asked_for(void **state)
{
	struct world w = {.member = {ANSWER(FRAME("\x06", "\x0a\x02\x18\x63\x10\x05"))}};

	(void)state;
	open_world(&w, serve_grpc);
	w.target.revision = 42;
	etcd_ask(w.http, &w.target, ETCD_HASH, on_answer, &w.heard);
	wait_for(&w.heard);
	assert_int_equal(w.heard.answer.hash.hash, 5);
	assert_int_equal(w.heard.answer.hash.revision, 42);
	assert_asked(&w, FRAME("\x02", "\x08\x2a"));
	close_world(&w);
}

static void test_a_read_is_linearizable_and_brings_no_value(void **state)
{
	struct world w = {.member = {ANSWER(FRAME("\x04", "\x0a\x02\x18\x63"))}};

	(void)state;
	open_world(&w, serve_grpc);
	etcd_ask(w.http, &w.target, ETCD_READ, on_answer, &w.heard);
	wait_for(&w.heard);
	assert_int_equal(w.heard.answer.revision, 99);
	assert_asked(&w, FRAME("\x0a", "\x0a\x06health\x48\x01"));
	close_world(&w);
}

/* As etcdctl: consensus was reached before the key was refused. */
static void test_a_key_refused_by_rbac_still_proves_health(void **state)
{
	struct world w = {.member = {.status = "7", .text = "etcdserver: permission denied"}};

	(void)state;
	open_world(&w, serve_grpc);
	etcd_ask(w.http, &w.target, ETCD_READ, on_answer, &w.heard);
	wait_for(&w.heard);
	assert_int_equal(w.heard.err.code, ERR_NONE);
	assert_int_equal(w.heard.answer.revision, -1);
	close_world(&w);
}

static void test_the_servers_own_error_is_told(void **state)
{
	struct world w = {.member = {.status = "14", .text = "etcdserver: no leader"}};

	(void)state;
	open_world(&w, serve_grpc);
	etcd_ask(w.http, &w.target, ETCD_READ, on_answer, &w.heard);
	wait_for(&w.heard);
	assert_int_equal(w.heard.err.code, ERR_UNREACHABLE);
	assert_non_null(strstr(w.heard.err.text, "no leader"));
	close_world(&w);
}

static void check_bad(struct member member)
{
	struct world w = {.member = member};

	open_world(&w, serve_grpc);
	etcd_ask(w.http, &w.target, ETCD_STATUS, on_answer, &w.heard);
	wait_for(&w.heard);
	assert_int_equal(w.heard.err.code, ERR_INPUT);
	close_world(&w);
}

static void test_no_message_two_messages_and_garbage_are_errors(void **state)
{
	(void)state;
	check_bad((struct member){.status = "0"});
	check_bad((struct member){ANSWER(FRAME("\0", "") FRAME("\0", ""))});
	check_bad((struct member){ANSWER(FRAME("\x03", "\xff\xff\xff"))});
}

static void test_a_member_that_hangs_times_out(void **state)
{
	struct world w = {.member = {.status = NULL}};

	(void)state;
	open_world(&w, serve_grpc);
	w.target.total_ms = 200;
	etcd_ask(w.http, &w.target, ETCD_MEMBERS, on_answer, &w.heard);
	wait_for(&w.heard);
	assert_int_equal(w.heard.err.code, ERR_TIMEOUT);
	close_world(&w);
}

static void test_closing_tells_whoever_waits(void **state)
{
	struct world w = {.member = {.status = NULL}};

	(void)state;
	open_world(&w, serve_grpc);
	etcd_ask(w.http, &w.target, ETCD_STATUS, on_answer, &w.heard);
	http_close(w.http);
	w.http = NULL;
	wait_for(&w.heard);
	assert_int_equal(w.heard.err.code, ERR_CANCELLED);
	close_world(&w);
}

static void ask_peer(struct world *w, const char *answer)
{
	w->member.text = answer;
	open_world(w, serve_http1);
	etcd_ask(w->http, &w->target, ETCD_PEER, on_answer, &w->heard);
	wait_for(&w->heard);
	assert_true(w->member.asked_n);
	close_world(w);
}

static void test_the_peer_port_is_asked_in_http1(void **state)
{
	struct world w = {0}, refused = {0}, garbage = {0};

	(void)state;
	ask_peer(&w, "HTTP/1.1 200 OK\r\nConnection: "
		     "close\r\n\r\n[{\"id\":17237436991929493444,\"name\":\"m1\"}]");
	assert_int_equal(w.heard.err.code, ERR_NONE);
	assert_true(w.heard.answer.members.members[0].id == UINT64_C(17237436991929493444));
	ask_peer(&refused, "HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\nno");
	assert_int_equal(refused.heard.err.code, ERR_AUTH);
	ask_peer(&garbage, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<html>");
	assert_int_equal(garbage.heard.err.code, ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_is_asked_and_told_once),
		cmocka_unit_test(test_the_member_list_is_asked_linearizable),
		cmocka_unit_test(test_alarms_are_read_not_set),
		cmocka_unit_test(test_hashkv_is_of_the_revision_asked_for),
		cmocka_unit_test(test_a_read_is_linearizable_and_brings_no_value),
		cmocka_unit_test(test_a_key_refused_by_rbac_still_proves_health),
		cmocka_unit_test(test_the_servers_own_error_is_told),
		cmocka_unit_test(test_no_message_two_messages_and_garbage_are_errors),
		cmocka_unit_test(test_a_member_that_hangs_times_out),
		cmocka_unit_test(test_closing_tells_whoever_waits),
		cmocka_unit_test(test_the_peer_port_is_asked_in_http1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
