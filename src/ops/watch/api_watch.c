/* Each API server is asked over a connection of its own that is not kept: a hung server is
 * invisible to a watch, and a kept connection to a dead one would be used again and again (FACTS
 * 0.4). `/livez?exclude=etcd` tells the server's own faults from its etcd's; a 401 or 403 is as
 * alive as a 200. A server's readiness may come over a kept connection, as long as it does come. */
#include "ops/watch/api_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "ops/watch/errand.h"

#define LIVE_EVERY_MS        1000
#define BALANCER_EVERY_MS    2000 /* what it is asked reaches a server that is asked already */
#define LIVE_RAREST_MS       4000 /* a server that comes back is seen within five seconds */
#define READY_RAREST_MS      10000
#define READY_EVERY_MS       5000
#define CERTIFICATE_EVERY_MS 60000
#define READY_SILENT_MS      5000 /* with a dead etcd it takes 4 s to say so */
#define CONNECT_MS           2000
#define LIVE_TOTAL_MS        5000
#define READY_TOTAL_MS       8000

enum api_what { API_LIVE, API_READY, API_CERTIFICATE };

static const struct {
	const char *path;
	int64_t total_ms;
} asks[] = {
	[API_LIVE] = {"/livez?exclude=etcd", LIVE_TOTAL_MS},
	[API_READY] = {"/readyz", READY_TOTAL_MS},
};

/* An answer on its way from the net thread. */
struct api_letter {
	struct letter letter;
	uint64_t asking;
	enum api_what what;
	struct http_result result;
	struct buf body;
};

struct certificate_letter {
	struct errand errand;
	char host[64];
	int port;
	char *server_name, *ca;
	struct tls_peer peer;
};

static struct question *question_of(struct api_endpoint *ep, enum api_what what)
{
	return what == API_LIVE ? &ep->live : what == API_READY ? &ep->ready : &ep->certificate;
}

/* The endpoint that awaits this answer; NULL: it is gone, or no longer waits. */
static struct api_endpoint *asked_of(struct api_watch *w, enum api_what what, uint64_t asking)
{
	for (size_t i = 0; i < w->n; i++)
		if (question_awaits(question_of(&w->at[i], what), asking))
			return &w->at[i];
	return NULL;
}

static void api_letter_drop(struct letter *l)
{
	struct api_letter *a = (struct api_letter *)l;

	buf_done(&a->body);
	free(a);
}

static int on_data(void *arg, const char *bytes, size_t n)
{
	struct api_letter *a = arg;

	return buf_add(&a->body, bytes, n);
}

static void on_done(void *arg, const struct http_result *result)
{
	struct api_letter *a = arg;

	a->result = *result;
	letter_answer(&a->letter);
}

static void split_label(const char *label, char *host, size_t size, int *port)
{
	const char *colon = strrchr(label, ':');
	int64_t n = 443;

	str_copy_n(host, size, label, colon ? (size_t)(colon - label) : strlen(label));
	if (host[0] == '[') { /* [fd00::1]:6443 */
		size_t len = strcspn(host + 1, "]");

		memmove(host, host + 1, len);
		host[len] = '\0';
	}
	if (colon)
		str_i64(colon + 1, &n);
	*port = (int)n;
}

static void endpoint_init(struct api_endpoint *ep, const struct kube_endpoint *at)
{
	int port;

	memset(ep, 0, sizeof(*ep));
	ep->at = *at;
	split_label(at->label, ep->address, sizeof(ep->address), &port);
	ep->skew_ms = INT64_MIN;
	question_init(&ep->live, LIVE_EVERY_MS);
	question_backs_off(&ep->live, LIVE_RAREST_MS);
	question_init(&ep->ready, READY_EVERY_MS);
	question_backs_off(&ep->ready, READY_RAREST_MS);
	ep->ready.silent_ms = READY_SILENT_MS;
	ep->ready.total_ms = READY_TOTAL_MS;
	question_init(&ep->certificate, CERTIFICATE_EVERY_MS);
	question_backs_off(&ep->certificate, CERTIFICATE_EVERY_MS);
}

