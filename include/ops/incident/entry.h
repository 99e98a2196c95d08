/* Entries about incidents. A kind is one row (name, words, fold, notification, make) beside the
 * functions it names, in entry_life.c, entry_people.c, entry_run.c or entry_seen.c; what a payload holds stands
 * there too. A kind this k911 does not know (a newer one wrote it) still stands in the timeline, by
 * its "text".
 *
 * * What is made asks first whether it may be (the order of times, a closed incident, an item that
 * is not there): NULL and an err when not. The draft is the caller's. Any thread; what is given is
 * borrowed for the call. */
#ifndef OPS_INCIDENT_ENTRY_H
#define OPS_INCIDENT_ENTRY_H

#include "io/json.h"
#include "model/entry_ask.h"
#include "model/notification.h"
#include "ops/journal/journal.h"
#include "ops/journal/journal_draft.h"

/* One sentence for the timeline, in the operator's language; new (free). */
char *entry_sentence(const struct journal_entry *en, const struct js *payload);
/* Onto the incident. What does not fit (two people acknowledged on two machines) changes nothing,
 * is counted, and stays in the timeline. */
void entry_fold(struct incident *i, const struct journal_entry *en);
/* The notification this entry is, with the incident as it is after it; false: nobody is told of
 * it. */
bool entry_notification(
	struct notification *a, const struct incident *i, const struct journal_entry *en);
/* The heading under which the report lists entries of the nth kind that has one, and the kind; NULL
 * behind the last. */
const char *entry_heading(size_t n, const char **kind);

struct entry_by { /* by whom and when: the same for all entries of one moment */
	struct author by;
	int64_t now_ms; /* the clock as it goes now */
};

/* What a person says about an incident (model/entry_ask.h). */
struct entry_request {
	const struct incident *i;
	struct entry_words words;
	const struct level_target *targets; /* LEVEL_COUNT of them */
};
struct journal_draft *entry_make(
	const char *kind, const struct entry_request *q, const struct entry_by *by, struct err *e);

/* ---- what is no person's word about one that is open: entry_life.c ---- */

struct entry_opening {
	const char *title;
	const char *cluster;   /* or "" */
	const char *authority; /* the cluster's, as struct incident_cluster has it; or "" */
	enum level level;
	struct level_target target;
	int64_t detected_ms, started_ms; /* INCIDENT_NEVER: now; as detected */
	bool given;                      /* a person said when */
	const char *const *reasons;      /* what the checks say */
	size_t n_reasons;
	const char *broken;                        /* first broken layer, or NULL */
	const char *const *lists[CHECKLIST_COUNT]; /* a team's own, NULL-terminated; or NULL */
};
struct journal_draft *entry_open(
	const struct entry_opening *r, const struct entry_by *by, struct err *e);

/* The console saw something done: ticks what it is evidence for and is not ticked, unless a person
 * said otherwise. Gives how many drafts; out has room for CHECKLIST_ROWS. */
/* entry_people.c */
size_t entry_saw(const struct incident *i, enum evidence what, const char *text,
	const struct entry_by *by, struct journal_draft **out);

/* ---- what the console does: entry_run.c. incident: a ULID, or "" while there is none; texts that
 * are NULL or "" are left out ---- */

/* A run of a runbook: it begins, goes on elsewhere or later, ends. */
struct entry_run {
	const char *run;   /* ULID */
	const char *state; /* "started", "resumed", "done", "refused", "failed", "aborted" */
	const char *runbook, *digest, *title;
	const char *const *inputs; /* "node=m2" */
	size_t n_inputs;
	const char *why;
};
struct journal_draft *entry_run(
	const char *incident, const struct entry_run *r, const struct entry_by *by);

/* A step of something done to the cluster; the intent comes before the deed. */
struct entry_step {
	const char *action; /* the doer's own id, the same for all entries of one step */
	const char *state;  /* "intent", "running", "done", "failed", "aborted" */
	const char *run, *step, *target; /* of a runbook */
	const char *title, *command, *result;
};
struct journal_draft *entry_action(
	const char *incident, const struct entry_step *r, const struct entry_by *by);

/* What must be put right again. */
struct entry_debt {
	const char *debt;  /* ULID */
	const char *state; /* "owed", "paid", "forgiven" */
	const char *kind, *target, *text, *run, *why;
};
struct journal_draft *entry_debt(
	const char *incident, const struct entry_debt *r, const struct entry_by *by);

/* ---- what the console sees: entry_seen.c ---- */

/* A transition of the checks' verdict; to LEVEL_NONE: green. incident "" while there is none. */
struct journal_draft *entry_verdict(const char *incident, enum level from, enum level to,
	const char *const *reasons, size_t n, const char *broken, const struct entry_by *by);
/* What incident_to_tell gave: a warning, or at 100 the breach. */
struct journal_draft *entry_mark(
	const struct incident *i, enum sla_clock c, int mark, const struct entry_by *by);
struct journal_draft *entry_clock_set(
	const struct incident *i, int64_t by_ms, int64_t boot_ms, const struct entry_by *by);

#endif
