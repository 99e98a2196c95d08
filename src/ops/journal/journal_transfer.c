/* From machine to machine as JSON lines. The first line is the head: which incident, and for each
 * chain how many entries and the last one's hash. Every further line is one entry, chain by chain.
 * An import checks the whole file against its own head before the first row is written, then adds
 * to each chain what is not there yet; numbers and hashes stay, so both journals go on agreeing. */
#include "ops/journal/journal.h"

#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "journal_parts.h"

#define SCHEMA "k911/incident-export/v1"

/* ---- out ---- */

static void put_hex(struct jsw *w, const char *key, const unsigned char hash[SHA_BYTES])
{
	char hex[SHA_HEX];

	jsw_str(w, key, sha_hex(hash, hex));
}

static int put_head(struct journal *j, const char *incident, struct buf *out, struct err *e)
{
	struct db_stmt *s = db_ask(j->db,
		"SELECT origin, seq, hash FROM head WHERE incident = ? ORDER BY origin",
		DB_VALUES(DB_TEXT(incident)), e);
	struct jsw w;
	int rc;

	jsw_init(&w, out);
	jsw_object(&w, NULL);
	jsw_str(&w, "schema", SCHEMA);
	jsw_str(&w, "export", incident);
	jsw_array(&w, "heads");
	while ((rc = db_step(s, e)) == 1) {
		unsigned char hash[SHA_BYTES] = {0};
		size_t n;
		const void *bytes = db_blob(s, 2, &n);

		if (bytes != NULL && n == SHA_BYTES)
			memcpy(hash, bytes, n);
		jsw_object(&w, NULL);
		jsw_str(&w, "origin", db_text(s, 0));
		jsw_int(&w, "seq", db_int(s, 1));
		put_hex(&w, "hash", hash);
		jsw_end_object(&w);
	}
	jsw_end_array(&w);
	jsw_end_object(&w);
	buf_putc(out, '\n');
	db_finish(s);
	return rc;
}

static void put_entry(const struct db_stmt *s, struct buf *out)
{
	static const char *const names[] = {"id", "origin", "author", "host", "kind", "payload"};
	unsigned char hash[SHA_BYTES] = {0};
	size_t n;
	const void *bytes = db_blob(s, 8, &n);
	struct jsw w;

	if (bytes != NULL && n == SHA_BYTES)
		memcpy(hash, bytes, n);
	jsw_init(&w, out);
	jsw_object(&w, NULL);
	for (int i = 0; i < 6; i++)
		jsw_str(&w, names[i], db_text(s, i));
	jsw_int(&w, "seq", db_int(s, 6));
	jsw_int(&w, "at_ms", db_int(s, 7));
	put_hex(&w, "hash", hash);
	jsw_end_object(&w);
	buf_putc(out, '\n');
}

static int put_all(struct journal *j, const char *incident, struct buf *out, struct err *e)
{
	struct db_stmt *s;
	int rc;

	if (put_head(j, incident, out, e) != 0)
		return -1;
	s = db_ask(j->db,
		"SELECT id, origin, author, host, kind, payload, seq, at_ms, hash FROM entry"
		" WHERE incident = ? ORDER BY origin, seq",
		DB_VALUES(DB_TEXT(incident)), e);
	while ((rc = db_step(s, e)) == 1)
		put_entry(s, out);
	db_finish(s);
	return rc;
}

int journal_export(struct journal *j, const char *incident, struct buf *out, struct err *e)
{
	int rc;

	buf_init(out, JOURNAL_EXPORT_MAX);
	if (db_exec(j->db, "BEGIN", e) != 0)
		return -1;
	rc = put_all(j, incident, out, e);
	db_rollback(j->db);
	if (rc == 0 && out->over)
		rc = err_set(e, ERR_LIMIT, _("the incident's entries are over %u MiB"),
			JOURNAL_EXPORT_MAX >> 20);
	if (rc != 0)
		buf_done(out);
	return rc;
}

/* ---- in ---- */

