/* The real clients on a practice cluster, for the drill's tests. */
#include "help/drilled.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/wake.h"
#include "drill/fake/fake_node.h"
#include "io/file.h"

static char self[400];

void drilled_self(int argc, char **argv)
{
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int rc;

	if (fake_node_main(argc, argv, &rc))
		exit(rc);
	if (n > 0)
		self[n] = '\0';
}

static void must(bool ok, const char *what, const struct err *e)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", what, e->text);
	abort();
}

static struct http_tls *etcd_tls(const struct drill_config *c, struct err *e)
{
	char *ca = NULL, *cert = NULL, *key = NULL;
	struct http_tls *t;

	must(file_read(c->etcd_ca, 1 << 16, &ca, NULL, e) == 0, "etcd ca", e);
	must(file_read(c->etcd_cert, 1 << 16, &cert, NULL, e) == 0, "etcd cert", e);
	must(file_read(c->etcd_key, 1 << 16, &key, NULL, e) == 0, "etcd key", e);
	t = http_tls_new(ca, cert, key);
	free(ca);
	free(cert);
	free(key);
	return t;
}

void drilled_start(struct drilled *d, const char *scenario, int speed)
{
	static const struct kube_kind *const watched_kinds[DRILLED_KINDS] = {
		&kube_nodes, &kube_pods, &kube_events, &kube_node_leases, &kube_system_leases};
	struct drill_options o = {
		.scenario = scenario, .self_path = self, .at_once = true, .speed = speed};
	struct node_shell_options shell = node_shell_defaults;
	struct kube_access *access = NULL;
	struct kube_endpoint vip;
	struct err e = {0};

	memset(d, 0, sizeof(*d));
	must(drill_start(&o, &d->drill, &e) == 0, "drill", &e);
	d->config = drill_config(d->drill);
	d->pool = pool_start(2, 100);
	must((d->http = http_open(&e)) != NULL, "http", &e);
	must(kubeconfig_load(d->config->kubeconfig, NULL, &access, &e) == 0, "kubeconfig", &e);
	d->client = kube_client_new(access, d->pool);
	d->etcd_tls = etcd_tls(d->config, &e);
	shell.command = d->config->ssh_command;
	must((d->shell = node_shell_new(&shell, &e)) != NULL, "shell", &e);
	d->names = intern_new(4 << 20);
	d->box = mailbox_new(10000);
	kube_client_server(d->client, &vip);
	for (int i = 0; i < DRILLED_KINDS; i++) {
		d->table[i] = table_new(watched_kinds[i]->ops);
		d->watch[i] = kube_watch_start(d->http, d->client, &vip, watched_kinds[i], d->names,
			&(struct hearer){.box = d->box});
	}
}

void drilled_stop(struct drilled *d)
{
	for (int i = 0; i < DRILLED_KINDS; i++)
		kube_watch_stop(d->watch[i], true);
	http_close(d->http);
	pool_stop(d->pool);
	mailbox_free(d->box);
	for (int i = 0; i < DRILLED_KINDS; i++)
		table_free(d->table[i]);
	kube_client_unref(d->client);
	http_tls_unref(d->etcd_tls);
	node_shell_free(d->shell);
	intern_unref(d->names);
	drill_stop(d->drill);
}

static void take(struct drilled *d, struct kube_letter *l)
{
	int i = 0;

	while (i < DRILLED_KINDS && kube_watch_number(d->watch[i]) != l->watch)
		i++;
	d->lists += l->letter.kind == KUBE_LIST_END;
	d->troubles += l->letter.kind == KUBE_TROUBLE;
	d->alive += l->letter.kind == KUBE_ALIVE;
	if (i == DRILLED_KINDS)
		return;
	if (l->letter.kind == KUBE_LIST_BEGIN)
		table_clear(d->table[i]);
	if (l->letter.kind == KUBE_LIST_END)
		d->listed[i] = true;
	for (size_t k = 0; l->letter.kind == KUBE_ROWS && k < l->n; k++) {
		void *row = l->rows + k * l->of->ops->size;

		if (l->deleted[k]) {
			table_remove(d->table[i], row);
		} else {
			table_put(d->table[i], row);
			l->taken[k] = true;
		}
	}
}

