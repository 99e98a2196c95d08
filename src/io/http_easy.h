/* One transfer: the easy handle, everything it points to, and what came of it. Private to
 * src/io/http*.c, the only files that see curl. A transfer belongs to one thread at a time. */
#ifndef SRC_IO_HTTP_EASY_H
#define SRC_IO_HTTP_EASY_H

#include <curl/curl.h>

#include "io/http.h"

struct transfer {
	struct http_calls calls;
	void *arg;
	uint64_t id;
	CURL *easy; /* NULL when the request could not be made: result.err says why */
	CURLM *in;  /* the multi it was added to, or NULL */
	struct transfer *prev, *next;
	struct http_result result;
	int64_t connect_by_ms; /* boot_ms: when the connection must be there */
	int64_t deadline_ms;   /* boot_ms, INT64_MAX: none */
	bool connected;
	int fd; /* its newest socket; only while the transfer runs, -1: an old connection */
	int64_t connect_ms, total_ms;
	char where[160]; /* who is spoken to, for sentences */
	size_t max_bytes, got, head_bytes;
	char content_type[128];
	bool head_given, cancelled, stopped, over;
	/* What the easy handle borrows. */
	struct curl_slist *headers, *connect_to;
	struct http_tls *tls;
	void *body;
	char errbuf[CURL_ERROR_SIZE];
};

struct transfer *transfer_new(
	const struct http_request *r, const struct http_calls *calls, void *arg);
/* Fills result.err (unless it is set already) and the times, calls done, and frees; t must be out
 * of its multi. */
void transfer_end(struct transfer *t, CURLcode code);
/* The connection it ran on is not used again once its last transfer has left. */
void transfer_poison(struct transfer *t);
/* When it is late, as boot_ms: for its connection while that is not there, then for the whole. */
int64_t transfer_wants_by(struct transfer *t);
/* result.err, saying how far it came. Before the handle leaves its multi. */
void transfer_set_timeout(struct transfer *t);

/* The sentence for a curl code. */
void http_curl_err(struct transfer *t, CURLcode code);
int http_setup(struct err *e); /* curl's global state, once */

/* http_tls.c */
void http_tls_apply(const struct http_tls *tls, CURL *easy);

#endif
