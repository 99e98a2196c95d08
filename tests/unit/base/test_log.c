/* The log: one whole line per call, no secret, no forged line, one rotation. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

static char dir[] = "/tmp/k911-log-XXXXXX";
static char path[64], older[64];

static int make_dir(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/log", dir);
	snprintf(older, sizeof(older), "%s/log.1", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

static int remove_logs(void **state)
{
	(void)state;
	log_close();
	unlink(path);
	unlink(older);
	return 0;
}

/* What a file holds once everything said is in it. */
static char *read_all(const char *file)
{
	struct stat st;
	FILE *f = fopen(file, "r");
	char *text;
	size_t n;

	log_close();
	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	text = mem_zero((size_t)st.st_size + 1, 1);
	n = fread(text, 1, (size_t)st.st_size, f);
	assert_int_equal(n, st.st_size);
	fclose(f);
	return text;
}

static void test_a_line_says_when_how_bad_who_and_what(void **state)
{
	char *text;

	(void)state;
	assert_int_equal(log_open(path, LOG_INFO, NULL), 0);
	log_put(LOG_WARN, "etcd", "member is down member=%s", "m1");
	log_put(LOG_DEBUG, "etcd", "not written");
	log_put(LOG_INFO, "kube", "second");
	text = read_all(path);
	assert_int_equal(text[4], '-');
	assert_int_equal(text[19], 'Z');
	assert_true(str_starts(text + 20, " warn etcd member is down member=m1\n"));
	assert_true(str_ends(text, "Z info kube second\n"));
	assert_null(strstr(text, "not written"));
	free(text);
}

static void test_no_secret_and_no_forged_line_gets_in(void **state)
{
	char *text;

	(void)state;
	log_open(path, LOG_INFO, NULL);
	log_put(LOG_INFO, "kube", "token=%s said %s", "hunter2",
		"a\n2026-01-01T00:00:00Z error x\x1B[2J");
	text = read_all(path);
	assert_null(strstr(text, "hunter2"));
	assert_non_null(strstr(text, "token=[redacted]"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_null(strchr(text, 0x1B));
	free(text);
}

static void test_a_long_message_is_cut_but_stays_one_line(void **state)
{
	static char big[20000];
	char *text;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	log_open(path, LOG_INFO, NULL);
	log_put(LOG_INFO, "kube", "%s", big);
	log_put(LOG_INFO, big, "%s", "after");
	text = read_all(path);
	assert_true(strlen(text) < 10000);
	assert_int_equal(text[strlen(text) - 1], '\n');
	assert_non_null(strstr(text, "after\n"));
	free(text);
}

static void test_only_the_owner_may_read_it_and_it_is_appended_to(void **state)
{
	struct stat st;
	char *text;

	(void)state;
	umask(0);
	log_open(path, LOG_INFO, NULL);
	log_put(LOG_INFO, "a", "one");
	log_close();
	log_open(path, LOG_INFO, NULL);
	log_put(LOG_INFO, "a", "two");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	text = read_all(path);
	assert_non_null(strstr(text, "one"));
	assert_non_null(strstr(text, "two"));
	free(text);
}

static void test_a_path_that_cannot_be_opened_is_said(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(log_open("/nonexistent/log", LOG_INFO, &e), -1);
	assert_int_equal(e.code, ERR_SYSTEM);
	assert_non_null(strstr(e.text, "/nonexistent/log"));
}

static void test_at_ten_megabytes_it_rotates_once(void **state)
{
	static char line[3000];
	struct stat now, before;

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	log_open(path, LOG_INFO, NULL);
	assert_int_equal(truncate(path, 10 * 1024 * 1024 - 100), 0);
	log_open(path, LOG_INFO, NULL);
	log_put(LOG_INFO, "a", "%s", line);
	log_put(LOG_INFO, "a", "%s", line);
	log_close();
	assert_int_equal(stat(path, &now), 0);
	assert_int_equal(stat(older, &before), 0);
	assert_true(before.st_size <= 10 * 1024 * 1024);
	assert_true(now.st_size > 6000 && now.st_size < 7000);
}

/* ---- a disk in trouble ---- */

/* What the log's writes do: this stands in for libc's. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool hangs;
	int fails;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void set_disk(bool hangs, int fails)
{
	pthread_mutex_lock(&disk.lock);
	disk.hangs = hangs;
	disk.fails = fails;
	pthread_cond_broadcast(&disk.changed);
	pthread_mutex_unlock(&disk.lock);
}

ssize_t write(int fd, const void *bytes, size_t n)
{
	int fails;

	pthread_mutex_lock(&disk.lock);
	while (fd > STDERR_FILENO && disk.hangs)
		pthread_cond_wait(&disk.changed, &disk.lock);
	fails = fd > STDERR_FILENO ? disk.fails : 0;
	pthread_mutex_unlock(&disk.lock);
	errno = fails;
	return fails ? -1 : (ssize_t)syscall(SYS_write, fd, bytes, n);
}

/* Waits until it is in trouble, as seen so much later; the time out is the test program's. */
static void wait_for_trouble(int64_t later_ms, struct log_trouble *trouble)
{
	struct instant then;

	do {
		then = instant_now();
		then.boot_ms += later_ms;
	} while (log_is_kept(then, trouble));
}

static void test_a_disk_that_hangs_holds_nobody_and_the_lost_lines_are_counted(void **state)
{
	struct log_trouble trouble;
	int64_t began;
	char *text, *note;

	(void)state;
	log_open(path, LOG_INFO, NULL);
	assert_true(log_is_kept(instant_now(), &trouble));
	set_disk(true, 0);
	began = instant_now().boot_ms;
	log_put(LOG_INFO, "a", "first");
	wait_for_trouble(LOG_LATE_MS, &trouble);
	assert_int_equal(trouble.failed, 0);
	assert_true(trouble.since.boot_ms >= began);
	for (int i = 0; i < 20000; i++)
		log_put(LOG_INFO, "a", "line %d", i);
	set_disk(false, 0);
	assert_true(log_close());
	text = read_all(path);
	assert_non_null(strstr(text, " first\n"));
	assert_non_null(strstr(text, " line 0\n"));
	assert_null(strstr(text, " line 19999\n"));
	note = strrchr(text, 'Z');
	assert_true(str_starts(note, "Z warn log "));
	assert_true(str_ends(note, " lines were lost here: the disk was too slow\n"));
	assert_true(strtol(note + strlen("Z warn log "), NULL, 10) > 10000);
	free(text);
}

static void test_leaving_waits_only_so_long_for_a_disk_that_hangs(void **state)
{
	(void)state;
	log_open(path, LOG_INFO, NULL);
	set_disk(true, 0);
	log_put(LOG_INFO, "a", "late");
	assert_false(log_close());
	set_disk(false, 0);
}

static void test_a_full_disk_is_trouble_until_there_is_room(void **state)
{
	struct log_trouble trouble;
	struct instant since;
	char *text;

	(void)state;
	log_open(path, LOG_INFO, NULL);
	set_disk(false, ENOSPC);
	log_put(LOG_INFO, "a", "lost");
	wait_for_trouble(0, &trouble);
	assert_int_equal(trouble.failed, ENOSPC);
	since = trouble.since;
	log_put(LOG_INFO, "a", "lost too");
	wait_for_trouble(0, &trouble);
	assert_int_equal(trouble.since.boot_ms, since.boot_ms);
	set_disk(false, 0);
	log_put(LOG_INFO, "a", "kept");
	while (!log_is_kept(instant_now(), &trouble))
		continue;
	text = read_all(path);
	assert_true(str_ends(text, " kept\n"));
	free(text);
}

static void test_what_waits_is_written_by_one_that_dies(void **state)
{
	char *text;

	(void)state;
	log_open(path, LOG_INFO, NULL);
	log_last_words();
	log_put(LOG_INFO, "a", "this was the last");
	log_last_words();
	text = read_all(path);
	assert_non_null(strstr(text, "this was the last\n"));
	free(text);
}

static void test_errno_survives_a_call(void **state)
{
	(void)state;
	log_open(path, LOG_INFO, NULL);
	errno = EXDEV;
	log_put(LOG_INFO, "a", "x");
	assert_int_equal(errno, EXDEV);
}

/* What a call writes to stderr, caught in a file. */
static char *stderr_of(void (*call)(void))
{
	int saved = dup(STDERR_FILENO), fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0 && dup2(fd, STDERR_FILENO) >= 0);
	call();
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fd);
	return read_all(path);
}

