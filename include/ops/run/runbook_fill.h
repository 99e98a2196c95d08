/* Texts with {words} in them: taken apart, and filled when a run comes to them. Pure; any thread. */
#ifndef OPS_RUN_RUNBOOK_FILL_H
#define OPS_RUN_RUNBOOK_FILL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "ops/run/runbook.h"

/* Plain bytes, or what stands between two braces. {{ is the plain piece "{". */
struct runbook_piece {
	bool word;
	const char *at;
	size_t n;
};
/* 1: a piece, and *text stands behind it. 0: the text has ended. -1: a brace that is neither
 * doubled nor a word's. */
int runbook_piece_next(const char **text, struct runbook_piece *p);
bool runbook_has_words(const char *text);

/* The words that every runbook knows beside its inputs. */
extern const char *const runbook_fill_words[]; /* "target", "cluster", "run", NULL */

enum { RUNBOOK_VALUES = RUNBOOK_INPUTS + 3 };
struct runbook_values {
	size_t n;
	struct {
		const char *name, *value; /* borrowed */
	} at[RUNBOOK_VALUES];
};
/* In place of what the name had before; past the room it is dropped. */
void runbook_values_set(struct runbook_values *v, const char *name, const char *value);
const char *runbook_values_get(const struct runbook_values *v, const char *name); /* or NULL */

/* New; NULL, ERR_INPUT: a word has no value. What a value holds is never looked at again: a value
 * "{x}" stays so. */
char *runbook_fill(const char *text, const struct runbook_values *v, struct err *e);
/* Each text by itself: a word of argv stays one word. *out is empty where it fails. */
int runbook_fill_value(const struct runbook_value *from, const struct runbook_values *v,
	struct runbook_value *out, struct err *e);

#endif
