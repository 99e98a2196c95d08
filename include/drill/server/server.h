/* The drill's server: one thread, many listeners, HTTP/2 and HTTP/1.1 over TLS or plain, and the
 * faults a real server can have. Unless said otherwise everything here belongs to the server's
 * thread, which server_run enters; before server_start the caller's thread stands in for it. */
#ifndef DRILL_SERVER_SERVER_H
#define DRILL_SERVER_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "io/tls_server.h"

struct server;
struct listener;
struct exchange; /* one request and its answer */

enum fault {
	FAULT_NONE,
	FAULT_REFUSE, /* nothing listens: connection refused; what is open is reset */
	FAULT_HANG,   /* as a stopped process: the kernel accepts, nobody reads or writes */
	FAULT_RESET,  /* every connection is reset at once */
	FAULT_SLOW,   /* each answer begins slow_ms late */
	FAULT_CUT     /* as a machine that is off or cut away: even connecting hangs */
};

struct server *server_new(struct err *e);
int server_start(struct server *s, struct err *e); /* begins the thread */
/* Ends it, closes everything, frees; NULL is fine. Any other thread. */
void server_stop(struct server *s);
/* Any thread: fn has run on the server's thread when this returns. */
void server_run(struct server *s, void (*fn)(void *arg), void *arg);
/* Runs fn once after ms. The id is never 0; server_forget ignores unknown ones. */
uint64_t server_after(struct server *s, int64_t ms, void (*fn)(void *arg), void *arg);
void server_forget(struct server *s, uint64_t timer);

struct listen_request {
	const char *address; /* an IPv4 address; or NULL with unix_path */
	int port;            /* 0: any free one */
	const char *unix_path;
	struct tls_server *tls; /* NULL: plain HTTP/1.1. Borrowed; outlives the server */
	void (*handle)(void *arg, struct exchange *x);
	/* A balancer instead of handle: which listener serves a connection that came in here, or
	 * NULL for none. The connection then shares that listener's faults and its end. */
	struct listener *(*choose)(void *arg);
	void *arg;
};
struct listener *server_listen(struct server *s, const struct listen_request *r, struct err *e);
int listener_port(const struct listener *l);
void listener_set_tls(struct listener *l, struct tls_server *tls); /* for connections from now on */
enum fault listener_fault(const struct listener *l);
/* Takes effect at once, for open connections too; a healed listener goes on with what it had not
 * read. */
void listener_set_fault(struct listener *l, enum fault fault, int64_t slow_ms);
/* The balancers in front of it no longer reach it: what came through them hangs, what came by
 * itself goes on. */
void listener_sever(struct listener *l, bool severed);

/* What was asked of it so far. A connection or request that came through a balancer counts where it
 * is served; one that nobody accepts is not seen. */
struct listener_count {
	uint64_t requests, connections;
};
struct listener_count listener_count(const struct listener *l);

/* The request. Texts live as long as the exchange. */
const char *exchange_method(const struct exchange *x);
const char *exchange_path(const struct exchange *x); /* decoded, without the query */
/* Lower-case name; "" when absent. */
const char *exchange_header(const struct exchange *x, const char *name);
/* Decoded; false when absent. */
bool exchange_query(const struct exchange *x, const char *key, char *dst, size_t size);
bool exchange_query_true(const struct exchange *x, const char *key); /* "1" or "true" */
const char *exchange_body(const struct exchange *x, size_t *n);
const char *exchange_cn(const struct exchange *x); /* the client certificate's, "" without one */
const char *exchange_org(const struct exchange *x);
/* Behind the balancer, if there is one. */
struct listener *exchange_listener(const struct exchange *x);
struct server *exchange_server(const struct exchange *x);

/* The answer: whole by exchange_reply; or head, send..., and one of the ends. It may come long
 * after the handler returned. After reply, end or reset the exchange is no longer the handler's. */
/* Before head or reply. */
void exchange_add_header(struct exchange *x, const char *name, const char *value);
void exchange_reply(struct exchange *x, int status, const char *type, const void *body, size_t n);
void exchange_head(struct exchange *x, int status, const char *type);
/* -1: the peer reads too slowly; reset it */
int exchange_send(struct exchange *x, const void *bytes, size_t n);
void exchange_end(struct exchange *x);
/* With trailers; HTTP/2. */
void exchange_end_grpc(struct exchange *x, int code, const char *message);
void exchange_reset(struct exchange *x); /* HTTP/2 RST_STREAM, or the connection's end */
/* Answers later: fn is called after ms, unless the peer left before. Takes exchange_on_gone. */
void exchange_later(struct exchange *x, int64_t ms, void (*fn)(struct exchange *x));
/* Called when the peer goes away before the answer ended; NULL forgets it. */
void exchange_on_gone(struct exchange *x, void (*gone)(void *arg), void *arg);

#endif
