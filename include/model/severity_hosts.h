/* Rules over what the control-plane nodes tell by their own shells, each beside the others. Rows of
 * severity.c; false where too little was told to compare. */
#ifndef MODEL_SEVERITY_HOSTS_H
#define MODEL_SEVERITY_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/severity_facts.h"

/* The load balancer's address is on two nodes, or on none of those that held it. */
bool hosts_vip_holders(const struct severity_facts *v, char *text, size_t size);
/* A node's own authority is not the kubeconfig's, though another node's is. */
bool hosts_foreign_authority(const struct severity_facts *v, char *text, size_t size);
/* A component that has a manifest, and whose newest container has ended. */
bool hosts_static_pods_exited(const struct severity_facts *v, char *text, size_t size);
/* A manifest that others have and a node lacks, or that it alone has. */
bool hosts_static_manifests(const struct severity_facts *v, char *text, size_t size);

#endif
