/* List, then watch, then again, for as long as it lives: one kind of object at one endpoint, as
 * letters to one mailbox. resourceVersion=0 first (served from the watch cache: fast, and answered
 * even with etcd dead), then watch with bookmarks from the list's version; 410 relists; errors back
 * off (0.5 s to a minute, by the server's ration: kube_ration.h) and are said. Lives on the net
 * thread. FACTS 1. */
#ifndef CLUSTER_KUBE_WATCH_H
#define CLUSTER_KUBE_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mailbox.h"
#include "cluster/kube_client.h"
#include "cluster/kube_kinds.h"

enum kube_letter_kind {
	KUBE_LIST_BEGIN, /* a (re)list begins: rows to come until LIST_END are the whole truth */
	KUBE_ROWS,       /* of a list or of a watch */
	KUBE_LIST_END,   /* what was not in the list is gone; the watch begins */
	KUBE_ALIVE,      /* a bookmark, or the watch was (re)opened without news */
	KUBE_TROUBLE     /* err says what; it goes on trying */
};

struct kube_letter {
	/* Kind: enum kube_letter_kind; drop unrefs the rows that remain. */
	struct letter letter;
	const struct kube_kind *of;
	uint64_t watch; /* the number of the watch it comes from */
	struct err err; /* TROUBLE */
	/* Objects of this letter that did not decode; the first is named in err. */
	unsigned undecoded;
	struct instant at;
	uint64_t version;     /* the newest resource version seen by then; 0 unknown */
	struct intern *names; /* ROWS: what their strings live in; the letter holds it */
	size_t n;
	bool *deleted; /* ROWS: per row */
	/* N * of->ops->size. A receiver that moves a row out sets taken[i] */
	unsigned char *rows;
	bool *taken;
};

struct kube_watch;

/* Any thread. The mailbox and the pool of strings must live until http_close, and every watch be
 * stopped before it. When the mailbox is full the watch stops reading, says TROUBLE when there is
 * room again, and relists. */
struct kube_watch *kube_watch_start(struct http *h, struct kube_client *c,
	const struct kube_endpoint *at, const struct kube_kind *kind, struct intern *pool,
	const struct hearer *to);
/* What its letters carry, never another's; any thread, before its stop. */
uint64_t kube_watch_number(const struct kube_watch *w);
/* Any thread; frees it on the net thread. Letters already posted stay. poison: the endpoint is
 * dead, do not reuse its connection. */
void kube_watch_stop(struct kube_watch *w, bool poison);
/* Any thread: names of what comes from now on go there. */
void kube_watch_rename(struct kube_watch *w, struct intern *names);
/* Any thread: list anew, as soon as the ration of its server allows; until then an open watch stays
 * open. */
void kube_watch_relist(struct kube_watch *w);
/* Any thread, when its server seems well again: what rests need not rest to its end; a watch that
 * is open is left alone and says ALIVE. */
void kube_watch_wake(struct kube_watch *w);

#endif
