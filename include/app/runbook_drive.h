/* Runbooks without a screen: an engine, one command to it, and what becomes of it on the terminal.
 * Main thread. */
#ifndef APP_RUNBOOK_DRIVE_H
#define APP_RUNBOOK_DRIVE_H

#include "app/options.h"
#include "model/command.h"

enum { ORDER_WORDS = 16 };

struct runbook_order {
	enum command_kind kind;        /* PLAN, RUN, RESUME; NONE: what is owed is listed */
	const char *name;              /* a runbook's id, or a run's */
	const char *sets[ORDER_WORDS]; /* "node=m2" */
	size_t n_sets;
	bool yes;                          /* consent to what asks for a yes */
	const char *confirms[ORDER_WORDS]; /* names that are typed beforehand */
	size_t n_confirms;
	bool json; /* one JSON line for each change; a document for a plan and for debts */
};

int runbook_drive(struct globals *g, const struct runbook_order *o); /* an exit code */

#endif
