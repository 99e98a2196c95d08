/* A growing run of bytes. The ceiling is part of its birth, so that no peer can
 * make us hold more than we meant to. The capacity keeps room for a NUL. */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.max = max < SIZE_MAX ? max : SIZE_MAX - 1};
}

void buf_done(struct buf *b)
{
	free(b->at);
	buf_init(b, b->max);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->over = false;
	if (b->at != NULL)
		b->at[0] = '\0';
}

/* Room for n more bytes and a NUL. */
static int buf_room(struct buf *b, size_t n)
{
	size_t need, cap;

	if (n > b->max - b->len) {
		b->over = true;
		return -1;
	}
	need = b->len + n + 1;
	if (need <= b->cap)
		return 0;
	cap = b->cap < 64 ? 64 : b->cap;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	if (cap > b->max + 1)
		cap = b->max + 1;
	b->at = mem_grow(b->at, cap, 1);
	b->cap = cap;
	return 0;
}

int buf_add(struct buf *b, const void *bytes, size_t n)
{
	if (buf_room(b, n) != 0)
		return -1;
	if (n > 0)
		memcpy(b->at + b->len, bytes, n);
	b->len += n;
	b->at[b->len] = '\0';
	return 0;
}

int buf_puts(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int buf_putc(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

int buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0 || buf_room(b, (size_t)n) != 0)
		return -1;
	va_start(args, fmt);
	vsnprintf(b->at + b->len, (size_t)n + 1, fmt, args);
	va_end(args);
	b->len += (size_t)n;
	return 0;
}

void buf_drop(struct buf *b, size_t n)
{
	if (n >= b->len) {
		b->len = 0;
	} else if (n > 0) {
		b->len -= n;
		memmove(b->at, b->at + n, b->len);
	}
	if (b->at != NULL)
		b->at[b->len] = '\0';
}

char *buf_take(struct buf *b)
{
	char *bytes = b->at != NULL ? b->at : mem_dup("", 0);

	b->at = NULL;
	buf_done(b);
	return bytes;
}

const char *buf_text(const struct buf *b)
{
	return b->at != NULL ? b->at : "";
}
