/* Reading the record: entry by entry as they came, an incident by the name people use, and the ends
 * of its chains. */
#include "ops/journal/journal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "base/str.h"
#include "journal_parts.h"

static const char *text_of(const struct db_stmt *s, int column)
{
	const char *text = db_text(s, column);

	return text ? text : "";
}

static void hash_of(const struct db_stmt *s, int column, unsigned char to[SHA_BYTES])
{
	size_t n;
	const void *bytes = db_blob(s, column, &n);

	memset(to, 0, SHA_BYTES);
	if (bytes != NULL && n == SHA_BYTES)
		memcpy(to, bytes, n);
}

#define ENTRIES                                                                                    \
	"SELECT entry.rowid, alias.number, id, entry.incident, origin, seq, at_ms, author, host,"  \
	" kind, payload, prev, hash FROM entry LEFT JOIN alias ON alias.incident = entry.incident"

static void read_entry(const struct db_stmt *s, struct journal_entry *en)
{
	memset(en, 0, sizeof(*en));
	en->row = db_int(s, 0);
	en->number = (int)db_int(s, 1);
	str_copy(en->id, sizeof(en->id), text_of(s, 2));
	str_copy(en->incident, sizeof(en->incident), text_of(s, 3));
	str_copy(en->origin, sizeof(en->origin), text_of(s, 4));
	en->seq = db_int(s, 5);
	en->at_ms = db_int(s, 6);
	en->author = text_of(s, 7);
	en->host = text_of(s, 8);
	en->kind = text_of(s, 9);
	en->payload = text_of(s, 10);
	hash_of(s, 11, en->prev);
	hash_of(s, 12, en->hash);
}

int journal_each(struct journal *j, int64_t after_row,
	int (*take)(void *to, const struct journal_entry *en), void *to, struct err *e)
{
	struct db_stmt *s = db_ask(j->db, ENTRIES " WHERE entry.rowid > ? ORDER BY entry.rowid",
		DB_VALUES(DB_INT(after_row)), e);
	int rc;

	while ((rc = db_step(s, e)) == 1) {
		struct journal_entry en;

		read_entry(s, &en);
		if (take(to, &en) != 0)
			break;
	}
	db_finish(s);
	return rc < 0 ? -1 : 0;
}

struct journal_entry *journal_get(struct journal *j, const char *id, struct err *e)
{
	struct db_stmt *s = db_ask(j->db, ENTRIES " WHERE id = ?", DB_VALUES(DB_TEXT(id)), e);
	struct journal_entry en, *copy = NULL;

	if (db_step(s, e) == 1) {
		read_entry(s, &en);
		copy = entry_copy(&en);
	}
	db_finish(s);
	return copy;
}

int journal_heads(struct journal *j, const char *incident, struct journal_head **out, size_t *n,
	struct err *e)
{
	struct db_stmt *s = db_ask(j->db,
		"SELECT origin, seq, hash FROM head WHERE incident = ? ORDER BY origin",
		DB_VALUES(DB_TEXT(incident)), e);
	VEC(struct journal_head) heads = {0};
	int rc;

	*out = NULL;
	*n = 0;
	while ((rc = db_step(s, e)) == 1) {
		struct journal_head *h = vec_add(&heads);

		str_copy(h->origin, sizeof(h->origin), text_of(s, 0));
		h->seq = db_int(s, 1);
		hash_of(s, 2, h->hash);
	}
	db_finish(s);
	*out = heads.at;
	*n = heads.len;
	return rc;
}

static int find_by(struct journal *j, const char *sql, const char *word, int64_t number,
	char incident[ULID_SIZE], struct err *e)
{
	const struct db_value by = number > 0 ? DB_INT(number) : DB_TEXT(word);
	struct db_stmt *s = db_ask(j->db, sql, &by, 1, e);
	int rc;

	if ((rc = db_step(s, e)) == 1)
		str_copy(incident, ULID_SIZE, text_of(s, 0));
	db_finish(s);
	if (rc == 0)
		return err_set(e, ERR_MISSING,
			_("there is no incident %s in this journal: `k911 incident list` shows "
			  "those there are"),
			word);
	return rc == 1 ? 0 : -1;
}

int journal_find(struct journal *j, const char *word, char incident[ULID_SIZE], struct err *e)
{
	const char *digits = word;
	int64_t number = 0;

	if (ulid_valid(word))
		return find_by(
			j, "SELECT incident FROM alias WHERE incident = ?", word, 0, incident, e);
	if (strncasecmp(word, "inc-", 4) == 0)
		digits = word + 4;
	if (!str_i64(digits, &number) || number < 1)
		return err_set(
			e, ERR_USAGE, _("%s is no incident's name: they look like INC-0001"), word);
	return find_by(j, "SELECT incident FROM alias WHERE number = ?", word, number, incident, e);
}

char *journal_alias(int number, char *dst, size_t size)
{
	if (number > 0)
		snprintf(dst, size, "INC-%04d", number);
	else
		str_copy(dst, size, "INC-new");
	return dst;
}
