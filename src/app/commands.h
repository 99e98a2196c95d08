/* Every command, for the table and for who runs one of them by name. */
#ifndef APP_COMMANDS_H
#define APP_COMMANDS_H

#include "app/options.h"

/* Ended by a NULL name; the first is run when none is named. */
extern const struct command_row command_rows[];

int command_console(struct globals *g, const struct command_row *self, int argc, char **argv);
int command_drill(struct globals *g, const struct command_row *self, int argc, char **argv);
int command_check(struct globals *g, const struct command_row *self, int argc, char **argv);
int command_incident(struct globals *g, const struct command_row *self, int argc, char **argv);
int command_runbook(struct globals *g, const struct command_row *self, int argc, char **argv);
int command_config(struct globals *g, const struct command_row *self, int argc, char **argv);

/* The practice cluster, healthy; where there is a terminal. An exit code. */
int drill_healthy(struct globals *g);

#endif
