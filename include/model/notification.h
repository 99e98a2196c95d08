/* An alert that goes out: one transition of an incident, as a value. Whatever is told, shown or
 * compared is in it, so it can wait on the disk and be sent much later. No clock, no I/O; any
 * thread. */
#ifndef MODEL_NOTIFICATION_H
#define MODEL_NOTIFICATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha.h"
#include "base/ulid.h"
#include "model/level.h"

#define NOTIFICATION_NEVER   INT64_MIN
#define NOTIFICATION_REASONS 6
#define NOTIFICATION_KEY     320  /* bytes, with the NUL */
#define NOTIFICATION_TEXT    1900 /* bytes of the longest message, with the NUL */

enum notification_kind {
	NOTIFICATION_DETECTED,
	NOTIFICATION_LEVEL, /* it changed */
	NOTIFICATION_ACKNOWLEDGED,
	NOTIFICATION_WARNING, /* 50, 75 or 90 % of a clock's target are used */
	NOTIFICATION_BREACH,
	NOTIFICATION_RECOVERED,
	NOTIFICATION_KINDS
};

struct notification {
	enum notification_kind kind;
	char cluster[80];
	char incident[ULID_SIZE]; /* "" while none was opened */
	char alias[24];           /* "INC-0007" */
	char title[200];
	enum level level;  /* as of this transition */
	enum level before; /* of a level change, else LEVEL_NONE */
	enum level worst;  /* the incident ever had; LEVEL_NONE: no worse than level */
	size_t n_reasons;
	char reasons[NOTIFICATION_REASONS][240];
	char broken[200];    /* the first broken layer, in words; "" */
	char clock[16];      /* the one deadline_ms is of: "respond" or "recover" */
	int percent;         /* warning */
	char who[64];        /* acknowledge, level change: by whom; "" : by the checks */
	char why[200];       /* level change: what for; "" */
	int64_t at_ms;       /* wall time of the transition */
	int64_t detected_ms; /* NOTIFICATION_NEVER: unknown, as below */
	int64_t deadline_ms; /* NOTIFICATION_NEVER: none is told */
	/* The hash of the journal's entry it is made from; "": none is written. */
	char anchor[SHA_HEX];
	/* Tells it from others of its kind: how often the incident was reopened; of a level change,
	 * how many there were before. */
	unsigned serial;
};

void notification_init(struct notification *a, enum notification_kind kind);

/* The same for the same transition, on any console and after any restart; another for every other.
 * Gives dst back. */
char *notification_key(const struct notification *a, char dst[NOTIFICATION_KEY]);

/* Does a target that wants these levels (bits, 1 << LEVEL_P0 ...) hear of it? It does when the
 * incident ever had such a level: who was called hears how it ends. */
bool notification_concerns(const struct notification *a, unsigned levels);
/* It ends something: recovered. */
bool notification_is_end(const struct notification *a);

/* One line, and the whole message of several, in the operator's language, safe to show: hostile
 * names are made visible. Cut at whole characters; gives dst back. */
char *notification_headline(const struct notification *a, char *dst, size_t size);
char *notification_text(const struct notification *a, char dst[NOTIFICATION_TEXT]);

const char *notification_kind_name(enum notification_kind k); /* "detected": stable, for JSON */
bool notification_kind_parse(const char *word, enum notification_kind *out);

#endif
