/* The entries of a kubeconfig once they are found: a cluster's and a user's map become fields of
 * the access. Blocking (files). */
#ifndef CLUSTER_KUBECONFIG_ENTRY_H
#define CLUSTER_KUBECONFIG_ENTRY_H

#include "cluster/kubeconfig.h"
#include "io/yaml.h"

struct kubeconfig_entry {
	const struct yml_doc *doc;
	const struct yml *at; /* a map */
};

/* A string member, new; NULL when absent or empty. -1: it is no string. */
int kubeconfig_text(const struct kubeconfig_entry *in, const char *key, char **out, struct err *e);
int kubeconfig_cluster(const struct kubeconfig_entry *in, struct kube_access *a, struct err *e);
int kubeconfig_user(const struct kubeconfig_entry *in, struct kube_access *a, struct err *e);
/* The exec plugin of a user, given the cluster it is for. */
int kubeconfig_exec(const struct kubeconfig_entry *user, const struct kubeconfig_entry *cluster,
	struct kube_access *a, struct err *e);
/* As a pod: dir holds token, ca.crt and namespace. ERR_MISSING when this is no pod. */
int kubeconfig_in_cluster(const char *dir, struct kube_access *a, struct err *e);

#endif
