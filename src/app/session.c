/* What the commands that speak to a cluster have in common. */
#include "app/session.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "app/theme_load.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/file.h"
#include "model/command.h"
#include "ui/screen.h"
#include "ui/tty.h"

int session_options_init(struct session_options *o, struct globals *g, struct err *e)
{
	const struct config *c;

	memset(o, 0, sizeof(*o));
	if (globals_config(g, e) != 0)
		return -1;
	c = g->config;
	o->state_dir = g->state_dir ? file_expand(g->state_dir) : file_state_dir();
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

void session_options_done(struct session_options *o)
{
	free(o->state_dir);
}

int session_log(const struct globals *g, const struct session_options *o, struct err *e)
{
	char *path;
	int rc;

	if (!o->state_dir)
		return 0;
	if (file_make_dirs(o->state_dir, 0700, e) != 0)
		return -1;
	path = str_fmt("%s/k911.log", o->state_dir);
	rc = log_open(path, g->verbose ? LOG_DEBUG : LOG_INFO, e);
	free(path);
	return rc;
}

/* The screen's options that come from files: themes and keys. */
struct look {
	struct theme *themes;
	size_t n_themes;
	struct keymap *keys;
	char *stderr_path;
};

static int look_init(
	struct look *l, const struct globals *g, const struct session_options *o, struct err *e)
{
	const struct config *c = g->config;

	memset(l, 0, sizeof(*l));
	l->keys = keymap_new();
	for (size_t i = 0; i < c->ui.n_keys; i++) {
		if (keymap_bind(l->keys, c->ui.keys[i].key, c->ui.keys[i].value, e) != 0) {
			e->code = ERR_INPUT;
			return c->file ? err_in(e, c->file) : -1;
		}
	}
	if (keymap_check(l->keys, e) != 0) {
		e->code = ERR_INPUT;
		return c->file ? err_in(e, c->file) : -1;
	}
	if (o->state_dir)
		l->stderr_path = str_fmt("%s/stderr.log", o->state_dir);
	return theme_load_all(g->theme ? g->theme : c->ui.theme, &l->themes, &l->n_themes, e);
}

static void look_done(struct look *l)
{
	keymap_free(l->keys);
	free(l->themes);
	free(l->stderr_path);
}

static void first_notice(struct engine *en, const char *say)
{
	struct notice *n;

	if (!say)
		return;
	n = notice_new(NOTICE_INFO, "%s", say);
	if (mailbox_post(engine_notices(en), &n->letter) != 0)
		n->letter.drop(&n->letter);
}

/* The screen is gone and the rest is being stopped: a second Ctrl-C leaves at once. */
static void let_interrupt_kill(void)
{
	sigset_t set;

	signal(SIGINT, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

int session_console(struct globals *g, struct session_options *o, const char *say)
{
	struct engine *en = NULL;
	struct look look;
	struct err e;
	int rc = -1;

	if (tty_check(&e) != 0 || look_init(&look, g, o, &e) != 0) {
		kube_access_free(o->engine.access);
		return complain(&e);
	}
	if (session_log(g, o, &e) == 0)
		en = engine_start(&o->engine, &e);
	else
		kube_access_free(o->engine.access);
	if (en) {
		const struct screen_options s = {
			.snapshots = engine_snapshots(en),
			.commands = engine_commands(en),
			.notices = engine_notices(en),
			.themes = look.themes,
			.n_themes = look.n_themes,
			.keymap = look.keys,
			.stderr_path = look.stderr_path,
		};

		first_notice(en, say);
		rc = screen_run(&s, &e);
		if (rc == 1)
			let_interrupt_kill();
		engine_stop(en);
	}
	look_done(&look);
	log_close();
	if (rc < 0)
		return complain(&e);
	return rc == 1 ? EXIT_INTERRUPTED : EXIT_OK;
}
