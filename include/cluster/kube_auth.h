/* Credentials: what an access gives after its files are read and its exec plugin has run. Immutable
 * once made, shared by count. */
#ifndef CLUSTER_KUBE_AUTH_H
#define CLUSTER_KUBE_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "cluster/kubeconfig.h"
#include "io/http.h"

struct kube_cred {
	int refs; /* atomic; kube_cred_ref and _unref */
	struct http_tls *tls;
	char *bearer, *basic; /* or NULL */
	int64_t expires_ms;   /* Unix ms; INT64_MAX when it does not say */
	char what[160];       /* "client certificate kubernetes-admin" */
};

struct kube_cred *kube_cred_ref(struct kube_cred *c);
void kube_cred_unref(struct kube_cred *c); /* wipes secrets with the last one; NULL is fine */

/* Can it change: a plugin, or files that are rotated? */
bool kube_auth_changes(const struct kube_access *a);
/* Reads the files again, runs the plugin (up to a minute; cancel_fd readable ends it, -1: never).
 * Blocking when kube_auth_changes. now_ms: the wall clock, to refuse what is expired already. */
int kube_auth_fetch(const struct kube_access *a, int cancel_fd, int64_t now_ms,
	struct kube_cred **out, struct err *e);

#endif
