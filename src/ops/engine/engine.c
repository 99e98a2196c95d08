/* One thread, one poll, one owner. Letters come in order through one mailbox; what is due is asked
 * ten times a second; what changed is published at most twenty times a second. Nothing here blocks:
 * files, ssh and handshakes are the pool's, HTTP is the net thread's. */
#include "ops/engine/engine.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/thread.h"
#include "ops/engine/engine_parts.h"
#include "ops/engine/snapshot_file.h"
#include "ops/watch/etcd_members.h"

#define TICK_MS         100
#define PUBLISH_MS      50 /* at most 20 a second */
#define PUBLISH_IDLE_MS 1000
#define SAVE_FIRST_MS                                                                              \
	3000 /* who was reached is worth knowing at the next start, however short this one */
#define SAVE_EVERY_MS  30000
#define LISTS_FIRST_MS 1500 /* ssh waits so long for the first lists, while nothing is wrong */
#define WORKERS        10   /* a hung node holds one for the length of an ssh time-out */
#define JOBS_MAX       64
#define LETTERS_MAX    4096
#define SAVE_STOP_MS   3000 /* how long the end waits for the last save */
#define REFRESH_MS     5000
#define LETTERS_MS     50 /* so long they are taken; then the clock and the screen get their turn */

const struct engine_options engine_defaults = {
	.etcd = {.cacert = "", .cert = "", .key = "", .pki_dir = "/etc/kubernetes/pki/etcd"},
	.load_balancer = {.address = "", .haproxy_socket = "/run/haproxy/admin.sock"},
	.alerts = {.url = "", .secret_file = "", .ca_file = ""},
};

static struct shell_host node_host(const struct engine *en, const char *ns, const char *pod)
{
	struct pod_row key = {.ns = intern_str(en->names, ns)};
	const struct pod_row *p;

	pod_set_name(&key, pod, en->names);
	p = table_find(en->tables.small_pods, &key);
	for (size_t i = 0; p && i < en->nodes.n; i++)
		if (str_eq(en->nodes.at[i].node.name, p->node))
			return node_watch_host(&en->nodes.at[i]);
	return (struct shell_host){0};
}

/* Kinds that were listed so shortly ago that they are left as they are. */
static size_t listed_lately(const struct engine *en, struct instant now)
{
	const char *server = en->api.at[en->active].at.label;
	size_t n = 0;

	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++)
		n += kube_ration_wait_ms(kube_client_rations(en->client), server,
			     en->tables.at[i].kind->source, true, now) > 0;
	return n;
}

/* By hand too, a server is asked for no more than it can bear; and it is said. */
static void refresh(struct engine *en, struct instant now)
{
	int64_t age = instant_age_ms(en->refreshed, now);
	size_t n;

	if (age >= 0 && age < REFRESH_MS) {
		notice_say(en->notices, NOTICE_INFO,
			_("everything was asked a moment ago: again in %d s"),
			(int)((REFRESH_MS - age + 999) / 1000));
		return;
	}
	en->refreshed = now;
	n = listed_lately(en, now);
	if (n > 0)
		notice_say(en->notices, NOTICE_INFO,
			_("asked again; %zu of %d lists are younger than %d s and stay as they "
			  "are"),
			n, KUBE_TABLE_COUNT, LIST_FLOOR_MS / 1000);
	api_watch_ask_all(&en->api);
	etcd_watch_ask_all(&en->etcd);
	node_watch_ask_all(&en->nodes);
	alert_watch_ask(&en->alerts);
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++)
		if (en->tables.at[i].watch)
			kube_watch_relist(en->tables.at[i].watch);
}

static void answer(struct engine *en, const struct command *c)
{
	struct cluster_mark now;
	char why[GATE_WHY];

	engine_mark(en, &now);
	if (!asks_answer(&en->asks, c, en->read_only, &now, why))
		notice_say(en->notices, NOTICE_WARN, "%s", why);
}

static void obey(struct engine *en, const struct command *c)
{
	int at = api_watch_choose(&en->api, en->active);
	struct shell_host host;

	en->dirty = true;
	if (incident_desk_obey(en->desk, c, instant_now()))
		return;
	if (c->letter.kind == COMMAND_REFRESH)
		refresh(en, instant_now());
	else if (c->letter.kind == COMMAND_FEED_CLOSE)
		feeds_close(&en->feeds, c->feed);
	else if (c->letter.kind == COMMAND_ANSWER)
		answer(en, c);
	if (c->letter.kind != COMMAND_FEED_OPEN)
		return;
	host = node_host(en, c->ns, c->name);
	if (!feeds_open(&en->feeds, c, at >= 0 ? &en->api.at[at].at : NULL, &host))
		notice_say(en->notices, NOTICE_WARN, _("%d logs are open already: close one first"),
			FEEDS_MAX);
}

