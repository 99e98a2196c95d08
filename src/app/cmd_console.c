/* The console on the current context; and where there is no kubeconfig at all, a word about it and
 * the practice cluster. */

#include "commands.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "app/console.h"
#include "base/i18n.h"
#include "ui/kit/tty.h"

#define OFFER_MS 3000

/* Nothing to connect to: says so, and opens the practice cluster unless `q` is typed first. */
static int offer_drill(struct globals *g, const struct err *why)
{
	char typed = '\n';
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	struct err e;

	if (tty_check(&e) != 0)
		return complain(why);
	fprintf(stderr, "k911: %s\n", why->text);
	fprintf(stderr, "%s",
		_("Opening the practice cluster (k911 drill) in 3 seconds: Enter opens it now, "
		  "q and Enter leaves.\n"));
	if (poll(&in, 1, OFFER_MS) == 1 && (read(STDIN_FILENO, &typed, 1) != 1 || typed == 'q'))
		return EXIT_INPUT;
	return drill_healthy(g);
}

int command_console(struct globals *g, const struct command_row *self, int argc, char **argv)
{
	struct session_options o;
	const char *path;
	struct err e;
	int rc;

	(void)self;
	(void)argc;
	(void)argv;
	if (session_options_init(&o, g, &e) != 0)
		return complain(&e);
	path = g->kubeconfig ? g->kubeconfig : g->config->cluster.kubeconfig;
	if (session_access(g, &o, &e) == 0) {
		session_desk(g, &o, o.state_dir, true);
		rc = console_run(g, &o, NULL);
	} else if (e.code == ERR_MISSING && !path[0]) {
		rc = offer_drill(g, &e);
	} else {
		rc = complain(&e);
	}
	session_options_done(&o);
	return rc;
}
