/* HTTP over libcurl, with two faces. http_start runs on the net thread's multi:
 * callbacks come on that thread, must not block, and done comes exactly once,
 * also after cancel. http_perform blocks a worker on a connection of its own.
 * HTTP/2 and one connection per endpoint; a User-Agent of our own (the API
 * server pretty-prints for curl's); a stream is never paused; QUICK_EXIT, so a
 * dead resolver blocks nobody. */
#ifndef IO_HTTP_H
#define IO_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct http; /* the net thread and its multi */

/* TLS credentials as PEM blobs, shared and immutable; the key is wiped at the end. */
struct http_tls;
/* Copies; each may be NULL */
struct http_tls *http_tls_new(const char *ca_pem, const char *cert_pem, const char *key_pem);
/* Marks t (just made, unshared) as not verifying; gives t. */
struct http_tls *http_tls_insecure(struct http_tls *t);
struct http_tls *http_tls_ref(struct http_tls *t);
void http_tls_unref(struct http_tls *t);

/* HTTP_V2 falls back to 1.1 where the server wants it; HTTP_V2_CLEAR speaks HTTP/2 at once on
 * http:// (gRPC without TLS). */
enum http_version { HTTP_V2, HTTP_V1, HTTP_V2_CLEAR };

/* All borrowed for the call; copied by http_start. Zero means the default. A credential (bearer,
 * basic, sigv4, a header or a URL that holds one, a proxy's password) for an address without TLS is
 * not sent: the request ends in ERR_TLS. */
struct http_request {
	const char *method; /* NULL: GET */
	const char *url;
	/* "host:port" really connected to, the URL keeping its name; or NULL */
	const char *connect_to;
	/* Http://, https:// or socks5h:// URL, or NULL: none (the environment is not asked). */
	const char *proxy;
	const char *unix_socket; /* path, or NULL */
	const char *bearer;      /* token without "Bearer ", or NULL */
	const char *basic;       /* "user:password", or NULL */
	const char *sigv4;       /* "aws:amz:REGION:s3": sign with basic as key:secret; or NULL */
	const char *const *headers; /* "Name: value", NULL-terminated, or NULL */
	const void *body;
	size_t body_bytes;
	struct http_tls *tls;
	enum http_version version;
	int64_t connect_ms; /* default 5000 */
	int64_t total_ms;   /* 0: no limit (watches, followed logs) */
	size_t max_bytes;   /* answer ceiling after decompression; 0: none */
	bool fresh;         /* a new connection, not kept: liveness probes */
	bool gzip;          /* accept compressed answers */
};

struct http_head {
	long status;
	const char *content_type; /* "" when absent */
};

struct http_result {
	struct err err; /* ERR_NONE when an HTTP answer came to its end, whatever its status */
	long status;    /* 0: no answer */
	int64_t connect_us, tls_us, total_us; /* -1: not reached */
	int64_t date_ms;                      /* the Date header as Unix ms, or INT64_MIN */
	int64_t retry_after_s;                /* -1: not said */
	int grpc_status;                      /* trailer or header; -1: not said */
	char grpc_message[200];
	long http_version; /* 1 or 2 */
};
extern const struct http_result http_unanswered; /* as before any answer */

struct http_calls {
	/* Each may be NULL. Non-zero ends the transfer: done then says ERR_CANCELLED, "stopped". */
	int (*head)(void *arg, const struct http_head *head);
	int (*data)(void *arg, const char *bytes, size_t n);
	void (*done)(void *arg, const struct http_result *result);
};

struct http *http_open(struct err *e); /* starts the net thread */
/* Cancels everything (done comes with ERR_CANCELLED), joins, frees; NULL is fine. */
void http_close(struct http *h);

/* Any thread, callbacks too. The id is never 0. done never comes before http_start has returned to
 * a net-thread caller; to any other it may. A request that cannot be made (a malformed URL) also
 * ends in done. Once http_close has begun, done says ERR_CANCELLED at once: who restarts from done
 * must look at the code. */
uint64_t http_start(
	struct http *h, const struct http_request *r, const struct http_calls *calls, void *arg);
/* Any thread, callbacks too; unknown ids are ignored. done comes later, on the net thread, never
 * inside this call; called on the net thread, no head or data come any more. poison also closes the
 * connection it ran on, which a hung endpoint needs: else the next request reuses the dead one. */
void http_cancel(struct http *h, uint64_t id, bool poison);

/* Runs fn on the net thread, now or after ms. Any thread. http_close runs what
 * still waits with closing = true, so that fn can free its arg. */
void http_call(struct http *h, void (*fn)(void *arg, bool closing), void *arg);
uint64_t http_after(struct http *h, int64_t ms, void (*fn)(void *arg, bool closing), void *arg);
/* Forgets a timer; true when fn will not be called any more (then arg is the caller's again). Any
 * thread; on the net thread false means that it has run. */
bool http_after_cancel(struct http *h, uint64_t id);

/* Blocking, on a worker; cancel_fd readable (or -1) ends it with ERR_CANCELLED.
 * The body is added to *body. 0 when an answer came, whatever its status. */
int http_perform(
	const struct http_request *r, int cancel_fd, struct buf *body, struct http_result *result);

/* The same, the answer going to calls->head and calls->data (and done, where it is given) on the
 * calling thread: snapshots. */
int http_perform_calls(const struct http_request *r, int cancel_fd, const struct http_calls *calls,
	void *arg, struct http_result *result);

/* The seconds that a Retry-After says, as a number or as a date; -1: it says neither. */
int64_t http_retry_after_s(const char *value, int64_t wall_ms);
/* How long the server asked to be left alone (Retry-After beside an error), 0: it did not. No more
 * than a minute, whatever it says: an hour's silence in an outage helps nobody. */
#define HTTP_RETRY_MAX_MS 60000
int64_t http_retry_ms(const struct http_result *result);

/* A sentence for a status that is not a success, from a metav1.Status body where it is one. */
void http_status_err(struct err *e, long status, const char *body, size_t n);
/* "where answered 503: what it said", its text made safe. Always -1. */
int http_refusal(const char *where, long status, const char *said, size_t n, struct err *e);
/* "hooks.slack.com" of a URL: all that may be shown of one that holds a secret. Gives dst. */
char *http_url_host(const char *url, char *dst, size_t size);

#endif
