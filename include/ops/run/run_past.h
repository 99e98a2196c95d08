/* What the journal holds of a run: enough to go on with it, here or on another machine. Any thread;
 * its owner's. */
#ifndef OPS_RUN_RUN_PAST_H
#define OPS_RUN_RUN_PAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ulid.h"
#include "base/vec.h"
#include "model/run.h"

enum run_deed_state {
	RUN_DEED_INTENT, /* begun, and whether it took effect is not known */
	RUN_DEED_ACTED,  /* it took effect; whether it helped was not seen yet */
	RUN_DEED_DONE,
	RUN_DEED_FAILED
};

/* A step on one target; the last word on it. */
struct run_deed_past {
	char step[64], target[64];
	char title[160], command[400], result[300];
	enum run_deed_state state;
	int64_t at_ms, began_ms; /* wall: of its last word, of its last intent */
};

struct run_past {
	char id[ULID_SIZE], incident[ULID_SIZE];
	char runbook[64], digest[17], title[160];
	char author[64], host[64];
	enum run_state state; /* RUN_GOING: it has no end yet */
	char why[400];
	int64_t began_ms, ended_ms;
	VEC(char *) inputs; /* "node=m2" */
	VEC(struct run_deed_past) deeds;
};

struct run_past *run_past_copy(const struct run_past *p);
void run_past_free(struct run_past *p); /* NULL is fine */
/* NULL: nothing was done there. */
const struct run_deed_past *run_past_deed(
	const struct run_past *p, const char *step, const char *target);

#endif
