/* What is held never grows past one message, its head and one slice, so that its buffer has room
 * for all that can come, and no answer is lost in silence. */
#include "io/grpc_frames.h"

#include "base/i18n.h"
#include "io/grpc.h"

#define FRAME_HEAD 5
#define SLICE      (64u << 10)

static size_t frame_bytes(const unsigned char *head)
{
	return (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
}

static int check(struct grpc_frames *f, const unsigned char *head)
{
	if (head[0] != 0)
		return err_set(&f->err, ERR_UNSUPPORTED,
			_("the gRPC message is compressed, which was not asked for"));
	if (frame_bytes(head) > GRPC_MAX_MESSAGE)
		return err_set(&f->err, ERR_LIMIT,
			_("a gRPC message of %zu bytes is over the ceiling"), frame_bytes(head));
	return 0;
}

static int give(struct grpc_frames *f, const unsigned char *bytes, size_t n)
{
	if (f->message == NULL || f->message(f->arg, bytes, n) == 0)
		return 0;
	return err_set(&f->err, ERR_CANCELLED, _("stopped"));
}

/* Gives what is whole. */
static int drain(struct grpc_frames *f)
{
	const unsigned char *at = (const unsigned char *)buf_text(&f->held);
	size_t left = f->held.len, whole;

	while (left >= FRAME_HEAD) {
		if (check(f, at) != 0)
			return -1;
		whole = FRAME_HEAD + frame_bytes(at);
		if (left < whole)
			break;
		if (give(f, at + FRAME_HEAD, whole - FRAME_HEAD) != 0)
			return -1;
		at += whole;
		left -= whole;
	}
	buf_drop(&f->held, f->held.len - left);
	return 0;
}

int grpc_frames_feed(struct grpc_frames *f, const char *bytes, size_t n)
{
	while (n > 0) {
		size_t part = n < SLICE ? n : SLICE;

		if (buf_add(&f->held, bytes, part) != 0)
			return err_set(&f->err, ERR_LIMIT,
				_("a gRPC message of %zu bytes is over the ceiling"), f->held.len);
		if (drain(f) != 0)
			return -1;
		bytes += part;
		n -= part;
	}
	return 0;
}

bool grpc_frames_are_whole(const struct grpc_frames *f)
{
	return f->held.len == 0;
}

void grpc_frames_init(struct grpc_frames *f,
	int (*message)(void *arg, const unsigned char *bytes, size_t n), void *arg)
{
	*f = (struct grpc_frames){.message = message, .arg = arg};
	buf_init(&f->held, FRAME_HEAD + GRPC_MAX_MESSAGE + SLICE);
}

void grpc_frames_done(struct grpc_frames *f)
{
	buf_done(&f->held);
}
