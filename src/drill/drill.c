/* One practice cluster: picks addresses nobody uses, makes its certificates and
 * files, opens its ports, and runs world, watches and scenario from one ticker. */
#include "drill/drill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "drill/fake/fake_etcd.h"
#include "drill/fake/fake_kube.h"
#include "drill/fake/node_host.h"
#include "drill/scenario.h"
#include "drill/server/server.h"
#include "drill/world/drill_files.h"
#include "io/file.h"
#include "io/temp_dir.h"

enum { NET_TRIES = 40, PORT_TRIES = 3 };

struct drill {
	char *dir;
	struct temp_dir temp; /* dir, unless it was given */
	struct server *server;
	struct world *world;
	struct fake_kube *kube;
	struct drill_pki pki;
	struct api_port api[WORLD_MASTERS];
	struct member_port member[WORLD_MASTERS];
	struct node_host host;
	char net[24];
	const char *scenario; /* to come, or NULL */
	int64_t break_ms;     /* boot */
	struct drill_config config;
	char *texts[24]; /* what config points to */
	size_t n_texts;
};

/* ---- the ticker ---- */

static void tick(void *arg)
{
	struct drill *d = arg;

	server_after(d->server, WORLD_TICK_MS, tick, d);
	if (d->scenario != NULL && instant_now().boot_ms >= d->break_ms) {
		scenario_break(d->world, d->scenario);
		d->scenario = NULL;
	}
	world_tick(d->world);
	kube_tick(d->kube);
}

/* ---- ports ---- */

/* Is this /24 of loopback free for us? Its load balancer's port tells. */
static bool net_try(struct drill *d, unsigned a, unsigned b, int port, struct err *e)
{
	struct listen_request r = {.port = port, .choose = world_choose};
	char vip[32];

	snprintf(d->net, sizeof(d->net), "127.%u.%u.", a, b);
	snprintf(vip, sizeof(vip), "%s5", d->net);
	r.address = vip;
	d->world = world_new(d->server, d->dir, d->net);
	r.arg = d->world;
	d->world->vip = server_listen(d->server, &r, e);
	if (d->world->vip != NULL)
		return true;
	world_free(d->world);
	d->world = NULL;
	return false;
}

static int net_pick(struct drill *d, struct err *e)
{
	unsigned seed = (unsigned)getpid();

	for (int p = 0; p < PORT_TRIES; p++)
		for (unsigned i = 0; i < NET_TRIES; i++) {
			unsigned n = seed * 61u + i;

			if (!net_try(d, 9 + n / 250 % 200, 1 + n % 250, 6443 + p * 10000, e))
				continue;
			d->world->api_port = 6443 + p * 10000;
			d->world->client_port = 2379 + p * 10000;
			d->world->peer_port = 2380 + p * 10000;
			return 0;
		}
	return -1;
}

static struct listener *open_port(struct drill *d, const char *address, int port,
	struct tls_server *tls, void (*handle)(void *arg, struct exchange *x), void *arg,
	struct err *e)
{
	struct listen_request r = {
		.address = address, .port = port, .tls = tls, .handle = handle, .arg = arg};

	return server_listen(d->server, &r, e);
}

static int ports_open(struct drill *d, struct err *e)
{
	struct world *w = d->world;

	for (int i = 0; i < WORLD_MASTERS; i++) {
		struct machine *m = &w->machines[i];

		d->api[i] = (struct api_port){d->kube, i};
		d->member[i] = (struct member_port){w, i};
		m->api = open_port(
			d, m->address, w->api_port, d->pki.api, kube_handle, &d->api[i], e);
		m->etcd = open_port(d, m->address, w->client_port, d->pki.client, etcd_handle,
			&d->member[i], e);
		m->peer = open_port(d, m->address, w->peer_port, d->pki.peer, etcd_peer_handle,
			&d->member[i], e);
		if (m->api == NULL || m->etcd == NULL || m->peer == NULL)
			return -1;
	}
	return 0;
}

/* ---- what k911's config would say ---- */

