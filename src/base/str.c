/* Strings. Copies never leave half a UTF-8 character at their end; numbers are
 * numbers from their first byte to their last; case is folded in ASCII only, so
 * that no locale changes what a Kubernetes name equals. */
#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct rstr {
	atomic_size_t refs;
	char text[];
};

static bool continues(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* Bytes the character that begins with lead wants. */
static size_t wanted(char lead)
{
	unsigned char c = (unsigned char)lead;

	return c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

void str_mend(char *s)
{
	size_t len = strlen(s), at = len;

	while (at > 0 && len - at < 3 && continues(s[at - 1]))
		at--;
	if (at > 0 && wanted(s[at - 1]) > len - at + 1)
		s[at - 1] = '\0';
}

bool str_copy_n(char *dst, size_t size, const char *src, size_t n)
{
	bool whole;

	if (size == 0)
		return false;
	n = src == NULL ? 0 : strnlen(src, n);
	whole = n < size;
	if (!whole)
		n = size - 1;
	if (n > 0)
		memcpy(dst, src, n);
	dst[n] = '\0';
	if (!whole)
		str_mend(dst);
	return whole;
}

bool str_copy(char *dst, size_t size, const char *src)
{
	return str_copy_n(dst, size, src, src == NULL ? 0 : strlen(src));
}

char *str_fmt(const char *fmt, ...)
{
	va_list args;
	char *s;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		return mem_str("");
	s = mem_zero((size_t)n + 1, 1);
	va_start(args, fmt);
	vsnprintf(s, (size_t)n + 1, fmt, args);
	va_end(args);
	return s;
}

bool str_eq(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool str_starts(const char *s, const char *prefix)
{
	return s != NULL && strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
	size_t n = s == NULL ? 0 : strlen(s), m = strlen(suffix);

	return s != NULL && n >= m && memcmp(s + n - m, suffix, m) == 0;
}

static char lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c;
}

static bool starts_case(const char *s, const char *part)
{
	while (*part != '\0' && lower(*s) == lower(*part)) {
		s++;
		part++;
	}
	return *part == '\0';
}

bool str_has_case(const char *s, const char *part)
{
	if (s == NULL)
		return false;
	do {
		if (starts_case(s, part))
			return true;
	} while (*s++ != '\0');
	return false;
}

bool str_any_has_case(const char *const *s, size_t n, const char *part)
{
	for (size_t i = 0; i < n; i++)
		if (str_has_case(s[i], part))
			return true;
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool str_i64(const char *s, int64_t *out)
{
	long long value;
	char *end;

	if (s == NULL || !is_digit(s[*s == '-' ? 1 : 0]))
		return false;
	errno = 0;
	value = strtoll(s, &end, 10);
	if (errno != 0 || *end != '\0')
		return false;
	*out = value;
	return true;
}

bool str_u64(const char *s, uint64_t *out)
{
	unsigned long long value;
	char *end;

	if (s == NULL || !is_digit(*s))
		return false;
	errno = 0;
	value = strtoull(s, &end, 10);
	if (errno != 0 || *end != '\0')
		return false;
	*out = value;
	return true;
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int str_hex_byte(const char *s)
{
	int high = hex_digit(s[0]);
	int low = high < 0 ? -1 : hex_digit(s[1]);

	return low < 0 ? -1 : high * 16 + low;
}

struct rstr *rstr_new(const char *bytes, size_t n)
{
	struct rstr *s = mem_zero(1, sizeof(*s) + n + 1);

	atomic_init(&s->refs, 1);
	if (n > 0)
		memcpy(s->text, bytes, n);
	return s;
}

struct rstr *rstr_ref(struct rstr *s)
{
	if (s != NULL)
		atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
	return s;
}

void rstr_unref(struct rstr *s)
{
	if (s != NULL && atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1)
		free(s);
}

const char *rstr_text(const struct rstr *s)
{
	return s == NULL ? "" : s->text;
}
