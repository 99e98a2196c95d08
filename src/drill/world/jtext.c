/* JSON as text. The drill's objects are kept as the bytes that go over the wire;
 * a change is a merge patch (RFC 7396) applied to those bytes. */
#include "drill/world/jtext.h"

#include <string.h>

#include "base/str.h"
#include "io/json_pull.h"

struct json_span jt_of(const char *text)
{
	struct json_span v = {.at = NULL};
	struct json_pull p;

	if (text == NULL)
		return v;
	json_pull_init(&p, text, strlen(text));
	return json_pull_raw(&p, &v) ? v : (struct json_span){.at = text};
}

bool jt_each(struct json_span v, size_t *pos, struct json_span *key, struct json_span *value)
{
	bool object = jt_is_object(v);
	struct json_pull p;

	*key = (struct json_span){.at = NULL};
	if (v.n == 0)
		return false;
	json_pull_init(&p, v.at, v.n);
	if (*pos > 0)
		p.at += *pos;
	else if (object ? !json_pull_object(&p) : !json_pull_array(&p))
		return false;
	if (object ? !json_pull_member(&p, key) : !json_pull_element(&p))
		return false;
	if (!json_pull_raw(&p, value))
		return false;
	*pos = (size_t)(p.at - p.begin);
	return true;
}

static bool span_eq(struct json_span a, const char *s, size_t n)
{
	return a.n == n && memcmp(a.at, s, n) == 0;
}

static struct json_span get_n(struct json_span object, const char *key, size_t n)
{
	struct json_span k, v;

	for (size_t pos = 0; jt_each(object, &pos, &k, &v);)
		if (k.at != NULL && span_eq(k, key, n))
			return v;
	return (struct json_span){.at = NULL};
}

struct json_span jt_get(struct json_span object, const char *key)
{
	return get_n(object, key, strlen(key));
}

struct json_span jt_at(struct json_span object, const char *path)
{
	while (*path != '\0' && object.at != NULL) {
		size_t n = strcspn(path, ".");

		object = get_n(object, path, n);
		path += n + (path[n] == '.');
	}
	return object;
}

bool jt_is(struct json_span v, const char *raw)
{
	return v.at != NULL && span_eq(v, raw, strlen(raw));
}

bool jt_is_object(struct json_span v)
{
	return v.n > 0 && v.at[0] == '{';
}

bool jt_str(struct json_span v, char *dst, size_t size)
{
	struct json_pull p;
	bool is;

	json_pull_init(&p, v.at, v.n);
	is = v.n > 0 && json_pull_str(&p, &v);
	json_span_copy(is ? v : (struct json_span){.at = NULL}, dst, size);
	return is;
}

bool jt_str_is(struct json_span v, const char *s)
{
	return v.n == strlen(s) + 2 && v.at[0] == '"' && memcmp(v.at + 1, s, v.n - 2) == 0;
}

long long jt_int(struct json_span v, long long otherwise)
{
	char digits[24];
	int64_t value;

	if (v.at != NULL && str_copy_n(digits, sizeof(digits), v.at, v.n) &&
		str_i64(digits, &value))
		return value;
	return otherwise;
}

static void member(struct buf *out, bool *comma, struct json_span key)
{
	if (*comma)
		buf_putc(out, ',');
	*comma = true;
	buf_putc(out, '"');
	buf_add(out, key.at, key.n);
	buf_puts(out, "\":");
}

void jt_merge(struct json_span target, struct json_span patch, struct buf *out)
{
	struct json_span none = {.at = "{}", .n = 2}, k, v, p;
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

/* ---- strategic merge patches ---- */

/* The key of a list's elements; NULL: the list is replaced. Taints are. */
static const char *key_of(struct json_span list)
{
	static const char *const rows[][2] = {{"containers", "name"}, {"initContainers", "name"},
		{"volumes", "name"}, {"env", "name"}, {"webhooks", "name"}, {"conditions", "type"},
		{"ownerReferences", "uid"}, {"imagePullSecrets", "name"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (span_eq(list, rows[i][0], strlen(rows[i][0])))
			return rows[i][1];
	return NULL;
}

static struct json_span element(struct json_span list, const char *key, struct json_span value)
{
	struct json_span k, v, has;

	for (size_t pos = 0; jt_each(list, &pos, &k, &v);) {
		has = jt_get(v, key);
		if (has.at != NULL && value.at != NULL && span_eq(has, value.at, value.n))
			return v;
	}
	return (struct json_span){.at = NULL};
}

static void begin_element(struct buf *out, bool *comma)
{
	if (*comma)
		buf_putc(out, ',');
	*comma = true;
}

/* The whole list: what target has, changed by what patch says of it, and what is new. */
static void merge_list(
	struct json_span target, struct json_span patch, const char *key, struct buf *out)
{
	struct json_span none = {.at = "{}", .n = 2}, k, v, p;
	struct buf change;
	bool comma = false;

	buf_putc(out, '[');
	for (size_t pos = 0; jt_each(target, &pos, &k, &v);) {
		p = element(patch, key, jt_get(v, key));
		if (jt_str_is(jt_get(p, "$patch"), "delete"))
			continue;
		begin_element(out, &comma);
		buf_init(&change, out->max);
		if (p.at != NULL)
			jt_strategic(v, p, &change);
		jt_merge(v, p.at != NULL ? jt_of(buf_text(&change)) : none, out);
		buf_done(&change);
	}
	for (size_t pos = 0; jt_each(patch, &pos, &k, &v);) {
		if (element(target, key, jt_get(v, key)).at != NULL)
			continue;
		begin_element(out, &comma);
		jt_merge(none, v, out);
	}
	buf_putc(out, ']');
}

void jt_strategic(struct json_span target, struct json_span patch, struct buf *out)
{
	struct json_span k, p, has;
	bool comma = false;

	if (!jt_is_object(patch)) {
		buf_add(out, patch.at, patch.n);
		return;
	}
	buf_putc(out, '{');
	for (size_t pos = 0; jt_each(patch, &pos, &k, &p);) {
		const char *key = p.n > 0 && p.at[0] == '[' ? key_of(k) : NULL;

		member(out, &comma, k);
		has = get_n(target, k.at, k.n);
		if (key != NULL)
			merge_list(has, p, key, out);
		else
			jt_strategic(has, p, out);
	}
	buf_putc(out, '}');
}
