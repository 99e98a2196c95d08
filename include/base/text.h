/* Strings from the cluster are hostile (CVE-2021-25743): control, bidi, zero-width
 * characters and broken UTF-8 are made visible, never passed on. Widths are in
 * terminal columns (wcwidth; call after setlocale). Any thread. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes one character of s (n bytes, n > 0) into *out; returns the bytes used
 * (>= 1). A broken byte gives U+FFFD and 1. */
size_t text_next(const char *s, size_t n, uint32_t *out);
/* The way back: writes c, no NUL behind it; gives the bytes. */
size_t text_put(char dst[4], uint32_t c);

/* A safe copy: C0 and DEL as ^X (newline and tab as a space), C1 and bidi and
 * zero-width and unassigned as <U+XXXX>, broken bytes as <XX>. Always terminates, cuts
 * at whole characters; returns the bytes written. */
size_t text_safe(char *dst, size_t size, const char *src, size_t n);

/* Whole UTF-8 without control, bidi or invisible characters, in any locale. */
bool text_is_plain(const char *s);

int text_width(const char *s);               /* columns of a safe string */
int text_char_width(uint32_t c);             /* 0, 1 or 2; -1 for what must not be shown */
size_t text_fit(const char *s, int columns); /* bytes of the longest prefix at most so wide */

#endif
