#include "help/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "io/db.h"
#include "io/file.h"

void scratch_init(struct scratch *s)
{
	str_copy(s->dir, sizeof(s->dir), "/tmp/k911-journal-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->path, sizeof(s->path), "%s/journal.db", s->dir);
}

void scratch_done(struct scratch *s)
{
	DIR *d = opendir(s->dir);
	struct dirent *f;

	assert_non_null(d);
	while ((f = readdir(d)) != NULL) /* NOLINT(concurrency-mt-unsafe) */
		unlinkat(dirfd(d), f->d_name, 0);
	closedir(d);
	rmdir(s->dir);
}

void scratch_sql(const struct scratch *s, const char *sql)
{
	struct err e = {0};
	struct db *d = db_open(s->path, DB_WRITE, &e);

	if (d == NULL || db_exec(d, sql, &e) != 0)
		fail_msg("%s", e.text);
	db_close(d);
}

void scratch_break(const char *db, const char *index)
{
	struct err e = {0};
	struct db *d = db_open(db, DB_WRITE, &e);
	char *sql = str_fmt("SELECT rootpage FROM sqlite_master WHERE name = '%s'", index), *bytes;
	int64_t page = d ? db_number(d, sql, 0) : 0;
	size_t n;

	assert_true(page > 1);
	assert_int_equal(db_exec(d, "PRAGMA wal_checkpoint(TRUNCATE)", &e), 0);
	db_close(d);
	assert_int_equal(file_read(db, 1 << 24, &bytes, &n, &e), 0);
	memset(bytes + 4096 * (page - 1), 0xee, 4096);
	assert_int_equal(file_write(db, bytes, n, 0600, &e), 0);
	free(bytes);
	free(sql);
}
