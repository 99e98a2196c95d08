/* From the checks' verdict to the record: health transitions, proposals, recovery, warnings and
 * breaches of the clocks, clocks that were set. It is told the verdict once a second or so, and
 * says what is to be written; it writes nothing itself. Time is an argument. One thread. */
#ifndef OPS_INCIDENT_INCIDENT_WATCH_H
#define OPS_INCIDENT_INCIDENT_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/instant.h"
#include "model/casebook.h"
#include "model/incident.h"
#include "ops/journal/journal_draft.h"

struct incident_watch_options {
	int64_t hold_down_ms; /* green so long is recovered; 60 s */
	int64_t propose_ms;   /* a level that held so long is proposed; 2 s */
};
extern const struct incident_watch_options incident_watch_defaults;

/* The verdict as it is this moment, not held down: the watch holds down by itself. */
struct watch_input {
	bool known;       /* false: nothing can be said now, neither good nor bad */
	enum level level; /* LEVEL_NONE: all green */
	const char *const *reasons;
	size_t n_reasons;
	const char *broken; /* the first broken layer in words, or NULL */
	struct instant now;
};

struct incident_watch {
	struct incident_watch_options options;
	struct author by; /* "k911" on this host */
	struct instant last;
	struct instant green;   /* begin of the green stretch; boot_ms 0: none */
	struct instant bad;     /* begin of the present trouble; boot_ms 0: none */
	struct instant worse;   /* since when the level has been as bad as it is, or worse */
	enum level level, told; /* the last known one; as last written while no incident was open */
	char incident[ULID_SIZE]; /* the current one at the last step */
	struct proposal proposal;
};

#define WATCH_DRAFTS (8 + CHECKLIST_ROWS)

void incident_watch_init(
	struct incident_watch *w, const struct incident_watch_options *o, const char *host);

/* current: what belongs to it is recorded there; NULL: there is none. open: all that are not
 * closed, current among them; their clocks are watched. Gives how many drafts; out has room for
 * WATCH_DRAFTS for each of open and one more. They are the caller's to write, and each is given
 * again at the next step unless the incident then holds it: fold them before. */
size_t incident_watch_step(struct incident_watch *w, const struct watch_input *in,
	const struct incident *current, const struct incident *const *open, size_t n_open,
	struct journal_draft **out);

#endif
