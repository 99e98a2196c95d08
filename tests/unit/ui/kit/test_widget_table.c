/* Promises of the table widget: the cursor stays on its object, sorting and filtering do what the
 * operator sees, and a big table costs what is visible. */
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
#include "help/samples.h"
#include "ui/kit/widget_table.h"

struct item {
	const char *name;
	int size;
};

static int cells, compared;

static int item_compare(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->name, ((const struct item *)b)->name);
}

static const struct row_ops item_ops = {.size = sizeof(struct item), .compare = item_compare};

static void cell(const void *row, int column, const struct widget_ask *ask, struct widget_cell *out)
{
	const struct item *i = row;

	(void)ask;
	cells++;
	if (column == 0)
		str_copy(out->text, sizeof(out->text), i->name);
	else
		snprintf(out->text, sizeof(out->text), "%d", i->size);
}

static int compare(const void *a, const void *b, int column, const struct widget_ask *ask)
{
	const struct item *x = a, *y = b;

	(void)ask;
	compared++;
	if (column == 1)
		return (x->size > y->size) - (x->size < y->size);
	return column == 0 ? strcmp(x->name, y->name) : 0;
}

static struct widget_key key(const void *row)
{
	return (struct widget_key){((const struct item *)row)->name, ""};
}

static bool match(const void *row, const char *needle)
{
	return str_has_case(((const struct item *)row)->name, needle);
}

static const struct widget_column columns[] = {
	{"NAME", NULL, 4, 20, 40, 0, 0, 0},
	{"SIZE", NULL, 4, 8, 8, 0, 1, WIDGET_RIGHT | WIDGET_FALLING},
};

static const struct widget_table_ops ops = {
	.columns = columns, .n = 2, .cell = cell, .compare = compare, .key = key, .match = match};
static const struct widget_table_ops newest_ops = {.columns = columns,
	.n = 2,
	.newest_first = true,
	.cell = cell,
	.compare = compare,
	.key = key,
	.match = match};

struct bench {
	struct widget_table *w;
	struct table *rows;
	struct snapshot *snapshot;
	struct canvas *canvas;
	struct view_look look;
};

static void open_bench(struct bench *b, const struct widget_table_ops *o, int height)
{
	b->w = widget_table_new(o, NULL);
	b->rows = table_new(&item_ops);
	b->snapshot = snapshot_new();
	b->canvas = canvas_new(height, 30, true);
	b->look = (struct view_look){sample_now(), true, false, ""};
}

static void close_bench(struct bench *b)
{
	widget_table_free(b->w);
	table_free(b->rows);
	snapshot_unref(b->snapshot);
	canvas_free(b->canvas);
	samples_done();
}

static void add(struct bench *b, const char *name, int size)
{
	struct item i = {sample_string(name), size};

	table_put(b->rows, &i);
}

static void paint(struct bench *b)
{
	struct widget_rows rows = {.table = b->rows};

	canvas_clear(b->canvas);
	widget_table_rows(b->w, &rows, b->snapshot, &b->look);
	widget_table_draw(b->w, b->snapshot, &b->look, b->canvas, false, "empty");
}

static void act(struct bench *b, enum action_id id)
{
	struct action a = {.id = id};

	widget_table_act(b->w, &a);
	paint(b);
}

static void assert_shows(const struct bench *b, const char *want)
{
	char *text = canvas_dump(b->canvas, false);

	assert_string_equal(text, want);
	free(text);
}

static const char *selected(const struct bench *b)
{
	const struct item *i = widget_table_selected(b->w);

	return i != NULL ? i->name : "";
}

static void test_rows_are_painted_with_headings(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, &ops, 4);
	paint(&b);
	assert_shows(&b, " NAME SIZE\n empty\n\n\n");
	assert_string_equal(selected(&b), "");
	add(&b, "beta", 20);
	add(&b, "alpha", 3);
	paint(&b);
	assert_shows(&b, " NAME  SIZE\n alpha    3\n beta    20\n\n");
	close_bench(&b);
}

