/* Every etcd member asked by itself. The engine's thread only; answers come as letters. */
#ifndef OPS_WATCH_ETCD_WATCH_H
#define OPS_WATCH_ETCD_WATCH_H

#include "cluster/etcd.h"
#include "ops/watch/etcd_credentials.h"
#include "ops/watch/etcd_hash.h"

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

struct etcd_watch {
	struct http *http;
	struct mailbox *to;
	struct etcd_credentials credentials;
	struct question members, alarms, read;
	struct etcd_hash hash;
	int64_t slow_fsync_us; /* of a disk that is unwell */
	struct source source;  /* as an earlier run left it, until a member answers */
	struct etcd_state state;
	struct etcd_watch_member at[ETCD_MAX_MEMBERS]; /* beside state.members */
};

void etcd_watch_init(struct etcd_watch *w, struct http *http, struct pool *pool,
	struct node_shell *shell, struct mailbox *to, const struct etcd_watch_options *o);
void etcd_watch_done(struct etcd_watch *w);

/* nodes: whom to ask for credentials over ssh, and what may be done with what is remembered. */
void etcd_watch_tick(struct etcd_watch *w, struct instant now, const struct node_watch *nodes);
void etcd_watch_ask_all(struct etcd_watch *w);
/* This console itself stood still for so long, until now. */
void etcd_watch_woke(struct etcd_watch *w, int64_t ms, struct instant now);
void etcd_watch_fill(const struct etcd_watch *w, struct snapshot *s);

/* All but what the config names, and the credentials that were found elsewhere. */
void etcd_watch_forget_all(struct etcd_watch *w);

#endif