static void hear(struct engine *en, struct letter *l, struct instant now)
{
	letter_hear(l, now);
	en->dirty = true;
	l->drop(l);
}

static void take_letters(struct engine *en)
{
	struct instant began = instant_now(), now = began;
	struct letter *l;

	while (instant_age_ms(began, now) < LETTERS_MS && (l = mailbox_take(en->in)) != NULL) {
		hear(en, l, now);
		now = instant_now();
	}
	while ((l = mailbox_take(en->commands)) != NULL) {
		obey(en, (const struct command *)l);
		l->drop(l);
	}
}

/* The key exchanges with the nodes keep a core busy for half a second, just when the first lists
 * are to be decoded and drawn; so those go first, unless they are slow or in trouble. */
static bool lists_go_first(const struct engine *en, struct instant now)
{
	return kube_tables_begin_well(&en->tables) &&
	       instant_age_ms(en->began, now) < LISTS_FIRST_MS;
}

static void tick(struct engine *en, struct instant now)
{
	enum layer_id was = en->board.first;
	bool broken = en->board.broken;
	struct layer_input in = {.api = &en->api,
		.etcd = &en->etcd,
		.nodes = &en->nodes,
		.tables = &en->tables,
		.limits = &en->limits,
		.woke = en->strain.woke};
	char credential[160];

	en->dirty = asks_tick(&en->asks, now) || en->dirty;
	engine_strain_look(en, now);
	engine_learn(en, now);
	engine_names_turn(en, now);
	api_watch_tick(&en->api, now);
	if (!lists_go_first(en, now)) {
		for (size_t i = 0; i < en->api.n; i++)
			node_watch_stir(&en->nodes, en->api.at[i].address, en->api.at[i].back);
		node_watch_tick(&en->nodes, now);
		etcd_watch_tick(&en->etcd, now, &en->nodes);
	}
	engine_ask_sides(en, now);
	alert_watch_tick(&en->alerts, now);
	engine_follow(en, now);
	in.credential_expiry_ms = kube_client_expiry(en->client, credential, sizeof(credential));
	in.credential = credential;
	in.credential_withheld = kube_client_access(en->client)->withheld;
	layer_fill(&en->board, &in, now);
	if (en->board.broken != broken || (broken && en->board.first != was)) {
		log_put(LOG_INFO, "engine", "first broken layer: %s",
			en->board.broken ? en->board.first_text : "none");
		en->dirty = true;
	}
}

static void *engine_main(void *arg)
{
	struct engine *en = arg;
	struct pollfd fds[] = {{.fd = en->stop_fd, .events = POLLIN},
		{.fd = mailbox_fd(en->in), .events = POLLIN},
		{.fd = mailbox_fd(en->commands), .events = POLLIN},
		{.fd = incident_desk_fd(en->desk), .events = POLLIN}};
	struct instant ticked = {0}, now = instant_now();

	engine_watch_at(en, 0, false, now);
	for (;;) {
		int wait = en->dirty ? PUBLISH_MS / 2 : TICK_MS;

		poll(fds, 4, wait);
		if (fds[0].revents)
			break;
		engine_turned(en, instant_now());
		take_letters(en);
		now = instant_now();
		en->dirty = incident_desk_hear(en->desk, now) || en->dirty;
		engine_watch_rest(en, now);
		if (instant_age_ms(ticked, now) < 0 || instant_age_ms(ticked, now) >= TICK_MS) {
			tick(en, now);
			ticked = now;
		}
		if (instant_age_ms(en->published, now) >=
			(en->dirty ? PUBLISH_MS : PUBLISH_IDLE_MS))
			engine_publish(en, now);
		if (instant_age_ms(en->saved, now) >= SAVE_EVERY_MS)
			engine_save(en, now);
	}
	engine_save(en, instant_now());
	return NULL;
}

