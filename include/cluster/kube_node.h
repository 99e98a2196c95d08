/* Deeds on one Node: cordon, taints, and what its people wrote on it, kept for its successor. */
#ifndef CLUSTER_KUBE_NODE_H
#define CLUSTER_KUBE_NODE_H

#include "cluster/kube_deed.h"

/* Cordons, or takes the cordon away. KUBE_ALREADY: it was so. */
enum kube_outcome kube_node_cordon(
	const struct kube_deed *d, const char *node, bool cordon, struct err *e);

#define KUBE_OUT_OF_SERVICE "node.kubernetes.io/out-of-service"

struct kube_taint {
	const char *key, *value; /* value: NULL or "" for none */
	const char *effect;      /* NoSchedule, PreferNoSchedule, NoExecute */
};
/* Adds a taint, or changes its value; KUBE_ALREADY when it was there so. No other taint is lost, even
 * where somebody else writes at the same moment. */
enum kube_outcome kube_node_taint(
	const struct kube_deed *d, const char *node, const struct kube_taint *taint, struct err *e);
/* Takes every taint of that key and effect (NULL: any effect) away; KUBE_ALREADY: there was none. */
enum kube_outcome kube_node_untaint(const struct kube_deed *d, const char *node, const char *key,
	const char *effect, struct err *e);

/* What people wrote on a node, as one JSON object {name, uid, labels, annotations, taints}: without
 * what kubelets, kubeadm and controllers write by themselves. Pure: a Node object in. */
int kube_node_keep(const struct js *node, struct buf *out, struct err *e);
int kube_node_save(const struct kube_deed *d, const char *node, struct buf *out, struct err *e);
/* Puts back what was saved on the node of that name now: what it has by itself stays as it is. */
enum kube_outcome kube_node_put_back(
	const struct kube_deed *d, const char *node, const char *saved, struct err *e);

#endif
