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

/* Worst first; a check (checks.h) chooses among them. */
enum rule_id {
	RULE_API_DOWN,
	RULE_CONTROL_PLANE_LOST,
	RULE_ETCD_QUORUM_LOST,
	RULE_ETCD_SPLIT,
	RULE_ETCD_NOSPACE,
	RULE_LOAD_BALANCER_DOWN,
	RULE_CERTIFICATES_EXPIRED,
	RULE_CONTROL_PLANE_NODE_DOWN,
	RULE_ETCD_MEMBER_DOWN,
	RULE_APISERVER_DOWN,
	RULE_CORE_SERVICE_DOWN,
	RULE_PARTITION,
	RULE_WORKER_NOT_READY,
	RULE_WORKLOADS_FAILING,
	RULE_SERVICES_WITHOUT_ENDPOINTS,
	RULE_PERFORMANCE,
	RULE_VIP_HOLDERS,
	RULE_FOREIGN_AUTHORITY,
	RULE_ALERTS_FIRING,
	RULE_CPU_HIGH,
	RULE_MEMORY_HIGH,
	RULE_DISK_HIGH,
	RULE_CERTIFICATE_EXPIRY,
	RULE_CLOCK_SKEW,
	RULE_EVENT_BURST,
	RULE_LOG_BURST,
	RULE_ETCD_NEAR_QUOTA,
	RULE_SSH_LOST,
	RULE_STATIC_PODS_EXITED,
	RULE_STATIC_MANIFESTS,
	RULE_LOAD_BALANCER_DEGRADED,
	RULE_COUNT
};

struct reason {
	enum level level;
	enum rule_id rule;
	char text[240]; /* in words, with the objects it names; names as the cluster gave them */
};

struct verdict {
	/* False: nothing can be said from here yet, or the own link is the first suspect. */
	bool known;
	/* Not known because nothing at all answers: all of it is gone, or the own link is. */
	bool dark;
	enum level level;     /* what is shown: raised at once, lowered after hold_down */
	enum level now;       /* what holds at this moment */
	struct instant since; /* when `level` began; unset before the first judgement */
	struct instant green; /* since when nothing holds at all; unset while something does */
	size_t n;
	struct reason reasons[RULE_COUNT]; /* of now, worst first */
};

/* Reads s->etcd, s->layers, s->impact, s->alerts, s->limits and the histories; fills all of *v but
 * level, since and green. */
void severity_judge(struct verdict *v, const struct snapshot *s);

const char *rule_name(enum rule_id r); /* "etcd-quorum-lost": stable, for JSON and runbooks */
enum level rule_level(enum rule_id r);

#endif
