/* One function per layer, each saying what its evidence is and what it makes of it. What cannot be
 * seen from here is skipped and never a fault: ssh that was never possible, an API server only the
 * load balancer can reach. */
#include "ops/watch/layer_fill.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "model/lease.h"

#define SKEW_WARN_MS 2000
#define SKEW_FAIL_MS 60000
#define DATE_WARN_MS 5000 /* the Date header has seconds only */
#define ANSWER_MS    1000 /* an answer may have been on its way when the machine went */
#define DAY_MS       86400000LL

struct view {
	const struct layer_input *in;
	const struct node_watch_node *node;
	const struct api_endpoint *api;   /* NULL: not known */
	const struct etcd_member *member; /* NULL: none on this node */
	struct instant now;
};

static void say(struct probe *p, enum probe_state state, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void say(struct probe *p, enum probe_state state, const char *fmt, ...)
{
	va_list ap;

	p->state = state;
	va_start(ap, fmt);
	vsnprintf(p->text, sizeof(p->text), fmt, ap);
	va_end(ap);
}

/* ---- ssh and what is seen through it ---- */

static bool ssh_works(const struct view *v)
{
	return v->in->nodes->shell && v->node->ever && v->node->round.probe.state == PROBE_OK;
}

static void fill_ssh(const struct view *v, struct probe *p)
{
	const char *why_not;

	if (!v->in->nodes->shell) {
		say(p, PROBE_SKIPPED, "%s", _("ssh is not configured"));
		return;
	}
	why_not = node_watch_barred(v->in->nodes, v->node);
	if (why_not) {
		say(p, PROBE_SKIPPED, "%s", why_not);
		return;
	}
	*p = v->node->round.probe;
	if (!v->node->ever && p->state != PROBE_NEVER && p->state != PROBE_OK) {
		char why[120];

		str_copy(why, sizeof(why), p->text[0] ? p->text : _("no answer"));
		p->since = (struct instant){0};
		say(p, PROBE_SKIPPED, _("not visible from here: %s"), why);
	}
}

static void unseen(const struct view *v, struct probe *p)
{
	if (v->in->nodes->shell && v->node->round.probe.state == PROBE_NEVER)
		return;
	say(p, PROBE_SKIPPED, "%s", _("not visible without ssh"));
}

static void fill_runtime(const struct view *v, struct probe *p)
{
	const struct host_report *r = v->node->report;

	if (!ssh_works(v)) {
		unseen(v, p);
		return;
	}
	p->at = p->good = r->at;
	if (str_eq(r->runtime, "active") && r->runtime_error[0] == '\0')
		p->state = PROBE_OK;
	else if (str_eq(r->runtime, "active"))
		say(p, PROBE_FAILED, _("%s runs but does not answer: %.100s"), r->runtime_unit,
			r->runtime_error);
	else if (str_eq(r->runtime, "unknown") || r->runtime[0] == '\0')
		say(p, PROBE_SKIPPED, "%s", _("no known container runtime unit"));
	else
		say(p, PROBE_FAILED, _("%s is %s"), r->runtime_unit, r->runtime);
}

static const struct lease_row *node_lease(const struct view *v)
{
	const struct lease_row key = {.ns = "kube-node-lease", .name = v->node->node.name};

	return table_find(v->in->tables->at[KUBE_TABLE_NODE_LEASES].shown, &key);
}

static bool leases_can_be_renewed(const struct view *v)
{
	return v->in->tables->sources[SOURCE_NODE_LEASES].state == SOURCE_LIVE &&
	       v->in->etcd->state.quorum != ETCD_QUORUM_LOST;
}

/* Others were seen to renew theirs meanwhile, and lately: else it is the API that is broken, or a
 * watch that tells nothing, and the silence is not this kubelet's. */
static bool kubelet_is_late(const struct view *v, struct instant since)
{
	struct instant newest = kube_tables_newest_lease(v->in->tables);

	return instant_age_ms(since, newest) >= LEASE_STALE_MS &&
	       instant_age_ms(newest, v->now) < LEASE_STALE_MS;
}

static void kubelet_by_lease(const struct view *v, struct probe *p)
{
	const struct lease_row *l = node_lease(v);
	struct instant since = l ? instant_later(l->seen, v->in->woke) : v->now;
	int64_t age = l ? instant_age_ms(since, v->now) : -1;

	if (!leases_can_be_renewed(v) || age < 0) {
		unseen(v, p);
		return;
	}
	p->at = v->now;
	if (kubelet_is_late(v, since)) {
		p->since = l->seen;
		say(p, PROBE_FAILED, _("has not renewed its lease for %lld s"),
			(long long)(age / 1000));
	} else {
		p->good = l->seen;
		say(p, PROBE_OK, "%s", "");
	}
}

static bool kubelet_answers(const struct view *v)
{
	const struct host_report *r = v->node->report;

	return ssh_works(v) && r->kubelet_healthz == 200 &&
	       (r->kubelet_unit[0] == '\0' || str_eq(r->kubelet, "active"));
}

static int fullest_disk(const struct host_report *r)
{
	int most = -1;

	if (r) {
		most = r->disk_percent_root > most ? r->disk_percent_root : most;
		most = r->disk_percent_etcd > most ? r->disk_percent_etcd : most;
		most = r->disk_percent_containerd > most ? r->disk_percent_containerd : most;
	}
	return most;
}

static void fill_kubelet(const struct view *v, struct probe *p)
{
	const struct host_report *r = v->node->report;
	bool has_unit;

	if (!ssh_works(v)) {
		kubelet_by_lease(v, p);
		return;
	}
	p->at = r->at;
	has_unit = r->kubelet_unit[0] != '\0';
	if (has_unit && !str_eq(r->kubelet, "active"))
		say(p, PROBE_FAILED, _("%s is %s"), r->kubelet_unit, r->kubelet);
	else if (has_unit && r->kubelet_healthz == 0)
		say(p, PROBE_FAILED, "%s", _("kubelet runs but its healthz does not answer"));
	else if (r->kubelet_healthz > 0 && r->kubelet_healthz != 200)
		say(p, PROBE_FAILED, _("kubelet's healthz answers %d"), r->kubelet_healthz);
	else
		kubelet_by_lease(v, p);
	/* Without a unit we know, started by something else, its lease or healthz tell. */
	if (p->state == PROBE_SKIPPED && (has_unit || r->kubelet_healthz == 200))
		say(p, PROBE_OK, "%s", "");
	else if (p->state == PROBE_SKIPPED)
		say(p, PROBE_SKIPPED, "%s", _("no known kubelet unit"));
	if (p->state == PROBE_OK)
		p->good = r->at;
}

/* ---- etcd ---- */

/* Of a member, wherever it lives. */
static void fill_member(const struct view *v, struct probe *p)
{
	const struct etcd_member *m = v->member;

	if (v->in->etcd->credentials.state != ETCD_CREDENTIALS_FOUND) {
		if (v->in->etcd->credentials.from[0])
			say(p, PROBE_SKIPPED, "%s", v->in->etcd->credentials.from);
		return;
	}
	if (!m) {
		say(p, PROBE_SKIPPED, "%s", _("no etcd member here"));
		return;
	}
	*p = v->in->etcd->at[m - v->in->etcd->state.members].status.probe;
	if (p->state != PROBE_OK)
		return;
	if (m->foreign)
		say(p, PROBE_FAILED,
			_("split brain: it answers for another cluster (id %llx, the others %llx)"),
			(unsigned long long)m->cluster_id,
			(unsigned long long)v->in->etcd->state.cluster_id);
	else if (m->rolled_back)
		say(p, PROBE_FAILED, "%s",
			_("its revision went backwards: restored or on an old disk"));
	else if (m->leader_id == 0)
		say(p, PROBE_FAILED, "%s", _("it knows no leader"));
	else if (m->alarms & ETCD_ALARM_NOSPACE)
		say(p, PROBE_FAILED, "%s", _("NOSPACE: its quota is full and it refuses writes"));
	else if (m->alarms & ETCD_ALARM_CORRUPT)
		say(p, PROBE_FAILED, "%s", _("CORRUPT: its data differ from the others'"));
	else if (m->errors[0])
		say(p, PROBE_FAILED, "%s", m->errors);
	else if (limit_is_slow(m->fsync_p99_us, v->in->limits->etcd_fsync_ms))
		say(p, PROBE_WARN, _("slow disk: fsync p99 %lld ms"),
			(long long)(m->fsync_p99_us / 1000));
}

static void fill_etcd(const struct view *v, struct probe *p)
{
	const struct host_report *r = v->node->report;

	if (!v->member && ssh_works(v) && r->store[0] != '\0' && !str_eq(r->store, "etcd"))
		say(p, PROBE_SKIPPED, _("%s keeps its state in %s: there is no etcd"), r->layout,
			r->store);
	else
		fill_member(v, p);
}

/* ---- API server ---- */

static bool vip_is_well(const struct view *v)
{
	const struct api_endpoint *vip = api_watch_vip(v->in->api);

	return vip && vip->live.probe.state == PROBE_OK;
}

/* The runtime says the API server's container runs: what refuses us is then in between. */
static bool api_container_runs(const struct view *v)
{
	const struct host_report *r = v->node->report;

	for (size_t i = 0; ssh_works(v) && r != NULL && i < r->n_containers; i++)
		if (str_eq(r->containers[i].name, "kube-apiserver"))
			return str_eq(r->containers[i].state, "Running");
	return false;
}

/* Has any API server but this one, and but the load balancer, answered from here? */
static bool others_are_seen(const struct view *v)
{
	const struct api_watch *w = v->in->api;

	for (size_t i = 0; i < w->n; i++)
		if (&w->at[i] != v->api && w->at[i].node[0] != '\0' && w->at[i].ever)
			return true;
	return false;
}

/* Never reached directly, nor any of its like, while the load balancer answers: a firewall, not a
 * fault. A refusal comes from the machine itself, and is believed unless the server is seen to run.
 */
static bool hidden(const struct view *v)
{
	if (!v->api || v->api->ever || !vip_is_well(v))
		return false;
	return v->api->live.code == ERR_REFUSED ? api_container_runs(v) : !others_are_seen(v);
}

static bool certificate_trouble(const struct api_endpoint *api)
{
	return api && api->peer.cert.not_after_ms != 0 && !api->peer.verified;
}

static void fill_api(const struct view *v, const struct question *q, struct probe *p)
{
	*p = q->probe;
	if (probe_is_bad(p) && hidden(v)) {
		p->since = (struct instant){0};
		say(p, PROBE_SKIPPED, "%s",
			_("not visible from here, but the load balancer answers"));
	} else if (p->state == PROBE_FAILED && certificate_trouble(v->api)) {
		p->since = (struct instant){0};
		say(p, PROBE_SKIPPED, "%s", _("its certificate is refused: see certificates"));
	}
}

static void fill_apiserver(const struct view *v, struct probe *p)
{
	if (!v->api) {
		say(p, PROBE_SKIPPED, "%s", _("its API server is not known"));
		return;
	}
	fill_api(v, &v->api->live, p);
	if (p->state == PROBE_OK && limit_is_slow(p->latency_us, v->in->limits->api_latency_ms))
		say(p, PROBE_WARN, _("slow: %lld ms"), (long long)(p->latency_us / 1000));
}

static void fill_ready(const struct view *v, struct probe *p)
{
	if (!v->api) {
		say(p, PROBE_SKIPPED, "%s", _("its API server is not known"));
		return;
	}
	fill_api(v, &v->api->ready, p);
}

/* ---- TCP: does the machine answer at all? ---- */

/* The ways to a machine, taken together. */
struct reach {
	struct instant heard; /* the last word by any of them */
	struct instant since; /* when the first of the quiet ones went quiet */
	bool quiet;           /* some are */
	bool all_quiet;
};

static bool is_quiet(const struct question *q)
{
	return probe_is_bad(&q->probe) && (q->silent.boot_ms != 0 || q->code == ERR_UNREACHABLE);
}

static struct reach reach_of(const struct view *v)
{
	const struct question *ways[] = {v->api ? &v->api->live : NULL,
		v->member ? &v->in->etcd->at[v->member - v->in->etcd->state.members].status : NULL,
		v->in->nodes->shell && v->node->ever ? &v->node->round : NULL};
	struct reach r = {.all_quiet = true};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		const struct question *q = ways[i];

		if (!q)
			continue;
		if (q->heard.boot_ms > r.heard.boot_ms)
			r.heard = q->heard;
		if (!is_quiet(q)) {
			r.all_quiet = false;
			continue;
		}
		r.quiet = true;
		if (r.since.boot_ms == 0 || q->probe.since.boot_ms < r.since.boot_ms)
			r.since = q->probe.since;
	}
	return r;
}

