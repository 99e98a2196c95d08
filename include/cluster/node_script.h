/* Scripts for nodes, put together from the files of src/cluster/scripts. What a script is told
 * comes before it as assignments in capitals. Pure; any thread. */
#ifndef CLUSTER_NODE_SCRIPT_H
#define CLUSTER_NODE_SCRIPT_H

#include "base/buf.h"
#include "base/embedded_file.h"

extern const struct embedded_files script_files; /* src/cluster/scripts */

/* Every script's beginning: the helpers, and the layout that this node has. */
void node_script_begin(struct buf *to, const char *nonce);
void node_script_set(struct buf *to, const char *name, const char *value); /* NAME='value' */
void node_script_add(struct buf *to, const char *file); /* one file: "round", without .sh */

#endif
