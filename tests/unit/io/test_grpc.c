/* gRPC calls against a server that answers rightly, wrongly, late and not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/instant.h"
#include "base/mem.h"
#include "base/str.h"
#include "help/fetch.h"
#include "help/h2.h"
#include "io/grpc.h"
#include "io/grpc_frames.h"
#include "io/tls_authority.h"
#include "io/tls_server.h"

#define CALL(request, name, bytes, size)                                                           \
	(&(struct grpc_request){.to = &(request), .path = (name), .message = (bytes), .n = (size)})

static const char *const ok_head[] = {":status", "200", "content-type", "application/grpc", NULL};
static const char *const ok_end[] = {"grpc-status", "0", NULL};

static int two_messages(struct peer *p, uint32_t s)
{
	/* Two frames, the second cut across two DATA frames in the middle of its head. */
	peer_h2_head(p, s, ok_head, false);
	peer_h2_data(p, s, "\0\0\0\0\3one\0\0", 10, false);
	peer_h2_data(p, s, "\0\0\3two", 6, false);
	return peer_h2_head(p, s, ok_end, true);
}

static int no_space(struct peer *p, uint32_t s)
{
	static const char *const only[] = {":status", "200", "content-type", "application/grpc",
		"grpc-status", "8", "grpc-message",
		"etcdserver: mvcc: database space exceeded%1b %e4%b8%ad", NULL};

	return peer_h2_head(p, s, only, true);
}

static int late_failure(struct peer *p, uint32_t s)
{
	static const char *const end[] = {
		"grpc-status", "14", "grpc-message", "etcdserver: no leader", NULL};

	peer_h2_head(p, s, ok_head, false);
	peer_h2_data(p, s, "\0\0\0\0\3one", 8, false);
	return peer_h2_head(p, s, end, true);
}

static int no_trailers(struct peer *p, uint32_t s)
{
	peer_h2_head(p, s, ok_head, false);
	return peer_h2_data(p, s, "\0\0\0\0\3one", 8, true);
}

static int half_message(struct peer *p, uint32_t s)
{
	peer_h2_head(p, s, ok_head, false);
	peer_h2_data(p, s, "\0\0\0\0\3on", 7, false);
	return peer_h2_head(p, s, ok_end, true);
}

static int compressed(struct peer *p, uint32_t s)
{
	peer_h2_head(p, s, ok_head, false);
	return peer_h2_data(p, s, "\1\0\0\0\3one", 8, false);
}

static int huge(struct peer *p, uint32_t s)
{
	peer_h2_head(p, s, ok_head, false);
	return peer_h2_data(p, s, "\0\xff\xff\xff\xff", 5, false);
}

static int web_page(struct peer *p, uint32_t s)
{
	static const char *const head[] = {":status", "200", "content-type", "text/html", NULL};

	peer_h2_head(p, s, head, false);
	return peer_h2_data(p, s, "<html>", 6, true);
}

static int forbidden(struct peer *p, uint32_t s)
{
	static const char *const head[] = {":status", "403", "content-type", "text/plain", NULL};

	peer_h2_head(p, s, head, false);
	return peer_h2_data(p, s, "not for you\n", 12, true);
}

static int reset(struct peer *p, uint32_t s)
{
	return peer_h2_reset(p, s, 2);
}

static int silence(struct peer *p, uint32_t s)
{
	(void)p;
	(void)s;
	return 0;
}

static int first_message_then_silence(struct peer *p, uint32_t s)
{
	peer_h2_head(p, s, ok_head, false);
	return peer_h2_data(p, s, "\0\0\0\0\3one", 8, false);
}

struct script {
	int (*answer)(struct peer *p, uint32_t stream);
	pthread_mutex_t lock;
	char asked[64]; /* the last request's body, in hex */
};

static void serve(struct peer *p, void *arg)
{
	struct script *s = arg;
	struct buf body;
	uint32_t stream;
	size_t i;

	buf_init(&body, 1 << 16);
	if (peer_h2_begin(p) == 0) {
		while (peer_h2_request(p, &stream, &body) == 0) {
			pthread_mutex_lock(&s->lock);
			for (i = 0; i < body.len && i < 20; i++)
				snprintf(s->asked + 2 * i, 3, "%02x", (unsigned char)body.at[i]);
			pthread_mutex_unlock(&s->lock);
			s->answer(p, stream);
		}
	}
	buf_done(&body);
}

