/* What the journal says, as the console shows it: every incident, the one that counts now, and the
 * newest lines. Immutable and shared by count; the engine makes a new one when an entry came. */
#ifndef MODEL_CASEBOOK_H
#define MODEL_CASEBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "base/str.h"
#include "base/ulid.h"
#include "model/availability.h"
#include "model/incident.h"
#include "model/level.h"

#define BOOK_LINES 2000

/* One entry, of whatever incident; or of none: what the checks saw while none was open. */
struct casebook_line {
	char id[ULID_SIZE]; /* key */
	char incident[ULID_SIZE];
	char alias[24]; /* "INC-0007"; "" */
	char kind[32];
	char author[64], host[64];
	int64_t at_ms;
	bool kept; /* in memory only: the disk takes nothing */
	struct rstr *text;
};

struct casebook {
	int refs;        /* atomic; book_ref and _unref */
	uint64_t number; /* another one for another book */
	size_t n;
	struct incident **incidents;    /* newest first */
	const struct incident *current; /* one of them: what is done now belongs to it; or NULL */
	size_t n_lines;
	struct casebook_line *lines; /* newest first, at most BOOK_LINES */
};

/* Count 1; zeroed, for the maker to fill. */
struct casebook *casebook_new(size_t n, size_t n_lines);
struct casebook *casebook_ref(struct casebook *b);
void casebook_unref(struct casebook *b); /* drops what it holds with itself; NULL is fine */
const struct incident *casebook_find(const struct casebook *b, const char *id); /* ULID; or NULL */

/* ---- and beside it, in the snapshot ---- */

enum proposal_kind {
	PROPOSE_NOTHING,
	PROPOSE_OPEN,  /* no incident is open, and a level holds */
	PROPOSE_RAISE, /* the current one's level is too mild */
	PROPOSE_REOPEN /* it recovered, and is broken again */
};

/* What the operator is asked. It stands as long as its cause does; nothing is opened by itself. */
struct proposal {
	enum proposal_kind kind;
	enum level level;
	int64_t since_ms; /* wall: when the trouble was first seen */
};

/* Does the journal take what it is given? */
struct journal_writer_state {
	bool off;             /* there is none (practice, or no home): incidents cannot be kept */
	size_t waiting;       /* entries in memory only */
	struct instant since; /* since when it cannot be written; unset while all is well */
	char why[200];        /* "" while all is well */
	/* What was found when it was read through; "" : it is as it was written. */
	char damage[300];
};

/* Do the alerts reach the team? */
struct notify_health {
	size_t failing; /* receivers that do not get theirs; 0: all is well, or there are none */
	char to[200];   /* the one that fails longest; "": nobody can be sent to */
	struct instant since; /* since when it fails */
	char why[300];
	struct instant
		unkept; /* since when the disk takes none, so they are sent past it; or unset */
	char unkept_why[300];
	size_t lost;            /* alerts that found no room in memory either */
	char damage[600];       /* the outbox was damaged, and where it lies now; "" */
	struct instant damaged; /* when that was found */
};

#endif
