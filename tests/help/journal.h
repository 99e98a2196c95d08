/* A journal in a directory of its own, for tests. */
#ifndef HELP_JOURNAL_H
#define HELP_JOURNAL_H

#include "help/scratch.h"
#include "ops/journal/journal.h"

struct journal *scratch_open(const struct scratch *s); /* fails the test when it cannot */
/* Appends one note that says text; its id stays until the next call. */
const char *scratch_note(struct journal *j, const char *incident, const char *text);
extern const struct author scratch_author;

#endif
