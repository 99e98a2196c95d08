/* Every etcd member asked by itself, with credentials found as DESIGN's `auto`: the configured
 * files, else the strategy's paths on this host, else read over ssh into memory. The engine's
 * thread only; answers come as letters. */
#ifndef OPS_WATCH_ETCD_WATCH_H
#define OPS_WATCH_ETCD_WATCH_H

#include "base/mailbox.h"
#include "base/pool.h"
#include "cluster/etcd.h"
#include "cluster/node_shell.h"
#include "model/host.h"
#include "ops/watch/etcd_hash.h"
#include "ops/watch/node_watch.h"
#include "ops/watch/question.h"

/* Borrowed for the call. */
struct etcd_watch_options {
	const char *const *endpoints;    /* NULL-terminated URLs, or NULL: learned */
	const char *cacert, *cert, *key; /* files, or "" */
	const char *pki_dir;   /* looked into on this host, then over ssh; "" for neither */
	int64_t slow_fsync_us; /* a disk slower than this is unwell */
};

struct etcd_watch_member {
	struct question status, metrics, peer;
	struct etcd_histogram fsync; /* at the last reading: what is shown is the time since */
	bool fresh;                  /* the last asking failed: ask over a new connection */
	bool configured;             /* named in the config: stays whatever the member list says */
	bool remembered;             /* only an earlier run knows it */
};

enum etcd_credentials { ETCD_CREDENTIALS_NONE, ETCD_CREDENTIALS_SOUGHT, ETCD_CREDENTIALS_FOUND };

struct etcd_watch {
	struct http *http;
	struct pool *pool;
	struct node_shell *shell; /* NULL: no ssh */
	struct mailbox *to;
	char *files[3]; /* configured ca, cert, key; or NULLs */
	char *pki_dir;
	enum etcd_credentials credentials;
	struct question search;     /* for them */
	size_t sought_hosts;        /* nodes there were to ask then */
	unsigned sought_vain;       /* searches of nodes that found nothing, since the last `R` */
	char credentials_from[200]; /* where they were found, or why not */
	struct http_tls *tls;
	struct question members, alarms, read;
	struct etcd_hash hash;
	int64_t slow_fsync_us; /* of a disk that is unwell */
	struct etcd_state state;
	struct etcd_watch_member at[ETCD_MAX_MEMBERS]; /* beside state.members */
};

void etcd_watch_init(struct etcd_watch *w, struct http *http, struct pool *pool,
	struct node_shell *shell, struct mailbox *to, const struct etcd_watch_options *o);
void etcd_watch_done(struct etcd_watch *w);
void etcd_watch_begin(struct etcd_watch *w); /* what is asked of the cluster as a whole, anew */

/* nodes: whom to ask for credentials over ssh, and what may be done with what is remembered. */
void etcd_watch_tick(struct etcd_watch *w, struct instant now, const struct node_watch *nodes);
void etcd_watch_ask_all(struct etcd_watch *w);
/* This console itself stood still for so long, until now. */
void etcd_watch_woke(struct etcd_watch *w, int64_t ms, struct instant now);

/* etcd_members.c: who belongs to it. */
void etcd_members_configure(struct etcd_watch *w, const char *url);
/* A stacked member may live on this control-plane node: asked at https://ADDRESS:2379 until a
 * member list says otherwise. */
void etcd_watch_learn(struct etcd_watch *w, const struct host *node);
/* Members known from an earlier run: shown as unknown, with what they last said. Before anything is
 * learned. */
void etcd_watch_recall(struct etcd_watch *w, const struct etcd_state *saved);
void etcd_watch_confirm(struct etcd_watch *w); /* what is remembered is this cluster's */
/* A member list came, from a member of the majority's cluster. While there is quorum it is the
 * whole truth: what it lacks is forgotten, unless it is configured or still answers. */
void etcd_members_listed(struct etcd_watch *w, const struct etcd_members_answer *a);
/* The control-plane node that was there is gone; a member that a list of this run holds stays. */
void etcd_watch_forget(struct etcd_watch *w, const char *address);
/* All but what the config names, and the credentials that were found elsewhere. */
void etcd_watch_forget_all(struct etcd_watch *w);

/* etcd_credentials.c */
void etcd_credentials_seek(
	struct etcd_watch *w, struct instant now, const struct node_watch *nodes);
void etcd_credentials_forget(struct etcd_watch *w); /* they were another cluster's: sought anew */

#endif
