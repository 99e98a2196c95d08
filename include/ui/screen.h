/* The console: panes, focus, zoom, filter, palette, help, notices, and the loop that paints them. The UI thread's; the
 * only thread that touches the terminal. */
#ifndef UI_SCREEN_H
#define UI_SCREEN_H

#include "base/err.h"
#include "base/mailbox.h"
#include "base/slot.h"
#include "ui/keymap.h"
#include "ui/theme.h"

struct screen_options {
	struct slot *snapshots;        /* struct snapshot, from the engine */
	struct mailbox *commands;      /* struct command, to the engine */
	struct mailbox *notices;       /* struct notice, from the engine */
	const struct theme *themes;    /* the first is shown */
	size_t n_themes;
	struct keymap *keymap;         /* borrowed */
	const char *stderr_path;       /* where stderr goes while curses owns the terminal; NULL: /dev/null */
};

/* Checks the terminal first: not a tty, no TERM, unknown TERM: -1 with a sentence, nothing touched. Blocks until quit.
 * The terminal is restored whatever happens. SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT must be blocked in
 * every thread before; screen_run reads them from a signalfd. 0: quit; 1: interrupted (exit 130). */
int screen_run(const struct screen_options *o, struct err *e);

#endif