void api_watch_init(struct api_watch *w, struct http *http, struct pool *pool,
	struct kube_client *client, struct mailbox *to, const char *load_balancer)
{
	const struct kube_access *access = kube_client_access(client);
	struct kube_endpoint server, balancer = {0};

	memset(w, 0, sizeof(*w));
	w->http = http;
	w->pool = pool;
	w->client = client;
	w->to = to;
	w->proxied = access->proxy_url != NULL;
	w->tls = http_tls_new(access->ca_pem, NULL, NULL);
	if (access->insecure)
		http_tls_insecure(w->tls);
	kube_client_server(client, &server);
	endpoint_init(&w->at[0], &server);
	w->n = w->own = 1;
	if (!load_balancer[0] || str_eq(load_balancer, server.label))
		return;
	str_copy(balancer.label, sizeof(balancer.label), load_balancer);
	str_copy(balancer.connect_to, sizeof(balancer.connect_to), load_balancer);
	endpoint_init(&w->at[1], &balancer);
	w->vip = 1;
	w->n = w->own = 2;
}

void api_watch_done(struct api_watch *w)
{
	http_tls_unref(w->tls);
}

/* The endpoint that was learned at this address. */
static struct api_endpoint *direct_at(struct api_watch *w, const char *address)
{
	for (size_t i = w->own; i < w->n; i++)
		if (str_eq(w->at[i].address, address))
			return &w->at[i];
	return NULL;
}

void api_watch_learn(struct api_watch *w, const struct host *node)
{
	bool v6 = strchr(node->address, ':') != NULL;
	struct kube_endpoint at = {0};
	struct api_endpoint *ep;
	bool configured = node->configured;

	if (!node->address[0])
		return;
	snprintf(at.label, sizeof(at.label), v6 ? "[%s]:%d" : "%s:%d", node->address,
		node->api_port ? node->api_port : 6443);
	str_copy(at.connect_to, sizeof(at.connect_to), at.label);
	for (size_t i = 0; i < w->n; i++) {
		if (!str_eq(w->at[i].at.label, at.label))
			continue;
		if (w->vip == (int)i) /* no load balancer: the kubeconfig names a node */
			w->vip = -1;
		str_copy(w->at[i].node, sizeof(w->at[i].node), node->name);
		w->at[i].ever = w->at[i].ever || node->api_seen;
		w->at[i].configured = w->at[i].configured || node->configured;
		return;
	}
	ep = direct_at(w, node->address);
	if (!ep && w->n == API_MAX)
		return;
	if (ep)
		configured = configured || ep->configured;
	else
		ep = &w->at[w->n++];
	endpoint_init(ep, &at);
	str_copy(ep->node, sizeof(ep->node), node->name);
	ep->ever = node->api_seen;
	ep->configured = configured;
}

bool api_watch_is_of(const struct api_watch *w, size_t i, const struct host *nodes, size_t n)
{
	if (i < w->own || w->at[i].configured)
		return true;
	for (size_t k = 0; k < n; k++)
		if (str_eq(nodes[k].address, w->at[i].address))
			return true;
	return false;
}

/* The kubeconfig's server was a node that is gone: it is but an address again. */
static void unname(struct api_watch *w, const struct host *nodes, size_t n)
{
	for (size_t i = 0; i < w->own; i++) {
		bool known = w->at[i].configured;

		for (size_t k = 0; k < n; k++)
			known = known || str_eq(nodes[k].address, w->at[i].address);
		if (known || !w->at[i].node[0])
			continue;
		w->at[i].node[0] = '\0';
		if (i + 1 == w->own)
			w->vip = (int)i;
	}
}

void api_watch_keep(struct api_watch *w, const struct host *nodes, size_t n, int *active)
{
	unname(w, nodes, n);
	for (size_t i = w->n; i-- > w->own;) {
		if (api_watch_is_of(w, i, nodes, n))
			continue;
		w->n--;
		memmove(&w->at[i], &w->at[i + 1], (w->n - i) * sizeof(w->at[0]));
		if (*active == (int)i)
			*active = 0;
		else if (*active > (int)i)
			(*active)--;
	}
}

int api_watch_port(const struct api_watch *w, const char *address)
{
	char host[64];
	int port = 0;

	for (size_t i = 0; i < w->n; i++)
		if ((int)i != w->vip && str_eq(w->at[i].address, address))
			split_label(w->at[i].at.label, host, sizeof(host), &port);
	return port;
}

