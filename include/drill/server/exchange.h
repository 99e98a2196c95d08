/* One request to the drill's server, and its answer. Server's thread. */
#ifndef DRILL_SERVER_EXCHANGE_H
#define DRILL_SERVER_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exchange;
struct server;

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
/* Before head or reply: what it will be answered is not sent, and ends in a reset. */
void exchange_lose(struct exchange *x);
/* Answers later: fn is called after ms, unless the peer left before. Takes exchange_on_gone. */
void exchange_later(struct exchange *x, int64_t ms, void (*fn)(struct exchange *x));
/* Called when the peer goes away before the answer ended; NULL forgets it. */
void exchange_on_gone(struct exchange *x, void (*gone)(void *arg), void *arg);

#endif
