/* Is the record as it was written? One walk over all entries, chain by chain: the numbers count up
 * from one, each entry hashes to what it says and names the hash before it, and the chain ends
 * where its head says. The first bad entry of a chain is named; what follows it proves nothing any
 * more.
 *
 * Fields are hashed as the bytes that are stored, so that nothing hides behind a NUL. */
#include "ops/journal.h"

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

static int finish_chain(struct walk *w, struct err *e)
{
	unsigned char hash[SHA_BYTES];
	int64_t seq;
	int rc;

	if (!w->started || w->bad)
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
	w->seq = seq;
	memcpy(w->hash, hash, SHA_BYTES);
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
	struct db_stmt *s = db_prepare(w->j->db,
		"SELECT id, incident, origin, seq, at_ms, author, host, kind, payload, prev, hash "
		"FROM entry"
		" WHERE ?1 IS NULL OR incident = ?1 ORDER BY incident, origin, seq, rowid",
		e);
	int rc;

	if (s == NULL)
		return -1;
	db_bind_text(s, 1, incident);
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
	struct db_stmt *s = db_prepare(w->j->db, sql, e);
	int rc;

	if (s == NULL)
		return -1;
	db_bind_text(s, 1, incident);
	while ((rc = db_step(s, e)) == 1) {
		const char *in = db_text(s, 0), *from = db_text(s, 1);

		str_copy(w->incident, sizeof(w->incident), in ? in : "");
		str_copy(w->origin, sizeof(w->origin), from ? from : "");
		fault(w, 1, "", "%s", text);
	}
	db_finish(s);
	return rc;
}

int journal_verify(
	struct journal *j, const char *incident, struct journal_verdict *out, struct err *e)
{
	struct walk w = {.j = j, .out = out};
	int rc = -1;

	memset(out, 0, sizeof(*out));
	/* One moment of the file, whoever writes meanwhile. */
	if (db_check(j->db, e) != 0 || db_exec(j->db, "BEGIN", e) != 0)
		return -1;
	if (walk_entries(&w, incident, e) == 0 &&
		find_lost(&w,
			"SELECT incident, origin FROM head WHERE (?1 IS NULL OR incident = ?1) AND "
			"NOT EXISTS"
			" (SELECT 1 FROM entry WHERE entry.incident = head.incident AND "
			"entry.origin = head.origin)",
			incident, _("all entries of the chain are missing"), e) == 0 &&
		find_lost(&w,
			"SELECT incident, '' FROM alias WHERE (?1 IS NULL OR incident = ?1) AND "
			"NOT EXISTS"
			" (SELECT 1 FROM entry WHERE entry.incident = alias.incident) AND NOT "
			"EXISTS"
			" (SELECT 1 FROM head WHERE head.incident = alias.incident)",
			incident, _("the whole incident is missing"), e) == 0)
		rc = 0;
	db_rollback(j->db);
	if (rc != 0)
		journal_verdict_done(out);
	return rc;
}

void journal_verdict_done(struct journal_verdict *v)
{
	vec_done(&v->faults);
}
