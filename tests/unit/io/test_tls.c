/* Certificates are read, judged and asked for; and each way TLS can fail has its own sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/str.h"
#include "help/fetch.h"
#include "help/hostile.h"
#include "help/keys.h"
#include "help/metered.h"
#include "io/tls.h"
#include "io/tls_authority.h"
#include "io/tls_server.h"

#define DAY_MS ((int64_t)86400 * 1000)

static struct tls_authority *ours, *theirs;
static const char *const local_names[] = {"127.0.0.1", "localhost", "::1", NULL};
static const char *const other_names[] = {"10.9.9.9", "m1.example", NULL};

struct pair {
	char *cert, *key;
};

static struct pair issue(struct tls_authority *ca, const char *cn, const char *const *names,
	int64_t from_days, int64_t to_days)
{
	int64_t now = instant_now().wall_ms;
	struct tls_issue what = {.cn = cn,
		.org = "k911:test",
		.names = names,
		.not_before_ms = now + from_days * DAY_MS,
		.not_after_ms = now + to_days * DAY_MS};
	struct pair p;
	struct err e;

	if (tls_authority_issue(ca, &what, &p.cert, &p.key, &e) != 0)
		fail_msg("%s", e.text);
	return p;
}

static void pair_free(struct pair *p)
{
	free(p->cert);
	free(p->key);
}

static int make_authorities(void **state)
{
	struct err e;

	(void)state;
	ours = tls_authority_new("kubernetes", &e);
	theirs = tls_authority_new(
		"kubernetes", &e); /* the same name: a cluster that was built anew */
	return ours == NULL || theirs == NULL;
}

static int free_authorities(void **state)
{
	(void)state;
	tls_authority_free(ours);
	tls_authority_free(theirs);
	return 0;
}

static void test_a_certificate_is_read(void **state)
{
	struct pair p = issue(ours, "kube-apiserver\x1b", local_names, -1, 30);
	char *two = str_fmt("%s%s", p.cert, tls_authority_pem(ours));
	int64_t now = instant_now().wall_ms;
	struct tls_cert c[3];
	struct err e;

	(void)state;
	assert_int_equal(tls_read_pem(two, strlen(two), c, 3, &e), 2);
	assert_string_equal(c[0].subject, "kube-apiserver^[");
	assert_string_equal(c[0].issuer, "kubernetes");
	assert_string_equal(c[0].names, "127.0.0.1 localhost ::1");
	assert_true(c[0].not_after_ms > now + 29 * DAY_MS && c[0].not_after_ms < now + 31 * DAY_MS);
	assert_true(c[0].not_before_ms < now);
	assert_false(c[0].is_ca);
	assert_true(c[1].is_ca);
	assert_int_equal(tls_read_pem(two, strlen(two), c, 1, &e), 1);
	assert_int_equal(tls_read_pem("no pem", 6, c, 1, &e), -1);
	assert_int_equal(e.code, ERR_TLS);
	free(two);
	pair_free(&p);
}

static void test_only_the_right_authority_signed_it(void **state)
{
	struct pair p = issue(ours, "node", NULL, -1, 30), old = issue(ours, "node", NULL, -9, -1);
	struct err e;

	(void)state;
	assert_int_equal(tls_signed_by(p.cert, tls_authority_pem(ours), &e), 1);
	assert_int_equal(tls_signed_by(p.cert, tls_authority_pem(theirs), &e), 0);
	assert_int_equal(tls_signed_by(old.cert, tls_authority_pem(ours), &e), 0);
	assert_non_null(strstr(e.text, "expired"));
	assert_int_equal(tls_signed_by("x", tls_authority_pem(ours), &e), -1);
	assert_int_equal(tls_signed_by(p.cert, "x", &e), -1);
	pair_free(&p);
	pair_free(&old);
}

