/* The journal: every thing seen, said and done about an incident, in an append-only SQLite file
 * where each entry holds the SHA-256 of the one before it. What journal_append returned from is on
 * the disk. Any number of processes may share one file. A journal belongs to one thread at a time
 * and blocks (the engine reaches it through ops/journal_writer).
 *
 * Entries form one chain per incident and origin (a journal file on a machine), so journals merge
 * without renumbering. INC-0001 is this file's own short name for an incident; its real one is a
 * ULID, and the entry that opens it says the number. The chain shows edits; against someone who
 * rewrites all of it, or puts an older copy back, only an anchor helps: a hash kept elsewhere. */
#ifndef OPS_JOURNAL_JOURNAL_H
#define OPS_JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sha.h"
#include "base/ulid.h"
#include "base/vec.h"
#include "io/db.h"
#include "model/availability.h"
#include "ops/journal/journal_draft.h"

#define JOURNAL_ORIGIN 48
#define JOURNAL_ALIAS  24
#define JOURNAL_OPENS  "opened" /* the kind of entry that begins an incident */

/* One allocation: entry_copy gives one, free() drops it. Handed to a callback it is borrowed. */
struct journal_entry {
	int64_t row; /* this file's order of arrival; 0: in no file yet */
	int number;  /* the incident's local number; 0: none yet */
	char id[ULID_SIZE], incident[ULID_SIZE];
	char origin[JOURNAL_ORIGIN];
	int64_t seq, at_ms;
	const char *author, *host, *kind, *payload;
	unsigned char prev[SHA_BYTES], hash[SHA_BYTES];
};
struct journal_entry *entry_copy(const struct journal_entry *en);
/* As it will be, without row, seq and hashes. */
struct journal_entry *entry_of_draft(struct journal_draft *d);

struct journal;

/* DB_WRITE makes the file where it is missing; DB_READ writes nothing (ERR_MISSING: there is no
 * file, or no journal in it yet), and the origin is then "". Codes as io/db's. */
struct journal *journal_open(const char *path, enum db_mode mode, struct err *e);
void journal_close(struct journal *j); /* NULL is fine */
const char *journal_origin(const struct journal *j);
/* Is what was read of one moment? As db_still: only a read-only place makes one ask. */
int journal_still(const struct journal *j, struct err *e);

/* All n drafts, in their order, in one transaction, or none of them; they stay the caller's. 0 is
 * said after the commit. One that is already there, byte by byte (an attempt before did reach the
 * disk), is left; ERR_CONFLICT: another one has its id. */
int journal_append(struct journal *j, struct journal_draft *const *drafts, size_t n, struct err *e);

/* Entries that arrived after row, in their order of arrival. take may end the walk with non-zero.
 */
int journal_each(struct journal *j, int64_t after_row,
	int (*take)(void *to, const struct journal_entry *en), void *to, struct err *e);

/* New; or NULL */
struct journal_entry *journal_get(struct journal *j, const char *id, struct err *e);

/* The last entry of a chain. Its hash is an anchor: kept outside (in a report, in an alert), it
 * vouches for the entry and all before it. */
struct journal_head {
	char origin[JOURNAL_ORIGIN];
	int64_t seq;
	unsigned char hash[SHA_BYTES];
};
/* Of an incident's chains; *out is new (free). */
int journal_heads(struct journal *j, const char *incident, struct journal_head **out, size_t *n,
	struct err *e);

/* "INC-0001", "inc-1", "1" or a ULID into the incident's ULID. ERR_USAGE: no such form;
 * ERR_MISSING. */
int journal_find(struct journal *j, const char *word, char incident[ULID_SIZE], struct err *e);
char *journal_alias(int number, char *dst, size_t size); /* "INC-0001"; 0 gives "INC-new" */

/* ---- is it as it was written? ---- */

struct journal_fault {
	char incident[ULID_SIZE]; /* "": of the journal as a whole */
	int number;
	char origin[JOURNAL_ORIGIN];
	int64_t seq; /* of the first bad entry of its chain, or of the first missing one; 0: none */
	char id[ULID_SIZE]; /* "" where the entry is missing */
	char text[240];     /* what is wrong with it */
};

/* Where an anchor was found. */
struct journal_anchor {
	bool found;
	char incident[ULID_SIZE];
	int number;
	char origin[JOURNAL_ORIGIN];
	int64_t seq, later; /* it is the seq'th of its chain; so many came after it */
};

struct journal_verdict {
	int64_t entries, chains;
	struct journal_anchor anchor;
	VEC(struct journal_fault) faults; /* one per broken chain, oldest incident first */
};

/* What can be seen without an anchor: an entry that was edited, moved or is missing before others
 * of its chain; a chain without its end; a missing incident number; a number that another incident
 * was opened with; fewer entries than were written. What cannot: that all of that was made to
 * agree, or that the file is an older copy of itself.
 *
 * incident: NULL for all; numbers and counts are then looked at too. anchor: a hash that was told
 * outside, or NULL; one that vouches for nothing here is a fault. 0: it was read, and the verdict
 * says how it is. -1: it cannot be read. */
int journal_verify_anchor(struct journal *j, const char *incident, const unsigned char *anchor,
	struct journal_verdict *out, struct err *e);
int journal_verify(
	struct journal *j, const char *incident, struct journal_verdict *out, struct err *e);
void journal_verdict_done(struct journal_verdict *v);

/* ---- from machine to machine ---- */

#define JOURNAL_EXPORT_MAX (256u << 20) /* bytes */

/* JSON lines: a head that says how many entries each chain has and its last hash, then the entries.
 */
int journal_export(struct journal *j, const char *incident, struct buf *out, struct err *e);

struct journal_imported {
	char incident[ULID_SIZE];
	int number;
	int64_t added, known; /* entries */
};

/* All of it or nothing. ERR_INPUT with the line: not such a file, an edited, missing or reordered
 * entry, a cut tail. ERR_CONFLICT: this journal holds another entry in an entry's place. */
int journal_import(
	struct journal *j, const char *text, size_t n, struct journal_imported *out, struct err *e);

/* ---- when the API was watched, and how it was (no chain: a measurement, not a record) ---- */

/* A span that begins where one of the same cluster and kind began replaces it. */
int journal_watched_put(
	struct journal *j, const char *cluster, const struct watched_span *s, struct err *e);
/* Those that touch [from_ms, to_ms); *out is new (free). cluster "" : of all. */
int journal_watched_get(struct journal *j, const char *cluster, int64_t from_ms, int64_t to_ms,
	struct watched_span **out, size_t *n, struct err *e);

#endif
