/* Webhooks that an API server asks before it writes. One that fails closed and whose Service has no
 * endpoints lets nothing through, not even what would bring it back. */
#ifndef CLUSTER_KUBE_WEBHOOK_H
#define CLUSTER_KUBE_WEBHOOK_H

#include "cluster/kube_deed.h"

enum kube_webhook_kind { KUBE_VALIDATING, KUBE_MUTATING };

/* Texts are its own, bounded, and as the server said them: make them safe to show them. */
struct kube_webhook {
	enum kube_webhook_kind kind;
	char *config, *name; /* of its configuration; its own */
	char *ns, *service;  /* "": it is asked at url */
	char *url;
	bool fail_closed;
	int64_t timeout_s;
	int ready; /* endpoints of its Service; -1: it has none to look at */
};
struct kube_webhooks {
	VEC(struct kube_webhook) rows;
};
/* Both kinds, each with what stands behind its Service now. -1 leaves *out empty. */
int kube_webhooks_read(const struct kube_deed *d, struct kube_webhooks *out, struct err *e);
void kube_webhooks_done(struct kube_webhooks *w);
/* It refuses whatever its rules match: closed, and nobody behind it. */
bool kube_webhook_blocks(const struct kube_webhook *w);

/* Ready endpoints of a Service, by its EndpointSlices. */
int kube_endpoints_ready(
	const struct kube_deed *d, const char *ns, const char *service, int *ready, struct err *e);

/* The configuration as one JSON object {kind, name, uid, policies, object}: journal it, then
 * suspend. */
int kube_webhook_save(const struct kube_deed *d, enum kube_webhook_kind kind, const char *config,
	struct buf *out, struct err *e);
/* failurePolicy Ignore for one webhook of the configuration; NULL: for all. KUBE_ALREADY: it was. */
enum kube_outcome kube_webhook_suspend(const struct kube_deed *d, enum kube_webhook_kind kind,
	const char *config, const char *webhook, struct err *e);
/* Each webhook that is still there gets its saved failurePolicy back; what else was changed since
 * stays. ERR_MISSING: the configuration is gone, so nothing is owed. */
enum kube_outcome kube_webhook_restore(const struct kube_deed *d, const char *saved, struct err *e);

#endif
