/* Which cluster this is, and which machines carry its control plane.
 *
 * Nodes come and go, so what a whole and living list no longer holds is forgotten everywhere: a
 * machine that was replaced must not be called down for ever. A list proves nothing while it is
 * under way, while its server is away or says that it is not ready, or while etcd has no quorum:
 * then what was known stays.
 *
 * A server is where the kubeconfig's URL leads today, which may be another cluster than yesterday.
 * The uid of the namespace kube-system tells: it is asked at the start, whenever the nodes are
 * listed or their watch is opened anew, and each minute. When it is another one, all that was
 * learned is dropped. Until it was told, or nobody can tell it, a machine that only an earlier run
 * knows is not logged in to; then it must prove itself (node_watch.c). */
#include <string.h>

#include "base/address.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/str.h"
#include "model/command.h"
#include "model/level_holder.h"
#include "ops/engine/engine_parts.h"
#include "ops/watch/etcd_members.h"

#define IDENTITY_WAIT_MS  4000  /* how long a server is given to say which cluster it is */
#define LIST_WAIT_MS      20000 /* and to list its nodes, when it has begun to */
#define IDENTITY_EVERY_MS 60000
#define IDENTITY_SOON_MS  5000 /* after an answer that tells of trouble */

/* ---- learning and forgetting the control plane ---- */

/* An API server that is down leaves the Service: its port is the one known before, or the others'.
 */
static int port_of(const struct engine *en, const char *address)
{
	int port = api_watch_port(&en->api, address);

	for (size_t i = 0; i < en->endpoints.n; i++)
		if (str_eq(en->endpoints.at[i].address, address))
			return en->endpoints.at[i].api_port;
	if (port == 0 && en->endpoints.n > 0)
		port = en->endpoints.at[0].api_port;
	return port;
}

static const struct host *node_named(const struct engine *en, const char *name)
{
	for (size_t i = 0; i < en->nodes.n; i++)
		if (str_eq(en->nodes.at[i].node.name, name))
			return &en->nodes.at[i].node;
	return NULL;
}

static const struct host *node_configured(const struct engine *en, const struct host *node)
{
	for (size_t i = 0; i < en->nodes.n; i++) {
		const struct host *n = &en->nodes.at[i].node;

		if (n->configured &&
			(str_eq(n->name, node->name) || str_eq(n->address, node->address)))
			return n;
	}
	return NULL;
}

static void learn(struct engine *en, const struct host *node)
{
	const struct host *old = node_named(en, node->name), *ours = node_configured(en, node);
	struct host n = ours ? *ours : *node;

	if (ours && n.api_port == 0)
		n.api_port = node->api_port;
	n.api_seen = node->api_seen;
	n.ssh_seen = node->ssh_seen;
	if (old && !old->configured && !str_eq(old->address, n.address)) {
		log_put(LOG_INFO, "engine", "%s is at %s now", n.name, n.address);
		etcd_members_forget(&en->etcd, old->address);
	}
	api_watch_learn(&en->api, &n);
	node_watch_learn(&en->nodes, &n);
	etcd_members_learn(&en->etcd, &n);
}

static void read_node(struct engine *en, const struct node_row *row)
{
	struct host n = {0};

	if (!(row->flags & NODE_CONTROL_PLANE))
		return;
	str_copy(n.name, sizeof(n.name), row->name);
	if (address_of(row->internal_ip, n.address) < ADDRESS_LOOPBACK) {
		n.address[0] = '\0';
		if (!node_named(en, n.name))
			log_put(LOG_WARN, "engine", "the address of %s is none to connect to",
				n.name);
	} else {
		n.api_port = port_of(en, n.address);
	}
	if (en->learned.n == LAYER_MAX_NODES)
		en->learned.cut = true;
	else
		en->learned.at[en->learned.n++] = n;
}

static void read_nodes(struct engine *en)
{
	struct table_walk w = table_walk(en->tables.at[KUBE_TABLE_NODES].shown);
	const struct node_row *row;

	en->learned.n = 0;
	en->learned.cut = false;
	while ((row = table_next(&w)) != NULL)
		read_node(en, row);
	for (size_t i = 0; i < en->learned.n; i++)
		learn(en, &en->learned.at[i]);
}

