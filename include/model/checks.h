/* The health checks: one line per thing an engineer would look at, judged from one snapshot. What
 * is bad is said by the rules of the levels; a check adds what is well, where it was seen, and how
 * old that is. Pure; any thread. */
#ifndef MODEL_CHECKS_H
#define MODEL_CHECKS_H

#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

enum check_status { CHECK_OK, CHECK_WARNING, CHECK_CRITICAL, CHECK_UNKNOWN };

struct check {
	char id[96]; /* "etcd", "node/m1/kubelet": stable, for JSON */
	enum check_status status;
	char text[240];     /* names as the cluster gave them: not made safe for the terminal */
	const char *source; /* source_name */
	int64_t age_ms;     /* of what it was judged by; -1: nothing ever came */
};

struct checks {
	struct check *at;
	size_t len, cap;
};

void checks_run(struct checks *h, const struct snapshot *s); /* h is empty, or done */
void checks_done(struct checks *h);

const char *check_word(enum check_status s); /* "ok": stable, for JSON */
/* The whole: critical from P1, warning from P3; unknown when nothing can be said from here, or when
 * nothing is wrong but the nodes were never seen. */
enum check_status checks_overall(const struct snapshot *s);

#endif