/* The value openssl x509 -pubkey | openssl pkey -pubin -outform der | sha256sum gives. */
static void test_the_ca_hash_is_kubeadms(void **state)
{
	static const char pem[] =
		"-----BEGIN CERTIFICATE-----\n"
		"MIIBgjCCASegAwIBAgIUVuwRypelAg/afSuYzOnSGeNTKfwwCgYIKoZIzj0EAwIw\n"
		"FTETMBEGA1UEAwwKa3ViZXJuZXRlczAgFw0yNjExMjMwNzEyMzVaGA8yMTI2MTAz\n"
		"MDA3MTIzNVowFTETMBEGA1UEAwwKa3ViZXJuZXRlczBZMBMGByqGSM49AgEGCCqG\n"
		"SM49AwEHA0IABOhoDwpJMaGJ4WeoTCpQwRZm6ekDRkYgioOWNprX5wWqfb5WcPhk\n"
		"75+72fCCaE4aMa9HsvCMl1YkUaxSA5x77HSjUzBRMB0GA1UdDgQWBBTnCNGuhQKZ\n"
		"MAdjtDaGQ3pnZeo9njAfBgNVHSMEGDAWgBTnCNGuhQKZMAdjtDaGQ3pnZeo9njAP\n"
		"BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQDZXxIjeNhf1HrcwMWN\n"
		"LFbGbkVvNqwtGjpYn9Hz2iu+iwIhALg/qmPkO4G+r2nNp1gFjq0XxRVQid0WGJ56\n"
		"BICUZnXJ\n"
		"-----END CERTIFICATE-----\n";
	char hex[65];
	struct err e;

	(void)state;
	assert_int_equal(tls_ca_hash(pem, hex, &e), 0);
	assert_string_equal(
		hex, "c28545d2eba514504bd1dbb6f04339681ed22210eb049c7b05385d86d8bf9e9b");
	assert_int_equal(tls_ca_hash("x", hex, &e), -1);
}

