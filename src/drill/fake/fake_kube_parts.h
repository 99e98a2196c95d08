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
void kube_review(struct exchange *x); /* selfsubjectaccessreviews and selfsubjectreviews */

#endif
