/* When the API was watched: measurements beside the record, in the same file so that the one writer
 * thread keeps both. Nothing links to them; old ones are forgotten. */
#include "ops/journal/journal.h"

#include <stdlib.h>

#include "journal_parts.h"

#define KEEP_MS (INT64_C(400) * 86400000)

int journal_watched_put(
	struct journal *j, const char *cluster, const struct watched_span *span, struct err *e)
{
	if (db_run(j->db,
		    "INSERT INTO watched(cluster, from_ms, to_ms, up) VALUES(?, ?, ?, ?)"
		    " ON CONFLICT(cluster, from_ms, up) DO UPDATE SET"
		    " to_ms = max(to_ms, excluded.to_ms)",
		    DB_VALUES(DB_TEXT(cluster), DB_INT(span->from_ms), DB_INT(span->to_ms),
			    DB_INT(span->up)),
		    e) != 0)
		return -1;
	return db_run(j->db, "DELETE FROM watched WHERE to_ms < ?",
		DB_VALUES(DB_INT(span->to_ms - KEEP_MS)), e);
}

int journal_watched_get(struct journal *j, const char *cluster, int64_t from_ms, int64_t to_ms,
	struct watched_span **out, size_t *n, struct err *e)
{
	struct db_stmt *s = db_ask(j->db,
		"SELECT from_ms, to_ms, up FROM watched WHERE (?1 = '' OR cluster = ?1) AND to_ms "
		"> ?2 AND"
		" from_ms < ?3 ORDER BY from_ms",
		DB_VALUES(DB_TEXT(cluster), DB_INT(from_ms), DB_INT(to_ms)), e);
	VEC(struct watched_span) spans = {0};
	int rc;

	*out = NULL;
	*n = 0;
	while ((rc = db_step(s, e)) == 1)
		*vec_add(&spans) =
			(struct watched_span){db_int(s, 0), db_int(s, 1), db_int(s, 2) != 0};
	db_finish(s);
	if (rc != 0) {
		vec_done(&spans);
		return -1;
	}
	*out = spans.at;
	*n = spans.len;
	return 0;
}
