/* What this console itself could not do, so that it is not taken for the cluster's fault: moments
 * in which the engine's thread stood still (a slow disk, a suspended laptop, a stopped process),
 * queues that were full, answers that were lost on the way. It is said in the sources. The engine's
 * thread. */
#ifndef OPS_ENGINE_STRAIN_H
#define OPS_ENGINE_STRAIN_H

#include "ops/watch/alert_watch.h"
#include "ops/watch/control_plane.h"

struct strain {
	struct control_plane *control_plane; /* whose rooms wait for answers */
	struct alert_watch *alerts;          /* and this one */
	struct pool *pool;
	struct instant turned;    /* the engine's last turn */
	struct instant woke;      /* when it last had stood still; unset: never */
	int64_t stood_ms;         /* for how long, then */
	uint64_t refused_jobs;    /* as last looked at */
	struct instant pool_idle; /* when none last waited for a worker */
	struct instant pool_full; /* when one was last refused, or waited too long; unset: never */
	uint64_t missed;          /* notices that found no room, of which the operator was told */
};

/* All outlive it. */
void strain_init(struct strain *s, struct control_plane *control_plane, struct alert_watch *alerts,
	struct pool *pool);
/* At each turn: did it stand still? Then that time is nobody's silence. */
void strain_turned(struct strain *s, struct instant now);
/* Since it last stood still, everything was heard of once or had its full time. */
bool strain_is_settled(const struct strain *s, struct instant now);
void strain_look(struct strain *s, struct instant now); /* were queues full? */
void strain_fill(const struct strain *s, struct source *probes, struct instant now);

#endif
