/* How much one console asks of one server at most, in any half minute. The patient comes first: the
 * tests hold k911 to these figures, healthy and in each scenario of the drill, and `H` shows how
 * near it comes to them. What reaches an API server through the load balancer is counted in. */
#ifndef MODEL_RATES_H
#define MODEL_RATES_H

#include "base/meter.h"

#define LIST_FLOOR_MS 30000 /* between two lists of a kind at a server, but for an expiry's */

enum rate_of { RATE_API, RATE_ETCD, RATE_NODE, RATE_KINDS };

/* A second. Of a node: ssh commands, and those of them that had to connect. */
struct rate {
	double requests, connections;
};

enum rate_when { RATE_HEALTHY, RATE_BROKEN, RATE_WHENS }; /* broken: whatever it is that is */
extern const struct rate rate_limits[RATE_WHENS][RATE_KINDS + 1];

/* What one server was asked, a second, over the last minute. */
struct rate_row {
	enum rate_of of;       /* RATE_KINDS: a server of another kind, which has no limits here */
	char name[METER_NAME]; /* "": more servers than the meter keeps apart */
	char node[64];         /* whose; "" unknown */
	struct rate rate;
};

#endif
