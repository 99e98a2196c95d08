/* The tables of guards and of deeds, and how their rows are found. Constant; any thread. */
#ifndef OPS_RUN_RUN_WORDS_H
#define OPS_RUN_RUN_WORDS_H

#include <stddef.h>

#include "ops/run/run_word.h"

const struct run_word *run_guard_find(const char *name); /* NULL: there is none */
const struct run_word *run_deed_find(const char *name);
const char *run_guard_nearest(const char *name); /* what was probably meant; or NULL */
const char *run_deed_nearest(const char *name);
const struct run_word *run_guard_at(size_t i); /* NULL: there are no more */
const struct run_word *run_deed_at(size_t i);

#endif