__attribute__((format(printf, 2, 3))) static const char *keep(struct drill *d, const char *fmt, ...)
{
	char text[700];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	d->texts[d->n_texts] = mem_str(text);
	return d->texts[d->n_texts++];
}

static void config_fill(struct drill *d, const char *self)
{
	const struct world *w = d->world;
	struct drill_config *c = &d->config;

	c->kubeconfig = keep(d, "%s/admin.conf", d->dir);
	c->n_masters = WORLD_MASTERS;
	for (int i = 0; i < WORLD_MASTERS; i++) {
		const struct machine *m = &w->machines[i];

		c->masters[i].name = m->name;
		c->masters[i].address = m->address;
		c->masters[i].etcd_url = keep(d, "https://%s:%d", m->address, w->client_port);
		c->masters[i].peer_url = keep(d, "https://%s:%d", m->address, w->peer_port);
		c->masters[i].api = keep(d, "%s:%d", m->address, w->api_port);
	}
	c->n_workers = WORLD_WORKERS;
	for (int i = 0; i < WORLD_WORKERS; i++) {
		c->workers[i].name = w->machines[WORLD_MASTERS + i].name;
		c->workers[i].address = w->machines[WORLD_MASTERS + i].address;
	}
	c->etcd_ca = keep(d, "%s/pki/etcd/ca.crt", d->dir);
	c->etcd_cert = keep(d, "%s/pki/etcd/healthcheck-client.crt", d->dir);
	c->etcd_key = keep(d, "%s/pki/etcd/healthcheck-client.key", d->dir);
	c->ssh_command = keep(d, "%s drill-ssh %s/socket", self, d->dir);
	c->load_balancer = keep(d, "%s:%d", w->vip_address, w->api_port);
	c->haproxy_node = w->machines[WORLD_LB].address;
	c->haproxy_socket = "/run/haproxy/admin.sock";
}

/* ---- begin and end ---- */

static int dir_make(struct drill *d, const char *given, struct err *e)
{
	const char *tmp = getenv("TMPDIR");

	if (given != NULL) {
		d->dir = mem_str(given);
		return file_make_dirs(given, 0700, e);
	}
	if (tmp == NULL || tmp[0] != '/')
		tmp = "/tmp";
	if (temp_dir_open(&d->temp, tmp, "k911-drill-", e) != 0)
		return err_in(e, _("no directory for the practice cluster can be made here (TMPDIR "
				   "says where)"));
	d->dir = mem_str(d->temp.path);
	return 0;
}

static void cluster_begin(struct drill *d, int speed)
{
	struct world *w = d->world;

	w->speed = speed > 0 ? speed : 1;
	static_begin(w);
	workloads_begin(w);
	nodes_begin(w);
	pods_begin(w);
	events_begin(w);
	w->changed = true;
	d->kube = kube_new(w);
}

int drill_start(const struct drill_options *o, struct drill **out, struct err *e)
{
	const struct drill_scenario *s = drill_find(o->scenario != NULL ? o->scenario : "healthy");
	const char *self = o->self_path != NULL ? o->self_path : "k911";
	struct drill *d;

	*out = NULL;
	if (s == NULL)
		return err_set(e, ERR_USAGE, "no drill scenario is called %s", o->scenario);
	d = mem_new(struct drill);
	if (dir_make(d, o->dir, e) != 0 || (d->server = server_new(e)) == NULL ||
		net_pick(d, e) != 0)
		goto failed;
	cluster_begin(d, o->speed);
	if (pki_make(&d->pki, d->world, d->dir, e) != 0 ||
		files_kubeconfig(d->world, &d->pki, d->dir, e) != 0 ||
		files_roots(d->world, &d->pki, d->dir, e) != 0 || ports_open(d, e) != 0 ||
		node_host_open(&d->host, d->world, d->dir, self, e) != 0)
		goto failed;
	config_fill(d, self);
	d->scenario = s->name;
	d->break_ms = instant_now().boot_ms + (o->at_once ? 0 : s->after_ms);
	tick(d);
	if (server_start(d->server, e) != 0)
		goto failed;
	*out = d;
	return 0;
failed:
	drill_stop(d);
	return -1;
}

