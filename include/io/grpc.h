/* gRPC over http: five-byte frames, trailers, unary and server streaming.
 * Source: grpc/grpc doc/PROTOCOL-HTTP2.md. Messages are already encoded. */
#ifndef IO_GRPC_H
#define IO_GRPC_H

#include "io/http.h"

#define GRPC_MAX_MESSAGE (16u << 20)

struct grpc_calls {
	/* One whole message; non-zero ends the call. May be NULL. */
	int (*message)(void *arg, const unsigned char *bytes, size_t n);
	/* Exactly once. err is ERR_NONE only when grpc-status was 0; codes are mapped:
	 * 4 TIMEOUT, 5 MISSING, 7 and 16 AUTH, 8 BUSY (also etcd's NOSPACE), 9 CONFLICT, 12
	 * UNSUPPORTED, 14 UNREACHABLE. */
	void (*done)(void *arg, const struct err *err, const struct http_result *result);
};

/* All borrowed for the call. */
struct grpc_request {
	/* Url is https://host:port and no path; method, headers, body, version are set here. */
	const struct http_request *to;
	const char *path; /* "/etcdserverpb.KV/Range" */
	const void *message;
	size_t n;
};

uint64_t grpc_start(
	struct http *h, const struct grpc_request *r, const struct grpc_calls *calls, void *arg);
/* Blocking and unary: the answer message is added to *out. */
int grpc_perform(const struct grpc_request *r, int cancel_fd, struct buf *out,
	struct http_result *result, struct err *e);
/* Blocking, server streaming: each message goes to each on the calling thread, where a disk write
 * is no harm; non-zero ends the call with ERR_CANCELLED. */
int grpc_perform_stream(const struct grpc_request *r, int cancel_fd,
	int (*each)(void *arg, const unsigned char *bytes, size_t n), void *arg,
	struct http_result *result, struct err *e);

#endif
