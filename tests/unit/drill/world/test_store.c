/* The shared store: versions only grow, changes are kept until compacted, and selectors pick. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drill/world/store.h"
#include "io/json.h"

static const struct object *make(struct store *s, const char *name, const char *body)
{
	return store_create(s, KIND_POD, "shop", name, body, "test");
}

static void test_an_object_gets_what_an_api_server_gives(void **state)
{
	struct store *s = store_new();
	const struct object *o = make(s, "web-1",
		"{\"metadata\":{\"name\":\"ignored\",\"labels\":{\"app\":\"web\"}},\"spec\":{"
		"\"nodeName\":\"w1\"}}");
	struct js *doc = js_parse(rstr_text(o->json), strlen(rstr_text(o->json)), NULL);

	(void)state;
	assert_non_null(doc);
	assert_string_equal(js_text(doc, "kind"), "Pod");
	assert_string_equal(js_text(js_at(doc, "metadata"), "name"), "web-1");
	assert_string_equal(js_text(js_at(doc, "metadata"), "namespace"), "shop");
	assert_int_equal(strlen(js_text(js_at(doc, "metadata"), "uid")), 36);
	assert_non_null(js_get(js_nth(js_at(doc, "metadata.managedFields"), 0), "fieldsV1"));
	assert_string_equal(js_text(js_at(doc, "metadata.labels"), "app"), "web");
	js_free(doc);
	assert_null(make(s, "web-1", "{}"));
	store_free(s);
}

static void test_a_patch_that_changes_nothing_writes_nothing(void **state)
{
	struct store *s = store_new();
	uint64_t rv = make(s, "a", "{\"spec\":{\"x\":1}}")->rv;

	(void)state;
	assert_true(
		store_patch(s, KIND_POD, "shop", "a", "{\"spec\":{\"x\":1}}", "test")->rv == rv);
	assert_true(store_patch(s, KIND_POD, "shop", "a", "{\"spec\":{\"x\":2}}", "test")->rv > rv);
	assert_null(store_patch(s, KIND_POD, "shop", "b", "{}", "test"));
	store_free(s);
}

static void test_changes_are_told_in_order_until_forgotten(void **state)
{
	struct store *s = store_new();
	uint64_t from = store_revision(s);
	const struct change *c;
	size_t n;

	(void)state;
	make(s, "a", "{}");
	store_patch(s, KIND_POD, "shop", "a", "{\"spec\":{\"x\":2}}", "test");
	assert_true(store_delete(s, KIND_POD, "shop", "a"));
	assert_false(store_delete(s, KIND_POD, "shop", "a"));
	assert_true(store_changes(s, from, &c, &n));
	assert_int_equal(n, 3);
	assert_int_equal(c[0].type, CHANGE_ADDED);
	assert_int_equal(c[1].type, CHANGE_MODIFIED);
	assert_int_equal(c[2].type, CHANGE_DELETED);
	assert_true(c[0].rv < c[1].rv && c[1].rv < c[2].rv);
	assert_true(store_changes(s, c[1].rv, &c, &n));
	assert_int_equal(n, 1);
	store_compact(s);
	assert_false(store_changes(s, from, &c, &n));
	assert_true(store_changes(s, store_revision(s), &c, &n));
	assert_int_equal(n, 0);
	store_free(s);
}

static void test_a_flood_of_changes_drops_the_oldest(void **state)
{
	struct store *s = store_new();
	uint64_t from = store_revision(s);
	const struct change *c;
	size_t n;
	char patch[60];

	(void)state;
	make(s, "a", "{}");
	for (int i = 0; i < 5000; i++) {
		snprintf(patch, sizeof(patch), "{\"spec\":{\"x\":%d}}", i);
		store_patch(s, KIND_POD, "shop", "a", patch, "test");
	}
	assert_false(store_changes(s, from, &c, &n));
	assert_true(store_changes(s, store_oldest(s), &c, &n));
	assert_true(n > 1000);
	store_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_object_gets_what_an_api_server_gives),
		cmocka_unit_test(test_a_patch_that_changes_nothing_writes_nothing),
		cmocka_unit_test(test_changes_are_told_in_order_until_forgotten),
		cmocka_unit_test(test_a_flood_of_changes_drops_the_oldest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
