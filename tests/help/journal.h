/* A journal in a directory of its own, for tests. */
#ifndef HELP_JOURNAL_H
#define HELP_JOURNAL_H

#include "ops/journal.h"

struct scratch {
	char dir[64];
	char path[96]; /* of the journal, which is not made yet */
};

void scratch_init(struct scratch *s);
void scratch_done(struct scratch *s); /* removes the directory and its files */

struct journal *scratch_open(const struct scratch *s); /* fails the test when it cannot */
/* Appends one note that says text; its id stays until the next call. */
const char *scratch_note(struct journal *j, const char *incident, const char *text);
void scratch_sql(const struct scratch *s, const char *sql); /* past k911, as a forger would */
/* Overwrites the page of an index (or table): SQLite's own bookkeeping is wrong from here on. */
void scratch_break(const char *db, const char *index);
extern const struct author scratch_author;

#endif
