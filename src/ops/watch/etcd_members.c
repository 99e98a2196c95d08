/* Who belongs to etcd. A stacked etcd is first sought where the control plane is; then its own list
 * of members says who there is, and what that no longer holds is no longer asked for: a member that
 * was replaced must not count against the quorum for ever.
 *
 * Where a member is asked is the cluster's word, so it is looked at before (base/address.h): an
 * address or a strict name, asked over TLS that verifies it. */
#include "ops/watch/etcd_members.h"

#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/log.h"
#include "base/str.h"
#include "ops/watch/etcd_watch.h"

#define STATUS_EVERY_MS  1000
#define METRICS_EVERY_MS 15000
#define PEER_EVERY_MS    10000
#define STATUS_RAREST_MS 4000 /* a member that comes back is seen within five seconds */
#define OTHER_RAREST_MS  60000
#define CLIENT_PORT      2379

static void ask_anew(struct etcd_watch_member *x)
{
	question_init(&x->status, STATUS_EVERY_MS);
	question_backs_off(&x->status, STATUS_RAREST_MS);
	question_init(&x->metrics, METRICS_EVERY_MS);
	question_backs_off(&x->metrics, OTHER_RAREST_MS);
	question_init(&x->peer, PEER_EVERY_MS);
	question_backs_off(&x->peer, OTHER_RAREST_MS);
}

static struct etcd_member *member_add(struct etcd_watch *w, const char *url, const char *host)
{
	struct etcd_member *m;
	struct etcd_watch_member *x;

	if (w->state.n == ETCD_MAX_MEMBERS)
		return NULL;
	m = &w->state.members[w->state.n];
	x = &w->at[w->state.n++];
	memset(m, 0, sizeof(*m));
	memset(x, 0, sizeof(*x));
	str_copy(m->client_url, sizeof(m->client_url), url);
	str_copy(m->address, sizeof(m->address), host);
	m->db_bytes = m->db_used_bytes = m->quota_bytes = m->revision = m->lag = -1;
	m->latency_us = m->fsync_p99_us = m->leader_changes = -1;
	ask_anew(x);
	return m;
}

static void member_remove(struct etcd_watch *w, size_t i)
{
	size_t rest = w->state.n - i - 1;

	memmove(&w->state.members[i], &w->state.members[i + 1], rest * sizeof(w->state.members[0]));
	memmove(&w->at[i], &w->at[i + 1], rest * sizeof(w->at[0]));
	w->state.n--;
}

static struct etcd_watch_member *watch_of(struct etcd_watch *w, const struct etcd_member *m)
{
	return &w->at[m - w->state.members];
}

static struct etcd_member *member_at_url(struct etcd_watch *w, const char *url)
{
	for (size_t i = 0; i < w->state.n; i++)
		if (str_eq(w->state.members[i].client_url, url))
			return &w->state.members[i];
	return NULL;
}

/* The operator's own word is taken as it is. */
void etcd_members_configure(struct etcd_watch *w, const char *url)
{
	const char *at = strstr(url, "://");
	char host[64];
	size_t n;

	at = at ? at + 3 : url;
	n = *at == '[' ? strcspn(++at, "]") : strcspn(at, ":/");
	str_copy_n(host, sizeof(host), at, n);
	if (member_add(w, url, host))
		w->at[w->state.n - 1].configured = true;
}

static void make_url(char url[128], const char *scheme, const char *host, int port)
{
	snprintf(url, 128, strchr(host, ':') ? "%s://[%s]:%d" : "%s://%s:%d", scheme, host, port);
}

/* The members' own list says where they are, once there is one; and where the config names both
 * nodes and members, it does. */
static bool guess_is_idle(
	const struct etcd_watch *w, const struct host *node, const struct etcd_member *m)
{
	const struct etcd_watch_member *at = &w->at[m - w->state.members];

	return (m->listed && !at->remembered) || (at->configured && node->configured);
}

void etcd_members_learn(struct etcd_watch *w, const struct host *node)
{
	bool idle = false;
	char url[128];
	struct etcd_member *m;

	if (!node->address[0])
		return;
	for (size_t i = 0; i < w->state.n; i++) {
		m = &w->state.members[i];
		if (str_eq(m->address, node->address)) {
			if (m->name[0] == '\0')
				str_copy(m->name, sizeof(m->name), node->name);
			w->at[i].remembered = w->at[i].remembered && node->remembered;
			return;
		}
		idle = idle || guess_is_idle(w, node, m);
	}
	if (idle)
		return;
	make_url(url, "https", node->address, CLIENT_PORT);
	m = member_add(w, url, node->address);
	if (!m)
		return;
	str_copy(m->name, sizeof(m->name), node->name);
	watch_of(w, m)->remembered = node->remembered;
}

void etcd_members_recall(struct etcd_watch *w, const struct etcd_state *saved, struct instant then)
{
	w->source = (struct source){.state = SOURCE_STALE, .good = then, .saved = true};
	for (size_t i = 0; i < saved->n; i++) {
		const struct etcd_member *old = &saved->members[i];
		struct etcd_member *m = member_at_url(w, old->client_url);
		char host[ADDRESS_ROOM];

		if (!m && !address_url(old->client_url, host, NULL))
			continue;
		if (!m && (m = member_add(w, old->client_url, host)) != NULL)
			watch_of(w, m)->remembered = true;
		if (!m)
			return;
		str_copy(host, sizeof(host), m->address);
		*m = *old;
		str_copy(m->address, sizeof(m->address), host);
		if (!address_url(m->peer_url, NULL, NULL))
			m->peer_url[0] = '\0';
		m->cluster_id = 0; /* it may have been restored since */
		m->health = ETCD_UNKNOWN;
		m->error[0] = '\0';
	}
}

