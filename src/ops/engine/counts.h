/* What is counted over all pods and events, which takes a millisecond: not for every snapshot. The
 * engine's thread. */
#ifndef OPS_ENGINE_COUNTS_H
#define OPS_ENGINE_COUNTS_H

#include "model/snapshot.h"

struct counts {
	struct pod_counts pods;
	double warnings_per_minute;
	struct instant at;   /* unset: never counted */
	uint64_t generation; /* of the pods that were */
};

/* Counts the snapshot's tables when it is time, and fills its counts. */
void counts_fill(struct counts *c, struct snapshot *s);
/* An earlier run's stand until there are pods to count; there are these by now. */
void counts_recall(struct counts *c, const struct pod_counts *saved, const struct table *pods,
	struct instant now);

#endif
