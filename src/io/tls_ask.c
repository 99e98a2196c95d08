/* Asks a live server for its certificate. Nothing is verified in the handshake, since
 * an expired certificate is exactly what is looked for; the chain is caught while it
 * passes, so that a server which then refuses us for want of a client certificate
 * (etcd under TLS 1.2) has been asked all the same. */
#include "io/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/str.h"
#include "io/lookup.h"
#include "sigpipe.h"
#include "tls_x509.h"
#include "traffic.h"

struct ask {
	const struct tls_question *q;
	int cancel_fd;
	int64_t deadline_ms;
	X509 *leaf;
	STACK_OF(X509) * chain;
};

static int wait_for(const struct ask *a, int fd, short events, struct err *e)
{
	struct pollfd p[2] = {{.fd = fd, .events = events}, {.fd = a->cancel_fd, .events = POLLIN}};
	int64_t left = a->deadline_ms - instant_now().boot_ms;
	int n = left > 0 ? poll(p, 2, (int)left) : 0;

	if (n < 0 && errno != EINTR)
		return err_sys(e, errno, "poll");
	if (n > 0 && p[1].revents != 0)
		return err_set(e, ERR_CANCELLED, _("the request to %s was cancelled"), a->q->host);
	if (n == 0)
		return err_set(e, ERR_TIMEOUT, _("no answer from %s:%d within %g s"), a->q->host,
			a->q->port, (double)a->q->timeout_ms / 1000);
	return 0;
}

static int connect_err(const struct ask *a, int errnum, struct err *e)
{
	if (errnum == ECONNREFUSED)
		return err_set(
			e, ERR_REFUSED, _("connection refused by %s:%d"), a->q->host, a->q->port);
	err_sys(e, errnum, "%s:%d", a->q->host, a->q->port);
	if (e != NULL)
		e->code = errnum == ETIMEDOUT ? ERR_TIMEOUT : ERR_UNREACHABLE;
	return -1;
}

static int connect_to(const struct ask *a, const struct addrinfo *ai, struct err *e)
{
	socklen_t size = sizeof(int);
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int failed = 0;

	if (fd < 0)
		return connect_err(a, errno, e);
	traffic_connects(ai->ai_addr);
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) == 0)
		return fd;
	failed = errno;
	if (failed == EINPROGRESS) {
		if (wait_for(a, fd, POLLOUT, e) != 0) {
			close(fd);
			return -1;
		}
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size);
	}
	if (failed == 0)
		return fd;
	close(fd);
	return connect_err(a, failed, e);
}

static int find_addresses(const struct ask *a, struct addrinfo **list, struct err *e)
{
	struct lookup *l = lookup_start(a->q->host, a->q->port);
	int failed = 0, rc = 0;

	while (rc == 0 && (failed = lookup_take(l, list)) == EAI_INPROGRESS)
		rc = wait_for(a, lookup_fd(l), POLLIN, e);
	lookup_end(l);
	if (rc == 0 && failed != 0)
		rc = err_set(e, ERR_UNREACHABLE, _("no address is known for %s (DNS)"), a->q->host);
	return rc;
}

static int open_socket(const struct ask *a, struct err *e)
{
	struct addrinfo *list, *ai;
	int fd = -1;

	if (find_addresses(a, &list, e) != 0)
		return -1;
	for (ai = list; ai != NULL && fd < 0; ai = ai->ai_next)
		fd = connect_to(a, ai, e);
	freeaddrinfo(list);
	return fd;
}

/* Called once the server's chain is there; says yes to anything. */
static int catch_chain(X509_STORE_CTX *ctx, void *arg)
{
	struct ask *a = arg;
	X509 *leaf = X509_STORE_CTX_get0_cert(ctx);

	if (leaf != NULL && a->leaf == NULL) {
		X509_up_ref(leaf);
		a->leaf = leaf;
		a->chain = X509_chain_up_ref(X509_STORE_CTX_get0_untrusted(ctx));
	}
	return 1;
}

static int handshake(struct ask *a, SSL *ssl, int fd, struct err *e)
{
	int rc, why;

	for (;;) {
		ERR_clear_error();
		rc = SSL_connect(ssl);
		if (rc == 1)
			return 0;
		why = SSL_get_error(ssl, rc);
		if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
			if (wait_for(a, fd, why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, e) == 0)
				continue;
			return -1;
		}
		if (a->leaf != NULL)
			return 0;
		err_set(e, ERR_TLS, _("no TLS with %s:%d"), a->q->host, a->q->port);
		if (ERR_peek_last_error() != 0)
			tls_x509_fail(e, e != NULL ? e->text : "");
		return -1;
	}
}

static void expect_name(X509_VERIFY_PARAM *param, const char *name)
{
	unsigned char address[16];

	if (inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1)
		X509_VERIFY_PARAM_set1_ip_asc(param, name);
	else
		X509_VERIFY_PARAM_set1_host(param, name, 0);
}

/* What a client that trusts ca_pem would have said. */
static void judge(const struct ask *a, const char *name, const char *ca_pem, struct tls_peer *out)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	struct err e;
	X509_STORE *store = ca_pem != NULL ? tls_x509_store(ca_pem, &e) : NULL;

	if (ca_pem == NULL) {
		str_copy(out->why, sizeof(out->why), _("there is no CA to judge it by"));
	} else if (store == NULL) {
		str_copy(out->why, sizeof(out->why), e.text);
	} else if (X509_STORE_CTX_init(ctx, store, a->leaf, a->chain) == 1) {
		X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_SERVER);
		expect_name(X509_STORE_CTX_get0_param(ctx), name);
		out->verified = X509_verify_cert(ctx) == 1;
		if (!out->verified)
			str_copy(out->why, sizeof(out->why),
				X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
	}
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	ERR_clear_error();
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int ask_over(struct ask *a, int fd, const char *name, struct tls_peer *out, struct err *e)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = NULL;
	int64_t began = now_us();
	int rc = -1;

	if (ctx == NULL)
		return tls_x509_fail(e, "TLS");
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_cert_verify_callback(ctx, catch_chain, a);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_security_level(ctx, 0); /* a weak certificate is to be seen, too */
	ssl = SSL_new(ctx);
	if (ssl != NULL && SSL_set_fd(ssl, fd) == 1) {
		SSL_set_tlsext_host_name(ssl, name);
		rc = handshake(a, ssl, fd, e);
		out->handshake_us = now_us() - began;
	}
	if (rc == 0 && a->leaf == NULL)
		rc = err_set(e, ERR_TLS, _("%s:%d showed no certificate"), a->q->host, a->q->port);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	return rc;
}

int tls_ask(const struct tls_question *q, int cancel_fd, struct tls_peer *out, struct err *e)
{
	struct ask a = {.q = q,
		.cancel_fd = cancel_fd,
		.deadline_ms = instant_now().boot_ms + q->timeout_ms};
	const char *name = q->server_name != NULL ? q->server_name : q->host;
	struct sigpipe quiet;
	int fd, rc = -1;

	memset(out, 0, sizeof(*out));
	sigpipe_block(&quiet);
	fd = open_socket(&a, e);
	if (fd >= 0)
		rc = ask_over(&a, fd, name, out, e);
	if (rc == 0) {
		tls_x509_read(a.leaf, &out->cert);
		judge(&a, name, q->ca_pem, out);
	}
	if (fd >= 0)
		close(fd);
	X509_free(a.leaf);
	sk_X509_pop_free(a.chain, X509_free);
	sigpipe_restore(&quiet);
	return rc;
}
