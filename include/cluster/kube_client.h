/* What a request to any API server of this cluster needs: credentials, kept fresh (exec plugins run
 * on the pool, token files reread each minute), and the endpoint it goes to. Thread-safe. */
#ifndef CLUSTER_KUBE_CLIENT_H
#define CLUSTER_KUBE_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/pool.h"
#include "cluster/kube_ration.h"
#include "cluster/kubeconfig.h"
#include "io/http.h"

struct kube_client;

/* One way to an API server: the kubeconfig's URL (the VIP), or one control-plane node by itself. */
struct kube_endpoint {
	char label[80]; /* "10.0.1.10:6443": what people see */
	/* "" for the URL's own address; else host:port to really connect to. TLS keeps verifying
	 * the kubeconfig's name, which kubeadm puts into every API server's certificate; for an
	 * address that is in no certificate, tls-server-name applies as for the VIP */
	char connect_to[80];
};

/* Takes access; begins an exec plugin at once. Where the server is http:// no credential is read or
 * sent, as kubectl does. pool may be NULL when there is none and no file is to be read again; it
 * must be stopped before the last reference goes, and outlive every fill. */
struct kube_client *kube_client_new(struct kube_access *access, struct pool *pool);
struct kube_client *kube_client_ref(struct kube_client *c);
void kube_client_unref(struct kube_client *c);
const struct kube_access *kube_client_access(const struct kube_client *c);
/* What its servers were asked for; lives as long as it does. */
struct kube_rations *kube_client_rations(struct kube_client *c);
/* The host:port of the kubeconfig's server URL. */
void kube_client_server(const struct kube_client *c, struct kube_endpoint *out);

/* Fills tls, bearer, basic, proxy, url (path appended) and connect_to of a request, and adds to its
 * headers what the kubeconfig says to impersonate: set r->headers and r->gzip before. ERR_BUSY
 * while a credential is being fetched or the server wants to be left alone (ask again in 200 ms),
 * ERR_AUTH when none can be had. The request borrows from the hold, which must be released after
 * http_start or http_perform. */
struct kube_hold;
int kube_client_fill(struct kube_client *c, const struct kube_endpoint *to, const char *path,
	struct http_request *r, struct kube_hold **hold, struct err *e);
void kube_hold_release(struct kube_hold *h);
/* The URL of a path at an endpoint, and what to really connect to ("" for the URL's own host): for
 * requests that need no credential. */
void kube_client_url(const struct kube_client *c, const struct kube_endpoint *to, const char *path,
	char *url, size_t size, char connect_to[80]);
/* What an answer means for the next request to that server, whoever makes it: Retry-After is obeyed
 * by all of them, after a 401 the credential is fetched anew. */
void kube_client_learn(
	struct kube_client *c, const struct kube_endpoint *from, const struct http_result *result);
/* The server said 401: fetch anew (at most every 10 s). */
void kube_client_rejected(struct kube_client *c);
/* When the own credential expires, Unix ms; INT64_MAX when it does not say. And in words what it is
 * ("client certificate kubernetes-admin"). */
int64_t kube_client_expiry(struct kube_client *c, char *what, size_t size);

#endif
