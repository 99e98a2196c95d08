/* The pull reader: what it takes, what it skips, what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io/json_pull.h"

struct one {
	int64_t n;
};

struct thing {
	struct json_span name, inner;
	int64_t count;
	bool on;
	bool unsure;
	int64_t sum;
	struct one one;
};

static void add_one(void *into)
{
	struct thing *t = into;

	t->sum += t->one.n;
}

static const struct field one_fields[] = {
	FIELD(INT, "n", 0, struct one, n),
	FIELDS_END,
};

static const struct field inner_fields[] = {
	FIELD(STR, "name", 0, struct thing, inner),
	FIELDS_END,
};

static const struct field fields[] = {
	FIELD(STR, "name", 0, struct thing, name),
	FIELD(INT, "count", 0, struct thing, count),
	FIELD(BOOL, "on", 0, struct thing, on),
	FIELD(FALSE, "sure", 0, struct thing, unsure),
	FIELD_INSIDE("inner", 0, inner_fields),
	FIELD_EACH("list", 0, struct thing, one, one_fields, add_one),
	FIELDS_END,
};

static int read_thing(const char *text, struct thing *t)
{
	struct json_pull p;

	memset(t, 0, sizeof(*t));
	json_pull_init(&p, text, strlen(text));
	json_pull_fields(&p, fields, t);
	return json_pull_end(&p, NULL);
}

static void test_members_are_found_in_any_order(void **state)
{
	struct thing t;

	(void)state;
	assert_int_equal(read_thing(" { \"other\" : [ {\"name\":\"no\"} , \"]}\" ] , "
				    "\"list\":[{\"n\":1},{\"n\":2}, {\"n\":39}], \"on\" : true,"
				    "\"inner\":{\"x\":null,\"name\":\"deep\"},\"count\":-12,"
				    "\"name\":\"top\" } ",
				 &t),
		0);
	assert_true(json_span_is(t.name, "top"));
	assert_true(json_span_is(t.inner, "deep"));
	assert_int_equal(t.count, -12);
	assert_int_equal(t.sum, 42);
	assert_true(t.on);
}

static void test_wrong_types_count_as_absent(void **state)
{
	struct thing t;

	(void)state;
	assert_int_equal(read_thing("{\"name\":{\"a\":[1]},\"count\":\"12\",\"on\":1,\"inner\":[],"
				    "\"list\":{\"a\":1}}",
				 &t),
		0);
	assert_null(t.name.at);
	assert_int_equal(t.count, 0);
	assert_false(t.on);
	assert_int_equal(t.sum, 0);
	assert_int_equal(read_thing("{\"name\":null,\"list\":[{\"n\":1},\"x\",null,{},{\"n\":2}],"
				    "\"inner\":\"\"}",
				 &t),
		0);
	assert_null(t.name.at);
	assert_int_equal(t.sum, 3);
}

static void test_what_is_no_json_is_refused(void **state)
{
	static const char *const bad[] = {"", "{", "{\"name\"", "{\"name\":", "{\"name\":\"x",
		"{\"name\":\"x\"", "{\"name\":\"x\",", "{\"name\":\"x\",}", "{,\"name\":\"x\"}",
		"{\"name\" \"x\"}", "{\"name\":\"x\" \"count\":1}", "{\"name\":\"x\"}}",
		"{\"name\":\"x\"} x", "{\"list\":[1 2]}", "{\"list\":[1,]}", "{\"list\":[1",
		"{\"x\":[{]}", "{\"x\":nul}", "{\"x\":-}", "{\"name\":\"x\\", "{\"name\":\"x\\\"",
		"{\"x\":}", "{1:2}", "nonsense"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct thing t;

		if (read_thing(bad[i], &t) == 0)
			fail_msg("taken: %s", bad[i]);
	}
}

static void test_escapes_read_as_what_they_mean(void **state)
{
	static const struct {
		const char *json, *plain;
	} rows[] = {
		{"{\"name\":\"a\\n\\t\\\"\\\\\\/b\"}", "a\n\t\"\\/b"},
		{"{\"name\":\"\\u003cnone\\u003e\"}", "<none>"},
		{"{\"name\":\"\\u00e9\\u4e2d\"}", "\xc3\xa9\xe4\xb8\xad"},
		{"{\"name\":\"\\ud83d\\ude00\"}", "\xf0\x9f\x98\x80"},
		{"{\"name\":\"\\ud83d!\"}", "\xef\xbf\xbd!"},
		{"{\"name\":\"\\u0000\"}", "\xef\xbf\xbd"},
		{"{\"name\":\"\\uzz\"}", "uzz"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct thing t;
		char small[4], *text;

		assert_int_equal(read_thing(rows[i].json, &t), 0);
		text = json_span_new(t.name, NULL);
		assert_string_equal(text, rows[i].plain);
		assert_true(json_span_is(t.name, rows[i].plain));
		assert_false(json_span_is(t.name, "other"));
		assert_true(json_span_copy(t.name, small, sizeof(small)) < sizeof(small));
		free(text);
	}
}

static void test_integers_saturate(void **state)
{
	struct thing t;

	(void)state;
	assert_int_equal(read_thing("{\"count\":99999999999999999999999}", &t), 0);
	assert_true(t.count == INT64_MAX);
	assert_int_equal(read_thing("{\"count\":12.9}", &t), 0);
	assert_int_equal(t.count, 12);
}

static void test_deep_nesting_is_skipped_without_a_stack(void **state)
{
	size_t n = 2000000;
	char *text = malloc(n + 32);
	struct thing t;
	int head;

	(void)state;
	head = snprintf(text, 32, "{\"x\":");
	memset(text + head, '[', n / 2);
	memset(text + head + n / 2, ']', n / 2);
	snprintf(text + (size_t)head + n, 20, ",\"count\":7}");
	assert_int_equal(read_thing(text, &t), 0);
	assert_int_equal(t.count, 7);
	free(text);
}

static void test_a_raw_value_is_given_whole(void **state)
{
	const char *text = "{\"object\": {\"a\":[1,\"}\"]} ,\"z\":1}";
	struct json_span key, raw = {0};
	struct json_pull p;

	(void)state;
	json_pull_init(&p, text, strlen(text));
	assert_true(json_pull_object(&p));
	assert_true(json_pull_member(&p, &key));
	assert_true(json_pull_raw(&p, &raw));
	assert_int_equal(raw.n, strlen("{\"a\":[1,\"}\"]}"));
	assert_memory_equal(raw.at, "{\"a\":[1,\"}\"]}", raw.n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members_are_found_in_any_order),
		cmocka_unit_test(test_wrong_types_count_as_absent),
		cmocka_unit_test(test_what_is_no_json_is_refused),
		cmocka_unit_test(test_escapes_read_as_what_they_mean),
		cmocka_unit_test(test_integers_saturate),
		cmocka_unit_test(test_deep_nesting_is_skipped_without_a_stack),
		cmocka_unit_test(test_a_raw_value_is_given_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
