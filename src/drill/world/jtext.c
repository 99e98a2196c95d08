/* JSON as text. The drill's objects are kept as the bytes that go over the wire;
 * a change is a merge patch (RFC 7396) applied to those bytes. */
#include "drill/world/jtext.h"

#include <string.h>

#include "base/str.h"

static size_t blanks(const char *s, size_t n, size_t at)
{
	while (at < n && (s[at] == ' ' || s[at] == '\t' || s[at] == '\n' || s[at] == '\r'))
		at++;
	return at;
}

static size_t string_end(const char *s, size_t n, size_t at)
{
	for (at++; at < n && s[at] != '"'; at++)
		if (s[at] == '\\')
			at++;
	return at < n ? at + 1 : n;
}

static size_t value_end(const char *s, size_t n, size_t at)
{
	int depth = 0;

	if (at >= n)
		return n;
	if (s[at] == '"')
		return string_end(s, n, at);
	if (s[at] != '{' && s[at] != '[') {
		while (at < n && strchr(",]} \t\r\n", s[at]) == NULL)
			at++;
		return at;
	}
	do {
		if (s[at] == '"') {
			at = string_end(s, n, at);
			continue;
		}
		depth += s[at] == '{' || s[at] == '[';
		depth -= s[at] == '}' || s[at] == ']';
		at++;
	} while (at < n && depth > 0);
	return at;
}

struct jspan jt_of(const char *text)
{
	size_t n = text != NULL ? strlen(text) : 0, at = text != NULL ? blanks(text, n, 0) : 0;
	struct jspan v = {text != NULL ? text + at : NULL, 0};

	if (text != NULL)
		v.n = value_end(text, n, at) - at;
	return v;
}

bool jt_each(struct jspan v, size_t *pos, struct jspan *key, struct jspan *value)
{
	bool object = v.n > 0 && v.at[0] == '{';
	size_t at, end;

	*key = (struct jspan){0};
	if (!object && (v.n == 0 || v.at[0] != '['))
		return false;
	at = blanks(v.at, v.n, *pos == 0 ? 1 : *pos);
	if (at < v.n && v.at[at] == ',')
		at = blanks(v.at, v.n, at + 1);
	if (at >= v.n || v.at[at] == '}' || v.at[at] == ']')
		return false;
	if (object) {
		end = string_end(v.at, v.n, at);
		*key = (struct jspan){v.at + at + 1, end - at - 2};
		at = blanks(v.at, v.n, end);
		at = blanks(v.at, v.n, at + 1);
	}
	end = value_end(v.at, v.n, at);
	*value = (struct jspan){v.at + at, end - at};
	*pos = end;
	return true;
}

static bool span_eq(struct jspan a, const char *s, size_t n)
{
	return a.n == n && memcmp(a.at, s, n) == 0;
}

static struct jspan get_n(struct jspan object, const char *key, size_t n)
{
	struct jspan k, v;

	for (size_t pos = 0; jt_each(object, &pos, &k, &v);)
		if (k.at != NULL && span_eq(k, key, n))
			return v;
	return (struct jspan){0};
}

struct jspan jt_get(struct jspan object, const char *key)
{
	return get_n(object, key, strlen(key));
}

struct jspan jt_at(struct jspan object, const char *path)
{
	while (*path != '\0' && object.at != NULL) {
		size_t n = strcspn(path, ".");

		object = get_n(object, path, n);
		path += n + (path[n] == '.');
	}
	return object;
}

bool jt_is(struct jspan v, const char *raw)
{
	return v.at != NULL && span_eq(v, raw, strlen(raw));
}

bool jt_is_object(struct jspan v)
{
	return v.n > 0 && v.at[0] == '{';
}

bool jt_str(struct jspan v, char *dst, size_t size)
{
	size_t len = 0;

	dst[0] = '\0';
	if (v.n < 2 || v.at[0] != '"')
		return false;
	for (size_t i = 1; i + 1 < v.n && len + 1 < size; i++) {
		char c = v.at[i];

		if (c == '\\' && i + 2 < v.n && strchr("\"\\/nt", v.at[i + 1]) != NULL) {
			c = v.at[++i];
			if (c == 'n')
				c = '\n';
			else if (c == 't')
				c = '\t';
		}
		dst[len++] = c;
	}
	dst[len] = '\0';
	return true;
}

bool jt_str_is(struct jspan v, const char *s)
{
	return v.n == strlen(s) + 2 && v.at[0] == '"' && memcmp(v.at + 1, s, v.n - 2) == 0;
}

long long jt_int(struct jspan v, long long otherwise)
{
	char digits[24];
	int64_t value;

	if (v.at != NULL && str_copy_n(digits, sizeof(digits), v.at, v.n) &&
		str_i64(digits, &value))
		return value;
	return otherwise;
}

static void member(struct buf *out, bool *comma, struct jspan key)
{
	if (*comma)
		buf_putc(out, ',');
	*comma = true;
	buf_putc(out, '"');
	buf_add(out, key.at, key.n);
	buf_puts(out, "\":");
}

void jt_merge(struct jspan target, struct jspan patch, struct buf *out)
{
	struct jspan none = {"{}", 2}, k, v, p;
	bool comma = false;

	if (!jt_is_object(patch)) {
		buf_add(out, patch.at, patch.n);
		return;
	}
	if (!jt_is_object(target))
		target = none;
	buf_putc(out, '{');
	for (size_t pos = 0; jt_each(target, &pos, &k, &v);) {
		p = get_n(patch, k.at, k.n);
		if (jt_is(p, "null"))
			continue;
		member(out, &comma, k);
		if (p.at != NULL)
			jt_merge(v, p, out);
		else
			buf_add(out, v.at, v.n);
	}
	for (size_t pos = 0; jt_each(patch, &pos, &k, &p);) {
		if (jt_is(p, "null") || get_n(target, k.at, k.n).at != NULL)
			continue;
		member(out, &comma, k);
		jt_merge(none, p, out);
	}
	buf_putc(out, '}');
}