/* "[-]etcd failed: reason withheld" lines of a verbose answer -> "etcd, poststarthook/x" */
static void failed_checks(const char *body, struct err *e)
{
	struct buf names;

	buf_init(&names, 160);
	for (const char *at = strstr(body, "[-]"); at; at = strstr(at + 3, "[-]")) {
		size_t n = strcspn(at + 3, " \n");

		if (names.len)
			buf_puts(&names, ", ");
		if (buf_add(&names, at + 3, n) != 0)
			break;
	}
	if (names.len)
		err_set(e, ERR_SERVER, _("failed checks: %s"), buf_text(&names));
	buf_done(&names);
}

static void judge_answer(const struct api_letter *a, struct err *e)
{
	*e = a->result.err;
	if (e->code != ERR_NONE || (a->result.status >= 200 && a->result.status < 300) ||
		a->result.status == 401 || a->result.status == 403)
		return;
	http_status_err(e, a->result.status, buf_text(&a->body), a->body.len);
	failed_checks(buf_text(&a->body), e);
}

static bool well(const struct api_endpoint *ep)
{
	return ep->live.probe.state == PROBE_OK;
}

/* It went down or came back: what depends on it need not wait for its own time. */
static void turned(struct api_watch *w, struct api_endpoint *ep, struct instant now)
{
	if (well(ep)) {
		ep->back = now;
		question_again(&ep->ready);
	}
	if (w->vip >= 0 && ep != &w->at[w->vip])
		question_again(&w->at[w->vip].live);
}

static void hear_answer(void *room, struct letter *l, struct instant now)
{
	const struct api_letter *a = (const struct api_letter *)l;
	struct api_watch *w = room;
	struct api_endpoint *ep = asked_of(w, a->what, a->asking);
	bool was_well;
	struct err e;

	if (!ep)
		return;
	judge_answer(a, &e);
	was_well = well(ep);
	if (a->what == API_LIVE)
		ep->taken = e.code == ERR_TIMEOUT && a->result.connect_us >= 0;
	question_answered(question_of(ep, a->what), now, &e, a->result.total_us);
	question_hold(question_of(ep, a->what), now, http_retry_ms(&a->result));
	if (was_well != well(ep))
		turned(w, ep, now);
	if (a->result.status != 0)
		ep->ever = true;
	if (a->result.date_ms != INT64_MIN)
		ep->skew_ms = a->result.date_ms + 500 - (now.wall_ms - a->result.total_us / 2000);
	if (e.code == ERR_TLS) /* look at its certificate now, not within the minute */
		ep->certificate.every_ms = 5000;
	else
		ep->certificate.every_ms = CERTIFICATE_EVERY_MS;
	if (e.code == ERR_TLS)
		ep->ever = true;
}

static void ask(
	struct api_watch *w, struct api_endpoint *ep, enum api_what what, struct instant now)
{
	const struct kube_access *access = kube_client_access(w->client);
	struct api_letter *a = mem_new(struct api_letter);
	char url[512], connect_to[80];
	struct http_request r = {
		.url = url,
		.proxy = access->proxy_url,
		.tls = w->tls,
		.connect_ms = CONNECT_MS,
		.total_ms = asks[what].total_ms,
		.max_bytes = 64 << 10,
		.fresh = what == API_LIVE || probe_is_bad(&ep->ready.probe),
	};
	const struct http_calls calls = {.data = on_data, .done = on_done};

	kube_client_url(w->client, &ep->at, asks[what].path, url, sizeof(url), connect_to);
	r.connect_to = connect_to[0] ? connect_to : NULL;
	a->letter.drop = api_letter_drop;
	a->letter.to = (struct hearer){.box = w->to, .hear = hear_answer, .room = w};
	a->asking = question_asked(question_of(ep, what), now);
	a->what = what;
	buf_init(&a->body, 64 << 10);
	http_start(w->http, &r, &calls, a);
}

static void certificate_drop(struct letter *l)
{
	struct certificate_letter *c = (struct certificate_letter *)l;

	free(c->server_name);
	free(c->ca);
	free(c);
}

