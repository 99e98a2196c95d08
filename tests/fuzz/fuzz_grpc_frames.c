/* gRPC's frames: the chunks do not matter. One whole feed and many small ones give the same
 * messages and the same verdict, and what is held stays within one message. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "help/chunks.h"
#include "io/grpc.h"
#include "io/grpc_frames.h"

struct seen {
	struct buf out; /* each message's length and bytes */
	size_t stop_at; /* so many messages are taken */
	size_t n;
};

static int on_message(void *arg, const unsigned char *bytes, size_t n)
{
	struct seen *s = arg;

	if (n > GRPC_MAX_MESSAGE)
		abort();
	buf_fmt(&s->out, "%zu:", n);
	buf_add(&s->out, bytes, n);
	return ++s->n < s->stop_at ? 0 : -1;
}

static int on_chunk(void *arg, const char *bytes, size_t n)
{
	return grpc_frames_feed(arg, bytes, n);
}

/* The verdict, as an error code; ERR_INPUT when it ended in the middle. */
static enum err_code cut(const char *bytes, size_t n, unsigned seed, struct seen *s)
{
	struct grpc_frames f;
	enum err_code code = ERR_NONE;

	buf_init(&s->out, 1u << 24);
	grpc_frames_init(&f, on_message, s);
	if (chunks_feed(bytes, n, seed, on_chunk, &f) != 0)
		code = f.err.code;
	else if (!grpc_frames_are_whole(&f))
		code = ERR_INPUT;
	if ((f.err.code == ERR_NONE) != (f.err.text[0] == '\0'))
		abort();
	grpc_frames_done(&f);
	return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct seen whole = {.stop_at = 9}, parts = {.stop_at = 9};
	enum err_code code;

	if (n == 0)
		return 0;
	code = cut((const char *)bytes + 1, n - 1, 0, &whole);
	if (cut((const char *)bytes + 1, n - 1, bytes[0] + 1u, &parts) != code)
		abort();
	if (whole.out.len != parts.out.len ||
		memcmp(buf_text(&whole.out), buf_text(&parts.out), whole.out.len) != 0)
		abort();
	buf_done(&whole.out);
	buf_done(&parts.out);
	return 0;
}
