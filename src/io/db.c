/* The only file that sees SQLite. What it adds: one set of promises for every file
 * (durable when committed, private, patient with other writers), errors as values
 * that name the file, and a schema that grows by numbered steps. */
#include "io/db.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"

#define BUSY_MS       5000
#define BUSY_PAUSE_MS 5

struct db {
	sqlite3 *lite;
	char *path;
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

static int fail(const struct db *d, int rc, struct err *e)
{
	const char *why =
		sqlite3_errcode(d->lite) == (rc & 0xff) || sqlite3_extended_errcode(d->lite) == rc
			? sqlite3_errmsg(d->lite)
			: sqlite3_errstr(rc);

	if (code_of(rc) == ERR_BUSY)
		return err_set(e, ERR_BUSY, _("%s is in use by another process"), d->path);
	return err_set(e, code_of(rc), "%s: %s", d->path, why);
}

/* SQLite would make it readable to all; its -wal and -shm take over the file's mode. */
static int make_private(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(e, errno, "%s", path);
	close(fd);
	return 0;
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

static int open_file(struct db *d, enum db_mode mode, struct err *e)
{
	int flags = mode == DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	int rc;

	if (mode == DB_WRITE && make_private(d->path, e) != 0)
		return -1;
	if (mode == DB_READ && access(d->path, F_OK) != 0)
		return err_set(e, ERR_MISSING, _("%s is not there"), d->path);
	rc = sqlite3_open_v2(mode == DB_MEMORY ? ":memory:" : d->path, &d->lite,
		flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK)
		return fail(d, rc, e);
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

int db_migrate(struct db *d, const char *const *steps, int n, struct err *e)
{
	int64_t have = db_number(d, "PRAGMA user_version", -1);

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

int db_step(struct db_stmt *s, struct err *e)
{
	int rc = s->bound;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s->lite);
	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		fail(s->db, rc, e);
	db_reset(s);
	return rc == SQLITE_DONE ? 0 : -1;
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
	struct db_stmt *s = db_prepare(d, sql, NULL);
	int64_t n = otherwise;

	if (s != NULL && db_step(s, NULL) == 1)
		n = db_int(s, 0);
	db_finish(s);
	return n;
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
