/* One thread, one poll, one owner. Letters come in order through one mailbox; what is due is asked
 * ten times a second; what changed is published at most twenty times a second. Nothing here blocks:
 * files, ssh and handshakes are the pool's, HTTP is the net thread's. */
#include "ops/engine/engine.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/thread.h"
#include "counts.h"
#include "disk_watch.h"
#include "histories.h"
#include "judge.h"
#include "ops/engine/asks.h"
#include "ops/engine/audience.h"
#include "ops/engine/state_keeper.h"
#include "ops/engine/strain.h"
#include "ops/run/runs.h"
#include "ops/watch/etcd_members.h"
#include "ops/watch/feeds.h"
#include "ops/watch/kube_names.h"
#include "ops/watch/layer_fill.h"
#include "rates_fill.h"

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

struct engine {
	struct http *http;
	struct pool *pool;
	struct kube_client *client;
	struct node_shell *shell;
	struct cluster_key key;
	bool read_only;
	char *state_path;

	struct mailbox *in, *commands, *notices;
	struct audience *audience;
	pthread_t thread;
	int stop_fd;

	struct kube_tables tables;
	struct kube_names names;
	struct api_watch api;
	struct api_place place;
	struct etcd_watch etcd;
	struct node_watch nodes;
	struct control_plane control_plane;
	struct alert_watch alerts;
	struct feeds feeds;
	struct change_log changes;
	struct layer_board board;

	struct judge judge;
	struct histories histories;
	struct counts counts;
	struct strain strain;
	struct disk_watch disk;
	struct asks asks;

	struct journal_writer *journal; /* NULL: nothing is recorded */
	struct notify *notify;          /* NULL: nobody is told */
	struct notify_health unsent;    /* why not, where somebody should be */
	struct mailbox *sent;           /* struct notify_sent */
	struct incident_desk *desk;
	struct runs *runs; /* NULL: nothing can be run: no journal */
	struct shell_host balancers[4];
	struct host *workers;
	size_t n_workers;

	bool dirty;               /* there is something new to publish */
	struct instant refreshed; /* when a person last had everything asked again */
	struct instant published, saved;
	uint64_t number;
};

const struct engine_options engine_defaults = {
	.etcd = {.cacert = "", .cert = "", .key = "", .pki_dir = "/etc/kubernetes/pki/etcd"},
	.load_balancer = {.address = "", .haproxy_socket = "/run/haproxy/admin.sock"},
	.alerts = {.url = "", .secret_file = "", .ca_file = ""},
};

static struct shell_host node_host(const struct engine *en, const char *ns, const char *pod)
{
	struct pod_row key = {.ns = intern_str(en->tables.names, ns)};
	const struct pod_row *p;

	pod_set_name(&key, pod, en->tables.names);
	p = table_find(en->tables.small_pods, &key);
	for (size_t i = 0; p && i < en->nodes.n; i++)
		if (str_eq(en->nodes.at[i].node.name, p->node))
			return node_watch_host(&en->nodes.at[i]);
	return (struct shell_host){0};
}

/* Kinds that were listed so shortly ago that they are left as they are. */
static size_t listed_lately(const struct engine *en, struct instant now)
{
	const char *server = api_place_at(&en->place)->at.label;
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
	kube_tables_relist(&en->tables);
}

static void mark(const struct engine *en, struct cluster_mark *out)
{
	str_copy(out->uid, sizeof(out->uid), en->place.sides.uid);
	str_copy(out->authority, sizeof(out->authority), cluster_key_authority(&en->key));
}

static void answer(struct engine *en, const struct command *c)
{
	struct cluster_mark now;
	char why[GATE_WHY];

	mark(en, &now);
	if (!asks_answer(&en->asks, c, en->read_only, &now, why))
		notice_say(en->notices, NOTICE_WARN, "%s", why);
}

static void obey(struct engine *en, const struct command *c)
{
	struct shell_host host;

	en->dirty = true;
	if (incident_desk_obey(en->desk, c, instant_now()) || (en->runs && runs_obey(en->runs, c)))
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
	if (!feeds_open(&en->feeds, c, api_place_choose(&en->place, instant_now()), &host))
		notice_say(en->notices, NOTICE_WARN, _("%d logs are open already: close one first"),
			FEEDS_MAX);
}

/* Everything that was learned or loaded goes, as if the console had just been started here. */
static void begin_anew(struct engine *en, struct instant now)
{
	control_plane_begin_anew(&en->control_plane, now);
	memset(&en->changes, 0, sizeof(en->changes));
	memset(&en->counts, 0, sizeof(en->counts));
	memset(&en->board, 0, sizeof(en->board)); /* nor is anything judged by it once more */
	judge_forget(&en->judge);
	histories_begin(&en->histories, now);
}

