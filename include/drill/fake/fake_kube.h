/* The fake API server: one handler per master, all on the shared store. Server's thread. */
#ifndef DRILL_FAKE_FAKE_KUBE_H
#define DRILL_FAKE_FAKE_KUBE_H

#include "drill/server/exchange.h"
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

/* Whether selectors pick an object, as a list and a watch ask. */
bool kube_matches(struct json_span object, const char *labels, const char *fields);

#endif
