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
struct exchange;

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

#endif
