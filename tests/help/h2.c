/* RFC 9113 frames; header blocks as literals without indexing or Huffman (RFC 7541, 6.2.2). */
#include "help/h2.h"

#include <string.h>

enum { DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, PING = 6 };
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4 };

static int frame(struct peer *p, int type, int flags, uint32_t stream, const void *bytes, size_t n)
{
	const unsigned char head[9] = {(unsigned char)(n >> 16), (unsigned char)(n >> 8),
		(unsigned char)n, (unsigned char)type, (unsigned char)flags,
		(unsigned char)(stream >> 24), (unsigned char)(stream >> 16),
		(unsigned char)(stream >> 8), (unsigned char)stream};

	return peer_send(p, head, sizeof(head)) == 0 ? peer_send(p, bytes, n) : -1;
}

int peer_h2_begin(struct peer *p)
{
	char preface[24];

	if (peer_read(p, preface, sizeof(preface)) != 0 ||
		memcmp(preface, "PRI * HTTP/2.0", 14) != 0)
		return -1;
	return frame(p, SETTINGS, 0, 0, "", 0);
}

int peer_h2_request(struct peer *p, uint32_t *stream, struct buf *body)
{
	unsigned char head[9], bytes[1 << 15];
	size_t n;

	buf_clear(body);
	for (;;) {
		if (peer_read(p, head, sizeof(head)) != 0)
			return -1;
		n = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
		if (n > sizeof(bytes) || peer_read(p, bytes, n) != 0)
			return -1;
		if ((head[3] == SETTINGS || head[3] == PING) && !(head[4] & ACK))
			frame(p, head[3], ACK, 0, bytes, head[3] == PING ? n : 0);
		if (head[3] == DATA)
			buf_add(body, bytes, n);
		if (head[3] != DATA && head[3] != HEADERS)
			continue;
		*stream = (uint32_t)(head[5] & 0x7f) << 24 | (uint32_t)head[6] << 16 |
			  (uint32_t)head[7] << 8 | head[8];
		if (head[4] & END_STREAM)
			return 0;
	}
}

int peer_h2_head(struct peer *p, uint32_t stream, const char *const *pairs, bool end)
{
	struct buf block;
	int rc;

	buf_init(&block, 1 << 14);
	for (; pairs[0] != NULL; pairs += 2) {
		buf_putc(&block, 0);
		buf_putc(&block, (char)strlen(pairs[0]));
		buf_puts(&block, pairs[0]);
		buf_putc(&block, (char)strlen(pairs[1]));
		buf_puts(&block, pairs[1]);
	}
	rc = frame(p, HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream, buf_text(&block),
		block.len);
	buf_done(&block);
	return rc;
}

int peer_h2_data(struct peer *p, uint32_t stream, const void *bytes, size_t n, bool end)
{
	return frame(p, DATA, end ? END_STREAM : 0, stream, bytes, n);
}

int peer_h2_reset(struct peer *p, uint32_t stream, uint32_t code)
{
	const unsigned char bytes[4] = {(unsigned char)(code >> 24), (unsigned char)(code >> 16),
		(unsigned char)(code >> 8), (unsigned char)code};

	return frame(p, RST_STREAM, 0, stream, bytes, sizeof(bytes));
}
