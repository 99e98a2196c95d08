/* A run of bytes that never grows past its ceiling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static void test_what_is_added_is_there_and_terminated(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	assert_string_equal(buf_text(&b), "");
	assert_int_equal(buf_puts(&b, "etcd"), 0);
	assert_int_equal(buf_putc(&b, '-'), 0);
	assert_int_equal(buf_add(&b, "m1xx", 2), 0);
	assert_int_equal(buf_fmt(&b, " %d/%s", 2, "3"), 0);
	assert_string_equal(buf_text(&b), "etcd-m1 2/3");
	assert_int_equal(b.len, strlen("etcd-m1 2/3"));
	buf_done(&b);
}

static void test_an_add_past_the_ceiling_adds_nothing_and_is_remembered(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	assert_int_equal(buf_puts(&b, "abc"), 0);
	assert_int_equal(buf_puts(&b, "de"), -1);
	assert_true(b.over);
	assert_string_equal(buf_text(&b), "abc");
	assert_int_equal(buf_fmt(&b, "%s", "de"), -1);
	assert_string_equal(buf_text(&b), "abc");
	assert_int_equal(buf_putc(&b, 'd'), 0);
	assert_int_equal(buf_putc(&b, 'e'), -1);
	assert_string_equal(buf_text(&b), "abcd");
	buf_done(&b);
	buf_init(&b, 0);
	assert_int_equal(buf_putc(&b, 'x'), -1);
	assert_int_equal(buf_add(&b, "", 0), 0);
	buf_done(&b);
}

static void test_it_holds_exactly_its_ceiling(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(buf_putc(&b, 'x'), 0);
	assert_int_equal(buf_putc(&b, 'x'), -1);
	assert_int_equal(b.len, 1000);
	assert_int_equal(strlen(b.at), 1000);
	buf_done(&b);
	buf_init(&b, SIZE_MAX);
	assert_int_equal(buf_puts(&b, "no ceiling"), 0);
	buf_done(&b);
}

static void test_dropping_forgets_the_first_bytes(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_drop(&b, 5);
	buf_puts(&b, "line1\nline2");
	buf_drop(&b, 6);
	assert_string_equal(buf_text(&b), "line2");
	buf_drop(&b, 0);
	assert_string_equal(buf_text(&b), "line2");
	buf_drop(&b, 99);
	assert_string_equal(buf_text(&b), "");
	assert_int_equal(b.len, 0);
	buf_done(&b);
}

static void test_taken_bytes_are_the_callers_and_the_buffer_goes_on(void **state)
{
	struct buf b;
	char *empty, *bytes;

	(void)state;
	buf_init(&b, 3);
	empty = buf_take(&b);
	assert_string_equal(empty, "");
	buf_puts(&b, "abc");
	buf_putc(&b, 'd');
	bytes = buf_take(&b);
	assert_string_equal(bytes, "abc");
	assert_false(b.over);
	assert_int_equal(buf_puts(&b, "de"), 0);
	assert_string_equal(buf_text(&b), "de");
	buf_clear(&b);
	assert_string_equal(buf_text(&b), "");
	assert_int_equal(buf_puts(&b, "xyz"), 0);
	buf_done(&b);
	assert_int_equal(buf_puts(&b, "abcd"), -1); /* the ceiling outlives done */
	free(empty);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_added_is_there_and_terminated),
		cmocka_unit_test(test_an_add_past_the_ceiling_adds_nothing_and_is_remembered),
		cmocka_unit_test(test_it_holds_exactly_its_ceiling),
		cmocka_unit_test(test_dropping_forgets_the_first_bytes),
		cmocka_unit_test(test_taken_bytes_are_the_callers_and_the_buffer_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
