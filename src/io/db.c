/* The only file that sees SQLite. What it adds: one set of promises for every file
 * (durable when committed, private, patient with other writers), errors as values
 * that name the file, and a schema that grows by numbered steps.
 *
 * No descriptor of a database is ever opened beside SQLite's own: closing one drops every lock that
 * this process holds on the file, whoever took it, and the next process to close it would believe
 * to be the last and delete the log under us. So files are made by mknod, looked at by stat, and
 * moved by rename. */
#include "io/db.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/own_file.h"
#include "base/str.h"
#include "io/file.h"

#define BUSY_MS       5000
#define BUSY_PAUSE_MS 5
#define ADDRESS_MAX   (4u << 12) /* bytes: any path there can be, escaped */

struct db {
	sqlite3 *lite;
	char *path;
	bool frozen;     /* read without locks: nothing can be written where it lies */
	struct stat was; /* frozen: as it was when it was opened */
};

struct db_stmt {
	struct db *db;
	sqlite3_stmt *lite;
	int bound; /* the first binding that failed, or SQLITE_OK */
};

static enum err_code code_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_CONSTRAINT:
		return ERR_CONFLICT;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_INPUT;
	case SQLITE_FULL:
	case SQLITE_TOOBIG:
		return ERR_LIMIT;
	default:
		return ERR_SYSTEM;
	}
}

/* "disk I/O error" may be a full disk, a broken one or a missing right: the system's own word says
 * which. */
static int fail_of_system(const struct db *d, int rc, struct err *e)
{
	int failed = sqlite3_system_errno(d->lite);

	if (failed == 0)
		return err_set(e, ERR_SYSTEM, "%s: %s", d->path, sqlite3_errstr(rc));
	err_sys(e, failed, "%s: %s", d->path, sqlite3_errstr(rc));
	if (e != NULL && (failed == ENOSPC || failed == EDQUOT || failed == EFBIG))
		e->code = ERR_LIMIT;
	return -1;
}

