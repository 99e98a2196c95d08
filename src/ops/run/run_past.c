/* Copies and lookups. */
#include "ops/run/run_past.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

struct run_past *run_past_copy(const struct run_past *p)
{
	struct run_past *to = mem_dup(p, sizeof(*p));

	memset(&to->inputs, 0, sizeof(to->inputs));
	memset(&to->deeds, 0, sizeof(to->deeds));
	for (size_t k = 0; k < p->inputs.len; k++)
		*vec_add(&to->inputs) = mem_str(p->inputs.at[k]);
	for (size_t k = 0; k < p->deeds.len; k++)
		*vec_add(&to->deeds) = p->deeds.at[k];
	return to;
}

void run_past_free(struct run_past *p)
{
	if (!p)
		return;
	for (size_t k = 0; k < p->inputs.len; k++)
		free(p->inputs.at[k]);
	vec_done(&p->inputs);
	vec_done(&p->deeds);
	free(p);
}

const struct run_deed_past *run_past_deed(
	const struct run_past *p, const char *step, const char *target)
{
	for (size_t k = 0; p && k < p->deeds.len; k++)
		if (str_eq(p->deeds.at[k].step, step) && str_eq(p->deeds.at[k].target, target))
			return &p->deeds.at[k];
	return NULL;
}
