/* Who belongs to etcd, and where each is asked. The engine's thread only. */
#ifndef OPS_WATCH_ETCD_MEMBERS_H
#define OPS_WATCH_ETCD_MEMBERS_H

#include "cluster/etcd.h"
#include "model/host.h"

struct etcd_watch;

void etcd_members_configure(struct etcd_watch *w, const char *url);
/* A stacked member may live on this control-plane node: asked at https://ADDRESS:2379 until a
 * member list says otherwise. Not where the config names the node, and members too. */
void etcd_members_learn(struct etcd_watch *w, const struct host *node);
/* Members known from an earlier run: shown as unknown, with what they said by then. Before anything
 * is learned. */
void etcd_members_recall(struct etcd_watch *w, const struct etcd_state *saved, struct instant then);
void etcd_members_confirm(struct etcd_watch *w); /* what is remembered is this cluster's */
/* A member list came, from a member of the majority's cluster. While there is quorum it is the
 * whole truth: what it lacks is forgotten, unless it is configured or still answers. */
void etcd_members_listed(struct etcd_watch *w, const struct etcd_members_answer *a);
/* The control-plane node that was there is gone; a member that a list of this run holds stays. */
void etcd_members_forget(struct etcd_watch *w, const char *address);
void etcd_members_forget_all(struct etcd_watch *w); /* all but what the config names */

#endif
