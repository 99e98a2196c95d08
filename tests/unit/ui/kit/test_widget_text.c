/* Promises of the page that scrolls: it never shows beyond its end, words stay whole, and a value
 * too wide for its share has a line of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "ui/kit/widget_text.h"

struct bench {
	struct widget_text *page;
	struct canvas *canvas;
	struct view_look look;
	void (*write)(struct pen *p, void *context);
	void *context;
};

static void open_bench(struct bench *b, int height, int width,
	void (*write)(struct pen *p, void *context), void *context)
{
	*b = (struct bench){.page = widget_text_new(),
		.canvas = canvas_new(height, width, true),
		.look = {.filter = ""},
		.write = write,
		.context = context};
}

static void close_bench(struct bench *b)
{
	widget_text_free(b->page);
	canvas_free(b->canvas);
}

static void assert_shows(struct bench *b, const char *want)
{
	char *text;

	widget_text_draw(b->page, b->canvas, &b->look, b->write, b->context);
	text = canvas_dump(b->canvas, false);
	assert_string_equal(text, want);
	free(text);
}

static bool act(struct bench *b, enum action_id id)
{
	const struct action a = {.id = id};

	return widget_text_act(b->page, &a);
}

/* "line 0" and so on. */
static void write_lines(struct pen *p, void *context)
{
	char text[32];

	for (int i = 0; i < *(int *)context; i++) {
		snprintf(text, sizeof(text), "line %d", i);
		pen_text(p, ROLE_TEXT, text);
	}
}

static void test_scrolling_stops_at_both_ends(void **state)
{
	int lines = 5;
	struct bench b;

	(void)state;
	open_bench(&b, 3, 10, write_lines, &lines);
	assert_shows(&b, " line 0  #\n line 1\n line 2\n");
	assert_true(act(&b, ACTION_UP));
	assert_shows(&b, " line 0  #\n line 1\n line 2\n");
	assert_true(act(&b, ACTION_DOWN));
	assert_shows(&b, " line 1\n line 2  #\n line 3\n");
	assert_true(act(&b, ACTION_PAGE_DOWN));
	assert_shows(&b, " line 2\n line 3\n line 4  #\n");
	assert_true(act(&b, ACTION_DOWN));
	assert_shows(&b, " line 2\n line 3\n line 4  #\n");
	assert_true(act(&b, ACTION_TOP));
	assert_shows(&b, " line 0  #\n line 1\n line 2\n");
	assert_true(act(&b, ACTION_BOTTOM));
	assert_shows(&b, " line 2\n line 3\n line 4  #\n");
	assert_false(act(&b, ACTION_ENTER));
	close_bench(&b);
}

static void test_a_page_that_got_shorter_shows_its_end_not_nothing(void **state)
{
	int lines = 9;
	struct bench b;

	(void)state;
	open_bench(&b, 3, 10, write_lines, &lines);
	assert_shows(&b, " line 0  #\n line 1\n line 2\n");
	act(&b, ACTION_BOTTOM);
	lines = 4;
	assert_shows(&b, " line 1\n line 2  #\n line 3  #\n");
	lines = 1;
	assert_shows(&b, " line 0\n\n\n");
	close_bench(&b);
}

static const char *said; /* what write_text and write_pairs write */

static void write_text(struct pen *p, void *context)
{
	(void)context;
	pen_text(p, ROLE_TEXT, said);
}

static void test_text_wraps_at_words_and_cuts_what_has_none(void **state)
{
	struct bench b;

	(void)state;
	said = "one two three   four";
	open_bench(&b, 4, 12, write_text, NULL);
	assert_shows(&b, " one two\n three\n four\n\n");
	said = "abcdefghijklmnopqrstuvw x";
	assert_shows(&b, " abcdefghij\n klmnopqrst\n uvw x\n\n");
	said = "";
	assert_shows(&b, "\n\n\n\n");
	close_bench(&b);
}

static void test_chinese_wraps_between_characters_but_not_before_a_full_stop(void **state)
{
	struct bench b;
	char *text;

	(void)state;
	said = "集群没有节点。好";
	open_bench(&b, 3, 12, write_text, NULL);
	canvas_free(b.canvas);
	b.canvas = canvas_new(3, 14, false);
	widget_text_draw(b.page, b.canvas, &b.look, b.write, b.context);
	text = canvas_dump(b.canvas, false);
	assert_string_equal(text, " 集群没有节\n 点。好\n\n");
	free(text);
	close_bench(&b);
}

static void test_hostile_text_is_made_visible(void **state)
{
	struct bench b;

	(void)state;
	said = "a\x1b[31mb";
	open_bench(&b, 1, 24, write_text, NULL);
	assert_shows(&b, " a^[[31mb\n");
	close_bench(&b);
}

static void write_pairs(struct pen *p, void *context)
{
	(void)context;
	pen_section(p, "Top");
	pen_pair(p, "a", ROLE_TEXT, "%d", 1);
	pen_pair(p, "b", ROLE_TEXT, "%s", said);
	pen_section(p, "Next");
	pen_pair(p, "c", ROLE_TEXT, "3");
}

static void test_pairs_share_a_line_where_it_is_wide(void **state)
{
	struct bench b;

	(void)state;
	said = "2";
	open_bench(&b, 6, 40, write_pairs, NULL);
	assert_shows(
		&b, " Top\n a               1\n b               2\n\n Next\n c               3\n");
	close_bench(&b);
	said = "2";
	open_bench(&b, 6, 82, write_pairs, NULL);
	assert_shows(&b,
		" Top\n a               1                       b               2\n\n Next\n"
		" c               3\n\n");
	said = "a value that is too wide for half a line";
	assert_shows(&b, " Top\n a               1\n"
			 " b               a value that is too wide for half a line\n\n Next\n"
			 " c               3\n");
	close_bench(&b);
}

static void cell(const void *context, size_t row, int column, struct widget_cell *out)
{
	const char *const *texts = context;

	str_copy(out->text, sizeof(out->text), texts[row * 2 + (size_t)column]);
}

static void write_table(struct pen *p, void *context)
{
	static const char *const headings[] = {"N", "NAME"};
	const struct pen_table t = {headings, 1u << 0, 2, 2, cell, context};

	pen_table(p, &t);
}

static void test_a_small_table_is_as_wide_as_its_content(void **state)
{
	static const char *texts[] = {"1", "etcd", "120", "kube-apiserver"};
	struct bench b;

	(void)state;
	open_bench(&b, 3, 30, write_table, texts);
	assert_shows(&b, "   N  NAME\n   1  etcd\n 120  kube-apiserver\n");
	close_bench(&b);
	open_bench(&b, 3, 14, write_table, texts);
	assert_shows(&b, "   N  NAME\n   1  etcd\n 120  kube-a~\n");
	close_bench(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scrolling_stops_at_both_ends),
		cmocka_unit_test(test_a_page_that_got_shorter_shows_its_end_not_nothing),
		cmocka_unit_test(test_text_wraps_at_words_and_cuts_what_has_none),
		cmocka_unit_test(test_chinese_wraps_between_characters_but_not_before_a_full_stop),
		cmocka_unit_test(test_hostile_text_is_made_visible),
		cmocka_unit_test(test_pairs_share_a_line_where_it_is_wide),
		cmocka_unit_test(test_a_small_table_is_as_wide_as_its_content),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
