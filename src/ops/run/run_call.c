/* Arguments by name, the way to a machine, and what a call says. */
#include "ops/run/run_call.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"

const struct runbook_value *run_call_list(const struct run_call *c, const char *name)
{
	int i = run_word_arg(c->word, name);

	return i >= 0 && c->args[i].n > 0 ? &c->args[i] : NULL;
}

const char *run_call_text(const struct run_call *c, const char *name)
{
	const struct runbook_value *v = run_call_list(c, name);
	int i = run_word_arg(c->word, name);

	if (v)
		return v->at[0];
	return i >= 0 && c->word->args[i].type == RUN_ARG_NODE ? c->target : "";
}

int64_t run_call_span(const struct run_call *c, const char *name, int64_t otherwise_ms)
{
	int64_t ms;

	return span_parse(run_call_text(c, name), &ms) ? ms : otherwise_ms;
}

int64_t run_call_number(const struct run_call *c, const char *name, int64_t otherwise)
{
	int64_t n;

	return str_i64(run_call_text(c, name), &n) ? n : otherwise;
}

void run_call_say(const struct run_call *c, const char *fmt, ...)
{
	char line[RUN_LINE];
	va_list args;

	if (!c->say)
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	str_mend(line);
	c->say(c->to, line);
}

/* ---- the way to a machine ---- */

static bool find_worker(const struct run_call *c, const char *name, struct node_call *out)
{
	const struct node_row key = {.name = name};
	const struct node_row *row;

	for (size_t k = 0; k < c->world->n_workers; k++) {
		if (!str_eq(c->world->workers[k].name, name))
			continue;
		out->host = c->world->workers[k].address;
		out->local = c->world->workers[k].local;
		return true;
	}
	row = table_find(c->now->nodes, &key);
	if (row && address_may_log_in(row->internal_ip))
		out->host = row->internal_ip;
	return out->host != NULL;
}

const struct shell_host *run_call_balancer(const struct run_call *c, const char *name)
{
	for (size_t k = 0; k < c->world->n_balancers; k++)
		if (str_eq(c->world->balancers[k].name, name))
			return &c->world->balancers[k];
	return NULL;
}

static bool find_balancer(const struct run_call *c, const char *name, struct node_call *out)
{
	const struct shell_host *b = run_call_balancer(c, name);

	if (!b)
		return false;
	out->host = b->name;
	out->local = b->local;
	return true;
}

/* The control plane's addresses are what the probes go to. */
static bool find_host(const struct run_call *c, const char *node, struct node_call *out)
{
	for (size_t i = 0; i < c->now->layers.n; i++) {
		const struct node_layers *n = &c->now->layers.nodes[i];

		if (!str_eq(n->name, node) || !n->login)
			continue;
		out->host = n->address;
		out->local = n->local;
		return true;
	}
	return find_worker(c, node, out) || find_balancer(c, node, out);
}

int run_call_node(const struct run_call *c, const char *node, int64_t timeout_ms,
	struct node_call *out, struct err *e)
{
	*out = (struct node_call){.shell = c->world->shell,
		.timeout_ms = timeout_ms > 0 ? timeout_ms : c->timeout_ms,
		.cancel_fd = c->cancel_fd};
	if (!out->shell)
		return err_set(e, ERR_UNSUPPORTED, _("there is no ssh to the nodes"));
	if (!find_host(c, node, out))
		return err_set(e, ERR_MISSING,
			_("no address of \"%s\" is known that leads there: name one in the "
			  "configuration (nodes.control_plane or nodes.workers)"),
			node);
	return 0;
}

/* ---- what a script says, as lines ---- */

struct listener {
	const struct run_call *call;
	struct buf *keep; /* or NULL */
	struct buf line;
};

static void end_line(struct listener *l)
{
	char shown[RUN_LINE];

	text_safe(shown, sizeof(shown), buf_text(&l->line), l->line.len);
	run_call_say(l->call, "%s", shown);
	buf_clear(&l->line);
}

/* A line longer than a page's goes on in the next one. */
static int hear(struct listener *l, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n' || buf_putc(&l->line, bytes[i]) != 0)
			end_line(l);
	}
	return 0;
}

static int hear_out(void *arg, const char *bytes, size_t n)
{
	struct listener *l = arg;

	if (l->keep)
		buf_add(l->keep, bytes, n);
	return hear(l, bytes, n);
}

static int hear_err(void *arg, const char *bytes, size_t n)
{
	return hear(arg, bytes, n);
}

int run_call_script(const struct run_call *c, const struct node_call *to, const char *script,
	struct buf *out, int *exit_code, struct err *e)
{
	struct listener l = {.call = c, .keep = out};
	const struct proc_calls calls = {.out = hear_out, .err = hear_err, .arg = &l};
	int rc;

	buf_init(&l.line, RUN_LINE - 1);
	rc = node_shell_stream(to, script, &calls, exit_code, e);
	if (l.line.len > 0)
		end_line(&l);
	buf_done(&l.line);
	return rc;
}

/* ---- the API ---- */

/* The node's own server, at the port of the cluster's URL. */
static bool server_of(
	const struct run_call *c, const struct node_layers *n, struct kube_endpoint *out)
{
	struct kube_endpoint url;
	const char *port;

	if (!n->address[0] || !probe_is_good(&n->layer[LAYER_READY]))
		return false;
	kube_client_server(c->world->kube, &url);
	port = strrchr(url.label, ':');
	snprintf(out->label, sizeof(out->label), "%s%s", n->address, port ? port : ":6443");
	str_copy(out->connect_to, sizeof(out->connect_to), out->label);
	return true;
}

int run_call_server(const struct run_call *c, struct kube_endpoint *out, struct err *e)
{
	const struct layer_board *b = &c->now->layers;

	*out = (struct kube_endpoint){.label = ""};
	if (probe_is_good(&b->load_balancer)) {
		kube_client_server(c->world->kube, out);
		return 0;
	}
	for (size_t i = 0; i < b->n; i++)
		if (server_of(c, &b->nodes[i], out))
			return 0;
	if (b->n == 0) { /* nothing is known of the single servers */
		kube_client_server(c->world->kube, out);
		return 0;
	}
	return err_set(e, ERR_UNREACHABLE, _("no API server is ready"));
}
