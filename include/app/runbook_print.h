/* What `k911 runbook` prints of runs: for people, or JSON. Main thread. */
#ifndef APP_RUNBOOK_PRINT_H
#define APP_RUNBOOK_PRINT_H

#include "model/ask.h"
#include "model/run.h"

/* What was printed of a run already. */
struct runbook_printed {
	unsigned notices;
	enum run_state state;
	enum run_step_state steps[RUN_STEPS];
	unsigned said;
	char waiting[300];
};

/* What is new since the last time. */
void runbook_print_run(struct runbook_printed *p, const struct run_seen *r, bool json);
void runbook_print_plan(const struct run_seen *r, bool json);
void runbook_print_debts(const struct run_board *b, bool json);
void runbook_print_ask(const struct run_seen *r, const struct ask *a);

#endif
