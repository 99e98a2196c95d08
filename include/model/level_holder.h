/* The holder that raises a level at once and lowers it only after it has been quiet for long
 * enough. No clock: the moment is an argument. */
#ifndef MODEL_LEVEL_HOLDER_H
#define MODEL_LEVEL_HOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/severity.h"

struct level_holder {
	enum level level;
	struct instant since;
	struct instant quiet[LEVEL_COUNT + 1]; /* by level: since when nothing worse than it held */
};

void level_holder_init(struct level_holder *h);
/* Takes what holds now (known false: nothing can be said, so nothing is lowered) and writes level,
 * since and green into *v. True when the level changed. */
bool level_holder_take(
	struct level_holder *h, struct verdict *v, int64_t hold_down_ms, struct instant now);

#endif
