/* What the commands that speak to a cluster have in common. */
#include "app/session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/theme_load.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/file.h"
#include "io/own_dir.h"
#include "model/command.h"
#include "ui/kit/tty.h"
#include "ui/screen/screen.h"

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
	o->engine.shell = c->nodes.command[0] ? &o->shell : NULL;
	o->engine.control_plane = c->nodes.control_plane;
	o->engine.n_control_plane = c->nodes.n_control_plane;
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
	o->engine.thresholds = (struct severity_limits){
		.certificate_days = c->thresholds.certificate_days,
		.api_latency_ms = c->thresholds.api_latency_ms,
		.etcd_fsync_ms = c->thresholds.etcd_fsync_ms,
		.cpu_percent = c->thresholds.cpu_percent,
		.memory_percent = c->thresholds.memory_percent,
		.disk_percent = c->thresholds.disk_percent,
		.hold_down_ms = c->thresholds.hold_down_ms,
		.core_services = (const char *const *)c->core_services,
	};
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

/* "config.yaml:3:9: sentence" */
static int bad_pair(const struct config *c, const struct config_pair *at, struct err *e)
{
	char where[300];

	e->code = ERR_INPUT;
	if (!c->file)
		return -1;
	snprintf(where, sizeof(where), "%s:%d:%d", c->file, at->line, at->column);
	return err_in(e, where);
}

int session_keys(const struct config *c, struct keymap **out, struct err *e)
{
	struct keymap *keys = keymap_new();
	int rc = 0;

	*out = NULL;
	for (size_t i = 0; rc == 0 && i < c->ui.n_keys; i++)
		if (keymap_bind(keys, c->ui.keys[i].key, c->ui.keys[i].value, e) != 0)
			rc = bad_pair(c, &c->ui.keys[i], e);
	if (rc == 0 && keymap_check(keys, e) != 0)
		rc = c->file ? err_in(e, c->file) : -1;
	if (rc == 0)
		*out = keys;
	else
		keymap_free(keys);
	return rc;
}

int session_themes(const struct globals *g, struct theme **out, size_t *n, struct err *e)
{
	const struct config *c = g->config;

	if (theme_load_all(g->theme ? g->theme : c->ui.theme, out, n, e) == 0)
		return 0;
	return !g->theme && c->file ? err_in(e, c->file) : -1;
}

/* The screen's options that come from files: themes and keys. */
struct look {
	struct theme *themes;
	size_t n_themes;
	struct keymap *keys;
};

static int look_init(struct look *l, const struct globals *g, struct err *e)
{
	memset(l, 0, sizeof(*l));
	if (session_keys(g->config, &l->keys, e) != 0)
		return -1;
	return session_themes(g, &l->themes, &l->n_themes, e);
}

static void look_done(struct look *l)
{
	keymap_free(l->keys);
	free(l->themes);
}

static void first_notice(struct engine *en, enum notice_level level, const char *say)
{
	if (say && say[0])
		notice_post(engine_notices(en), notice_new(level, "%s", say));
}

/* The screen is gone and the rest is being stopped, which may wait for a disk: Ctrl-C leaves at
 * once. */
static void let_interrupt_kill(void)
{
	sigset_t set;

	signal(SIGINT, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static int run_screen(
	struct engine *en, const struct look *look, const char *stderr_path, struct err *e)
{
	const struct screen_options s = {
		.snapshots = engine_snapshots(en),
		.commands = engine_commands(en),
		.notices = engine_notices(en),
		.themes = look->themes,
		.n_themes = look->n_themes,
		.keymap = look->keys,
		.stderr_path = stderr_path,
	};

	return screen_run(&s, e);
}

static void tell_lost(size_t lost)
{
	if (lost > 0)
		fprintf(stderr,
			P_("k911: %zu entry of the journal could not be written; the log has it\n",
				"k911: %zu entries of the journal could not be written; the log "
				"has "
				"them\n",
				lost),
			lost);
}

int session_console(struct globals *g, struct session_options *o, const char *say)
{
	struct engine *en = NULL;
	struct look look = {0};
	struct err e;
	int rc = -1;

	if (tty_check(&e) != 0 || look_init(&look, g, &e) != 0 || session_log(g, o, &e) != 0)
		kube_access_free(o->engine.access);
	else
		en = engine_start(&o->engine, &e);
	if (en) {
		char *stderr_path = o->state_dir ? str_fmt("%s/stderr.log", o->state_dir) : NULL;

		first_notice(en, NOTICE_INFO, say);
		first_notice(en, NOTICE_WARN, o->lost);
		rc = run_screen(en, &look, stderr_path, &e);
		free(stderr_path);
		let_interrupt_kill();
		tell_lost(engine_stop(en));
	}
	look_done(&look);
	log_close();
	if (rc < 0)
		return complain(&e);
	return rc == 1 ? EXIT_INTERRUPTED : EXIT_OK;
}
