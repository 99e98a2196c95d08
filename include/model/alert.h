/* An alert that goes out: one transition of an incident, as a value. Whatever is told, shown or
 * compared is in it, so it can wait on the disk and be sent much later. No clock, no I/O; any
 * thread. */
#ifndef MODEL_ALERT_H
#define MODEL_ALERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha.h"
#include "base/ulid.h"
#include "model/level.h"

#define ALERT_NEVER   INT64_MIN
#define ALERT_REASONS 6
#define ALERT_KEY     320  /* bytes, with the NUL */
#define ALERT_TEXT    1900 /* bytes of the longest message, with the NUL */

enum alert_kind {
	ALERT_DETECTED,
	ALERT_LEVEL, /* it changed */
	ALERT_ACKNOWLEDGED,
	ALERT_WARNING, /* 50, 75 or 90 % of a clock's target are used */
	ALERT_BREACH,
	ALERT_RECOVERED,
	ALERT_KINDS
};

struct alert {
	enum alert_kind kind;
	char cluster[80];
	char incident[ULID_SIZE]; /* "" while none was opened */
	char alias[24];           /* "INC-0007" */
	char title[200];
	enum level level;  /* as of this transition */
	enum level before; /* of a level change, else LEVEL_NONE */
	enum level worst;  /* the incident ever had; LEVEL_NONE: no worse than level */
	size_t n_reasons;
	char reasons[ALERT_REASONS][240];
	char broken[200];     /* the first broken layer, in words; "" */
	char clock[16];       /* the one deadline_ms is of: "respond" or "recover" */
	int percent;          /* warning */
	char who[64];         /* acknowledge, level change: by whom; "" : by the checks */
	char why[200];        /* level change: what for; "" */
	int64_t at_ms;        /* wall time of the transition */
	int64_t detected_ms;  /* ALERT_NEVER: unknown, as below */
	int64_t deadline_ms;  /* ALERT_NEVER: none is told */
	char anchor[SHA_HEX]; /* the hash of the journal's entry it is made from; "": none is
				 written */
	unsigned serial;      /* tells it from others of its kind: how often the incident was
				 reopened; of a level change, how many there were before */
};

void alert_init(struct alert *a, enum alert_kind kind);

/* The same for the same transition, on any console and after any restart; another for every other.
 * Gives dst back. */
char *alert_key(const struct alert *a, char dst[ALERT_KEY]);

/* Does a target that wants these levels (bits, 1 << LEVEL_P0 ...) hear of it? It does when the
 * incident ever had such a level: who was called hears how it ends. */
bool alert_concerns(const struct alert *a, unsigned levels);
/* It ends something: recovered. */
bool alert_is_end(const struct alert *a);

/* One line, and the whole message of several, in the operator's language, safe to show: hostile
 * names are made visible. Cut at whole characters; gives dst back. */
char *alert_headline(const struct alert *a, char *dst, size_t size);
char *alert_text(const struct alert *a, char dst[ALERT_TEXT]);

const char *alert_kind_name(enum alert_kind k); /* "detected": stable, for JSON */
bool alert_kind_parse(const char *word, enum alert_kind *out);

#endif
