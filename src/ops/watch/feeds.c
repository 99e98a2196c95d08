/* A feed is a ring in the engine and a page of references in the snapshot. Where no API server
 * answers, the log is read from the node itself: the kubelet writes it to /var/log/pods whoever is
 * down. */
#include "ops/watch/feeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/serial.h"
#include "cluster/node_log.h"
#include "ops/watch/errand.h"

#define NODE_LOG_TIMEOUT_MS 10000
#define NODE_LOG_MAX        (4u << 20)
#define NODE_LOG_SCRIPT_MAX (32u << 10)

struct node_log_letter {
	struct errand errand;
	uint64_t number;
	struct node_shell *shell;
	struct shell_host host;
	char *script;
	struct buf out;
};

void feeds_init(struct feeds *f, struct http *http, struct pool *pool, struct kube_client *client,
	struct node_shell *shell, struct mailbox *to)
{
	memset(f, 0, sizeof(*f));
	f->http = http;
	f->pool = pool;
	f->client = client;
	f->shell = shell;
	f->to = to;
}

static void slot_clear(struct feeds_slot *s)
{
	if (s->log)
		kube_log_stop(s->log);
	for (size_t i = 0; i < s->n; i++)
		rstr_unref(s->ring[(s->head + i) % FEED_KEEP]);
	free(s->ring);
	feed_unref(s->page);
	memset(s, 0, sizeof(*s));
}

void feeds_done(struct feeds *f)
{
	for (size_t i = 0; i < FEEDS_MAX; i++)
		if (f->at[i].id)
			slot_clear(&f->at[i]);
}

static struct feeds_slot *slot_of(struct feeds *f, uint32_t id)
{
	for (size_t i = 0; i < FEEDS_MAX; i++)
		if (f->at[i].id == id)
			return &f->at[i];
	return NULL;
}

/* The one whose letters carry the number; NULL: it was closed, or opened anew. */
static struct feeds_slot *slot_numbered(struct feeds *f, uint64_t number)
{
	for (size_t i = 0; i < FEEDS_MAX; i++)
		if (f->at[i].id && f->at[i].number == number)
			return &f->at[i];
	return NULL;
}

static void changed(struct feeds_slot *s)
{
	feed_unref(s->page);
	s->page = NULL;
}

static void failed(struct feeds_slot *s, const char *why)
{
	s->state = FEED_FAILED;
	str_copy(s->error, sizeof(s->error), why);
	changed(s);
}

static void add_line(struct feeds_slot *s, struct rstr *line) /* takes line */
{
	if (s->n == FEED_KEEP) {
		rstr_unref(s->ring[s->head]);
		s->head = (s->head + 1) % FEED_KEEP;
		s->n--;
		s->first++;
	}
	s->ring[(s->head + s->n++) % FEED_KEEP] = line;
}

/* ---- the log as the node has it ---- */

static void node_log_drop(struct letter *l)
{
	struct node_log_letter *n = (struct node_log_letter *)l;

	free(n->script);
	buf_done(&n->out);
	free(n);
}

static void node_log_run(struct errand *x, int cancel_fd)
{
	struct node_log_letter *n = (struct node_log_letter *)x;
	const struct node_call call = {
		n->shell, n->host.name, NODE_LOG_TIMEOUT_MS, cancel_fd, n->host.local};
	struct buf errors;
	int code = 0;

	buf_init(&errors, 4096);
	if (node_shell_run(&call, n->script, &n->out, &errors, &code, &x->err) == 0 && code != 0)
		err_set(&x->err, ERR_MISSING, _("no log of it on %s"), n->host.name);
	buf_done(&errors);
}

static void hear_node_log(void *room, struct letter *l, struct instant now)
{
	const struct node_log_letter *n = (const struct node_log_letter *)l;
	struct feeds_slot *s = slot_numbered(room, n->number);
	const char *at = buf_text(&n->out), *end;

	(void)now;
	if (!s)
		return;
	if (n->errand.err.code != ERR_NONE) {
		failed(s, n->errand.err.text);
		return;
	}
	for (; *at; at = *end ? end + 1 : end) {
		end = at + strcspn(at, "\n");
		add_line(s, rstr_new(at, (size_t)(end - at)));
	}
	s->state = FEED_ENDED;
	snprintf(s->error, sizeof(s->error),
		_("no API server answers: read from %.60s, not followed"), n->host.name);
	changed(s);
}

