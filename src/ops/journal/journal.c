/* The store. Three tables carry the record: entry (append-only), head (the last entry of each
 * chain, so that a cut tail shows) and alias (this file's short names). A write is one BEGIN
 * IMMEDIATE: read the head, link, insert, move the head, commit; whoever else has the file open
 * waits for that.
 *
 * The origin is made when the file is: the machine's name and chance. A file that was copied to
 * another machine gets a new origin there, or both would go on with the same chain. Beside it
 * stands how many entries were ever written: an end that was cut off with its head is missed there.
 */
#include "ops/journal/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/pack.h"
#include "base/str.h"
#include "io/file.h"
#include "journal_parts.h"

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

static struct journal_entry entry_from(struct journal_draft *d)
{
	const char *payload = journal_draft_payload(d);
	struct journal_entry en = {.at_ms = d->at_ms,
		.author = d->author.name,
		.host = d->author.host,
		.kind = d->kind,
		.payload = payload ? payload : "{}"};

	str_copy(en.id, sizeof(en.id), d->id);
	str_copy(en.incident, sizeof(en.incident), d->incident);
	return en;
}

struct journal_entry *entry_of_draft(struct journal_draft *d)
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
	struct db_stmt *s =
		db_ask(j->db, "SELECT seq, hash FROM head WHERE incident = ? AND origin = ?",
			DB_VALUES(DB_TEXT(incident), DB_TEXT(origin)), e);
	int rc = -1;

	*seq = 0;
	memcpy(hash, chain_start, SHA_BYTES);
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

int journal_number(struct journal *j, const char *incident)
{
	struct db_stmt *s = db_ask(j->db, "SELECT number FROM alias WHERE incident = ?",
		DB_VALUES(DB_TEXT(incident)), NULL);
	int number = 0;

	if (db_step(s, NULL) == 1)
		number = (int)db_int(s, 0);
	db_finish(s);
	return number;
}

/* Heads only rise: an import may fill a hole below. */
int journal_set_head(struct journal *j, const struct journal_entry *last, struct err *e)
{
	return db_run(j->db,
		"INSERT INTO head(incident, origin, seq, hash) VALUES(?, ?, ?, ?) ON "
		"CONFLICT(incident, origin)"
		" DO UPDATE SET seq = excluded.seq, hash = excluded.hash WHERE excluded.seq > "
		"head.seq",
		DB_VALUES(DB_TEXT(last->incident), DB_TEXT(last->origin), DB_INT(last->seq),
			DB_BLOB(last->hash, SHA_BYTES)),
		e);
}

static int give_alias(struct journal *j, const char *incident, struct err *e)
{
	if (incident[0] == '\0')
		return 0;
	return db_run(j->db, "INSERT OR IGNORE INTO alias(incident) VALUES(?)",
		DB_VALUES(DB_TEXT(incident)), e);
}

int journal_insert(struct journal *j, const struct journal_entry *en, struct err *e)
{
	int rc = db_run(j->db,
		"INSERT INTO entry(id, incident, origin, seq, at_ms, author, host, kind, payload, "
		"prev, hash)"
		" VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		DB_VALUES(DB_TEXT(en->id), DB_TEXT(en->incident), DB_TEXT(en->origin),
			DB_INT(en->seq), DB_INT(en->at_ms), DB_TEXT(en->author), DB_TEXT(en->host),
			DB_TEXT(en->kind), DB_TEXT(en->payload), DB_BLOB(en->prev, SHA_BYTES),
			DB_BLOB(en->hash, SHA_BYTES)),
		e);

	return rc == 0 ? give_alias(j, en->incident, e) : -1;
}

/* ---- opening ---- */

static char *self_get(struct journal *j, const char *key)
{
	struct db_stmt *s = db_ask(
		j->db, "SELECT value FROM self WHERE key = ?", DB_VALUES(DB_TEXT(key)), NULL);
	char *value = NULL;

	if (db_step(s, NULL) == 1)
		value = mem_str(db_text(s, 0));
	db_finish(s);
	return value;
}

