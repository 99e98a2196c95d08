/* The rows of guards and deeds: run_guards.c, run_deeds.c. */
#ifndef OPS_RUN_RUN_ROWS_H
#define OPS_RUN_RUN_ROWS_H

#include "ops/run/run_word.h"

extern const struct run_word run_guard_rows[], run_deed_rows[];
extern const size_t run_guard_count, run_deed_count;

#endif
