/* What may stand as an input's value, or as an argument of a word: looked at before anything is done
 * with it, and again once its {words} are filled in. Pure; any thread. */
#ifndef OPS_RUN_RUNBOOK_VALUE_H
#define OPS_RUN_RUNBOOK_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ops/run/run_word.h"
#include "ops/run/runbook.h"

#define RUNBOOK_SPAN_MAX_MS (INT64_C(24) * 3600 * 1000)

/* A name as Kubernetes gives them (RFC 1123, dots allowed), fit for ssh. */
bool runbook_node_ok(const char *name);

/* ERR_INPUT, and why. "" is fine for an input that is optional. No value begins with '-' or holds
 * what a terminal would obey. */
int runbook_value_check(const struct runbook_input *in, const char *value, struct err *e);
/* Of an argument that was given and holds no {words}. */
int runbook_value_check_arg(
	const struct run_arg *arg, const struct runbook_value *value, struct err *e);

#endif
