/* What a pod's object says. Server's thread. */
#ifndef DRILL_WORLD_POD_TEXT_H
#define DRILL_WORLD_POD_TEXT_H

#include "drill/world/world.h"

void pod_body(const struct world *w, const struct sim_pod *p, struct buf *out);
/* {"status":{...}} */
void pod_status(const struct world *w, const struct sim_pod *p, struct buf *out);
/* of a Deployment: its ReplicaSet's */
void owner_name(const struct workload *of, char *dst, size_t size);

#endif
