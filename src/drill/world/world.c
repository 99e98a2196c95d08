/* The simulated cluster's machines: by name, with power and units, and who reaches whom. */
#include "drill/world/world.h"

#include <string.h>

int64_t world_ms(const struct world *w, int64_t life_ms)
{
	return life_ms / w->speed;
}

uint32_t world_random(struct world *w, uint32_t below)
{
	w->seed = w->seed * 1664525u + 1013904223u;
	return below == 0 ? 0 : (w->seed >> 8) % below;
}

struct machine *world_machine(struct world *w, const char *name_or_address)
{
	for (int i = 0; i < WORLD_MACHINES; i++)
		if (strcmp(w->machines[i].name, name_or_address) == 0 ||
			strcmp(w->machines[i].address, name_or_address) == 0)
			return &w->machines[i];
	return NULL;
}

int world_index(const struct world *w, const struct machine *m)
{
	return (int)(m - w->machines);
}

bool world_unit_up(const struct machine *m, enum unit_id u)
{
	return !m->off && m->units[u].state == UNIT_ACTIVE && !m->units[u].hung;
}

bool world_reach(const struct world *w, const struct machine *a, const struct machine *b)
{
	(void)w;
	return a == b || (!a->off && !b->off && a->group == b->group);
}
