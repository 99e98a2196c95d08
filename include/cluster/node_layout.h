/* How a node is laid out: where its distribution keeps units, manifests, certificates and state.
 * A row per distribution, kubeadm first: it is also taken where nothing says otherwise. The node
 * itself finds its row (scripts/layout.sh) and tells its name in each round. Fields with several
 * words hold them best first; "" is what a distribution does not have. Constant; any thread. */
#ifndef CLUSTER_NODE_LAYOUT_H
#define CLUSTER_NODE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { NODE_LAYOUT_NAME = 16 };

struct node_layout {
	const char *name;
	const char *kubelet, *runtime; /* systemd units; the same where one unit holds both */
	const char *marks;             /* files that only this distribution makes */
	const char *manifests;         /* directory of static pods */
	const char *ca;                /* the cluster's authority, on servers and on agents */
	const char *certs;             /* globs */
	const char *kubelet_certs;
	const char *kubelet_conf;       /* kubeconfig of the kubelet */
	const char *confs;              /* globs of kubeconfigs, the administrator's among them */
	const char *stores;             /* "etcd=DIR sqlite=FILE": where the state may lie */
	const char *etcd_pki, *etcd_ca; /* directory, and the authority's file in it */
	const char *etcd_pairs;         /* names of client certificates there, without .crt */
	const char *etcd_metrics;       /* port on localhost */
	const char *crictl, *sockets;   /* command; the runtime's sockets */
};

extern const struct node_layout node_layouts[];
extern const size_t node_layouts_count;

/* The row of that name; kubeadm's for any other. */
const struct node_layout *node_layout_named(const char *name);
/* Is it one of the words? */
bool node_layout_has(const char *words, const char *word, size_t n);
/* The rows as shell: LAYOUTS, UNITS, and layout() that sets a row's fields in capitals. */
void node_layout_puts(struct buf *to);

#endif
