/* Spans stay as they stand in the bytes until somebody wants their text: most are only compared,
 * and few hold an escape. */
#include "io/json_span.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int hex4(const char *at)
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		char c = at[i];

		if (c >= '0' && c <= '9')
			v = v * 16 + (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			v = v * 16 + ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return v;
}

static size_t put_utf8(char *dst, uint32_t c)
{
	if (c < 0x80) {
		dst[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		dst[0] = (char)(0xC0 | (c >> 6));
		dst[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		dst[0] = (char)(0xE0 | (c >> 12));
		dst[1] = (char)(0x80 | ((c >> 6) & 0x3F));
		dst[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	dst[0] = (char)(0xF0 | (c >> 18));
	dst[1] = (char)(0x80 | ((c >> 12) & 0x3F));
	dst[2] = (char)(0x80 | ((c >> 6) & 0x3F));
	dst[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

/* \uXXXX behind the backslash and the u, a surrogate pair as one; NUL and lone halves become
 * U+FFFD, and without four digits the u means itself. */
static size_t unescape_u(const char *at, const char *end, uint32_t *out)
{
	int hi = end - at >= 4 ? hex4(at) : -1, lo = -1;

	*out = hi <= 0 || (hi >= 0xD800 && hi < 0xE000) ? 0xFFFD : (uint32_t)hi;
	if (hi < 0) {
		*out = 'u';
		return 0;
	}
	if (hi < 0xD800 || hi >= 0xDC00)
		return 4;
	if (end - at >= 10 && at[4] == '\\' && at[5] == 'u')
		lo = hex4(at + 6);
	if (lo < 0xDC00 || lo > 0xDFFF)
		return 4;
	*out = 0x10000 + (((uint32_t)hi - 0xD800) << 10) + ((uint32_t)lo - 0xDC00);
	return 10;
}

/* One character of an escaped span into dst (4 bytes); moves *at. */
static size_t unescape(const char **at, const char *end, char *dst)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t"; /* the others mean themselves */
	const char *known;
	uint32_t c;

	dst[0] = *(*at)++;
	if (dst[0] != '\\' || *at == end)
		return 1;
	dst[0] = *(*at)++;
	if (dst[0] == 'u') {
		*at += unescape_u(*at, end, &c);
		return put_utf8(dst, c);
	}
	known = dst[0] != '\0' ? strchr(from, dst[0]) : NULL;
	if (known != NULL)
		dst[0] = to[known - from];
	return 1;
}

bool json_span_is(struct json_span s, const char *text)
{
	char *plain;
	bool same;

	if (s.at == NULL)
		return false;
	if (!s.escaped)
		return s.n == strlen(text) && memcmp(s.at, text, s.n) == 0;
	plain = json_span_new(s, NULL);
	same = strcmp(plain, text) == 0;
	free(plain);
	return same;
}

bool json_span_starts(struct json_span s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.at != NULL && s.n >= n && memcmp(s.at, prefix, n) == 0;
}

size_t json_span_copy(struct json_span s, char *dst, size_t size)
{
	const char *at = s.at, *end = s.at == NULL ? NULL : s.at + s.n;
	size_t len = 0, n;
	char c[4];

	if (!s.escaped) {
		len = s.n < size - 1 ? s.n : size - 1;
		if (len > 0 && s.at != NULL)
			memcpy(dst, s.at, len);
		dst[len] = '\0';
		return len;
	}
	while (at < end) {
		n = unescape(&at, end, c);
		if (len + n > size - 1)
			break;
		memcpy(dst + len, c, n);
		len += n;
	}
	dst[len] = '\0';
	return len;
}

char *json_span_new(struct json_span s, size_t *n)
{
	char *text = mem_zero(s.n + 1, 1); /* no escape is shorter than what it means */
	size_t len = json_span_copy(s, text, s.n + 1);

	if (n != NULL)
		*n = len;
	return text;
}

const char *json_span_intern(struct json_span s, struct intern *pool)
{
	const char *kept;
	char *text;
	size_t n;

	if (s.at == NULL)
		return intern_str(pool, NULL);
	if (!s.escaped)
		return intern_n(pool, s.at, s.n);
	text = json_span_new(s, &n);
	kept = intern_n(pool, text, n);
	free(text);
	return kept;
}