/* A refusal is an answer: the machine is there. It is gone when every way to it is quiet, or when
 * one is and no other brought a word since: one asked every five seconds says for that long what
 * was true before. */
static void fill_tcp(const struct view *v, struct probe *p)
{
	struct reach r = reach_of(v);
	struct instant since = r.since;

	if (r.heard.boot_ms == 0 && hidden(v)) {
		say(p, PROBE_SKIPPED, "%s", _("not visible from here"));
		return;
	}
	if (r.heard.boot_ms == 0 && !r.quiet)
		return;
	p->at = r.quiet ? v->now : r.heard;
	p->good = r.heard;
	p->state = PROBE_OK;
	if (!r.quiet || (!r.all_quiet && r.heard.boot_ms >= since.boot_ms + ANSWER_MS))
		return;
	if (r.heard.boot_ms > since.boot_ms)
		since = r.heard;
	p->since = since;
	p->state = silence_is_down(v->in->limits, since, v->now) ? PROBE_FAILED : PROBE_SILENT;
}

/* ---- certificates and clock ---- */

struct expiry {
	int64_t at_ms;
	char what[160];
};

static void sooner(struct expiry *e, int64_t at_ms, const char *what)
{
	if (at_ms == 0 || at_ms >= e->at_ms)
		return;
	e->at_ms = at_ms;
	str_copy(e->what, sizeof(e->what), what);
}

