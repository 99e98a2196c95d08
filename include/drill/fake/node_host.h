/* The drill's nodes as ssh reaches them: a unix socket that says which machines can be reached and
 * answers for their tools. Server's thread. */
#ifndef DRILL_FAKE_NODE_HOST_H
#define DRILL_FAKE_NODE_HOST_H

#include "drill/world/world.h"

struct node_host {
	struct world *world;
};
/* Listens at dir/socket and fills dir/bin, the PATH of every node. */
int node_host_open(
	struct node_host *h, struct world *w, const char *dir, const char *self, struct err *e);

#endif
