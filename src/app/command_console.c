/* The console on the current context; and where there is no kubeconfig at all, a word about it and
 * the practice cluster. */

#include "app/command_line.h"
#include "app/session.h"
#include "base/i18n.h"
#include "base/str.h"

int command_console(struct globals *g, int argc, char **argv)
{
	struct session_options o;
	struct kube_access *access;
	const char *path, *context;
	struct err e;
	int rc;

	(void)argc;
	(void)argv;
	if (session_options_init(&o, g, &e) != 0)
		return complain(&e);
	path = g->kubeconfig ? g->kubeconfig : g->config->cluster.kubeconfig;
	context = g->context ? g->context : g->config->cluster.context;
	if (kubeconfig_load(path[0] ? path : NULL, context && context[0] ? context : NULL, &access,
		    &e) == 0) {
		o.engine.access = access;
		rc = session_console(g, &o, NULL);
	} else {
		rc = complain(&e);
	}
	session_options_done(&o);
	return rc;
}
