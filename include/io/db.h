/* SQLite: one file, one connection in a process, one thread at a time. What db_commit returned from
 * is on the disk: WAL with synchronous=FULL. Other processes may use the same file; who finds it
 * locked waits up to five seconds. Text is UTF-8.
 *
 * Nobody else may open a database's file: to close it again would drop SQLite's locks. */
#ifndef IO_DB_H
#define IO_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct db;
struct db_stmt; /* belongs to its db; finish it before the db is closed */

enum db_mode {
	DB_WRITE, /* made with mode 0600 when absent */
	/* Must be there; also where nothing can be written (then without locks: db_still). */
	DB_READ,
	DB_MEMORY /* on no disk: gone when closed; the path only names it in messages */
};

/* Codes: ERR_BUSY locked by another, ERR_CONFLICT a constraint, ERR_INPUT no database or a damaged
 * one, ERR_LIMIT disk or file full, ERR_MISSING not there (DB_READ), else ERR_SYSTEM. Every
 * sentence names the file. */
struct db *db_open(const char *path, enum db_mode mode, struct err *e);
void db_close(struct db *d); /* NULL is fine */

/* One or more statements whose rows nobody wants. */
int db_exec(struct db *d, const char *sql, struct err *e);

/* Brings the schema up to n steps: those past the file's user_version run, each in a transaction of
 * its own together with the new number. A file with more steps than n was written by a newer k911:
 * ERR_UNSUPPORTED. */
int db_migrate(struct db *d, const char *const *steps, int n, struct err *e);

int db_version(struct db *d, int64_t *version, struct err *e); /* steps it has; 0: none yet */

int db_begin(struct db *d, struct err *e); /* BEGIN IMMEDIATE: the write lock is ours or it fails */
int db_commit(struct db *d, struct err *e); /* -1: rolled back */
void db_rollback(struct db *d);             /* harmless outside a transaction */

/* Exactly one statement. */
struct db_stmt *db_prepare(struct db *d, const char *sql, struct err *e);
void db_finish(struct db_stmt *s); /* NULL is fine */

/* Parameters count from 1. Bytes are copied. A parameter that is not there ends the next db_step in
 * an error. */
void db_bind_int(struct db_stmt *s, int at, int64_t value);
void db_bind_text(struct db_stmt *s, int at, const char *text); /* NULL binds null */
void db_bind_blob(struct db_stmt *s, int at, const void *bytes, size_t n);

/* What a statement is given, in the order of its parameters: db_run(d, sql, DB_VALUES(DB_TEXT(id),
 * DB_INT(n)), e). */
struct db_value {
	enum { DB_IS_INT, DB_IS_TEXT, DB_IS_BLOB } kind;
	int64_t number;
	const void *bytes;
	size_t n; /* of the blob */
};
#define DB_INT(i)     ((struct db_value){DB_IS_INT, (i), NULL, 0})
#define DB_TEXT(t)    ((struct db_value){DB_IS_TEXT, 0, (t), 0}) /* NULL binds null */
#define DB_BLOB(b, n) ((struct db_value){DB_IS_BLOB, 0, (b), (n)})
#define DB_VALUES(...)                                                                             \
	(const struct db_value[]){__VA_ARGS__},                                                    \
		sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)
/* db_prepare with all of it bound. */
struct db_stmt *db_ask(
	struct db *d, const char *sql, const struct db_value *values, size_t n, struct err *e);
/* Wants no rows. */
int db_run(struct db *d, const char *sql, const struct db_value *values, size_t n, struct err *e);

/* 1: a row; 0: the end; -1, as for a statement that is NULL. After 0 and -1 the statement is reset
 * and can be bound anew: bindings are forgotten. */
int db_step(struct db_stmt *s, struct err *e);
void db_reset(struct db_stmt *s); /* leaves rows that nobody reads any more */

/* Of the row, columns from 0; pointers live until the next step, reset or finish. */
int64_t db_int(const struct db_stmt *s, int column);
const char *db_text(const struct db_stmt *s, int column);            /* NULL when null */
const void *db_blob(const struct db_stmt *s, int column, size_t *n); /* NULL when null or empty */

/* Binds nothing, runs to the end; the first row's first column as a number, or otherwise. */
int64_t db_number(struct db *d, const char *sql, int64_t otherwise);
int db_check(struct db *d, struct err *e); /* reads the whole file: ERR_INPUT and what is damaged */
/* Is what was read up to now of one moment? -1 (ERR_BUSY): it was read without locks, and somebody
 * wrote after all. */
int db_still(const struct db *d, struct err *e);
/* Another file lies at its path now: what is written into this one, nobody finds. */
bool db_has_moved(struct db *d);

#endif