static const struct errand_kind node_log_errand = {node_log_run, node_log_drop, hear_node_log};

static void open_on_node(struct feeds *f, struct feeds_slot *s, const struct command *c,
	const struct shell_host *host)
{
	const struct node_log_asked asked = {
		c->ns, c->name, c->container, c->previous, c->tail > 0 ? c->tail : FEED_KEEP};
	struct node_log_letter *n;
	struct buf script;
	struct err e;

	if (!f->shell || !host->name[0]) {
		failed(s, _("no API server answers, and its node is not reachable by ssh"));
		return;
	}
	buf_init(&script, NODE_LOG_SCRIPT_MAX);
	if (node_log_script(&script, &asked, &e) != 0) {
		failed(s, e.text);
		return;
	}
	n = mem_new(struct node_log_letter);
	errand_init(&n->errand, &node_log_errand, f->to, f);
	n->number = s->number;
	n->shell = f->shell;
	n->script = buf_take(&script);
	n->host = *host;
	buf_init(&n->out, NODE_LOG_MAX);
	if (errand_send(&n->errand, f->pool) != 0)
		failed(s, _("too much is being asked at once: try again"));
}

/* ---- opening, hearing, publishing ---- */

static void hear_log(void *room, struct letter *l, struct instant now)
{
	const struct kube_log_letter *k = (const struct kube_log_letter *)l;
	struct feeds_slot *s = slot_numbered(room, k->number);

	(void)now;
	if (!s)
		return;
	if (k->letter.kind == KUBE_LOG_END) {
		if (s->log)
			kube_log_stop(s->log);
		s->log = NULL;
		s->state = k->err.code == ERR_NONE ? FEED_ENDED : FEED_FAILED;
		str_copy(s->error, sizeof(s->error), k->err.code == ERR_NONE ? "" : k->err.text);
	} else {
		for (size_t i = 0; i < k->n; i++)
			add_line(s, rstr_ref(k->lines[i]));
		s->state = FEED_OPEN;
	}
	changed(s);
}

bool feeds_open(struct feeds *f, const struct command *c, const struct kube_endpoint *at,
	const struct shell_host *host)
{
	struct feeds_slot *s;
	const struct kube_log_options o = {.ns = c->ns,
		.pod = c->name,
		.container = c->container,
		.previous = c->previous,
		.follow = !c->previous,
		.tail = c->tail,
		.number = serial_next()};
	const struct hearer to = {.box = f->to, .hear = hear_log, .room = f};

	feeds_close(f, c->feed);
	s = slot_of(f, 0);
	if (!s)
		return false;
	s->id = c->feed;
	s->number = o.number;
	s->state = FEED_OPENING;
	s->ring = mem_zero(FEED_KEEP, sizeof(*s->ring));
	if (at)
		s->log = kube_log_start(f->http, f->client, at, &o, &to);
	else
		open_on_node(f, s, c, host);
	return true;
}

void feeds_close(struct feeds *f, uint32_t id)
{
	struct feeds_slot *s = id ? slot_of(f, id) : NULL;

	if (s)
		slot_clear(s);
}

static void make_page(struct feeds_slot *s)
{
	struct rstr **lines = mem_zero(s->n ? s->n : 1, sizeof(struct rstr *));

	for (size_t i = 0; i < s->n; i++)
		lines[i] = s->ring[(s->head + i) % FEED_KEEP];
	s->page = feed_new(s->id, s->state, s->error, s->first, lines, s->n);
	free(lines);
}

void feeds_publish(struct feeds *f, struct snapshot *s)
{
	for (size_t i = 0; i < FEEDS_MAX; i++) {
		if (!f->at[i].id)
			continue;
		if (!f->at[i].page)
			make_page(&f->at[i]);
		s->feeds[s->n_feeds++] = feed_ref(f->at[i].page);
	}
}
