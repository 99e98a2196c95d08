/* What the house relies on: whole reads, atomic writes, paths as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "io/file.h"

static char dir[] = "/tmp/k911-file-XXXXXX";

static char *in_dir(const char *name)
{
	return str_fmt("%s/%s", dir, name);
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

static void test_what_was_written_is_read(void **state)
{
	char *path = in_dir("a"), *part = in_dir("a.part"), *text;
	struct stat st;
	struct err e;
	size_t n;

	(void)state;
	assert_int_equal(file_write(path, "one\0two", 7, 0600, &e), 0);
	assert_int_equal(file_read(path, 100, &text, &n, &e), 0);
	assert_int_equal(n, 7);
	assert_memory_equal(text, "one\0two", 8);
	free(text);
	assert_false(file_exists(part));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	unlink(path);
	free(path);
	free(part);
}

static void test_a_leftover_part_does_not_lend_its_mode(void **state)
{
	char *path = in_dir("b"), *part = in_dir("b.part");
	struct stat st;
	struct err e;
	FILE *f = fopen(part, "w");

	(void)state;
	assert_non_null(f);
	fputs("half", f);
	fclose(f);
	assert_int_equal(chmod(part, 0666), 0);
	assert_int_equal(file_write(path, "x", 1, 0600, &e), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 1);
	unlink(path);
	free(path);
	free(part);
}

static void test_a_file_over_the_ceiling_is_refused(void **state)
{
	char *path = in_dir("c"), *text = path;
	struct err e;

	(void)state;
	assert_int_equal(file_write(path, "0123456789", 10, 0600, &e), 0);
	assert_int_equal(file_read(path, 9, &text, NULL, &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
	assert_null(text);
	assert_int_equal(file_read(path, 10, &text, NULL, &e), 0);
	free(text);
	unlink(path);
	free(path);
}

static void test_a_missing_file_is_missing(void **state)
{
	char *text;
	struct err e;

	(void)state;
	assert_int_equal(file_read("/nowhere/at/all", 10, &text, NULL, &e), -1);
	assert_int_equal(e.code, ERR_MISSING);
	assert_non_null(strstr(e.text, "/nowhere/at/all"));
	assert_int_equal(file_read("/tmp", 10, &text, NULL, &e), -1);
	assert_int_equal(file_write("/nowhere/x", "", 0, 0600, &e), -1);
	assert_non_null(strstr(e.text, "/nowhere/x.part"));
}

static void test_directories_are_made_on_the_way(void **state)
{
	char *deep = in_dir("x/y/z"), *y = in_dir("x/y"), *x = in_dir("x"), *f = in_dir("f"),
	     *under = in_dir("f/g");
	struct err e;

	(void)state;
	assert_int_equal(file_make_dirs(deep, 0700, &e), 0);
	assert_int_equal(file_make_dirs(deep, 0700, &e), 0);
	assert_true(file_exists(deep));
	assert_int_equal(file_write(f, "", 0, 0600, &e), 0);
	assert_int_equal(file_make_dirs(f, 0700, &e), -1);
	assert_int_equal(file_make_dirs(under, 0700, &e), -1);
	unlink(f);
	rmdir(deep);
	rmdir(y);
	rmdir(x);
	free(deep);
	free(y);
	free(x);
	free(f);
	free(under);
}

static void test_a_secret_that_others_may_change_is_refused(void **state)
{
	char *path = in_dir("hook.url"), *text;
	struct err e;

	(void)state;
	assert_int_equal(file_write(path, "https://x", 9, 0600, NULL), 0);
	assert_int_equal(file_read_secret(path, 100, &text, NULL, &e), 0);
	assert_string_equal(text, "https://x");
	free(text);
	assert_int_equal(chmod(path, 0644), 0); /* as a mounted one */
	assert_int_equal(file_read_secret(path, 100, &text, NULL, &e), 0);
	free(text);
	assert_int_equal(chmod(path, 0620), 0);
	assert_int_equal(file_read_secret(path, 100, &text, NULL, &e), -1);
	assert_null(text);
	assert_int_equal(e.code, ERR_INPUT);
	assert_non_null(strstr(e.text, "hook.url may be written by its group or by others"));
	assert_int_equal(chmod(path, 0600), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 65534, 65534), 0);
		assert_int_equal(file_read_secret(path, 100, &text, NULL, &e), -1);
		assert_non_null(strstr(e.text, "another user (uid 65534)"));
	}
	unlink(path);
	assert_int_equal(file_read_secret(path, 100, &text, NULL, &e), -1);
	assert_int_equal(e.code, ERR_MISSING);
	free(path);
}

static void assert_gives(char *got, const char *want)
{
	assert_string_equal(got, want);
	free(got);
}

static void test_paths_are_read_as_people_write_them(void **state)
{
	(void)state;
	setenv("HOME", "/home/ann", 1);
	assert_gives(file_expand("~"), "/home/ann");
	assert_gives(file_expand("~/.kube/config"), "/home/ann/.kube/config");
	assert_gives(file_expand("~bob/x"), "~bob/x");
	assert_gives(file_expand("/etc/x~"), "/etc/x~");
	assert_gives(file_beside("/a/b/config", "ca.crt"), "/a/b/ca.crt");
	assert_gives(file_beside("/config", "ca.crt"), "//ca.crt");
	assert_gives(file_beside("config", "ca.crt"), "./ca.crt");
	assert_gives(file_beside("/a/config", "/etc/ca.crt"), "/etc/ca.crt");
}

static void test_directories_follow_xdg(void **state)
{
	char *run;

	(void)state;
	setenv("HOME", "/home/ann", 1);
	unsetenv("XDG_CONFIG_HOME");
	setenv("XDG_STATE_HOME", "relative/is/ignored", 1);
	assert_gives(file_config_dir(), "/home/ann/.config/k911");
	assert_gives(file_state_dir(), "/home/ann/.local/state/k911");
	setenv("XDG_CONFIG_HOME", "/cfg", 1);
	assert_gives(file_config_dir(), "/cfg/k911");
	setenv("XDG_RUNTIME_DIR", dir, 1);
	run = file_runtime_dir();
	assert_non_null(run);
	assert_true(str_starts(run, dir));
	rmdir(run);
	free(run);
	setenv("XDG_RUNTIME_DIR",
		"/tmp/a-directory-that-is-far-too-long-for-a-control-socket-of-ssh", 1);
	assert_null(file_runtime_dir());
	unsetenv("XDG_RUNTIME_DIR");
	assert_null(file_runtime_dir());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_written_is_read),
		cmocka_unit_test(test_a_leftover_part_does_not_lend_its_mode),
		cmocka_unit_test(test_a_file_over_the_ceiling_is_refused),
		cmocka_unit_test(test_a_missing_file_is_missing),
		cmocka_unit_test(test_directories_are_made_on_the_way),
		cmocka_unit_test(test_a_secret_that_others_may_change_is_refused),
		cmocka_unit_test(test_paths_are_read_as_people_write_them),
		cmocka_unit_test(test_directories_follow_xdg),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
