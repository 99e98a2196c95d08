/* One GET to an API server, and its whole answer. */
#ifndef CLUSTER_KUBE_GET_H
#define CLUSTER_KUBE_GET_H

#include <stddef.h>
#include <stdint.h>

#include "cluster/kube_client.h"

/* One GET on the net thread; the body up to KUBE_GET_MAX bytes. done once, there: err ERR_NONE only
 * for 2xx, its text a sentence. While a credential is being fetched it waits, within total_ms (0:
 * 10 s). Any thread. The id is for http_cancel; 0 while it waits, and then http_close alone ends it
 * early. */
#define KUBE_GET_MAX (16u << 20)
typedef void (*kube_got)(void *arg, const struct err *err, const struct http_result *result,
	const char *body, size_t n);
uint64_t kube_get(struct http *h, struct kube_client *c, const struct kube_endpoint *to,
	const char *path, int64_t total_ms, kube_got done, void *arg);

#endif
