/* The drill knows its addresses and files; the engine wants options. Only the app may see both. */
#include "app/drill_session.h"

#include <string.h>

#include "base/str.h"

static void split_port(const char *host_port, struct host *n)
{
	const char *colon = strrchr(host_port, ':');
	int64_t port = 0;

	if (colon && str_i64(colon + 1, &port))
		n->api_port = (int)port;
}

void drill_session_describe(
	struct engine_options *o, struct drill_session *s, const struct drill_config *c)
{
	for (size_t i = 0; i < c->n_masters; i++) {
		str_copy(s->nodes[i].name, sizeof(s->nodes[i].name), c->masters[i].name);
		str_copy(s->nodes[i].address, sizeof(s->nodes[i].address), c->masters[i].address);
		split_port(c->masters[i].api, &s->nodes[i]);
		s->nodes[i].configured = true;
		s->etcd[i] = c->masters[i].etcd_url;
	}
	for (size_t i = 0; i < c->n_workers; i++) {
		str_copy(s->workers[i].name, sizeof(s->workers[i].name), c->workers[i].name);
		str_copy(s->workers[i].address, sizeof(s->workers[i].address),
			c->workers[i].address);
		s->workers[i].configured = true;
	}
	s->balancers[0] = c->haproxy_node;
	s->shell = node_shell_defaults;
	s->shell.command = c->ssh_command;
	o->shell = &s->shell;
	o->state_dir = NULL;
	o->control_plane = s->nodes;
	o->n_control_plane = c->n_masters;
	o->workers = s->workers;
	o->n_workers = c->n_workers;
	o->etcd.endpoints = s->etcd;
	o->etcd.cacert = c->etcd_ca;
	o->etcd.cert = c->etcd_cert;
	o->etcd.key = c->etcd_key;
	o->load_balancer.address = c->load_balancer;
	o->load_balancer.haproxy_nodes = s->balancers;
	o->load_balancer.haproxy_socket = c->haproxy_socket;
}
