/* Certificates (OpenSSL): reading them, asking a live server for its own. */
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

#endif
