/* Is the record as it was written? One walk over all entries, chain by chain: the numbers count up
 * from one, each entry hashes to what it says and names the hash before it, and the chain ends
 * where its head says. The first bad entry of a chain is named; what follows it proves nothing any
 * more. Then the journal as a whole: incidents are numbered without a gap, each as it was opened,
 * and no fewer entries are there than were ever written.
 *
 * Fields are hashed as the bytes that are stored, so that nothing hides behind a NUL. */
#include "ops/journal/journal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "journal_parts.h"

/* The chain that is walked now. */
struct walk {
	struct journal *j;
	struct journal_verdict *out;
	char incident[ULID_SIZE], origin[JOURNAL_ORIGIN];
	int64_t seq; /* of the last good entry */
	unsigned char hash[SHA_BYTES];
	bool started, bad;
	const unsigned char *anchor; /* or NULL */
};

static void fault(struct walk *w, int64_t seq, const char *id, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static void fault(struct walk *w, int64_t seq, const char *id, const char *fmt, ...)
{
	struct journal_fault *f = vec_add(&w->out->faults);
	va_list ap;

	str_copy(f->incident, sizeof(f->incident), w->incident);
	str_copy(f->origin, sizeof(f->origin), w->origin);
	str_copy(f->id, sizeof(f->id), id);
	f->number = journal_number(w->j, w->incident);
	f->seq = seq;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	w->bad = true;
}

/* What came after the anchor in its chain. */
static void count_later(struct walk *w)
{
	struct journal_anchor *a = &w->out->anchor;

	if (a->found && str_eq(a->incident, w->incident) && str_eq(a->origin, w->origin))
		a->later = w->seq - a->seq;
}

static int finish_chain(struct walk *w, struct err *e)
{
	unsigned char hash[SHA_BYTES];
	int64_t seq;
	int rc;

	if (!w->started)
		return 0;
	count_later(w);
	if (w->bad)
		return 0;
	rc = journal_head(w->j, w->incident, w->origin, &seq, hash, e);
	if (rc < 0)
		return -1;
	if (rc == 0)
		fault(w, w->seq, "", _("the chain's head is missing"));
	else if (seq > w->seq)
		fault(w, w->seq + 1, "",
			_("the chain's tail was cut: its head counts %lld entries, %lld are there"),
			(long long)seq, (long long)w->seq);
	else if (seq < w->seq)
		fault(w, seq + 1, "", _("the entries from here on were not written by k911"));
	else if (memcmp(hash, w->hash, SHA_BYTES) != 0)
		fault(w, w->seq, "", _("the chain's head is another than its last entry"));
	return 0;
}

enum column {
	C_ID,
	C_INCIDENT,
	C_ORIGIN,
	C_SEQ,
	C_AT,
	C_AUTHOR,
	C_HOST,
	C_KIND,
	C_PAYLOAD,
	C_PREV,
	C_HASH
};

static struct chain_field column(const struct db_stmt *s, enum column c)
{
	struct chain_field f = {NULL, 0};

	f.bytes = db_blob(s, (int)c, &f.n);
	if (f.bytes == NULL)
		f = (struct chain_field){"", 0};
	return f;
}

static void hash_row(
	const struct db_stmt *s, const unsigned char prev[SHA_BYTES], unsigned char hash[SHA_BYTES])
{
	char seq[24], at[24];
	const struct chain_field parts[PART_COUNT] = {
		[PART_PREV] = {prev, SHA_BYTES},
		[PART_ID] = column(s, C_ID),
		[PART_INCIDENT] = column(s, C_INCIDENT),
		[PART_ORIGIN] = column(s, C_ORIGIN),
		[PART_SEQ] = {seq,
			(size_t)snprintf(seq, sizeof(seq), "%" PRId64, db_int(s, C_SEQ))},
		[PART_AT] = {at, (size_t)snprintf(at, sizeof(at), "%" PRId64, db_int(s, C_AT))},
		[PART_AUTHOR] = column(s, C_AUTHOR),
		[PART_HOST] = column(s, C_HOST),
		[PART_KIND] = column(s, C_KIND),
		[PART_PAYLOAD] = column(s, C_PAYLOAD),
	};

	chain_hash(parts, hash);
}

static bool is_hash(const struct db_stmt *s, enum column c, const unsigned char hash[SHA_BYTES])
{
	struct chain_field f = column(s, c);

	return f.n == SHA_BYTES && memcmp(f.bytes, hash, SHA_BYTES) == 0;
}

/* Was this chain begun in this file, which gave the incident its number? */
static bool is_own(struct walk *w)
{
	struct db_stmt *s = db_ask(w->j->db,
		"SELECT 1 FROM self WHERE value = ?1 AND (key = 'origin' OR key = '" JOURNAL_FORMER
		"' || ?1)",
		DB_VALUES(DB_TEXT(w->origin)), NULL);
	bool own;

	own = db_step(s, NULL) == 1;
	db_finish(s);
	return own;
}

/* Entries of older versions say no number. */
static void check_number(struct walk *w, const struct db_stmt *s)
{
	const char *payload = db_text(s, C_PAYLOAD);
	struct js *p = js_parse(payload, strlen(payload), NULL);
	int64_t number = js_int(p, JOURNAL_NUMBER, 0);
	char alias[JOURNAL_ALIAS];

	js_free(p);
	if (number == 0 || number == journal_number(w->j, w->incident) || !is_own(w))
		return;
	fault(w, db_int(s, C_SEQ), db_text(s, C_ID),
		_("it was opened as %s, and bears another number now"),
		journal_alias((int)number, alias, sizeof(alias)));
}

static void find_anchor(struct walk *w)
{
	struct journal_anchor *a = &w->out->anchor;

	if (w->anchor == NULL || memcmp(w->hash, w->anchor, SHA_BYTES) != 0)
		return;
	a->found = true;
	str_copy(a->incident, sizeof(a->incident), w->incident);
	str_copy(a->origin, sizeof(a->origin), w->origin);
	a->number = journal_number(w->j, w->incident);
	a->seq = w->seq;
}

static void check_row(struct walk *w, const struct db_stmt *s)
{
	int64_t seq = db_int(s, C_SEQ);
	const char *id = db_text(s, C_ID);
	unsigned char hash[SHA_BYTES];

	w->out->entries++;
	if (w->bad)
		return;
	hash_row(s, w->hash, hash);
	if (seq <= w->seq)
		fault(w, seq, id, _("it has no place in the chain"));
	else if (seq != w->seq + 1)
		fault(w, w->seq + 1, "", _("it is missing"));
	else if (!is_hash(s, C_HASH, hash) || !is_hash(s, C_PREV, w->hash))
		fault(w, seq, id, _("it is not as it was written: changed, or moved"));
	if (w->bad)
		return;
	w->seq = seq;
	memcpy(w->hash, hash, SHA_BYTES);
	find_anchor(w);
	if (str_eq(db_text(s, C_KIND), JOURNAL_OPENS))
		check_number(w, s);
}

static int begin_chain(struct walk *w, const char *incident, const char *origin, struct err *e)
{
	if (finish_chain(w, e) != 0)
		return -1;
	str_copy(w->incident, sizeof(w->incident), incident);
	str_copy(w->origin, sizeof(w->origin), origin);
	memcpy(w->hash, chain_start, SHA_BYTES);
	w->seq = 0;
	w->started = true;
	w->bad = false;
	w->out->chains++;
	return 0;
}

static int walk_entries(struct walk *w, const char *incident, struct err *e)
{
	struct db_stmt *s = db_ask(w->j->db,
		"SELECT id, incident, origin, seq, at_ms, author, host, kind, payload, prev, hash "
		"FROM entry"
		" WHERE ?1 IS NULL OR incident = ?1 ORDER BY incident, origin, seq, rowid",
		DB_VALUES(DB_TEXT(incident)), e);
	int rc;

	while ((rc = db_step(s, e)) == 1) {
		const char *in = db_text(s, C_INCIDENT), *from = db_text(s, C_ORIGIN);

		in = in ? in : "";
		from = from ? from : "";
		if ((!w->started || !str_eq(in, w->incident) || !str_eq(from, w->origin)) &&
			begin_chain(w, in, from, e) != 0)
			break;
		check_row(w, s);
	}
	db_finish(s);
	return rc == 0 ? finish_chain(w, e) : -1;
}

/* Chains of which nothing but the head is left, and incidents of which not even that. */
static int find_lost(
	struct walk *w, const char *sql, const char *incident, const char *text, struct err *e)
{
	struct db_stmt *s = db_ask(w->j->db, sql, DB_VALUES(DB_TEXT(incident)), e);
	int rc;

	while ((rc = db_step(s, e)) == 1) {
		const char *in = db_text(s, 0), *from = db_text(s, 1);

		str_copy(w->incident, sizeof(w->incident), in ? in : "");
		str_copy(w->origin, sizeof(w->origin), from ? from : "");
		fault(w, 1, "", "%s", text);
	}
	db_finish(s);
	return rc;
}

/* ---- the journal as a whole ---- */

static void fault_of_all(struct walk *w, int number, const char *text)
{
	struct journal_fault *f = vec_add(&w->out->faults);

	f->number = number;
	str_copy(f->text, sizeof(f->text), text);
}

static void fault_of_numbers(struct walk *w, int64_t first, int64_t last)
{
	char alias[JOURNAL_ALIAS], text[200];

	if (first == last)
		str_copy(text, sizeof(text),
			_("no incident has this number any more: it was removed"));
	else
		snprintf(text, sizeof(text),
			_("no incidents have the numbers from here to %s any more: they were "
			  "removed"),
			journal_alias((int)last, alias, sizeof(alias)));
	fault_of_all(w, (int)first, text);
}

static int find_number_gaps(struct walk *w, struct err *e)
{
	struct db_stmt *s =
		db_ask(w->j->db, "SELECT number FROM alias ORDER BY number", NULL, 0, e);
	int64_t due = 1;
	int rc;

	while ((rc = db_step(s, e)) == 1) {
		int64_t number = db_int(s, 0);

		if (number > due)
			fault_of_numbers(w, due, number - 1);
		due = number + 1;
	}
	db_finish(s);
	return rc;
}

/* A chain that was cut together with its head, or taken out whole, is only missed here. */
static void find_uncounted(struct walk *w)
{
	int64_t written = db_number(w->j->db,
		"SELECT CAST(value AS INTEGER) FROM self WHERE key = '" JOURNAL_WRITTEN "'", 0);
	char text[200];

	if (written <= w->out->entries)
		return;
	snprintf(text, sizeof(text),
		_("entries were removed, and the heads with them: %lld were written, %lld are "
		  "there"),
		(long long)written, (long long)w->out->entries);
	fault_of_all(w, 0, text);
}

/* What a chain's fault says already is not said again. */
static int check_whole(struct walk *w, struct err *e)
{
	if (find_number_gaps(w, e) != 0)
		return -1;
	if (w->out->faults.len == 0)
		find_uncounted(w);
	return 0;
}

static int check_all(struct walk *w, const char *incident, struct err *e)
{
	if (walk_entries(w, incident, e) != 0 ||
		find_lost(w,
			"SELECT incident, origin FROM head WHERE (?1 IS NULL OR incident = ?1) AND "
			"NOT EXISTS"
			" (SELECT 1 FROM entry WHERE entry.incident = head.incident AND "
			"entry.origin = head.origin)",
			incident, _("all entries of the chain are missing"), e) != 0 ||
		find_lost(w,
			"SELECT incident, '' FROM alias WHERE (?1 IS NULL OR incident = ?1) AND "
			"NOT EXISTS"
			" (SELECT 1 FROM entry WHERE entry.incident = alias.incident) AND NOT "
			"EXISTS"
			" (SELECT 1 FROM head WHERE head.incident = alias.incident)",
			incident, _("the whole incident is missing"), e) != 0)
		return -1;
	if (incident == NULL && check_whole(w, e) != 0)
		return -1;
	if (w->anchor != NULL && !w->out->anchor.found)
		fault_of_all(w, 0,
			_("the anchor is in no chain: what it vouches for was removed or "
			  "rewritten, or this is an older copy, or another journal"));
	return 0;
}

int journal_verify_anchor(struct journal *j, const char *incident, const unsigned char *anchor,
	struct journal_verdict *out, struct err *e)
{
	struct walk w = {.j = j, .out = out, .anchor = anchor};
	int rc = -1;

	memset(out, 0, sizeof(*out));
	/* One moment of the file, whoever writes meanwhile. */
	if (db_check(j->db, e) != 0 || db_exec(j->db, "BEGIN", e) != 0)
		return -1;
	rc = check_all(&w, incident, e);
	db_rollback(j->db);
	if (rc == 0)
		rc = journal_still(j, e);
	if (rc != 0)
		journal_verdict_done(out);
	return rc;
}

int journal_verify(
	struct journal *j, const char *incident, struct journal_verdict *out, struct err *e)
{
	return journal_verify_anchor(j, incident, NULL, out, e);
}

void journal_verdict_done(struct journal_verdict *v)
{
	vec_done(&v->faults);
}
