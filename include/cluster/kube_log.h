/* One container's log, followed, as letters of lines. Lives on the net thread; GET /pods/P/log. */
#ifndef CLUSTER_KUBE_LOG_H
#define CLUSTER_KUBE_LOG_H

#include <stdbool.h>

#include "base/mailbox.h"
#include "base/str.h"
#include "cluster/kube_client.h"

enum { KUBE_LOG_LINES, KUBE_LOG_END };

struct kube_log_letter {
	struct letter letter;
	uint64_t number; /* the options': who asked */
	struct err err;  /* END: ERR_NONE when the stream ended by itself */
	size_t n;
	struct rstr **lines; /* LINES: without newline, each at most 16 KiB */
};

struct kube_log_options {
	/* container "" for the only one; several without a choice: the server's error is passed
	 * on */
	const char *ns, *pod, *container;
	bool previous, follow;
	int tail;
	uint64_t number; /* a serial: what its letters carry */
};

struct kube_log;
struct kube_log *kube_log_start(struct http *h, struct kube_client *c,
	const struct kube_endpoint *at, const struct kube_log_options *o, const struct hearer *to);
void kube_log_stop(struct kube_log *l); /* any thread */

#endif
