/* A practice cluster as the engine is told of it. */
#ifndef APP_DRILL_SESSION_H
#define APP_DRILL_SESSION_H

#include "drill/drill.h"
#include "ops/engine/engine.h"

/* What engine_options borrow from: must live until engine_start has returned. */
struct drill_session {
	struct host nodes[3], workers[5];
	const char *etcd[4], *balancers[2];
	struct node_shell_options shell;
};

/* Puts the drill's nodes, etcd, ssh and load balancer into *o, in place of what the configuration
 * says; nothing is saved. */
void drill_session_describe(
	struct engine_options *o, struct drill_session *s, const struct drill_config *c);

#endif
