/* The two clocks of an incident: respond, from detection to acknowledgement, and recover, from
 * detection to checks that have held, each against its level's target. Pure arithmetic on wall time
 * in ms, all of one clock; incident.h takes care of clocks that were set meanwhile. Suspend,
 * restarts and month ends change nothing, since nothing counts along. */
#ifndef MODEL_SLA_H
#define MODEL_SLA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/level.h"

enum sla_clock { SLA_RESPOND, SLA_RECOVER, SLA_CLOCKS };

#define SLA_NEVER INT64_MIN

/* From a moment on another level's target holds, counted from the clock's start as before. */
struct sla_span {
	int64_t from_ms;
	int64_t target_ms;
};

struct sla_state {
	bool stopped;
	bool breached;       /* for good: a later, milder level does not take it back */
	int64_t deadline_ms; /* by the present level */
	int64_t elapsed_ms;  /* to now, or to where it stopped */
	int64_t left_ms;     /* negative once over */
	int64_t breached_ms; /* when it was breached; SLA_NEVER */
	int percent;         /* of the present target, at most 999 */
	int mark; /* the highest of 0, 50, 75, 90, 100 that was reached; 100: past the target */
};

/* spans: at least one, in order of from_ms. stop_ms: SLA_NEVER while it runs. */
struct sla_state sla_judge(
	int64_t start_ms, int64_t stop_ms, const struct sla_span *spans, size_t n, int64_t now_ms);

const char *sla_name(enum sla_clock c);  /* "respond": stable, for JSON */
const char *sla_title(enum sla_clock c); /* N_() key */
int64_t sla_target(const struct level_target *t, enum sla_clock c);

#endif
