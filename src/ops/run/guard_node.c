/* What is so on a node or a balancer: asked there, over ssh, unless the snapshot tells it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/cluster_key.h"
#include "cluster/node_pki.h"
#include "run_parts.h"

#define ASK_MS     10000
#define CONFIG_MAX (1u << 20)

static enum run_answer is(bool so, char *why, size_t size, const char *text)
{
	if (!so)
		str_copy(why, size, text);
	return so ? RUN_YES : RUN_NO;
}

static enum run_answer unknown(char *why, size_t size, const struct err *e)
{
	str_copy(why, size, e->text);
	return RUN_CANNOT_TELL;
}

enum run_answer guard_node_reachable(struct run_call *c, char *why, size_t size)
{
	struct node_call to;
	struct err e;
	int code;

	if (run_call_node(c, run_call_text(c, "node"), ASK_MS, &to, &e) != 0)
		return unknown(why, size, &e);
	return is(node_shell_run(&to, "exit 0", NULL, NULL, &code, &e) == 0, why, size, e.text);
}

enum run_answer guard_node_ready(struct run_call *c, char *why, size_t size)
{
	const struct node_row key = {.name = run_call_text(c, "node")};
	const struct node_row *n = table_find(c->now->nodes, &key);
	char status[64], text[160];

	if (c->now->sources[SOURCE_NODES].state != SOURCE_LIVE) {
		str_copy(why, size, _("no API server tells of the nodes"));
		return RUN_CANNOT_TELL;
	}
	if (!n)
		snprintf(text, sizeof(text), _("there is no node %.60s"), key.name);
	else
		snprintf(text, sizeof(text), _("%.60s is %s"), key.name,
			node_status(n, status, sizeof(status)));
	return is(n && node_is_ready(n), why, size, text);
}

/* ---- whose machine it is ---- */

/* A balancer holds no authority: it is this cluster's when its configuration names the control
 * plane. */
static enum run_answer balances_us(struct run_call *c, struct node_call *to, char *why, size_t size)
{
	enum run_answer so = RUN_NO;
	struct buf config;
	struct err e;
	int code;

	buf_init(&config, CONFIG_MAX);
	if (node_shell_run(to, "cat /etc/haproxy/haproxy.cfg", &config, NULL, &code, &e) != 0) {
		buf_done(&config);
		return unknown(why, size, &e);
	}
	for (size_t k = 0; k < c->now->layers.n && so == RUN_NO; k++)
		if (c->now->layers.nodes[k].address[0] &&
			strstr(buf_text(&config), c->now->layers.nodes[k].address))
			so = RUN_YES;
	buf_done(&config);
	return is(so == RUN_YES, why, size,
		_("its haproxy names no control-plane node of this cluster"));
}

enum run_answer guard_right_cluster(struct run_call *c, char *why, size_t size)
{
	struct tls_cert *certs;
	struct cluster_key key;
	struct node_call to;
	struct err e;
	int n;
	bool ours;

	if (run_call_node(c, run_call_text(c, "node"), ASK_MS, &to, &e) != 0)
		return unknown(why, size, &e);
	if (run_call_balancer(c, run_call_text(c, "node")))
		return balances_us(c, &to, why, size);
	cluster_key_of(kube_client_access(c->world->kube), &key);
	if (key.n_cas == 0) {
		str_copy(why, size,
			_("the kubeconfig names no authority that a node could be told by"));
		return RUN_CANNOT_TELL;
	}
	certs = mem_zero(CLUSTER_CAS, sizeof(*certs));
	n = node_read_ca(&to, certs, CLUSTER_CAS, &e);
	ours = n > 0 && cluster_key_shares(&key, certs, n);
	free(certs);
	return n > 0 ? is(ours, why, size,
			       _("another cluster's: its authority is not the kubeconfig's"))
		     : unknown(why, size, &e);
}
