/* k911: the console for when the cluster is on fire. Sets the language, reads the global options,
 * blocks the signals that the screen reads by itself, and hands over to a command. */
#include "commands.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/language.h"
#include "base/i18n.h"
#include "base/nearest.h"
#include "base/str.h"
#include "drill/fake/fake_node.h"

static const struct command_row *command_named(const char *name)
{
	for (const struct command_row *c = command_rows; c->name; c++)
		if (str_eq(c->name, name))
			return c;
	return NULL;
}

static int no_such_command(const char *name)
{
	const char *near;
	size_t n = 0;

	while (command_rows[n].name)
		n++;
	near = NEAREST_ROW(name, command_rows, n);
	if (near)
		return usage_error(_("unknown command \"%s\"; did you mean \"%s\"?"), name, near);
	return usage_error(_("unknown command \"%s\""), name);
}

/* A core of this process would hold tokens and keys, and who may attach to it could read them:
 * neither is possible unless it is asked for. ssh and plugins are dumpable as ever, but leave no
 * core. */
static void keep_secrets(void)
{
	const char *wish = getenv("K911_CORE");
	struct rlimit core;

	if (wish && str_eq(wish, "1"))
		return;
	prctl(PR_SET_DUMPABLE, 0);
	if (getrlimit(RLIMIT_CORE, &core) == 0) {
		core.rlim_cur = 0;
		setrlimit(RLIMIT_CORE, &core);
	}
}

/* What the screen reads from its signalfd must be blocked in every thread, so before the first. */
static void block_signals(void)
{
	static const int all[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		sigaddset(&set, all[i]);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file at its limit is an error like a full disk */
}

/* The exit code, unless what was printed did not get through: then nobody was told that all is well.
 * A verdict that is bad stands. */
static int said(int rc)
{
	struct err e;

	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return rc;
	err_sys(&e, errno != 0 ? errno : EIO, "%s", _("cannot write to stdout"));
	complain(&e);
	return rc == EXIT_OK ? EXIT_UNKNOWN : rc;
}

int main(int argc, char **argv)
{
	char self[PATH_MAX] = "";
	struct globals g = {.self = self, .commands = command_rows};
	const struct command_row *c = &command_rows[0];
	struct err e;
	int first = argc, rc;

	keep_secrets();
	umask(077); /* whatever is written holds what others need not know */
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		str_copy(self, sizeof(self), argv[0]);
	if (fake_node_main(argc, argv,
		    &rc)) /* the practice cluster's stand-ins for ssh and a node's tools */
		return rc;
	if (language_set("auto", self, &e) != 0)
		return complain(&e);
	rc = options_read(&g, c, argc, argv, NULL, NULL, &first);
	if (rc != 0)
		return said(rc - 1);
	if (g.lang && language_set(g.lang, self, &e) != 0)
		return complain(&e);
	if (first < argc && (c = command_named(argv[first])) == NULL)
		return no_such_command(argv[first]);
	block_signals();
	rc = c->run(&g, c, argc - first, argv + first);
	config_free(g.config);
	return said(rc);
}
