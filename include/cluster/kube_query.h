/* Paths with queries: "?a=b&c=d", values percent-encoded. */
#ifndef CLUSTER_KUBE_QUERY_H
#define CLUSTER_KUBE_QUERY_H

#include "base/buf.h"

/* Adds text, percent-encoded: a value, or one segment of a path. */
void kube_query_escape(struct buf *path, const char *text);
/* Adds KEY=VALUE to a path that may have a query already. */
void kube_query_add(struct buf *path, const char *key, const char *value);
void kube_query_int(struct buf *path, const char *key, long long value);

#endif