static void judge_expiry(const struct expiry *e, int days, struct instant now, struct probe *p)
{
	int64_t left = e->at_ms - now.wall_ms;

	p->at = now;
	if (e->at_ms == INT64_MAX)
		return;
	if (left <= 0)
		say(p, PROBE_FAILED, _("%s expired %lld days ago"), e->what,
			(long long)(-left / DAY_MS));
	else if (left < days * DAY_MS)
		say(p, PROBE_WARN, _("%s expires in %lld days"), e->what,
			(long long)(left / DAY_MS));
	else
		say(p, PROBE_OK, "%s", "");
	if (p->state == PROBE_OK)
		p->good = now;
}

static void fill_certificates(const struct view *v, struct probe *p)
{
	const struct host_report *r = v->node->report;
	struct expiry first = {.at_ms = INT64_MAX};

	if (v->api)
		sooner(&first, v->api->peer.cert.not_after_ms, _("the API server's certificate"));
	for (size_t i = 0; r && i < r->n_certs; i++)
		sooner(&first, r->certs[i].not_after_ms, r->certs[i].path);
	judge_expiry(&first, v->in->limits->certificate_days, v->now, p);
	if (p->state != PROBE_FAILED && certificate_trouble(v->api))
		say(p, PROBE_FAILED, _("the API server's certificate is refused: %.100s"),
			v->api->peer.why);
	if (first.at_ms == INT64_MAX && p->state != PROBE_FAILED && hidden(v))
		say(p, PROBE_SKIPPED, "%s", _("not visible from here"));
}

