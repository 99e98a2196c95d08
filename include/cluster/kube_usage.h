/* What nodes use, as metrics.k8s.io says. */
#ifndef CLUSTER_KUBE_USAGE_H
#define CLUSTER_KUBE_USAGE_H

#include <stddef.h>

#include "base/err.h"
#include "base/instant.h"
#include "base/intern.h"
#include "model/table.h"

/* metrics.k8s.io's node list, for polling with kube_get: adds to a letter of its own. */
int kube_usage_decode(const char *body, size_t n, struct intern *pool, struct table *into,
	struct instant now, struct err *e);

#endif
