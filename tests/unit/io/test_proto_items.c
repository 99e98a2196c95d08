/* Whatever the chunks, the same objects come out of a list in protobuf; and what is none, or lies
 * about a length, is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "io/proto_items.h"

#define MAX 4096

struct seen {
	struct buf items; /* each followed by a newline */
	struct buf rest;
	int n, rests;
	int stop_at; /* the item that answers "stop"; 0: none */
};

static int on_item(void *arg, const char *bytes, size_t n)
{
	struct seen *s = arg;

	buf_add(&s->items, bytes, n);
	buf_putc(&s->items, '\n');
	return ++s->n == s->stop_at;
}

static int on_rest(void *arg, const char *bytes, size_t n)
{
	struct seen *s = arg;

	buf_add(&s->rest, bytes, n);
	s->rests++;
	return 0;
}

static const struct json_items_calls calls = {.item = on_item, .rest = on_rest};

static void seen_init(struct seen *s)
{
	memset(s, 0, sizeof(*s));
	buf_init(&s->items, 1 << 20);
	buf_init(&s->rest, 1 << 20);
}

static void seen_done(struct seen *s)
{
	buf_done(&s->items);
	buf_done(&s->rest);
}

/* Feeds in chunks of so many bytes, each in memory of its own size, so that asan sees an overrun.
 */
static int cut(const char *bytes, size_t n, size_t chunk, struct seen *s, struct err *e)
{
	struct proto_items *items = proto_items_new(MAX, &calls, s);
	int rc = 0;

	for (size_t at = 0; rc == 0 && at < n; at += chunk) {
		size_t some = n - at < chunk ? n - at : chunk;
		char *own = mem_dup(bytes + at, some);

		rc = proto_items_feed(items, own, some, e);
		free(own);
	}
	if (rc == 0)
		rc = proto_items_end(items, e);
	else
		assert_int_equal(proto_items_feed(items, "x", 1, NULL), -1);
	proto_items_free(items);
	return rc;
}

#define MAGIC "k8s\0"
#define TYPE  "\x0a\x0d\x0a\x02v1\x12\x07PodList"
/* ListMeta, a field no one knows, an empty item, two items, and what follows the list in Unknown */
#define LIST                                                                                       \
	MAGIC TYPE "\x12\x1f"                                                                      \
		   "\x0a\x05\x12\x03"                                                              \
		   "123"                                                                           \
		   "\x18\x05"                                                                      \
		   "\x12\x00"                                                                      \
		   "\x12\x06\x0a\x04\x0a\x02"                                                      \
		   "aa"                                                                            \
		   "\x12\x05"                                                                      \
		   "other"                                                                         \
		   "\x2d"                                                                          \
		   "1234"                                                                          \
		   "\x1a\x00\x22\x00"

static void test_every_chunk_size_gives_the_same(void **state)
{
	(void)state;
	for (size_t chunk = 1; chunk < sizeof(LIST); chunk++) {
		struct seen s;
		struct err e;

		seen_init(&s);
		if (cut(LIST, sizeof(LIST) - 1, chunk, &s, &e) != 0)
			fail_msg("in chunks of %zu: %s", chunk, e.text);
		assert_string_equal(buf_text(&s.items), "\n\x0a\x04\x0a\x02"
							"aa\nother\n");
		assert_string_equal(buf_text(&s.rest), "\x12\x03"
						       "123");
		assert_int_equal(s.rests, 1);
		seen_done(&s);
	}
}

static void test_half_a_list_is_none(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(LIST) - 5; n++) {
		struct seen s;
		struct err e;

		seen_init(&s);
		assert_int_equal(cut(LIST, n, 7, &s, &e), -1);
		assert_int_equal(e.code, ERR_INPUT);
		assert_int_equal(s.rests, 0);
		seen_done(&s);
	}
}

static void refuse(const char *bytes, size_t n, enum err_code code, const char *words)
{
	for (size_t chunk = 1; chunk <= n; chunk += n) {
		struct seen s;
		struct err e;

		seen_init(&s);
		assert_int_equal(cut(bytes, n, chunk, &s, &e), -1);
		if (e.code != code || strstr(e.text, words) == NULL)
			fail_msg("%d \"%s\", not %d \"%s\"", e.code, e.text, code, words);
		seen_done(&s);
	}
}
#define REFUSE(bytes, code, words) refuse(bytes, sizeof(bytes) - 1, code, words)