struct reading {
	struct journal *j;
	const char *at, *end; /* what is left of the text */
	int line;
	struct js *head;
	const char *incident;   /* the head's */
	size_t chains;          /* that were begun */
	const struct js *chain; /* the head's row of the present one */
	struct journal_entry last;
	struct journal_imported *out;
};

static int bad_line(const struct reading *r, struct err *e, const char *why)
{
	return err_set(e, ERR_INPUT, _("line %d: %s"), r->line, why);
}

static bool next_line(struct reading *r, const char **line, size_t *n)
{
	while (r->at < r->end) {
		const char *stop = memchr(r->at, '\n', (size_t)(r->end - r->at));

		*line = r->at;
		*n = (size_t)((stop ? stop : r->end) - r->at);
		r->at = stop ? stop + 1 : r->end;
		r->line++;
		if (*n > 0)
			return true;
	}
	return false;
}

static int read_head(struct reading *r, struct err *e)
{
	const char *line;
	size_t n;

	if (!next_line(r, &line, &n) || (r->head = js_parse(line, n, NULL)) == NULL ||
		!str_eq(js_text(r->head, "schema"), SCHEMA) ||
		!ulid_valid(js_text(r->head, "export")) || js_len(js_get(r->head, "heads")) == 0)
		return err_set(e, ERR_INPUT,
			_("this is no exported incident: `k911 incident export` writes them"));
	r->incident = js_text(r->head, "export");
	return 0;
}

/* The chain that was read to its end must be the one its head promised. */
static int close_chain(struct reading *r, struct err *e)
{
	unsigned char hash[SHA_BYTES];

	if (r->chain == NULL)
		return 0;
	if (js_int(r->chain, "seq", -1) != r->last.seq)
		return err_set(e, ERR_INPUT,
			_("after line %d: entry %lld of %s is missing; the head counts %lld"),
			r->line - 1, (long long)r->last.seq + 1, r->last.origin,
			(long long)js_int(r->chain, "seq", -1));
	if (!sha_parse(js_text(r->chain, "hash"), hash) ||
		memcmp(hash, r->last.hash, SHA_BYTES) != 0)
		return err_set(e, ERR_INPUT,
			_("line %d: the last entry of %s is another than its head says"),
			r->line - 1, r->last.origin);
	return 0;
}

static int open_chain(struct reading *r, const char *origin, struct err *e)
{
	if (close_chain(r, e) != 0)
		return -1;
	r->chain = js_nth(js_get(r->head, "heads"), r->chains++);
	if (!str_eq(js_text(r->chain, "origin"), origin))
		return bad_line(r, e,
			_("the head says nothing of this entry's origin, or it is out of order"));
	memset(&r->last, 0, sizeof(r->last));
	str_copy(r->last.origin, sizeof(r->last.origin), origin);
	return 0;
}

static bool is_object(const char *payload)
{
	struct js *doc = js_parse(payload, strlen(payload), NULL);
	bool yes = doc != NULL && js_is_object(doc);

	js_free(doc);
	return yes;
}

/* Borrows the line's texts. */
static int read_entry(
	struct reading *r, const struct js *line, struct journal_entry *en, struct err *e)
{
	const char *id = js_text(line, "id"), *origin = js_text(line, "origin");
	unsigned char hash[SHA_BYTES];

	memset(en, 0, sizeof(*en));
	en->author = js_text(line, "author");
	en->host = js_text(line, "host");
	en->kind = js_text(line, "kind");
	en->payload = js_text(line, "payload");
	en->seq = js_int(line, "seq", 0);
	en->at_ms = js_int(line, "at_ms", INT64_MIN);
	if (!ulid_valid(id) || !origin || !origin[0] || strlen(origin) >= JOURNAL_ORIGIN ||
		!en->author || !en->host || !en->kind || !en->payload || en->at_ms == INT64_MIN ||
		!is_object(en->payload))
		return bad_line(r, e, _("this is no entry"));
	if ((r->chain == NULL || !str_eq(origin, r->last.origin)) && open_chain(r, origin, e) != 0)
		return -1;
	str_copy(en->id, sizeof(en->id), id);
	str_copy(en->incident, sizeof(en->incident), r->incident);
	str_copy(en->origin, sizeof(en->origin), origin);
	memcpy(en->prev, r->last.hash, SHA_BYTES);
	if (en->seq != r->last.seq + 1)
		return err_set(e, ERR_INPUT, _("line %d: entry %lld of %s is missing"), r->line,
			(long long)r->last.seq + 1, origin);
	entry_hash(en, en->hash);
	if (!sha_parse(js_text(line, "hash"), hash) || memcmp(hash, en->hash, SHA_BYTES) != 0)
		return err_set(e, ERR_INPUT,
			_("line %d: entry %lld of %s is not as it was written"), r->line,
			(long long)en->seq, origin);
	r->last.seq = en->seq;
	memcpy(r->last.hash, en->hash, SHA_BYTES);
	return 0;
}