static int fail(const struct db *d, int rc, struct err *e)
{
	const char *why =
		sqlite3_errcode(d->lite) == (rc & 0xff) || sqlite3_extended_errcode(d->lite) == rc
			? sqlite3_errmsg(d->lite)
			: sqlite3_errstr(rc);

	if (code_of(rc) == ERR_BUSY)
		return err_set(e, ERR_BUSY, _("%s is in use by another process"), d->path);
	if ((rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN)
		return fail_of_system(d, rc, e);
	return err_set(e, code_of(rc), "%s: %s", d->path, why);
}

/* SQLite would make it readable to all, and write through a link; its -wal and -shm take over the
 * file's mode. */
static int make_private(const char *path, struct err *e)
{
	if (mknod(path, S_IFREG | 0600, 0) == 0)
		return 0;
	return errno == EEXIST ? own_file_look(path, e) : err_sys(e, errno, "%s", path);
}

/* Who opens a new file turns it into WAL, and two who do so at once would wait for each other:
 * SQLite then says busy without any of its patience. So the patience is ours. */
static int make_wal(struct db *d, struct err *e)
{
	struct err busy = {.code = ERR_BUSY};
	int rc = -1;

	for (int ms = 0; rc != 0 && busy.code == ERR_BUSY && ms < BUSY_MS; ms += BUSY_PAUSE_MS) {
		if (ms > 0)
			sqlite3_sleep(BUSY_PAUSE_MS);
		rc = db_exec(d, "PRAGMA journal_mode=WAL", &busy);
	}
	if (rc != 0 && e != NULL)
		*e = busy;
	return rc;
}

/* Something lies beside the file: "-wal", its log, or "-shm", the index of that. */
static bool has_beside(const char *path, const char *suffix)
{
	char *name = str_fmt("%s%s", path, suffix);
	struct stat st;
	bool yes = stat(name, &st) == 0 && st.st_size > 0;

	free(name);
	return yes;
}

/* Nothing can be made beside the file: a read-only file system or directory. */
static bool is_read_only(const char *path)
{
	char *dir = file_beside(path, ".");
	bool yes = faccessat(AT_FDCWD, dir, W_OK, AT_EACCESS) != 0 && errno != ENOENT;

	free(dir);
	return yes;
}

/* As an address, in which SQLite takes parameters. */
static char *address_of(const char *path)
{
	struct buf to;

	buf_init(&to, ADDRESS_MAX);
	buf_puts(&to, "file:");
	for (; *path != '\0'; path++) {
		if (strchr("%?#", *path) != NULL)
			buf_fmt(&to, "%%%02X", (unsigned)(unsigned char)*path);
		else
			buf_putc(&to, *path);
	}
	buf_puts(&to, "?immutable=1");
	return buf_take(&to);
}

/* To read, SQLite must write: it makes a log and an index of it beside the file. Where it cannot,
 * and no log lies there, the file is whole and is read as it lies. */
static int open_to_read(struct db *d, struct err *e)
{
	char *address = NULL;
	int rc;

	if (stat(d->path, &d->was) != 0)
		return errno == ENOENT ? err_set(e, ERR_MISSING, _("%s is not there"), d->path)
				       : err_sys(e, errno, "%s", d->path);
	if (faccessat(AT_FDCWD, d->path, R_OK, AT_EACCESS) != 0)
		return err_sys(e, errno, "%s", d->path);
	d->frozen = is_read_only(d->path) && !has_beside(d->path, "-wal");
	if (!d->frozen && is_read_only(d->path) && !has_beside(d->path, "-shm"))
		return err_set(e, ERR_SYSTEM,
			_("%s: part of it is in its log, %s-wal, which cannot be read where "
			  "nothing "
			  "can be written: copy both to another place"),
			d->path, d->path);
	if (d->frozen)
		address = address_of(d->path);
	rc = sqlite3_open_v2(d->frozen ? address : d->path, &d->lite,
		SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | (d->frozen ? SQLITE_OPEN_URI : 0),
		NULL);
	free(address);
	return rc == SQLITE_OK ? 0 : fail(d, rc, e);
}

static int open_to_write(struct db *d, enum db_mode mode, struct err *e)
{
	int rc;

	if (mode == DB_WRITE && make_private(d->path, e) != 0)
		return -1;
	rc = sqlite3_open_v2(mode == DB_MEMORY ? ":memory:" : d->path, &d->lite,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	return rc == SQLITE_OK ? 0 : fail(d, rc, e);
}

static int open_file(struct db *d, enum db_mode mode, struct err *e)
{
	if ((mode == DB_READ ? open_to_read(d, e) : open_to_write(d, mode, e)) != 0)
		return -1;
	sqlite3_extended_result_codes(d->lite, 1);
	sqlite3_busy_timeout(d->lite, BUSY_MS);
	sqlite3_db_config(d->lite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (db_exec(d, "PRAGMA trusted_schema=OFF; PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL",
		    e) != 0)
		return -1;
	return mode == DB_WRITE ? make_wal(d, e) : 0;
}

struct db *db_open(const char *path, enum db_mode mode, struct err *e)
{
	struct db *d = mem_new(struct db);

	d->path = mem_str(path);
	if (open_file(d, mode, e) == 0)
		return d;
	db_close(d);
	return NULL;
}

void db_close(struct db *d)
{
	if (d == NULL)
		return;
	sqlite3_close_v2(d->lite);
	free(d->path);
	free(d);
}

int db_exec(struct db *d, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(d->lite, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : fail(d, rc, e);
}

/* 1: *n; 0: there is none; -1. */
static int read_number(struct db *d, const char *sql, int64_t *n, struct err *e)
{
	struct db_stmt *s = db_prepare(d, sql, e);
	int rc = s ? db_step(s, e) : -1;

	if (rc == 1)
		*n = db_int(s, 0);
	db_finish(s);
	return rc;
}

static int run_step(struct db *d, const char *step, int version, struct err *e)
{
	char *number = str_fmt("PRAGMA user_version=%d", version);
	int rc = db_exec(d, step, e);

	if (rc == 0)
		rc = db_exec(d, number, e);
	free(number);
	return rc;
}

/* The version is read again under the lock: another process may have been faster. */
static int migrate_once(struct db *d, const char *const *steps, int n, int64_t *have, struct err *e)
{
	if (db_begin(d, e) != 0)
		return -1;
	*have = db_number(d, "PRAGMA user_version", -1);
	if (*have >= 0 && *have < n && run_step(d, steps[*have], (int)*have + 1, e) != 0) {
		db_rollback(d);
		return -1;
	}
	return db_commit(d, e);
}

int db_version(struct db *d, int64_t *version, struct err *e)
{
	return read_number(d, "PRAGMA user_version", version, e) == 1 ? 0 : -1;
}

int db_migrate(struct db *d, const char *const *steps, int n, struct err *e)
{
	int64_t have = -1;

	if (db_version(d, &have, e) != 0)
		return -1;
	while (have >= 0 && have < n)
		if (migrate_once(d, steps, n, &have, e) != 0)
			return -1;
	if (have < 0)
		return fail(d, SQLITE_CORRUPT, e);
	if (have > n)
		return err_set(e, ERR_UNSUPPORTED,
			_("%s was written by a newer k911 (schema %lld, this one knows %d)"),
			d->path, (long long)have, n);
	return 0;
}

int db_begin(struct db *d, struct err *e)
{
	return db_exec(d, "BEGIN IMMEDIATE", e);
}

int db_commit(struct db *d, struct err *e)
{
	if (db_exec(d, "COMMIT", e) == 0)
		return 0;
	db_rollback(d);
	return -1;
}

void db_rollback(struct db *d)
{
	if (!sqlite3_get_autocommit(d->lite))
		sqlite3_exec(d->lite, "ROLLBACK", NULL, NULL, NULL);
}

struct db_stmt *db_prepare(struct db *d, const char *sql, struct err *e)
{
	struct db_stmt *s = mem_new(struct db_stmt);
	const char *rest = NULL;
	int rc;

	s->db = d;
	rc = sqlite3_prepare_v2(d->lite, sql, -1, &s->lite, &rest);
	if (rc == SQLITE_OK && s->lite != NULL && rest[strspn(rest, "; \t\n")] == '\0')
		return s;
	if (rc != SQLITE_OK)
		fail(d, rc, e);
	else
		err_set(e, ERR_USAGE, "%s: one statement was due: %s", d->path, sql);
	db_finish(s);
	return NULL;
}

void db_finish(struct db_stmt *s)
{
	if (s == NULL)
		return;
	sqlite3_finalize(s->lite);
	free(s);
}

static void note_binding(struct db_stmt *s, int rc)
{
	if (s->bound == SQLITE_OK)
		s->bound = rc;
}

void db_bind_int(struct db_stmt *s, int at, int64_t value)
{
	note_binding(s, sqlite3_bind_int64(s->lite, at, value));
}

void db_bind_text(struct db_stmt *s, int at, const char *text)
{
	note_binding(s, sqlite3_bind_text(s->lite, at, text, -1, SQLITE_TRANSIENT));
}

void db_bind_blob(struct db_stmt *s, int at, const void *bytes, size_t n)
{
	note_binding(s, sqlite3_bind_blob64(s->lite, at, n > 0 ? bytes : "", n, SQLITE_TRANSIENT));
}

struct db_stmt *db_ask(
	struct db *d, const char *sql, const struct db_value *values, size_t n, struct err *e)
{
	struct db_stmt *s = db_prepare(d, sql, e);

	for (int i = 0; s != NULL && i < (int)n; i++)
		if (values[i].kind == DB_IS_INT)
			db_bind_int(s, i + 1, values[i].number);
		else if (values[i].kind == DB_IS_TEXT)
			db_bind_text(s, i + 1, values[i].bytes);
		else
			db_bind_blob(s, i + 1, values[i].bytes, values[i].n);
	return s;
}

int db_step(struct db_stmt *s, struct err *e)
{
	int rc;

	if (s == NULL)
		return -1;
	rc = s->bound;
	if (rc == SQLITE_OK)
		rc = sqlite3_step(s->lite);
	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		fail(s->db, rc, e);
	db_reset(s);
	return rc == SQLITE_DONE ? 0 : -1;
}

int db_run(struct db *d, const char *sql, const struct db_value *values, size_t n, struct err *e)
{
	struct db_stmt *s = db_ask(d, sql, values, n, e);
	int rc = db_step(s, e);

	db_finish(s);
	return rc < 0 ? -1 : 0;
}

void db_reset(struct db_stmt *s)
{
	sqlite3_reset(s->lite);
	sqlite3_clear_bindings(s->lite);
	s->bound = SQLITE_OK;
}

int64_t db_int(const struct db_stmt *s, int column)
{
	return sqlite3_column_int64(s->lite, column);
}

const char *db_text(const struct db_stmt *s, int column)
{
	return (const char *)sqlite3_column_text(s->lite, column);
}

const void *db_blob(const struct db_stmt *s, int column, size_t *n)
{
	const void *bytes = sqlite3_column_blob(s->lite, column);

	*n = (size_t)sqlite3_column_bytes(s->lite, column);
	return bytes;
}

int64_t db_number(struct db *d, const char *sql, int64_t otherwise)
{
	int64_t n = otherwise;

	read_number(d, sql, &n, NULL);
	return n;
}

int db_still(const struct db *d, struct err *e)
{
	struct stat now;

	if (!d->frozen)
		return 0;
	if (stat(d->path, &now) == 0 && !has_beside(d->path, "-wal") &&
		now.st_ino == d->was.st_ino && now.st_size == d->was.st_size &&
		now.st_mtim.tv_sec == d->was.st_mtim.tv_sec &&
		now.st_mtim.tv_nsec == d->was.st_mtim.tv_nsec)
		return 0;
	return err_set(e, ERR_BUSY, _("%s was written while it was read: read it again"), d->path);
}

bool db_has_moved(struct db *d)
{
	int moved = 0;

	return sqlite3_file_control(d->lite, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
	       moved != 0;
}

int db_check(struct db *d, struct err *e)
{
	struct db_stmt *s = db_prepare(d, "PRAGMA integrity_check(1)", e);
	int rc = -1;

	if (s != NULL && db_step(s, e) == 1) {
		if (str_eq(db_text(s, 0), "ok"))
			rc = 0;
		else
			err_set(e, ERR_INPUT, "%s: %s", d->path, db_text(s, 0));
	}
	db_finish(s);
	return rc;
}
