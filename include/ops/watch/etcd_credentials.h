/* Credentials for etcd, as DESIGN's `auto`: the configured files, else the strategy's paths on this
 * host, else read over ssh into memory. The engine's thread only; a worker looks for them. */
#ifndef OPS_WATCH_ETCD_CREDENTIALS_H
#define OPS_WATCH_ETCD_CREDENTIALS_H

#include "io/http.h"
#include "ops/watch/node_watch.h"
#include "ops/watch/question.h"

enum etcd_credentials_state {
	ETCD_CREDENTIALS_NONE,
	ETCD_CREDENTIALS_SOUGHT,
	ETCD_CREDENTIALS_FOUND
};

struct etcd_credentials {
	struct pool *pool;
	struct node_shell *shell; /* NULL: no ssh */
	struct mailbox *to;
	char *files[3]; /* configured ca, cert, key; or NULLs */
	char *pki_dir;
	enum etcd_credentials_state state;
	struct question search;
	size_t hosts;         /* nodes there were to ask in the last search */
	unsigned vain;        /* searches of nodes that found nothing, since the last `R` */
	char from[200];       /* where they were found, or why not */
	struct http_tls *tls; /* NULL: not found */
};

/* c: zeroed but for pool, shell, to. files: ca, cert, key, or ""; pki_dir: looked into on this host,
 * then over ssh, or "". */
void etcd_credentials_init(
	struct etcd_credentials *c, const char *const files[3], const char *pki_dir);
void etcd_credentials_done(struct etcd_credentials *c);

/* To be called often until they are found. nodes: whom to ask over ssh; named: the hosts of an
 * external etcd, when it is the operator who named them. */
void etcd_credentials_seek(struct etcd_credentials *c, struct instant now,
	const struct node_watch *nodes, const char *const *named, size_t n_named);
void etcd_credentials_forget(struct etcd_credentials *c); /* another cluster's: sought anew */

#endif
