/* Events: what components say about objects. Equal ones are counted in one object, as
 * the real recorders do; old ones expire; and a quiet cluster still chats. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "drill/world/world.h"
#include "io/json.h"

enum {
	EVENTS_KEPT = 400,
	CHAT_MS = 4000,
	FOLD_MS = 600000,
	FLOOD_A_TICK = 10000 * WORLD_TICK_MS / 1000,
	FLOOD_OBJECTS = 300,
	FLOOD_MS = 30,
	PAST_EVENTS = 24,
	PAST_STEP_MS = 70000,
	RUDE_AT = 2 /* of the past ones */
};

struct noted {
	char ns[64], name[120], reason[40];
	char object[96];
	enum kind_id kind;
	int count;
	int64_t last_ms; /* boot */
	int64_t first_wall_ms;
};

struct event_book {
	VEC(struct noted) noted; /* oldest first */
};

void events_end(struct world *w)
{
	if (w->events == NULL)
		return;
	vec_done(&w->events->noted);
	free(w->events);
	w->events = NULL;
}

static struct noted *find_noted(
	struct world *w, enum kind_id kind, const char *ns, const char *object, const char *reason)
{
	struct event_book *book = w->events;

	for (size_t i = book->noted.len; i-- > 0;) {
		struct noted *n = &book->noted.at[i];

		if (n->kind == kind && strcmp(n->reason, reason) == 0 &&
			strcmp(n->object, object) == 0 && strcmp(n->ns, ns) == 0 &&
			w->now.boot_ms - n->last_ms < world_ms(w, FOLD_MS))
			return n;
	}
	return NULL;
}

static void forget_oldest(struct world *w)
{
	struct event_book *book = w->events;

	while (book->noted.len > EVENTS_KEPT) {
		store_delete(w->store, KIND_EVENT,
			book->noted.at[0].ns[0] != '\0' ? book->noted.at[0].ns : "default",
			book->noted.at[0].name);
		memmove(book->noted.at, book->noted.at + 1,
			(book->noted.len - 1) * sizeof(*book->noted.at));
		book->noted.len--;
	}
}

static void event_object(const struct world *w, const struct noted *n, struct jsw *j)
{
	const struct object *o = store_get(w->store, n->kind, n->ns, n->object);
	char api[64];

	jsw_object(j, "involvedObject");
	jsw_str(j, "kind", kinds[n->kind].name);
	if (n->ns[0] != '\0')
		jsw_str(j, "namespace", n->ns);
	jsw_str(j, "name", n->object);
	jsw_str(j, "uid", n->kind == KIND_NODE || o == NULL ? n->object : o->uid);
	jsw_str(j, "apiVersion", kind_api(n->kind, api));
	jsw_end_object(j);
}

/* Old style: first, last and count. New style (the scheduler's): eventTime, later a series. */
static void event_times(const struct world *w, const struct noted *n, bool modern, struct jsw *j)
{
	char first[32], last[32], micro[48];

	instant_rfc3339(n->first_wall_ms, first, sizeof(first));
	instant_rfc3339(w->now.wall_ms, last, sizeof(last));
	if (!modern) {
		jsw_str(j, "firstTimestamp", first);
		jsw_str(j, "lastTimestamp", last);
		jsw_int(j, "count", n->count);
		jsw_null(j, "eventTime");
		return;
	}
	jsw_null(j, "firstTimestamp");
	jsw_null(j, "lastTimestamp");
	snprintf(micro, sizeof(micro), "%.19s.%06dZ", first, (int)(n->first_wall_ms % 1000) * 1000);
	jsw_str(j, "eventTime", micro);
	if (n->count < 2)
		return;
	snprintf(micro, sizeof(micro), "%.19s.%06dZ", last, (int)(w->now.wall_ms % 1000) * 1000);
	jsw_object(j, "series");
	jsw_int(j, "count", n->count);
	jsw_str(j, "lastObservedTime", micro);
	jsw_end_object(j);
}

