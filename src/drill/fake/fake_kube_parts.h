/* What the files of the fake API server share. Server's thread. */
#ifndef DRILL_FAKE_FAKE_KUBE_PARTS_H
#define DRILL_FAKE_FAKE_KUBE_PARTS_H

#include "drill/fake/fake_kube.h"

struct route {
	enum kind_id kind;
	char ns[64], name[260], sub[32];
};

/* A metav1.Status; details is raw JSON or NULL. */
__attribute__((format(printf, 5, 6))) void kube_status(struct exchange *x, int code,
	const char *reason, const char *details, const char *fmt, ...);
/* The same about one object; causes: a raw list, or NULL. */
struct about {
	enum kind_id kind;
	const char *name, *causes;
};
__attribute__((format(printf, 5, 6))) void kube_refuse(struct exchange *x, int code,
	const char *reason, const struct about *about, const char *fmt, ...);
/* "pods", "deployments.apps": what refusals call a kind. */
const char *kube_qualified(enum kind_id k, char dst[120]);
void kube_not_found(struct exchange *x, const struct route *r);
void kube_json(struct exchange *x, int code, const struct buf *body);
/* No etcd: an ordinary read hangs until the request's deadline, a write until etcd's. */
void kube_read_hangs(struct fake_kube *k, struct exchange *x);
void kube_write_hangs(struct fake_kube *k, struct exchange *x);

void kube_list(struct fake_kube *k, int master, struct exchange *x, const struct route *r);
void kube_get_one(struct fake_kube *k, int master, struct exchange *x, const struct route *r);
void kube_metrics(struct fake_kube *k, struct exchange *x);
void kube_watch(struct fake_kube *k, int master, struct exchange *x, const struct route *r);
void kube_watch_tick(struct fake_kube *k);
void kube_log(struct fake_kube *k, struct exchange *x, const struct route *r);
void kube_log_tick(struct fake_kube *k);
void kube_write(struct fake_kube *k, int master, struct exchange *x, const struct route *r);
/* A body without the blanks between its tokens, checked to be an object; NULL when answered. */
char *kube_body(struct exchange *x);
bool kube_dry_run(const struct exchange *x);
/* Each true when it answered in the request's place. */
bool kube_ends_here(
	const struct world *w, struct exchange *x, const struct route *r, const char *name);
bool kube_not_admitted(const struct world *w, struct exchange *x, const struct route *r,
	const char *operation, struct json_span object);
bool kube_patch_conflicts(struct exchange *x, const struct object *o, struct json_span body);
bool kube_precondition_fails(struct exchange *x, const struct object *o, struct json_span options);
void kube_write_eviction(struct fake_kube *k, struct exchange *x, const struct route *r);
/* Selfsubjectaccessreviews and selfsubjectreviews */
void kube_review(const struct world *w, struct exchange *x);
/* Is it one of the rights that a test took from everybody? */
bool kube_denied(const struct world *w, const char *verb, const char *plural, const char *sub);

#endif
