/* What a killed process left is removed, and nothing else is. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "io/file.h"
#include "io/temp_dir.h"

static char parent[] = "/tmp/k911-temp-XXXXXX";

static int make_parent(void **state)
{
	(void)state;
	return mkdtemp(parent) ? 0 : -1;
}

static int remove_parent(void **state)
{
	(void)state;
	return rmdir(parent); /* each test leaves it empty */
}

static void put(const char *dir, const char *name, const char *text)
{
	char *path = str_fmt("%s/%s", dir, name);

	assert_int_equal(file_write(path, text, strlen(text), 0600, NULL), 0);
	free(path);
}

static bool is_there(const char *dir, const char *name)
{
	char *path = str_fmt("%s/%s", dir, name);
	struct stat st;
	bool yes = lstat(path, &st) == 0;

	free(path);
	return yes;
}

/* A process makes one, puts files there, and is killed; its path. */
static char *left_behind(const char *prefix)
{
	struct temp_dir s = {0};
	char path[200] = "";
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		if (temp_dir_open(&s, parent, prefix, NULL) != 0 ||
			write(ends[1], s.path, strlen(s.path)) < 0)
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_true(read(ends[0], path, sizeof(path) - 1) > 0);
	close(ends[0]);
	close(ends[1]);
	return str_fmt("%s", path);
}

static void test_one_is_private_and_gone_after_its_end(void **state)
{
	struct temp_dir s = {0};
	struct stat st;
	char *path, *sub;

	(void)state;
	temp_dir_close(&s);
	assert_int_equal(temp_dir_open(&s, parent, "k911-", NULL), 0);
	assert_int_equal(lstat(s.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	path = str_fmt("%s", s.path);
	sub = str_fmt("%s/pki/etcd", s.path);
	assert_int_equal(file_make_dirs(sub, 0700, NULL), 0);
	put(sub, "ca.key", "-----BEGIN PRIVATE KEY-----\n");
	temp_dir_close(&s);
	assert_null(s.path);
	assert_false(file_exists(path));
	free(path);
	free(sub);
}

static void test_the_next_one_removes_what_the_killed_left_but_not_what_lives(void **state)
{
	char *dead = left_behind("k911-"), *other = left_behind("k911-drill-");
	struct temp_dir lives = {0}, next = {0};

	(void)state;
	put(dead, "ca.key", "-----BEGIN PRIVATE KEY-----\n");
	assert_int_equal(temp_dir_open(&lives, parent, "k911-", NULL), 0);
	assert_false(file_exists(dead));
	assert_true(file_exists(other)); /* of another kind */
	assert_int_equal(temp_dir_open(&next, parent, "k911-", NULL), 0);
	assert_true(file_exists(lives.path));
	temp_dir_close(&next);
	temp_dir_close(&lives);
	assert_int_equal(temp_dir_open(&next, parent, "k911-drill-", NULL), 0);
	assert_false(file_exists(other));
	temp_dir_close(&next);
	free(dead);
	free(other);
}

static void test_what_is_not_ours_is_never_touched(void **state)
{
	char *mine = str_fmt("%s/k911-backup", parent), *odd = str_fmt("%s/k911-Xab_12", parent);
	char *open_to_all = left_behind("k911-"), *victim = str_fmt("%s/victim", parent);
	char *trap = str_fmt("%s/k911-linked", parent);
	struct temp_dir s = {0};

	(void)state;
	assert_int_equal(mkdir(mine, 0700), 0); /* an operator's, without a lock */
	put(mine, "notes", "x");
	assert_int_equal(mkdir(odd, 0700), 0);
	put(odd, ".lock", "");
	assert_int_equal(chmod(open_to_all, 0777), 0);
	assert_int_equal(mkdir(victim, 0700), 0);
	put(victim, ".lock", "");
	put(victim, "token", "token: x");
	assert_int_equal(symlink(victim, trap), 0);
	assert_int_equal(temp_dir_open(&s, parent, "k911-", NULL), 0);
	temp_dir_close(&s);
	assert_true(is_there(mine, "notes"));
	assert_true(is_there(odd, ".lock"));
	assert_true(is_there(open_to_all, ".lock"));
	assert_true(is_there(victim, "token"));
	unlink(trap);
	chmod(open_to_all, 0700);
	for (size_t i = 0; i < 4; i++) {
		char *dirs[] = {mine, odd, open_to_all, victim}, cmd[300];

		snprintf(cmd, sizeof(cmd), "rm -r '%s'", dirs[i]);
		assert_int_equal(system(cmd), 0);
		free(dirs[i]);
	}
	free(trap);
}

static void test_links_inside_are_removed_and_what_they_name_is_not(void **state)
{
	char *dead = left_behind("k911-"), *secret = str_fmt("%s/secret", parent), *text = NULL;
	char *soft = str_fmt("%s/soft", dead), *hard = str_fmt("%s/hard", dead);
	char *up = str_fmt("%s/up", dead);
	struct temp_dir s = {0};

	(void)state;
	put(parent, "secret", "token: keep");
	assert_int_equal(symlink(secret, soft), 0);
	assert_int_equal(link(secret, hard), 0);
	assert_int_equal(symlink(parent, up), 0);
	assert_int_equal(temp_dir_open(&s, parent, "k911-", NULL), 0);
	temp_dir_close(&s);
	assert_false(file_exists(dead));
	assert_int_equal(file_read(secret, 100, &text, NULL, NULL), 0);
	assert_string_equal(text, "token: keep");
	unlink(secret);
	free(text);
	free(dead);
	free(secret);
	free(soft);
	free(hard);
	free(up);
}

static void test_keys_are_overwritten_before_they_are_removed(void **state)
{
	static const char key[] = "-----BEGIN PRIVATE KEY-----\n";
	char *dead = left_behind("k911-"), *path = str_fmt("%s/ca.key", dead);
	char after[sizeof(key)] = "";
	struct temp_dir s = {0};
	int fd;

	(void)state;
	put(dead, "ca.key", key);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(temp_dir_open(&s, parent, "k911-", NULL), 0);
	assert_int_equal(read(fd, after, sizeof(after)), strlen(key));
	for (size_t i = 0; i < sizeof(after); i++)
		assert_int_equal(after[i], 0);
	close(fd);
	temp_dir_close(&s);
	free(dead);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_is_private_and_gone_after_its_end),
		cmocka_unit_test(test_the_next_one_removes_what_the_killed_left_but_not_what_lives),
		cmocka_unit_test(test_what_is_not_ours_is_never_touched),
		cmocka_unit_test(test_links_inside_are_removed_and_what_they_name_is_not),
		cmocka_unit_test(test_keys_are_overwritten_before_they_are_removed),
	};

	return cmocka_run_group_tests(tests, make_parent, remove_parent);
}
