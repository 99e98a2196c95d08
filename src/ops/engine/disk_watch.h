/* Whether the disk takes what is kept beside the journal, the last good state and the log; where it
 * does not, the operator is told. The engine's thread. */
#ifndef OPS_ENGINE_DISK_WATCH_H
#define OPS_ENGINE_DISK_WATCH_H

#include "model/snapshot.h"
#include "ops/engine/state_keeper.h"

struct disk_watch {
	struct state_keeper *keeper; /* NULL: nothing is saved */
	struct mailbox *notices;
	struct keeping at[KEEPING_COUNT];
};

void disk_watch_fill(struct disk_watch *w, struct snapshot *s);

#endif
