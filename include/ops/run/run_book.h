/* What the journal tells of runs: which there were, how far they came, what is owed. Folded from
 * entries in any order, each as often as it comes. One thread. */
#ifndef OPS_RUN_RUN_BOOK_H
#define OPS_RUN_RUN_BOOK_H

#include "ops/journal/journal.h"
#include "ops/run/run_past.h"

struct run_book;

struct run_book *run_book_new(void);
void run_book_free(struct run_book *b); /* NULL is fine */
/* True: it was about runs, and something is new. */
bool run_book_hear(struct run_book *b, const struct journal_entry *en);
/* The newest first; the oldest that are over are forgotten past RUN_BOOK_MAX. Borrowed until the
 * next entry. */
#define RUN_BOOK_MAX 100
size_t run_book_count(const struct run_book *b);
const struct run_past *run_book_at(const struct run_book *b, size_t k);
/* By its whole id, or by an end of it that no other has. NULL: none, or more than one. */
const struct run_past *run_book_find(const struct run_book *b, const char *id);

/* What is neither paid nor forgiven, the oldest first. */
size_t run_book_debts(const struct run_book *b);
const struct run_debt *run_book_debt(const struct run_book *b, size_t k);
const struct run_debt *run_book_debt_find(const struct run_book *b, const char *id);

#endif
