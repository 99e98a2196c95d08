/* Machines that may be acted on. */
#include <stdio.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ops/run/run_words.h"
#include "run_inner.h"

/* Guards that stand before every deed on a machine, in this order. */
static const char *const always[] = {"node-reachable", "right-cluster"};

bool run_target_ok(struct run *r, const char *target, char *why, size_t size)
{
	if (run_targets_have(&r->ok, target))
		return true;
	for (size_t k = 0; k < sizeof(always) / sizeof(always[0]); k++) {
		struct runbook_guards g = {.n = 1, .at = {{.word = run_guard_find(always[k])}}};
		char because[300];

		if (!run_guards_fail(r, &g, target, because, sizeof(because)))
			continue;
		snprintf(why, size, "%.64s: %.300s", target, because);
		str_mend(why);
		return false;
	}
	if (r->ok.n < RUN_TARGETS)
		str_copy(r->ok.at[r->ok.n++], sizeof(r->ok.at[0]), target);
	return true;
}
