/* The three checklists of an incident: the strategy's fifteen items, or a team's own. An item is
 * ticked by hand, or by the console when it saw the thing done; what a person unticked the console
 * does not tick again. A checklist belongs to its incident. */
#ifndef MODEL_CHECKLIST_H
#define MODEL_CHECKLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

enum checklist_id {
	CHECKLIST_EMERGENCY, /* due with respond */
	CHECKLIST_TECHNICAL, /* due with recover */
	CHECKLIST_FOLLOW_UP, /* due 24 h after recovery */
	CHECKLIST_COUNT
};

/* What the console can see done. */
enum evidence {
	EVIDENCE_NONE,
	EVIDENCE_BUNDLE,   /* a diagnostics bundle was written */
	EVIDENCE_NOTIFIED, /* a message to the team went out */
	EVIDENCE_ALERTS,   /* the firing alerts were read */
	EVIDENCE_RUNBOOK,  /* a runbook ran to its end */
	EVIDENCE_RECOVERED /* the checks have held */
};

#define CHECKLIST_ROWS 15 /* items of the three, but for a team's own */

struct checklist_item {
	enum checklist_id list;
	char name[40];     /* "confirm-impact"; a team's own: "emergency-2" */
	struct rstr *text; /* N_() key, or the team's words */
	enum evidence evidence;
	bool ticked;
	bool by_hand;               /* the last word on it was a person's */
	int64_t at_ms;              /* of that word; 0: none yet */
	char by[64];                /* whose */
	struct rstr *evidence_text; /* what was seen; NULL: ticked by hand */
};

struct checklist {
	VEC(struct checklist_item) items; /* list by list */
};

/* A team's lists, NULL-terminated; a NULL or empty one is the strategy's. An entry that is the name
 * or the words of one of the strategy's items is that item. */
void checklist_init(struct checklist *c, const char *const *const team[CHECKLIST_COUNT]);
void checklist_done(struct checklist *c);
void checklist_copy(struct checklist *to, const struct checklist *from); /* to is uninitialised */

/* word: an item's name, "emergency/2", the beginning of only one name, or its words. ERR_MISSING.
 */
const struct checklist_item *checklist_find(
	const struct checklist *c, const char *word, struct err *e);
void checklist_count(const struct checklist *c, enum checklist_id list, int *done, int *all);

const char *checklist_name(enum checklist_id id);    /* "emergency": stable */
const char *checklist_title(enum checklist_id id);   /* N_() key */
const char *checklist_heading(enum checklist_id id); /* N_() key: the strategy's own, 15 分钟内 */

#endif
