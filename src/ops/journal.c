/* The store. Three tables carry the record: entry (append-only), head (the last entry of each
 * chain, so that a cut tail shows) and alias (this file's short names). A write is one BEGIN
 * IMMEDIATE: read the head, link, insert, move the head, commit; whoever else has the file open
 * waits for that.
 *
 * The origin is made when the file is: the machine's name and chance. A file that was copied to
 * another machine gets a new origin there, or both would go on with the same chain. */
#include "ops/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/file.h"
#include "journal_parts.h"
#include "model/pack.h"

static const char *const schema[] = {
	"CREATE TABLE entry(id TEXT PRIMARY KEY, incident TEXT NOT NULL, origin TEXT NOT NULL, seq "
	"INTEGER NOT NULL,"
	" at_ms INTEGER NOT NULL, author TEXT NOT NULL, host TEXT NOT NULL, kind TEXT NOT NULL, "
	"payload TEXT NOT NULL,"
	" prev BLOB NOT NULL, hash BLOB NOT NULL, UNIQUE(incident, origin, seq));"
	"CREATE TABLE head(incident TEXT NOT NULL, origin TEXT NOT NULL, seq INTEGER NOT NULL, "
	"hash BLOB NOT NULL,"
	" PRIMARY KEY(incident, origin));"
	"CREATE TABLE alias(number INTEGER PRIMARY KEY, incident TEXT NOT NULL UNIQUE);"
	"CREATE TABLE self(key TEXT PRIMARY KEY, value TEXT NOT NULL);"
	"CREATE TABLE watched(cluster TEXT NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT "
	"NULL, up INTEGER NOT NULL,"
	" PRIMARY KEY(cluster, from_ms, up))",
};

#define SCHEMA_STEPS ((int)(sizeof(schema) / sizeof(schema[0])))

const unsigned char chain_start[SHA_BYTES];

/* ---- entries ---- */

static struct journal_entry *pack_entry(struct pack *p, const struct journal_entry *en)
{
	struct journal_entry *to = pack_room(p, 1, sizeof(*to));
	const char *author = pack_str(p, en->author), *host = pack_str(p, en->host);
	const char *kind = pack_str(p, en->kind), *payload = pack_str(p, en->payload);

	if (to != NULL) {
		*to = *en;
		to->author = author;
		to->host = host;
		to->kind = kind;
		to->payload = payload;
	}
	return to;
}

struct journal_entry *entry_copy(const struct journal_entry *en)
{
	struct pack p = {0};

	pack_entry(&p, en);
	p = (struct pack){.at = mem_zero(1, p.used)};
	return pack_entry(&p, en);
}

static struct journal_entry entry_from(struct draft *d)
{
	const char *payload = draft_payload(d);
	struct journal_entry en = {.at_ms = d->at_ms,
		.author = d->author.name,
		.host = d->author.host,
		.kind = d->kind,
		.payload = payload ? payload : "{}"};

	str_copy(en.id, sizeof(en.id), d->id);
	str_copy(en.incident, sizeof(en.incident), d->incident);
	return en;
}

struct journal_entry *entry_of_draft(struct draft *d)
{
	struct journal_entry en = entry_from(d);

	return entry_copy(&en);
}

/* ---- the chain ---- */

void chain_hash(const struct chain_field parts[PART_COUNT], unsigned char hash[SHA_BYTES])
{
	struct sha *s = sha_new();

	for (int i = 0; i < PART_COUNT; i++) {
		unsigned char length[8];

		for (int k = 0; k < 8; k++)
			length[k] = (unsigned char)((uint64_t)parts[i].n >> (8 * (7 - k)));
		sha_add(s, length, sizeof(length));
		sha_add(s, parts[i].bytes, parts[i].n);
	}
	sha_end(s, hash);
	sha_free(s);
}

static struct chain_field text_field(const char *text)
{
	return (struct chain_field){text, strlen(text)};
}

void entry_hash(const struct journal_entry *en, unsigned char hash[SHA_BYTES])
{
	char seq[24], at[24];
	const struct chain_field parts[PART_COUNT] = {
		[PART_PREV] = {en->prev, SHA_BYTES},
		[PART_ID] = text_field(en->id),
		[PART_INCIDENT] = text_field(en->incident),
		[PART_ORIGIN] = text_field(en->origin),
		[PART_SEQ] = {seq, (size_t)snprintf(seq, sizeof(seq), "%" PRId64, en->seq)},
		[PART_AT] = {at, (size_t)snprintf(at, sizeof(at), "%" PRId64, en->at_ms)},
		[PART_AUTHOR] = text_field(en->author),
		[PART_HOST] = text_field(en->host),
		[PART_KIND] = text_field(en->kind),
		[PART_PAYLOAD] = text_field(en->payload),
	};

	chain_hash(parts, hash);
}