static void put_two(void)
{
	log_put(LOG_INFO, "a", "quiet");
	log_put(LOG_WARN, "a", "loud");
}

static void test_without_a_file_only_warnings_come_out(void **state)
{
	char *text;

	(void)state;
	log_close();
	text = stderr_of(put_two);
	assert_null(strstr(text, "quiet"));
	assert_true(str_ends(text, " warn a loud\n"));
	free(text);
	assert_int_equal(log_open(NULL, LOG_DEBUG, NULL), 0);
	text = stderr_of(put_two);
	assert_null(strstr(text, "quiet"));
	free(text);
}

static void *put_many(void *arg)
{
	(void)arg;
	for (int i = 0; i < 500; i++)
		log_put(LOG_INFO, "thread", "begin %d end", i);
	return NULL;
}

static void test_lines_of_threads_do_not_mix(void **state)
{
	pthread_t threads[4];
	char *text, *line, *rest;
	int lines = 0;

	(void)state;
	log_open(path, LOG_INFO, NULL);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, put_many, NULL), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	text = read_all(path);
	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		assert_true(str_starts(line + 20, " info thread begin "));
		assert_true(str_ends(line, " end"));
		lines++;
	}
	assert_int_equal(lines, 2000);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_a_line_says_when_how_bad_who_and_what, remove_logs),
		cmocka_unit_test_teardown(test_no_secret_and_no_forged_line_gets_in, remove_logs),
		cmocka_unit_test_teardown(
			test_a_long_message_is_cut_but_stays_one_line, remove_logs),
		cmocka_unit_test_teardown(
			test_only_the_owner_may_read_it_and_it_is_appended_to, remove_logs),
		cmocka_unit_test_teardown(test_a_path_that_cannot_be_opened_is_said, remove_logs),
		cmocka_unit_test_teardown(test_at_ten_megabytes_it_rotates_once, remove_logs),
		cmocka_unit_test_teardown(test_errno_survives_a_call, remove_logs),
		cmocka_unit_test_teardown(test_without_a_file_only_warnings_come_out, remove_logs),
		cmocka_unit_test_teardown(
			test_a_disk_that_hangs_holds_nobody_and_the_lost_lines_are_counted,
			remove_logs),
		cmocka_unit_test_teardown(
			test_leaving_waits_only_so_long_for_a_disk_that_hangs, remove_logs),
		cmocka_unit_test_teardown(
			test_a_full_disk_is_trouble_until_there_is_room, remove_logs),
		cmocka_unit_test_teardown(test_what_waits_is_written_by_one_that_dies, remove_logs),
		cmocka_unit_test_teardown(test_lines_of_threads_do_not_mix, remove_logs),
	};

	if (setlocale(LC_ALL, "C.UTF-8") == NULL)
		return 1;
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
