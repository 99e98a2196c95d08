/* Hostile strings made visible. A character reaches the terminal only if it is
 * printable in the running locale and not on the list of those that move, join
 * or hide their neighbours; everything else is spelled out in ASCII. */
#include "base/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

/* Printable for the C library, but invisible or able to reorder a line. */
static const struct span {
	uint32_t first, last;
} hidden[] = {
	{0x00AD, 0x00AD},   /* soft hyphen */
	{0x034F, 0x034F},   /* combining grapheme joiner */
	{0x061C, 0x061C},   /* Arabic letter mark */
	{0x115F, 0x1160},   /* Hangul fillers */
	{0x17B4, 0x17B5},   /* Khmer inherent vowels */
	{0x180B, 0x180F},   /* Mongolian selectors and separator */
	{0x200B, 0x200F},   /* zero-width space, joiners, directional marks */
	{0x2028, 0x202E},   /* line and paragraph separators, bidi embeddings */
	{0x2060, 0x206F},   /* word joiner, invisible operators, bidi isolates */
	{0x3164, 0x3164},   /* Hangul filler */
	{0xFE00, 0xFE0F},   /* variation selectors */
	{0xFEFF, 0xFEFF},   /* byte order mark */
	{0xFFA0, 0xFFA0},   /* halfwidth Hangul filler */
	{0xFFF9, 0xFFFB},   /* interlinear annotation */
	{0xE0000, 0xE0FFF}, /* tags, more variation selectors */
};

static bool is_hidden(uint32_t c)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return false;
}

/* What a lead byte says: how many bytes follow, and the least value they may
 * make (a smaller one is an overlong form). */
static int lead(unsigned char b, uint32_t *bits, uint32_t *least)
{
	if (b >= 0xC2 && b <= 0xDF) {
		*bits = b & 0x1FU;
		*least = 0x80;
		return 1;
	}
	if (b >= 0xE0 && b <= 0xEF) {
		*bits = b & 0x0FU;
		*least = 0x800;
		return 2;
	}
	if (b >= 0xF0 && b <= 0xF4) {
		*bits = b & 0x07U;
		*least = 0x10000;
		return 3;
	}
	return 0;
}

/* As text_next, but 0 for a broken byte. */
static size_t decode(const char *s, size_t n, uint32_t *out)
{
	unsigned char first = (unsigned char)s[0];
	uint32_t c = 0, least = 0;
	int more;

	if (first < 0x80) {
		*out = first;
		return 1;
	}
	more = lead(first, &c, &least);
	if (more == 0 || n <= (size_t)more)
		return 0;
	for (int i = 1; i <= more; i++) {
		unsigned char b = (unsigned char)s[i];

		if ((b & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (b & 0x3FU);
	}
	if (c < least || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	*out = c;
	return (size_t)more + 1;
}

size_t text_next(const char *s, size_t n, uint32_t *out)
{
	size_t used = decode(s, n, out);

	if (used > 0)
		return used;
	*out = 0xFFFD;
	return 1;
}

size_t text_put(char dst[4], uint32_t c)
{
	size_t n = 0;

	if (c < 0x80) {
		dst[n++] = (char)c;
		return n;
	}
	if (c < 0x800) {
		dst[n++] = (char)(0xC0 | c >> 6);
	} else if (c < 0x10000) {
		dst[n++] = (char)(0xE0 | c >> 12);
		dst[n++] = (char)(0x80 | (c >> 6 & 0x3F));
	} else {
		dst[n++] = (char)(0xF0 | (c >> 18 & 0x07));
		dst[n++] = (char)(0x80 | (c >> 12 & 0x3F));
		dst[n++] = (char)(0x80 | (c >> 6 & 0x3F));
	}
	dst[n++] = (char)(0x80 | (c & 0x3F));
	return n;
}

int text_char_width(uint32_t c)
{
	if (c >= 0x20 && c < 0x7F)
		return 1;
	if (c < 0xA0 || is_hidden(c))
		return -1;
	return wcwidth((wchar_t)c);
}

bool text_is_plain(const char *s)
{
	uint32_t c = 0;

	for (size_t n = strlen(s), used; n > 0; s += used, n -= used) {
		used = decode(s, n, &c);
		if (used == 0 || c < 0x20 || (c >= 0x7F && c < 0xA0) || is_hidden(c))
			return false;
	}
	return true;
}

/* One character (bytes s[0..used), broken when used is 0) as it may be shown;
 * word has room for the longest, "<U+10FFFF>". Gives what to write and its size. */
static const char *spell(const char *s, size_t used, uint32_t c, char word[16], size_t *n)
{
	int len;

	if (used > 0 && text_char_width(c) >= 0) {
		*n = used;
		return s;
	}
	if (used == 0)
		len = snprintf(word, 16, "<%02X>", (unsigned int)(unsigned char)s[0]);
	else if (c == '\n' || c == '\t')
		len = snprintf(word, 16, " ");
	else if (c < 0x20 || c == 0x7F)
		len = snprintf(word, 16, "^%c", (int)(c ^ 0x40U));
	else
		len = snprintf(word, 16, "<U+%04X>", (unsigned int)c);
	*n = (size_t)len;
	return word;
}

size_t text_safe(char *dst, size_t size, const char *src, size_t n)
{
	size_t written = 0;

	if (size == 0)
		return 0;
	for (size_t i = 0; i < n;) {
		uint32_t c = 0;
		char room[16];
		size_t used = decode(src + i, n - i, &c), wide;
		const char *word = spell(src + i, used, c, room, &wide);

		if (wide >= size - written)
			break;
		memcpy(dst + written, word, wide);
		written += wide;
		i += used > 0 ? used : 1;
	}
	dst[written] = '\0';
	return written;
}

int text_width(const char *s)
{
	size_t n = strlen(s);
	int columns = 0;

	for (size_t i = 0; i < n;) {
		uint32_t c;
		int w;

		i += text_next(s + i, n - i, &c);
		w = text_char_width(c);
		columns += w < 0 ? 1 : w;
	}
	return columns;
}

size_t text_fit(const char *s, int columns)
{
	size_t n = strlen(s), i = 0;

	while (i < n) {
		uint32_t c;
		size_t used = text_next(s + i, n - i, &c);
		int w = text_char_width(c);

		columns -= w < 0 ? 1 : w;
		if (columns < 0)
			break;
		i += used;
	}
	return i;
}
