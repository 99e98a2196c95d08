/* `k911 config show` prints what is in force; `k911 config check` says whether the file can be
 * used. */
#include "commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/console.h"
#include "base/i18n.h"
#include "base/str.h"

#define PRINT_MAX (1u << 20)

/* What the file names must be usable too: its theme and its keys. */
static int check_named(const struct globals *g, struct err *e)
{
	struct keymap *keys = NULL;
	struct theme *themes = NULL;
	size_t n;
	int rc = console_themes(g, &themes, &n, e);

	if (rc == 0)
		rc = console_keys(g->config, &keys, e);
	free(themes);
	keymap_free(keys);
	return rc;
}

static int show(const struct config *c)
{
	struct buf out;

	buf_init(&out, PRINT_MAX);
	config_print(c, &out);
	fputs(buf_text(&out), stdout);
	buf_done(&out);
	return EXIT_OK;
}

int command_config(struct globals *g, const struct command_row *self, int argc, char **argv)
{
	struct err e;
	int first, rc = options_read(g, self, argc, argv, NULL, NULL, &first);

	if (rc != 0)
		return rc - 1;
	if (argc - first != 1 || (!str_eq(argv[first], "show") && !str_eq(argv[first], "check")))
		return usage_error(_("config needs one word: show or check"));
	if (globals_config(g, &e) != 0)
		return complain(&e);
	if (str_eq(argv[first], "show"))
		return show(g->config);
	if (check_named(g, &e) != 0)
		return complain(&e);
	if (g->config->file)
		printf(_("%s: ok\n"), g->config->file);
	else
		printf("%s", _("there is no configuration file: the defaults apply\n"));
	return EXIT_OK;
}
