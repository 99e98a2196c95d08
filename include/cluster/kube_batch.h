/* Rows on their way into letters: objects are decoded as they come and posted together. Net thread.
 */
#ifndef CLUSTER_KUBE_BATCH_H
#define CLUSTER_KUBE_BATCH_H

#include "cluster/kube_watch.h"

struct kube_batch {
	const struct kube_kind *of;
	uint64_t watch; /* its number, for the letters */
	struct intern *names;
	uint64_t version; /* for the letters */
	struct hearer to;
	struct kube_letter *rows; /* being filled, or NULL */
	size_t cap;
	/* The mailbox refused a letter: nothing more is taken until kube_batch_say succeeds. */
	bool full;
};

void kube_batch_init(struct kube_batch *b, const struct kube_kind *of, uint64_t watch,
	struct intern *names, const struct hearer *to);
void kube_batch_rename(struct kube_batch *b, struct intern *names); /* for what is decoded next */
void kube_batch_done(struct kube_batch *b);
/* One object. An undecodable one is counted. -1: the mailbox is full. */
int kube_batch_add(struct kube_batch *b, struct json_span object, bool deleted);
int kube_batch_flush(struct kube_batch *b);     /* posts what there is */
int kube_batch_flush_old(struct kube_batch *b); /* posts it when it has waited long enough */
/* A letter without rows, after the rows before it. err: TROUBLE's, or NULL. */
int kube_batch_say(struct kube_batch *b, enum kube_letter_kind kind, const struct err *err);
void kube_batch_forget(struct kube_batch *b); /* drops what was not posted */

#endif