static void event_put(struct world *w, const struct noted *n, const char *type, const char *source,
	const char *message)
{
	bool modern = strcmp(source, "default-scheduler") == 0;
	const char *ns = n->ns[0] != '\0' ? n->ns : "default";
	struct buf body;
	struct jsw j;

	buf_init(&body, 1 << 16);
	jsw_init(&j, &body);
	jsw_object(&j, NULL);
	event_object(w, n, &j);
	jsw_str(&j, "reason", n->reason);
	jsw_str(&j, "message", message);
	jsw_object(&j, "source");
	if (!modern)
		jsw_str(&j, "component", source);
	jsw_end_object(&j);
	event_times(w, n, modern, &j);
	jsw_str(&j, "type", type);
	jsw_str(&j, "reportingComponent", source);
	jsw_str(&j, "reportingInstance", modern ? "default-scheduler-m3" : "");
	jsw_end_object(&j);
	if (n->count < 2 ||
		store_patch(w->store, KIND_EVENT, ns, n->name, buf_text(&body), source) == NULL)
		store_create(w->store, KIND_EVENT, ns, n->name, buf_text(&body), source);
	buf_done(&body);
}

void world_event(struct world *w, const char *type, const char *reason, enum kind_id kind,
	const char *ns, const char *name, const char *source, const char *fmt, ...)
{
	char message[600];
	struct noted *n;
	va_list args;

	if (w->events == NULL || !world_api_from(w, &w->machines[WORLD_LB]))
		return;
	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	n = find_noted(w, kind, ns, name, reason);
	if (n == NULL) {
		n = vec_add(&w->events->noted);
		n->kind = kind;
		str_copy(n->ns, sizeof(n->ns), ns);
		str_copy(n->object, sizeof(n->object), name);
		str_copy(n->reason, sizeof(n->reason), reason);
		snprintf(n->name, sizeof(n->name), "%.96s.18ea99eb%08llx", name,
			(unsigned long long)++w->numbers * 2654435761u % 0xffffffffu);
		n->first_wall_ms = w->now.wall_ms;
	}
	n->count++;
	n->last_ms = w->now.boot_ms;
	event_put(w, n, type, source, message);
	forget_oldest(w);
}

/* ---- background ---- */

static const struct {
	const char *type, *reason, *source, *message, *about; /* about: a workload */
} chatter[] = {
	{"Normal", "Pulled", "kubelet",
		"Container image \"registry.example.com/shop/web:3.14.2\" already present on "
		"machine",
		"web"},
	{"Normal", "Created", "kubelet", "Created container: cart", "cart"},
	{"Normal", "Started", "kubelet", "Started container gateway", "gateway"},
	{"Normal", "Pulling", "kubelet", "Pulling image \"registry.example.com/shop/order:5.1.9\"",
		"order"},
	{"Normal", "Synced", "cert-controller", "订单服务证书已续期，下次续期在 60 天后", "order"},
	{"Normal", "SuccessfulAttachVolume", "attachdetach-controller",
		"AttachVolume.Attach succeeded for volume \"pvc-3b1f\"", "postgres"},
	{"Normal", "Completed", "job-controller", "Job completed", "nightly-report-29384640"},
	{"Normal", "Scheduled", "default-scheduler", "Successfully assigned media/transcoder to w4",
		"transcoder"},
	{"Normal", "CheckpointComplete", "postgres-operator",
		"checkpoint complete: wrote 213 buffers (1.3%)", "postgres"},
	{"Normal", "Sync", "ingress-controller", "Scheduled for sync", "gateway"},
	{"Normal", "Killing", "kubelet", "Stopping container grafana", "grafana"},
	{"Normal", "WaitForFirstConsumer", "persistentvolume-controller",
		"waiting for first consumer to be created before binding", "prometheus"},
	{"Normal", "ScrapePool", "prometheus-operator", "reloaded configuration: 14 targets",
		"prometheus"},
	{"Normal", "Pulled", "kubelet",
		"Successfully pulled image \"registry.example.com/media/transcoder:0.44.1\" in "
		"1.9s",
		"transcoder"},
	{"Warning", "Unhealthy", "kubelet",
		"Readiness probe failed: Get \"http://10.244.4.17:8080/healthz\": context deadline "
		"exceeded",
		"cart"},
	{"Warning", "ImagePullSlow", "kubelet",
		"镜像拉取缓慢：registry.example.com/shop/order:5.1.9 用时 42 秒", "order"},
};
enum { CHATTER = sizeof(chatter) / sizeof(*chatter), CHATTER_WARNINGS = 2 };