static bool list_is_whole(const struct engine *en)
{
	const struct source *nodes = &en->tables.sources[SOURCE_NODES];

	return nodes->state == SOURCE_LIVE && !nodes->saved &&
	       !en->tables.at[KUBE_TABLE_NODES].listing && !en->tables.at[KUBE_TABLE_NODES].old &&
	       en->learned.n > 0 && !en->learned.cut && !en->lost &&
	       !probe_is_bad(&en->api.at[en->active].ready.probe) &&
	       en->etcd.state.quorum != ETCD_QUORUM_LOST;
}

static bool is_learned(const struct engine *en, const struct host *node)
{
	for (size_t i = 0; i < en->learned.n; i++)
		if (str_eq(en->learned.at[i].name, node->name) &&
			str_eq(en->learned.at[i].address, node->address))
			return true;
	return false;
}

static size_t known_nodes(const struct engine *en, struct host nodes[LAYER_MAX_NODES])
{
	for (size_t i = 0; i < en->nodes.n; i++)
		nodes[i] = en->nodes.at[i].node;
	return en->nodes.n;
}

/* The API servers that are no known node's go; the watches leave one that does for one that stays.
 */
static void forget_api_servers(struct engine *en, struct instant now)
{
	struct host nodes[LAYER_MAX_NODES];
	size_t n = known_nodes(en, nodes), to = 0;

	if (!api_watch_is_of(&en->api, (size_t)en->active, nodes, n)) {
		for (size_t i = en->api.n; i-- > 0;)
			if (en->api.at[i].live.probe.state == PROBE_OK &&
				api_watch_is_of(&en->api, i, nodes, n))
				to = i;
		engine_watch_at(en, (int)to, false, now);
	}
	api_watch_keep(&en->api, nodes, n, &en->active);
}

static void forget_node(struct engine *en, size_t i)
{
	const struct host *n = &en->nodes.at[i].node;

	log_put(LOG_INFO, "engine", "forgot %s at %s", n->name, n->address);
	etcd_members_forget(&en->etcd, n->address);
	node_watch_forget(&en->nodes, i);
}

static void forget_others(struct engine *en, struct instant now)
{
	for (size_t i = en->nodes.n; i-- > 0;)
		if (!en->nodes.at[i].node.configured && !is_learned(en, &en->nodes.at[i].node))
			forget_node(en, i);
	forget_api_servers(en, now);
}

/* Its address is another cluster's by now: that machine was left at once. */
static void forget_foreign(struct engine *en, struct instant now)
{
	for (size_t i = en->nodes.n; i-- > 0;) {
		const struct node_watch_node *n = &en->nodes.at[i];

		if (!n->foreign || !n->node.remembered)
			continue;
		notice_say(en->notices, NOTICE_WARN,
			_("%s (%s) is another cluster's now: its authority is not the "
			  "kubeconfig's, and it was left at once"),
			n->node.name, n->node.address);
		forget_node(en, i);
		forget_api_servers(en, now);
	}
}

/* ---- which cluster ---- */

static bool identity_is_late(const struct engine *en, struct instant now)
{
	const struct probe *p = &en->side[SIDE_IDENTITY].probe;

	return probe_is_bad(p) || instant_age_ms(en->identity_since, now) >= IDENTITY_WAIT_MS;
}

static bool no_server_is_left(const struct engine *en)
{
	for (size_t i = 0; i < en->api.n; i++)
		if (en->api.at[i].live.probe.state != PROBE_FAILED)
			return false;
	return true;
}

/* At the start a server may still say whose nodes these are, by its uid or by its list of them. */
static bool word_may_come(const struct engine *en, struct instant now)
{
	int64_t age_ms = instant_age_ms(en->began, now);
	bool listing = en->tables.at[KUBE_TABLE_NODES].listing &&
		       !en->tables.sources[SOURCE_NODES].error[0];

	return age_ms < (listing ? LIST_WAIT_MS : IDENTITY_WAIT_MS) && !no_server_is_left(en);
}

static enum remembered remembered_by(const struct engine *en, struct instant now)
{
	if (word_may_come(en, now))
		return REMEMBERED_WAIT;
	return en->key.n_cas > 0 ? REMEMBERED_PROVE : REMEMBERED_BAR;
}

