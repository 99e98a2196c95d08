/* Every control-plane node looked at through its own shell, one ssh round after the other, and
 * haproxy's own view beside them. The engine's thread only; the rounds run on workers and come back
 * as letters. */
#ifndef OPS_WATCH_NODE_WATCH_H
#define OPS_WATCH_NODE_WATCH_H

#include "base/mailbox.h"
#include "base/pool.h"
#include "cluster/cluster_key.h"
#include "cluster/haproxy.h"
#include "cluster/node_shell.h"
#include "model/host.h"
#include "model/names.h"
#include "model/snapshot.h"
#include "ops/watch/change_log.h"
#include "ops/watch/question.h"

/* What may be done with a node that only an earlier run knows, and that may by now be anybody's. */
enum remembered {
	REMEMBERED_WAIT, /* nothing yet, nor is it judged: a server may still say whose it is */
	/* None does: looked at, and left at once unless our authority is its own. */
	REMEMBERED_PROVE,
	REMEMBERED_BAR /* nothing: no authority is known that could prove it */
};

/* Borrowed for the call. */
struct balancer_options {
	const char *address;              /* host:port; "": the kubeconfig's server */
	const char *const *haproxy_nodes; /* NULL-terminated, or NULL */
	const char *haproxy_socket;
};

struct node_watch_node {
	struct host node;
	bool proven;    /* remembered, and under our authority */
	bool foreign;   /* remembered, and under another one */
	char left[160]; /* remembered, and left without a look: why; "" otherwise */
	struct question round;
	bool ever; /* ssh worked once, in this run or an earlier one */
	struct instant slow_asked, logs_counted; /* unset: never */
	struct host_report *report;              /* the last that came; NULL before */
};

struct node_watch_balancer {
	struct shell_host host; /* the config's */
	struct question stat;
	bool ever;
	struct haproxy_report report;
};

struct node_watch {
	struct pool *pool;
	struct node_shell *shell; /* NULL: no ssh; then nothing is ever asked */
	struct mailbox *to;
	const struct cluster_key *key; /* what a remembered node must prove; outlives the pool */
	enum remembered remembered;
	struct change_log *changes; /* where changed files are noted; NULL: nowhere */
	char vip[64];               /* the load balancer's address, "" for none */
	bool vip_held;              /* a node was seen to hold it */
	char socket[128];
	size_t n, n_balancers;
	struct node_watch_node at[LAYER_MAX_NODES];
	struct node_watch_balancer balancers[4];
};

void node_watch_init(struct node_watch *w, struct pool *pool, struct node_shell *shell,
	struct mailbox *to, const struct balancer_options *o);
void node_watch_done(struct node_watch *w);
/* One the config names stays as it says. Otherwise a known name or address is brought up to date;
 * at another address or under another name it is another machine, of which nothing is known yet. */
void node_watch_learn(struct node_watch *w, const struct host *node);
/* Answers of its that come yet are dropped. */
void node_watch_forget(struct node_watch *w, size_t i);
void node_watch_forget_all(struct node_watch *w); /* but what the config names */
void node_watch_confirm(struct node_watch *w);    /* what is remembered is this cluster's */
/* Where to log in to the node: nobody's when it must not be; then node_watch_barred says why. */
struct shell_host node_watch_host(const struct node_watch_node *n);
/* It may be forgotten the next moment: nothing is to be made of what it shows. */
bool node_watch_awaits_word(const struct node_watch *w, const struct node_watch_node *n);
const char *node_watch_barred(const struct node_watch *w, const struct node_watch_node *n);
void node_watch_vip(struct node_watch *w, const char *address);

void node_watch_tick(struct node_watch *w, struct instant now);
void node_watch_ask_all(struct node_watch *w);
/* This console itself stood still for so long, until now. */
void node_watch_woke(struct node_watch *w, int64_t ms, struct instant now);
/* Something else on that machine answers again since then: a round that was in vain is tried
 * now. */
void node_watch_stir(struct node_watch *w, const char *address, struct instant back);
/* Notes in fresh what only two rounds together, or the kubeconfig's authorities, can tell: since
 * when it holds the address, or not, and whether it lives under another authority. old and key may
 * be NULL. */
void node_watch_compare(
	struct host_report *fresh, const struct host_report *old, const struct cluster_key *key);
/* What each node told last, for as long as it is not barred. */
void node_watch_fill(const struct node_watch *w, struct snapshot *s);
/* Adds "m2 kubelet 40/min" for each log that suddenly holds many errors, as last counted; a count
 * that has grown old is left out. */
void node_watch_bursts(const struct node_watch *w, struct names *to, struct instant now);

#endif
