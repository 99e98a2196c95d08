/* The four sparklines: a value of each every ten seconds. The engine's thread. */
#ifndef OPS_ENGINE_HISTORIES_H
#define OPS_ENGINE_HISTORIES_H

#include "model/snapshot.h"

struct histories {
	struct instant at; /* of the last value */
	struct history api_latency, etcd_latency, warnings, etcd_terms;
};

void histories_begin(struct histories *h, struct instant now); /* nothing was measured yet */
/* Measures the snapshot when it is time, and fills its own four. api_us: how fast the API server in
 * use answers; -1 when it does not. */
void histories_fill(struct histories *h, struct snapshot *s, int64_t api_us);

#endif
