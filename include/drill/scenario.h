/* What can go wrong, as one table, and the single faults it is made of. Server's thread. */
#ifndef DRILL_SCENARIO_H
#define DRILL_SCENARIO_H

#include "drill/drill.h"
#include "drill/world/world.h"

void scenario_heal(struct world *w);
void scenario_break(struct world *w, const char *name);
/* One "what" of drill_set; -1 for one that is not understood. */
int scenario_set(struct world *w, const char *what, const char *to);

#endif