/* From a directory that was given. */
static void remove_own(struct drill *d)
{
	static const char *const ours[] = {"pki", "nodes", "bin"};

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
		char *path = str_fmt("%s/%s", d->dir, ours[i]);

		files_remove(path);
		free(path);
	}
	if (d->config.kubeconfig != NULL)
		unlink(d->config.kubeconfig);
}

void drill_stop(struct drill *d)
{
	if (d == NULL)
		return;
	server_stop(d->server);
	kube_free(d->kube);
	world_free(d->world);
	pki_free(&d->pki);
	if (d->dir != NULL && d->temp.path == NULL)
		remove_own(d);
	temp_dir_close(&d->temp);
	for (size_t i = 0; i < d->n_texts; i++)
		free(d->texts[i]);
	free(d->dir);
	free(d);
}

const char *drill_kubeconfig(const struct drill *d)
{
	return d->config.kubeconfig;
}

const struct drill_config *drill_config(const struct drill *d)
{
	return &d->config;
}

/* ---- what was asked of it ---- */

struct count_asked {
	struct drill *d;
	const char *machine;
	struct drill_count *out;
	bool found;
};

static void count_lists(const struct fake_kube *k, int master, struct drill_count *out)
{
	for (size_t i = 0; i < k->lists.len; i++) {
		const struct list_count *c = &k->lists.at[i];

		if (c->master != master || c->gap_ms >= out->list_gap_ms)
			continue;
		out->list_gap_ms = c->gap_ms;
		str_copy(out->list_path, sizeof(out->list_path), c->path);
	}
}

static void do_count(void *arg)
{
	struct count_asked *c = arg;
	const struct machine *m = world_machine(c->d->world, c->machine);
	struct listener_count api, etcd, peer;

	c->found = m != NULL && m->master;
	if (!c->found)
		return;
	api = listener_count(m->api);
	etcd = listener_count(m->etcd);
	peer = listener_count(m->peer);
	*c->out = (struct drill_count){.api_requests = api.requests,
		.api_connections = api.connections,
		.etcd_requests = etcd.requests + peer.requests,
		.etcd_connections = etcd.connections + peer.connections,
		.ssh = m->ssh,
		.list_gap_ms = INT64_MAX};
	count_lists(c->d->kube, world_index(c->d->world, m), c->out);
}

int drill_count(struct drill *d, const char *machine, struct drill_count *out, struct err *e)
{
	struct count_asked c = {.d = d, .machine = machine, .out = out};

	server_run(d->server, do_count, &c);
	return c.found ? 0 : err_set(e, ERR_USAGE, "the drill has no master %s", machine);
}

/* ---- faults at run time ---- */

struct change_asked {
	struct drill *d;
	const char *what, *to;
	int rc;
};

static void do_scenario(void *arg)
{
	struct change_asked *c = arg;

	c->d->scenario = NULL;
	scenario_heal(c->d->world);
	scenario_break(c->d->world, c->what);
}

int drill_scenario(struct drill *d, const char *name, struct err *e)
{
	struct change_asked c = {.d = d, .what = name};

	if (drill_find(name) == NULL)
		return err_set(e, ERR_USAGE, "no drill scenario is called %s", name);
	server_run(d->server, do_scenario, &c);
	return 0;
}

static void do_set(void *arg)
{
	struct change_asked *c = arg;

	if (strcmp(c->what, "certificate") == 0) {
		for (int i = 0; i < WORLD_MASTERS; i++)
			listener_set_tls(c->d->world->machines[i].api,
				strcmp(c->to, "expire") == 0 ? c->d->pki.expired : c->d->pki.api);
		return;
	}
	c->rc = scenario_set(c->d->world, c->what, c->to);
}

int drill_set(struct drill *d, const char *what, const char *to, struct err *e)
{
	struct change_asked c = {.d = d, .what = what, .to = to};

	server_run(d->server, do_set, &c);
	return c.rc == 0 ? 0 : err_set(e, ERR_USAGE, "the drill cannot set %s to %s", what, to);
}
