/* Nodes come and go, so what a whole and living list no longer holds is forgotten everywhere: a
 * machine that was replaced must not be called down for ever. A list proves nothing while it is
 * under way, while its server is away or says that it is not ready, or while etcd has no quorum:
 * then what was known stays.
 *
 * A server is where the kubeconfig's URL leads today, which may be another cluster than yesterday.
 * The uid of the namespace kube-system tells: it is asked at the start, whenever the nodes are
 * listed or their watch is opened anew, and each minute. When it is another one, all that was
 * learned is dropped. Until it was told, or nobody can tell it, a machine that only an earlier run
 * knows is not logged in to; then it must prove itself (node_watch.c). */
#include "ops/watch/control_plane.h"

#include <string.h>

#include "base/address.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/str.h"
#include "model/command.h"
#include "ops/watch/etcd_members.h"

#define WORD_WAIT_MS 4000  /* how long a server may take to say whose nodes an earlier run's are */
#define LIST_WAIT_MS 20000 /* and to list its nodes, when it has begun to */

void control_plane_init(struct control_plane *c, struct api_place *place, struct etcd_watch *etcd,
	struct node_watch *nodes, struct mailbox *notices)
{
	*c = (struct control_plane){
		.place = place, .etcd = etcd, .nodes = nodes, .notices = notices};
}

void control_plane_learn(struct control_plane *c, const struct host *node)
{
	api_watch_learn(c->place->api, node);
	node_watch_learn(c->nodes, node);
	etcd_members_learn(c->etcd, node);
}

static const struct kube_table *listed(const struct control_plane *c)
{
	return &c->place->tables->at[KUBE_TABLE_NODES];
}

static const struct source *source_of(const struct control_plane *c)
{
	return &c->place->tables->sources[SOURCE_NODES];
}

/* ---- learning ---- */

/* Where the API servers that are well can be reached, as the cluster itself says; NULL: not told. */
static const struct slice_row *service_kubernetes(const struct control_plane *c)
{
	static const struct slice_row key = {
		.ns = "default", .service = "kubernetes", .name = "kubernetes"};

	return table_find(c->place->tables->at[KUBE_TABLE_SLICES].shown, &key);
}

/* Or nobody will tell: it may not be listed, or is not served. Then the usual port is assumed. */
static bool ports_are_told(const struct control_plane *c)
{
	const struct source *slices = &c->place->tables->sources[SOURCE_SLICES];

	return slices->state == SOURCE_LIVE || slices->state == SOURCE_STALE || slices->error[0] ||
	       service_kubernetes(c) != NULL;
}

