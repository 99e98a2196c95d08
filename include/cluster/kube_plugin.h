/* The credential plugin of a kubeconfig's user. */
#ifndef CLUSTER_KUBE_PLUGIN_H
#define CLUSTER_KUBE_PLUGIN_H

#include <stdint.h>

#include "cluster/kubeconfig.h"

/* What its ExecCredential holds. */
struct kube_plugin_credential {
	char *token, *cert_pem, *key_pem; /* each may be NULL */
	int64_t expires_ms;
};
/* Blocking, up to a minute; cancel_fd readable ends it, -1: never. */
int kube_plugin_run(const struct kube_access *a, int cancel_fd, struct kube_plugin_credential *out,
	struct err *e);
void kube_plugin_credential_done(struct kube_plugin_credential *c);

#endif
