/* JSON through jansson. A document is jansson's tree, a struct js its node under
 * another name, so that no other floor sees the library. The number getters read
 * strings of digits as numbers, as protobuf's JSON mapping writes those of 64 bits. */
#include "io/json.h"

#include <jansson.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"

#define PATH_PART 128

static json_t *node_of(const struct js *v)
{
	return (json_t *)(uintptr_t)v; /* jansson's iterators take no const */
}

static const struct js *js_of(const json_t *v)
{
	return v == NULL || json_is_null(v) ? NULL : (const struct js *)(const void *)v;
}

/* A document may hold a credential, and jansson keeps pieces of it here and there: whatever it
 * gives back is wiped. */
static void wipe_and_free(void *p)
{
	if (p != NULL)
		mem_wipe(p, malloc_usable_size(p));
	free(p);
}

static void use_wiping_memory(void)
{
	json_set_alloc_funcs(malloc, wipe_and_free);
}

struct js *js_parse(const char *bytes, size_t n, struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	json_error_t why;
	json_t *root;

	pthread_once(&once, use_wiping_memory);
	root = json_loadb(bytes, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
	if (root == NULL)
		err_set(e, ERR_INPUT, "no JSON: %s (line %d, column %d)", why.text, why.line,
			why.column);
	return (struct js *)(void *)root;
}

void js_free(struct js *document)
{
	json_decref(node_of(document));
}

const struct js *js_get(const struct js *object, const char *key)
{
	return js_of(json_object_get(node_of(object), key));
}

const struct js *js_at(const struct js *object, const char *path)
{
	char part[PATH_PART];
	size_t n;

	for (;; path += n + 1) {
		n = strcspn(path, ".");
		if (!str_copy_n(part, sizeof(part), path, n))
			return NULL;
		object = js_get(object, part);
		if (object == NULL || path[n] == '\0')
			return object;
	}
}

const char *js_str(const struct js *v)
{
	return json_string_value(node_of(v));
}

const char *js_text(const struct js *object, const char *key)
{
	return js_str(js_get(object, key));
}

const char *js_text_or(const struct js *object, const char *key, const char *otherwise)
{
	const char *text = js_text(object, key);

	return text != NULL ? text : otherwise;
}

int64_t js_num(const struct js *v, int64_t otherwise)
{
	const json_t *node = node_of(v);
	int64_t n = otherwise;
	double d;

	if (json_is_integer(node))
		return json_integer_value(node);
	if (json_is_string(node))
		return str_i64(json_string_value(node), &n) ? n : otherwise;
	if (!json_is_real(node))
		return otherwise;
	d = json_real_value(node);
	return d >= -9.2e18 && d <= 9.2e18 ? (int64_t)d : otherwise;
}

int64_t js_int(const struct js *object, const char *key, int64_t otherwise)
{
	return js_num(js_get(object, key), otherwise);
}

bool js_bool(const struct js *object, const char *key, bool otherwise)
{
	const json_t *node = node_of(js_get(object, key));

	return json_is_boolean(node) ? json_is_true(node) : otherwise;
}

bool js_is_object(const struct js *v)
{
	return json_is_object(node_of(v));
}

bool js_is_array(const struct js *v)
{
	return json_is_array(node_of(v));
}

size_t js_len(const struct js *array)
{
	return json_array_size(node_of(array));
}

const struct js *js_nth(const struct js *array, size_t i)
{
	return js_of(json_array_get(node_of(array), i));
}

const void *js_first(const struct js *object)
{
	return json_object_iter(node_of(object));
}

const void *js_next(const struct js *object, const void *it)
{
	return json_object_iter_next(node_of(object), (void *)(uintptr_t)it);
}

const char *js_key(const void *it)
{
	return json_object_iter_key((void *)(uintptr_t)it);
}

const struct js *js_value(const void *it)
{
	return js_of(json_object_iter_value((void *)(uintptr_t)it));
}

void jsw_init(struct jsw *w, struct buf *to)
{
	w->to = to;
	w->comma = false;
}

static void put_escaped(struct buf *to, const char *s)
{
	size_t n = strlen(s), run, used;
	uint32_t c;

	buf_putc(to, '"');
	while (n > 0) {
		for (run = 0; run < n && s[run] >= 0x20 && s[run] != '"' && s[run] != '\\'; run++)
			;
		buf_add(to, s, run);
		s += run;
		n -= run;
		if (n == 0)
			break;
		used = text_next(s, n, &c);
		if (c == '"' || c == '\\')
			buf_fmt(to, "\\%c", (char)c);
		else if (c == '\n')
			buf_puts(to, "\\n");
		else if (c == '\t')
			buf_puts(to, "\\t");
		else if (c < 0x20)
			buf_fmt(to, "\\u%04x", (unsigned)c);
		else if (c == 0xfffd)
			buf_puts(to, "\xef\xbf\xbd");
		else
			buf_add(to, s, used);
		s += used;
		n -= used;
	}
	buf_putc(to, '"');
}

static struct buf *value_at(struct jsw *w, const char *key)
{
	if (w->comma)
		buf_putc(w->to, ',');
	w->comma = true;
	if (key != NULL) {
		put_escaped(w->to, key);
		buf_putc(w->to, ':');
	}
	return w->to;
}

void jsw_object(struct jsw *w, const char *key)
{
	buf_putc(value_at(w, key), '{');
	w->comma = false;
}

void jsw_end_object(struct jsw *w)
{
	buf_putc(w->to, '}');
	w->comma = true;
}

void jsw_array(struct jsw *w, const char *key)
{
	buf_putc(value_at(w, key), '[');
	w->comma = false;
}

void jsw_end_array(struct jsw *w)
{
	buf_putc(w->to, ']');
	w->comma = true;
}

void jsw_str(struct jsw *w, const char *key, const char *value)
{
	if (value == NULL)
		jsw_null(w, key);
	else
		put_escaped(value_at(w, key), value);
}

void jsw_int(struct jsw *w, const char *key, int64_t value)
{
	buf_fmt(value_at(w, key), "%lld", (long long)value);
}

void jsw_u64(struct jsw *w, const char *key, uint64_t value)
{
	buf_fmt(value_at(w, key), "\"%llu\"", (unsigned long long)value);
}

void jsw_bool(struct jsw *w, const char *key, bool value)
{
	buf_puts(value_at(w, key), value ? "true" : "false");
}

void jsw_null(struct jsw *w, const char *key)
{
	buf_puts(value_at(w, key), "null");
}

void jsw_raw(struct jsw *w, const char *key, const char *json)
{
	buf_puts(value_at(w, key), json);
}

void jsw_copy(struct jsw *w, const char *key, const struct js *value)
{
	char *text =
		value != NULL ? json_dumps(node_of(value), JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

	jsw_raw(w, key, text != NULL ? text : "null");
	wipe_and_free(text);
}
