/* `k911 config show` prints what is in force; `k911 config check` says whether the file can be
 * used. */
#include <stdio.h>
#include <stdlib.h>

#include "app/command_line.h"
#include "app/theme_load.h"
#include "base/i18n.h"
#include "base/str.h"
#include "ui/keymap.h"

#define PRINT_MAX (1u << 20)

/* What the file names must be usable too: its theme and its keys. */
static int check_named(const struct config *c, struct err *e)
{
	struct keymap *keys = keymap_new();
	struct theme *themes;
	size_t n;
	int rc = theme_load_all(c->ui.theme, &themes, &n, e);

	free(themes);
	for (size_t i = 0; rc == 0 && i < c->ui.n_keys; i++) {
		rc = keymap_bind(keys, c->ui.keys[i].key, c->ui.keys[i].value, e);
		if (rc != 0 && c->file)
			err_in(e, c->file);
	}
	if (rc == 0 && (rc = keymap_check(keys, e)) != 0 && c->file)
		err_in(e, c->file);
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

int command_config(struct globals *g, int argc, char **argv)
{
	struct err e;
	int first, rc = options_read(g, command_named("config"), argc, argv, NULL, NULL, &first);

	if (rc != 0)
		return rc - 1;
	if (argc - first != 1 || (!str_eq(argv[first], "show") && !str_eq(argv[first], "check")))
		return usage_error(_("config needs one word: show or check"));
	if (globals_config(g, &e) != 0)
		return complain(&e);
	if (str_eq(argv[first], "show"))
		return show(g->config);
	if (check_named(g->config, &e) != 0) {
		if (e.code == ERR_USAGE)
			e.code = ERR_INPUT;
		return complain(&e);
	}
	printf(_("%s: ok\n"),
		g->config->file ? g->config->file : _("no configuration file: the defaults apply"));
	return EXIT_OK;
}
