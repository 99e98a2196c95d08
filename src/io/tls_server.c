/* The server side of TLS, one non-blocking connection at a time, for the practice
 * cluster: certificates from its own authority, client certificates as in production,
 * and h2 where the client offers it. */
#include "io/tls_server.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sigpipe.h"
#include "tls_x509.h"

struct tls_server {
	SSL_CTX *ctx;
};

struct tls_conn {
	SSL *ssl;
	char cn[200], org[200];
};

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_n,
	const unsigned char *in, unsigned in_n, void *arg)
{
	static const unsigned char ours[] = "\x02h2\x08http/1.1";
	unsigned char *chosen;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&chosen, out_n, ours, sizeof(ours) - 1, in, in_n) !=
		OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* The first certificate is the server's, the others lead to its authority. */
static int use_chain(SSL_CTX *ctx, const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	int ok = x != NULL && SSL_CTX_use_certificate(ctx, x) == 1;

	X509_free(x);
	while (ok && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		ok = SSL_CTX_add1_chain_cert(ctx, x) == 1;
		X509_free(x);
	}
	BIO_free(bio);
	return ok;
}

static int use_key(SSL_CTX *ctx, const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	int ok = key != NULL && SSL_CTX_use_PrivateKey(ctx, key) == 1;

	EVP_PKEY_free(key);
	BIO_free(bio);
	return ok;
}

static int accept_clients(SSL_CTX *ctx, const char *ca_pem, bool required, struct err *e)
{
	X509_STORE *store;
	X509 *first;

	if (ca_pem == NULL)
		return 0;
	store = tls_x509_store(ca_pem, e);
	if (store == NULL)
		return -1;
	SSL_CTX_set_cert_store(ctx, store); /* takes it */
	first = tls_x509_first(ca_pem, e);
	SSL_CTX_add_client_CA(ctx, first);
	X509_free(first);
	SSL_CTX_set_verify(
		ctx, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), NULL);
	return 0;
}

struct tls_server *tls_server_new(const char *cert_pem, const char *key_pem,
	const char *client_ca_pem, bool client_required, struct err *e)
{
	struct tls_server *s = mem_new(struct tls_server);

	ERR_clear_error();
	s->ctx = SSL_CTX_new(TLS_server_method());
	if (s->ctx == NULL || SSL_CTX_set_min_proto_version(s->ctx, TLS1_2_VERSION) != 1 ||
		!use_chain(s->ctx, cert_pem) || !use_key(s->ctx, key_pem)) {
		tls_x509_fail(e, "TLS");
		tls_server_free(s);
		return NULL;
	}
	if (accept_clients(s->ctx, client_ca_pem, client_required, e) != 0) {
		tls_server_free(s);
		return NULL;
	}
	SSL_CTX_set_session_id_context(s->ctx, (const unsigned char *)"k911", 4);
	SSL_CTX_set_mode(
		s->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_alpn_select_cb(s->ctx, choose_protocol, NULL);
	ERR_clear_error();
	return s;
}

void tls_server_free(struct tls_server *s)
{
	if (s == NULL)
		return;
	SSL_CTX_free(s->ctx);
	free(s);
}

struct tls_conn *tls_conn_new(struct tls_server *s, int fd)
{
	struct tls_conn *c = mem_new(struct tls_conn);

	c->ssl = SSL_new(s->ctx);
	if (c->ssl != NULL && SSL_set_fd(c->ssl, fd) == 1) {
		SSL_set_accept_state(c->ssl);
		return c;
	}
	tls_conn_free(c);
	return NULL;
}

void tls_conn_free(struct tls_conn *c)
{
	struct sigpipe quiet;

	if (c == NULL)
		return;
	if (c->ssl != NULL && SSL_is_init_finished(c->ssl)) {
		sigpipe_block(&quiet);
		SSL_shutdown(c->ssl);
		sigpipe_restore(&quiet);
	}
	SSL_free(c->ssl);
	ERR_clear_error();
	free(c);
}

static enum tls_io io_of(const struct tls_conn *c, int rc)
{
	switch (SSL_get_error(c->ssl, rc)) {
	case SSL_ERROR_NONE:
		return TLS_IO_OK;
	case SSL_ERROR_WANT_READ:
		return TLS_IO_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_IO_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_IO_CLOSED;
	default:
		return TLS_IO_ERROR;
	}
}

static void read_peer(struct tls_conn *c)
{
	X509 *peer = SSL_get0_peer_certificate(c->ssl);

	if (peer == NULL)
		return;
	tls_x509_name_part(X509_get_subject_name(peer), NID_commonName, c->cn, sizeof(c->cn));
	tls_x509_name_part(
		X509_get_subject_name(peer), NID_organizationName, c->org, sizeof(c->org));
}

enum tls_io tls_conn_handshake(struct tls_conn *c)
{
	struct sigpipe quiet;
	enum tls_io how;

	ERR_clear_error();
	sigpipe_block(&quiet);
	how = io_of(c, SSL_do_handshake(c->ssl));
	sigpipe_restore(&quiet);
	if (how == TLS_IO_OK)
		read_peer(c);
	return how;
}

enum tls_io tls_conn_read(struct tls_conn *c, void *dst, size_t n, size_t *got)
{
	struct sigpipe quiet;
	enum tls_io how;

	*got = 0;
	ERR_clear_error();
	sigpipe_block(&quiet);
	how = io_of(c, SSL_read_ex(c->ssl, dst, n, got));
	sigpipe_restore(&quiet);
	return how;
}

enum tls_io tls_conn_write(struct tls_conn *c, const void *src, size_t n, size_t *put)
{
	struct sigpipe quiet;
	enum tls_io how;

	*put = 0;
	ERR_clear_error();
	sigpipe_block(&quiet);
	how = io_of(c, SSL_write_ex(c->ssl, src, n, put));
	sigpipe_restore(&quiet);
	return how;
}

bool tls_conn_h2(const struct tls_conn *c)
{
	const unsigned char *name = NULL;
	unsigned n = 0;

	SSL_get0_alpn_selected(c->ssl, &name, &n);
	return n == 2 && memcmp(name, "h2", 2) == 0;
}

const char *tls_conn_peer_cn(const struct tls_conn *c)
{
	return c->cn;
}

const char *tls_conn_peer_org(const struct tls_conn *c)
{
	return c->org;
}