static void serve_ok(struct peer *p, void *arg)
{
	struct buf head;

	(void)arg;
	buf_init(&head, 1 << 16);
	while (peer_request(p, &head) == 0 &&
		peer_say(p, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") == 0)
		;
	buf_done(&head);
}

static void serve_nothing(struct peer *p, void *arg)
{
	(void)arg;
	peer_hold(p);
}

struct setting {
	struct tls_server *server;
	struct hostile *h;
	char *url;
	struct http_request r;
};

static void begin(struct setting *s, const struct pair *p, struct tls_authority *client_ca)
{
	struct err e;

	s->server = tls_server_new(p->cert, p->key,
		client_ca != NULL ? tls_authority_pem(client_ca) : NULL, client_ca != NULL, &e);
	if (s->server == NULL)
		fail_msg("%s", e.text);
	s->h = hostile_start(s->server, serve_ok, NULL);
	s->url = str_fmt("https://127.0.0.1:%d/", hostile_port(s->h));
	s->r = (struct http_request){.url = s->url, .version = HTTP_V1, .total_ms = 10000};
}

static void end(struct setting *s)
{
	hostile_stop(s->h);
	tls_server_free(s->server);
	free(s->url);
}

/* Asks with these credentials and wants this code and sentence; ERR_NONE: an answer. */
static void assert_answer(
	struct setting *s, struct http_tls *tls, enum err_code code, const char *part)
{
	struct http_result result;
	struct http *net;
	struct fetch f;
	struct buf body;
	struct err e;

	s->r.tls = tls;
	buf_init(&body, 100);
	http_perform(&s->r, -1, &body, &result);
	if (result.err.code != code || strstr(result.err.text, part) == NULL)
		fail_msg("%s: %s", err_word(result.err.code), result.err.text);
	buf_done(&body);
	net = http_open(&e);
	fetch_init(&f, net);
	fetch_start(&f, &s->r);
	fetch_wait(&f);
	if (f.result.err.code != code)
		fail_msg("on the net thread: %s", f.result.err.text);
	if (code == ERR_NONE)
		assert_true(f.result.tls_us > 0);
	http_close(net);
	fetch_free(&f);
	http_tls_unref(tls);
}

static void test_credentials_are_used_both_ways(void **state)
{
	struct pair server = issue(ours, "apiserver", local_names, -1, 30),
		    client = issue(ours, "admin", NULL, -1, 30);
	struct setting s;

	(void)state;
	begin(&s, &server, ours);
	assert_answer(
		&s, http_tls_new(tls_authority_pem(ours), client.cert, client.key), ERR_NONE, "");
	assert_answer(
		&s, http_tls_insecure(http_tls_new(NULL, client.cert, client.key)), ERR_NONE, "");
	end(&s);
	pair_free(&server);
	pair_free(&client);
}

static void test_a_refused_client_is_an_auth_error(void **state)
{
	struct pair server = issue(ours, "etcd", local_names, -1, 30),
		    stranger = issue(theirs, "admin", NULL, -1, 30),
		    old = issue(ours, "admin", NULL, -9, -1);
	struct setting s;

	(void)state;
	begin(&s, &server, ours);
	assert_answer(&s, http_tls_new(tls_authority_pem(ours), NULL, NULL), ERR_AUTH,
		"client certificate");
	assert_answer(&s, http_tls_new(tls_authority_pem(ours), stranger.cert, stranger.key),
		ERR_AUTH, "client certificate");
	assert_answer(
		&s, http_tls_new(tls_authority_pem(ours), old.cert, old.key), ERR_AUTH, "expired");
	assert_answer(&s, http_tls_new(tls_authority_pem(ours), old.cert, stranger.key), ERR_TLS,
		"cannot be used");
	end(&s);
	pair_free(&server);
	pair_free(&stranger);
	pair_free(&old);
}

static void serve_reset(struct peer *p, void *arg)
{
	(void)arg;
	peer_reset_on_close(p);
}

static void test_a_connection_broken_after_its_handshake_is_taken_for_a_refusal(void **state)
{
	struct pair server = issue(ours, "etcd", local_names, -1, 30);
	struct setting s;

	(void)state;
	begin(&s, &server, NULL);
	hostile_stop(s.h);
	free(s.url);
	s.h = hostile_start(s.server, serve_reset, NULL);
	s.url = str_fmt("https://127.0.0.1:%d/", hostile_port(s.h));
	s.r.url = s.url;
	assert_answer(&s, http_tls_new(tls_authority_pem(ours), NULL, NULL), ERR_AUTH,
		"right after the TLS handshake");
	end(&s);
	pair_free(&server);
}

static void test_a_bad_server_certificate_says_what_is_bad(void **state)
{
	struct pair old = issue(ours, "apiserver", local_names, -9, -1),
		    young = issue(ours, "apiserver", local_names, 1, 9),
		    other = issue(ours, "apiserver", other_names, -1, 9),
		    foreign = issue(theirs, "apiserver", local_names, -1, 9);
	const struct {
		const struct pair *p;
		const char *part;
	} rows[] = {{&old, "has expired"}, {&young, "not valid yet"}, {&other, "other names"},
		{&foreign, "another CA"}};
	struct setting s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(&s, rows[i].p, NULL);
		assert_answer(&s, http_tls_new(tls_authority_pem(ours), NULL, NULL), ERR_TLS,
			rows[i].part);
		end(&s);
	}
	pair_free(&old);
	pair_free(&young);
	pair_free(&other);
	pair_free(&foreign);
}

static void test_a_plain_server_is_no_tls(void **state)
{
	struct hostile *h = hostile_start(NULL, serve_ok, NULL);
	struct setting s = {.h = h};

	(void)state;
	s.url = str_fmt("https://127.0.0.1:%d/", hostile_port(h));
	s.r = (struct http_request){.url = s.url, .total_ms = 300};
	assert_answer(&s, http_tls_new(tls_authority_pem(ours), NULL, NULL), ERR_TIMEOUT,
		"no TLS handshake");
	end(&s);
}

static struct tls_peer asked;

static int ask(const struct setting *s, const char *name, const char *ca, struct err *e)
{
	const struct tls_question q = {.host = "127.0.0.1",
		.port = hostile_port(s->h),
		.server_name = name,
		.ca_pem = ca,
		.timeout_ms = 5000};

	return tls_ask(&q, -1, &asked, e);
}

static void test_a_server_is_asked_for_its_certificate(void **state)
{
	struct pair good = issue(ours, "apiserver", local_names, -1, 9),
		    old = issue(ours, "etcd", local_names, -9, -1);
	struct setting s;
	struct err e;

	(void)state;
	begin(&s, &good, NULL);
	assert_int_equal(ask(&s, NULL, tls_authority_pem(ours), &e), 0);
	assert_string_equal(asked.cert.subject, "apiserver");
	assert_true(asked.verified);
	assert_true(asked.handshake_us > 0);
	assert_int_equal(ask(&s, NULL, tls_authority_pem(theirs), &e), 0);
	assert_false(asked.verified);
	assert_int_equal(ask(&s, "m1.example", tls_authority_pem(ours), &e), 0);
	assert_false(asked.verified);
	assert_non_null(strstr(asked.why, "mismatch"));
	assert_int_equal(ask(&s, NULL, NULL, &e), 0);
	assert_false(asked.verified);
	end(&s);
	begin(&s, &old, ours); /* wants a client certificate, which it is not shown */
	assert_int_equal(ask(&s, NULL, tls_authority_pem(ours), &e), 0);
	assert_string_equal(asked.cert.subject, "etcd");
	assert_false(asked.verified);
	assert_non_null(strstr(asked.why, "expired"));
	end(&s);
	pair_free(&good);
	pair_free(&old);
}

static void test_the_meter_counts_who_is_asked_for_a_certificate(void **state)
{
	struct pair good = issue(ours, "apiserver", local_names, -1, 9);
	struct meter_reading before, after;
	struct setting s;
	struct err e;

	(void)state;
	begin(&s, &good, NULL);
	before = metered_port(hostile_port(s.h));
	assert_int_equal(ask(&s, NULL, NULL, &e), 0);
	after = metered_port(hostile_port(s.h));
	assert_int_equal(after.n[METER_CONNECTIONS] - before.n[METER_CONNECTIONS], 1);
	assert_int_equal(after.n[METER_REQUESTS], before.n[METER_REQUESTS]);
	end(&s);
	pair_free(&good);
}

static void test_who_cannot_be_asked_is_an_error(void **state)
{
	struct hostile *h = hostile_start(NULL, serve_nothing, NULL);
	struct tls_question q = {
		.host = "127.0.0.1", .port = hostile_closed_port(), .timeout_ms = 5000};
	int ends[2];
	struct err e;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(tls_ask(&q, -1, &asked, &e), -1);
	assert_int_equal(e.code, ERR_REFUSED);
	q.port = hostile_port(h);
	q.timeout_ms = 150;
	assert_int_equal(tls_ask(&q, -1, &asked, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	q.timeout_ms = 5000;
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(tls_ask(&q, ends[0], &asked, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	close(ends[0]);
	close(ends[1]);
	hostile_stop(h);
}

/* Whoever hands over a key unread: neither a crash nor a prompt on the terminal, but a sentence. */
static void test_an_encrypted_key_is_an_error_and_no_prompt(void **state)
{
	static const char *const keys[] = {
		KEYS_KEY_ENCRYPTED, KEYS_KEY_EC_ENCRYPTED, KEYS_RSA_ENCRYPTED, "", "x"};
	struct pair p = issue(ours, "kube-apiserver", local_names, -1, 30);
	struct err e;
	struct tls_server *tls = tls_server_new(p.cert, p.key, NULL, false, &e);
	struct hostile *h = hostile_start(tls, serve_ok, NULL);
	char *url = str_fmt("https://127.0.0.1:%d/", hostile_port(h));

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct http_tls *client = http_tls_new(tls_authority_pem(ours), KEYS_CERT, keys[i]);
		const struct http_request r = {.url = url, .tls = client, .version = HTTP_V1};
		struct http_result result;
		struct buf body;

		buf_init(&body, 100);
		assert_int_equal(http_perform(&r, -1, &body, &result), -1);
		assert_int_equal(result.err.code, ERR_TLS);
		assert_non_null(strstr(result.err.text, "cannot be used"));
		buf_done(&body);
		http_tls_unref(client);
	}
	hostile_stop(h);
	tls_server_free(tls);
	pair_free(&p);
	free(url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_certificate_is_read),
		cmocka_unit_test(test_only_the_right_authority_signed_it),
		cmocka_unit_test(test_the_ca_hash_is_kubeadms),
		cmocka_unit_test(test_credentials_are_used_both_ways),
		cmocka_unit_test(test_a_refused_client_is_an_auth_error),
		cmocka_unit_test(
			test_a_connection_broken_after_its_handshake_is_taken_for_a_refusal),
		cmocka_unit_test(test_a_bad_server_certificate_says_what_is_bad),
		cmocka_unit_test(test_a_plain_server_is_no_tls),
		cmocka_unit_test(test_a_server_is_asked_for_its_certificate),
		cmocka_unit_test(test_the_meter_counts_who_is_asked_for_a_certificate),
		cmocka_unit_test(test_who_cannot_be_asked_is_an_error),
		cmocka_unit_test(test_an_encrypted_key_is_an_error_and_no_prompt),
	};

	return cmocka_run_group_tests(tests, make_authorities, free_authorities);
}