int journal_head(struct journal *j, const char *incident, const char *origin, int64_t *seq,
	unsigned char hash[SHA_BYTES], struct err *e)
{
	struct db_stmt *s = db_prepare(
		j->db, "SELECT seq, hash FROM head WHERE incident = ? AND origin = ?", e);
	int rc = -1;

	*seq = 0;
	memcpy(hash, chain_start, SHA_BYTES);
	if (s == NULL)
		return -1;
	db_bind_text(s, 1, incident);
	db_bind_text(s, 2, origin);
	if ((rc = db_step(s, e)) == 1) {
		size_t n;
		const void *bytes = db_blob(s, 1, &n);

		*seq = db_int(s, 0);
		if (bytes != NULL && n == SHA_BYTES)
			memcpy(hash, bytes, n);
	}
	db_finish(s);
	return rc;
}

/* Heads only rise: an import may fill a hole below. */
int journal_set_head(struct journal *j, const struct journal_entry *last, struct err *e)
{
	struct db_stmt *s = db_prepare(j->db,
		"INSERT INTO head(incident, origin, seq, hash) VALUES(?, ?, ?, ?) ON "
		"CONFLICT(incident, origin)"
		" DO UPDATE SET seq = excluded.seq, hash = excluded.hash WHERE excluded.seq > "
		"head.seq",
		e);
	int rc;

	if (s == NULL)
		return -1;
	db_bind_text(s, 1, last->incident);
	db_bind_text(s, 2, last->origin);
	db_bind_int(s, 3, last->seq);
	db_bind_blob(s, 4, last->hash, SHA_BYTES);
	rc = db_step(s, e);
	db_finish(s);
	return rc;
}

static int give_alias(struct journal *j, const char *incident, struct err *e)
{
	struct db_stmt *s;
	int rc;

	if (incident[0] == '\0')
		return 0;
	s = db_prepare(j->db, "INSERT OR IGNORE INTO alias(incident) VALUES(?)", e);
	if (s == NULL)
		return -1;
	db_bind_text(s, 1, incident);
	rc = db_step(s, e);
	db_finish(s);
	return rc;
}

int journal_insert(struct journal *j, const struct journal_entry *en, struct err *e)
{
	struct db_stmt *s = db_prepare(j->db,
		"INSERT INTO entry(id, incident, origin, seq, at_ms, author, host, kind, payload, "
		"prev, hash)"
		" VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		e);
	int rc;

	if (s == NULL)
		return -1;
	db_bind_text(s, 1, en->id);
	db_bind_text(s, 2, en->incident);
	db_bind_text(s, 3, en->origin);
	db_bind_int(s, 4, en->seq);
	db_bind_int(s, 5, en->at_ms);
	db_bind_text(s, 6, en->author);
	db_bind_text(s, 7, en->host);
	db_bind_text(s, 8, en->kind);
	db_bind_text(s, 9, en->payload);
	db_bind_blob(s, 10, en->prev, SHA_BYTES);
	db_bind_blob(s, 11, en->hash, SHA_BYTES);
	rc = db_step(s, e);
	db_finish(s);
	return rc == 0 ? give_alias(j, en->incident, e) : -1;
}

/* ---- opening ---- */

static char *self_get(struct journal *j, const char *key)
{
	struct db_stmt *s = db_prepare(j->db, "SELECT value FROM self WHERE key = ?", NULL);
	char *value = NULL;

	if (s == NULL)
		return NULL;
	db_bind_text(s, 1, key);
	if (db_step(s, NULL) == 1)
		value = mem_str(db_text(s, 0));
	db_finish(s);
	return value;
}

static int self_put(struct journal *j, const char *key, const char *value, struct err *e)
{
	struct db_stmt *s =
		db_prepare(j->db, "INSERT OR REPLACE INTO self(key, value) VALUES(?, ?)", e);
	int rc;

	if (s == NULL)
		return -1;
	db_bind_text(s, 1, key);
	db_bind_text(s, 2, value);
	rc = db_step(s, e);
	db_finish(s);
	return rc;
}

/* Tells this machine from others without telling its id. */
static void machine_mark(char mark[SHA_HEX])
{
	unsigned char digest[SHA_BYTES];
	char host[128] = "", *id = NULL;
	char *both;

	gethostname(host, sizeof(host) - 1);
	if (file_read("/etc/machine-id", 256, &id, NULL, NULL) != 0)
		id = NULL;
	both = str_fmt("k911 %s %s", id ? id : "", id && id[0] ? "" : host);
	sha_of(both, strlen(both), digest);
	sha_hex(digest, mark);
	free(both);
	free(id);
}

static void make_origin(char origin[JOURNAL_ORIGIN])
{
	struct ulid fresh = {{0}};
	char host[128] = "", id[ULID_SIZE];

	gethostname(host, sizeof(host) - 1);
	ulid_next(&fresh, instant_now().wall_ms, id);
	snprintf(origin, JOURNAL_ORIGIN, "%.24s-%s", host[0] ? host : "host", id + 14);
}

static bool is_known(struct journal *j, const char *mark)
{
	char *machine = self_get(j, "machine"), *origin = self_get(j, "origin");
	bool known = origin != NULL && str_eq(machine, mark);

	if (known)
		str_copy(j->origin, sizeof(j->origin), origin);
	free(machine);
	free(origin);
	return known;
}

static int settle_origin(struct journal *j, struct err *e)
{
	char mark[SHA_HEX];

	machine_mark(mark);
	if (is_known(j, mark))
		return 0; /* as nearly always: a full disk or another's lock must not be in the way
			   */
	if (db_begin(j->db, e) != 0)
		return -1;
	if (!is_known(j, mark)) {
		make_origin(j->origin);
		if (self_put(j, "machine", mark, e) != 0 ||
			self_put(j, "origin", j->origin, e) != 0) {
			db_rollback(j->db);
			return -1;
		}
	}
	return db_commit(j->db, e);
}

struct journal *journal_open(const char *path, enum db_mode mode, struct err *e)
{
	struct journal *j = mem_new(struct journal);

	j->db = db_open(path, mode, e);
	/* Made by an older k911, or by one that died before it had made its tables. */
	if (j->db != NULL && mode == DB_READ &&
		db_number(j->db, "PRAGMA user_version", -1) < SCHEMA_STEPS) {
		db_close(j->db);
		mode = DB_WRITE;
		j->db = db_open(path, mode, e);
	}
	if (j->db != NULL && db_migrate(j->db, schema, SCHEMA_STEPS, e) == 0 &&
		(mode == DB_READ || settle_origin(j, e) == 0))
		return j;
	journal_close(j);
	return NULL;
}

void journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	db_close(j->db);
	free(j);
}

