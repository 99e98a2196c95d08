/* Runbooks as they are written: YAML of the schema k911/runbook/v1. Whatever is wrong with one is
 * found here, so that a run never meets it; each error is "file:line:column: what, and what to do".
 * Pure; any thread. */
#ifndef OPS_RUN_RUNBOOK_READ_H
#define OPS_RUN_RUNBOOK_READ_H

#include <stddef.h>

#include "base/err.h"
#include "ops/run/runbook.h"

/* NULL: ERR_INPUT, or ERR_LIMIT. The id must be the file's name, without .yaml.
 * Steps that stand for another runbook's are left for the set to put in place. */
struct runbook *runbook_read(const char *text, size_t n, const char *file, struct err *e);
/* "kubelet-restart" of DIR/kubelet-restart.yaml: new */
char *runbook_read_name(const char *file);
/* A debt is paid only behind the step that owes it. */
int runbook_read_debts(const struct runbook *r, struct err *e);
const char *runbook_read_set(enum runbook_set_of set); /* "control-plane" */

#endif
