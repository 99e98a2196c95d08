/* What the commands that speak to a cluster have in common, with a screen or without. */
#include "app/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/author.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/file.h"
#include "io/own_dir.h"

static void do_without_state(struct session_options *o)
{
	free(o->state_dir);
	o->state_dir = NULL;
	o->engine.state_dir = NULL;
}

/* One that others may write to is not used; one that cannot be made is session_log's to judge. */
static int find_state_dir(const struct globals *g, struct session_options *o, struct err *e)
{
	char *real;
	struct err why;

	o->state_dir = g->state_dir ? file_expand(g->state_dir) : file_state_dir();
	if (!o->state_dir)
		return 0;
	if (own_dir_make(o->state_dir, &real, &why) == 0) {
		free(o->state_dir);
		o->state_dir = real;
	} else if (why.code == ERR_INPUT && g->state_dir) {
		free(o->state_dir);
		*e = why;
		return err_in(e, "--state-dir");
	} else if (why.code == ERR_INPUT) {
		snprintf(o->lost, sizeof(o->lost), _("nothing is kept: %.280s"), why.text);
		do_without_state(o);
	}
	return 0;
}

int session_options_init(struct session_options *o, struct globals *g, struct err *e)
{
	const struct config *c;

	memset(o, 0, sizeof(*o));
	if (globals_config(g, e) != 0 || find_state_dir(g, o, e) != 0)
		return -1;
	c = g->config;
	o->shell = (struct node_shell_options){
		.command = c->nodes.command,
		.user = c->nodes.user,
		.identity = c->nodes.identity,
		.options = (const char *const *)c->nodes.options,
		.become = c->nodes.become,
	};
	o->engine = engine_defaults;
	o->engine.state_dir = o->state_dir;
	o->engine.read_only = g->read_only;
	o->engine.shell = c->nodes.command[0] ? &o->shell : NULL;
	o->engine.control_plane = c->nodes.control_plane.at;
	o->engine.n_control_plane = c->nodes.control_plane.n;
	o->engine.workers = c->nodes.workers.at;
	o->engine.n_workers = c->nodes.workers.n;
	o->engine.etcd.endpoints =
		c->etcd.endpoints[0] ? (const char *const *)c->etcd.endpoints : NULL;
	o->engine.etcd.cacert = c->etcd.cacert;
	o->engine.etcd.cert = c->etcd.cert;
	o->engine.etcd.key = c->etcd.key;
	o->engine.etcd.pki_dir = str_eq(c->etcd.credentials, "auto") ? c->etcd.pki_dir : "";
	o->engine.load_balancer.address = c->load_balancer.address;
	o->engine.load_balancer.haproxy_nodes = (const char *const *)c->load_balancer.haproxy_nodes;
	o->engine.load_balancer.haproxy_socket = c->load_balancer.haproxy_socket;
	o->engine.alerts.url = c->alerts.alertmanager;
	o->engine.alerts.secret_file = c->alerts.secret_file;
	o->engine.alerts.ca_file = c->alerts.ca_file;
	o->engine.limits = c->thresholds;
	o->engine.core_services = (const char *const *)c->core_services;
	return 0;
}

int session_access(const struct globals *g, struct session_options *o, struct err *e)
{
	const char *path = g->kubeconfig ? g->kubeconfig : g->config->cluster.kubeconfig;
	const char *context = g->context ? g->context : g->config->cluster.context;

	return kubeconfig_load(path[0] ? path : NULL, context && context[0] ? context : NULL,
		&o->engine.access, e);
}

void session_options_done(struct session_options *o)
{
	free(o->state_dir);
	free(o->journal);
	free(o->outbox);
	free(o->lock_dir);
	free(o->receivers);
	runbook_set_unref(o->runbooks);
}

char *session_runbook_dir(void)
{
	char *config = file_config_dir(), *dir = config ? str_fmt("%s/runbooks", config) : NULL;

	free(config);
	return dir;
}

struct runbook_set *session_runbooks(void)
{
	char *dir = session_runbook_dir();
	struct runbook_set *s = runbook_set_load(&runbook_files, dir);

	free(dir);
	return s;
}

void session_desk(const struct globals *g, struct session_options *o, const char *dir, bool tells)
{
	const struct config *c = g->config;
	struct incident_desk_options *d = &o->engine.desk;

	author_learn(&d->author);
	o->runbooks = session_runbooks();
	o->engine.runbooks = o->runbooks;
	for (int l = 0; l < LEVEL_COUNT; l++)
		d->targets[l] = c->levels[l];
	for (int l = 0; l < CHECKLIST_COUNT; l++)
		d->lists[l] = (const char *const *)c->checklists[l];
	d->why = o->lost[0] ? o->lost
			    : _("there is no home directory for the journal: name one with "
				"--state-dir");
	if (!dir)
		return;
	o->journal = str_fmt("%s/journal.db", dir);
	o->outbox = str_fmt("%s/notify.db", dir);
	o->lock_dir = mem_str(dir);
	o->engine.journal = o->journal;
	o->engine.outbox = o->outbox;
	d->lock_dir = o->lock_dir;
	if (!tells)
		return;
	o->receivers = config_notify_targets(&c->notify);
	o->engine.receivers = o->receivers;
	o->engine.n_receivers = c->notify.n;
}

static int open_state(const struct globals *g, const struct session_options *o, struct err *e)
{
	char *path;
	int rc;

	if (file_make_dirs(o->state_dir, 0700, e) != 0)
		return -1;
	path = str_fmt("%s/k911.log", o->state_dir);
	rc = log_open(path, g->verbose ? LOG_DEBUG : LOG_INFO, e);
	free(path);
	return rc;
}

int session_log(const struct globals *g, struct session_options *o, struct err *e)
{
	struct err why;

	if (!o->state_dir || open_state(g, o, &why) == 0)
		return 0;
	if (g->state_dir)
		return err_set(e, ERR_INPUT,
			_("cannot keep the log in the state directory %s (%s): choose another with "
			  "--state-dir"),
			o->state_dir, why.text);
	/* A full or read-only disk is no reason to stay away from an incident. */
	snprintf(o->lost, sizeof(o->lost),
		_("nothing can be kept in %.80s (%.120s): --state-dir chooses another place"),
		o->state_dir, why.text);
	do_without_state(o);
	return 0;
}