static void test_what_is_no_list_is_refused(void **state)
{
	(void)state;
	REFUSE("{\"kind\":\"PodList\"}", ERR_INPUT, "not the protobuf");
	REFUSE("k8s\1", ERR_INPUT, "not the protobuf");
	REFUSE(MAGIC "\x0b", ERR_INPUT, "not the protobuf");
	REFUSE(MAGIC "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", ERR_INPUT, "not the protobuf");
	REFUSE(MAGIC TYPE, ERR_INPUT, "ended in the middle");
}

static void test_nothing_reaches_out_of_the_list(void **state)
{
	(void)state;
	REFUSE(MAGIC "\x12\x04\x12\x05"
		     "abcde",
		ERR_INPUT, "not the protobuf");
	REFUSE(MAGIC "\x12\x02\x1a\x09"
		     "abcdefghi",
		ERR_INPUT, "not the protobuf");
	REFUSE(MAGIC "\x12\x03\x2d"
		     "1234",
		ERR_INPUT, "not the protobuf");
	REFUSE(MAGIC "\x12\x02\x18\x80\x01", ERR_INPUT, "not the protobuf");
	REFUSE(MAGIC "\x12\x14\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
		     "abcdefghi",
		ERR_INPUT, "not the protobuf");
}

static void test_an_object_over_the_ceiling_is_named(void **state)
{
	static const char big[] =
		MAGIC "\x12\xff\xff\xff\xff\x0f\x12\xff\xff\xff\x7f\x0a\x05\x0a\x03"
		      "big";
	struct seen s;
	struct err e;

	(void)state;
	seen_init(&s);
	assert_int_equal(cut(big, sizeof(big) - 1, sizeof(big), &s, &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
	assert_non_null(strstr(e.text, "named big is larger than 4096 bytes"));
	seen_done(&s);
	REFUSE(big, ERR_LIMIT, "is larger than 4096 bytes");
}

/* A list of one item of n bytes: its length as a varint of two bytes, as 128 <= n < 16384. */
static char *list_of_one(size_t n, size_t *all)
{
	char head[] = MAGIC "\x12\x00\x00\x12\x00\x00";
	size_t inner = n + 3, h = sizeof(head) - 1;
	char *list = mem_zero(h + n, 1);

	head[h - 5] = (char)(0x80 | (inner & 0x7f));
	head[h - 4] = (char)(inner >> 7);
	head[h - 2] = (char)(0x80 | (n & 0x7f));
	head[h - 1] = (char)(n >> 7);
	memcpy(list, head, h);
	*all = h + n;
	return list;
}

static void test_the_ceiling_is_held_to_the_byte(void **state)
{
	(void)state;
	for (size_t chunk = 1; chunk < 2 * MAX; chunk += 97) {
		size_t n, m;
		char *fits = list_of_one(MAX, &n), *over = list_of_one(MAX + 1, &m);
		struct seen s;
		struct err e;

		seen_init(&s);
		assert_int_equal(cut(fits, n, chunk, &s, &e), 0);
		assert_int_equal(s.n, 1);
		assert_int_equal(cut(over, m, chunk, &s, &e), -1);
		assert_int_equal(e.code, ERR_LIMIT);
		assert_int_equal(s.n, 1);
		seen_done(&s);
		free(fits);
		free(over);
	}
}

static void test_a_callback_may_stop_it(void **state)
{
	struct seen s;
	struct err e;

	(void)state;
	seen_init(&s);
	s.stop_at = 2;
	assert_int_equal(cut(LIST, sizeof(LIST) - 1, 11, &s, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_int_equal(s.n, 2);
	seen_done(&s);
}

static void test_a_whole_answer_is_unwrapped(void **state)
{
	static const char status[] = MAGIC "\x0a\x00\x12\x03\x1a\x01!\x1a\x00";
	struct json_span raw;

	(void)state;
	assert_true(proto_unwrap(status, sizeof(status) - 1, &raw));
	assert_int_equal(raw.n, 3);
	assert_false(proto_unwrap(status, sizeof(status) - 4, &raw));
	assert_false(proto_unwrap("k8s", 3, &raw));
	assert_false(proto_unwrap("{}", 2, &raw));
	assert_false(proto_unwrap(NULL, 0, &raw));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_chunk_size_gives_the_same),
		cmocka_unit_test(test_half_a_list_is_none),
		cmocka_unit_test(test_what_is_no_list_is_refused),
		cmocka_unit_test(test_nothing_reaches_out_of_the_list),
		cmocka_unit_test(test_an_object_over_the_ceiling_is_named),
		cmocka_unit_test(test_the_ceiling_is_held_to_the_byte),
		cmocka_unit_test(test_a_callback_may_stop_it),
		cmocka_unit_test(test_a_whole_answer_is_unwrapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
