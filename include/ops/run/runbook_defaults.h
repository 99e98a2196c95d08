/* Inputs that the snapshot answers: words like not-ready, each a row. Pure; any thread. */
#ifndef OPS_RUN_RUNBOOK_DEFAULTS_H
#define OPS_RUN_RUNBOOK_DEFAULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/run.h"
#include "model/snapshot.h"

/* What such a word gives; false: there is no such word. */
bool runbook_default_type(const char *word, enum run_input_type *out);
/* The word that was probably meant, of those that give this type; or NULL. */
const char *runbook_default_nearest(const char *word, enum run_input_type type);
/* The value it has now; "" when there is none. Any other text is the value itself. */
void runbook_default_value(const char *word, const struct snapshot *s, char *dst, size_t size);

#endif
