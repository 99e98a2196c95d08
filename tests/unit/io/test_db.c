/* What was committed is there, whoever dies; what went wrong has a code and names the file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "io/db_sound.h"
#include "io/file.h"

static char dir[] = "/tmp/k911-db-XXXXXX";
static char *path;

static const char *const schema[] = {
	"CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT UNIQUE, data BLOB)",
	"ALTER TABLE t ADD COLUMN at_ms INTEGER; CREATE INDEX t_at ON t(at_ms)",
};

static int make_dir(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	path = str_fmt("%s/j.db", dir);
	return 0;
}

static void forget(const char *suffix)
{
	char *file = str_fmt("%s%s", path, suffix);

	unlink(file);
	free(file);
}

static int clear(void **state)
{
	(void)state;
	forget("");
	forget("-wal");
	forget("-shm");
	return 0;
}

static int remove_dir(void **state)
{
	clear(state);
	free(path);
	return rmdir(dir);
}

static struct db *open_db(void)
{
	struct err e;
	struct db *d = db_open(path, DB_WRITE, &e);

	if (d == NULL || db_migrate(d, schema, 2, &e) != 0)
		fail_msg("%s", e.text);
	return d;
}

static int add(struct db *d, const char *name, struct err *e)
{
	struct db_stmt *s = db_prepare(d, "INSERT INTO t(name, data, at_ms) VALUES(?, ?, ?)", e);
	int rc;

	assert_non_null(s);
	db_bind_text(s, 1, name);
	db_bind_blob(s, 2, "a\0b", 3);
	db_bind_int(s, 3, INT64_MAX);
	rc = db_step(s, e);
	db_finish(s);
	return rc;
}

static void test_rows_come_back_as_they_were_bound(void **state)
{
	struct db *d = open_db();
	struct db_stmt *s;
	struct err e;
	size_t n;

	(void)state;
	assert_int_equal(add(d, "müller", &e), 0);
	assert_int_equal(add(d, NULL, &e), 0);
	s = db_prepare(d, "SELECT name, data, at_ms FROM t WHERE id >= ? ORDER BY id;", &e);
	assert_non_null(s);
	db_bind_int(s, 1, 1);
	assert_int_equal(db_step(s, &e), 1);
	assert_string_equal(db_text(s, 0), "müller");
	assert_memory_equal(db_blob(s, 1, &n), "a\0b", 3);
	assert_int_equal(n, 3);
	assert_true(db_int(s, 2) == INT64_MAX);
	assert_int_equal(db_step(s, &e), 1);
	assert_null(db_text(s, 0));
	assert_int_equal(db_step(s, &e), 0);
	assert_int_equal(db_step(s, &e), 0); /* bindings are forgotten: no id is >= null */
	db_bind_int(s, 7, 1);
	assert_int_equal(db_step(s, &e), -1);
	db_finish(s);
	assert_true(db_number(d, "SELECT count(*) FROM t", -1) == 2);
	assert_true(db_number(d, "SELECT nothing", -1) == -1);
	assert_int_equal(db_check(d, &e), 0);
	db_close(d);
}

static void test_values_are_bound_in_their_order(void **state)
{
	struct db *d = open_db();
	struct db_stmt *s;
	struct err e = {0};
	size_t n;

	(void)state;
	assert_int_equal(db_run(d, "INSERT INTO t(name, data, at_ms) VALUES(?, ?, ?)",
				 DB_VALUES(DB_TEXT("a"), DB_BLOB("x\0y", 3), DB_INT(7)), &e),
		0);
	assert_int_equal(db_run(d, "INSERT INTO t(name, at_ms) VALUES(?, ?)",
				 DB_VALUES(DB_TEXT(NULL), DB_INT(8)), &e),
		0);
	s = db_ask(d, "SELECT name, data FROM t WHERE at_ms = ?", DB_VALUES(DB_INT(7)), &e);
	assert_int_equal(db_step(s, &e), 1);
	assert_string_equal(db_text(s, 0), "a");
	assert_memory_equal(db_blob(s, 1, &n), "x\0y", 3);
	assert_int_equal(n, 3);
	db_finish(s);
	assert_int_equal(db_number(d, "SELECT at_ms FROM t WHERE name IS NULL", 0), 8);
	assert_int_equal(
		db_run(d, "INSERT INTO t(name) VALUES(?)", DB_VALUES(DB_TEXT("a")), &e), -1);
	assert_int_equal(e.code, ERR_CONFLICT);
	db_close(d);
}

