/* The health checks: one line per thing an engineer would look at, judged from one snapshot. What
 * is bad is said by the rules of the levels; a check adds what is well, where it was seen, and how
 * old that is. Pure; any thread. */
#ifndef OPS_ENGINE_HEALTH_H
#define OPS_ENGINE_HEALTH_H

#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

enum health_status { HEALTH_OK, HEALTH_WARNING, HEALTH_CRITICAL, HEALTH_UNKNOWN };

struct health_check {
	char id[96]; /* "etcd", "node/m1/kubelet": stable, for JSON */
	enum health_status status;
	char text[240];     /* names as the cluster gave them: not made safe for the terminal */
	const char *source; /* source_name */
	int64_t age_ms;     /* of what it was judged by; -1: nothing ever came */
};

struct health {
	struct health_check *at;
	size_t len, cap;
};

void health_run(struct health *h, const struct snapshot *s); /* h is empty, or done */
void health_done(struct health *h);

const char *health_word(enum health_status s); /* "ok": stable, for JSON */
enum health_status health_of_level(enum level l);
/* The whole: critical from P1, warning from P3; unknown when nothing can be said from here, or when
 * nothing is wrong but the nodes were never seen. */
enum health_status health_overall(const struct snapshot *s);

#endif