struct outcome {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	char messages[64]; /* with commas */
	int dones, wanted;
	struct err err;
	struct http_result result;
};

static int on_message(void *arg, const unsigned char *bytes, size_t n)
{
	struct outcome *o = arg;
	size_t used;

	pthread_mutex_lock(&o->lock);
	used = strlen(o->messages);
	snprintf(o->messages + used, sizeof(o->messages) - used, "%.*s,", (int)n,
		(const char *)bytes);
	pthread_cond_broadcast(&o->changed);
	pthread_mutex_unlock(&o->lock);
	return 0;
}

static int refuse_message(void *arg, const unsigned char *bytes, size_t n)
{
	on_message(arg, bytes, n);
	return 1;
}

static void on_done(void *arg, const struct err *err, const struct http_result *result)
{
	struct outcome *o = arg;

	pthread_mutex_lock(&o->lock);
	o->dones++;
	o->err = *err;
	o->result = *result;
	pthread_cond_broadcast(&o->changed);
	pthread_mutex_unlock(&o->lock);
}

static void outcome_init(struct outcome *o)
{
	memset(o, 0, sizeof(*o));
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->changed, NULL);
}

static void outcome_wait(struct outcome *o, int dones, const char *messages)
{
	struct timespec late;

	clock_gettime(CLOCK_REALTIME, &late);
	late.tv_sec += 20;
	pthread_mutex_lock(&o->lock);
	while (o->dones < dones || !str_starts(o->messages, messages))
		if (pthread_cond_timedwait(&o->changed, &o->lock, &late) != 0)
			abort();
	pthread_mutex_unlock(&o->lock);
}

static struct http *net;
static struct tls_server *server;
static struct http_tls *trust;
static struct script script = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int open_net(void **state)
{
	static const char *const names[] = {"127.0.0.1", NULL};
	int64_t now = instant_now().wall_ms;
	struct tls_issue what = {.cn = "etcd",
		.names = names,
		.not_before_ms = now - 60000,
		.not_after_ms = now + 3600000};
	struct tls_authority *ca;
	char *cert, *key;
	struct err e;

	(void)state;
	ca = tls_authority_new("etcd-ca", &e);
	if (ca == NULL || tls_authority_issue(ca, &what, &cert, &key, &e) != 0)
		return -1;
	server = tls_server_new(cert, key, NULL, false, &e);
	trust = http_tls_new(tls_authority_pem(ca), NULL, NULL);
	net = http_open(&e);
	tls_authority_free(ca);
	free(cert);
	free(key);
	return net == NULL || server == NULL;
}

static int close_net(void **state)
{
	(void)state;
	http_close(net);
	http_tls_unref(trust);
	tls_server_free(server);
	return 0;
}

struct setting {
	struct hostile *h;
	char *url;
	struct http_request r;
};

static void begin(struct setting *s, int (*answer)(struct peer *p, uint32_t stream))
{
	script.answer = answer;
	s->h = hostile_start(server, serve, &script);
	s->url = str_fmt("https://127.0.0.1:%d", hostile_port(s->h));
	s->r = (struct http_request){.url = s->url, .total_ms = 10000, .tls = trust};
}

static void end(struct setting *s)
{
	hostile_stop(s->h);
	free(s->url);
}

/* Both faces must say the same. */
static void assert_call(int (*answer)(struct peer *p, uint32_t stream), enum err_code code,
	const char *part, const char *messages)
{
	const struct grpc_calls calls = {.message = on_message, .done = on_done};
	struct http_result result;
	struct outcome on_net, blocking;
	struct setting s;
	struct err e;

	err_clear(&e);
	begin(&s, answer);
	outcome_init(&on_net);
	outcome_init(&blocking);
	grpc_start(net, CALL(s.r, "/etcdserverpb.KV/Range", "\x0a\x01k", 3), &calls, &on_net);
	outcome_wait(&on_net, 1, "");
	grpc_perform_stream(CALL(s.r, "/etcdserverpb.KV/Range", "\x0a\x01k", 3), -1, on_message,
		&blocking, &result, &e);
	if (on_net.err.code != code || e.code != code || strstr(e.text, part) == NULL)
		fail_msg("net: %d %s; blocking: %d %s", (int)on_net.err.code, on_net.err.text,
			(int)e.code, e.text);
	assert_string_equal(on_net.messages, messages);
	assert_string_equal(blocking.messages, messages);
	assert_int_equal(on_net.dones, 1);
	end(&s);
}

