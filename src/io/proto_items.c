/* Two messages, one inside the other, of which a field at a time is looked at: its tag, its length,
 * then its bytes, which are an item to give, the metadata to keep, the list to step into, or
 * nothing that is wanted. Chunks may end anywhere: what is open is in the struct. The outer message
 * ends with the stream, the list where its length says, and nothing in it may reach past that. */
#include "io/proto_items.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/text.h"
#include "io/proto_pull.h"

#define KEEP_MAX   (1u << 20) /* a buffer grown past this is given back after its object */
#define HEAD_MAX   10         /* a varint */
#define MAGIC      "k8s\0"
#define MAGIC_SIZE (sizeof(MAGIC) - 1)
#define SHOWN_MAX  60

enum { UNKNOWN_RAW = 2, LIST_META = 1, LIST_ITEM = 2 };

enum place { IN_MAGIC, AT_TAG, AT_LENGTH, IN_OBJECT, IN_SKIPPED, FAILED };

struct proto_items {
	enum place place;
	bool in_list;       /* inside raw; else in the outer message */
	bool list_over;     /* raw has come to its end */
	uint64_t list_left; /* bytes of raw still to come */
	uint64_t left;      /* of the value we are in */
	uint32_t number;    /* of the field we are at */
	enum proto_wire wire;
	char head[HEAD_MAX]; /* a tag or length that is not whole yet, or the magic */
	size_t n_head;
	struct buf object, meta;
	struct json_items_calls calls;
	void *arg;
	size_t max;
};

struct proto_items *proto_items_new(
	size_t max_object_bytes, const struct json_items_calls *calls, void *arg)
{
	struct proto_items *s = mem_new(struct proto_items);

	s->calls = *calls;
	s->arg = arg;
	s->max = max_object_bytes;
	buf_init(&s->object, max_object_bytes);
	buf_init(&s->meta, max_object_bytes);
	return s;
}

void proto_items_free(struct proto_items *s)
{
	if (s == NULL)
		return;
	buf_done(&s->object);
	buf_done(&s->meta);
	free(s);
}

static int fail_malformed(struct err *e)
{
	return err_set(e, ERR_INPUT, _("the answer is not the protobuf that was asked for"));
}

struct named {
	struct json_span name;
};

static const struct field name_fields[] = {
	FIELD(STR, "name", 1, struct named, name),
	FIELDS_END,
};

static const struct field object_fields[] = {
	FIELD_INSIDE("metadata", 1, name_fields),
	FIELDS_END,
};

/* Of an object too large to be kept, the beginning is enough to name it by, when it has come. */
static int fail_over(const struct proto_items *s, const char *bytes, size_t n, struct err *e)
{
	struct named o = {.name = {.at = "?", .n = 1}};
	char name[SHOWN_MAX];
	struct proto_pull p;

	proto_pull_init(&p, bytes, n);
	proto_pull_fields(&p, object_fields, &o);
	text_safe(name, sizeof(name), o.name.at, o.name.n);
	return err_set(
		e, ERR_LIMIT, _("the object named %s is larger than %zu bytes"), name, s->max);
}

static int give(struct proto_items *s, int (*to)(void *arg, const char *bytes, size_t n),
	const char *bytes, size_t n, struct err *e)
{
	if (to == NULL || to(s->arg, bytes, n) == 0)
		return 0;
	return err_set(e, ERR_CANCELLED, "stopped");
}

/* Bytes of the list have been used; false when there are not as many. */
static bool use(struct proto_items *s, uint64_t n)
{
	if (!s->in_list)
		return true;
	if (n > s->list_left)
		return false;
	s->list_left -= n;
	return true;
}

/* A value is over: so is the list, perhaps. */
static int next_field(struct proto_items *s, struct err *e)
{
	s->place = AT_TAG;
	if (!s->in_list || s->list_left > 0)
		return 0;
	s->in_list = false;
	s->list_over = true;
	return give(s, s->calls.rest, s->meta.at != NULL ? s->meta.at : "", s->meta.len, e);
}

static int feed_magic(struct proto_items *s, const char **at, const char *end, struct err *e)
{
	while (*at < end && s->n_head < MAGIC_SIZE)
		s->head[s->n_head++] = *(*at)++;
	if (memcmp(s->head, MAGIC, s->n_head) != 0)
		return fail_malformed(e);
	if (s->n_head == MAGIC_SIZE) {
		s->n_head = 0;
		s->place = AT_TAG;
	}
	return 0;
}

/* 1: a varint is whole, in out; 0: it goes on in the next chunk; -1: it is none. */
static int take_varint(struct proto_items *s, const char **at, const char *end, uint64_t *out)
{
	const char *head = s->head;
	int rc = 0;

	while (rc == 0 && *at < end && s->n_head < HEAD_MAX) {
		s->head[s->n_head++] = *(*at)++;
		if (!use(s, 1))
			return -1;
		rc = proto_varint(&head, s->head + s->n_head, out);
	}
	if (rc == 0 && s->n_head == HEAD_MAX)
		return -1;
	if (rc == 1)
		s->n_head = 0;
	return rc;
}

static void skip(struct proto_items *s, uint64_t n)
{
	s->left = n;
	s->place = IN_SKIPPED;
}