static void test_the_cursor_stays_on_its_object(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, &ops, 4);
	add(&b, "m", 1);
	add(&b, "p", 2);
	add(&b, "t", 3);
	paint(&b);
	assert_string_equal(selected(&b), "m");
	act(&b, ACTION_DOWN);
	assert_string_equal(selected(&b), "p");
	add(&b, "a", 4);
	add(&b, "b", 5);
	add(&b, "c", 6);
	paint(&b);
	assert_string_equal(selected(&b), "p");
	assert_shows(
		&b, " NAME SIZE\n m       1\n p       2\n t       3                   #\n"); /* it
									    kept its place on the
									    screen, too */
	table_remove(b.rows, &(struct item){"p", 0});
	paint(&b);
	assert_string_equal(selected(&b), "t"); /* gone: the cursor stays where it was */
	close_bench(&b);
}

static void test_an_untouched_cursor_stays_at_the_top(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, &ops, 4);
	add(&b, "m", 1);
	paint(&b);
	add(&b, "a", 2);
	paint(&b);
	assert_string_equal(selected(&b), "a");
	close_bench(&b);
}

static void test_a_list_of_news_stays_at_the_newest_until_one_is_chosen(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, &newest_ops, 4);
	add(&b, "m", 1);
	add(&b, "n", 1);
	paint(&b);
	act(&b, ACTION_DOWN);
	add(&b, "b", 1);
	paint(&b);
	assert_string_equal(selected(&b), "n");
	act(&b, ACTION_TOP);
	add(&b, "a", 1);
	paint(&b);
	assert_string_equal(selected(&b), "a");
	close_bench(&b);
}

static void test_sorting_shows_its_column_and_direction(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, &ops, 4);
	add(&b, "a", 10);
	add(&b, "b", 30);
	add(&b, "c", 20);
	paint(&b);
	act(&b, ACTION_SORT);
	assert_shows(&b, " NAME^ SIZE\n a       10\n b       30\n c       20\n");
	act(&b, ACTION_SORT);
	assert_shows(&b, " NAME SIZEv\n b       30\n c       20\n a       10\n"); /* sizes: the
										    largest first */
	act(&b, ACTION_SORT_REVERSE);
	assert_shows(&b, " NAME SIZE^\n a       10\n c       20\n b       30\n");
	act(&b, ACTION_SORT); /* after the last column: the table's own order again */
	assert_shows(&b, " NAME SIZE\n a      10\n b      30\n c      20\n");
	close_bench(&b);
}

static void test_a_click_on_a_heading_sorts_and_one_on_a_row_selects(void **state)
{
	struct bench b;
	struct action a = {.id = ACTION_CLICK, .row = 0, .column = 8, .clicks = 1};

	(void)state;
	open_bench(&b, &ops, 5);
	add(&b, "a", 1);
	add(&b, "b", 2);
	add(&b, "c", 3);
	paint(&b);
	assert_int_equal(widget_table_act(b.w, &a), WIDGET_HANDLED);
	paint(&b);
	assert_shows(&b, " NAME SIZEv\n c        3\n b        2\n a        1\n\n");
	a.row = 2;
	assert_int_equal(widget_table_act(b.w, &a), WIDGET_HANDLED);
	assert_string_equal(selected(&b), "b");
	a.clicks = 2;
	assert_int_equal(widget_table_act(b.w, &a), WIDGET_ENTER);
	a.row = 4; /* below the last row */
	assert_int_equal(widget_table_act(b.w, &a), WIDGET_NOTHING);
	assert_string_equal(selected(&b), "b");
	close_bench(&b);
}

