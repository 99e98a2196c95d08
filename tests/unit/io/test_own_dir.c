/* A directory is used only when nobody else can put anything into it, or another in its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "io/own_dir.h"

#define NOBODY 65534

static char home[] = "/tmp/k911-owndir-XXXXXX";

static int make_home(void **state)
{
	(void)state;
	return mkdtemp(home) ? 0 : -1;
}

static int remove_home(void **state)
{
	(void)state;
	return rmdir(home);
}

/* "above" and "above/state" below the home, with these modes and owners. */
static const struct {
	mode_t above, state;
	uid_t above_uid, state_uid; /* 0: the test's own */
	const char *says;           /* NULL: it is used */
} rows[] = {
	{0755, 0700, 0, 0, NULL},
	{0755, 0755, 0, 0, NULL},
	{01777, 0700, 0, 0, NULL}, /* as /tmp */
	{0755, 0777, 0, 0, "state may be written by its group or by others: chmod go-w"},
	{0755, 01777, 0, 0, "state may be written by its group or by others"},
	{0755, 0720, 0, 0, "state may be written by its group or by others"},
	{0777, 0700, 0, 0, "above, above "},
	{0755, 0700, 0, NOBODY, "state belongs to another user (uid 65534)"},
	{0755, 0700, NOBODY, 0, "belongs to another user (uid 65534), who could replace it"},
	{01777, 0700, NOBODY, 0, "belongs to another user (uid 65534), who could replace it"},
};

static void make(const char *path, mode_t mode, uid_t uid)
{
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, mode), 0);
	if (uid != 0)
		assert_int_equal(chown(path, uid, uid), 0);
}

static void test_who_else_could_write_there_is_said(void **state)
{
	char *above = str_fmt("%s/above", home), *dir = str_fmt("%s/state", above);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = {.text = ""};
		char *real;
		int rc;

		if (geteuid() != 0 && (rows[i].above_uid || rows[i].state_uid))
			continue; /* only root can give a directory away */
		make(above, 0700, 0);
		make(dir, rows[i].state, rows[i].state_uid);
		assert_int_equal(chmod(above, rows[i].above), 0);
		assert_int_equal(
			chown(above, rows[i].above_uid ? rows[i].above_uid : geteuid(), (gid_t)-1),
			0);
		rc = own_dir_make(dir, &real, &e);
		if (rc != (rows[i].says ? -1 : 0) ||
			(rows[i].says && (e.code != ERR_INPUT || !strstr(e.text, rows[i].says))))
			fail_msg("row %zu: %d, said: %s", i, rc, e.text);
		if (rc == 0)
			assert_string_equal(real, dir);
		else
			assert_null(real);
		free(real);
		rmdir(dir);
		rmdir(above);
	}
	free(above);
	free(dir);
}

static void test_a_new_one_is_private_and_so_is_what_was_missing_above_it(void **state)
{
	char *above = str_fmt("%s/above", home), *dir = str_fmt("%s/state", above), *real;
	mode_t before = umask(0);
	struct stat st;

	(void)state;
	assert_int_equal(own_dir_make(dir, &real, NULL), 0);
	umask(before);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(above, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	free(real);
	rmdir(dir);
	rmdir(above);
	free(above);
	free(dir);
}

static void test_a_link_is_followed_once_and_its_end_is_checked(void **state)
{
	char *bad = str_fmt("%s/above", home), *dir = str_fmt("%s/state", bad);
	char *to = str_fmt("%s/link", home), *real;
	struct err e;

	(void)state;
	make(bad, 0755, 0);
	make(dir, 0700, 0);
	assert_int_equal(symlink(dir, to), 0);
	assert_int_equal(own_dir_make(to, &real, &e), 0);
	assert_string_equal(real, dir); /* what is used from now on */
	free(real);
	assert_int_equal(chmod(bad, 0777), 0);
	assert_int_equal(own_dir_make(to, &real, &e), -1);
	assert_int_equal(e.code, ERR_INPUT);
	unlink(to);
	rmdir(dir);
	rmdir(bad);
	free(bad);
	free(dir);
	free(to);
}

static void test_what_cannot_be_made_is_no_fault_of_the_user(void **state)
{
	struct err e;
	char *real;

	(void)state;
	assert_int_equal(own_dir_make("/proc/none/state", &real, &e), -1);
	assert_int_not_equal(e.code, ERR_INPUT);
	assert_null(real);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_else_could_write_there_is_said),
		cmocka_unit_test(test_a_new_one_is_private_and_so_is_what_was_missing_above_it),
		cmocka_unit_test(test_a_link_is_followed_once_and_its_end_is_checked),
		cmocka_unit_test(test_what_cannot_be_made_is_no_fault_of_the_user),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
