/* Levels, the clocks of an incident and its moments as the console writes them, in one place: what
 * header, checklists and pages say alike. Each writes into dst and gives it back; 32 bytes are
 * enough but for the clocks' words (80). Any thread. */
#ifndef UI_KIT_SHOW_INCIDENT_H
#define UI_KIT_SHOW_INCIDENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/incident.h"
#include "model/snapshot.h"
#include "ui/kit/canvas.h"

enum role show_level_role(enum level l);                /* ROLE_DIM for none */
char *show_level(enum level l, char *dst, size_t size); /* "P1 high" */
enum role show_state_role(enum incident_state s);

/* A length of time somebody counts along: to the second below an hour, "3h41m" from there on. Never
 * negative. */
char *show_span(int64_t ms, char *dst, size_t size);
/* "04:43"; "11-22 04:43" of another day */
char *show_clock_time(int64_t wall_ms, struct instant now, char *dst, size_t size);

/* "3h41m left", "overdue 5m12s", "ok 3m12s", "late 17m30s"; role: how bad that is. */
char *show_clock(const struct sla_state *c, char *dst, size_t size, enum role *role);
int show_clock_permille(const struct sla_state *c); /* used of the target, at most 1000 */

/* Of a list that is not complete: "due in 3m12s", "overdue 5m", "due 24 h after recovery", of a
 * closed one "left open". */
char *show_due(const struct incident *i, enum checklist_id list, struct instant now, char *dst,
	size_t size, enum role *role);

/* What the proposal asks for: "i opens an incident", "checks say P0: L raises it", "broken again: o
 * reopens it"; "" when it asks for nothing. */
const char *show_proposal(const struct snapshot *s, char *dst, size_t size);
/* The incident that still runs (or is to be followed up): the current one unless it is closed; or
 * NULL. */
const struct incident *show_current(const struct snapshot *s);
/* By its ULID, "" the current one whatever its state; or NULL. */
const struct incident *show_named(const struct snapshot *s, const char *id);
/* What no incident is open for: the level that is proposed, or where none can be kept the one that
 * holds; LEVEL_NONE: all is well. */
enum level show_trouble(const struct snapshot *s);
const char *show_list_name(enum checklist_id list); /* N_() key, one word: "emergency" */
/* What is wrong with the journal and with the alerts, a sentence each, the worst first, safe to
 * show: "journal: 12 entries in memory only for 3m: disk full", "alerts to
 * slack:/etc/k911/slack.url do not get through for 3m: answered 500". */
#define SHOW_TROUBLES 6
struct show_troubles {
	int n;
	char text[SHOW_TROUBLES][700];
};
void show_troubles(const struct snapshot *s, struct instant now, struct show_troubles *out);

#endif
