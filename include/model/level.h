/* How bad it is: the strategy's four levels, worst first, and how soon each is to be answered and
 * repaired. Constant; any thread. */
#ifndef MODEL_LEVEL_H
#define MODEL_LEVEL_H

#include <stdbool.h>
#include <stdint.h>

enum level { LEVEL_P0, LEVEL_P1, LEVEL_P2, LEVEL_P3, LEVEL_COUNT, LEVEL_NONE = LEVEL_COUNT };

struct level_target {
	int64_t respond_ms; /* from detection to acknowledgement */
	int64_t recover_ms; /* from detection to checks that have held */
};

extern const struct level_target level_targets[LEVEL_COUNT]; /* the strategy's */

const char *level_name(enum level l);                /* "P0"; "" for none: stable, for JSON */
const char *level_title(enum level l);               /* N_() key: "critical"; "" for none */
bool level_parse(const char *word, enum level *out); /* "P0", "p0"; false leaves *out alone */

#endif
