/* The panes cover the body at every size, share their lines, and leave no dead pane. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ui/kit/layout.h"

static const int today[] = {1, 2, 3, 4, 5, 6};
static const int all[] = {1, 2, 3, 4, 5, 6, 7};

static void test_80x24_shows_every_pane_with_room_inside(void **state)
{
	struct pane_box b[6];

	(void)state;
	for (int rows = 21; rows >= 19; rows--) { /* the header takes two to four lines */
		layout_make(&(struct layout){rows, 80, today, 6, 0, false}, b);
		for (int i = 0; i < 6; i++) {
			assert_true(b[i].shown && !b[i].folded);
			/* a heading and three masters; below, the load balancer */
			assert_true(b[i].rows - 2 >= (i < 4 && rows > 19 ? 6 : 5));
		}
	}
	assert_int_equal(b[4].row, b[5].row); /* the checklist stands beside the layers */
	assert_int_equal(b[0].column + b[0].columns - 1, b[2].column); /* 1 and 3 share a wall */
	assert_int_equal(b[0].row + b[0].rows - 1, b[1].row);          /* 1 and 2 share a line */
}

static void test_a_large_screen_gives_its_room_to_the_tables(void **state)
{
	struct pane_box b[6];

	(void)state;
	layout_make(&(struct layout){47, 200, today, 6, 0, false}, b);
	assert_true(b[0].rows >= 18 && b[0].columns >= 100);
	assert_true(b[4].rows <= 11);
	assert_int_equal(b[4].row + b[4].rows, 47);
}

static void test_the_layers_get_what_the_checklist_can_spare(void **state)
{
	struct pane_box b[6];

	(void)state;
	layout_make(&(struct layout){33, 120, today, 6, 0, false}, b);
	assert_int_equal(b[5].columns, 80);
	assert_int_equal(b[4].columns, 41);
	layout_make(&(struct layout){33, 150, today, 6, 0, false}, b);
	assert_int_equal(b[5].columns, 96);
	layout_make(&(struct layout){33, 200, today, 6, 0, false}, b);
	assert_in_range(b[5].columns - b[4].columns, 0, 1); /* there half is enough for either */
}

static void test_three_panes_give_the_layers_what_they_need(void **state)
{
	static const struct {
		int columns, checklist, layers;
	} rows[] = {{200, 67, 67}, {120, 39, 44}, {80, 23, 36}};
	struct pane_box b[7];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		layout_make(&(struct layout){32, rows[i].columns, all, 7, 0, false}, b);
		assert_int_equal(b[4].columns, rows[i].checklist);
		assert_int_equal(b[5].columns, rows[i].layers);
	}
}

static void test_missing_panes_leave_no_hole_and_new_ones_find_their_place(void **state)
{
	struct pane_box b[7];

	(void)state;
	layout_make(&(struct layout){47, 200, all, 7, 0, false}, b);
	assert_int_equal(b[4].row, b[5].row);
	assert_int_equal(b[5].row, b[6].row);
	assert_int_equal(b[4].column, 0);
	assert_int_equal(b[4].columns - 1, b[5].column);
	assert_int_equal(b[6].column + b[6].columns, 200);
	layout_make(&(struct layout){47, 200, all, 2, 0, false}, b); /* 1 and 2 alone */
	assert_int_equal(b[0].columns, 200);
	assert_int_equal(b[1].row + b[1].rows, 47);
}

static void test_a_narrow_screen_folds_all_but_the_focused_pane(void **state)
{
	struct pane_box b[6];

	(void)state;
	layout_make(&(struct layout){17, 60, today, 6, 2, false}, b);
	for (int i = 0; i < 6; i++) {
		assert_true(b[i].shown);
		assert_int_equal(b[i].folded, i != 2);
		assert_int_equal(b[i].columns, 60);
	}
	assert_true(b[2].rows >= 12);
	layout_make(&(struct layout){6, 60, today, 6, 2, false}, b);
	for (int i = 0; i < 6; i++)
		assert_int_equal(b[i].shown, i == 2);
}

static void test_zoom_gives_the_whole_body_to_the_focused_pane(void **state)
{
	struct pane_box b[6];

	(void)state;
	layout_make(&(struct layout){47, 200, today, 6, 3, true}, b);
	assert_int_equal(b[3].rows, 47);
	assert_int_equal(b[3].columns, 200);
	assert_false(b[0].shown || b[1].shown || b[2].shown || b[4].shown || b[5].shown);
}

/* Every cell of the body belongs to some pane, and no pane lies outside. */
static void assert_covered(int rows, int columns, const int *numbers, size_t n, size_t focus)
{
	struct pane_box b[7];
	static char seen[80][260];

	layout_make(&(struct layout){rows, columns, numbers, n, focus, false}, b);
	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < n; i++) {
		if (!b[i].shown)
			continue;
		if (b[i].row < 0 || b[i].column < 0 || b[i].rows < 2 ||
			b[i].row + b[i].rows > rows + 1 || b[i].column + b[i].columns > columns)
			fail_msg("%dx%d: pane %d lies outside", columns, rows, numbers[i]);
		for (int y = b[i].row; y < b[i].row + b[i].rows; y++)
			for (int x = b[i].column; x < b[i].column + b[i].columns; x++)
				seen[y][x] = 1;
	}
	for (int y = 0; y < rows; y++)
		for (int x = 0; x < columns; x++)
			if (!seen[y][x])
				fail_msg(
					"%dx%d: nothing at row %d, column %d", columns, rows, y, x);
}

static void test_every_size_is_covered(void **state)
{
	(void)state;
	for (int rows = 3; rows < 70; rows++)
		for (int columns = 40; columns < 250; columns += 7) {
			assert_covered(rows, columns, today, 6, (size_t)rows % 6);
			assert_covered(rows, columns, all, 7, (size_t)rows % 7);
			assert_covered(rows, columns, all, 1, 0);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_80x24_shows_every_pane_with_room_inside),
		cmocka_unit_test(test_a_large_screen_gives_its_room_to_the_tables),
		cmocka_unit_test(test_the_layers_get_what_the_checklist_can_spare),
		cmocka_unit_test(test_three_panes_give_the_layers_what_they_need),
		cmocka_unit_test(test_missing_panes_leave_no_hole_and_new_ones_find_their_place),
		cmocka_unit_test(test_a_narrow_screen_folds_all_but_the_focused_pane),
		cmocka_unit_test(test_zoom_gives_the_whole_body_to_the_focused_pane),
		cmocka_unit_test(test_every_size_is_covered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
