/* Who listens to the snapshots: a place for each, so that nobody takes what another has not seen.
 * Any thread. */
#ifndef OPS_ENGINE_AUDIENCE_H
#define OPS_ENGINE_AUDIENCE_H

#include "base/slot.h"
#include "model/snapshot.h"

struct audience;

struct audience *audience_new(void);
void audience_free(struct audience *a); /* and every place in it; NULL is fine */
void audience_tell(struct audience *a, struct snapshot *s); /* takes s */
/* A place that has the newest snapshot in it already, when there is one. */
struct slot *audience_join(struct audience *a);
void audience_leave(struct audience *a, struct slot *place); /* frees it; NULL is fine */

#endif
