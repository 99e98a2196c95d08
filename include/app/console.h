/* The console on a running engine, and what the configuration says of its looks. Main thread. */
#ifndef APP_CONSOLE_H
#define APP_CONSOLE_H

#include "app/session.h"
#include "ui/kit/keymap.h"
#include "ui/kit/theme.h"

/* The keys and themes that the configuration names; new, the caller's to free. ERR_INPUT, with
 * file:line:column for a key. */
int console_keys(const struct config *c, struct keymap **out, struct err *e);
int console_themes(const struct globals *g, struct theme **out, size_t *n, struct err *e);

/* Starts the engine, shows the console until it is left, stops. say (or NULL): a first notice. An
 * exit code. */
int console_run(struct globals *g, struct session_options *o, const char *say);

#endif
