/* Cuts a stream of JSON into objects while it arrives. Nothing is parsed: a scan
 * passes over every byte once, knows strings from structure, and copies whole
 * runs. An object is checked by whoever decodes it; what is checked here is what
 * the cutting rests on (brackets, and what may stand between objects).
 *
 * A scan copies one object and watches one path of keys in it. At the path's end
 * the key and its value are left out: metadata.managedFields of an item, and, by the
 * same means, items of a list, whose elements then go through a second scan. What
 * is left of the list is its rest. A Status instead of a list has no items and is
 * all rest. Chunks may end anywhere: all state is in the structs. */
#include "io/json_items.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

#define KEY_MAX   24
#define KEEP_MAX  (1u << 20) /* a buffer grown past this is given back after its object */
#define SHOWN_MAX 60

static const char *const in_item[] = {"metadata", "managedFields", NULL};
static const char *const in_event[] = {"object", "metadata", "managedFields", NULL};
static const char *const in_list[] = {"items", NULL};
static const char *const nowhere[] = {NULL};

enum scan_end { SCAN_MORE, SCAN_CLOSED, SCAN_CUT, SCAN_BAD, SCAN_OVER };

struct scan {
	const char *const *path;
	struct buf out;
	int depth;  /* brackets open */
	int level;  /* keys of the path we are inside of; they were the outermost brackets */
	bool armed; /* the key just read is path[level]: an object as its value is one level down */
	bool key_next; /* a string here is a key, and on the path's level */
	bool in_key;   /* inside such a string */
	bool in_string, escaped;
	bool skipping; /* inside the value that is left out */
	size_t skip_depth;
	size_t key_at; /* where in out that key began */
	size_t key_n;
	char key[KEY_MAX];
};

enum place {
	BEFORE_LIST,
	IN_LIST,
	BEFORE_ITEMS,
	BETWEEN_ITEMS,
	BEHIND_ITEMS, /* passed through: the list goes on */
	IN_ITEM,
	BETWEEN_EVENTS,
	AT_END,
	FAILED
};

struct json_items {
	enum json_items_mode mode;
	enum place place;
	struct scan list, item;
	struct json_items_calls calls;
	void *arg;
	size_t max;
};

enum { PLAIN, QUOTE, OPEN, CLOSE, COMMA };
static const unsigned char class_of[256] = {
	['"'] = QUOTE, ['{'] = OPEN, ['['] = OPEN, ['}'] = CLOSE, [']'] = CLOSE, [','] = COMMA};

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static void scan_begin(struct scan *s)
{
	if (s->out.cap > KEEP_MAX)
		buf_done(&s->out);
	buf_clear(&s->out);
	s->depth = s->level = 0;
	s->armed = s->key_next = s->in_key = s->in_string = s->escaped = s->skipping = false;
}

/* Copies from..to; false when that is past the ceiling (what fits is kept, to name the object by).
 */
static bool scan_copy(struct scan *s, const char *from, const char *to)
{
	size_t n = (size_t)(to - from);
	size_t room = s->out.max - s->out.len;

	if (n <= room)
		return n == 0 || buf_add(&s->out, from, n) == 0;
	buf_add(&s->out, from, room);
	return false;
}

