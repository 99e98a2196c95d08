/* A server on 127.0.0.1 that behaves as the test says: one thread per connection runs
 * the test's function, with TLS or without. Stopping it wakes and ends them all. */
#ifndef HELP_HOSTILE_H
#define HELP_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "io/tls_server.h"

struct hostile;
struct peer; /* one connection */

/* tls is borrowed; NULL: none. A failed start ends the test program. */
struct hostile *hostile_start(
	struct tls_server *tls, void (*serve)(struct peer *p, void *arg), void *arg);
/* At a port that is known beforehand; 0: any. */
struct hostile *hostile_start_at(
	int port, struct tls_server *tls, void (*serve)(struct peer *p, void *arg), void *arg);
void hostile_stop(struct hostile *h);
int hostile_port(const struct hostile *h);
int hostile_connections(struct hostile *h);
void hostile_release(struct hostile *h); /* ends every peer_hold, for good */

int peer_number(const struct peer *p);                      /* from 1 */
int peer_read(struct peer *p, void *dst, size_t n);         /* exactly n bytes; -1: closed */
int peer_request(struct peer *p, struct buf *head);         /* up to the empty line; -1: closed */
int peer_send(struct peer *p, const void *bytes, size_t n); /* -1: closed */
int peer_say(struct peer *p, const char *text);
void peer_hold(struct peer *p);           /* until released, or the server stops */
void peer_reset_on_close(struct peer *p); /* a RST instead of a FIN */

/* A port of 127.0.0.1 where nobody listens. */
int hostile_closed_port(void);

#endif
