/* Whatever the chunks, the same objects come out, without managedFields; and what is no list is
 * refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "io/json_items.h"

struct seen {
	struct buf items; /* each followed by a newline */
	struct buf rest;
	int n;
	int stop_at; /* the item that answers "stop"; 0: none */
};

static int on_item(void *arg, const char *bytes, size_t n)
{
	struct seen *s = arg;

	assert_int_equal(strlen(bytes), n);
	buf_add(&s->items, bytes, n);
	buf_putc(&s->items, '\n');
	return ++s->n == s->stop_at;
}

static int on_rest(void *arg, const char *bytes, size_t n)
{
	struct seen *s = arg;

	buf_add(&s->rest, bytes, n);
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
static int cut(enum json_items_mode mode, size_t max, const char *text, size_t chunk,
	struct seen *s, struct err *e)
{
	struct json_items *items = json_items_new(mode, max, &calls, s);
	size_t left = strlen(text), n;
	int rc = 0;
	char *copy;

	for (; rc == 0 && left > 0; text += n, left -= n) {
		n = left < chunk ? left : chunk;
		copy = malloc(n);
		assert_non_null(copy);
		memcpy(copy, text, n);
		rc = json_items_feed(items, copy, n, e);
		free(copy);
	}
	if (rc == 0)
		rc = json_items_end(items, e);
	json_items_free(items);
	return rc;
}

static void assert_cut(
	enum json_items_mode mode, const char *text, const char *items, const char *rest)
{
	struct seen s;
	struct err e;
	size_t chunk;

	for (chunk = 1; chunk <= strlen(text) + 1; chunk++) {
		seen_init(&s);
		if (cut(mode, 1 << 20, text, chunk, &s, &e) != 0)
			fail_msg("in chunks of %zu: %s", chunk, e.text);
		assert_string_equal(buf_text(&s.items), items);
		assert_string_equal(buf_text(&s.rest), rest);
		seen_done(&s);
	}
}

static void test_a_list_gives_its_items_and_its_rest(void **state)
{
	(void)state;
	assert_cut(JSON_ITEMS_LIST,
		" {\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"7\",\"continue\":\"x\"}"
		",\"items\":"
		"[{\"metadata\":{\"name\":\"a\"}} , {\"b\":\"}]\\\"{\\\\\",\"c\":[{},[]]}]}\n",
		"{\"metadata\":{\"name\":\"a\"}}\n{\"b\":\"}]\\\"{\\\\\",\"c\":[{},[]]}\n",
		"{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"7\",\"continue\":\"x\"}"
		"}");
	assert_cut(JSON_ITEMS_LIST, "{\"items\":[],\"kind\":\"L\"}", "", "{\"kind\":\"L\"}");
	assert_cut(JSON_ITEMS_LIST, "{\"items\":null}", "", "{}");
	assert_cut(JSON_ITEMS_LIST, "{\"a\":{\"items\":[1]},\"items\" : [ ] , \"z\":1}", "",
		"{\"a\":{\"items\":[1]}, \"z\":1}");
}

static void test_a_status_instead_of_a_list_is_all_rest(void **state)
{
	(void)state;
	assert_cut(JSON_ITEMS_LIST, "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}\n",
		"", "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}");
}

static void test_managed_fields_are_left_out(void **state)
{
	(void)state;
	assert_cut(JSON_ITEMS_LIST,
		"{\"items\":[{\"metadata\":{\"name\":\"a\",\"managedFields\":[{\"f:x\":{\"}]\":"
		"\"\\\"\"}}],\"uid\":\"u\"}},"
		"{\"metadata\":{\"managedFields\":[]}},"
		"{\"metadata\":{\"name\":\"b\", \"managedFields\" : null }},"
		"{\"metadata\":{\"managedFields\":\"s,}\",\"name\":\"c\"},\"spec\":{\"metadata\":{"
		"\"managedFields\":1}}}]}",
		"{\"metadata\":{\"name\":\"a\",\"uid\":\"u\"}}\n"
		"{\"metadata\":{}}\n"
		"{\"metadata\":{\"name\":\"b\"}}\n"
		"{\"metadata\":{\"name\":\"c\"},\"spec\":{\"metadata\":{\"managedFields\":1}}}\n",
		"{}");
}

static void test_only_the_objects_own_managed_fields_are_left_out(void **state)
{
	(void)state;
	assert_cut(JSON_ITEMS_LIST,
		"{\"items\":[{\"managedFields\":1,\"x\":\"managedFields\",\"y\":[\"metadata\",{"
		"\"managedFields\":2}],"
		"\"metadata\":{\"labels\":{\"managedFields\":\"3\"},\"managedFields2\":4,"
		"\"managed\":\"managedFields\"}}]}",
		"{\"managedFields\":1,\"x\":\"managedFields\",\"y\":[\"metadata\",{"
		"\"managedFields\":2}],"
		"\"metadata\":{\"labels\":{\"managedFields\":\"3\"},\"managedFields2\":4,"
		"\"managed\":\"managedFields\"}}\n",
		"{}");
}

static void test_a_watch_gives_each_event(void **state)
{
	(void)state;
	assert_cut(JSON_ITEMS_WATCH,
		"{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"managedFields\":[{}],\"name\":"
		"\"a\"}}}\n"
		"{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"9\"}},"
		"\"metadata\":{\"managedFields\":1}}\n",
		"{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\"}}}\n"
		"{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"9\"}},"
		"\"metadata\":{\"managedFields\":1}}\n",
		"");
}

static void assert_refused(enum json_items_mode mode, const char *text, enum err_code code)
{
	struct seen s;
	struct err e;
	size_t chunk;

	for (chunk = 1; chunk <= strlen(text); chunk++) {
		seen_init(&s);
		err_clear(&e);
		if (cut(mode, 64, text, chunk, &s, &e) == 0)
			fail_msg("accepted: %s", text);
		assert_int_equal(e.code, code);
		seen_done(&s);
	}
}

static void test_what_is_no_list_is_refused(void **state)
{
	static const char *const lists[] = {"<html>", "[]", "{\"items\":{}}", "{\"items\":[1]}",
		"{\"items\":[{}}", "{\"items\":[{]]}", "{}x", "{\"items\":[{\"a\":1}",
		"{\"items\":[", "{", "{\"a\":\"", "\x01"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		assert_refused(JSON_ITEMS_LIST, lists[i], ERR_INPUT);
	assert_refused(JSON_ITEMS_WATCH, "{}]", ERR_INPUT);
	assert_refused(JSON_ITEMS_WATCH, "{},{}", ERR_INPUT);
	assert_refused(JSON_ITEMS_WATCH, "{\"type\":\"ADD", ERR_INPUT);
}

static void test_an_empty_stream_is_a_watch_but_no_list(void **state)
{
	struct seen s;
	struct err e;

	(void)state;
	seen_init(&s);
	assert_int_equal(cut(JSON_ITEMS_WATCH, 64, "", 1, &s, &e), 0);
	assert_int_equal(cut(JSON_ITEMS_LIST, 64, "", 1, &s, &e), -1);
	seen_done(&s);
}

static void test_an_object_over_the_ceiling_is_named(void **state)
{
	static const char text[] = "{\"items\":[{\"metadata\":{\"name\":\"fat\"},\"d\":"
				   "\"0123456789012345678901234567890123456789\"}]}";
	struct seen s;
	struct err e;
	size_t chunk;

	(void)state;
	assert_refused(JSON_ITEMS_LIST, text, ERR_LIMIT);
	for (chunk = 1; chunk < sizeof(text); chunk++) {
		seen_init(&s);
		assert_int_equal(cut(JSON_ITEMS_LIST, 64, text, chunk, &s, &e), -1);
		assert_non_null(strstr(e.text, "named fat"));
		seen_done(&s);
	}
}

/* What the object's text is padded to, in front of what stands at its end. */
static char *padded(const char *before, size_t pad, const char *behind)
{
	char *fill = malloc(pad + 1);
	char *text;

	assert_non_null(fill);
	memset(fill, 'x', pad);
	fill[pad] = '\0';
	text = str_fmt("%s%s%s", before, fill, behind);
	free(fill);
	return text;
}

static void test_the_ceiling_is_held_to_the_byte(void **state)
{
	static const struct {
		enum json_items_mode mode;
		const char *before, *behind;
		size_t around; /* bytes of these that are not the object's */
	} rows[] = {
		{JSON_ITEMS_LIST, "{\"items\":[{\"a\":\"", "\"}]}", 12},
		{JSON_ITEMS_WATCH, "{\"a\":\"", "\"}", 0},
		{JSON_ITEMS_LIST, "{\"a\":\"", "\"}", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t chunk = 1; chunk < 80; chunk++) {
			size_t fits = 64 - (strlen(rows[i].before) + strlen(rows[i].behind) -
						   rows[i].around);
			char *text = padded(rows[i].before, fits, rows[i].behind);
			char *over = padded(rows[i].before, fits + 1, rows[i].behind);
			struct seen s;
			struct err e;

			seen_init(&s);
			assert_int_equal(cut(rows[i].mode, 64, text, chunk, &s, &e), 0);
			assert_int_equal(cut(rows[i].mode, 64, over, chunk, &s, &e), -1);
			assert_int_equal(e.code, ERR_LIMIT);
			seen_done(&s);
			free(text);
			free(over);
		}
}

/* The key that is left out may itself lie across the ceiling, or begin past it. */
static void test_a_key_past_the_ceiling_is_not_looked_for(void **state)
{
	(void)state;
	for (size_t pad = 0; pad < 100; pad++)
		for (size_t chunk = 1; chunk < 200; chunk += 3) {
			char *text = padded("{\"items\":[{\"metadata\":{\"x\":\"", pad,
				"\",\"managedFields\":1}}]}");
			/* What is kept while the key is read: all up to its end. */
			bool fits =
				strlen("{\"metadata\":{\"x\":\"\",\"managedFields\"") + pad <= 64;
			struct seen s;
			struct err e;

			seen_init(&s);
			err_clear(&e);
			assert_int_equal(
				cut(JSON_ITEMS_LIST, 64, text, chunk, &s, &e), fits ? 0 : -1);
			assert_int_equal(e.code, fits ? ERR_NONE : ERR_LIMIT);
			seen_done(&s);
			free(text);
		}
}

static void test_what_is_left_out_does_not_count(void **state)
{
	struct seen s;
	struct err e;

	(void)state;
	seen_init(&s);
	assert_int_equal(cut(JSON_ITEMS_LIST, 64,
				 "{\"items\":[{\"metadata\":{\"name\":\"fat\",\"managedFields\":[\""
				 "01234567890123456789012345678901234567890123456789012345678901234"
				 "56789\"]}}]}",
				 7, &s, &e),
		0);
	assert_int_equal(s.n, 1);
	seen_done(&s);
}

static void test_a_callback_can_stop(void **state)
{
	struct seen s;
	struct err e;

	(void)state;
	seen_init(&s);
	s.stop_at = 2;
	assert_int_equal(cut(JSON_ITEMS_WATCH, 64, "{}{}{}", 100, &s, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_int_equal(s.n, 2);
	seen_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_list_gives_its_items_and_its_rest),
		cmocka_unit_test(test_a_status_instead_of_a_list_is_all_rest),
		cmocka_unit_test(test_managed_fields_are_left_out),
		cmocka_unit_test(test_only_the_objects_own_managed_fields_are_left_out),
		cmocka_unit_test(test_a_watch_gives_each_event),
		cmocka_unit_test(test_what_is_no_list_is_refused),
		cmocka_unit_test(test_an_empty_stream_is_a_watch_but_no_list),
		cmocka_unit_test(test_an_object_over_the_ceiling_is_named),
		cmocka_unit_test(test_the_ceiling_is_held_to_the_byte),
		cmocka_unit_test(test_a_key_past_the_ceiling_is_not_looked_for),
		cmocka_unit_test(test_what_is_left_out_does_not_count),
		cmocka_unit_test(test_a_callback_can_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
