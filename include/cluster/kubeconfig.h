/* kubeconfig as kubectl reads it (FACTS 2; k8s.io/client-go/tools/clientcmd): KUBECONFIG lists,
 * first file wins by whole entry, *-data before files, relative paths against their own file,
 * in-cluster when there is none. Blocking (files). */
#ifndef CLUSTER_KUBECONFIG_H
#define CLUSTER_KUBECONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct kube_exec {
	char *command; /* resolved against its kubeconfig when it holds a slash */
	char **args;   /* NULL-terminated */
	char **env;    /* "K=V", NULL-terminated */
	char *api_version;
	char *install_hint;
	/* interactiveMode Always: refused, since a prompt would fight the screen */
	bool interactive_always;
	bool provide_cluster_info;
	char *cluster_config; /* the cluster's extension for exec plugins, as JSON */
};

/* One cluster as one user. Strings are NULL when not set. */
struct kube_access {
	char *file; /* where the context was found: for messages */
	char *context, *cluster, *user, *namespace_;
	char *server; /* https://host:port[/prefix], without a trailing slash */
	char *tls_server_name;
	char *proxy_url;
	bool insecure;
	char *ca_pem, *cert_pem, *key_pem; /* contents */
	char *cert_file, *key_file;        /* to read again when they rotate; NULL for *-data */
	char *token, *token_file, *basic;
	char **impersonate; /* headers "Impersonate-User: x" ..., NULL-terminated */
	bool no_gzip;       /* disable-compression */
	struct kube_exec *exec;
	bool withheld; /* it held credentials, which are not sent without TLS */
};

/* Fields that are read from files keep the file's name too, so that kube_auth can read them again.
 * path: --kubeconfig or NULL (KUBECONFIG, then ~/.kube/config, then in-cluster). context: --context
 * or NULL. ERR_MISSING with no kubeconfig anywhere (offer the drill); ERR_INPUT names
 * file:line:column and what to do. */
int kubeconfig_load(const char *path, const char *context, struct kube_access **out, struct err *e);
/* Wipes whatever would prove who we are, and no plugin will run. */
void kube_access_withhold(struct kube_access *a);
void kube_access_free(struct kube_access *a); /* wipes secrets */

#endif
