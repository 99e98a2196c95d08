/* What can go wrong, as one table, and the single faults it is made of. The table: any thread; what
 * takes a world: the server's. */
#ifndef DRILL_SCENARIO_H
#define DRILL_SCENARIO_H

#include "drill/world/world.h"

struct drill_scenario {
	const char *name;
	const char *title; /* N_(): what has happened */
	const char *text;  /* N_(): what it is good for practising */
	int after_ms;      /* healthy so long */
};
extern const struct drill_scenario drill_scenarios[];
extern const size_t drill_n_scenarios;
const struct drill_scenario *drill_find(const char *name); /* NULL: no such */

void scenario_heal(struct world *w);
void scenario_break(struct world *w, const char *name);
/* One "what" of drill_set; -1 for one that is not understood. */
int scenario_set(struct world *w, const char *what, const char *to);

#endif
