/* The inside of the drill's server: what server.c, conn.c and the two protocols share. Server's
 * thread. */
#ifndef DRILL_SERVER_CONN_H
#define DRILL_SERVER_CONN_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/vec.h"
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
	int grpc_code;
	char *grpc_message;
	uint64_t slow_timer;
	void (*gone)(void *arg);
	void *gone_arg;
	struct exchange *next;
};

struct nghttp2_session;

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
	struct nghttp2_session *h2; /* NULL: HTTP/1.1 */
	struct buf in;              /* HTTP/1.1: not yet parsed */
	struct buf out;             /* to the peer */
	struct exchange *first;
	struct conn *next, *next_dirty;
};

/* server.c */
void server_arm(struct conn *c, uint32_t events);
void server_dirty(struct conn *c); /* flush it at the end of this turn */
void server_adopt(struct server *s, struct conn *c);
void server_disown(struct conn *c); /* no more events; its descriptor is about to be closed */

/* conn.c */
void conn_accept(struct listener *front, int fd);
void conn_event(struct conn *c, uint32_t events);
void conn_flush(struct conn *c);
void conn_kill(struct conn *c, bool reset); /* closes now, frees at the end of the turn */
void conn_free(struct conn *c);
void conn_refault(struct conn *c); /* its listener's fault changed */
struct exchange *exchange_new(struct conn *c, int32_t stream);
void exchange_free(struct exchange *x); /* unlinks; tells who waits */
int exchange_target(struct exchange *x, const char *target, size_t n); /* -1: not one */
void exchange_add_request_header(
	struct exchange *x, const char *name, size_t n, const char *value, size_t m);
void exchange_ask(struct exchange *x); /* the request is whole */

/* conn_h2.c */
int h2_open(struct conn *c);
int h2_read(struct conn *c, const void *bytes, size_t n);
int h2_fill(struct conn *c); /* frames into c->out */
void h2_head(struct exchange *x);
void h2_more(struct exchange *x);
void h2_reset(struct exchange *x);
void h2_close(struct conn *c);

/* conn_h1.c */
int h1_read(struct conn *c); /* parses c->in */
void h1_head(struct exchange *x);
void h1_more(struct exchange *x);
const char *http_reason(int status);

#endif
