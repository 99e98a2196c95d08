/* Runs as the console writes them, in one place: what header, pane, pages and dialog say alike. A
 * state is a sign and a word, so that no colour is needed to tell it. Each writes into dst and gives
 * it back. Any thread. */
#ifndef UI_KIT_SHOW_RUN_H
#define UI_KIT_SHOW_RUN_H

#include <stddef.h>

#include "base/instant.h"
#include "model/run.h"
#include "ui/kit/canvas.h"

/* "> running", "? verifying, 42s left", "ok done", "x failed"; 80 bytes are enough. */
char *show_run_state(
	const struct run_seen *r, struct instant now, char *dst, size_t size, enum role *role);
/* "> acting", "= so already" */
char *show_run_step_state(enum run_step_state s, char *dst, size_t size, enum role *role);
/* How long something took, or takes so far; "" it has not begun. 32 bytes are enough. */
char *show_run_took(int64_t began_ms, int64_t ended_ms, struct instant now, char *dst, size_t size);
const char *show_debt_kind(const struct run_debt *d); /* translated, where it is known */

#endif
