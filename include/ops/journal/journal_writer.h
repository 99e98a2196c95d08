/* The journal's thread: drafts in, entries out. It owns the journal, so nobody else waits for a
 * disk. What cannot be written (the disk is full, the file is locked) is kept in memory in its
 * order and tried again until there is room; the state says so, loudly enough for a banner. Entries
 * of other processes that share the file come out too. Once what is there was given out, the file
 * is read through and each chain followed: what is damaged or not as it was written, the state
 * says. */
#ifndef OPS_JOURNAL_JOURNAL_WRITER_H
#define OPS_JOURNAL_JOURNAL_WRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/instant.h"
#include "base/mailbox.h"
#include "ops/journal/journal.h"

enum journal_letter_kind {
	JOURNAL_ENTRIES, /* struct journal_news */
	JOURNAL_READ,    /* a bare letter, once: all that was there at the start has been given */
	JOURNAL_STATE,   /* struct journal_state */
	JOURNAL_AVAILABILITY /* struct journal_availability */
};

/* Entries in their order: at the start all there are, then every new one, whoever wrote it. Those
 * with row 0 are in memory only and come again once they are written. */
struct journal_news {
	struct letter letter;
	size_t n;
	struct journal_entry **entries; /* owned */
};

struct journal_state {
	struct letter letter;
	size_t waiting;       /* entries in memory only; 0: all is on the disk */
	struct instant since; /* since when; unset while all is well */
	char why[400];        /* "" while all is well */
	char damage[400];     /* what was wrong with the file at the start; "": it can be trusted */
};

/* How much of the month that was asked about the API could be reached. */
struct journal_availability {
	struct letter letter;
	struct availability availability;
};

struct journal_writer;

/* Never fails: without a file it keeps what it is given, says why, and tries again. */
struct journal_writer *journal_writer_start(const char *path);
/* Writes what it can, joins, frees. Gives how many entries were lost with it (each is in the log).
 * NULL is fine: 0. */
size_t journal_writer_stop(struct journal_writer *w);

struct mailbox *journal_writer_results(struct journal_writer *w); /* one thread takes */
uint64_t journal_writer_refused(struct journal_writer *w); /* what found its box full, ever */

/* Entries not on the disk yet; any thread. */
size_t journal_writer_owed(const struct journal_writer *w);

/* Any thread. Takes d; -1 when too much waits already: d stays the caller's. */
int journal_writer_put(struct journal_writer *w, struct journal_draft *d);
/* Any thread but the one that takes the results. Takes d, and returns when it is on the disk: 0. -1
 * when it is not so within wait_ms: it is kept and will be written, but nothing durable is promised
 * (ERR_LIMIT, with the reason), or it was refused whole (ERR_BUSY). */
int journal_writer_append(
	struct journal_writer *w, struct journal_draft *d, int wait_ms, struct err *e);
/* Any thread. A measurement: lost when it cannot be written. */
void journal_writer_watched(
	struct journal_writer *w, const char *cluster, const struct watched_span *span);
/* Any thread. Asks for JOURNAL_AVAILABILITY of the month of now_ms up to then; no answer when it
 * cannot be read. */
void journal_writer_ask_availability(struct journal_writer *w, const char *cluster, int64_t now_ms);

#endif