static int feed_tag(struct proto_items *s, const char **at, const char *end, struct err *e)
{
	uint64_t tag;
	int rc = take_varint(s, at, end, &tag);

	if (rc == 0)
		return 0;
	if (rc < 0 || !proto_tag(tag, &s->number, &s->wire))
		return fail_malformed(e);
	if (s->wire == PROTO_FIXED64)
		skip(s, 8);
	else if (s->wire == PROTO_FIXED32)
		skip(s, 4);
	else
		s->place = AT_LENGTH;
	return 0;
}

/* The first raw is the list; what is in neither place known here is stepped over. */
static int begin_value(struct proto_items *s, uint64_t n, struct err *e)
{
	if (!s->in_list && s->number == UNKNOWN_RAW && !s->list_over) {
		s->in_list = true;
		s->list_left = n;
		return next_field(s, e);
	}
	if (s->in_list && n > s->list_left)
		return fail_malformed(e);
	skip(s, n);
	if (s->in_list && (s->number == LIST_META || s->number == LIST_ITEM)) {
		if (s->object.cap > KEEP_MAX)
			buf_done(&s->object);
		buf_clear(s->number == LIST_ITEM ? &s->object : &s->meta);
		s->place = IN_OBJECT;
	}
	return 0;
}

static int feed_length(struct proto_items *s, const char **at, const char *end, struct err *e)
{
	uint64_t n;
	int rc = take_varint(s, at, end, &n);

	if (rc == 0)
		return 0;
	if (rc < 0)
		return fail_malformed(e);
	return s->wire == PROTO_LENGTH ? begin_value(s, n, e) : next_field(s, e);
}

/* An item that lies whole in the chunk is given from there. */
static int feed_object(struct proto_items *s, const char **at, const char *end, struct err *e)
{
	struct buf *into = s->number == LIST_ITEM ? &s->object : &s->meta;
	size_t here = (size_t)(end - *at), n = s->left < here ? (size_t)s->left : here;
	const char *bytes = *at;
	int rc = 0;

	if (s->left > s->max - into->len)
		return fail_over(
			s, into->len > 0 ? into->at : bytes, into->len > 0 ? into->len : n, e);
	*at += n;
	use(s, n);
	if (n == s->left && s->number == LIST_ITEM && into->len == 0) {
		rc = give(s, s->calls.item, bytes, n, e);
	} else {
		buf_add(into, bytes, n);
		if (n == s->left && s->number == LIST_ITEM)
			rc = give(s, s->calls.item, into->at, into->len, e);
	}
	s->left -= n;
	return rc != 0 || s->left > 0 ? rc : next_field(s, e);
}

static int feed_skipped(struct proto_items *s, const char **at, const char *end, struct err *e)
{
	size_t here = (size_t)(end - *at), n = s->left < here ? (size_t)s->left : here;

	if (!use(s, n))
		return fail_malformed(e);
	*at += n;
	s->left -= n;
	return s->left > 0 ? 0 : next_field(s, e);
}

/* In a value of no bytes, which is over without one more. */
static bool is_empty(const struct proto_items *s)
{
	return (s->place == IN_OBJECT || s->place == IN_SKIPPED) && s->left == 0;
}

int proto_items_feed(struct proto_items *s, const char *bytes, size_t n, struct err *e)
{
	static int (*const feed[])(
		struct proto_items *, const char **, const char *, struct err *) = {
		[IN_MAGIC] = feed_magic,
		[AT_TAG] = feed_tag,
		[AT_LENGTH] = feed_length,
		[IN_OBJECT] = feed_object,
		[IN_SKIPPED] = feed_skipped,
	};
	const char *at = bytes, *end = bytes + n;
	int rc = 0;

	if (s->place == FAILED)
		return err_set(e, ERR_INPUT, "the answer was already found to be malformed");
	while (rc == 0 && (at < end || is_empty(s)))
		rc = feed[s->place](s, &at, end, e);
	if (rc != 0)
		s->place = FAILED;
	return rc;
}

int proto_items_end(struct proto_items *s, struct err *e)
{
	if (s->place == FAILED)
		return err_set(e, ERR_INPUT, "the answer was malformed");
	if (s->place == AT_TAG && s->n_head == 0 && s->list_over)
		return 0;
	return err_set(e, ERR_INPUT, "the answer ended in the middle");
}

struct unknown {
	struct json_span raw;
};

static const struct field unknown_fields[] = {
	FIELD(STR, "raw", UNKNOWN_RAW, struct unknown, raw),
	FIELDS_END,
};

bool proto_is_wrapped(const char *bytes, size_t n)
{
	return n >= MAGIC_SIZE && memcmp(bytes, MAGIC, MAGIC_SIZE) == 0;
}

bool proto_unwrap(const char *bytes, size_t n, struct json_span *raw)
{
	struct unknown u = {.raw = {.at = NULL}};
	struct proto_pull p;

	if (!proto_is_wrapped(bytes, n))
		return false;
	proto_pull_init(&p, bytes + MAGIC_SIZE, n - MAGIC_SIZE);
	if (!proto_pull_fields(&p, unknown_fields, &u) || u.raw.at == NULL)
		return false;
	*raw = u.raw;
	raw->proto = true;
	return true;
}
