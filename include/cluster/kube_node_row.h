/* From what a decoder noted of a node to its row in the model. */
#ifndef CLUSTER_KUBE_NODE_ROW_H
#define CLUSTER_KUBE_NODE_ROW_H

#include "base/intern.h"
#include "cluster/kube_node_scan.h"
#include "model/node.h"

/* The first of each type counts, as for kubectl. */
void node_scan_address(struct node_scan *node, const struct node_scan_address *a);
/* Into a zeroed row. */
void node_scan_row(const struct node_scan *node, struct intern *pool, struct node_row *out);
void node_scan_done(struct node_scan *node);

#endif
