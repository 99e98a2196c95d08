/* A healthy server hears a probe each second over a new connection and, beside it, its share of
 * what the load balancer is asked. One that is sick hears the lists of a failover besides. */
#include "model/rates.h"

#include "base/str.h"

#define HEALTHY                                                                                    \
	{2.0, 1.5}, {2.0, 0.5},                                                                    \
	{                                                                                          \
		0.5, 0.5                                                                           \
	}
#define BROKEN                                                                                     \
	{4.0, 2.0}, {2.5, 1.5},                                                                    \
	{                                                                                          \
		0.5, 0.5                                                                           \
	}

const struct rate_limits rate_limits[] = {
	{"healthy", {HEALTHY}},
	{"worker-down", {BROKEN}},
	{"master-down", {BROKEN}},
	{"etcd-member-down", {BROKEN}},
	{"etcd-quorum-lost", {BROKEN}},
	{"apiserver-down", {BROKEN}},
	{"all-apiservers-down", {BROKEN}},
	{"cni-broken", {BROKEN}},
	{"dns-down", {BROKEN}},
	{"resources-high", {BROKEN}},
	{"partition", {BROKEN}},
};
const size_t n_rate_limits = sizeof(rate_limits) / sizeof(rate_limits[0]);

const struct rate_limits *rate_limits_of(const char *scenario)
{
	for (size_t i = 0; i < n_rate_limits; i++)
		if (str_eq(rate_limits[i].scenario, scenario))
			return &rate_limits[i];
	return NULL;
}

struct rate rate_ceiling(enum rate_of of)
{
	struct rate most = {0, 0};

	for (size_t i = 0; i < n_rate_limits && of < RATE_KINDS; i++) {
		const struct rate *r = &rate_limits[i].of[of];

		most.requests = r->requests > most.requests ? r->requests : most.requests;
		most.connections =
			r->connections > most.connections ? r->connections : most.connections;
	}
	return most;
}
