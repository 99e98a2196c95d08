/* From configuration to a running engine, and a console on it. Main thread. */
#ifndef APP_SESSION_H
#define APP_SESSION_H

#include "app/command_line.h"
#include "ops/engine.h"

/* The engine's options as the configuration says; strings are borrowed from g and its config. */
struct session_options {
	struct engine_options engine;
	struct node_shell_options shell;
	char *state_dir; /* owned; NULL when there is no home to keep it in */
};
int session_options_init(struct session_options *o, struct globals *g, struct err *e);
void session_options_done(struct session_options *o);

/* Opens the log in the state directory: nothing may write to the screen but the screen. */
int session_log(const struct globals *g, const struct session_options *o, struct err *e);
/* Starts the engine, shows the console until it is left, stops. say (or NULL): a first notice. An
 * exit code. */
int session_console(struct globals *g, struct session_options *o, const char *say);

#endif
