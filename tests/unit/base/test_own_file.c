/* What is written is a file of ours and no other, whatever lies in its place. */
#include <fcntl.h>
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

#include "base/own_file.h"

static char dir[] = "/tmp/k911-own-XXXXXX", path[64], victim[64];

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/log", dir);
	snprintf(victim, sizeof(victim), "%s/victim", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

static int set_up(void **state)
{
	int fd = open(victim, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	(void)state;
	close(fd);
	return fd < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	unlink(victim);
	return 0;
}

static void assert_refused(const char *why)
{
	struct err e = {0};

	assert_int_equal(own_file_open(path, O_WRONLY | O_APPEND, &e), -1);
	assert_int_equal(e.code, ERR_INPUT);
	assert_non_null(strstr(e.text, path));
	assert_non_null(strstr(e.text, why));
	err_clear(&e);
	assert_int_equal(own_file_look(path, &e), -1);
	assert_non_null(strstr(e.text, why));
}

static void test_one_that_is_not_there_is_made_for_its_owner_alone(void **state)
{
	mode_t before = umask(0);
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(own_file_look(path, NULL), 0);
	fd = own_file_open(path, O_WRONLY | O_APPEND, NULL);
	umask(before);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	assert_int_equal(own_file_look(path, NULL), 0);
	fd = own_file_open(path, O_WRONLY | O_APPEND, NULL);
	assert_true(fd >= 0);
	close(fd);
}

static void test_links_are_refused(void **state)
{
	(void)state;
	assert_int_equal(symlink(victim, path), 0);
	assert_refused("is a link");
	unlink(path);
	assert_int_equal(symlink("/nonexistent/file", path), 0);
	assert_refused("is a link");
	unlink(path);
	assert_int_equal(link(victim, path), 0);
	assert_refused("second name");
}

static void test_a_pipe_holds_nobody(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused("no regular file");
}

static void test_another_users_file_is_refused(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip(); /* nobody else can give a file away */
	assert_int_equal(rename(victim, path), 0);
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_refused("another user (uid 65534)");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_one_that_is_not_there_is_made_for_its_owner_alone),
		T(test_links_are_refused),
		T(test_a_pipe_holds_nobody),
		T(test_another_users_file_is_refused),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