static void fill_clock(const struct view *v, struct probe *p)
{
	int64_t skew = INT64_MIN, warn = SKEW_WARN_MS;

	if (ssh_works(v) && v->node->report->clock_skew_ms != INT64_MIN) {
		skew = v->node->report->clock_skew_ms;
	} else if (v->api && v->api->skew_ms != INT64_MIN) {
		skew = v->api->skew_ms;
		warn = DATE_WARN_MS;
	}
	if (skew == INT64_MIN)
		return;
	p->at = v->now;
	if (skew > -warn && skew < warn) {
		p->good = v->now;
		say(p, PROBE_OK, "%s", "");
		return;
	}
	say(p, skew > SKEW_FAIL_MS || skew < -SKEW_FAIL_MS ? PROBE_FAILED : PROBE_WARN,
		_("its clock is %lld.%lld s %s"), (long long)(skew < 0 ? -skew : skew) / 1000,
		(long long)(skew < 0 ? -skew : skew) % 1000 / 100,
		skew < 0 ? _("behind") : _("ahead"));
}

/* ---- the whole ---- */

static const struct api_endpoint *api_of(const struct layer_input *in, const struct host *node)
{
	for (size_t i = 0; i < in->api->n; i++)
		if ((int)i != in->api->vip && str_eq(in->api->at[i].address, node->address))
			return &in->api->at[i];
	return NULL;
}

