/* The command line: global options, then a command with its own. Main thread. */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include <stdbool.h>

#include "app/config.h"
#include "base/err.h"

struct command_row;

enum exit_code {
	EXIT_OK = 0,
	EXIT_WARNING = 1,
	EXIT_CRITICAL = 2, /* or: failed */
	EXIT_UNKNOWN = 3,  /* or: unreachable */
	EXIT_USAGE = 64,
	EXIT_INPUT = 65,
	EXIT_INTERRUPTED = 130
};

struct globals {
	const struct command_row *commands; /* all there are, ended by a NULL name */
	const char *self;                   /* the program's own file, for the drill's ssh */
	const char *kubeconfig, *context, *config_file, *state_dir, *lang,
		*theme; /* NULL: not given */
	bool read_only;
	bool verbose;
	struct config *config; /* after globals_config */
};

/* One long option (and perhaps a letter), with what --help says of it. */
struct option_row {
	const char *name;
	char letter;         /* 0: none */
	const char *value;   /* "FILE"; NULL: takes none */
	const char *summary; /* N_() key */
};

struct command_row {
	const char *name;                 /* "" for the console */
	const char *usage;                /* "[SCENARIO]" */
	const char *summary;              /* N_() key */
	const char *details;              /* N_() key: what --help adds; NULL: nothing */
	const struct option_row *options; /* its own; ended by a NULL name; NULL: none */
	/* argv[0] is the command's name; an exit code */
	int (*run)(struct globals *g, const struct command_row *self, int argc, char **argv);
};

/* Reads a command's own and the global options, wherever they stand among its arguments, and moves
 * the arguments to argv[*first].. . take gets its own ones. 0: go on; otherwise 1 + the exit code
 * to leave with (--help, a mistake). */
int options_read(struct globals *g, const struct command_row *c, int argc, char **argv,
	void (*take)(void *to, const char *name, const char *value), void *to, int *first);
/* The configuration, and the language it asks for: for commands that need one. */
int globals_config(struct globals *g, struct err *e);

/* "k911: sentence" on stderr; the exit code for it. */
int complain(const struct err *e);
/* Says it and points to --help; EXIT_USAGE */
int usage_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