static bool holds(const char *addresses, const char *address)
{
	size_t n = strlen(address);
	const char *at = addresses;

	while ((at = strstr(at, address)) != NULL) {
		if ((at == addresses || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
			return true;
		at += n;
	}
	return false;
}

/* An API server that is down leaves the Service: its port is the one known before, or the others'.
 */
static int port_of(const struct control_plane *c, const char *address)
{
	const struct slice_row *told = service_kubernetes(c);
	int known = api_watch_port(c->place->api, address);

	if (told == NULL || told->port == 0)
		return known;
	return known == 0 || holds(told->addresses, address) ? told->port : known;
}

static const struct host *node_named(const struct control_plane *c, const char *name)
{
	for (size_t i = 0; i < c->nodes->n; i++)
		if (str_eq(c->nodes->at[i].node.name, name))
			return &c->nodes->at[i].node;
	return NULL;
}

static const struct host *node_configured(const struct control_plane *c, const struct host *node)
{
	for (size_t i = 0; i < c->nodes->n; i++) {
		const struct host *n = &c->nodes->at[i].node;

		if (n->configured &&
			(str_eq(n->name, node->name) || str_eq(n->address, node->address)))
			return n;
	}
	return NULL;
}

/* What a cluster says of a node: not what the config says otherwise. */
static void learn_told(struct control_plane *c, const struct host *node)
{
	const struct host *old = node_named(c, node->name), *ours = node_configured(c, node);
	struct host n = ours ? *ours : *node;

	if (ours && n.api_port == 0)
		n.api_port = node->api_port;
	n.api_seen = node->api_seen;
	n.ssh_seen = node->ssh_seen;
	if (old && !old->configured && !str_eq(old->address, n.address)) {
		log_put(LOG_INFO, "engine", "%s is at %s now", n.name, n.address);
		etcd_members_forget(c->etcd, old->address);
	}
	control_plane_learn(c, &n);
}

void control_plane_remember(struct control_plane *c, const struct host *saved)
{
	struct host n = *saved;

	n.configured = n.local = false;
	n.remembered = true;
	if (!node_configured(c, &n) && address_of(saved->address, n.address) < ADDRESS_LOOPBACK)
		return;
	learn_told(c, &n);
}

size_t control_plane_keep(const struct control_plane *c, struct host nodes[LAYER_MAX_NODES])
{
	for (size_t i = 0; i < c->nodes->n; i++) {
		nodes[i] = c->nodes->at[i].node;
		nodes[i].ssh_seen = c->nodes->at[i].ever;
		nodes[i].api_seen = api_watch_seen(c->place->api, nodes[i].address);
	}
	return c->nodes->n;
}

static void read_node(struct control_plane *c, const struct node_row *row)
{
	struct host n = {0};

	if (!(row->flags & NODE_CONTROL_PLANE))
		return;
	str_copy(n.name, sizeof(n.name), row->name);
	if (address_of(row->internal_ip, n.address) < ADDRESS_LOOPBACK) {
		n.address[0] = '\0';
		if (!node_named(c, n.name))
			log_put(LOG_WARN, "engine", "the address of %s is none to connect to",
				n.name);
	} else {
		n.api_port = port_of(c, n.address);
	}
	if (c->learned.n == LAYER_MAX_NODES)
		c->learned.cut = true;
	else
		c->learned.at[c->learned.n++] = n;
}

static void read_nodes(struct control_plane *c)
{
	struct table_walk w = table_walk(listed(c)->shown);
	const struct node_row *row;

	c->learned.n = 0;
	c->learned.cut = false;
	while ((row = table_next(&w)) != NULL)
		read_node(c, row);
	for (size_t i = 0; i < c->learned.n; i++)
		learn_told(c, &c->learned.at[i]);
}

/* ---- forgetting ---- */

static bool list_is_whole(const struct control_plane *c)
{
	const struct kube_table *nodes = listed(c);

	return source_of(c)->state == SOURCE_LIVE && !source_of(c)->saved && !nodes->listing &&
	       !nodes->old && c->learned.n > 0 && !c->learned.cut && !c->place->lost &&
	       !probe_is_bad(&api_place_at(c->place)->ready.probe) &&
	       c->etcd->state.quorum != ETCD_QUORUM_LOST;
}

static bool is_learned(const struct control_plane *c, const struct host *node)
{
	for (size_t i = 0; i < c->learned.n; i++)
		if (str_eq(c->learned.at[i].name, node->name) &&
			str_eq(c->learned.at[i].address, node->address))
			return true;
	return false;
}

static void forget_api_servers(struct control_plane *c, struct instant now)
{
	struct host nodes[LAYER_MAX_NODES];

	for (size_t i = 0; i < c->nodes->n; i++)
		nodes[i] = c->nodes->at[i].node;
	api_place_keep(c->place, nodes, c->nodes->n, now);
}

static void forget_node(struct control_plane *c, size_t i)
{
	const struct host *n = &c->nodes->at[i].node;

	log_put(LOG_INFO, "engine", "forgot %s at %s", n->name, n->address);
	etcd_members_forget(c->etcd, n->address);
	node_watch_forget(c->nodes, i);
}

static void forget_others(struct control_plane *c, struct instant now)
{
	for (size_t i = c->nodes->n; i-- > 0;)
		if (!c->nodes->at[i].node.configured && !is_learned(c, &c->nodes->at[i].node))
			forget_node(c, i);
	forget_api_servers(c, now);
}

/* Its address is another cluster's by now: that machine was left at once. */
static void forget_foreign(struct control_plane *c, struct instant now)
{
	for (size_t i = c->nodes->n; i-- > 0;) {
		const struct node_watch_node *n = &c->nodes->at[i];

		if (!n->foreign || !n->node.remembered)
			continue;
		notice_say(c->notices, NOTICE_WARN,
			_("%s (%s) is another cluster's now: its authority is not the "
			  "kubeconfig's, and it was left at once"),
			n->node.name, n->node.address);
		forget_node(c, i);
		forget_api_servers(c, now);
	}
}

void control_plane_begin_anew(struct control_plane *c, struct instant now)
{
	notice_say(c->notices, NOTICE_WARN,
		_("another cluster answers at %s than before: what was known of that one is "
		  "forgotten"),
		api_place_at(c->place)->at.label);
	log_put(LOG_WARN, "engine", "another cluster answers: begun anew");
	kube_tables_forget(c->place->tables);
	node_watch_forget_all(c->nodes);
	etcd_watch_forget_all(c->etcd);
	forget_api_servers(c, now);
	memset(&c->learned, 0, sizeof(c->learned));
	c->learned_nodes = 0;
	c->began = now;
	api_place_begin_anew(c->place, now);
}

/* ---- whose nodes these are ---- */

static bool no_server_is_left(const struct api_watch *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->at[i].live.probe.state != PROBE_FAILED)
			return false;
	return true;
}

/* At the start a server may still say whose nodes these are, by its uid or by its list of them. */
static bool word_may_come(const struct control_plane *c, struct instant now)
{
	bool listing = listed(c)->listing && !source_of(c)->error[0];

	return instant_age_ms(c->began, now) < (listing ? LIST_WAIT_MS : WORD_WAIT_MS) &&
	       !no_server_is_left(c->place->api);
}

static enum remembered remembered_by(const struct control_plane *c, struct instant now)
{
	if (word_may_come(c, now))
		return REMEMBERED_WAIT;
	return c->nodes->key->n_cas > 0 ? REMEMBERED_PROVE : REMEMBERED_BAR;
}

/* The cluster is the one whose state was loaded. */
static void confirm(struct control_plane *c)
{
	const struct api_sides *s = &c->place->sides;

	if (s->identity != IDENTITY_KNOWN || !str_eq(s->uid, s->saved_uid))
		return;
	node_watch_confirm(c->nodes);
	etcd_members_confirm(c->etcd);
}

void control_plane_tick(struct control_plane *c, struct instant now)
{
	const struct api_sides *s = &c->place->sides;
	uint64_t nodes = table_generation(listed(c)->shown);
	uint64_t slices = table_generation(c->place->tables->at[KUBE_TABLE_SLICES].shown);

	if (c->began.boot_ms == 0)
		c->began = now;
	c->nodes->remembered = remembered_by(c, now);
	confirm(c);
	forget_foreign(c, now);
	if (!ports_are_told(c) || !api_sides_knows_cluster(s, now) || source_of(c)->saved)
		return;
	if (nodes != c->learned_nodes || slices != c->learned_slices) {
		c->learned_nodes = nodes;
		c->learned_slices = slices;
		read_nodes(c);
	}
	if (list_is_whole(c))
		forget_others(c, now);
}
