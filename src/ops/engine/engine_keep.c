/* The state directory: the last good state goes there and comes from there. What the disk does not
 * take, the operator is told. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/log.h"
#include "base/str.h"
#include "ops/engine/engine_parts.h"
#include "ops/engine/snapshot_file.h"
#include "ops/watch/etcd_members.h"

#define TELL_MS 60000

void engine_save(struct engine *en, struct instant now)
{
	const struct source *nodes = &en->tables.sources[SOURCE_NODES];
	struct saved_state saved = {.at = nodes->good};

	saved.healthy_ms = en->changes.healthy_ms;
	if (!en->keeper || nodes->saved || nodes->good.boot_ms == 0)
		return; /* nothing newer than what is there */
	if (!engine_knows_cluster(en, now))
		return; /* whose is it? */
	en->saved = now;
	str_copy(saved.key, sizeof(saved.key), en->key.hex);
	str_copy(saved.uid, sizeof(saved.uid), en->uid);
	for (size_t i = 0; i < en->nodes.n; i++) {
		struct host *n = &saved.control_plane[saved.n_control_plane++];

		*n = en->nodes.at[i].node;
		n->ssh_seen = en->nodes.at[i].ever;
		n->api_seen = api_watch_seen(&en->api, n->address);
	}
	saved.snapshot = snapshot_new();
	saved.snapshot->names = intern_ref(en->names);
	engine_share(&saved.snapshot->nodes, en->tables.at[KUBE_TABLE_NODES].shown);
	engine_share(&saved.snapshot->system_pods, en->tables.at[KUBE_TABLE_PODS].shown);
	engine_share(&saved.snapshot->events, en->tables.at[KUBE_TABLE_EVENTS].shown);
	saved.snapshot->etcd = en->etcd.state;
	saved.snapshot->pod_counts = en->counts;
	str_copy(saved.snapshot->version, sizeof(saved.snapshot->version), en->version);
	str_copy(saved.snapshot->server, sizeof(saved.snapshot->server),
		kube_client_access(en->client)->server);
	state_keeper_put(en->keeper, &saved);
}

/* ---- what is in the way ---- */

static void look_at_log(struct instant now, struct keeping *out)
{
	struct err why = {.text = ""};
	struct log_trouble t;

	if (!log_is_kept(now, &t) && t.failed == 0)
		err_set(&why, ERR_TIMEOUT, "%s", N_("the disk does not answer"));
	else if (t.failed != 0)
		err_sys(&why, t.failed, "k911.log");
	out->since = t.since;
	str_copy(out->why, sizeof(out->why), why.text);
}

static void tell(struct engine *en, enum keeping_id id, struct instant now)
{
	struct keeping *k = &en->keeping[id];
	bool state = id == KEEPING_STATE;

	switch (keeping_step(k, now)) {
	case KEEPING_IS_LATE:
		notice_say(en->notices, NOTICE_WARN,
			state ? _("the last good state cannot be saved: %s")
			      : _("the log cannot be written: %s"),
			gettext(k->why));
		break;
	case KEEPING_IS_WELL:
		notice_say(en->notices, NOTICE_INFO, "%s",
			state ? _("the last good state is saved again")
			      : _("the log is written again"));
		break;
	case KEEPING_NO_NEWS:
		break;
	}
}

void engine_fill_keeping(struct engine *en, struct snapshot *s)
{
	state_keeper_look(en->keeper, s->at, &en->keeping[KEEPING_STATE]);
	look_at_log(s->at, &en->keeping[KEEPING_LOG]);
	for (int id = 0; id < KEEPING_COUNT; id++)
		tell(en, (enum keeping_id)id, s->at);
	memcpy(s->keeping, en->keeping, sizeof(s->keeping));
}

/* ---- the start ---- */

static void show_saved(struct engine *en, enum source_id id, struct instant at)
{
	struct source *src = &en->tables.sources[id];

	src->state = SOURCE_STALE;
	src->good = at;
	src->saved = true;
}

/* Moves a loaded table in; the snapshot is left with the empty one. */
static void adopt(struct table **into, struct table **from)
{
	struct table *empty = *into;

	*into = *from;
	*from = empty;
}

void engine_load(struct engine *en, struct instant now)
{
	struct saved_state saved;
	struct err e;

	if (!en->state_path)
		return;
	if (snapshot_file_load(en->state_path, en->names, now, &saved, &e) != 0) {
		if (e.code != ERR_MISSING)
			log_put(LOG_WARN, "engine", "the last good state was not read: %s", e.text);
		return;
	}
	if (!str_eq(saved.key, en->key.hex)) {
		log_put(LOG_WARN, "engine", "the last good state is another cluster's");
		snapshot_unref(saved.snapshot);
		return;
	}
	str_copy(en->saved_uid, sizeof(en->saved_uid), saved.uid);
	adopt(&en->tables.at[KUBE_TABLE_NODES].shown, &saved.snapshot->nodes);
	adopt(&en->tables.at[KUBE_TABLE_PODS].shown, &saved.snapshot->system_pods);
	adopt(&en->tables.at[KUBE_TABLE_EVENTS].shown, &saved.snapshot->events);
	show_saved(en, SOURCE_NODES, saved.at);
	show_saved(en, SOURCE_PODS, saved.at);
	show_saved(en, SOURCE_EVENTS, saved.at);
	show_saved(en, SOURCE_ETCD, saved.at);
	en->changes.healthy_ms = saved.healthy_ms;
	en->counts = saved.snapshot->pod_counts;
	en->counted = now;
	en->counted_generation = table_generation(en->tables.small_pods);
	str_copy(en->version, sizeof(en->version), saved.snapshot->version);
	etcd_members_recall(&en->etcd, &saved.snapshot->etcd);
	for (size_t i = 0; i < saved.n_control_plane; i++)
		engine_remember(en, &saved.control_plane[i]);
	snapshot_unref(saved.snapshot);
}
