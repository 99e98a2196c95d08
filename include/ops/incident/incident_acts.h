/* What can be recorded about an incident, each as a draft for the journal. An act asks first
 * whether it may be (the order of times, a closed incident, an item that is not there); NULL and an
 * err when not. now_ms is the clock as it goes now. Any thread; the incident is borrowed for the
 * call. */
#ifndef OPS_INCIDENT_INCIDENT_ACTS_H
#define OPS_INCIDENT_INCIDENT_ACTS_H

#include "model/incident.h"
#include "ops/journal/entry_kind.h"
#include "ops/journal/journal_draft.h"

struct act { /* by whom and when: the same for all acts of one moment */
	struct author by;
	int64_t now_ms;
};

struct incident_request {
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
struct journal_draft *act_open(const struct incident_request *r, const struct act *a, struct err *e);

/* ACKNOWLEDGED, MITIGATED, RECOVERED, CLOSED. at_ms: INCIDENT_NEVER for now; given: a person said
 * it. */
struct journal_draft *act_moment(const struct incident *i, enum incident_moment m, int64_t at_ms,
	bool given, const struct act *a, struct err *e);
struct journal_draft *act_reopen(
	const struct incident *i, const char *reason, const struct act *a, struct err *e);
struct journal_draft *act_level(const struct incident *i, enum level to, const struct level_target *target,
	const char *reason, const struct act *a, struct err *e);
struct journal_draft *act_role(const struct incident *i, const char *role, const char *who,
	const struct act *a, struct err *e); /* who "": nobody any more */
struct journal_draft *act_note(const struct incident *i, const char *text, bool starred,
	const struct act *a, struct err *e);
struct journal_draft *act_star(const struct incident *i, const char *note, bool on, const struct act *a,
	struct err *e); /* note: its id */
struct journal_draft *act_tick(
	const struct incident *i, const char *item, bool on, const struct act *a, struct err *e);
struct journal_draft *act_link(const struct incident *i, const char *what, const char *name,
	const struct act *a, struct err *e);

/* A step of something done to the cluster; the intent comes before the deed. incident: a ULID, or
 * "" while there is none. */
struct action_request {
	const char *action; /* the doer's own id, the same for all steps of one action */
	const char *state;  /* "intent", "running", "done", "failed", "aborted" */
	const char *title, *command, *result; /* any may be NULL */
};
struct journal_draft *act_action(const char *incident, const struct action_request *r, const struct act *a);

/* The console saw something done: ticks what it is evidence for and is not ticked, unless a person
 * said otherwise. Gives how many drafts; out has room for CHECKLIST_ROWS. */
size_t act_saw(const struct incident *i, enum evidence what, const char *text, const struct act *a,
	struct journal_draft **out);

/* A transition of the checks' verdict; to LEVEL_NONE: green. incident "" while there is none. */
struct journal_draft *act_health(const char *incident, enum level from, enum level to,
	const char *const *reasons, size_t n, const char *broken, const struct act *a);
/* What incident_to_tell gave: a warning, or at 100 the breach. */
struct journal_draft *act_mark(const struct incident *i, enum sla_clock c, int mark, const struct act *a);
struct journal_draft *act_clock_set(
	const struct incident *i, int64_t by_ms, int64_t boot_ms, const struct act *a);

#endif