static void certificate_run(struct errand *x, int cancel_fd)
{
	struct certificate_letter *c = (struct certificate_letter *)x;
	const struct tls_question q = {.host = c->host,
		.port = c->port,
		.server_name = c->server_name,
		.ca_pem = c->ca,
		.timeout_ms = LIVE_TOTAL_MS};

	if (tls_ask(&q, cancel_fd, &c->peer, &x->err) == 0)
		err_clear(&x->err);
}

static void hear_certificate(void *room, struct letter *l, struct instant now)
{
	const struct certificate_letter *c = (const struct certificate_letter *)l;
	struct api_endpoint *ep = asked_of(room, API_CERTIFICATE, c->errand.asking);

	if (!ep)
		return;
	question_answered(&ep->certificate, now, &c->errand.err, c->peer.handshake_us);
	if (c->errand.err.code == ERR_NONE)
		ep->peer = c->peer;
}

static const struct errand_kind certificate_errand = {
	certificate_run, certificate_drop, hear_certificate};

static void ask_certificate(struct api_watch *w, struct api_endpoint *ep, struct instant now)
{
	const struct kube_access *access = kube_client_access(w->client);
	struct certificate_letter *c = mem_new(struct certificate_letter);

	errand_init(&c->errand, &certificate_errand, w->to, w);
	split_label(ep->at.label, c->host, sizeof(c->host), &c->port);
	c->server_name = mem_str(access->tls_server_name);
	if (!c->server_name) {
		char host[64];
		int port;

		split_label(w->at[0].at.label, host, sizeof(host), &port);
		c->server_name = mem_str(host);
	}
	c->ca = mem_str(access->ca_pem);
	errand_ask(&c->errand, w->pool, &ep->certificate, now);
}

/* Only where the servers behind it are known: a lone one is all that can be asked. */
static bool is_balancer(const struct api_watch *w, const struct api_endpoint *ep)
{
	return w->n > 1 && ep == api_watch_vip(w);
}

void api_watch_tick(struct api_watch *w, struct instant now)
{
	for (size_t i = 0; i < w->n; i++) {
		struct api_endpoint *ep = &w->at[i];

		ep->live.every_ms = is_balancer(w, ep) ? BALANCER_EVERY_MS : LIVE_EVERY_MS;
		if (question_due(&ep->live, now))
			ask(w, ep, API_LIVE, now);
		if (!is_balancer(w, ep) && question_due(&ep->ready, now))
			ask(w, ep, API_READY, now);
		/* Only of a server that answers: a hung one would hold a worker. */
		if (ep->ever && ep->live.probe.state != PROBE_SILENT &&
			!kube_client_access(w->client)->proxy_url &&
			question_due(&ep->certificate, now))
			ask_certificate(w, ep, now);
		errand_wait(w->pool, &ep->certificate, now);
		question_wait(&ep->live, now);
		question_wait(&ep->ready, now);
	}
}

void api_watch_ask_all(struct api_watch *w)
{
	for (size_t i = 0; i < w->n; i++) {
		question_again(&w->at[i].live);
		question_again(&w->at[i].ready);
		question_again(&w->at[i].certificate);
	}
}

void api_watch_woke(struct api_watch *w, int64_t ms, struct instant now)
{
	for (size_t i = 0; i < w->n; i++) {
		question_woke(&w->at[i].live, ms, now);
		question_woke(&w->at[i].ready, ms, now);
		question_woke(&w->at[i].certificate, ms, now);
	}
}

const struct api_endpoint *api_watch_vip(const struct api_watch *w)
{
	return w->vip >= 0 ? &w->at[w->vip] : NULL;
}

/* A proxy, or a tunnel's end on this machine, takes every connection. */
bool api_watch_link_works(const struct api_watch *w)
{
	if (w->proxied)
		return false;
	for (size_t i = 0; i < w->n; i++)
		if (w->at[i].taken && address_of(w->at[i].address, NULL) == ADDRESS_HOST)
			return true;
	return false;
}

bool api_watch_seen(const struct api_watch *w, const char *address)
{
	for (size_t i = 0; i < w->n; i++)
		if ((int)i != w->vip && str_eq(w->at[i].address, address))
			return w->at[i].ever;
	return false;
}