static void init_rooms(struct engine *en, const struct engine_options *o)
{
	struct instant now = instant_now();
	const struct api_endpoint *vip;
	struct incident_cluster of;
	struct etcd_watch_options etcd = o->etcd;

	kube_tables_init(&en->tables);
	engine_names_init(en, 0);
	api_watch_init(&en->api, en->http, en->pool, en->client, en->in, o->load_balancer.address);
	etcd.slow_fsync_us = (int64_t)o->limits.etcd_fsync_ms * 1000;
	etcd_watch_init(&en->etcd, en->http, en->pool, en->shell, en->in, &etcd);
	node_watch_init(&en->nodes, en->pool, en->shell, en->in, &o->load_balancer);
	en->tables.changes = en->nodes.changes = &en->changes;
	en->nodes.key = &en->key;
	feeds_init(&en->feeds, en->http, en->pool, en->client, en->shell, en->in);
	alert_watch_init(&en->alerts, en->pool, en->in, &o->alerts);
	incident_cluster_of(
		kube_client_access(en->client)->cluster, cluster_key_authority(&en->key), &of);
	en->desk = incident_desk_new(&o->desk, &of, o->limits.hold_down_ms, en->notices);
	vip = api_watch_vip(&en->api);
	node_watch_vip(&en->nodes, vip ? vip->address : "");
	for (size_t i = 0; i < o->n_control_plane; i++) {
		api_watch_learn(&en->api, &o->control_plane[i]);
		node_watch_learn(&en->nodes, &o->control_plane[i]);
		if (!o->etcd.endpoints)
			etcd_members_learn(&en->etcd, &o->control_plane[i]);
	}
	engine_clear_history(en);
	en->history_at = en->began = en->identity_since = now;
	en->saved = (struct instant){now.wall_ms, now.boot_ms - SAVE_EVERY_MS + SAVE_FIRST_MS};
	engine_load(en, now);
	engine_publish(en, now);
}

static size_t engine_free(struct engine *en)
{
	bool saved = state_keeper_stop(en->keeper, SAVE_STOP_MS);
	size_t lost;

	if (!saved)
		log_put(LOG_WARN, "engine",
			"the last good state was not saved: the disk does not answer");
	feeds_done(&en->feeds);
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++)
		if (en->tables.at[i].watch)
			kube_watch_stop(en->tables.at[i].watch, false);
	pool_stop(en->pool);
	http_close(en->http);
	lost = incident_desk_free(en->desk);
	mailbox_free(en->in);
	mailbox_free(en->commands);
	mailbox_free(en->notices);
	audience_free(en->audience);
	kube_tables_done(&en->tables);
	api_watch_done(&en->api);
	etcd_watch_done(&en->etcd);
	node_watch_done(&en->nodes);
	alert_watch_done(&en->alerts);
	node_shell_free(en->shell);
	kube_client_unref(en->client);
	intern_unref(en->names);
	engine_judge_done(en);
	if (en->stop_fd >= 0)
		close(en->stop_fd);
	free(en->state_path);
	free(en);
	return lost;
}

struct engine *engine_start(const struct engine_options *o, struct err *e)
{
	struct engine *en = mem_new(struct engine);
	int rc;

	engine_judge_init(en, o);
	en->read_only = o->read_only;
	en->in = mailbox_new(LETTERS_MAX);
	en->commands = mailbox_new(LETTERS_MAX);
	en->notices = mailbox_new(LETTERS_MAX);
	en->audience = audience_new();
	en->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	en->pool = pool_start(WORKERS, JOBS_MAX);
	cluster_key_of(o->access, &en->key);
	if (o->state_dir) {
		en->state_path = snapshot_file_path(o->state_dir, &en->key);
		en->keeper = state_keeper_start(en->state_path);
	}
	en->client = kube_client_new(o->access, en->pool);
	kube_rations_set_floor(kube_client_rations(en->client), LIST_FLOOR_MS);
	en->http = http_open(e);
	if (!en->http)
		goto fail;
	if (o->shell && (en->shell = node_shell_new(o->shell, e)) == NULL)
		goto fail;
	init_rooms(en, o);
	rc = thread_start(&en->thread, "engine", engine_main, en);
	if (rc == 0)
		return en;
	err_sys(e, rc, "%s", _("starting the engine's thread"));
fail:
	engine_free(en);
	return NULL;
}

size_t engine_stop(struct engine *en)
{
	uint64_t one = 1;

	if (!en)
		return 0;
	if (write(en->stop_fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		log_put(LOG_ERROR, "engine", "its stop signal could not be written");
	pthread_join(en->thread, NULL);
	return engine_free(en);
}

struct slot *engine_subscribe(struct engine *en)
{
	return audience_join(en->audience);
}

void engine_unsubscribe(struct engine *en, struct slot *place)
{
	audience_leave(en->audience, place);
}

struct mailbox *engine_commands(struct engine *en)
{
	return en->commands;
}

struct mailbox *engine_notices(struct engine *en)
{
	return en->notices;
}
