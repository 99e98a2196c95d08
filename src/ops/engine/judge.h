/* The judge: what a snapshot adds up to. It keeps what the next judgement needs of the last: what
 * was affected, and the level it is held at. The engine's thread. */
#ifndef OPS_ENGINE_JUDGE_H
#define OPS_ENGINE_JUDGE_H

#include "model/level_holder.h"
#include "model/limits.h"
#include "model/snapshot.h"

struct judge {
	struct limits limits;
	char **core_services; /* NULL-terminated */
	struct impact impact;
	unsigned live; /* bits by source_id: which were live when it was counted */
	struct level_holder holder;
};

/* core_services: as impact_take wants them; copied; NULL: none. */
void judge_init(struct judge *j, const struct limits *limits, const char *const *core_services);
void judge_done(struct judge *j);
void judge_forget(struct judge *j); /* another cluster is judged from now on */
/* Fills limits, impact and verdict of an otherwise full snapshot. settled: what it holds is of
 * now; else nothing is known. */
void judge_fill(struct judge *j, struct snapshot *s, bool settled);

#endif
