/* A container's log from its node itself, for when no API server answers. Pure; any thread. */
#ifndef CLUSTER_NODE_LOG_H
#define CLUSTER_NODE_LOG_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct node_log_asked {
	const char *ns, *pod;
	const char *container; /* "": any */
	bool previous;         /* the run before this one */
	int tail;              /* lines, from the end */
};
/* The script, which prints the lines, or exits with another code than 0 when there is no log. -1
 * with ERR_USAGE for names that Kubernetes does not allow: they have no place in a path. */
int node_log_script(struct buf *to, const struct node_log_asked *a, struct err *e);

#endif
