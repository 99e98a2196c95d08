/* The inside of the drill's server. Server's thread. */
#ifndef DRILL_SERVER_SERVER_PARTS_H
#define DRILL_SERVER_SERVER_PARTS_H

#include <pthread.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/vec.h"
#include "drill/server/exchange.h"
#include "drill/server/server.h"
#include "io/tls_server.h"

enum {
	CONN_MAX_HEAD = 64 << 10,
	CONN_MAX_BODY = 4 << 20,
	CONN_MAX_UNSENT = 64 << 20,
	CONN_OUT_CHUNK = 128 << 10 /* encrypted no further ahead than this */
};

/* What an epoll event points to. */
enum handle_kind { HANDLE_CALLS, HANDLE_LISTENER, HANDLE_CONN };
struct handle {
	enum handle_kind kind;
};

struct listener {
	struct handle handle;
	struct server *s;
	struct listen_request as; /* address and path are copies */
	int port;
	int fd, filler; /* -1; the filler keeps a cut listener's queue full */
	enum fault fault;
	int64_t slow_ms;
	bool severed; /* from the balancers in front */
	struct listener_count count;
	struct listener *next;
};

struct header {
	char *name, *value;
};

struct exchange {
	struct conn *c;
	int32_t stream;              /* HTTP/2's; 0 for HTTP/1.1 */
	char *method, *path, *query; /* path decoded, query not */
	VEC(struct header) headers, answer;
	struct buf body; /* the request's */
	struct buf out;  /* of the answer, not yet framed */
	int status;      /* 0: not answered yet */
	bool asked;      /* the request is complete and was handed on */
	bool ended, grpc, chunked;
	bool lost; /* its answer is a reset, whatever it would be */
	int grpc_code;
	char *grpc_message;
	uint64_t slow_timer;
	void (*gone)(void *arg);
	void *gone_arg;
	struct exchange *next;
};

struct nghttp2_session;

/* A protocol: how bytes become exchanges and their answers become bytes. -1: the connection ends. */
struct wire {
	int (*read)(struct conn *c, const void *bytes, size_t n);
	int (*fill)(struct conn *c); /* what is ready to be said into c->out */
	void (*head)(struct exchange *x);
	void (*more)(struct exchange *x);
	void (*reset)(struct exchange *x);
	void (*close)(struct conn *c); /* or NULL */
};

struct conn {
	struct handle handle;
	struct server *s;
	struct listener *front, *l; /* came in by; is served by */
	int fd;
	uint32_t armed;            /* epoll events */
	struct tls_conn *tls;      /* NULL: plain */
	bool up;                   /* the handshake is done */
	bool dirty, dead, closing; /* closing: when out is empty */
	bool want_write;
	const struct wire *wire;
	struct nghttp2_session *h2;
	struct buf in;  /* HTTP/1.1: not yet parsed */
	struct buf out; /* to the peer */
	struct exchange *first;
	struct conn *next, *next_dirty;
};

struct timer {
	uint64_t id;
	int64_t due_ms;
	void (*fn)(void *arg);
	void *arg;
};

struct server {
	struct handle calls_handle;
	int epoll;
	struct mailbox *calls;
	pthread_t thread;
	bool started, stop;
	struct listener *listeners;
	struct conn *conns, *dirty;
	VEC(struct timer) timers;
	uint64_t last_timer;
};

/* server_loop.c */
void server_arm(struct conn *c, uint32_t events);
void server_dirty(struct conn *c); /* flush it at the end of this turn */
void server_adopt(struct server *s, struct conn *c);
void server_disown(struct conn *c); /* no more events; its descriptor is about to be closed */
void server_forget_fd(struct server *s, int fd);
void server_run_timers(struct server *s);
int server_wait_ms(const struct server *s); /* to the first timer; -1: there is none */

/* conn.c */
void conn_accept(struct listener *front, int fd);
void conn_event(struct conn *c, uint32_t events);
void conn_flush(struct conn *c);
void conn_kill(struct conn *c, bool reset); /* closes now, frees at the end of the turn */
void conn_free(struct conn *c);
void conn_refault(struct conn *c); /* its listener's fault changed */

/* exchange.c */
struct exchange *exchange_new(struct conn *c, int32_t stream);
void exchange_free(struct exchange *x); /* unlinks; tells who waits */
int exchange_target(struct exchange *x, const char *target, size_t n); /* -1: not one */
void exchange_add_request_header(
	struct exchange *x, const char *name, size_t n, const char *value, size_t m);
void exchange_ask(struct exchange *x); /* the request is whole */

extern const struct wire h1_wire;
int h2_open(struct conn *c); /* from here on it speaks HTTP/2 */

#endif
