/* The console on an engine: what the screen needs beside it (themes, keys), and the order in which
 * both begin and end. */
#include "app/console.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/theme_load.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/str.h"
#include "model/command.h"
#include "ui/kit/tty.h"
#include "ui/screen/screen.h"

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

int console_keys(const struct config *c, struct keymap **out, struct err *e)
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

int console_themes(const struct globals *g, struct theme **out, size_t *n, struct err *e)
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
	if (console_keys(g->config, &l->keys, e) != 0)
		return -1;
	return console_themes(g, &l->themes, &l->n_themes, e);
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
		.snapshots = engine_subscribe(en),
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

int console_run(struct globals *g, struct session_options *o, const char *say)
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