static void test_messages_are_reassembled(void **state)
{
	(void)state;
	assert_call(two_messages, ERR_NONE, "", "one,two,");
	assert_string_equal(script.asked, "00000000030a016b");
}

static int count_message(void *arg, const unsigned char *bytes, size_t n)
{
	(void)bytes;
	*(size_t *)arg += n;
	return 0;
}

/* Messages as large as may be, in one chunk: more than what one message needs is not lost. */
static void test_however_large_a_chunk_no_message_is_lost(void **state)
{
	const size_t frame = 5 + GRPC_MAX_MESSAGE;
	char *bytes = mem_zero(2, frame);
	struct grpc_frames f;
	size_t got = 0;

	(void)state;
	bytes[1] = bytes[frame + 1] = GRPC_MAX_MESSAGE >> 24;
	bytes[2] = bytes[frame + 2] = (char)(GRPC_MAX_MESSAGE >> 16 & 0xff);
	grpc_frames_init(&f, count_message, &got);
	assert_int_equal(grpc_frames_feed(&f, bytes, 2 * frame), 0);
	assert_true(grpc_frames_are_whole(&f));
	assert_int_equal(got, 2 * GRPC_MAX_MESSAGE);
	bytes[4] = 1; /* a byte past the ceiling */
	assert_int_equal(grpc_frames_feed(&f, bytes, 2 * frame), -1);
	assert_int_equal(f.err.code, ERR_LIMIT);
	grpc_frames_done(&f);
	free(bytes);
}

static void test_a_status_that_is_not_zero_is_an_error(void **state)
{
	(void)state;
	assert_call(no_space, ERR_BUSY, "database space exceeded^[ \xe4\xb8\xad (gRPC 8)", "");
	assert_call(late_failure, ERR_UNREACHABLE, "no leader", "one,");
}

static void test_broken_answers_are_no_success(void **state)
{
	(void)state;
	assert_call(no_trailers, ERR_INPUT, "middle", "one,");
	assert_call(half_message, ERR_INPUT, "middle", "");
	assert_call(compressed, ERR_UNSUPPORTED, "compressed", "");
	assert_call(huge, ERR_LIMIT, "ceiling", "");
	assert_call(web_page, ERR_INPUT, "another service", "");
	assert_call(forbidden, ERR_AUTH, "not for you", "");
	assert_call(reset, ERR_UNREACHABLE, "127.0.0.1", "");
}

static void test_silence_is_a_timeout_and_its_connection_is_given_up(void **state)
{
	const struct grpc_calls calls = {.message = on_message, .done = on_done};
	struct outcome o;
	struct setting s;

	(void)state;
	begin(&s, silence);
	s.r.total_ms = 150;
	outcome_init(&o);
	grpc_start(net, CALL(s.r, "/x", NULL, 0), &calls, &o);
	outcome_wait(&o, 1, "");
	assert_int_equal(o.err.code, ERR_TIMEOUT);
	grpc_start(net, CALL(s.r, "/x", NULL, 0), &calls, &o);
	outcome_wait(&o, 2, "");
	assert_int_equal(hostile_connections(s.h), 2);
	end(&s);
}

static void test_calls_share_a_connection_until_it_is_poisoned(void **state)
{
	const struct grpc_calls calls = {.message = on_message, .done = on_done};
	struct outcome watch, later;
	struct setting s;
	uint64_t id;
	int poison;

	(void)state;
	begin(&s, first_message_then_silence);
	s.r.total_ms = 0;
	for (poison = 0; poison < 2; poison++) {
		outcome_init(&watch);
		id = grpc_start(net, CALL(s.r, "/watch", NULL, 0), &calls, &watch);
		outcome_wait(&watch, 0, "one,");
		assert_int_equal(hostile_connections(s.h), 1);
		http_cancel(net, id, poison);
		outcome_wait(&watch, 1, "");
		assert_int_equal(watch.err.code, ERR_CANCELLED);
	}
	outcome_init(&later);
	id = grpc_start(net, CALL(s.r, "/watch", NULL, 0), &calls, &later);
	outcome_wait(&later, 0, "one,");
	assert_int_equal(hostile_connections(s.h), 2);
	http_cancel(net, id, true);
	outcome_wait(&later, 1, "");
	end(&s);
}