/* Eight bytes at a time to the next quote or backslash. */
static const char *string_run(const char *p, const char *end)
{
	const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
	uint64_t w, quote, slash;

	for (; end - p >= 8; p += 8) {
		memcpy(&w, p, 8);
		quote = w ^ (ones * '"');
		slash = w ^ (ones * '\\');
		if ((((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & tops)
			break;
	}
	while (p < end && *p != '"' && *p != '\\')
		p++;
	return p;
}

static void key_take(struct scan *s, const char *from, const char *to)
{
	size_t n = (size_t)(to - from);

	if (s->key_n + n < KEY_MAX)
		memcpy(s->key + s->key_n, from, n);
	s->key_n = s->key_n + n < KEY_MAX ? s->key_n + n : KEY_MAX;
}

static bool key_is(const struct scan *s, const char *want)
{
	return s->key_n == strlen(want) && memcmp(s->key, want, s->key_n) == 0;
}

/* Goes on inside a string; in_string is false when it closed. */
static const char *scan_string(struct scan *s, const char *p, const char *end)
{
	const char *from = p;

	while (p < end) {
		if (s->escaped) {
			s->escaped = false;
			p++;
			continue;
		}
		p = string_run(p, end);
		if (p == end)
			break;
		if (*p == '"') {
			s->in_string = false;
			break;
		}
		s->escaped = true;
		p++;
	}
	if (s->in_key)
		key_take(s, from, p);
	return s->in_string ? p : p + 1;
}

/* A string has been gone on with: true when it was a key, has ended, and is the one to leave out.
 */
static bool is_cut(struct scan *s)
{
	if (s->in_string || !s->in_key)
		return false;
	s->in_key = false;
	if (s->path[s->level] == NULL || !key_is(s, s->path[s->level]))
		return false;
	s->armed = s->path[s->level + 1] != NULL;
	return !s->armed;
}

/* After a cut at the end of an object its comma must go too. */
static void drop_comma(struct buf *b)
{
	while (b->len > 0 && is_space(b->at[b->len - 1]))
		b->len--;
	if (b->len > 0 && b->at[b->len - 1] == ',')
		b->len--;
}

/* Over the value that is left out, up to what follows it: its comma is skipped too, a closing
 * bracket is not. */
static const char *scan_skip(struct scan *s, const char *p, const char *end)
{
	unsigned char c;

	while (p < end) {
		if (s->in_string) {
			p = scan_string(s, p, end);
			continue;
		}
		c = class_of[(unsigned char)*p];
		if (s->skip_depth == 0 && (c == COMMA || c == CLOSE)) {
			s->skipping = false;
			s->key_next = c == COMMA;
			if (c == CLOSE)
				drop_comma(&s->out);
			return c == COMMA ? p + 1 : p;
		}
		if (c == QUOTE)
			s->in_string = true;
		else if (c == OPEN)
			s->skip_depth++;
		else if (c == CLOSE)
			s->skip_depth--;
		p++;
	}
	return p;
}

static void scan_open(struct scan *s, char bracket)
{
	if (s->armed && bracket == '{')
		s->level++;
	s->armed = false;
	s->depth++;
	s->key_next = bracket == '{' && s->depth == s->level + 1;
}

static enum scan_end scan_close(struct scan *s, char bracket)
{
	s->depth--;
	s->armed = s->key_next = false;
	if (s->depth == s->level && s->level > 0)
		s->level--;
	if (s->depth > 0)
		return SCAN_MORE;
	return bracket == '}' ? SCAN_CLOSED : SCAN_BAD;
}

static void scan_quote(struct scan *s, size_t at)
{
	s->in_string = true;
	s->in_key = s->key_next;
	s->key_next = false;
	s->key_at = at;
	s->key_n = 0;
}

/* Copies from *at until the object closes, the path's end was met (SCAN_CUT: its key
 * is out already, the value comes next), or the bytes are used up. */
static enum scan_end scan_run(struct scan *s, const char **at, const char *end)
{
	const char *p = *at, *from = p;
	enum scan_end how = SCAN_MORE;

	if (s->skipping)
		from = p = scan_skip(s, p, end);
	while (p < end) {
		if (s->in_string) {
			p = scan_string(s, p, end);
			if (!is_cut(s))
				continue;
			if (!scan_copy(s, from, p)) {
				how = SCAN_OVER; /* the key may begin past what was kept */
				goto out;
			}
			s->out.len = s->key_at;
			how = SCAN_CUT;
			goto out;
		}
		switch (class_of[(unsigned char)*p++]) {
		case QUOTE:
			scan_quote(s, s->out.len + (size_t)(p - 1 - from));
			break;
		case OPEN:
			scan_open(s, p[-1]);
			break;
		case CLOSE:
			how = scan_close(s, p[-1]);
			if (how != SCAN_MORE)
				goto copy;
			break;
		case COMMA:
			s->key_next = s->depth == s->level + 1;
			s->armed = false;
			break;
		default:
			break;
		}
	}
copy:
	if (!scan_copy(s, from, p))
		how = SCAN_OVER;
out:
	*at = p;
	return how;
}

static void skip_value(struct scan *s)
{
	s->skipping = true;
	s->skip_depth = 0;
}

/* One item, or event, or chunk of one. SCAN_CUT never leaves: what is cut is skipped here. */
static enum scan_end item_run(struct scan *s, const char **at, const char *end)
{
	enum scan_end how;

	while ((how = scan_run(s, at, end)) == SCAN_CUT)
		skip_value(s);
	return how;
}

struct json_items *json_items_new(enum json_items_mode mode, size_t max_object_bytes,
	const struct json_items_calls *calls, void *arg)
{
	struct json_items *s = mem_new(struct json_items);

	s->mode = mode;
	s->place = mode == JSON_ITEMS_LIST ? BEFORE_LIST : BETWEEN_EVENTS;
	s->calls = *calls;
	s->arg = arg;
	s->max = max_object_bytes;
	s->list.path = in_list;
	s->item.path = calls->whole ? nowhere : mode == JSON_ITEMS_LIST ? in_item : in_event;
	buf_init(&s->list.out, max_object_bytes);
	buf_init(&s->item.out, max_object_bytes);
	return s;
}

void json_items_free(struct json_items *s)
{
	if (s == NULL)
		return;
	buf_done(&s->list.out);
	buf_done(&s->item.out);
	free(s);
}

static int fail_unexpected(const char *p, const char *end, const char *wanted, struct err *e)
{
	char shown[SHOWN_MAX];

	text_safe(shown, sizeof(shown), p, (size_t)(end - p) < 200 ? (size_t)(end - p) : 200);
	return err_set(e, ERR_INPUT,
		"the answer is not the JSON that was asked for: %s was due, not \"%s\"", wanted,
		shown);
}

/* The name is near the front, in metadata. */
static void object_name(const struct buf *b, char *dst, size_t size)
{
	static const char mark[] = "\"name\":\"";
	const char *at = b->len == 0 ? NULL : memmem(b->at, b->len, mark, sizeof(mark) - 1);
	const char *from, *to;

	text_safe(dst, size, "?", 1);
	if (at == NULL)
		return;
	from = at + sizeof(mark) - 1;
	to = memchr(from, '"', b->len - (size_t)(from - b->at));
	if (to != NULL)
		text_safe(dst, size, from, (size_t)(to - from));
}

static int fail_over(const struct json_items *s, const struct scan *scan, struct err *e)
{
	char name[SHOWN_MAX];

	object_name(&scan->out, name, sizeof(name));
	return err_set(e, ERR_LIMIT, "the object named %s is larger than %zu bytes", name, s->max);
}

static int give(struct json_items *s, int (*to)(void *arg, const char *bytes, size_t n),
	const struct buf *b, struct err *e)
{
	if (to == NULL || to(s->arg, b->at, b->len) == 0)
		return 0;
	return err_set(e, ERR_CANCELLED, "stopped");
}

static int feed_item(struct json_items *s, const char **at, const char *end, struct err *e)
{
	const char *from = *at;

	switch (item_run(&s->item, at, end)) {
	case SCAN_CLOSED:
		s->place = s->mode == JSON_ITEMS_LIST ? BETWEEN_ITEMS : BETWEEN_EVENTS;
		return give(s, s->calls.item, &s->item.out, e);
	case SCAN_OVER:
		return fail_over(s, &s->item, e);
	case SCAN_BAD:
		return fail_unexpected(from, end, "a whole object", e);
	case SCAN_MORE:
	case SCAN_CUT:
		break;
	}
	return 0;
}

static int feed_list(struct json_items *s, const char **at, const char *end, struct err *e)
{
	const char *from = *at;

	switch (scan_run(&s->list, at, end)) {
	case SCAN_CLOSED:
		s->place = AT_END;
		return give(s, s->calls.rest, &s->list.out, e);
	case SCAN_CUT:
		s->place = BEFORE_ITEMS;
		return 0;
	case SCAN_OVER:
		return fail_over(s, &s->list, e);
	case SCAN_BAD:
		return fail_unexpected(from, end, "a whole list", e);
	case SCAN_MORE:
		break;
	}
	return 0;
}

/* One byte that stands between objects. */
static int feed_between(struct json_items *s, const char **at, const char *end, struct err *e)
{
	static const struct {
		enum place from;
		char byte;
		enum place to;
	} rows[] = {
		{BEFORE_LIST, '{', IN_LIST},
		{BEFORE_ITEMS, ':', BEFORE_ITEMS},
		{BEFORE_ITEMS, '[', BETWEEN_ITEMS},
		{BEFORE_ITEMS, 'n', BEHIND_ITEMS}, /* null */
		{BETWEEN_ITEMS, '{', IN_ITEM},
		{BETWEEN_ITEMS, ',', BETWEEN_ITEMS},
		{BETWEEN_ITEMS, ']', BEHIND_ITEMS},
		{BETWEEN_EVENTS, '{', IN_ITEM},
	};
	const char *p = (*at)++;
	size_t i;

	if (is_space(*p))
		return 0;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].from != s->place || rows[i].byte != *p)
			continue;
		s->place = rows[i].to;
		if (*p == '{') {
			scan_begin(s->place == IN_LIST ? &s->list : &s->item);
			*at = p;
		} else if (s->place == BEHIND_ITEMS) {
			s->place = IN_LIST;
			skip_value(&s->list);
		}
		return 0;
	}
	return fail_unexpected(p, end, s->place == AT_END ? "the end" : "an object", e);
}

int json_items_feed(struct json_items *s, const char *bytes, size_t n, struct err *e)
{
	const char *at = bytes, *end = bytes + n;
	int rc = 0;

	if (s->place == FAILED)
		return err_set(e, ERR_INPUT, "the answer was already found to be malformed");
	while (rc == 0 && at < end) {
		if (s->place == IN_ITEM)
			rc = feed_item(s, &at, end, e);
		else if (s->place == IN_LIST)
			rc = feed_list(s, &at, end, e);
		else
			rc = feed_between(s, &at, end, e);
	}
	if (rc != 0)
		s->place = FAILED;
	return rc;
}

int json_items_end(struct json_items *s, struct err *e)
{
	if (s->place == FAILED)
		return err_set(e, ERR_INPUT, "the answer was malformed");
	if (s->place == (s->mode == JSON_ITEMS_LIST ? AT_END : BETWEEN_EVENTS))
		return 0;
	return err_set(e, ERR_INPUT, "the answer ended in the middle");
}