void etcd_members_confirm(struct etcd_watch *w)
{
	for (size_t i = 0; i < w->state.n; i++)
		w->at[i].remembered = false;
}

/* ---- the members' own list ---- */

/* Where a listed member is. */
struct place {
	char url[128];              /* to ask it at; "" while it has not begun */
	char peer_url[128];         /* "" when it is none */
	char host[ADDRESS_ROOM];    /* the machine: of the URL, else of the peer's */
	char machine[ADDRESS_ROOM]; /* of the peer's, or "" */
};

/* Clients on the member's own machine may be all it advertises for (127.0.0.1, 0.0.0.0): then it is
 * asked where its peers find it. */
static void place_of(const char *client, const char *peer, struct place *p)
{
	const char *scheme = str_starts(client, "http://") ? "http" : "https";
	const char *end = strrchr(client, ':');
	int port = 0, peer_port;
	int64_t n;

	memset(p, 0, sizeof(*p));
	if (address_url(peer, p->machine, &peer_port))
		str_copy(p->peer_url, sizeof(p->peer_url), peer);
	if (!address_url(client, p->host, &port) && end && str_i64(end + 1, &n) && n > 0 &&
		n < 65536)
		port = (int)n;
	if (!p->host[0] || (address_of(p->host, NULL) == ADDRESS_LOOPBACK &&
				   address_of(p->machine, NULL) == ADDRESS_HOST))
		str_copy(p->host, sizeof(p->host), p->machine);
	if (p->host[0] && port)
		make_url(p->url, scheme, p->host, port);
}

/* The member that lives at this place: by id, by URL, by address. */
static struct etcd_member *find_listed(struct etcd_watch *w, uint64_t id, const struct place *p)
{
	for (size_t i = 0; i < w->state.n; i++)
		if (w->state.members[i].id == id && id != 0)
			return &w->state.members[i];
	if (p->url[0] && member_at_url(w, p->url))
		return member_at_url(w, p->url);
	for (size_t i = 0; i < w->state.n; i++)
		if (w->state.members[i].address[0] &&
			(str_eq(w->state.members[i].address, p->machine) ||
				str_eq(w->state.members[i].address, p->host)))
			return &w->state.members[i];
	return NULL;
}

/* A member that moved to another machine is asked there. One that answers is left where it is: it
 * may advertise a name that only its peers can resolve. */
static void follow(struct etcd_watch *w, struct etcd_member *m, const struct place *p)
{
	if (!p->url[0] || str_eq(m->client_url, p->url) || watch_of(w, m)->configured)
		return;
	if (m->client_url[0] &&
		(etcd_answers(m) || str_eq(m->address, p->host) || str_eq(m->address, p->machine)))
		return;
	str_copy(m->client_url, sizeof(m->client_url), p->url);
	str_copy(m->address, sizeof(m->address), p->host);
	ask_anew(watch_of(w, m));
}

static void take_listed(struct etcd_watch *w, const struct etcd_members_answer *a, size_t i)
{
	struct place p;
	struct etcd_member *m;

	place_of(a->members[i].client_url, a->members[i].peer_url, &p);
	m = find_listed(w, a->members[i].id, &p);
	if (!m)
		m = member_add(w, p.url, p.host);
	if (!m)
		return;
	follow(w, m, &p);
	m->listed = true;
	watch_of(w, m)->remembered = false;
	m->learner = a->members[i].learner;
	if (!m->foreign)
		m->id = a->members[i].id;
	if (a->members[i].name[0])
		str_copy(m->name, sizeof(m->name), a->members[i].name);
	str_copy(m->peer_url, sizeof(m->peer_url), p.peer_url);
}

/* What is not listed and still answers is another cluster's, or not yet stopped: it is shown. */
static bool is_gone(const struct etcd_member *m, const struct etcd_watch_member *x)
{
	return !m->listed && !x->configured &&
	       !(m->health == ETCD_HEALTHY || (m->foreign && etcd_answers(m)));
}

void etcd_members_listed(struct etcd_watch *w, const struct etcd_members_answer *a)
{
	if (a->n == 0)
		return;
	for (size_t i = 0; i < w->state.n; i++)
		w->state.members[i].listed = false;
	for (size_t i = 0; i < a->n; i++)
		take_listed(w, a, i);
	for (size_t i = w->state.n; i-- > 0;) {
		if (!is_gone(&w->state.members[i], &w->at[i]) || w->state.quorum != ETCD_QUORUM_OK)
			continue;
		log_put(LOG_INFO, "etcd", "forgot %s at %s: no member any longer",
			w->state.members[i].name, w->state.members[i].client_url);
		member_remove(w, i);
	}
}

void etcd_members_forget(struct etcd_watch *w, const char *address)
{
	for (size_t i = w->state.n; i-- > 0;) {
		const struct etcd_member *m = &w->state.members[i];
		bool listed = m->listed && !w->at[i].remembered;

		if (!w->at[i].configured && !listed && str_eq(m->address, address))
			member_remove(w, i);
	}
}

void etcd_members_forget_all(struct etcd_watch *w)
{
	struct etcd_state none = {.read_us = -1};
	char urls[ETCD_MAX_MEMBERS][128];
	size_t n = 0;

	for (size_t i = 0; i < w->state.n; i++)
		if (w->at[i].configured)
			str_copy(urls[n++], sizeof(urls[0]), w->state.members[i].client_url);
	w->state = none;
	w->source = (struct source){.state = SOURCE_NEVER};
	for (size_t i = 0; i < n; i++)
		etcd_members_configure(w, urls[i]);
}
