/* Getters never fail hard, ids keep every digit, and what is written reads back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "help/residue.h"
#include "io/json.h"

static struct js *parse(const char *text)
{
	struct err e;
	struct js *doc = js_parse(text, strlen(text), &e);

	if (doc == NULL)
		fail_msg("%s: %s", text, e.text);
	return doc;
}

static void test_getters_give_the_default_for_what_is_not_there(void **state)
{
	struct js *doc =
		parse("{\"a\":{\"b\":\"x\",\"n\":null},\"i\":7,\"s\":\"8\",\"t\":true,\"r\":1.5}");
	const struct js *a = js_get(doc, "a");

	(void)state;
	assert_string_equal(js_text(a, "b"), "x");
	assert_null(js_get(a, "n"));
	assert_null(js_text(a, "i"));
	assert_null(js_text(NULL, "i"));
	assert_string_equal(js_text_or(doc, "i", "-"), "-");
	assert_string_equal(js_str(js_at(doc, "a.b")), "x");
	assert_null(js_at(doc, "a.b.c"));
	assert_null(js_at(doc, "no.such"));
	assert_int_equal(js_int(doc, "i", 0), 7);
	assert_int_equal(js_int(doc, "s", 0), 8);
	assert_int_equal(js_int(doc, "t", -3), -3);
	assert_int_equal(js_int(doc, "r", 0), 1);
	assert_true(js_bool(doc, "t", false));
	assert_true(js_bool(doc, "i", true));
	assert_int_equal(js_len(a), 0);
	assert_null(js_nth(a, 0));
	js_free(doc);
}

/* What is cut or rounded would be another id. */
static void test_an_integer_past_int64_is_an_error(void **state)
{
	static const char text[] = "{\"id\":13803658152347727308}";
	struct js *doc = parse("{\"peer\":9223372036854775807,\"text\":\"13803658152347727308\"}");
	struct err e = {0};

	(void)state;
	assert_true(js_int(doc, "peer", 0) == INT64_MAX);
	assert_string_equal(js_text(doc, "text"), "13803658152347727308");
	js_free(doc);
	assert_null(js_parse(text, sizeof(text) - 1, &e));
	assert_int_equal(e.code, ERR_INPUT);
}

static void test_members_come_in_the_documents_order(void **state)
{
	struct js *doc = parse("{\"z\":1,\"a\":2,\"m\":null}");
	char keys[8] = "";
	const void *it;
	size_t n = 0;

	(void)state;
	for (it = js_first(doc); it != NULL; it = js_next(doc, it))
		keys[n++] = js_key(it)[0];
	assert_string_equal(keys, "zam");
	assert_null(js_first(NULL));
	js_free(doc);
}

static void test_garbage_is_an_error_with_a_place(void **state)
{
	static const char *const bad[] = {"", "{", "{\"a\":}", "[1,2", "nul", "\"\xff\"",
		"{\"a\":1}x", "1111111111111111111111111111a"};
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(js_parse(bad[i], strlen(bad[i]), &e));
		assert_int_equal(e.code, ERR_INPUT);
		assert_non_null(strstr(e.text, "line"));
	}
}

static void test_what_is_written_reads_back(void **state)
{
	struct buf b;
	struct jsw w;
	struct js *doc;

	(void)state;
	buf_init(&b, 4096);
	jsw_init(&w, &b);
	jsw_object(&w, NULL);
	jsw_str(&w, "text", "a \"quoted\" \\ line\n\ttab \x01 \xc3\xa9 \xff 中");
	jsw_str(&w, "none", NULL);
	jsw_array(&w, "list");
	jsw_int(&w, NULL, INT64_MIN);
	jsw_u64(&w, NULL, UINT64_MAX);
	jsw_object(&w, NULL);
	jsw_end_object(&w);
	jsw_end_array(&w);
	jsw_bool(&w, "yes", true);
	jsw_raw(&w, "raw", "[1,2]");
	jsw_end_object(&w);
	assert_string_equal(b.at, "{\"text\":\"a \\\"quoted\\\" \\\\ line\\n\\ttab \\u0001 "
				  "\xc3\xa9 \xef\xbf\xbd 中\",\"none\":null,"
				  "\"list\":[-9223372036854775808,\"18446744073709551615\",{}]"
				  ",\"yes\":true,\"raw\":[1,2]}");
	doc = parse(b.at);
	assert_true(js_num(js_nth(js_get(doc, "list"), 0), 0) == INT64_MIN);
	assert_int_equal(js_len(js_get(doc, "raw")), 2);
	js_free(doc);
	buf_done(&b);
}

static void test_nothing_of_a_document_is_left_in_memory(void **state)
{
	char secret[RESIDUE_BYTES];
	struct err e;
	char *text;

	(void)state;
	if (residue_count() < 0)
		skip();
	residue_secret(secret);
	text = str_fmt("{\"a\":{\"token\":\"%s\",\"n\":12345678901234567890}}", secret);
	js_free(js_parse(text, strlen(text), &e));
	mem_wipe(text, strlen(text));
	free(text);
	mem_wipe(secret, sizeof(secret));
	assert_int_equal(residue_count(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_getters_give_the_default_for_what_is_not_there),
		cmocka_unit_test(test_an_integer_past_int64_is_an_error),
		cmocka_unit_test(test_members_come_in_the_documents_order),
		cmocka_unit_test(test_garbage_is_an_error_with_a_place),
		cmocka_unit_test(test_what_is_written_reads_back),
		cmocka_unit_test(test_nothing_of_a_document_is_left_in_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
