/* The fake API server: one handler per master, all on the shared store. Server's thread. */
#ifndef DRILL_FAKE_FAKE_KUBE_H
#define DRILL_FAKE_FAKE_KUBE_H

#include "drill/world/world.h"

struct fake_kube;

struct fake_kube *kube_new(struct world *w);
void kube_free(struct fake_kube *k);
/* Bookmarks, deadlines, followed logs, watches that catch up. */
void kube_tick(struct fake_kube *k);

/* The handler of one master's API server: arg is a struct api_port. */
struct api_port {
	struct fake_kube *kube;
	int master;
};
void kube_handle(void *api_port, struct exchange *x);

/* ---- inside: shared by the fake_kube_*.c ---- */

struct route {
	enum kind_id kind;
	char ns[64], name[260], sub[32];
};

struct watcher;
struct follower;
/* The last list of one path by one API server, and the shortest time from one to the next. */
struct list_count {
	int master;
	char path[120];
	int64_t at_ms, gap_ms; /* boot; INT64_MAX: there was one only */
};

struct fake_kube {
	struct world *world;
	VEC(struct list_count) lists;
	struct watcher *watchers;
	struct follower *followers;
};

/* A metav1.Status; details is raw JSON or NULL. */
__attribute__((format(printf, 5, 6))) void kube_status(struct exchange *x, int code,
	const char *reason, const char *details, const char *fmt, ...);
void kube_not_found(struct exchange *x, const struct route *r);
void kube_json(struct exchange *x, int code, const struct buf *body);
/* No etcd: an ordinary read hangs until the request's deadline, a write until etcd's. */
void kube_read_hangs(struct fake_kube *k, struct exchange *x);
void kube_write_hangs(struct fake_kube *k, struct exchange *x);

bool kube_matches(struct jspan object, const char *labels, const char *fields);
/* Counts gaps from here on. */
void kube_lists_forget(struct fake_kube *k);
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
