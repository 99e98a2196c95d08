/* Leases of coordination.k8s.io, and whether their holders still renew them. */
#ifndef MODEL_LEASE_H
#define MODEL_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/table.h"

struct snapshot;

/* Age is the time since k911 saw renewTime change: the node's clock is not
 * trusted. */
struct lease_row {
	const char *ns, *name; /* key */
	const char *holder;
	int64_t renew_ms;    /* as the holder wrote it */
	struct instant seen; /* when k911 saw that value first */
	/* k911 saw it change: seen is a renewal's moment, not just the first look's */
	bool renewed;
	/* Label kubernetes.io/hostname, as an API server's identity has it; "". */
	const char *host;
	int duration_s;
	int transitions;
};
extern const struct row_ops lease_ops;

#define LEASE_STALE_MS 20000 /* a kubelet renews every 10 s: stale before the node turns NotReady */

/* Does the holder of a lease still renew it? Judged by what this console saw up to the newest
 * renewal of its kind, and, until it has watched for long enough, by the other leases; not late
 * while nobody is seen to renew any, for then the API, or its watch, is what is broken. */
struct lease_judge {
	bool somebody_renews;
	struct instant nodes_seen, system_seen; /* the newest renewal of either kind; unset: none */
	int64_t newest_renew_ms;
	struct instant woke; /* this console saw nothing until then; unset: it never slept */
};

struct lease_judge lease_judge_of(const struct snapshot *s);
bool lease_is_late(const struct lease_judge *j, const struct lease_row *l);

#endif
