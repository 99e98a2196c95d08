/* JSON as text: what is found, and what a merge patch leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "drill/world/jtext.h"

static void assert_merged(const char *target, const char *patch, const char *expect)
{
	struct buf out;

	buf_init(&out, 1 << 16);
	jt_merge(jt_of(target), jt_of(patch), &out);
	assert_string_equal(buf_text(&out), expect);
	buf_done(&out);
}

static void test_members_are_found_by_path(void **state)
{
	struct json_span o =
		jt_of(" {\"a\": {\"b\" : [1, {\"c\":2}], \"x.y\":\"z\\\"}\"}, \"n\": -17 }");
	char text[20];

	(void)state;
	assert_true(jt_is(jt_at(o, "a.b"), "[1, {\"c\":2}]"));
	assert_int_equal(jt_int(jt_get(o, "n"), 0), -17);
	assert_true(jt_str(jt_get(jt_get(o, "a"), "x.y"), text, sizeof(text)));
	assert_string_equal(text, "z\"}");
	assert_true(jt_str(jt_of("\"\\u003ca\\u003e\\n\""), text, sizeof(text)));
	assert_string_equal(text, "<a>\n");
	assert_null(jt_at(o, "a.nothing.there").at);
	assert_false(jt_str(jt_get(o, "n"), text, sizeof(text)));
}

static void test_elements_are_walked(void **state)
{
	struct json_span v = jt_of("[ \"a]\" , {} ,3]"), key, value;
	size_t pos = 0;

	(void)state;
	assert_true(jt_each(v, &pos, &key, &value));
	assert_true(jt_str_is(value, "a]"));
	assert_true(jt_each(v, &pos, &key, &value));
	assert_true(jt_is_object(value));
	assert_true(jt_each(v, &pos, &key, &value));
	assert_true(jt_is(value, "3"));
	assert_false(jt_each(v, &pos, &key, &value));
}

/* The examples of RFC 7396, appendix A. */
static void test_merges_as_the_rfc_says(void **state)
{
	(void)state;
	assert_merged("{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}");
	assert_merged("{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}");
	assert_merged("{\"a\":\"b\"}", "{\"a\":null}", "{}");
	assert_merged("{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}");
	assert_merged("{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}");
	assert_merged("{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}");
	assert_merged("{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}",
		"{\"a\":{\"b\":\"d\"}}");
	assert_merged("[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]");
	assert_merged("{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]");
	assert_merged("{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}");
	assert_merged("[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}");
	assert_merged("{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}");
}

static void test_big_numbers_stay_as_written(void **state)
{
	(void)state;
	assert_merged("{\"id\":18249187646912138824,\"x\":1e400}", "{\"y\":0.10}",
		"{\"id\":18249187646912138824,\"x\":1e400,\"y\":0.10}");
}

static void test_broken_text_ends_and_does_not_run_on(void **state)
{
	static const char *const broken[] = {
		"{\"a", "{\"a\":", "[1,", "{\"a\":{\"b\":[", "\"\\", "", "{"};
	struct json_span key, value;

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		size_t pos = 0, n = 0;

		while (jt_each(jt_of(broken[i]), &pos, &key, &value) && n < 10)
			n++;
		assert_true(n < 10);
	}
}

/* As kube-apiserver merges: lists with a key by their elements, all others whole. */
static void test_strategic_merges_know_lists_by_their_key(void **state)
{
	static const char *const rows[][3] = {
		{"{\"webhooks\":[{\"name\":\"a\",\"p\":1,\"q\":2},{\"name\":\"b\",\"p\":1}]}",
			"{\"webhooks\":[{\"name\":\"a\",\"p\":3}]}",
			"{\"webhooks\":[{\"name\":\"a\",\"p\":3,\"q\":2},{\"name\":\"b\",\"p\":1}]"
			"}"},
		{"{\"spec\":{\"containers\":[{\"name\":\"a\",\"env\":[{\"name\":\"X\",\"value\":"
		 "\"1\"}]}]}}",
			"{\"spec\":{\"containers\":[{\"name\":\"a\",\"env\":[{\"name\":\"Y\","
			"\"value\":\"2\"}]},{\"name\":\"b\"}]}}",
			"{\"spec\":{\"containers\":[{\"name\":\"a\",\"env\":[{\"name\":\"X\","
			"\"value\":\"1\"},{\"name\":\"Y\",\"value\":\"2\"}]},{\"name\":\"b\"}]}}"},
		{"{\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]}",
			"{\"containers\":[{\"name\":\"a\",\"$patch\":\"delete\"}]}",
			"{\"containers\":[{\"name\":\"b\"}]}"},
		{"{\"taints\":[{\"key\":\"a\"}],\"x\":1}", "{\"taints\":[{\"key\":\"b\"}]}",
			"{\"taints\":[{\"key\":\"b\"}],\"x\":1}"},
		{"{\"a\":{\"b\":1,\"c\":2}}", "{\"a\":{\"b\":null}}", "{\"a\":{\"c\":2}}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf as_merge;

		buf_init(&as_merge, 1 << 12);
		jt_strategic(jt_of(rows[i][0]), jt_of(rows[i][1]), &as_merge);
		assert_merged(rows[i][0], buf_text(&as_merge), rows[i][2]);
		buf_done(&as_merge);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strategic_merges_know_lists_by_their_key),
		cmocka_unit_test(test_members_are_found_by_path),
		cmocka_unit_test(test_elements_are_walked),
		cmocka_unit_test(test_merges_as_the_rfc_says),
		cmocka_unit_test(test_big_numbers_stay_as_written),
		cmocka_unit_test(test_broken_text_ends_and_does_not_run_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