static const struct etcd_member *member_of(const struct layer_input *in, const char *address)
{
	for (size_t i = 0; i < in->etcd->state.n; i++)
		if (address[0] && str_eq(in->etcd->state.members[i].address, address))
			return &in->etcd->state.members[i];
	return NULL;
}

/* What was read from a machine that no longer answers is old: its certificates and clock are not
 * visible now. */
static void forget_unreachable(struct node_layers *n)
{
	static const enum layer_id read_from_it[] = {LAYER_CERTIFICATES, LAYER_CLOCK};

	for (size_t i = 0; probe_is_bad(&n->layer[LAYER_TCP]) && i < 2; i++) {
		struct probe *p = &n->layer[read_from_it[i]];

		if (p->state != PROBE_FAILED)
			say(p, PROBE_SKIPPED, "%s", _("not visible: the machine does not answer"));
	}
}

/* A kubelet that answers, and whose node's own servers cannot write, renews no lease through no
 * fault of its own: they are the broken layer. */
static void clear_the_kubelet(struct node_layers *n, const struct view *v)
{
	struct probe *p = &n->layer[LAYER_KUBELET];

	if (p->state != PROBE_FAILED || !kubelet_answers(v) ||
		!(probe_is_bad(&n->layer[LAYER_ETCD]) || probe_is_bad(&n->layer[LAYER_READY])))
		return;
	say(p, PROBE_WARN, "%s", _("runs, but cannot renew its lease at this node's API server"));
	p->good = v->now;
}

static void fill_node(struct node_layers *n, const struct view *v)
{
	for (int l = 0; l < LAYER_NODE_COUNT; l++)
		n->layer[l].latency_us = -1;
	n->disk_percent = -1;
	if (node_watch_awaits_word(v->in->nodes, v->node))
		return;
	fill_ssh(v, &n->layer[LAYER_SSH]);
	fill_runtime(v, &n->layer[LAYER_RUNTIME]);
	fill_kubelet(v, &n->layer[LAYER_KUBELET]);
	fill_etcd(v, &n->layer[LAYER_ETCD]);
	fill_apiserver(v, &n->layer[LAYER_APISERVER]);
	fill_ready(v, &n->layer[LAYER_READY]);
	clear_the_kubelet(n, v);
	fill_certificates(v, &n->layer[LAYER_CERTIFICATES]);
	fill_clock(v, &n->layer[LAYER_CLOCK]);
	fill_tcp(v, &n->layer[LAYER_TCP]);
	forget_unreachable(n);
	n->kubelet_alive = kubelet_answers(v);
	n->disk_percent = fullest_disk(v->node->report);
}

