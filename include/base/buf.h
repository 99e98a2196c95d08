/* A growing run of bytes with a ceiling given at birth. Not thread-safe. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *at; /* always NUL-terminated once anything was added; NULL before */
	size_t len;
	size_t cap;
	size_t max; /* bytes it may hold; an add past it fails and sets over */
	bool over;
};

void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b); /* frees; b can be used again */
void buf_clear(struct buf *b);
int buf_add(struct buf *b, const void *bytes, size_t n); /* -1: ceiling reached, nothing added */
int buf_puts(struct buf *b, const char *s);
int buf_putc(struct buf *b, char c);
int buf_fmt(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_drop(struct buf *b, size_t n);    /* forget the first n bytes */
char *buf_take(struct buf *b);             /* gives the bytes (never NULL), empties b */
const char *buf_text(const struct buf *b); /* "" when empty */

#endif
