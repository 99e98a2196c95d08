/* The body of one list or watch request, read as it comes: objects go into a batch, what is left is
 * where to go on. Net thread. */
#ifndef CLUSTER_KUBE_STREAM_H
#define CLUSTER_KUBE_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cluster/kube_batch.h"
#include "io/json_items.h"
#include "io/proto_items.h"

enum kube_stream_kind { KUBE_STREAM_LIST, KUBE_STREAM_PROTO_LIST, KUBE_STREAM_WATCH };

struct kube_stream {
	struct kube_batch *batch; /* borrowed */
	enum kube_stream_kind kind;
	struct json_items *items;        /* NULL: none is open */
	struct proto_items *proto_items; /* of a PROTO_LIST, instead */
	char rv[64];                     /* the newest resource version seen; survives begin */
	char *next;                      /* LIST: the continue token, or NULL */
	/* LIST: the token that this page was asked with, or NULL */
	char *before;
	size_t pages, rows, page_rows; /* LIST: of the whole list so far, and of this page */
	size_t crumbs;                 /* LIST: pages of next to nothing, so far */
	bool bookmark;                 /* WATCH: the last chunk held a bookmark */
	size_t events;                 /* WATCH: rows and bookmarks of this request */
	struct err err; /* why feed or end failed; ERR_NONE when the mailbox is full */
};

void kube_stream_init(struct kube_stream *s, struct kube_batch *batch);
void kube_stream_done(struct kube_stream *s);
/* A list's page when next is set, else a list's first. */
void kube_stream_begin(struct kube_stream *s, enum kube_stream_kind kind);
/* -1: stop reading. err says why: malformed, an ERROR event (ERR_GONE for 410), a resource version
 * that went backwards (ERR_GONE). */
int kube_stream_feed(struct kube_stream *s, const char *bytes, size_t n);
int kube_stream_end(struct kube_stream *s); /* the body is over: -1 when it is only half of one */
void kube_stream_close(struct kube_stream *s);

#endif
