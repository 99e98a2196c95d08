/* A healthy server hears a probe each second, and its share of what the load balancer is asked. One
 * that is sick hears each probe over a new connection, and the lists of a failover besides. */
#include "model/rates.h"

const struct rate rate_limits[RATE_WHENS][RATE_KINDS + 1] = {
	[RATE_HEALTHY] =
		{[RATE_API] = {2.0, 1.5}, [RATE_ETCD] = {2.0, 0.5}, [RATE_NODE] = {0.5, 0.5}},
	[RATE_BROKEN] =
		{[RATE_API] = {4.0, 2.0}, [RATE_ETCD] = {2.5, 1.5}, [RATE_NODE] = {0.5, 0.5}},
};
