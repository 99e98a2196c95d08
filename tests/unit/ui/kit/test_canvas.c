/* What a canvas promises its painters: text stays inside, whole and harmless. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/kit/canvas.h"

static void assert_shows(const struct canvas *c, const char *want)
{
	char *text = canvas_dump(c, false);

	assert_string_equal(text, want);
	free(text);
}

static void test_text_is_cut_with_an_ellipsis(void **state)
{
	struct canvas *c = canvas_new(3, 10, false);

	(void)state;
	assert_int_equal(canvas_put(c, 0, 0, -1, ROLE_TEXT, "abcdefghij"), 10);
	assert_int_equal(canvas_put(c, 1, 0, -1, ROLE_TEXT, "abcdefghijk"), 10);
	assert_int_equal(canvas_put(c, 2, 2, 4, ROLE_TEXT, "abcdefghijk"), 4);
	assert_shows(c, "abcdefghij\nabcdefghi…\n  abc…\n");
	canvas_free(c);
	c = canvas_new(1, 5, true);
	canvas_put(c, 0, 0, -1, ROLE_TEXT, "abcdefgh");
	assert_shows(c, "abcd~\n");
	canvas_free(c);
}

static void test_a_name_keeps_its_end(void **state)
{
	struct canvas *c = canvas_new(5, 20, false);

	(void)state;
	assert_int_equal(canvas_name(c, 0, 0, 20, ROLE_TEXT, "coredns-7db6d8ff4d-8x2kd"), 20);
	assert_int_equal(canvas_name(c, 1, 0, 12, ROLE_TEXT, "coredns-7db6d8ff4d-8x2kd"), 12);
	assert_int_equal(
		canvas_name(c, 2, 0, 5, ROLE_TEXT, "coredns"), 5); /* too little for both ends */
	assert_int_equal(canvas_name(c, 3, 0, 7, ROLE_TEXT, "coredns"), 7);
	assert_int_equal(canvas_name(c, 4, 0, 10, ROLE_TEXT, "节点就绪节点就绪"), 9);
	assert_shows(c, "coredns-7db6d…-8x2kd\ncoredns…x2kd\ncore…\ncoredns\n节点就…绪\n");
	canvas_free(c);
}

static void test_wide_characters_are_never_halved(void **state)
{
	struct canvas *c = canvas_new(4, 6, false);

	(void)state;
	assert_int_equal(canvas_put(c, 0, 0, -1, ROLE_TEXT, "节点就"), 6);
	assert_int_equal(canvas_put(c, 1, 0, -1, ROLE_TEXT, "节点就绪"), 5);
	canvas_put(c, 2, 0, -1, ROLE_TEXT, "节点");
	canvas_put(c, 2, 1, 1, ROLE_TEXT, "x");       /* over the right half of the first */
	canvas_put(c, 2, 2, 1, ROLE_TEXT, "y");       /* over the left half of the second */
	canvas_char(c, 3, 5, ROLE_TEXT, 0x8282, '?'); /* no room for its right half */
	assert_shows(c, "节点就\n节点…\n xy\n\n");
	canvas_free(c);
}

static void test_combining_characters_stay_with_their_base(void **state)
{
	struct canvas *c = canvas_new(1, 4, false);

	(void)state;
	assert_int_equal(canvas_put(c, 0, 0, -1, ROLE_TEXT,
				 "e\xCC\x81"
				 "tc"),
		3);
	assert_int_equal(canvas_at(c, 0, 0)->c[1], 0x301);
	assert_int_equal(canvas_at(c, 0, 1)->c[0], 't');
	canvas_free(c);
}

static void test_hostile_text_is_shown_not_obeyed(void **state)
{
	struct canvas *c = canvas_new(1, 40, false);
	char *text;

	(void)state;
	canvas_put(c, 0, 0, -1, ROLE_TEXT,
		"a\x1b[2Jb\rc\n\xE2\x80\xAE"
		"d\xff");
	text = canvas_dump(c, false);
	assert_string_equal(text, "a^[[2Jb^Mc <U+202E>d<FF>\n");
	free(text);
	for (int x = 0; x < 40; x++)
		assert_true(canvas_at(c, 0, x)->c[0] >= ' ');
	canvas_free(c);
}