static int self_put(struct journal *j, const char *key, const char *value, struct err *e)
{
	return db_run(j->db, "INSERT OR REPLACE INTO self(key, value) VALUES(?, ?)",
		DB_VALUES(DB_TEXT(key), DB_TEXT(value)), e);
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

/* Else j->origin is what the file was written as before, or "". */
static bool is_known(struct journal *j, const char *mark)
{
	char *machine = self_get(j, "machine"), *origin = self_get(j, "origin");
	bool known = origin != NULL && str_eq(machine, mark);

	str_copy(j->origin, sizeof(j->origin), origin ? origin : "");
	free(machine);
	free(origin);
	return known;
}

/* The former one stays known: what was opened as it bears this file's numbers. */
static int change_origin(struct journal *j, const char *mark, struct err *e)
{
	char *former = str_fmt(JOURNAL_FORMER "%s", j->origin);
	int rc = j->origin[0] ? self_put(j, former, j->origin, e) : 0;

	free(former);
	make_origin(j->origin);
	if (rc == 0)
		rc = self_put(j, "machine", mark, e);
	return rc == 0 ? self_put(j, "origin", j->origin, e) : -1;
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
	if (!is_known(j, mark) && change_origin(j, mark, e) != 0) {
		db_rollback(j->db);
		return -1;
	}
	return db_commit(j->db, e);
}

/* A reader makes no tables: where nobody has, there is nothing to read. */
static int expect_tables(struct journal *j, const char *path, struct err *e)
{
	int64_t version;

	if (db_version(j->db, &version, e) != 0)
		return -1;
	if (version == 0)
		return err_set(e, ERR_MISSING, _("%s holds no journal yet"), path);
	return db_migrate(j->db, schema, SCHEMA_STEPS, e);
}

struct journal *journal_open(const char *path, enum db_mode mode, struct err *e)
{
	struct journal *j = mem_new(struct journal);
	int rc = -1;

	j->db = db_open(path, mode, e);
	if (j->db != NULL && mode == DB_READ)
		rc = expect_tables(j, path, e);
	else if (j->db != NULL)
		rc = db_migrate(j->db, schema, SCHEMA_STEPS, e) == 0 ? settle_origin(j, e) : -1;
	if (rc == 0)
		return j;
	journal_close(j);
	return NULL;
}

int journal_still(const struct journal *j, struct err *e)
{
	return db_still(j->db, e);
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

/* 1: the very same entry is there; 0: none of its id; -1: another one has its id. */
static int find_same(struct journal *j, const struct journal_entry *en, struct err *e)
{
	struct db_stmt *s = db_ask(j->db,
		"SELECT incident = ?2 AND origin = ?3 AND at_ms = ?4 AND author = ?5 AND host = ?6 "
		"AND"
		" kind = ?7 AND payload = ?8 FROM entry WHERE id = ?1",
		DB_VALUES(DB_TEXT(en->id), DB_TEXT(en->incident), DB_TEXT(en->origin),
			DB_INT(en->at_ms), DB_TEXT(en->author), DB_TEXT(en->host),
			DB_TEXT(en->kind), DB_TEXT(en->payload)),
		e);
	int rc;

	rc = db_step(s, e);
	if (rc == 1 && !db_int(s, 0))
		rc = err_set(e, ERR_CONFLICT,
			_("another entry is called %s already: this one was not written"), en->id);
	db_finish(s);
	return rc;
}

/* The number an incident gets is part of what is said of it, so that a number that is changed, or
 * given to another incident, shows. New. */
static char *with_number(struct journal *j, const struct journal_entry *en)
{
	int64_t number = journal_number(j, en->incident);

	if (!str_eq(en->kind, JOURNAL_OPENS))
		return mem_str(en->payload);
	if (number == 0)
		number = db_number(j->db, "SELECT coalesce(max(number), 0) + 1 FROM alias", 0);
	return str_fmt("{\"" JOURNAL_NUMBER "\":%" PRId64 "%s%s", number,
		str_eq(en->payload, "{}") ? "" : ",", en->payload + 1);
}

static int add_entry(struct journal *j, struct journal_entry *en, struct err *e)
{
	int rc = find_same(j, en, e);

	if (rc != 0)
		return rc;
	if (journal_head(j, en->incident, en->origin, &en->seq, en->prev, e) < 0)
		return -1;
	en->seq++;
	entry_hash(en, en->hash);
	if (journal_insert(j, en, e) != 0 || journal_count(j, e) != 0)
		return -1;
	return journal_set_head(j, en, e);
}

static int append_one(struct journal *j, struct journal_draft *d, struct err *e)
{
	struct journal_entry en;
	char *payload;
	int rc;

	if (journal_draft_payload(d) == NULL)
		return err_set(e, ERR_LIMIT,
			_("an entry of the journal may have %u KiB: shorten it"),
			JOURNAL_DRAFT_PAYLOAD_MAX >> 10);
	en = entry_from(d);
	str_copy(en.origin, sizeof(en.origin), j->origin);
	en.payload = payload = with_number(j, &en);
	rc = add_entry(j, &en, e);
	free(payload);
	return rc < 0 ? -1 : 0;
}

int journal_count(struct journal *j, struct err *e)
{
	struct db_stmt *s = db_ask(j->db,
		"UPDATE self SET value = CAST(value AS INTEGER) + 1 WHERE key = '" JOURNAL_WRITTEN
		"' RETURNING 1",
		NULL, 0, e);
	int rc = db_step(s, e);

	db_finish(s);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return db_exec(j->db, /* written by an older k911 up to here */
		"INSERT INTO self(key, value) SELECT '" JOURNAL_WRITTEN "', count(*) FROM entry",
		e);
}

int journal_append(struct journal *j, struct journal_draft *const *drafts, size_t n, struct err *e)
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