bool drilled_wait(struct drilled *d, bool (*seen)(struct drilled *d, const void *arg),
	const void *arg, int64_t ms)
{
	int64_t until = instant_now().boot_ms + ms;
	struct letter *l;

	for (;;) {
		struct pollfd p = {.fd = mailbox_fd(d->box), .events = POLLIN};

		while ((l = mailbox_take(d->box)) != NULL) {
			take(d, (struct kube_letter *)l);
			l->drop(l);
		}
		if (seen(d, arg))
			return true;
		if (instant_now().boot_ms >= until)
			return false;
		poll(&p, 1, 50);
	}
}

const struct node_row *drilled_node(const struct drilled *d, const char *name)
{
	struct node_row key = {.name = name};

	return table_find(d->table[DRILLED_NODES], &key);
}

bool drilled_node_ready(struct drilled *d, const void *name)
{
	const struct node_row *n = drilled_node(d, name);

	return n != NULL && n->ready == NODE_READY_TRUE;
}

bool drilled_node_not_ready(struct drilled *d, const void *name)
{
	const struct node_row *n = drilled_node(d, name);

	return n != NULL && n->ready != NODE_READY_TRUE;
}

int drilled_pods(const struct drilled *d, const char *ns, const char *begins, const char *status)
{
	struct table_walk walk = table_walk(d->table[DRILLED_PODS]);
	const struct system_pod_row *p;
	int n = 0;

	while ((p = table_next(&walk)) != NULL)
		n += strcmp(p->pod.ns, ns) == 0 && str_starts(pod_name(&p->pod), begins) &&
		     (status == NULL || strcmp(p->pod.status, status) == 0);
	return n;
}

const char *drilled_pod_name(const struct drilled *d, const char *ns, const char *begins)
{
	struct table_walk walk = table_walk(d->table[DRILLED_PODS]);
	const struct system_pod_row *p;

	while ((p = table_next(&walk)) != NULL)
		if (strcmp(p->pod.ns, ns) == 0 && str_starts(pod_name(&p->pod), begins))
			return pod_name(&p->pod);
	return NULL;
}

long drilled_ask(struct drilled *d, int master, const char *method, const char *path,
	const char *type, const char *body, int64_t ms, struct buf *answer, struct err *e)
{
	struct http_request r = {.method = method,
		.total_ms = ms,
		.connect_ms = ms,
		.max_bytes = 16 << 20,
		.fresh = true};
	struct kube_endpoint to;
	struct kube_hold *hold = NULL;
	struct http_result result = {0};
	char header[80];
	const char *const headers[] = {header, NULL};
	int rc;

	kube_client_server(d->client, &to);
	if (master >= 0) {
		str_copy(to.label, sizeof(to.label), d->config->masters[master].api);
		str_copy(to.connect_to, sizeof(to.connect_to), d->config->masters[master].api);
	}
	must(kube_client_fill(d->client, &to, path, &r, &hold, e) == 0, "fill", e);
	if (body != NULL) {
		snprintf(header, sizeof(header), "content-type: %s", type);
		r.headers = headers;
		r.body = body;
		r.body_bytes = strlen(body);
	}
	rc = http_perform(&r, -1, answer, &result);
	kube_hold_release(hold);
	*e = result.err;
	return rc == 0 ? result.status : 0;
}

int drilled_ssh(
	struct drilled *d, const char *host, const char *script, struct buf *out, struct err *e)
{
	const struct node_call call = {d->shell, host, 10000, -1, false};
	int exit_code = -1;

	if (node_shell_run(&call, script, out, NULL, &exit_code, e) != 0)
		return -1;
	return exit_code;
}

/* ---- etcd ---- */

struct waiting {
	struct drilled_etcd *out;
	int done;
};

static void on_answer(void *arg, const struct err *err, const struct http_result *result,
	const struct etcd_answer *answer)
{
	struct waiting *w = arg;

	(void)result;
	w->out->err = *err;
	w->out->answer = *answer;
	wake_set(w->done);
}

void drilled_etcd_ask(
	struct drilled *d, int master, enum etcd_what what, int64_t ms, struct drilled_etcd *out)
{
	struct etcd_target t = {.url = what == ETCD_PEER ? d->config->masters[master].peer_url
							 : d->config->masters[master].etcd_url,
		.tls = d->etcd_tls,
		.total_ms = ms,
		.fresh = true};
	struct waiting w = {.out = out, .done = wake_open()};
	struct pollfd p = {.fd = w.done, .events = POLLIN};

	memset(out, 0, sizeof(*out));
	etcd_ask(d->http, &t, what, on_answer, &w);
	while (poll(&p, 1, -1) < 1)
		;
	wake_clear(w.done);
	close(w.done);
}
