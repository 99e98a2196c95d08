/* Certificates (OpenSSL): reading them, asking a live server for its own, and the
 * throwaway authority and server side that the drill and the tests use. */
#ifndef IO_TLS_H
#define IO_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct tls_cert {
	char subject[200]; /* CN, or the whole subject without one */
	char issuer[200];
	char names[400]; /* DNS and IP alternative names, space-separated, cut at the end */
	int64_t not_before_ms, not_after_ms; /* Unix ms */
	bool is_ca;
	unsigned char sha256[32]; /* of the DER */
};

/* Reads up to max certificates of a PEM text; returns how many, or -1. */
int tls_read_pem(const char *pem, size_t n, struct tls_cert *out, int max, struct err *e);
/* Is the certificate signed by one of ca_pem's, at this time? 1, 0, or -1. */
int tls_signed_by(const char *cert_pem, const char *ca_pem, struct err *e);
/* Can a client use this certificate with this key? -1 says what is wrong with which, and what to
 * do: an encrypted key, no PEM, a key of another certificate. Never asks for a pass phrase. */
int tls_check_pair(const char *cert_pem, const char *key_pem, struct err *e);
/* hex sha256 of a CA's public key, as kubeadm's --discovery-token-ca-cert-hash. */
int tls_ca_hash(const char *ca_pem, char hex[65], struct err *e);

/* Asks a server for its certificate in a handshake of its own that verifies nothing and sends no
 * credentials. verified says whether ca_pem would have accepted it, and why not. Blocks up to
 * timeout_ms, and for a host that is a name as long as the system takes to resolve it; for workers.
 */
struct tls_question {
	const char *host;
	int port;
	const char *server_name; /* NULL: host */
	const char *ca_pem;      /* NULL: nothing is verified */
	int64_t timeout_ms;
};
struct tls_peer {
	struct tls_cert cert;
	bool verified;
	char why[160];
	int64_t handshake_us;
};
int tls_ask(const struct tls_question *q, int cancel_fd, struct tls_peer *out, struct err *e);

/* A throwaway authority; pems are new strings. */
struct tls_authority;
struct tls_authority *tls_authority_new(const char *name, struct err *e);
void tls_authority_free(struct tls_authority *ca);
const char *tls_authority_pem(const struct tls_authority *ca);
struct tls_issue {
	const char *cn, *org;     /* org may be NULL */
	const char *const *names; /* DNS names or IPs, NULL-terminated; NULL: a client only */
	int64_t not_before_ms, not_after_ms;
};
int tls_authority_issue(struct tls_authority *ca, const struct tls_issue *what, char **cert_pem,
	char **key_pem, struct err *e);

/* The server side of one non-blocking connection, for the drill. */
struct tls_server; /* a context: certificate, key, accepted client CA, ALPN h2 and http/1.1 */
struct tls_conn;
struct tls_server *tls_server_new(const char *cert_pem, const char *key_pem,
	const char *client_ca_pem, bool client_required, struct err *e);
void tls_server_free(struct tls_server *s);
struct tls_conn *tls_conn_new(struct tls_server *s, int fd); /* fd stays the caller's */
void tls_conn_free(struct tls_conn *c);
enum tls_io { TLS_IO_OK, TLS_IO_WANT_READ, TLS_IO_WANT_WRITE, TLS_IO_CLOSED, TLS_IO_ERROR };
enum tls_io tls_conn_handshake(struct tls_conn *c);
enum tls_io tls_conn_read(struct tls_conn *c, void *dst, size_t n, size_t *got);
enum tls_io tls_conn_write(struct tls_conn *c, const void *src, size_t n, size_t *put);
bool tls_conn_h2(const struct tls_conn *c);             /* ALPN chose h2 */
const char *tls_conn_peer_cn(const struct tls_conn *c); /* "" without a client certificate */
const char *tls_conn_peer_org(const struct tls_conn *c);

#endif
