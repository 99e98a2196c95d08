/* When a snapshot has said all there is to say, for whoever looks once and goes: `check`. Pure; any
 * thread. */
#ifndef MODEL_SETTLED_H
#define MODEL_SETTLED_H

#include <stdbool.h>

#include "model/snapshot.h"

/* Has every source answered or failed, so that waiting longer tells nothing new? */
bool snapshot_is_settled(const struct snapshot *s);

#endif
