/* No TLS below 1.2 is spoken, whatever the machine allows: here it allows anything, by a
 * configuration of OpenSSL's own that it reads as it starts, so that nothing but k911's minimum
 * stands between the client and the server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/str.h"
#include "io/http.h"
#include "io/tls.h"
#include "io/tls_authority.h"

static const char anything[] =
	"openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nMinProtocol = TLSv1\n"
	"CipherString = DEFAULT@SECLEVEL=0\n";

static struct tls_authority *ca;

/* Speaks one version of TLS, and answers each request well. */
static struct old_server {
	SSL_CTX *ctx;
	int fd, stop[2];
	struct sockaddr_in at;
	pthread_t thread;
	int greeted; /* handshakes that it was content with */
} server;

static void serve(int fd)
{
	static const char fine[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	SSL *ssl = SSL_new(server.ctx);
	char request[4096];

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1) {
		__atomic_fetch_add(&server.greeted, 1, __ATOMIC_SEQ_CST);
		if (SSL_read(ssl, request, sizeof(request)) > 0)
			SSL_write(ssl, fine, sizeof(fine) - 1);
	}
	SSL_free(ssl);
	close(fd);
}

static void *server_main(void *arg)
{
	struct pollfd p[] = {
		{.fd = server.stop[0], .events = POLLIN}, {.fd = server.fd, .events = POLLIN}};

	while (poll(p, 2, -1) > 0 && p[0].revents == 0)
		serve(accept(server.fd, NULL, NULL));
	return arg;
}

static void use_certificate(SSL_CTX *ctx)
{
	static const char *const names[] = {"127.0.0.1", NULL};
	int64_t now = instant_now().wall_ms;
	const struct tls_issue what = {.cn = "server",
		.names = names,
		.not_before_ms = now - 86400000,
		.not_after_ms = now + 86400000};
	char *cert, *key;
	BIO *cert_in, *key_in;
	X509 *x;
	EVP_PKEY *k;

	assert_int_equal(tls_authority_issue(ca, &what, &cert, &key, NULL), 0);
	cert_in = BIO_new_mem_buf(cert, -1);
	key_in = BIO_new_mem_buf(key, -1);
	x = PEM_read_bio_X509(cert_in, NULL, NULL, NULL);
	k = PEM_read_bio_PrivateKey(key_in, NULL, NULL, NULL);
	assert_int_equal(SSL_CTX_use_certificate(ctx, x), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(ctx, k), 1);
	EVP_PKEY_free(k);
	X509_free(x);
	BIO_free(key_in);
	BIO_free(cert_in);
	free(cert);
	free(key);
}

static void begin(int version)
{
	socklen_t size = sizeof(server.at);

	server.greeted = 0;
	server.ctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_security_level(server.ctx, 0);
	assert_int_equal(SSL_CTX_set_min_proto_version(server.ctx, version), 1);
	assert_int_equal(SSL_CTX_set_max_proto_version(server.ctx, version), 1);
	use_certificate(server.ctx);
	server.at = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	server.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server.fd, (struct sockaddr *)&server.at, size), 0);
	assert_int_equal(listen(server.fd, 8), 0);
	assert_int_equal(getsockname(server.fd, (struct sockaddr *)&server.at, &size), 0);
	assert_int_equal(pipe(server.stop), 0);
	assert_int_equal(pthread_create(&server.thread, NULL, server_main, NULL), 0);
}

static void end(void)
{
	assert_int_equal(write(server.stop[1], "", 1), 1);
	pthread_join(server.thread, NULL);
	close(server.stop[0]);
	close(server.stop[1]);
	close(server.fd);
	SSL_CTX_free(server.ctx);
}

/* Any client of this machine may speak to it. */
static bool machine_allows(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	SSL *ssl = SSL_new(ctx);
	bool may;

	assert_int_equal(connect(fd, (struct sockaddr *)&server.at, sizeof(server.at)), 0);
	SSL_set_fd(ssl, fd);
	may = SSL_connect(ssl) == 1;
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	close(fd);
	return may;
}

static int ask(const char *proxy, struct err *e)
{
	char *url = str_fmt("https://127.0.0.1:%d/", ntohs(server.at.sin_port));
	struct http_tls *tls = http_tls_new(tls_authority_pem(ca), NULL, NULL);
	const struct http_request r = {.method = "GET",
		.url = proxy ? "https://127.0.0.1:1/" : url,
		.proxy = proxy ? url : NULL,
		.tls = tls,
		.connect_ms = 20000,
		.total_ms = 20000,
		.fresh = true};
	struct http_result result;
	struct buf body;
	int rc;

	buf_init(&body, 1 << 16);
	rc = http_perform(&r, -1, &body, &result);
	*e = result.err;
	buf_done(&body);
	http_tls_unref(tls);
	free(url);
	return rc;
}

static void test_an_old_server_is_refused_and_why_is_said(void **state)
{
	static const int old[] = {TLS1_VERSION, TLS1_1_VERSION};
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		begin(old[i]);
		assert_true(machine_allows());
		assert_int_equal(ask(NULL, &e), -1);
		assert_int_equal(e.code, ERR_TLS);
		assert_non_null(strstr(e.text, "speaks no TLS that is safe, which begins at 1.2"));
		end();
		assert_int_equal(server.greeted, 1); /* by the machine's own client alone */
	}
}

static void test_an_old_proxy_is_refused(void **state)
{
	struct err e = {0};

	(void)state;
	begin(TLS1_1_VERSION);
	assert_true(machine_allows());
	assert_int_equal(ask("itself", &e), -1);
	assert_non_null(strstr(e.text, "speaks no TLS that is safe")); /* not: is not trusted */
	end();
	assert_int_equal(server.greeted, 1);
}

static void test_an_old_server_shows_no_certificate(void **state)
{
	struct tls_peer peer;
	struct err e = {0};

	(void)state;
	begin(TLS1_1_VERSION);
	assert_true(machine_allows());
	assert_int_equal(tls_ask(&(struct tls_question){.host = "127.0.0.1",
					 .port = ntohs(server.at.sin_port),
					 .timeout_ms = 20000},
				 -1, &peer, &e),
		-1);
	assert_int_equal(e.code, ERR_TLS);
	end();
	assert_int_equal(server.greeted, 1);
}

static void test_a_server_of_today_is_spoken_to(void **state)
{
	static const int today[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(today) / sizeof(today[0]); i++) {
		begin(today[i]);
		if (ask(NULL, &e) != 0)
			fail_msg("%s", e.text);
		end();
	}
}

/* OpenSSL reads its configuration once, as the program starts. */
static int start_again(char **argv)
{
	char path[] = "/tmp/k911-openssl-XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, anything, sizeof(anything) - 1) < 0)
		return 1;
	close(fd);
	setenv("OPENSSL_CONF", path, 1);
	setenv("K911_OPENSSL", path, 1);
	execv(argv[0], argv); /* valgrind has a program of its own in /proc/self/exe */
	return 1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_old_server_is_refused_and_why_is_said),
		cmocka_unit_test(test_an_old_proxy_is_refused),
		cmocka_unit_test(test_an_old_server_shows_no_certificate),
		cmocka_unit_test(test_a_server_of_today_is_spoken_to),
	};
	const char *path = getenv("K911_OPENSSL");
	int rc;

	(void)argc;
	if (!path)
		return start_again(argv);
	OPENSSL_init_ssl(0, NULL);
	unlink(path);
	ca = tls_authority_new("old", NULL);
	rc = ca ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
	tls_authority_free(ca);
	return rc;
}
