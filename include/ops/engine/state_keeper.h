/* Saves the last good state on a thread of its own: a disk may hold a save for as long as it likes.
 * One at a time; while one runs, only the newest state waits. One owner's thread. */
#ifndef OPS_ENGINE_STATE_KEEPER_H
#define OPS_ENGINE_STATE_KEEPER_H

#include "model/keeping.h"
#include "ops/engine/snapshot_file.h"

struct state_keeper;

struct state_keeper *state_keeper_start(const char *path); /* the state's file */
/* Takes one reference to saved->snapshot. Never blocks. */
void state_keeper_put(struct state_keeper *k, const struct saved_state *saved);
/* Whether what was given reaches the disk: all of out but told. NULL: it is off. */
void state_keeper_look(struct state_keeper *k, struct instant now, struct keeping *out);
/* Lets the newest be saved, for at most so long. False: a save hangs, and goes on by itself. NULL
 * is fine: true. */
bool state_keeper_stop(struct state_keeper *k, int64_t within_ms);

#endif