static void test_an_area_clips_and_nothing_leaks_out(void **state)
{
	struct canvas *c = canvas_new(4, 10, false);
	struct canvas a = canvas_area(c, 1, 2, 2, 4);
	struct canvas b = canvas_area(&a, -1, -1, 9, 9);

	(void)state;
	assert_int_equal(a.width, 4);
	assert_int_equal(b.height, 2);
	assert_int_equal(b.width, 4);
	for (int row = -2; row < 6; row++)
		canvas_put(&a, row, -3, -1, ROLE_TEXT, "0123456789");
	assert_shows(c, "\n  345…\n  345…\n\n");
	canvas_fill(&a, 0, -5, 30, ROLE_TEXT, '#');
	canvas_char(&a, 0, 4, ROLE_BAD, 'X', 'X');
	assert_shows(c, "\n  ####\n  345…\n\n");
	a = canvas_area(c, 9, 99, 5, 5);
	assert_int_equal(a.height, 0);
	assert_int_equal(canvas_put(&a, 0, 0, -1, ROLE_TEXT, "x"), 0);
	canvas_free(c);
}

static void test_right_aligned_text_ends_where_asked(void **state)
{
	struct canvas *c = canvas_new(2, 10, false);

	(void)state;
	assert_int_equal(canvas_right(c, 0, 9, -1, ROLE_TEXT, "42ms"), 4);
	assert_int_equal(canvas_right(c, 1, 9, 3, ROLE_TEXT, "42 seconds"), 3);
	assert_shows(c, "     42ms\n      42…\n");
	canvas_free(c);
}

static void test_boxes_and_bars_have_an_ascii_form(void **state)
{
	struct canvas *c = canvas_new(5, 10, false);

	(void)state;
	canvas_box(c, 0, 0, 3, 6, ROLE_BORDER);
	canvas_bar(c, 3, 0, 8, 440, ROLE_BAR);
	canvas_bar(c, 4, 0, 8, 9999, ROLE_BAR);
	assert_shows(c, "┌────┐\n│    │\n└────┘\n███▌░░░░\n████████\n");
	canvas_free(c);
	c = canvas_new(5, 10, true);
	canvas_box(c, 0, 0, 3, 6, ROLE_BORDER);
	canvas_bar(c, 3, 0, 8, 500, ROLE_BAR);
	canvas_bar(c, 4, 0, 8, -5, ROLE_BAR);
	assert_shows(c, "+----+\n|    |\n+----+\n[###---]\n[------]\n");
	canvas_free(c);
}

static void test_a_sparkline_ends_with_the_newest_and_shows_gaps(void **state)
{
	static const int32_t values[] = {7, 0, 1, -1, 7, 14};
	struct canvas *c = canvas_new(3, 8, false);

	(void)state;
	canvas_spark(c, 0, 0, 8, values, 5);
	canvas_spark(c, 1, 0, 2, values, 6);
	canvas_spark(c, 2, 0, 8, values, 6);
	assert_shows(c, "   █▁▂ █\n▄█\n  ▄▁▁ ▄█\n");
	canvas_free(c);
}

static void test_roles_are_dumped_as_letters(void **state)
{
	struct canvas *c = canvas_new(1, 8, false);
	char *text;

	(void)state;
	canvas_fmt(c, 0, 1, -1, ROLE_P0, "P%d", 0);
	canvas_put(c, 0, 4, -1, ROLE_OK, "ok");
	canvas_role(c, 0, 4, 1, ROLE_BAD);
	canvas_attr(c, 0, 1, 2, CELL_BOLD | CELL_REVERSE, true);
	canvas_attr(c, 0, 1, 1, CELL_BOLD, false);
	text = canvas_dump(c, true);
	assert_string_equal(text, " P0 ok\n-- roles --\n 00 xo\n");
	assert_int_equal(canvas_at(c, 0, 1)->attr, CELL_REVERSE);
	assert_int_equal(canvas_at(c, 0, 2)->attr, CELL_BOLD | CELL_REVERSE);
	free(text);
	canvas_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_is_cut_with_an_ellipsis),
		cmocka_unit_test(test_a_name_keeps_its_end),
		cmocka_unit_test(test_wide_characters_are_never_halved),
		cmocka_unit_test(test_combining_characters_stay_with_their_base),
		cmocka_unit_test(test_hostile_text_is_shown_not_obeyed),
		cmocka_unit_test(test_an_area_clips_and_nothing_leaks_out),
		cmocka_unit_test(test_right_aligned_text_ends_where_asked),
		cmocka_unit_test(test_boxes_and_bars_have_an_ascii_form),
		cmocka_unit_test(test_a_sparkline_ends_with_the_newest_and_shows_gaps),
		cmocka_unit_test(test_roles_are_dumped_as_letters),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