static void test_a_filter_shows_and_counts_what_matches(void **state)
{
	struct bench b;
	char *text;

	(void)state;
	open_bench(&b, &ops, 4);
	add(&b, "etcd-m1", 1);
	add(&b, "proxy", 2);
	add(&b, "etcd-m2", 3);
	b.look.filter = "ETCD";
	paint(&b);
	assert_int_equal(widget_table_shown(b.w), 2);
	text = canvas_dump(b.canvas, true);
	assert_non_null(strstr(text, " etcd-m1    1\n etcd-m2    3\n"));
	assert_non_null(strstr(text, "\n mmmm\n")); /* what was found stands out */
	free(text);
	b.look.filter = "nothing";
	paint(&b);
	assert_int_equal(widget_table_shown(b.w), 0);
	assert_null(widget_table_selected(b.w));
	act(&b, ACTION_DOWN);
	assert_int_equal(
		widget_table_act(b.w, &(struct action){.id = ACTION_ENTER}), WIDGET_NOTHING);
	close_bench(&b);
}

static void test_long_lists_scroll_and_say_where(void **state)
{
	struct bench b;
	char name[20], *text;

	(void)state;
	open_bench(&b, &ops, 5);
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "row-%02d", i);
		add(&b, name, i);
	}
	paint(&b);
	text = canvas_dump(b.canvas, false);
	assert_non_null(strstr(text, "row-03"));
	assert_null(strstr(text, "row-04"));
	assert_non_null(strchr(text, '#'));
	free(text);
	act(&b, ACTION_PAGE_DOWN);
	act(&b, ACTION_PAGE_DOWN);
	assert_string_equal(selected(&b), "row-06");
	act(&b, ACTION_BOTTOM);
	assert_string_equal(selected(&b), "row-39");
	text = canvas_dump(b.canvas, false);
	assert_non_null(strstr(text, "row-36"));
	free(text);
	act(&b, ACTION_UP);
	act(&b, ACTION_TOP);
	assert_string_equal(selected(&b), "row-00");
	close_bench(&b);
}

static void test_a_big_table_costs_what_is_visible(void **state)
{
	struct bench b;
	char name[20];

	(void)state;
	open_bench(&b, &ops, 11);
	for (int i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "row-%05d", i);
		add(&b, name, 20000 - i);
	}
	paint(&b);
	act(&b, ACTION_SORT);
	act(&b, ACTION_SORT);
	cells = compared = 0;
	for (int i = 0; i < 10; i++)
		paint(&b);
	assert_int_equal(compared, 0);         /* nothing changed: nothing is sorted */
	assert_true(cells <= 10 * 2 * 2 * 10); /* two columns of ten rows, measured and painted */
	add(&b, "row-00000", 99999);
	paint(&b);
	assert_true(compared > 0);
	assert_int_equal(((const struct item *)widget_table_selected(b.w))->size, 99999);
	close_bench(&b);
}

static void test_narrow_tables_drop_the_least_important_column(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, &ops, 3);
	add(&b, "a-long-name", 123456);
	canvas_free(b.canvas);
	b.canvas = canvas_new(3, 14, true);
	paint(&b);
	assert_shows(&b, " NAME\n a-long-name\n\n");
	canvas_free(b.canvas);
	b.canvas = canvas_new(3, 8, true);
	paint(&b);
	assert_shows(&b, " NAME\n a-lon~\n\n");
	close_bench(&b);
}

static int set_up(void **state)
{
	(void)state;
	return setlocale(LC_ALL, "C.UTF-8") == NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_are_painted_with_headings),
		cmocka_unit_test(test_the_cursor_stays_on_its_object),
		cmocka_unit_test(test_an_untouched_cursor_stays_at_the_top),
		cmocka_unit_test(test_a_list_of_news_stays_at_the_newest_until_one_is_chosen),
		cmocka_unit_test(test_sorting_shows_its_column_and_direction),
		cmocka_unit_test(test_a_click_on_a_heading_sorts_and_one_on_a_row_selects),
		cmocka_unit_test(test_a_filter_shows_and_counts_what_matches),
		cmocka_unit_test(test_long_lists_scroll_and_say_where),
		cmocka_unit_test(test_a_big_table_costs_what_is_visible),
		cmocka_unit_test(test_narrow_tables_drop_the_least_important_column),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
