/* An incident as a value: what its journal entries add up to (ops/incidents folds them). Who folds
 * it owns it; others get a copy, whose texts are shared, and which is then shared by count and
 * never written again. Times are wall ms; model code is told the time.
 *
 * Clocks get set while an incident runs. When that is seen it is journalled, and every time that
 * was recorded before it by the same host carries the difference since: at_ms stays what the clock
 * said, incident_present is the same moment on the clock as it goes now. */
#ifndef MODEL_INCIDENT_H
#define MODEL_INCIDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/ulid.h"
#include "base/vec.h"
#include "model/checklist.h"
#include "model/level.h"
#include "model/sla.h"

enum incident_moment {
	INCIDENT_STARTED,
	INCIDENT_DETECTED,
	INCIDENT_ACKNOWLEDGED,
	INCIDENT_MITIGATED,
	INCIDENT_RECOVERED,
	INCIDENT_CLOSED,
	INCIDENT_MOMENTS
};

#define INCIDENT_NEVER INT64_MIN

struct incident_time {
	int64_t at_ms; /* INCIDENT_NEVER: not yet */
	int64_t skew_ms;
	bool given; /* said by a person: no clock of ours */
	char host[64];
};
int64_t incident_present(const struct incident_time *t); /* INCIDENT_NEVER stays that */

struct incident_level {
	struct incident_time time;
	enum level level;
	struct level_target target;
	char author[64];
	struct rstr *reason;
};

struct incident_role {
	char role[32];
	char who[64];
};

struct incident_note {
	char id[ULID_SIZE];
	int64_t at_ms;
	char author[64];
	bool starred;
	struct rstr *text;
};

/* A bundle, a run, a ticket: something elsewhere that belongs to it. */
struct incident_link {
	char what[24]; /* "bundle", "run", "action" ... */
	int64_t at_ms;
	struct rstr *name;
};

/* Something done to the cluster: confirmed, run, and what came of it. */
struct incident_action {
	char id[64];    /* the doer's own: entries of the same id are one action */
	char state[24]; /* "intent", "running", "done", "failed", "aborted" */
	char author[64];
	int64_t at_ms, end_ms;                 /* end: INCIDENT_NEVER */
	struct rstr *title, *command, *result; /* any may be NULL */
};

/* One line of the timeline. */
struct incident_event {
	char id[ULID_SIZE];
	char kind[32];
	char author[64];
	int64_t at_ms;     /* when it happened, as far as it says so; else when it was recorded */
	bool kept;         /* in memory only: the disk is full */
	struct rstr *text; /* a sentence in the operator's language */
};

struct incident_step {
	char host[64];
	int64_t by_ms, boot_ms;
};

struct incident {
	int refs; /* atomic; incident_ref and _unref */
	char id[ULID_SIZE];
	int number;     /* 0: not on the disk yet */
	char alias[24]; /* "INC-0007" */
	char cluster[80];
	char authority[17]; /* of that cluster, as it was opened; "" unknown */
	struct rstr *title;
	enum level level;
	struct incident_time time[INCIDENT_MOMENTS];
	int reopened;                      /* how often */
	VEC(struct incident_level) levels; /* the first is how it was opened */
	VEC(struct incident_role) roles;   /* "commander" leads */
	VEC(struct incident_note) notes;
	VEC(struct incident_link) links;
	VEC(struct incident_action) actions;
	VEC(struct incident_event) events;
	VEC(struct incident_step) steps;
	VEC(struct rstr *) reasons; /* what the checks said when it was opened */
	struct checklist lists;
	int told[SLA_CLOCKS][LEVEL_COUNT]; /* the highest mark that was journalled */
	bool breach_told[SLA_CLOCKS];
	enum level health;   /* as last journalled for it; LEVEL_NONE: all green */
	bool seen_bad;       /* the checks have seen it broken */
	struct rstr *broken; /* first broken layer, as last journalled; NULL */
	int misfits;         /* entries that did not fit when they were folded */
};

enum incident_state {
	INCIDENT_OPEN,
	INCIDENT_IS_ACKNOWLEDGED,
	INCIDENT_IS_MITIGATED,
	INCIDENT_IS_RECOVERED,
	INCIDENT_IS_CLOSED
};

struct incident *incident_new(const char *id);
struct incident *incident_ref(struct incident *i);
void incident_unref(struct incident *i);                  /* NULL is fine */
struct incident *incident_copy(const struct incident *i); /* count 1 */

enum incident_state incident_state(const struct incident *i);
const char *incident_state_name(enum incident_state s);                   /* "open": stable */
const char *incident_state_title(enum incident_state s);                  /* N_() key */
const char *incident_moment_name(enum incident_moment m);                 /* "started": stable */
const char *incident_moment_title(enum incident_moment m);                /* N_() key */
const char *incident_role_of(const struct incident *i, const char *role); /* who, or "" */

/* May this have happened then? ERR_CONFLICT: it is recorded already, or the order is impossible;
 * the sentence names both times. at is on the clock as it goes now. What was recorded by a clock
 * that was ahead of now is no order to keep. */
int incident_may(const struct incident *i, enum incident_moment m, int64_t at_ms, int64_t now_ms,
	struct err *e);
int incident_may_level(const struct incident *i, enum level to, struct err *e);
int incident_may_reopen(const struct incident *i, struct err *e);

/* How its clocks stand. Unresponded, respond stops with the recovery: nobody is called any more. */
struct sla_state incident_clock(const struct incident *i, enum sla_clock c, int64_t now_ms);
/* When a list is due; INCIDENT_NEVER: not known yet (follow-up before the recovery). */
int64_t incident_due(const struct incident *i, enum checklist_id list, int64_t now_ms);
/* What is to be journalled of a clock now: 0 nothing, 50, 75, 90, or 100 for the breach. */
int incident_to_tell(const struct incident *i, enum sla_clock c, int64_t now_ms);

/* A host's clock was set by by_ms. A second console on it saw the same: false, nothing is done. */
bool incident_clock_set(struct incident *i, const char *host, int64_t by_ms, int64_t boot_ms);

#endif
