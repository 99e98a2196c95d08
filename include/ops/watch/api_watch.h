/* Every API server asked by itself, and the kubeconfig's server (the VIP) beside them: is it alive,
 * is it ready, what certificate does it show, what time does it say. The engine's thread only;
 * answers come as letters. */
#ifndef OPS_WATCH_API_WATCH_H
#define OPS_WATCH_API_WATCH_H

#include "base/mailbox.h"
#include "base/pool.h"
#include "cluster/kube_client.h"
#include "io/tls.h"
#include "model/host.h"
#include "ops/watch/question.h"

#define API_MAX (LAYER_MAX_NODES + 1)

struct api_endpoint {
	struct kube_endpoint at;
	char node[64]; /* whose; "" for the VIP */
	char address[64];
	bool configured; /* by a node of the config's: stays whatever the node list says */
	struct question live, ready, certificate;
	struct instant back;  /* it is well since, after it was not */
	bool ever;            /* it answered once, in this run or an earlier one */
	bool taken;           /* the last asking was taken as a connection, and not answered */
	int64_t skew_ms;      /* its Date header minus our clock; INT64_MIN unknown */
	struct tls_peer peer; /* the last handshake; cert.not_after_ms 0: none yet */
};

struct api_watch {
	struct http *http;
	struct pool *pool;
	struct kube_client *client;
	struct mailbox *to;
	struct http_tls *tls; /* the CA alone: a probe needs no credential */
	bool proxied;         /* who takes a connection is the proxy, not the server */
	size_t n;
	size_t own; /* the first so many are the kubeconfig's and the balancer's */
	int vip;    /* which of them is the load balancer; -1: there is none */
	struct api_endpoint at[API_MAX]; /* the kubeconfig's own server is the first */
};

/* Host:port, or "": the kubeconfig's server. */
void api_watch_init(struct api_watch *w, struct http *http, struct pool *pool,
	struct kube_client *client, struct mailbox *to, const char *load_balancer);
void api_watch_done(struct api_watch *w);
/* A control-plane node's API server was learned. The kubeconfig's own server is recognised and gets
 * the node's name; one whose port changed is asked there. A node without an address has none. */
void api_watch_learn(struct api_watch *w, const struct host *node);
/* Is it the kubeconfig's, the balancer's, the config's, or one of these nodes'? */
bool api_watch_is_of(const struct api_watch *w, size_t i, const struct host *nodes, size_t n);
/* Forgets what is none of these nodes'; n 0: what none of the config's. `active` is where it was
 * after that; one that is forgotten itself becomes the first. */
void api_watch_keep(struct api_watch *w, const struct host *nodes, size_t n, int *active);
int api_watch_port(const struct api_watch *w, const char *address); /* 0: none is known there */

/* Asks what is due, lets silence grow. */
void api_watch_tick(struct api_watch *w, struct instant now);
void api_watch_ask_all(struct api_watch *w); /* everything is due now */
/* This console itself stood still for so long, until now. */
void api_watch_woke(struct api_watch *w, int64_t ms, struct instant now);
/* Does some server take connections, though it answers on none of them? Then it hangs, and the way
 * to it is fine. */
bool api_watch_link_works(const struct api_watch *w);

/* The API server there answered once. */
bool api_watch_seen(const struct api_watch *w, const char *address);

/* NULL when the kubeconfig names a node itself */
const struct api_endpoint *api_watch_vip(const struct api_watch *w);

#endif
