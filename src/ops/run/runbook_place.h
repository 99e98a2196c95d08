/* Other runbooks' steps, put where `do: runbook` stands for them. */
#ifndef OPS_RUN_RUNBOOK_PLACE_H
#define OPS_RUN_RUNBOOK_PLACE_H

#include "base/err.h"
#include "ops/run/runbook.h"

/* Puts the steps of `from`, which has no such places itself, where step i of r stands: ids behind
 * the step's own, inputs replaced by what the step gives. More steps than one may then be there:
 * *n tells how many. ERR_INPUT at the step. */
int runbook_place(
	struct runbook *r, size_t i, const struct runbook *from, size_t *n, struct err *e);

#endif
