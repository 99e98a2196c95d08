/* The messages of a gRPC answer, put together again from bytes that are cut anywhere: five bytes (a
 * flag, the length) and the message. One thread. */
#ifndef IO_GRPC_FRAMES_H
#define IO_GRPC_FRAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct grpc_frames {
	struct buf held; /* the beginning of a frame whose end has not come */
	int (*message)(void *arg, const unsigned char *bytes, size_t n);
	void *arg;
	struct err err; /* why it was stopped */
};

/* message NULL: they are passed over. One that gives no 0 stops it. */
void grpc_frames_init(struct grpc_frames *f,
	int (*message)(void *arg, const unsigned char *bytes, size_t n), void *arg);
void grpc_frames_done(struct grpc_frames *f);
/* -1: stop reading, err says why: ERR_UNSUPPORTED for a compressed message, ERR_LIMIT for one over
 * GRPC_MAX_MESSAGE, ERR_CANCELLED. Holds little more than one message, however much comes. */
int grpc_frames_feed(struct grpc_frames *f, const char *bytes, size_t n);
bool grpc_frames_are_whole(const struct grpc_frames *f); /* nothing is left of a message */

#endif