const char *journal_origin(const struct journal *j)
{
	return j->origin;
}

/* ---- writing ---- */

static bool is_there(struct journal *j, const char *id)
{
	struct db_stmt *s = db_prepare(j->db, "SELECT 1 FROM entry WHERE id = ?", NULL);
	bool there;

	if (s == NULL)
		return false;
	db_bind_text(s, 1, id);
	there = db_step(s, NULL) == 1;
	db_finish(s);
	return there;
}

static int append_one(struct journal *j, struct draft *d, struct err *e)
{
	struct journal_entry en;

	if (draft_payload(d) == NULL)
		return err_set(e, ERR_LIMIT,
			_("an entry of the journal may have %u KiB: shorten it"),
			DRAFT_PAYLOAD_MAX >> 10);
	if (is_there(j, d->id))
		return 0;
	en = entry_from(d);
	str_copy(en.origin, sizeof(en.origin), j->origin);
	if (journal_head(j, en.incident, en.origin, &en.seq, en.prev, e) < 0)
		return -1;
	en.seq++;
	entry_hash(&en, en.hash);
	if (journal_insert(j, &en, e) != 0)
		return -1;
	return journal_set_head(j, &en, e);
}

int journal_append(struct journal *j, struct draft *const *drafts, size_t n, struct err *e)
{
	if (db_begin(j->db, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (append_one(j, drafts[i], e) != 0) {
			db_rollback(j->db);
			return -1;
		}
	}
	return db_commit(j->db, e);
}

/* ---- reading ---- */

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
	struct db_stmt *s = db_prepare(j->db,
		"SELECT entry.rowid, alias.number, id, entry.incident, origin, seq, at_ms, author, "
		"host, kind,"
		" payload, prev, hash FROM entry LEFT JOIN alias ON alias.incident = entry.incident"
		" WHERE entry.rowid > ? ORDER BY entry.rowid",
		e);
	int rc;

	if (s == NULL)
		return -1;
	db_bind_int(s, 1, after_row);
	while ((rc = db_step(s, e)) == 1) {
		struct journal_entry en;

		read_entry(s, &en);
		if (take(to, &en) != 0)
			break;
	}
	db_finish(s);
	return rc < 0 ? -1 : 0;
}

int journal_number(struct journal *j, const char *incident)
{
	struct db_stmt *s = db_prepare(j->db, "SELECT number FROM alias WHERE incident = ?", NULL);
	int number = 0;

	if (s == NULL)
		return 0;
	db_bind_text(s, 1, incident);
	if (db_step(s, NULL) == 1)
		number = (int)db_int(s, 0);
	db_finish(s);
	return number;
}

static int find_by(struct journal *j, const char *sql, const char *word, int64_t number,
	char incident[ULID_SIZE], struct err *e)
{
	struct db_stmt *s = db_prepare(j->db, sql, e);
	int rc;

	if (s == NULL)
		return -1;
	if (number > 0)
		db_bind_int(s, 1, number);
	else
		db_bind_text(s, 1, word);
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
