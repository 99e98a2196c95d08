/* Watches: each keeps the version it has told of and reads on from there in the
 * store's changes. While its API server has no etcd its watch cache stands still, as
 * a real one's: the watch stays open and silent, and catches up later. */
#include "fake_kube_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { BOOKMARK_MS = 60000, WATCH_MS = 1800000, LINE_MAX_BYTES = 2 << 20 };

struct watcher {
	struct fake_kube *kube;
	int master;
	struct exchange *x;
	struct route at;
	char labels[300], fields[300];
	uint64_t rv;
	bool bookmarks;
	int64_t bookmark_ms, end_ms; /* boot */
	struct watcher *next;
};

static void watcher_drop(struct watcher *w)
{
	for (struct watcher **at = &w->kube->watchers; *at != NULL; at = &(*at)->next)
		if (*at == w) {
			*at = w->next;
			break;
		}
	free(w);
}

static void watcher_gone(void *arg)
{
	watcher_drop(arg);
}

static void watcher_end(struct watcher *w, bool reset)
{
	struct exchange *x = w->x;

	exchange_on_gone(x, NULL, NULL);
	watcher_drop(w);
	if (reset)
		exchange_reset(x);
	else
		exchange_end(x);
}

/* One line to the peer. */
static int tell(struct exchange *x, const char *type, const char *object)
{
	struct buf line;
	int rc;

	buf_init(&line, LINE_MAX_BYTES);
	buf_fmt(&line, "{\"type\":\"%s\",\"object\":%s}\n", type, object);
	rc = line.over ? -1 : exchange_send(x, line.at, line.len);
	buf_done(&line);
	return rc;
}

static int tell_bookmark(struct watcher *w, bool initial_end)
{
	char object[500], api[64];

	snprintf(object, sizeof(object),
		"{\"kind\":\"%s\",\"apiVersion\":\"%s\",\"metadata\":{\"resourceVersion\":\"%llu\","
		"\"creationTimestamp\":null%s}}",
		kinds[w->at.kind].name, kind_api(w->at.kind, api), (unsigned long long)w->rv,
		initial_end ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "");
	w->bookmark_ms = w->kube->world->now.boot_ms + world_ms(w->kube->world, BOOKMARK_MS);
	return tell(w->x, "BOOKMARK", object);
}

/* What a change is to this watch, whose selector may have begun or ceased to match. */
static const char *seen_as(const struct watcher *w, const struct change *c)
{
	bool now = c->type != CHANGE_DELETED &&
		   kube_matches(jt_of(rstr_text(c->json)), w->labels, w->fields);
	bool before = c->before != NULL &&
		      kube_matches(jt_of(rstr_text(c->before)), w->labels, w->fields);

	if (c->kind != w->at.kind || (w->at.ns[0] != '\0' && strcmp(c->ns, w->at.ns) != 0))
		return NULL;
	return now ? (before ? "MODIFIED" : "ADDED") : before ? "DELETED" : NULL;
}

static bool name_excluded(const struct watcher *w, const struct change *c)
{
	char name[260];

	if (w->at.name[0] == '\0')
		return false;
	jt_str(jt_at(jt_of(rstr_text(c->json)), "metadata.name"), name, sizeof(name));
	return strcmp(name, w->at.name) != 0;
}

/* -1: the watch ended. */
static int catch_up(struct watcher *w)
{
	const struct change *c;
	size_t n;

	if (!store_changes(w->kube->world->store, w->rv, &c, &n)) {
		tell(w->x, "ERROR",
			"{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":"
			"\"Failure\",\"message\":\"too old resource version\","
			"\"reason\":\"Expired\",\"code\":410}");
		watcher_end(w, false);
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		const char *type;

		w->rv = c[i].rv;
		if (c[i].kind != w->at.kind)
			continue;
		type = seen_as(w, &c[i]);
		if (type == NULL || name_excluded(w, &c[i]))
			continue;
		if (tell(w->x, type, rstr_text(c[i].json)) != 0) {
			watcher_end(w, true);
			return -1;
		}
	}
	return 0;
}

static void watcher_tick(struct watcher *w)
{
	struct world *world = w->kube->world;
	int64_t now = world->now.boot_ms;

	if (world_api_ok(world, w->master) && catch_up(w) != 0)
		return;
	if (now >= w->end_ms) {
		watcher_end(w, false);
		return;
	}
	if (w->bookmarks && now >= w->bookmark_ms && world_etcd_ok(world, w->master) &&
		tell_bookmark(w, false) != 0)
		watcher_end(w, true);
}

