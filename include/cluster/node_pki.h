/* Certificates that are read on a node over ssh, into memory. Blocking; for workers. */
#ifndef CLUSTER_NODE_PKI_H
#define CLUSTER_NODE_PKI_H

#include "cluster/node_shell.h"
#include "io/tls.h"

/* etcd's client credentials for `auto`, over ssh into memory: under dir, else where the node's
 * layout has them; kubeadm's ca.crt with healthcheck-client.{crt,key} (always fit for a client),
 * else server.{crt,key}. pem: ca, cert, key: new strings; wipe the key. from: the directory.
 * ERR_MISSING when they are not there; then all pem are NULL. */
enum { NODE_PKI_FROM = 96 };
int node_read_etcd_pki(const struct node_call *c, const char *dir, char *pem[3],
	char from[NODE_PKI_FROM], struct err *e);
/* Whose node is it? Reads the certificates of the authority it lives under, wherever its layout
 * has it, and nothing else: how many, up to max, or -1; ERR_MISSING when it has none. */
int node_read_ca(const struct node_call *c, struct tls_cert *out, int max, struct err *e);

#endif
