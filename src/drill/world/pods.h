/* How pods come to be, for those who make them. Server's thread. */
#ifndef WORLD_PODS_H
#define WORLD_PODS_H

#include "drill/world/world.h"

enum { POD_CREATE_MS = 1500, POD_WARN_MS = 15000 };

/* node: a machine, or -1 */
struct sim_pod *pod_new(struct world *w, const struct workload *of, int ordinal, int node);
void pod_store(struct world *w, struct sim_pod *p, const char *manager);
void pod_turn(struct world *w, struct sim_pod *p, enum sim_state state, int64_t ms);

#endif
