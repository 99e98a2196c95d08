/* How much of the month the API could be reached, against 99.9 %, and how much of it anyone
 * looked. Months are UTC's. Pure: time is an argument. */
#ifndef MODEL_AVAILABILITY_H
#define MODEL_AVAILABILITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"

/* A stretch in which the API was watched and was all the time reachable, or all the time not. */
struct watched_span {
	int64_t from_ms, to_ms; /* wall */
	bool up;
};

struct availability {
	int64_t month_from_ms, month_to_ms;
	int64_t elapsed_ms; /* of the month, up to now */
	int64_t watched_ms;
	int64_t down_ms;        /* of what was watched */
	int64_t budget_ms;      /* what 99.9 % allows in the whole month: 43.2 min in 30 days */
	int64_t left_ms;        /* of the budget; negative when it is overdrawn */
	double percent;         /* reachable, of what was watched; 100 when nothing was */
	double watched_percent; /* of elapsed */
};

void availability_month(int64_t wall_ms, int64_t *from_ms, int64_t *to_ms);
/* Spans in any order, overlapping where several consoles watched: who reached the API proves
 * that it could be reached. now_ms is in the month that is asked about, or is its end. */
struct availability availability_of(
	const struct watched_span *spans, size_t n, int64_t month_from_ms, int64_t now_ms);

/* From samples to spans. Zeroed at first. */
struct availability_meter {
	struct watched_span span;
	struct instant last;
	int64_t told_ms; /* boot clock: when the span was last given */
	bool running;
};

#define AVAILABILITY_GAP_MS  15000 /* without a sample so long, nobody watched */
#define AVAILABILITY_TELL_MS 30000

enum api_seen { API_UNKNOWN, API_UP, API_DOWN };

/* Takes a sample; gives 0 to 2 spans to be stored (each replaces one with the same from_ms and up):
 * when the state changed, a stretch ended, or 30 s after the last time. A stretch ends when nothing
 * was sampled, or the wall clock was set. */
size_t availability_sample(struct availability_meter *m, enum api_seen seen, struct instant at,
	struct watched_span out[2]);

#endif
