/* The practice cluster: the same console, the same clients, a cluster that may be broken without
 * harm. Nothing of it is kept: it has another address at every start. */
#include "commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/console.h"
#include "app/drill_session.h"
#include "base/i18n.h"
#include "base/nearest.h"
#include "base/str.h"
#include "drill/drill.h"
#include "drill/scenario.h"
#include "io/file.h"
#include "ui/kit/tty.h"

static void take(void *list, const char *name, const char *value)
{
	(void)value;
	*(bool *)list = *(bool *)list || str_eq(name, "list");
}

static int list_scenarios(void)
{
	for (size_t i = 0; i < drill_n_scenarios; i++)
		printf("%-22s %s\n", drill_scenarios[i].name, _(drill_scenarios[i].title));
	return EXIT_OK;
}

static int no_such_scenario(const char *name)
{
	const char *near = NEAREST_ROW(name, drill_scenarios, drill_n_scenarios);

	if (near)
		return usage_error(_("unknown scenario \"%s\"; did you mean \"%s\"?"), name, near);
	return usage_error(_("unknown scenario \"%s\"; `k911 drill --list` names them"), name);
}

static int run(struct globals *g, const struct drill_scenario *scenario)
{
	const struct drill_options options = {.scenario = scenario->name, .self_path = g->self};
	struct drill_session session = {0};
	struct session_options o;
	struct drill *d = NULL;
	char say[200], *dir;
	struct err e;
	int rc;

	if (session_options_init(&o, g, &e) != 0)
		return complain(&e);
	if (drill_start(&options, &d, &e) == 0) {
		drill_session_describe(&o.engine, &session, drill_config(d));
		if (kubeconfig_load(drill_kubeconfig(d), NULL, &o.engine.access, &e) == 0) {
			snprintf(say, sizeof(say), _("practice cluster: %s"), _(scenario->title));
			dir = file_beside(drill_kubeconfig(d), ".");
			session_desk(g, &o, dir, false);
			rc = console_run(g, &o, say);
			free(dir);
			goto out;
		}
	}
	rc = complain(&e);
out:
	drill_stop(d);
	session_options_done(&o);
	return rc;
}

int drill_healthy(struct globals *g)
{
	return run(g, drill_find("healthy"));
}

int command_drill(struct globals *g, const struct command_row *self, int argc, char **argv)
{
	const struct drill_scenario *scenario;
	bool list = false;
	struct err e;
	int first, rc = options_read(g, self, argc, argv, take, &list, &first);

	if (rc != 0)
		return rc - 1;
	if (list)
		return list_scenarios();
	if (argc - first > 1)
		return usage_error(_("drill takes one scenario, not %d"), argc - first);
	scenario = drill_find(first < argc ? argv[first] : "healthy");
	if (!scenario)
		return no_such_scenario(argv[first]);
	if (tty_check(&e) != 0)
		return complain(&e);
	return run(g, scenario);
}
