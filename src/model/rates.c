/* A sick server hears a probe each second over a new connection, its share of what the load
 * balancer is asked, and the lists of a failover besides. */
#include "model/rates.h"

const struct rate rate_ceiling[RATE_KINDS + 1] = {
	[RATE_API] = {4.0, 2.0},
	[RATE_ETCD] = {2.5, 1.5},
	[RATE_NODE] = {0.5, 0.5},
};
