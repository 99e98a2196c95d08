/* The two hidden commands that stand in for ssh to the drill's nodes and for their tools: whole
 * programs; they return an exit code. What they are told comes from drill/fake/node_host.h. */
#ifndef DRILL_FAKE_FAKE_NODE_H
#define DRILL_FAKE_FAKE_NODE_H

#include <stdbool.h>

#include "base/buf.h"

/* k911 drill-ssh SOCKET [ssh's options] [--] HOST COMMAND... */
int fake_node_ssh(int argc, char **argv);
/* k911 drill-tool SOCKET NODE TOOL [ARGUMENT...] */
int fake_node_tool(int argc, char **argv);
/* For main: true when argv[1] is one of the two; then *rc is the exit code. */
bool fake_node_main(int argc, char **argv, int *rc);
/* The command with every path of the node's file system turned into one below root. Adds to out. */
void fake_node_rewrite(const char *command, const char *root, struct buf *out);

#endif
