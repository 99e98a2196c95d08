/* ssh is slow and a node may hang in it, so each node has at most one round under way, on a worker,
 * with a deadline; the certificates, which change rarely and cost the most, are read once a minute,
 * and with them the errors in the components' logs are counted.
 *
 * Whoever writes a node's status would choose where root logs in, so only what the config names,
 * and addresses of other machines, are logged in to; and a node that is known from an earlier run
 * alone shows first that it lives under the kubeconfig's authority. */
#include "ops/watch/node_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/node_pki.h"
#include "cluster/node_round.h"
#include "model/impact.h"
#include "ops/watch/errand.h"

#define ROUND_EVERY_MS      5000
#define RAREST_MS           30000 /* a login that fails is tried no oftener in the end */
#define SLOW_EVERY_MS       60000
#define LOGS_STALE_MS       150000 /* counted so long ago, they say nothing of now */
#define LOGS_LEAST_S        600    /* a log that is younger has no rate to compare with */
#define ROUND_TIMEOUT_MS    8000
#define ROUND_SILENT_MS     6000 /* a busy node is slow in ssh long before it is dead */
#define BALANCER_EVERY_MS   5000
#define BALANCER_TIMEOUT_MS 5000

struct round_letter {
	struct errand errand;
	struct shell_host host;
	char vip[64], socket[128];
	bool slow;
	const struct cluster_key *key; /* what it must prove first; NULL: nothing */
	bool foreign;                  /* it lives under another authority */
	struct node_shell *shell;
	struct host_report *report;  /* a node's */
	struct haproxy_report *stat; /* a balancer's */
};

static void round_drop(struct letter *l)
{
	struct round_letter *r = (struct round_letter *)l;

	host_report_unref(r->report);
	free(r->stat);
	free(r);
}

static struct round_letter *round_new(
	struct node_watch *w, const struct errand_kind *kind, const struct shell_host *host)
{
	struct round_letter *r = mem_new(struct round_letter);

	errand_init(&r->errand, kind, w->to, w);
	r->shell = w->shell;
	r->host = *host;
	str_copy(r->vip, sizeof(r->vip), w->vip);
	str_copy(r->socket, sizeof(r->socket), w->socket);
	return r;
}

static int prove(struct round_letter *r, const struct node_call *call)
{
	struct tls_cert *certs = mem_zero(CLUSTER_CAS, sizeof(*certs));
	int n = node_read_ca(call, certs, CLUSTER_CAS, &r->errand.err);

	r->foreign = n > 0 && !cluster_key_shares(r->key, certs, n);
	free(certs);
	if (r->foreign)
		return err_set(&r->errand.err, ERR_INPUT, "%s",
			_("another cluster's: its authority is not the kubeconfig's"));
	return n > 0 ? 0 : -1;
}

static void node_run(struct errand *x, int cancel_fd)
{
	struct round_letter *r = (struct round_letter *)x;
	const struct node_call call = {
		r->shell, r->host.name, ROUND_TIMEOUT_MS, cancel_fd, r->host.local};

	r->report = mem_new(struct host_report);
	if (r->key && prove(r, &call) != 0)
		return;
	node_round(&call, r->vip[0] ? r->vip : NULL, r->slow, r->report, &r->errand.err);
}

static void balancer_run(struct errand *x, int cancel_fd)
{
	struct round_letter *r = (struct round_letter *)x;
	const struct node_call call = {
		r->shell, r->host.name, BALANCER_TIMEOUT_MS, cancel_fd, r->host.local};

	r->stat = mem_new(struct haproxy_report);
	haproxy_stat(&call, r->socket, r->stat, &r->errand.err);
}

void node_watch_init(struct node_watch *w, struct pool *pool, struct node_shell *shell,
	struct mailbox *to, const struct balancer_options *o)
{
	memset(w, 0, sizeof(*w));
	w->pool = pool;
	w->shell = shell;
	w->to = to;
	str_copy(w->socket, sizeof(w->socket), o->haproxy_socket);
	for (size_t i = 0; o->haproxy_nodes && o->haproxy_nodes[i] && i < 4; i++) {
		struct node_watch_balancer *b = &w->balancers[w->n_balancers++];

		str_copy(b->host.name, sizeof(b->host.name), o->haproxy_nodes[i]);
		b->host.local = str_eq(b->host.name, "local");
		question_init(&b->stat, BALANCER_EVERY_MS);
		question_backs_off(&b->stat, RAREST_MS);
		b->stat.silent_ms = ROUND_SILENT_MS;
	}
}

