/* Events, old style and new style folded into one. */
#ifndef MODEL_EVENT_H
#define MODEL_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "model/table.h"

#define EVENT_KEEP 2000 /* the newest so many */

struct event_row {
	char uid[40];     /* key */
	const char *ns;   /* of the object; "" for a node's; interned, as all below */
	const char *type; /* Normal, Warning */
	const char *reason;
	const char *kind, *name; /* the object it is about */
	const char *source;      /* component, or reportingController */
	/* Last: series.lastObservedTime, lastTimestamp, eventTime, creationTimestamp. */
	int64_t first_ms, last_ms;
	uint32_t count;
	struct rstr *message; /* shared */
};

extern const struct row_ops event_ops;

bool event_is_warning(const struct event_row *e);

#endif
