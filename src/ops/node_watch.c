/* ssh is slow and a node may hang in it, so each node has at most one round under way, on a worker,
 * with a deadline; the certificates, which change rarely and cost the most, are read once a minute,
 * and with them the errors in the components' logs are counted. */
#include "ops/node_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/impact.h"

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
	struct letter letter;
	uint64_t asking;
	char host[64], vip[64], socket[128];
	bool slow;
	struct node_shell *shell;
	struct node_report *report;  /* a node's */
	struct haproxy_report *stat; /* a balancer's */
	struct err err;
	struct mailbox *to;
};

static void round_drop(struct letter *l)
{
	struct round_letter *r = (struct round_letter *)l;

	free(r->report);
	free(r->stat);
	free(r);
}

static void round_post(void *job)
{
	struct round_letter *r = job;

	mailbox_answer(r->to, &r->letter);
}

static struct round_letter *round_new(
	struct node_watch *w, int kind, uint64_t asking, const char *host)
{
	struct round_letter *r = mem_new(struct round_letter);

	r->letter.kind = kind;
	r->letter.drop = round_drop;
	r->asking = asking;
	r->shell = w->shell;
	r->to = w->to;
	str_copy(r->host, sizeof(r->host), host);
	str_copy(r->vip, sizeof(r->vip), w->vip);
	str_copy(r->socket, sizeof(r->socket), w->socket);
	err_set(&r->err, ERR_CANCELLED, _("not asked yet"));
	return r;
}

static void node_run(void *job, int cancel_fd)
{
	struct round_letter *r = job;
	const struct node_call call = {r->shell, r->host, ROUND_TIMEOUT_MS, cancel_fd};

	r->report = mem_new(struct node_report);
	err_clear(&r->err);
	node_round(&call, r->vip[0] ? r->vip : NULL, r->slow, r->report, &r->err);
}

static void balancer_run(void *job, int cancel_fd)
{
	struct round_letter *r = job;
	const struct node_call call = {r->shell, r->host, BALANCER_TIMEOUT_MS, cancel_fd};

	r->stat = mem_new(struct haproxy_report);
	err_clear(&r->err);
	haproxy_stat(&call, r->socket, r->stat, &r->err);
}

void node_watch_init(struct node_watch *w, struct pool *pool, struct node_shell *shell,
	struct mailbox *to, const struct engine_options *o)
{
	memset(w, 0, sizeof(*w));
	w->pool = pool;
	w->shell = shell;
	w->to = to;
	str_copy(w->socket, sizeof(w->socket), o->load_balancer.haproxy_socket);
	for (size_t i = 0;
		o->load_balancer.haproxy_nodes && o->load_balancer.haproxy_nodes[i] && i < 4; i++) {
		struct node_watch_balancer *b = &w->balancers[w->n_balancers++];

		str_copy(b->host, sizeof(b->host), o->load_balancer.haproxy_nodes[i]);
		question_init(&b->stat, BALANCER_EVERY_MS);
		question_backs_off(&b->stat, RAREST_MS);
		b->stat.silent_ms = ROUND_SILENT_MS;
	}
}

void node_watch_done(struct node_watch *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->at[i].report);
}

static void round_init(struct node_watch_node *n)
{
	question_init(&n->round, ROUND_EVERY_MS);
	question_backs_off(&n->round, RAREST_MS);
	n->round.silent_ms = ROUND_SILENT_MS;
	n->round.total_ms = ROUND_TIMEOUT_MS;
}

void node_watch_learn(struct node_watch *w, const struct engine_node *node)
{
	struct node_watch_node *n;

	for (size_t i = 0; i < w->n; i++) {
		n = &w->at[i];
		if (!str_eq(n->node.name, node->name) && !str_eq(n->node.address, node->address))
			continue;
		if (!str_eq(n->node.address, node->address))
			round_init(n); /* what the old address still answers is not this one's */
		n->node = *node;
		return;
	}
	if (w->n == LAYER_MAX_NODES)
		return;
	n = &w->at[w->n++];
	memset(n, 0, sizeof(*n));
	n->node = *node;
	n->ever = node->ssh_seen;
	round_init(n);
}

void node_watch_vip(struct node_watch *w, const char *address)
{
	str_copy(w->vip, sizeof(w->vip), address);
}