static void test_what_is_no_statement_fails_with_its_reason(void **state)
{
	struct db *d = open_db();
	struct db_stmt *s;
	struct err e = {0};

	(void)state;
	s = db_ask(d, "SELECT nothing FROM nowhere", NULL, 0, &e);
	assert_null(s);
	assert_int_equal(db_step(s, NULL), -1);
	assert_non_null(strstr(e.text, path));
	assert_int_equal(db_run(d, "SELECT nothing FROM nowhere", NULL, 0, &e), -1);
	db_close(d);
}

static void test_the_file_is_private_and_durable(void **state)
{
	struct db *d = open_db();
	struct stat st;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(db_number(d, "PRAGMA synchronous", -1) == 2);
	assert_true(
		db_number(d, "SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'",
			-1) == 1);
	db_close(d);
}

static void test_what_was_committed_survives_a_kill(void **state)
{
	int status;
	struct db *d;
	pid_t pid;

	(void)state;
	db_close(open_db());
	pid = fork();
	if (pid == 0) {
		d = open_db();
		db_begin(d, NULL);
		add(d, "kept", NULL);
		db_commit(d, NULL);
		db_begin(d, NULL);
		add(d, "lost", NULL);
		kill(getpid(), SIGKILL);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
	d = open_db();
	assert_true(db_number(d, "SELECT count(*) FROM t WHERE name = 'kept'", -1) == 1);
	assert_true(db_number(d, "SELECT count(*) FROM t", -1) == 1);
	db_close(d);
}

static void test_a_rollback_takes_back(void **state)
{
	struct db *d = open_db();
	struct err e;

	(void)state;
	assert_int_equal(db_begin(d, &e), 0);
	assert_int_equal(add(d, "x", &e), 0);
	db_rollback(d);
	db_rollback(d);
	assert_true(db_number(d, "SELECT count(*) FROM t", -1) == 0);
	db_close(d);
}

static void test_errors_have_codes_and_name_the_file(void **state)
{
	struct db *d = open_db();
	struct err e;

	(void)state;
	assert_int_equal(add(d, "same", &e), 0);
	assert_int_equal(add(d, "same", &e), -1);
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_non_null(strstr(e.text, path));
	assert_null(db_prepare(d, "SELECT 1; SELECT 2", &e));
	assert_null(db_prepare(d, "SELEKT", &e));
	assert_non_null(strstr(e.text, "SELEKT"));
	assert_int_equal(db_exec(d, "PRAGMA max_page_count=1", &e), 0);
	assert_int_equal(db_exec(d, "UPDATE t SET data = zeroblob(1000000)", &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
	db_close(d);
	assert_null(db_open("/nowhere/j.db", DB_WRITE, &e));
	assert_non_null(strstr(e.text, "/nowhere/j.db"));
	assert_null(db_open("/nowhere/j.db", DB_READ, &e));
	assert_int_equal(e.code, ERR_MISSING);
}

static void test_a_locked_file_is_busy(void **state)
{
	struct db *d = open_db(), *other = open_db();
	struct err e;

	(void)state;
	assert_int_equal(db_begin(d, &e), 0);
	assert_int_equal(db_exec(other, "PRAGMA busy_timeout=1", &e), 0);
	assert_int_equal(db_begin(other, &e), -1);
	assert_int_equal(e.code, ERR_BUSY);
	assert_int_equal(db_commit(d, &e), 0);
	assert_int_equal(db_begin(other, &e), 0);
	db_rollback(other);
	db_close(d);
	db_close(other);
}

/* A second opening in one process must not cost the first its locks: the next process to close the
 * file would take itself for the last, and delete the log that is in use here. */
static void test_no_opening_costs_another_its_locks(void **state)
{
	struct db *d = open_db(), *second = open_db();
	char *log = str_fmt("%s-wal", path);
	struct err e;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(add(d, "before", &e), 0);
	pid = fork();
	if (pid == 0) {
		execl(getenv("K911_TEST_SELF"), "test_db", "add", path, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_true(file_exists(log));
	assert_false(db_has_moved(d));
	assert_int_equal(add(d, "after", &e), 0);
	db_close(second);
	db_close(d);
	d = open_db();
	assert_true(db_number(d, "SELECT count(*) FROM t", -1) == 3);
	db_close(d);
	free(log);
}

/* What another process does: nothing of this one's SQLite is in it. */
static int add_and_leave(const char *file)
{
	struct err e = {0};
	struct db *d;

	path = mem_str(file);
	d = open_db();
	if (add(d, "other", &e) != 0)
		return 1;
	db_close(d);
	free(path);
	return 0;
}

static void *open_at_once(void *arg)
{
	struct err e;
	struct db *d;

	pthread_barrier_wait(arg);
	d = db_open(path, DB_WRITE, &e);
	db_close(d);
	return d != NULL ? arg : NULL;
}

static void test_openers_of_a_new_file_wait_for_each_other(void **state)
{
	for (int i = 0; i < 40; i++) {
		pthread_t thread[3];
		pthread_barrier_t barrier;
		void *opened;

		pthread_barrier_init(&barrier, NULL, 3);
		for (int t = 0; t < 3; t++)
			pthread_create(&thread[t], NULL, open_at_once, &barrier);
		for (int t = 0; t < 3; t++) {
			pthread_join(thread[t], &opened);
			assert_non_null(opened);
		}
		pthread_barrier_destroy(&barrier);
		clear(state);
	}
}

static void test_the_schema_grows_by_steps_and_never_shrinks(void **state)
{
	static const char *const broken[] = {
		"CREATE TABLE a(x)", "CREATE TABLE b(x); CREATE TABLE a(x)"};
	struct err e;
	struct db *d = db_open(path, DB_WRITE, &e);

	(void)state;
	assert_int_equal(db_migrate(d, broken, 2, &e), -1);
	assert_true(db_number(d, "PRAGMA user_version", -1) == 1);
	assert_true(db_number(d, "SELECT count(*) FROM sqlite_master", -1) == 1);
	db_close(d);
	clear(NULL);
	d = db_open(path, DB_WRITE, &e);
	assert_int_equal(db_migrate(d, schema, 1, &e), 0);
	assert_int_equal(db_migrate(d, schema, 2, &e), 0);
	assert_int_equal(db_migrate(d, schema, 2, &e), 0);
	assert_int_equal(db_migrate(d, schema, 1, &e), -1);
	assert_int_equal(e.code, ERR_UNSUPPORTED);
	db_close(d);
}

static void test_a_reader_cannot_write(void **state)
{
	struct err e;
	struct db *d;

	(void)state;
	db_close(open_db());
	d = db_open(path, DB_READ, &e);
	assert_non_null(d);
	assert_true(db_number(d, "SELECT count(*) FROM t", -1) == 0);
	assert_int_equal(add(d, "x", &e), -1);
	db_close(d);
}

static void test_a_damaged_file_is_told(void **state)
{
	struct db *d = open_db();
	char *text;
	size_t n;
	struct err e;

	(void)state;
	assert_int_equal(db_exec(d,
				 "INSERT INTO t(data) VALUES(zeroblob(20000)); PRAGMA "
				 "wal_checkpoint(TRUNCATE)",
				 &e),
		0);
	db_close(d);
	assert_int_equal(file_read(path, 1 << 20, &text, &n, &e), 0);
	memset(text + 4096, 0xee, 4096);
	assert_int_equal(file_write(path, text, n, 0600, &e), 0);
	free(text);
	d = db_open(path, DB_READ, &e);
	if (d != NULL)
		assert_int_equal(db_check(d, &e), -1);
	assert_int_equal(e.code, ERR_INPUT);
	db_close(d);
	assert_int_equal(file_write(path, "this is no database, only a text", 32, 0600, &e), 0);
	assert_null(db_open(path, DB_WRITE, &e));
	assert_int_equal(e.code, ERR_INPUT);
}

/* Runs f as one who may write nothing there. */
static int as_reader(int (*f)(void))
{
	int status;
	pid_t pid;

	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(chmod(dir, 0555), 0);
	pid = fork();
	if (pid == 0)
		_exit(getuid() == 0 && setuid(65534) != 0 ? 99 : f());
	waitpid(pid, &status, 0);
	assert_int_equal(chmod(dir, 0700), 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int count_rows(void)
{
	struct err e = {0};
	struct db *d = db_open(path, DB_READ, &e);
	int64_t n = d ? db_number(d, "SELECT count(*) FROM t", -1) : -1;

	if (d == NULL || db_check(d, &e) != 0 || db_still(d, &e) != 0) {
		fprintf(stderr, "%s\n", e.text);
		return 98;
	}
	db_close(d);
	return (int)n;
}

static void test_a_read_only_place_can_be_read(void **state)
{
	char *was = path, *odd = str_fmt("%s/a?b#c%%41.db", dir);
	struct db *d;
	struct err e;

	(void)state;
	path = odd; /* nothing in a name is taken for a parameter */
	d = open_db();
	assert_int_equal(add(d, "x", &e), 0);
	db_close(d);
	assert_int_equal(as_reader(count_rows), 1);
	unlink(odd);
	free(odd);
	path = was;
}

/* The log holds what the file lacks: half of the truth is none. */
static void test_a_read_only_place_with_a_log_is_refused(void **state)
{
	char *log = str_fmt("%s-wal", path), *text;
	struct db *d = open_db();
	struct err e;
	size_t n;

	(void)state;
	assert_int_equal(add(d, "x", &e), 0);
	assert_int_equal(file_read(log, 1 << 20, &text, &n, &e), 0);
	db_close(d);
	assert_int_equal(file_write(log, text, n, 0644, &e), 0);
	assert_int_equal(as_reader(count_rows), 98);
	free(text);
	free(log);
}

static void test_a_damaged_one_is_moved_aside_and_a_new_one_begun(void **state)
{
	static const char lie[] = "this is no database, only a text";
	struct db *sound;
	struct db_aside aside;
	struct err e;
	char *text;

	(void)state;
	db_close(open_db());
	assert_int_equal(file_write(path, lie, sizeof(lie), 0600, &e), 0);
	sound = db_open_sound(path, INT64_C(1795435200000), &aside, &e);
	assert_non_null(sound);
	assert_non_null(aside.path);
	assert_non_null(strstr(aside.path, ".damaged-2026-11-23T12:00:00Z"));
	assert_int_equal(aside.damage.code, ERR_INPUT);
	assert_int_equal(file_read(aside.path, 4096, &text, NULL, &e), 0);
	assert_string_equal(text, lie);
	assert_int_equal(db_check(sound, &e), 0);
	assert_false(db_has_moved(sound));
	assert_int_equal(rename(aside.path, path), 0);
	assert_true(db_has_moved(sound));
	db_close(sound);
	free(aside.path);
	free(text);
	forget(".lock");
}

static void test_trouble_of_the_disk_moves_nothing_aside(void **state)
{
	struct db_aside aside;
	struct err e;
	struct db *d = open_db();

	(void)state;
	assert_int_equal(db_exec(d, "PRAGMA user_version=99", &e), 0);
	db_close(d);
	assert_null(db_open_sound("/proc/nowhere/x.db", 0, &aside, &e));
	assert_null(aside.path);
	d = db_open_sound(path, 0, &aside, &e);
	assert_null(aside.path);
	assert_int_equal(db_migrate(d, schema, 2, &e), -1); /* a newer one is not a damaged one */
	db_close(d);
	forget(".lock");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_rows_come_back_as_they_were_bound, clear),
		cmocka_unit_test_teardown(test_values_are_bound_in_their_order, clear),
		cmocka_unit_test_teardown(test_what_is_no_statement_fails_with_its_reason, clear),
		cmocka_unit_test_teardown(test_the_file_is_private_and_durable, clear),
		cmocka_unit_test_teardown(test_what_was_committed_survives_a_kill, clear),
		cmocka_unit_test_teardown(test_a_rollback_takes_back, clear),
		cmocka_unit_test_teardown(test_errors_have_codes_and_name_the_file, clear),
		cmocka_unit_test_teardown(test_a_locked_file_is_busy, clear),
		cmocka_unit_test_teardown(test_openers_of_a_new_file_wait_for_each_other, clear),
		cmocka_unit_test_teardown(test_the_schema_grows_by_steps_and_never_shrinks, clear),
		cmocka_unit_test_teardown(test_a_reader_cannot_write, clear),
		cmocka_unit_test_teardown(test_a_damaged_file_is_told, clear),
		cmocka_unit_test_teardown(test_no_opening_costs_another_its_locks, clear),
		cmocka_unit_test_teardown(test_a_read_only_place_can_be_read, clear),
		cmocka_unit_test_teardown(test_a_read_only_place_with_a_log_is_refused, clear),
		cmocka_unit_test_teardown(
			test_a_damaged_one_is_moved_aside_and_a_new_one_begun, clear),
		cmocka_unit_test_teardown(test_trouble_of_the_disk_moves_nothing_aside, clear),
	};

	if (argc == 3 && str_eq(argv[1], "add"))
		return add_and_leave(argv[2]);
	setenv("K911_TEST_SELF", argv[0], 1);

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
