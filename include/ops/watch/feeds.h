/* The open feeds: bounded rings of lines for views that asked. The engine's thread only. */
#ifndef OPS_WATCH_FEEDS_H
#define OPS_WATCH_FEEDS_H

#include "base/pool.h"
#include "cluster/kube_log.h"
#include "cluster/node_shell.h"
#include "model/command.h"
#include "model/feed.h"
#include "model/snapshot.h"

#define FEEDS_MAX 8

struct feeds_slot {
	uint32_t id;          /* 0: free */
	uint64_t number;      /* of this opening: a view may open its id anew */
	struct kube_log *log; /* NULL when it comes over ssh, or has ended */
	enum feed_state state;
	char error[200];
	uint64_t first;
	size_t n, head; /* ring of FEED_KEEP, head is the oldest */
	struct rstr **ring;
	struct feed *page; /* what was published last; NULL when stale */
};

struct feeds {
	struct http *http;
	struct pool *pool;
	struct kube_client *client;
	struct node_shell *shell; /* NULL: no ssh */
	struct mailbox *to;
	struct feeds_slot at[FEEDS_MAX];
};

void feeds_init(struct feeds *f, struct http *http, struct pool *pool, struct kube_client *client,
	struct node_shell *shell, struct mailbox *to);
void feeds_done(struct feeds *f);
/* at: an API server that answers, or NULL when none does: then the log is read from its node's
 * /var/log/pods over ssh (host; nobody's when the node cannot be reached either). False when all
 * places are taken. */
bool feeds_open(struct feeds *f, const struct command *c, const struct kube_endpoint *at,
	const struct shell_host *host);
void feeds_close(struct feeds *f, uint32_t id);
void feeds_publish(struct feeds *f, struct snapshot *s);

#endif
