/* A name server that hangs: requests and questions end in time, others go on, and the end waits for
 * nobody. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/instant.h"
#include "base/wake.h"
#include "help/fetch.h"
#include "help/hostile.h"
#include "io/lookup.h"
#include "io/tls.h"

#define SLOW "slow.example"

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool hangs;
	int asked, answered; /* for names */
} resolver = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* This stands in for libc's, in libcurl too: it knows one name, this machine. */
int getaddrinfo(
	const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **list)
{
	static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	static pthread_mutex_t finding = PTHREAD_MUTEX_INITIALIZER;
	bool named = host != NULL && strcmp(host, SLOW) == 0 &&
		     (hints == NULL || (hints->ai_flags & AI_NUMERICHOST) == 0);

	pthread_mutex_lock(&finding);
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	pthread_mutex_unlock(&finding);
	if (named) {
		pthread_mutex_lock(&resolver.lock);
		resolver.asked++;
		pthread_cond_broadcast(&resolver.changed);
		while (resolver.hangs)
			pthread_cond_wait(&resolver.changed, &resolver.lock);
		resolver.answered++;
		pthread_cond_broadcast(&resolver.changed);
		pthread_mutex_unlock(&resolver.lock);
	}
	if (host != NULL && strcmp(host, "unknown.example") == 0)
		return EAI_NONAME;
	return real(named ? "127.0.0.1" : host, port, hints, list);
}

static void set_resolver(bool hangs)
{
	pthread_mutex_lock(&resolver.lock);
	resolver.hangs = hangs;
	pthread_cond_broadcast(&resolver.changed);
	pthread_mutex_unlock(&resolver.lock);
}

/* The threads that were left to themselves end now, not under the next test. */
static int let_all_answer(void **state)
{
	(void)state;
	set_resolver(false);
	pthread_mutex_lock(&resolver.lock);
	while (resolver.answered < resolver.asked)
		pthread_cond_wait(&resolver.changed, &resolver.lock);
	pthread_mutex_unlock(&resolver.lock);
	return 0;
}

static void wait_until_asked(int n)
{
	pthread_mutex_lock(&resolver.lock);
	while (resolver.asked < n)
		pthread_cond_wait(&resolver.changed, &resolver.lock);
	pthread_mutex_unlock(&resolver.lock);
}

static void serve(struct peer *p, void *arg)
{
	struct buf head;

	(void)arg;
	buf_init(&head, 1 << 16);
	if (peer_request(p, &head) == 0)
		peer_say(p, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	buf_done(&head);
}

static void start(struct fetch *f, struct http *h, const char *host, int port, int64_t total_ms)
{
	char url[80];
	struct http_request r = {.url = url,
		.version = HTTP_V1,
		.fresh = true,
		.total_ms = total_ms,
		.connect_ms = total_ms};

	snprintf(url, sizeof(url), "http://%s:%d/", host, port);
	fetch_init(f, h);
	fetch_start(f, &r);
}

static void test_a_name_that_hangs_holds_no_other_request_and_not_the_end(void **state)
{
	struct hostile *server = hostile_start(NULL, serve, NULL);
	struct http *h = http_open(NULL);
	struct fetch slow, quick, left;
	int asked = resolver.asked;

	(void)state;
	set_resolver(true);
	start(&slow, h, SLOW, hostile_port(server), 200);
	wait_until_asked(asked + 1);
	fetch_wait(&slow); /* given up in time, while the resolver hangs on */
	assert_int_equal(slow.result.err.code, ERR_TIMEOUT);
	start(&quick, h, "127.0.0.1", hostile_port(server), 10000);
	fetch_wait(&quick);
	assert_int_equal(quick.result.status, 200);
	start(&left, h, SLOW, hostile_port(server), 60000);
	wait_until_asked(asked + 2);
	http_close(h);
	assert_int_equal(fetch_dones(&left), 1);
	fetch_free(&slow);
	fetch_free(&quick);
	fetch_free(&left);
	hostile_stop(server);
}

static void test_a_lookup_that_hangs_is_left_to_itself(void **state)
{
	int asked = resolver.asked;
	struct addrinfo *list;
	struct lookup *l;

	(void)state;
	set_resolver(true);
	l = lookup_start(SLOW, 443);
	wait_until_asked(asked + 1);
	assert_int_equal(lookup_take(l, &list), EAI_INPROGRESS);
	lookup_end(l);
	l = lookup_start("127.0.0.1", 443); /* an address is not looked up */
	assert_int_equal(lookup_take(l, &list), 0);
	assert_int_equal(ntohs(((struct sockaddr_in *)(void *)list->ai_addr)->sin_port), 443);
	freeaddrinfo(list);
	lookup_end(l);
}

static void test_a_question_about_a_certificate_ends_in_time_and_when_cancelled(void **state)
{
	struct tls_question q = {.host = SLOW, .port = 443, .timeout_ms = 100};
	struct tls_peer peer;
	int cancel = wake_open();
	struct err e;

	(void)state;
	set_resolver(true);
	assert_int_equal(tls_ask(&q, cancel, &peer, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	wake_set(cancel);
	q.timeout_ms = 60000;
	assert_int_equal(tls_ask(&q, cancel, &peer, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	close(cancel);
}

static void test_a_name_that_is_known_is_connected_to(void **state)
{
	struct tls_question q = {.host = SLOW, .port = hostile_closed_port(), .timeout_ms = 10000};
	struct tls_peer peer;
	struct err e;

	(void)state;
	assert_int_equal(tls_ask(&q, -1, &peer, &e), -1);
	assert_int_equal(e.code, ERR_REFUSED); /* by the machine of that name */
	q.host = "unknown.example";
	assert_int_equal(tls_ask(&q, -1, &peer, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
}

int main(void)
{
#define T(test) cmocka_unit_test_teardown(test, let_all_answer)
	const struct CMUnitTest tests[] = {
		T(test_a_name_that_hangs_holds_no_other_request_and_not_the_end),
		T(test_a_lookup_that_hangs_is_left_to_itself),
		T(test_a_question_about_a_certificate_ends_in_time_and_when_cancelled),
		T(test_a_name_that_is_known_is_connected_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