static void ask_node(struct node_watch *w, struct node_watch_node *n, struct instant now)
{
	struct round_letter *r =
		round_new(w, LETTER_NODE, question_asked(&n->round, now), n->node.address);

	r->slow = n->slow_asked.boot_ms == 0 || instant_age_ms(n->slow_asked, now) >= SLOW_EVERY_MS;
	if (pool_add(w->pool, node_run, round_post, r) == 0)
		return;
	question_withdraw(&n->round);
	round_drop(&r->letter);
}

static void ask_balancer(struct node_watch *w, struct node_watch_balancer *b, struct instant now)
{
	struct round_letter *r =
		round_new(w, LETTER_BALANCER, question_asked(&b->stat, now), b->host);

	if (pool_add(w->pool, balancer_run, round_post, r) == 0)
		return;
	question_withdraw(&b->stat);
	round_drop(&r->letter);
}

/* A healthy node's round may wait for a worker behind those of hung ones. */
static void wait_for(struct node_watch *w, struct question *q, struct instant now)
{
	if (!pool_has_begun(w->pool, q->number))
		question_queued(q, now);
	question_wait(q, now);
}

void node_watch_tick(struct node_watch *w, struct instant now)
{
	if (!w->shell)
		return;
	for (size_t i = 0; i < w->n; i++) {
		if (question_due(&w->at[i].round, now))
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

/* A round without the slow part keeps what the last one with it read. */
static void keep_slow(struct node_report *fresh, const struct node_report *old)
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

static struct node_watch_node *node_asked(struct node_watch *w, uint64_t asking)
{
	for (size_t i = 0; i < w->n; i++)
		if (question_awaits(&w->at[i].round, asking))
			return &w->at[i];
	return NULL;
}

static void hear_node(struct node_watch *w, struct round_letter *r, struct instant now)
{
	struct node_watch_node *n = node_asked(w, r->asking);

	if (!n)
		return; /* it is gone, or no longer waits */
	question_answered(&n->round, now, &r->err, r->report ? r->report->round_us : -1);
	n->refused_us = r->err.code == ERR_AUTH;
	/* Too slow for all of it: the quick part alone must not be missed for that. */
	if (r->slow && r->err.code == ERR_TIMEOUT)
		n->slow_asked = now;
	if (r->err.code != ERR_NONE || !r->report)
		return;
	n->ever = true;
	if (r->slow)
		n->slow_asked = n->logs_counted = now;
	else
		keep_slow(r->report, n->report);
	if (w->changes && r->slow)
		change_log_files(w->changes, n->node.name[0] ? n->node.name : n->node.address,
			n->report, r->report);
	free(n->report);
	n->report = r->report;
	r->report = NULL;
}

static void hear_balancer(struct node_watch *w, const struct round_letter *r, struct instant now)
{
	struct node_watch_balancer *b = w->balancers;

	while (b < w->balancers + w->n_balancers && !question_awaits(&b->stat, r->asking))
		b++;
	if (b == w->balancers + w->n_balancers)
		return;
	question_answered(&b->stat, now, &r->err, -1);
	if (r->err.code == ERR_NONE && r->stat) {
		b->report = *r->stat;
		b->ever = true;
	}
}

bool node_watch_hear(struct node_watch *w, struct letter *l, struct instant now)
{
	struct round_letter *r = (struct round_letter *)l;

	if (l->kind == LETTER_NODE)
		hear_node(w, r, now);
	else if (l->kind == LETTER_BALANCER)
		hear_balancer(w, r, now);
	else
		return false;
	return true;
}

/* ---- bursts of errors ---- */

static struct pace pace_of(const struct node_log *log)
{
	return (struct pace){.recent = log->recent * 60.0 / NODE_LOG_RECENT_S,
		.before = log->before * 60.0 / (log->back_s - NODE_LOG_RECENT_S)};
}

static void add_bursts(const struct node_watch_node *n, struct names *to)
{
	for (size_t i = 0; i < NODE_LOGS; i++) {
		const struct node_log *log = &n->report->logs[i];
		struct pace pace;
		char text[NAMES_ROOM];

		if (log->back_s < LOGS_LEAST_S)
			continue;
		pace = pace_of(log);
		if (!pace_is_burst(&pace))
			continue;
		snprintf(text, sizeof(text), "%s %s %.0f/min",
			n->node.name[0] ? n->node.name : n->node.address, node_log_names[i],
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
