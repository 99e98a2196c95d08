/* The console: panes, focus, zoom, filter, palette, help, notices, and the loop that paints them.
 * The UI thread's; the only thread that touches the terminal. The screen itself knows no terminal:
 * it takes keys and snapshots and paints a canvas, which is how it is tested; screen_run puts it on
 * one. */
#ifndef UI_SCREEN_SCREEN_H
#define UI_SCREEN_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/instant.h"
#include "base/mailbox.h"
#include "base/slot.h"
#include "model/command.h"
#include "model/snapshot.h"
#include "ui/kit/canvas.h"
#include "ui/kit/keymap.h"
#include "ui/kit/theme.h"
#include "ui/kit/view.h"

struct screen_pane {
	int number; /* 1-7 */
	const struct view_ops *view;
	enum source_id source; /* whose state and age the title shows */
};

/* What the console is made of. */
struct screen_views {
	const struct screen_pane *panes;
	size_t n_panes;
	/* Where the palette's "node NAME" leads; NULL: nowhere. */
	const struct view_ops *node, *pod, *member;
	/* What keys open; NULL: no such key. */
	const struct view_ops *incident, *incidents, *journal, *status, *alerts, *cluster;
	/* Of runbooks; NULL: none. The pane whose own view `actions` is comes last, and is there
	 * while a snapshot has runs. */
	const struct view_ops *actions, *runbooks, *plan, *start, *run;
	int (*header)(const struct snapshot *s, struct canvas *c, struct instant now);
};

extern const struct screen_views screen_views; /* the real ones */

struct screen_options {
	struct slot *snapshots;     /* struct snapshot, from the engine */
	struct mailbox *commands;   /* struct command, to the engine */
	struct mailbox *notices;    /* struct notice, from the engine */
	const struct theme *themes; /* the first is shown; none: the terminal's own colours */
	size_t n_themes;
	const struct keymap *keymap; /* borrowed */
	/* Where stderr goes while curses owns the terminal; NULL: /dev/null. */
	const char *stderr_path;
	const struct screen_views *views; /* NULL: screen_views */
};

/* Checks the terminal first: not a tty, no TERM, unknown TERM: -1 with a sentence, nothing touched.
 * Blocks until quit. The terminal is restored whatever happens. SIGINT, SIGTERM, SIGHUP, SIGWINCH,
 * SIGTSTP, SIGCONT must be blocked in every thread before; screen_run reads them from a signalfd
 * and leaves them blocked. 0: quit; 1: interrupted (exit 130), after which the caller should let
 * SIGINT kill, so that a second Ctrl-C leaves at once. */
int screen_run(const struct screen_options *o, struct err *e);

/* What the loop must do for the screen. */
enum screen_wish {
	SCREEN_NOTHING,
	SCREEN_QUIT,
	SCREEN_INTERRUPTED,
	SCREEN_SUSPEND,
	SCREEN_REDRAW,
	SCREEN_COPY
};

enum screen_pointer { POINTER_CLICK, POINTER_DOUBLE, POINTER_WHEEL_UP, POINTER_WHEEL_DOWN };

struct screen;

/* o->views must be set; what o points at must outlive the screen. */
struct screen *screen_new(const struct screen_options *o);
void screen_free(struct screen *s); /* closes every view; NULL is fine */
/* Takes a reference of its own. */
void screen_show(struct screen *s, struct snapshot *now);
void screen_hear(struct screen *s, const struct notice *n, struct instant now);
/* A character or enum key. */
void screen_key(struct screen *s, int key, struct instant now);
/* Typed by a paste: never a command. */
void screen_paste(struct screen *s, uint32_t character, struct instant now);
void screen_point(
	struct screen *s, enum screen_pointer what, int row, int column, struct instant now);
void screen_paint(struct screen *s, struct canvas *c, struct instant now);
/* And forgets it. */
enum screen_wish screen_wish(struct screen *s);
/* With SCREEN_COPY: what goes to the terminal's clipboard; safe to show. */
const char *screen_copied(const struct screen *s);
const struct theme *screen_theme(const struct screen *s);

#endif
