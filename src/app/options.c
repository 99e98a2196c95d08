/* Options are rows; getopt_long reads them, and --help prints them. */
#include "app/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/language.h"
#include "base/i18n.h"
#include "base/nearest.h"
#include "base/str.h"

static const struct option_row global_rows[] = {
	{"kubeconfig", 0, "FILE", N_("the kubeconfig to use")},
	{"context", 0, "NAME", N_("the context in it")},
	{"config", 0, "FILE", N_("k911's own configuration")},
	{"state-dir", 0, "DIR", N_("where the last good state and the log are kept")},
	{"read-only", 0, NULL, N_("refuse every change to the cluster")},
	{"lang", 0, "LANG", N_("en, zh_CN or auto")},
	{"theme", 0, "NAME", N_("dark, light, high-contrast, mono, or a file")},
	{"verbose", 'v', NULL, N_("write more into the log")},
	{"version", 0, NULL, N_("print the version")},
	{"help", 'h', NULL, N_("print this, or a command's own help")},
	{NULL, 0, NULL, NULL},
};

#define ROWS_MAX 40
#define ID_FIRST 1000 /* of the long options, past every letter */

/* The rows of one reading: a command's own, then the global ones. */
struct rows {
	int n, own;
	const struct option_row *at[ROWS_MAX];
	struct option table[ROWS_MAX + 1];
	char letters[2 * ROWS_MAX + 3];
};

static void add_rows(struct rows *r, const struct option_row *from)
{
	for (; from && from->name && r->n < ROWS_MAX; from++) {
		size_t at = strlen(r->letters);

		r->table[r->n] = (struct option){from->name,
			from->value ? required_argument : no_argument, NULL, ID_FIRST + r->n};
		r->at[r->n++] = from;
		if (from->letter) {
			r->letters[at++] = from->letter;
			if (from->value)
				r->letters[at++] = ':';
			r->letters[at] = '\0';
		}
	}
}

int complain(const struct err *e)
{
	fprintf(stderr, "k911: %s\n", e->text);
	switch ((int)e->code) {
	case ERR_USAGE:
		return EXIT_USAGE;
	case ERR_INPUT:
	case ERR_MISSING:
	case ERR_UNSUPPORTED:
		return EXIT_INPUT;
	case ERR_AUTH:
	case ERR_REFUSED:
	case ERR_UNREACHABLE:
	case ERR_TIMEOUT:
	case ERR_TLS:
		return EXIT_UNKNOWN;
	default:
		return EXIT_CRITICAL;
	}
}

int usage_error(const char *fmt, ...)
{
	va_list ap;

	fputs("k911: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s", _("\nTry `k911 --help`.\n"));
	return EXIT_USAGE;
}

static void print_rows(const struct option_row *row)
{
	for (; row && row->name; row++) {
		char left[60];

		snprintf(left, sizeof(left), row->letter ? "-%c, --%s %s" : "%.0d--%s %s",
			row->letter, row->name, row->value ? row->value : "");
		printf("  %-28s %s\n", left, _(row->summary));
	}
}

static void print_help(const struct command_row *commands)
{
	printf(_("k911 %s - the incident console for self-hosted, highly available Kubernetes\n\n"),
		K911_VERSION);
	printf("%s", _("Usage: k911 [OPTION]... [COMMAND] [ARGUMENT]...\n\nCommands:\n"));
	for (const struct command_row *c = commands; c->name; c++) {
		char left[60];

		snprintf(left, sizeof(left), "k911%s%s %s", c->name[0] ? " " : "", c->name,
			c->usage);
		printf("  %-28s %s\n", left, _(c->summary));
	}
	printf("%s", _("\nOptions:\n"));
	print_rows(global_rows);
	printf("%s", _("\nExit: 0 ok, 1 warning, 2 critical or failed, 3 unknown or unreachable, "
		       "64 wrong usage, "
		       "65 bad input file, 130 interrupted.\n"));
}