/* Members of an external etcd stand beside the control-plane nodes, with that one layer. */
static void add_external_members(struct layer_board *b, const struct layer_input *in)
{
	for (size_t i = 0; i < in->etcd->state.n && b->n < LAYER_MAX_NODES; i++) {
		const struct etcd_member *m = &in->etcd->state.members[i];
		struct node_layers *n;
		bool stacked = false;

		for (size_t k = 0; k < in->nodes->n; k++)
			stacked = stacked || str_eq(in->nodes->at[k].node.address, m->address);
		if (stacked)
			continue;
		n = &b->nodes[b->n++];
		n->disk_percent = -1;
		str_copy(n->name, sizeof(n->name), m->name[0] ? m->name : m->address);
		str_copy(n->address, sizeof(n->address), m->address);
		for (int l = 0; l < LAYER_NODE_COUNT; l++)
			say(&n->layer[l], PROBE_SKIPPED, "%s", _("an external etcd member"));
		fill_member(&(struct view){.in = in, .member = m}, &n->layer[LAYER_ETCD]);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct node_layers *)a)->name, ((const struct node_layers *)b)->name);
}

static void fill_load_balancer(struct layer_board *b, const struct layer_input *in)
{
	const struct api_endpoint *vip = api_watch_vip(in->api);
	struct probe *p = &b->load_balancer;

	p->latency_us = -1;
	if (!vip) {
		say(p, PROBE_SKIPPED, "%s", _("the kubeconfig names an API server itself"));
		return;
	}
	str_copy(b->load_balancer_name, sizeof(b->load_balancer_name), vip->at.label);
	*p = vip->live.probe;
	if (p->state == PROBE_FAILED && certificate_trouble(vip))
		say(p, PROBE_SKIPPED, "%s", _("its certificate is refused: see certificates"));
	if (p->state != PROBE_OK)
		return;
	for (size_t i = 0; i < in->nodes->n_balancers; i++) {
		const struct node_watch_balancer *x = &in->nodes->balancers[i];

		for (size_t k = 0; x->stat.probe.state == PROBE_OK && k < x->report.n; k++) {
			const struct haproxy_server *s = &x->report.servers[k];

			if (!s->backend && str_starts(s->status, "DOWN"))
				say(p, PROBE_WARN, _("haproxy on %s has %s/%s down: %s"),
					x->host.name, s->proxy, s->name,
					s->last[0] ? s->last : s->check);
		}
		if (x->ever && probe_is_bad(&x->stat.probe))
			say(p, PROBE_WARN, _("haproxy on %s: %.100s"), x->host.name,
				x->stat.probe.text);
	}
}

void layer_fill(struct layer_board *b, const struct layer_input *in, struct instant now)
{
	struct expiry own = {.at_ms = in->credential_expiry_ms};

	memset(b, 0, sizeof(*b));
	for (size_t i = 0; i < in->nodes->n && b->n < LAYER_MAX_NODES; i++) {
		const struct node_watch_node *x = &in->nodes->at[i];
		struct node_layers *n = &b->nodes[b->n++];
		struct view v = {.in = in,
			.node = x,
			.api = api_of(in, &x->node),
			.member = member_of(in, x->node.address),
			.now = now};

		str_copy(
			n->name, sizeof(n->name), x->node.name[0] ? x->node.name : x->node.address);
		str_copy(n->address, sizeof(n->address), x->node.address);
		n->local = x->node.local;
		n->login = node_watch_host(x).name[0] != '\0';
		fill_node(n, &v);
	}
	add_external_members(b, in);
	qsort(b->nodes, b->n, sizeof(b->nodes[0]), by_name);
	fill_load_balancer(b, in);
	b->own_link.latency_us = b->own_credential.latency_us = -1;
	b->link_works = api_watch_link_works(in->api);
	str_copy(own.what, sizeof(own.what), in->credential);
	judge_expiry(&own, in->limits->certificate_days, now, &b->own_credential);
	if (in->credential_withheld)
		say(&b->own_credential, PROBE_WARN, "%s", in->credential);
	layer_judge(b, now);
}