void kube_watch_tick(struct fake_kube *k)
{
	struct watcher *next;

	for (struct watcher *w = k->watchers; w != NULL; w = next) {
		next = w->next;
		watcher_tick(w);
	}
}

/* ---- the beginning ---- */

static int tell_all(struct watcher *w)
{
	const struct store *s = w->kube->world->store;

	for (size_t i = 0; i < store_count(s, w->at.kind); i++) {
		const struct object *o = store_nth(s, w->at.kind, i);

		if ((w->at.ns[0] != '\0' && strcmp(o->ns, w->at.ns) != 0) ||
			(w->at.name[0] != '\0' && strcmp(o->name, w->at.name) != 0) ||
			!kube_matches(object_span(o), w->labels, w->fields))
			continue;
		if (tell(w->x, "ADDED", rstr_text(o->json)) != 0)
			return -1;
	}
	return 0;
}

static void too_old(struct exchange *x, uint64_t rv, uint64_t oldest)
{
	char object[300];

	snprintf(object, sizeof(object),
		"{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
		"\"message\":\"too old resource version: %llu (%llu)\","
		"\"reason\":\"Expired\",\"code\":410}",
		(unsigned long long)rv, (unsigned long long)oldest);
	exchange_head(x, 200, "application/json");
	tell(x, "ERROR", object);
	exchange_end(x);
}

static bool initial_refused(struct exchange *x, bool initial)
{
	char match[32] = "";

	exchange_query(x, "resourceVersionMatch", match, sizeof(match));
	if (!initial || strcmp(match, "NotOlderThan") == 0)
		return false;
	kube_status(x, 422, "Invalid",
		"{\"group\":\"meta.k8s.io\",\"kind\":\"ListOptions\",\"causes\":[{\"reason\":"
		"\"FieldValueForbidden\",\"message\":"
		"\"Forbidden: sendInitialEvents requires setting resourceVersionMatch to "
		"NotOlderThan\",\"field\":\"resourceVersionMatch\"}]}",
		"ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: "
		"sendInitialEvents requires setting "
		"resourceVersionMatch to NotOlderThan");
	return true;
}

static struct watcher *watcher_new(
	struct fake_kube *k, int master, struct exchange *x, const struct route *r)
{
	struct watcher *w = mem_new(struct watcher);
	char seconds[24] = "";
	int64_t s;

	w->kube = k;
	w->master = master;
	w->x = x;
	w->at = *r;
	exchange_query(x, "labelSelector", w->labels, sizeof(w->labels));
	exchange_query(x, "fieldSelector", w->fields, sizeof(w->fields));
	w->bookmarks = exchange_query_true(x, "allowWatchBookmarks");
	w->bookmark_ms = k->world->now.boot_ms + world_ms(k->world, BOOKMARK_MS);
	exchange_query(x, "timeoutSeconds", seconds, sizeof(seconds));
	w->end_ms = k->world->now.boot_ms +
		    (str_i64(seconds, &s) && s > 0 && s < 86400 ? s * 1000 : WATCH_MS);
	w->next = k->watchers;
	k->watchers = w;
	exchange_on_gone(x, watcher_gone, w);
	return w;
}

void kube_watch(struct fake_kube *k, int master, struct exchange *x, const struct route *r)
{
	const struct store *s = k->world->store;
	bool initial = exchange_query_true(x, "sendInitialEvents"), from_now;
	char version[32] = "";
	uint64_t rv = 0;
	struct watcher *w;

	if (initial_refused(x, initial))
		return;
	exchange_query(x, "resourceVersion", version, sizeof(version));
	from_now = initial || !str_u64(version, &rv) || rv == 0;
	if (!from_now && rv < store_oldest(s)) {
		too_old(x, rv, store_oldest(s));
		return;
	}
	w = watcher_new(k, master, x, r);
	w->rv = from_now ? store_revision(s) : rv;
	exchange_add_header(x, "cache-control", "no-cache, private");
	exchange_head(x, 200, "application/json");
	if ((from_now && tell_all(w) != 0) || (initial && tell_bookmark(w, true) != 0))
		watcher_end(w, true);
	else if (world_etcd_ok(k->world, master))
		catch_up(w);
}