/* What a program said that thinks it owns the terminal: colours, a window title, a cleared screen
 * and text that runs backwards. Practice, too: nothing of it may reach the operator's terminal. */
static const char rude[] =
	"Startup probe failed: \x1b[31;1mFATAL\x1b[0m \x1b]0;owned\x07\x1b[2J\x1b[H"
	"config \xE2\x80\xAElmay.nimda\xE2\x80\xAC refused";

static void be_rude(struct world *w)
{
	for (size_t i = 0; i < w->pods.len; i++) {
		const struct sim_pod *p = w->pods.at[i];

		if (strcmp(p->of->name, "gateway") != 0)
			continue;
		world_event(w, "Warning", "ProbeError", KIND_POD, p->of->ns, p->name, "kubelet",
			"%s", rude);
		return;
	}
}

static void chat(struct world *w)
{
	/* Warnings are the rarer kind. */
	uint32_t quiet = world_random(w, 4) != 0 ? CHATTER - CHATTER_WARNINGS : CHATTER,
		 which = world_random(w, quiet);
	size_t from = world_random(w, (uint32_t)w->pods.len);

	for (size_t i = 0; i < w->pods.len; i++) {
		const struct sim_pod *p = w->pods.at[(from + i) % w->pods.len];

		if (strcmp(p->of->name, chatter[which].about) != 0 || p->gone)
			continue;
		world_event(w, chatter[which].type, chatter[which].reason, KIND_POD, p->of->ns,
			p->name, chatter[which].source, "%s", chatter[which].message);
		return;
	}
}

/* What was said in the half hour before anybody looked. */
void events_begin(struct world *w)
{
	struct instant now = w->now;

	w->events = mem_new(struct event_book);
	w->chat_ms = now.boot_ms;
	for (int i = PAST_EVENTS; i > 0; i--) {
		int64_t ago_ms = (int64_t)i * PAST_STEP_MS;

		store_age(w->store, ago_ms);
		w->now.wall_ms = now.wall_ms - ago_ms;
		chat(w);
		if (i == RUDE_AT)
			be_rude(w);
	}
	store_age(w->store, 0);
	w->now = now;
}

/* What a cluster says in which every probe of a rollout fails: a few hundred objects, again and
 * again. Never more than a part of the tick goes into it: the servers are to answer meanwhile. */
static void flood(struct world *w)
{
	int64_t until = instant_now().boot_ms + FLOOD_MS;
	char name[40];

	for (int i = 0; i < FLOOD_A_TICK && instant_now().boot_ms < until; i++) {
		snprintf(name, sizeof(name), "web-7d9c5b8f6-%05u", world_random(w, FLOOD_OBJECTS));
		world_event(w, "Normal", "BackOff", KIND_POD, "shop", name, "kubelet",
			"Back-off restarting failed container web in pod %s_shop", name);
	}
}

void events_tick(struct world *w)
{
	if (w->flooded)
		flood(w);
	if (w->now.boot_ms < w->chat_ms)
		return;
	w->chat_ms = w->now.boot_ms + world_ms(w, CHAT_MS / 2 + world_random(w, CHAT_MS));
	chat(w);
}