static void hear(struct engine *en, struct letter *l, struct instant now)
{
	letter_hear(l, now);
	if (en->place.sides.another)
		begin_anew(en, now);
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
	       instant_age_ms(en->control_plane.began, now) < LISTS_FIRST_MS;
}

static void tick(struct engine *en, struct instant now)
{
	enum layer_id was = en->board.first;
	bool broken = en->board.broken;
	struct layer_input in = {.api = &en->api,
		.etcd = &en->etcd,
		.nodes = &en->nodes,
		.tables = &en->tables,
		.limits = &en->judge.limits,
		.woke = en->strain.woke};
	char credential[160];

	en->dirty = asks_tick(&en->asks, now) || en->dirty;
	strain_look(&en->strain, now);
	control_plane_tick(&en->control_plane, now);
	kube_names_turn(&en->names, &en->tables, now);
	api_watch_tick(&en->api, now);
	if (!lists_go_first(en, now)) {
		for (size_t i = 0; i < en->api.n; i++)
			node_watch_stir(&en->nodes, en->api.at[i].address, en->api.at[i].back);
		node_watch_tick(&en->nodes, now);
		etcd_watch_tick(&en->etcd, now, &en->nodes);
	}
	alert_watch_tick(&en->alerts, now);
	api_place_tick(&en->place, en->etcd.state.quorum, en->strain.woke, now);
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

/* ---- from state to snapshot ---- */

static void fill_names(const struct engine *en, struct snapshot *s)
{
	const struct kube_access *a = kube_client_access(en->client);

	str_copy(s->cluster, sizeof(s->cluster), a->cluster ? a->cluster : "");
	str_copy(s->context, sizeof(s->context), a->context ? a->context : "");
	str_copy(s->user, sizeof(s->user), a->user ? a->user : "");
	str_copy(s->namespace_, sizeof(s->namespace_), a->namespace_ ? a->namespace_ : "");
	str_copy(s->server, sizeof(s->server), a->server);
	str_copy(s->authority, sizeof(s->authority), cluster_key_authority(&en->key));
	s->read_only = en->read_only;
}

/* What the watches and probes know. */
static void fill_known(struct engine *en, struct snapshot *s)
{
	kube_tables_fill(&en->tables, s);
	api_sides_fill(&en->place.sides, s);
	etcd_watch_fill(&en->etcd, s);
	alert_watch_fill(&en->alerts, s, s->at);
	node_watch_fill(&en->nodes, s);
	node_watch_bursts(&en->nodes, &s->log_bursts, s->at);
	strain_fill(&en->strain, &s->sources[SOURCE_PROBES], s->at);
	s->layers = en->board;
	s->vip_latency_us = en->board.load_balancer.latency_us;
	rates_fill(s, &en->api);
	feeds_publish(&en->feeds, s);
	asks_fill(&en->asks, s);
}

static void publish(struct engine *en, struct instant now)
{
	struct snapshot *s = snapshot_new();

	s->number = ++en->number;
	s->at = now;
	s->woke = en->strain.woke;
	fill_names(en, s);
	fill_known(en, s);
	counts_fill(&en->counts, s);
	histories_fill(&en->histories, s, api_place_at(&en->place)->live.probe.latency_us);
	judge_fill(&en->judge, s, strain_is_settled(&en->strain, now));
	if (s->verdict.known && s->verdict.level == LEVEL_NONE && s->impact.nodes_known)
		en->changes.healthy_ms = now.wall_ms;
	change_log_fill(&en->changes, &s->changes, now.wall_ms);
	incident_desk_fill(en->desk, s);
	s->notify = en->unsent;
	if (en->notify)
		notify_health(en->notify, &s->notify);
	disk_watch_fill(&en->disk, s);
	if (en->runs)
		runs_fill(en->runs, s);
	audience_tell(en->audience, s);
	en->dirty = false;
	en->published = now;
}

/* ---- the last good state ---- */

static void save(struct engine *en, struct instant now)
{
	const struct source *nodes = &en->tables.sources[SOURCE_NODES];
	struct saved_state saved = {.at = nodes->good, .healthy_ms = en->changes.healthy_ms};

	if (!en->disk.keeper || nodes->saved || nodes->good.boot_ms == 0)
		return; /* nothing newer than what is there */
	if (!api_sides_knows_cluster(&en->place.sides, now))
		return; /* whose is it? */
	en->saved = now;
	str_copy(saved.key, sizeof(saved.key), en->key.hex);
	str_copy(saved.uid, sizeof(saved.uid), en->place.sides.uid);
	saved.n_control_plane = control_plane_keep(&en->control_plane, saved.control_plane);
	saved.snapshot = snapshot_new();
	fill_names(en, saved.snapshot);
	kube_tables_keep(&en->tables, saved.snapshot);
	api_sides_fill(&en->place.sides, saved.snapshot);
	saved.snapshot->etcd = en->etcd.state;
	saved.snapshot->pod_counts = en->counts.pods;
	state_keeper_put(en->disk.keeper, &saved);
}

static void recall(struct engine *en, struct saved_state *saved, struct instant now)
{
	struct snapshot *s = saved->snapshot;

	api_sides_recall(&en->place.sides, saved->uid, s->version);
	kube_tables_recall(&en->tables, s, saved->at);
	etcd_members_recall(&en->etcd, &s->etcd, saved->at);
	counts_recall(&en->counts, &s->pod_counts, en->tables.small_pods, now);
	en->changes.healthy_ms = saved->healthy_ms;
	for (size_t i = 0; i < saved->n_control_plane; i++)
		control_plane_remember(&en->control_plane, &saved->control_plane[i]);
}

static void load(struct engine *en, struct instant now)
{
	struct saved_state saved;
	struct err e;

	if (!en->state_path)
		return;
	if (snapshot_file_load(en->state_path, en->tables.names, now, &saved, &e) != 0) {
		if (e.code != ERR_MISSING)
			log_put(LOG_WARN, "engine", "the last good state was not read: %s", e.text);
		return;
	}
	if (str_eq(saved.key, en->key.hex))
		recall(en, &saved, now);
	else
		log_put(LOG_WARN, "engine", "the last good state is another cluster's");
	snapshot_unref(saved.snapshot);
}

/* ---- the thread ---- */

static void *engine_main(void *arg)
{
	struct engine *en = arg;
	int journal = en->journal ? mailbox_fd(journal_writer_results(en->journal)) : -1;
	struct pollfd fds[] = {{.fd = en->stop_fd, .events = POLLIN},
		{.fd = mailbox_fd(en->in), .events = POLLIN},
		{.fd = mailbox_fd(en->commands), .events = POLLIN},
		{.fd = journal, .events = POLLIN}};
	struct instant ticked = {0}, now = instant_now();

	api_place_move(&en->place, 0, false, now);
	for (;;) {
		int wait = en->dirty ? PUBLISH_MS / 2 : TICK_MS;

		poll(fds, 4, wait);
		if (fds[0].revents)
			break;
		strain_turned(&en->strain, instant_now());
		take_letters(en);
		now = instant_now();
		en->dirty = incident_desk_hear(en->desk, now) || en->dirty;
		api_place_watch_rest(&en->place, now);
		if (instant_age_ms(ticked, now) < 0 || instant_age_ms(ticked, now) >= TICK_MS) {
			tick(en, now);
			ticked = now;
		}
		if (instant_age_ms(en->published, now) >=
			(en->dirty ? PUBLISH_MS : PUBLISH_IDLE_MS))
			publish(en, now);
		if (instant_age_ms(en->saved, now) >= SAVE_EVERY_MS)
			save(en, now);
	}
	save(en, instant_now());
	return NULL;
}

static void init_watches(struct engine *en, const struct engine_options *o)
{
	struct etcd_watch_options etcd = o->etcd;
	const struct api_endpoint *vip;

	etcd.slow_fsync_us = (int64_t)o->limits.etcd_fsync_ms * 1000;
	kube_tables_init(&en->tables);
	kube_names_begin(&en->names, &en->tables, 0);
	api_watch_init(&en->api, en->http, en->pool, en->client, en->in, o->load_balancer.address);
	api_place_init(&en->place, &en->api, &en->tables);
	etcd_watch_init(&en->etcd, en->http, en->pool, en->shell, en->in, &etcd);
	node_watch_init(&en->nodes, en->pool, en->shell, en->in, &o->load_balancer);
	vip = api_watch_vip(&en->api);
	node_watch_vip(&en->nodes, vip ? vip->address : "");
	en->nodes.key = &en->key;
	en->tables.changes = en->nodes.changes = &en->changes;
	control_plane_init(&en->control_plane, &en->place, &en->etcd, &en->nodes, en->notices);
	alert_watch_init(&en->alerts, en->pool, en->in, &o->alerts);
	feeds_init(&en->feeds, en->http, en->pool, en->client, en->shell, en->in);
	for (size_t i = 0; i < o->n_control_plane; i++)
		control_plane_learn(&en->control_plane, &o->control_plane[i]);
}

static void start_notify(struct engine *en, const struct engine_options *o)
{
	const struct notify_options options = {.path = o->outbox,
		.targets = o->receivers,
		.n = o->n_receivers,
		.notices = en->notices,
		.sent = en->sent};
	struct err e;

	if (o->n_receivers == 0 || (en->notify = notify_start(&options, &e)) != NULL)
		return;
	notice_say(en->notices, NOTICE_WARN, _("alerts are not sent: %s"), e.text);
	en->unsent = (struct notify_health){.failing = o->n_receivers, .since = instant_now()};
	str_copy(en->unsent.why, sizeof(en->unsent.why), e.text);
}

static void hear_entry(void *engine, const struct journal_entry *entry)
{
	struct engine *en = engine;

	if (en->runs)
		runs_hear_entry(en->runs, entry);
}

static void init_desk(struct engine *en, const struct engine_options *o)
{
	struct incident_desk_options desk = o->desk;
	struct incident_cluster of;

	en->sent = mailbox_new(0); /* answers alone */
	if (o->journal) {
		en->journal = journal_writer_start(o->journal);
		start_notify(en, o);
	}
	desk.journal = en->journal;
	desk.notify = en->notify;
	desk.sent = en->sent;
	desk.also = hear_entry;
	desk.arg = en;
	incident_cluster_of(
		kube_client_access(en->client)->cluster, cluster_key_authority(&en->key), &of);
	en->desk = incident_desk_new(&desk, &of, o->limits.hold_down_ms, en->notices);
}

static struct slot *join(void *engine)
{
	return engine_subscribe(engine);
}

static void leave(void *engine, struct slot *place)
{
	engine_unsubscribe(engine, place);
}

static void init_runs(struct engine *en, const struct engine_options *o)
{
	struct runs_options r;

	en->n_workers = o->n_workers;
	en->workers = mem_dup(o->workers, o->n_workers * sizeof(*o->workers));
	r = (struct runs_options){
		.world = {.http = en->http,
			.kube = en->client,
			.shell = en->shell,
			.journal = en->journal,
			.asks = {.box = en->in, .hear = asks_hear, .room = &en->asks},
			.workers = en->workers,
			.n_workers = en->n_workers,
			.balancers = en->balancers,
			.n_balancers = en->nodes.n_balancers,
			.haproxy_socket = en->nodes.socket,
			.state_dir = o->state_dir},
		.author = o->desk.author,
		.read_only = o->read_only,
		.in = en->in,
		.notices = en->notices,
		.join = join,
		.leave = leave,
		.arg = en,
	};

	if (!o->runbooks || !en->journal)
		return;
	for (size_t k = 0; k < en->nodes.n_balancers; k++)
		en->balancers[k] = en->nodes.balancers[k].host;
	r.set = runbook_set_ref(o->runbooks);
	en->runs = runs_new(&r);
}

static void init_rooms(struct engine *en, const struct engine_options *o)
{
	struct instant now = instant_now();

	init_watches(en, o);
	strain_init(&en->strain, &en->control_plane, &en->alerts, en->pool);
	histories_begin(&en->histories, now);
	init_desk(en, o);
	init_runs(en, o);
	en->saved = (struct instant){now.wall_ms, now.boot_ms - SAVE_EVERY_MS + SAVE_FIRST_MS};
	load(en, now);
	publish(en, now);
}

static size_t engine_free(struct engine *en)
{
	bool saved;
	size_t lost;

	runs_free(en->runs); /* they write into the journal to their end */
	saved = state_keeper_stop(en->disk.keeper, SAVE_STOP_MS);
	if (!saved)
		log_put(LOG_WARN, "engine",
			"the last good state was not saved: the disk does not answer");
	feeds_done(&en->feeds);
	kube_tables_stop(&en->tables, false);
	pool_stop(en->pool);
	http_close(en->http);
	notify_stop(en->notify);
	lost = journal_writer_stop(en->journal);
	incident_desk_free(en->desk);
	mailbox_free(en->sent);
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
	judge_done(&en->judge);
	if (en->stop_fd >= 0)
		close(en->stop_fd);
	free(en->workers);
	free(en->state_path);
	free(en);
	return lost;
}

struct engine *engine_start(const struct engine_options *o, struct err *e)
{
	struct engine *en = mem_new(struct engine);
	int rc;

	judge_init(&en->judge, &o->limits, o->core_services);
	en->read_only = o->read_only;
	en->in = mailbox_new(LETTERS_MAX);
	en->commands = mailbox_new(LETTERS_MAX);
	en->notices = mailbox_new(LETTERS_MAX);
	en->disk.notices = en->notices;
	en->audience = audience_new();
	en->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	en->pool = pool_start(WORKERS, JOBS_MAX);
	cluster_key_of(o->access, &en->key);
	if (o->state_dir) {
		en->state_path = snapshot_file_path(o->state_dir, &en->key);
		en->disk.keeper = state_keeper_start(en->state_path);
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