void node_watch_done(struct node_watch *w)
{
	for (size_t i = 0; i < w->n; i++)
		host_report_unref(w->at[i].report);
}

static void round_init(struct node_watch_node *n)
{
	question_init(&n->round, ROUND_EVERY_MS);
	question_backs_off(&n->round, RAREST_MS);
	n->round.silent_ms = ROUND_SILENT_MS;
	n->round.total_ms = ROUND_TIMEOUT_MS;
}

static void node_begin(struct node_watch_node *n, const struct host *node)
{
	memset(n, 0, sizeof(*n));
	n->node = *node;
	n->ever = node->ssh_seen;
	round_init(n);
}

/* What is newly said of a node that is known. */
static void node_update(struct node_watch_node *n, const struct host *node)
{
	if (!str_eq(n->node.address, node->address) || !str_eq(n->node.name, node->name)) {
		host_report_unref(n->report); /* another machine's */
		node_begin(n, node);
		return;
	}
	n->node.api_port = node->api_port;
	n->node.remembered = n->node.remembered && node->remembered;
	n->ever = n->ever || node->ssh_seen;
}

void node_watch_learn(struct node_watch *w, const struct host *node)
{
	for (size_t i = 0; i < w->n; i++) {
		struct node_watch_node *n = &w->at[i];

		if (!str_eq(n->node.name, node->name) &&
			!(node->address[0] && str_eq(n->node.address, node->address)))
			continue;
		if (n->node.configured)
			n->ever = n->ever || node->ssh_seen;
		else
			node_update(n, node);
		return;
	}
	if (w->n < LAYER_MAX_NODES)
		node_begin(&w->at[w->n++], node);
}

void node_watch_forget(struct node_watch *w, size_t i)
{
	host_report_unref(w->at[i].report);
	w->n--;
	memmove(&w->at[i], &w->at[i + 1], (w->n - i) * sizeof(w->at[0]));
}

void node_watch_forget_all(struct node_watch *w)
{
	for (size_t i = w->n; i-- > 0;) {
		struct host node = w->at[i].node;

		if (!node.configured) {
			node_watch_forget(w, i);
			continue;
		}
		node.api_seen = node.ssh_seen = false;
		host_report_unref(w->at[i].report);
		node_begin(&w->at[i], &node);
	}
}

void node_watch_confirm(struct node_watch *w)
{
	for (size_t i = 0; i < w->n; i++)
		w->at[i].node.remembered = false;
}

static bool has_address(const struct node_watch_node *n)
{
	return n->node.configured || address_may_log_in(n->node.address);
}

static bool must_prove(const struct node_watch_node *n)
{
	return n->node.remembered && !n->node.configured && !n->proven;
}

static bool may_ask(const struct node_watch *w, const struct node_watch_node *n)
{
	return has_address(n) && (!must_prove(n) || (w->remembered == REMEMBERED_PROVE &&
							    !n->foreign && !n->left[0]));
}

static struct shell_host address_of_node(const struct node_watch_node *n)
{
	struct shell_host host = {.local = n->node.local};

	str_copy(host.name, sizeof(host.name), n->node.address);
	return host;
}

struct shell_host node_watch_host(const struct node_watch_node *n)
{
	return has_address(n) && !must_prove(n) ? address_of_node(n) : (struct shell_host){0};
}

bool node_watch_awaits_word(const struct node_watch *w, const struct node_watch_node *n)
{
	return must_prove(n) && w->remembered == REMEMBERED_WAIT;
}

const char *node_watch_barred(const struct node_watch *w, const struct node_watch_node *n)
{
	if (!has_address(n))
		return _("its address in the cluster is none to log in to");
	if (!must_prove(n))
		return NULL;
	if (n->left[0])
		return n->left;
	return w->remembered == REMEMBERED_PROVE && !n->foreign
		       ? NULL
		       : _("known from an earlier run, and nothing proves it this cluster's yet");
}

