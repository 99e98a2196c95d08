/* The tree is what kubectl would read, every complaint has a place, and a hostile file has bounds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "help/residue.h"
#include "io/yaml.h"

static struct yml_doc *parse(const char *text)
{
	struct err e;
	struct yml_doc *d = yml_parse(text, strlen(text), "f.yaml", &e);

	if (d == NULL)
		fail_msg("%s", e.text);
	return d;
}

static void assert_error(const char *text, const char *want)
{
	struct err e;

	assert_null(yml_parse(text, strlen(text), "f.yaml", &e));
	if (strstr(e.text, want) == NULL)
		fail_msg("\"%s\" has no \"%s\"", e.text, want);
}

static void test_a_tree_is_read_with_its_places(void **state)
{
	struct yml_doc *d = parse("# c\nclusters:\n- name: a\n  cluster: {server: "
				  "'https://x:6443'}\n- name: b\nempty:\ntext: |\n  one\n  two\n");
	const struct yml *root = yml_root(d), *list = yml_get(root, "clusters");
	struct err e;

	(void)state;
	assert_int_equal(list->n, 2);
	assert_string_equal(yml_text(yml_get(list->items[1], "name")), "b");
	assert_string_equal(
		yml_text(yml_get(yml_get(list->items[0], "cluster"), "server")), "https://x:6443");
	assert_null(yml_get(root, "empty"));
	assert_null(yml_get(root, "none"));
	assert_null(yml_get(NULL, "none"));
	assert_null(yml_get(list, "name"));
	assert_null(yml_text(list));
	assert_string_equal(yml_text(yml_get(root, "text")), "one\ntwo\n");
	assert_int_equal(list->items[1]->line, 5);
	assert_int_equal(list->items[1]->column, 3);
	assert_string_equal(root->keys[1], "empty");
	assert_int_equal(root->key_at[1]->line, 6);
	assert_int_equal(yml_err(d, list->items[1], &e, "no %s here", "server"), -1);
	assert_string_equal(e.text, "f.yaml:5:3: no server here");
	yml_free(d);
}

static void test_words_are_typed_as_yaml_1_1(void **state)
{
	struct yml_doc *d = parse("{a: y, b: 'y', c: off, d: 0x10, e: 0600, f: 1_000, g: '5', h: "
				  "-3, i: 12a, j: 99999999999999999999, k: ~, l: '', m: ''}");
	const struct yml *r = yml_root(d);
	bool b = false;
	int64_t n = 0;

	(void)state;
	assert_true(yml_bool(yml_get(r, "a"), &b) && b);
	assert_false(yml_bool(yml_get(r, "b"), &b));
	assert_true(yml_bool(yml_get(r, "c"), &b) && !b);
	assert_true(yml_int(yml_get(r, "d"), &n) && n == 16);
	assert_true(yml_int(yml_get(r, "e"), &n) && n == 0600);
	assert_true(yml_int(yml_get(r, "f"), &n) && n == 1000);
	assert_false(yml_int(yml_get(r, "g"), &n));
	assert_true(yml_int(yml_get(r, "h"), &n) && n == -3);
	assert_false(yml_int(yml_get(r, "i"), &n));
	assert_false(yml_int(yml_get(r, "j"), &n));
	assert_false(yml_int(yml_get(r, "k"), &n));
	assert_null(yml_get(r, "k"));
	assert_string_equal(yml_text(yml_get(r, "l")), "");
	yml_free(d);
}

static void test_an_empty_file_is_an_empty_map(void **state)
{
	static const char *const empty[] = {
		"", "# only a comment\n", "---\n", "---\n...\n", "null\n"};
	struct yml_doc *d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
		d = parse(empty[i]);
		assert_int_equal(yml_root(d)->kind, YML_MAP);
		assert_int_equal(yml_root(d)->n, 0);
		yml_free(d);
	}
}

static void test_aliases_and_merges_are_resolved(void **state)
{
	struct yml_doc *d = parse(
		"base: &b {x: 1, y: 2}\none: {<<: *b, y: 3}\ntwo: *b\nmany: {<<: [*b, {z: 9}]}\n"
		"late: {<<: &l {q: 1}}\nafter: *l\n");
	const struct yml *r = yml_root(d);

	(void)state;
	assert_string_equal(yml_text(yml_get(yml_get(r, "one"), "x")), "1");
	assert_string_equal(yml_text(yml_get(yml_get(r, "one"), "y")), "3");
	assert_string_equal(yml_text(yml_get(yml_get(r, "two"), "y")), "2");
	assert_string_equal(yml_text(yml_get(yml_get(r, "many"), "z")), "9");
	assert_string_equal(yml_text(yml_get(yml_get(r, "after"), "q")), "1");
	yml_free(d);
}

static void test_errors_have_a_place(void **state)
{
	(void)state;
	assert_error("a: 1\nb: [\n", "f.yaml:3:1:");
	assert_error("a: 1\nb: 2\na: 3\n", "f.yaml:3:1: the key \"a\" stands in line 1 already");
	assert_error("? [a]\n: b\n", "f.yaml:1:3:");
	assert_error("a: *none\n", "f.yaml:1:4:");
	assert_error("a: &x [*x]\n", "alias");
	assert_error("a: \"x\\0y\"\n", "NUL");
	assert_error("a: 1\nb: \xc3\xa9\xff\xfe\n", "f.yaml:2:5: broken YAML");
	assert_error("\"\\e[2J\": 1\n\"\\e[2J\": 2\n", "f.yaml:2:1: the key \"^[[2J\" stands");
	assert_error("<<: 5\n", "merge");
}

static void test_a_second_document_does_not_pass_for_nothing(void **state)
{
	static const char *const alone[] = {"", "a: 1\n", "---\na: 1\n...\n", "a: 1\n# end\n"};
	static const char *const more[] = {"a: 1\n---\nb: 2\n", "a: 1\n---\n", "a: 1\n...\n]\n"};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(alone) / sizeof(alone[0]); i++) {
		struct yml_doc *d = parse(alone[i]);

		assert_int_equal(yml_alone(d, &e), 0);
		yml_free(d);
	}
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		struct yml_doc *d = parse(more[i]);

		assert_int_equal(yml_alone(d, &e), -1);
		assert_true(
			strncmp(e.text, i < 2 ? "f.yaml:2:1: more" : "f.yaml:3:1: more", 16) == 0);
		yml_free(d);
	}
}

static void test_a_hostile_file_has_bounds(void **state)
{
	struct buf b;
	int i;

	(void)state;
	buf_init(&b, 16 << 20);
	buf_puts(&b, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
	for (i = 1; i < 9; i++)
		buf_fmt(&b, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i,
			i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	assert_error(b.at, "too many values");
	buf_clear(&b);
	for (i = 0; i < 1000; i++)
		buf_putc(&b, '[');
	assert_error(b.at, "nested");
	buf_clear(&b);
	for (i = 0; i < 6000; i++)
		buf_fmt(&b, "k%d: 1\n", i);
	assert_error(b.at, "too many keys");
	buf_clear(&b);
	for (i = 0; i < 9 << 10; i++)
		buf_fmt(&b, "%01024d\n", 0);
	assert_error(b.at, "larger than");
	buf_done(&b);
}

/* Few bytes in the file, gigabytes in the tree. */
static void test_aliases_cannot_blow_a_file_up(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, 8u << 20);
	buf_puts(&text, "a: &a ");
	for (int i = 0; i < 1 << 20; i++)
		buf_putc(&text, 'x');
	buf_puts(&text, "\nb: [");
	for (int i = 0; i < 3000; i++)
		buf_puts(&text, "*a, ");
	buf_puts(&text, "]\n");
	assert_error(buf_text(&text), "too much text");
	buf_clear(&text);
	buf_puts(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 12; i++) {
		buf_fmt(&text, "a%d: &a%d [", i, i);
		for (int k = 0; k < 10; k++)
			buf_fmt(&text, "*a%d, ", i - 1);
		buf_puts(&text, "]\n");
	}
	assert_error(buf_text(&text), "too many values");
	buf_done(&text);
}