bool engine_knows_cluster(const struct engine *en, struct instant now)
{
	return en->identity != IDENTITY_AWAITED || identity_is_late(en, now);
}

void engine_doubt(struct engine *en, struct instant now)
{
	question_again(&en->side[SIDE_IDENTITY]);
	en->side[SIDE_IDENTITY].every_ms = IDENTITY_EVERY_MS;
	if (en->identity == IDENTITY_AWAITED)
		return;
	en->identity = IDENTITY_AWAITED;
	en->identity_since = now;
}

static void confirm(struct engine *en)
{
	node_watch_confirm(&en->nodes);
	etcd_members_confirm(&en->etcd);
}

/* On the net thread, behind the watches that stop: what these leave there is the other cluster's,
 * too. */
static void forget_rations(void *arg, bool closing)
{
	struct kube_client *client = arg;

	(void)closing;
	kube_rations_forget(kube_client_rations(client));
	kube_client_unref(client);
}

/* Everything that was learned or loaded goes, as if the console had just been started here. */
static void begin_anew(struct engine *en, struct instant now)
{
	notice_say(en->notices, NOTICE_WARN,
		_("another cluster answers at %s than before: what was known of that one is "
		  "forgotten"),
		en->api.at[en->active].at.label);
	log_put(LOG_WARN, "engine", "another cluster answers: begun anew");
	kube_tables_forget(&en->tables);
	node_watch_forget_all(&en->nodes);
	etcd_watch_forget_all(&en->etcd);
	forget_api_servers(en, now);
	memset(&en->endpoints, 0, sizeof(en->endpoints));
	memset(&en->learned, 0, sizeof(en->learned));
	memset(&en->changes, 0, sizeof(en->changes));
	memset(&en->counts, 0, sizeof(en->counts));
	memset(&en->impact, 0, sizeof(en->impact));
	memset(&en->board, 0, sizeof(en->board)); /* nor is anything judged by it once more */
	level_holder_init(&en->holder);
	engine_clear_history(en);
	en->version[0] = en->saved_uid[0] = '\0';
	en->learned_nodes = en->counted_generation = 0;
	en->began = now;
	en->moved = (struct instant){0}; /* the first of its places: everything is asked */
	engine_watch_stop(en, true);
	http_call(en->http, forget_rations, kube_client_ref(en->client));
	engine_watch_at(en, 0, true, now);
}

void engine_identify(struct engine *en, const char *uid, bool refused, struct instant now)
{
	const char *was = en->uid[0] ? en->uid : en->saved_uid;
	char now_uid[sizeof(en->uid)];

	en->side[SIDE_IDENTITY].every_ms = uid || refused ? IDENTITY_EVERY_MS : IDENTITY_SOON_MS;
	if (!uid || !uid[0]) {
		if (en->identity == IDENTITY_AWAITED)
			log_put(LOG_WARN, "engine", "the server does not say which cluster it is");
		en->identity = IDENTITY_UNTOLD;
		return;
	}
	str_copy(now_uid, sizeof(now_uid), uid);
	if (was[0] && !str_eq(was, now_uid))
		begin_anew(en, now);
	else if (str_eq(en->saved_uid, now_uid))
		confirm(en);
	str_copy(en->uid, sizeof(en->uid), now_uid);
	en->identity = IDENTITY_KNOWN;
}

/* ---- both ---- */

void engine_remember(struct engine *en, const struct host *saved)
{
	struct host n = *saved;

	n.configured = n.local = false;
	n.remembered = true;
	if (!node_configured(en, &n) && address_of(saved->address, n.address) < ADDRESS_LOOPBACK)
		return;
	learn(en, &n);
}

void engine_learn(struct engine *en, struct instant now)
{
	const struct table *nodes = en->tables.at[KUBE_TABLE_NODES].shown;

	en->nodes.remembered = remembered_by(en, now);
	forget_foreign(en, now);
	if (!en->endpoints.known || !engine_knows_cluster(en, now) ||
		en->tables.sources[SOURCE_NODES].saved)
		return;
	if (table_generation(nodes) != en->learned_nodes) {
		en->learned_nodes = table_generation(nodes);
		read_nodes(en);
	}
	if (list_is_whole(en))
		forget_others(en, now);
}