static void print_command_help(const struct command_row *c)
{
	printf(_("Usage: k911 [OPTION]... %s %s\n\n%s\n"), c->name, c->usage, _(c->summary));
	if (c->details)
		printf("\n%s\n", _(c->details));
	if (c->options) {
		printf("%s", _("\nIts options:\n"));
		print_rows(c->options);
	}
	printf("%s", _("\nOptions of every command:\n"));
	print_rows(global_rows);
}

static void take_global(struct globals *g, const char *name, const char *value)
{
	const struct {
		const char *name;
		const char **to;
	} texts[] = {{"kubeconfig", &g->kubeconfig}, {"context", &g->context},
		{"config", &g->config_file}, {"state-dir", &g->state_dir}, {"lang", &g->lang},
		{"theme", &g->theme}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (str_eq(texts[i].name, name))
			*texts[i].to = value;
	if (str_eq(name, "read-only"))
		g->read_only = true;
	if (str_eq(name, "verbose"))
		g->verbose = true;
}

static int bad_option(const struct rows *r, const char *word)
{
	const char *near;

	if (optopt >= ID_FIRST && optopt < ID_FIRST + r->n) /* known, so it was given a value */
		return usage_error(_("--%s takes no value"), r->table[optopt - ID_FIRST].name);
	if (!str_starts(word, "--") && optopt > 0)
		return usage_error(_("unknown option -%c"), optopt);
	near = str_starts(word, "--") ? NEAREST_ROW(word + 2, r->table, (size_t)r->n) : NULL;
	if (near)
		return usage_error(_("unknown option %s; did you mean --%s?"), word, near);
	return usage_error(_("unknown option %s"), word);
}

/* Does what one option asks; 1 + the exit code when that is the end. */
static int obey(struct globals *g, const struct command_row *c, const struct option_row *row,
	bool own, void (*take)(void *to, const char *name, const char *value), void *to)
{
	struct err e;

	if (own) {
		take(to, row->name, optarg);
		return 0;
	}
	if (str_eq(row->name, "version")) {
		printf("k911 %s\n", K911_VERSION);
		return 1 + EXIT_OK;
	}
	if (str_eq(row->name, "help")) {
		if (g->lang && language_set(g->lang, g->self, &e) != 0)
			return 1 + complain(&e);
		if (c->name[0])
			print_command_help(c);
		else
			print_help(g->commands);
		return 1 + EXIT_OK;
	}
	take_global(g, row->name, optarg);
	return 0;
}

static const struct option_row *row_of(const struct rows *r, int id, bool *own)
{
	for (int i = 0; i < r->n; i++) {
		if (id == ID_FIRST + i || (r->at[i]->letter && id == r->at[i]->letter)) {
			*own = i < r->own;
			return r->at[i];
		}
	}
	return NULL;
}

/* getopt keeps its place in globals; only the main thread reads options, the console's line too. */
static int next_option(int argc, char **argv, const struct rows *r)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	return getopt_long(argc, argv, r->letters, r->table, NULL);
}

int options_read(struct globals *g, const struct command_row *c, int argc, char **argv,
	void (*take)(void *to, const char *name, const char *value), void *to, int *first)
{
	struct rows r = {.letters = ""};
	int id, rc = 0;

	/* The console's line may name a command, whose arguments are its own: stop there. */
	str_copy(r.letters, sizeof(r.letters), c->name[0] ? ":" : "+:");
	add_rows(&r, c->options);
	r.own = r.n;
	add_rows(&r, global_rows);
	opterr = 0;
	optind = 0; /* glibc: begin anew */
	while (rc == 0 && (id = next_option(argc, argv, &r)) != -1) {
		bool own = false;
		const struct option_row *row = row_of(&r, id, &own);

		if (id == ':')
			return 1 + usage_error(_("%s needs a value"), argv[optind - 1]);
		if (!row)
			return 1 + bad_option(&r, argv[optind > 0 ? optind - 1 : 0]);
		rc = obey(g, c, row, own, take, to);
	}
	*first = optind;
	return rc;
}

int globals_config(struct globals *g, struct err *e)
{
	if (g->config)
		return 0;
	if (config_load(g->config_file, &g->config, e) != 0)
		return -1;
	return language_set(g->lang ? g->lang : g->config->ui.lang, g->self, e);
}
