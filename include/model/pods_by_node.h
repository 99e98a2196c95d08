/* How many pods run on each node, counted over all pods: anew when they changed, but at most once a
 * second. UI thread. */
#ifndef MODEL_PODS_BY_NODE_H
#define MODEL_PODS_BY_NODE_H

#include <stdint.h>

#include "base/instant.h"
#include "model/table.h"

struct pods_by_node;

struct pods_by_node *pods_by_node_new(void);
void pods_by_node_free(struct pods_by_node *t);
/* struct pod_row */
void pods_by_node_count(struct pods_by_node *t, const struct table *pods, struct instant now);
uint32_t pods_by_node_of(const struct pods_by_node *t, const char *node);

#endif
