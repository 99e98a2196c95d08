/* The built-in themes are the files of themes/, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/theme_load.h"

static void test_each_built_in_theme_is_its_file(void **state)
{
	char path[128], bytes[65536];

	(void)state;
	assert_true(theme_files.n > 0);
	for (size_t i = 0; i < theme_files.n; i++) {
		FILE *f;
		size_t n;

		snprintf(path, sizeof(path), "themes/%s.yaml", theme_files.at[i].name);
		f = fopen(path, "rb");
		assert_non_null(f);
		n = fread(bytes, 1, sizeof(bytes), f);
		fclose(f);
		assert_int_equal(n, theme_files.at[i].len);
		assert_memory_equal(bytes, theme_files.at[i].bytes, n);
		assert_int_equal(theme_files.at[i].bytes[n], '\0');
	}
}

static void test_names_are_sorted(void **state)
{
	(void)state;
	for (size_t i = 1; i < theme_files.n; i++)
		assert_true(strcmp(theme_files.at[i - 1].name, theme_files.at[i].name) < 0);
}

static void test_a_second_document_of_a_theme_is_not_left_out(void **state)
{
	static const char text[] = "name: mine\nroles: {}\n---\nroles: {}\n";
	char path[] = "/tmp/k911-theme-XXXXXX";
	int fd = mkstemp(path);
	struct theme *themes;
	struct err e;
	size_t n;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	close(fd);
	assert_int_equal(theme_load_all(path, &themes, &n, &e), -1);
	assert_non_null(strstr(e.text, ":3:1: more than one document"));
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_built_in_theme_is_its_file),
		cmocka_unit_test(test_names_are_sorted),
		cmocka_unit_test(test_a_second_document_of_a_theme_is_not_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