static void test_a_message_can_end_its_call(void **state)
{
	const struct grpc_calls calls = {.message = refuse_message, .done = on_done};
	struct http_result result;
	struct outcome o;
	struct setting s;
	struct err e;

	(void)state;
	begin(&s, two_messages);
	outcome_init(&o);
	grpc_start(net, CALL(s.r, "/x", NULL, 0), &calls, &o);
	outcome_wait(&o, 1, "one,");
	assert_int_equal(o.err.code, ERR_CANCELLED);
	assert_string_equal(o.messages, "one,");
	assert_int_equal(
		grpc_perform_stream(CALL(s.r, "/x", NULL, 0), -1, refuse_message, &o, &result, &e),
		-1);
	assert_int_equal(e.code, ERR_CANCELLED);
	end(&s);
}

static void test_a_unary_answer_is_one_buffer(void **state)
{
	struct http_result result;
	struct setting s;
	struct buf out;
	struct err e;

	(void)state;
	begin(&s, two_messages);
	buf_init(&out, 100);
	assert_int_equal(grpc_perform(CALL(s.r, "/x", "", 0), -1, &out, &result, &e), 0);
	assert_string_equal(out.at, "onetwo");
	assert_int_equal(result.http_version, 2);
	buf_done(&out);
	buf_init(&out, 4);
	assert_int_equal(grpc_perform(CALL(s.r, "/x", "", 0), -1, &out, &result, &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
	buf_done(&out);
	end(&s);
}

static void test_a_server_without_tls_is_spoken_to_as_well(void **state)
{
	struct hostile *h;
	struct http_result result;
	struct http_request r = {.total_ms = 10000};
	struct buf out;
	struct err e;
	char *url;

	(void)state;
	script.answer = two_messages;
	h = hostile_start(NULL, serve, &script);
	url = str_fmt("http://127.0.0.1:%d", hostile_port(h));
	r.url = url;
	buf_init(&out, 100);
	if (grpc_perform(CALL(r, "/x", "", 0), -1, &out, &result, &e) != 0)
		fail_msg("%s", e.text);
	assert_string_equal(out.at, "onetwo");
	buf_done(&out);
	hostile_stop(h);
	free(url);
}

static void serve_http1(struct peer *p, void *arg)
{
	(void)arg;
	peer_say(p, "HTTP/1.1 400 Bad Request\r\n\r\n");
}

static void test_a_server_without_http2_is_no_grpc(void **state)
{
	struct hostile *h = hostile_start(NULL, serve_http1, NULL);
	char *url = str_fmt("http://127.0.0.1:%d", hostile_port(h));
	struct http_request r = {.url = url, .total_ms = 10000};
	struct http_result result;
	struct buf out;
	struct err e;

	(void)state;
	buf_init(&out, 4);
	assert_int_equal(grpc_perform(CALL(r, "/x", "", 0), -1, &out, &result, &e), -1);
	assert_true(e.code == ERR_UNREACHABLE || e.code == ERR_INPUT);
	buf_done(&out);
	hostile_stop(h);
	free(url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_are_reassembled),
		cmocka_unit_test(test_however_large_a_chunk_no_message_is_lost),
		cmocka_unit_test(test_a_status_that_is_not_zero_is_an_error),
		cmocka_unit_test(test_broken_answers_are_no_success),
		cmocka_unit_test(test_silence_is_a_timeout_and_its_connection_is_given_up),
		cmocka_unit_test(test_calls_share_a_connection_until_it_is_poisoned),
		cmocka_unit_test(test_a_message_can_end_its_call),
		cmocka_unit_test(test_a_unary_answer_is_one_buffer),
		cmocka_unit_test(test_a_server_without_tls_is_spoken_to_as_well),
		cmocka_unit_test(test_a_server_without_http2_is_no_grpc),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, open_net, close_net);
}