void node_watch_vip(struct node_watch *w, const char *address)
{
	w->vip_held = w->vip_held && str_eq(w->vip, address);
	str_copy(w->vip, sizeof(w->vip), address);
}

/* A round without the slow part keeps what the last one with it read. */
static void keep_slow(struct host_report *fresh, const struct host_report *old)
{
	if (!old)
		return;
	fresh->n_files = old->n_files;
	memcpy(fresh->files, old->files, sizeof(fresh->files));
	fresh->n_certs = old->n_certs;
	memcpy(fresh->certs, old->certs, sizeof(fresh->certs));
	memcpy(fresh->ca_sha256, old->ca_sha256, sizeof(fresh->ca_sha256));
	memcpy(fresh->logs, old->logs, sizeof(fresh->logs));
}

void node_watch_compare(
	struct host_report *fresh, const struct host_report *old, const struct cluster_key *key)
{
	static const unsigned char none[SHA_BYTES];

	if (old)
		fresh->vip_since = fresh->holds_vip == old->holds_vip ? old->vip_since : fresh->at;
	fresh->ca_foreign = key && key->n_cas > 0 && memcmp(fresh->ca_sha256, none, SHA_BYTES) != 0;
	for (size_t i = 0; fresh->ca_foreign && i < key->n_cas; i++)
		fresh->ca_foreign = memcmp(fresh->ca_sha256, key->cas[i], SHA_BYTES) != 0;
}

static struct node_watch_node *node_asked(struct node_watch *w, uint64_t asking)
{
	for (size_t i = 0; i < w->n; i++)
		if (question_awaits(&w->at[i].round, asking))
			return &w->at[i];
	return NULL;
}

static void hear_node(void *room, struct letter *l, struct instant now)
{
	struct node_watch *w = room;
	struct round_letter *r = (struct round_letter *)l;
	struct node_watch_node *n = node_asked(w, r->errand.asking);

	if (!n)
		return; /* it is gone, or no longer waits */
	n->foreign = r->foreign;
	n->proven = n->proven || (r->key && r->errand.err.code == ERR_NONE);
	if (r->key && r->errand.err.code == ERR_MISSING)
		snprintf(n->left, sizeof(n->left),
			_("known from an earlier run, and not proven this cluster's: %.90s"),
			r->errand.err.text);
	question_answered(&n->round, now, &r->errand.err, r->report ? r->report->round_us : -1);
	/* Too slow for all of it: the quick part alone must not be missed for that. */
	if (r->slow && r->errand.err.code == ERR_TIMEOUT)
		n->slow_asked = now;
	if (r->errand.err.code != ERR_NONE || !r->report)
		return;
	n->ever = true;
	if (r->slow)
		n->slow_asked = n->logs_counted = now;
	else
		keep_slow(r->report, n->report);
	node_watch_compare(r->report, n->report, w->key);
	w->vip_held = w->vip_held || r->report->holds_vip;
	if (w->changes && r->slow)
		change_log_files(w->changes, n->node.name[0] ? n->node.name : n->node.address,
			n->report, r->report);
	host_report_unref(n->report);
	n->report = r->report;
	r->report = NULL;
}

static void hear_balancer(void *room, struct letter *l, struct instant now)
{
	struct node_watch *w = room;
	const struct round_letter *r = (const struct round_letter *)l;
	struct node_watch_balancer *b = w->balancers;

	while (b < w->balancers + w->n_balancers && !question_awaits(&b->stat, r->errand.asking))
		b++;
	if (b == w->balancers + w->n_balancers)
		return;
	question_answered(&b->stat, now, &r->errand.err, -1);
	if (r->errand.err.code == ERR_NONE && r->stat) {
		b->report = *r->stat;
		b->ever = true;
	}
}

static const struct errand_kind node_errand = {node_run, round_drop, hear_node};
static const struct errand_kind balancer_errand = {balancer_run, round_drop, hear_balancer};

