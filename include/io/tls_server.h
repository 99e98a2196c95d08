/* The server side of TLS, for the drill and the tests: one non-blocking connection. */
#ifndef IO_TLS_SERVER_H
#define IO_TLS_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

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