/* 1: the same entry is there; 0: none; -1: another one, or no reading. */
static int compare(struct journal *j, const struct journal_entry *en, struct err *e)
{
	struct db_stmt *s = db_ask(j->db,
		"SELECT hash FROM entry WHERE incident = ? AND origin = ? AND seq = ?",
		DB_VALUES(DB_TEXT(en->incident), DB_TEXT(en->origin), DB_INT(en->seq)), e);
	int rc;

	if ((rc = db_step(s, e)) == 1) {
		size_t n;
		const void *bytes = db_blob(s, 0, &n);

		if (bytes == NULL || n != SHA_BYTES || memcmp(bytes, en->hash, n) != 0)
			rc = err_set(e, ERR_CONFLICT,
				_("entry %lld of %s is another in this journal: the two went "
				  "apart"),
				(long long)en->seq, en->origin);
	}
	db_finish(s);
	return rc;
}

/* Was it counted when it was written here the first time? It fills a hole below its chain's end. */
static int was_counted(struct journal *j, const struct journal_entry *en, struct err *e)
{
	unsigned char hash[SHA_BYTES];
	int64_t seq;

	if (journal_head(j, en->incident, en->origin, &seq, hash, e) < 0)
		return -1;
	return en->seq <= seq;
}

static int merge(struct reading *r, const struct journal_entry *en, struct err *e)
{
	int rc = compare(r->j, en, e), counted;

	if (rc < 0)
		return -1;
	if (rc == 1) {
		r->out->known++;
		return 0;
	}
	r->out->added++;
	counted = was_counted(r->j, en, e);
	if (counted < 0 || journal_insert(r->j, en, e) != 0)
		return -1;
	if (!counted && journal_count(r->j, e) != 0)
		return -1;
	return journal_set_head(r->j, en, e);
}

static int merge_all(struct reading *r, struct err *e)
{
	const char *line;
	size_t n;

	while (next_line(r, &line, &n)) {
		struct js *doc = js_parse(line, n, NULL);
		struct journal_entry en = {0};
		int rc = doc ? read_entry(r, doc, &en, e) : bad_line(r, e, _("this is no entry"));

		if (rc == 0)
			rc = merge(r, &en, e);
		js_free(doc);
		if (rc != 0)
			return -1;
	}
	r->line++;
	if (close_chain(r, e) != 0)
		return -1;
	if (r->chains != js_len(js_get(r->head, "heads")))
		return err_set(e, ERR_INPUT,
			_("the file ends before all of its chains: its tail was cut"));
	return 0;
}

int journal_import(
	struct journal *j, const char *text, size_t n, struct journal_imported *out, struct err *e)
{
	struct reading r = {.j = j, .at = text, .end = text + n, .out = out};
	int rc = -1;

	memset(out, 0, sizeof(*out));
	if (read_head(&r, e) == 0 && db_begin(j->db, e) == 0) {
		rc = merge_all(&r, e);
		if (rc == 0)
			rc = db_commit(j->db, e);
		else
			db_rollback(j->db);
	}
	if (rc == 0) {
		str_copy(out->incident, sizeof(out->incident), r.incident);
		out->number = journal_number(j, r.incident);
	}
	js_free(r.head);
	return rc;
}