static void ask_node(struct node_watch *w, struct node_watch_node *n, struct instant now)
{
	const struct shell_host host = address_of_node(n);
	struct round_letter *r = round_new(w, &node_errand, &host);

	r->key = must_prove(n) ? w->key : NULL;
	n->round.total_ms = r->key ? 2 * ROUND_TIMEOUT_MS : ROUND_TIMEOUT_MS;
	r->slow = n->slow_asked.boot_ms == 0 || instant_age_ms(n->slow_asked, now) >= SLOW_EVERY_MS;
	errand_ask(&r->errand, w->pool, &n->round, now);
}

static void ask_balancer(struct node_watch *w, struct node_watch_balancer *b, struct instant now)
{
	struct round_letter *r = round_new(w, &balancer_errand, &b->host);

	errand_ask(&r->errand, w->pool, &b->stat, now);
}

/* A healthy node's round may wait for a worker behind those of hung ones. */
static void wait_for(struct node_watch *w, struct question *q, struct instant now)
{
	errand_wait(w->pool, q, now);
	question_wait(q, now);
}

void node_watch_tick(struct node_watch *w, struct instant now)
{
	if (!w->shell)
		return;
	for (size_t i = 0; i < w->n; i++) {
		if (may_ask(w, &w->at[i]) && question_due(&w->at[i].round, now))
			ask_node(w, &w->at[i], now);
		wait_for(w, &w->at[i].round, now);
	}
	for (size_t i = 0; i < w->n_balancers; i++) {
		if (question_due(&w->balancers[i].stat, now))
			ask_balancer(w, &w->balancers[i], now);
		wait_for(w, &w->balancers[i].stat, now);
	}
}

void node_watch_woke(struct node_watch *w, int64_t ms, struct instant now)
{
	for (size_t i = 0; i < w->n; i++)
		question_woke(&w->at[i].round, ms, now);
	for (size_t i = 0; i < w->n_balancers; i++)
		question_woke(&w->balancers[i].stat, ms, now);
}

void node_watch_ask_all(struct node_watch *w)
{
	for (size_t i = 0; i < w->n; i++) {
		question_again(&w->at[i].round);
		w->at[i].slow_asked = (struct instant){0};
	}
	for (size_t i = 0; i < w->n_balancers; i++)
		question_again(&w->balancers[i].stat);
}

void node_watch_stir(struct node_watch *w, const char *address, struct instant back)
{
	for (size_t i = 0; i < w->n; i++) {
		struct question *q = &w->at[i].round;

		if (q->vain > 0 && back.boot_ms > q->asked.boot_ms &&
			str_eq(w->at[i].node.address, address))
			question_again(q);
	}
}

/* ---- bursts of errors ---- */

static struct pace pace_of(const struct host_log *log)
{
	return (struct pace){.recent = log->recent * 60.0 / HOST_LOG_RECENT_S,
		.before = log->before * 60.0 / (log->back_s - HOST_LOG_RECENT_S)};
}

static void add_bursts(const struct node_watch_node *n, struct names *to)
{
	for (size_t i = 0; i < HOST_LOGS; i++) {
		const struct host_log *log = &n->report->logs[i];
		struct pace pace;
		char text[NAMES_ROOM];

		if (log->back_s < LOGS_LEAST_S)
			continue;
		pace = pace_of(log);
		if (!pace_is_burst(&pace))
			continue;
		snprintf(text, sizeof(text), "%s %s %.0f/min",
			n->node.name[0] ? n->node.name : n->node.address, host_log_names[i],
			pace.recent);
		names_add(to, text);
	}
}

void node_watch_bursts(const struct node_watch *w, struct names *to, struct instant now)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct node_watch_node *n = &w->at[i];

		if (n->report && n->logs_counted.boot_ms != 0 &&
			instant_age_ms(n->logs_counted, now) < LOGS_STALE_MS)
			add_bursts(n, to);
	}
}

void node_watch_fill(const struct node_watch *w, struct snapshot *s)
{
	s->vip_held = w->vip_held;
	for (size_t i = 0; i < w->n; i++) {
		const struct node_watch_node *n = &w->at[i];
		struct host_seen *seen = &s->hosts[s->n_hosts];

		if (!n->report || node_watch_awaits_word(w, n))
			continue;
		str_copy(seen->name, sizeof(seen->name),
			n->node.name[0] ? n->node.name : n->node.address);
		seen->report = host_report_ref(n->report);
		s->n_hosts++;
	}
}
