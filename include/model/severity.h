/* How bad it is: the rules of the four levels as rows, worst first, over one snapshot; and the
 * holder that raises a level at once and lowers it only after it has been quiet for long enough. No
 * clock: the snapshot's moment, or an argument. */
#ifndef MODEL_SEVERITY_H
#define MODEL_SEVERITY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/instant.h"
#include "model/impact.h"
#include "model/level.h"

struct snapshot;

#define SEVERITY_REASONS 28 /* as many as there are rules */
#define SEVERITY_DOWN_MS                                                                           \
	5000 /* what has been silent for so long counts as down, a little before its probe says so \
	      */

struct reason {
	enum level level;
	const char *rule; /* "etcd-quorum-lost": stable, for JSON and runbooks; constant */
	char text[240];   /* in words, with the objects it names; names as the cluster gave them */
};

struct verdict {
	bool known;       /* false: nothing can be said from here yet, or the own link is the first
			     suspect */
	bool dark;        /* not known because nothing at all answers: all of it is gone, or the
			     own link is */
	enum level level; /* what is shown: raised at once, lowered after hold_down */
	enum level now;   /* what holds at this moment */
	struct instant since; /* when `level` began; unset before the first judgement */
	struct instant green; /* since when nothing holds at all; unset while something does */
	size_t n;
	struct reason reasons[SEVERITY_REASONS]; /* of now, worst first */
};

/* Reads s->etcd, s->layers, s->impact, s->alerts, s->limits and the histories; fills all of *v but
 * level, since and green. */
void severity_judge(struct verdict *v, const struct snapshot *s);

/* Every rule there is, worst first: for documentation and for tests. */
size_t severity_rules(void);
const char *severity_rule(size_t i, enum level *level);

struct level_holder {
	enum level level;
	struct instant since;
	struct instant quiet[LEVEL_COUNT + 1]; /* by level: since when nothing worse than it held */
};

void level_holder_init(struct level_holder *h);
/* Takes what holds now (known false: nothing can be said, so nothing is lowered) and writes level,
 * since and green into *v. True when the level changed. */
bool level_holder_take(
	struct level_holder *h, struct verdict *v, int64_t hold_down_ms, struct instant now);

#endif