/* Each anchor is as deep as a file may be, and holds the one before it at its bottom. */
static void test_aliases_cannot_nest_deeper_than_a_file(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, 8u << 20);
	for (int i = 0; i < 900; i++) {
		buf_fmt(&text, "k%d: &a%d ", i, i);
		for (int k = 0; k < 50; k++)
			buf_putc(&text, '[');
		if (i > 0)
			buf_fmt(&text, "*a%d", i - 1);
		for (int k = 0; k < 50; k++)
			buf_putc(&text, ']');
		buf_putc(&text, '\n');
	}
	assert_error(buf_text(&text), "f.yaml:2:59: nested too deeply");
	buf_done(&text);
}

static void test_anchors_are_bounded(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, 8u << 20);
	buf_puts(&text, "[");
	for (int i = 0; i < 1001; i++)
		buf_fmt(&text, "&a%d x, ", i);
	buf_puts(&text, "]\n");
	assert_error(buf_text(&text), "too many anchors");
	buf_done(&text);
}

/* libyaml leaves a copy or two of its own behind; what the tree held, fifty times, is wiped. */
static void test_nothing_of_a_tree_is_left_in_memory(void **state)
{
	char secret[RESIDUE_BYTES];
	struct yml_doc *d;
	struct buf text;
	int held;

	(void)state;
	if (residue_count() < 0)
		skip();
	residue_secret(secret);
	buf_init(&text, 8192);
	buf_fmt(&text, "a: &a {token: %s}\nb: [", secret);
	for (int i = 0; i < 50; i++)
		buf_puts(&text, "*a, ");
	buf_puts(&text, "]\n");
	d = parse(buf_text(&text));
	mem_wipe(text.at, text.cap);
	buf_done(&text);
	mem_wipe(secret, sizeof(secret));
	held = residue_count();
	yml_free(d);
	assert_true(held > 50 && residue_count() < held / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_tree_is_read_with_its_places),
		cmocka_unit_test(test_words_are_typed_as_yaml_1_1),
		cmocka_unit_test(test_an_empty_file_is_an_empty_map),
		cmocka_unit_test(test_aliases_and_merges_are_resolved),
		cmocka_unit_test(test_aliases_cannot_blow_a_file_up),
		cmocka_unit_test(test_aliases_cannot_nest_deeper_than_a_file),
		cmocka_unit_test(test_anchors_are_bounded),
		cmocka_unit_test(test_nothing_of_a_tree_is_left_in_memory),
		cmocka_unit_test(test_errors_have_a_place),
		cmocka_unit_test(test_a_second_document_does_not_pass_for_nothing),
		cmocka_unit_test(test_a_hostile_file_has_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
