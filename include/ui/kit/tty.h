/* The terminal: a canvas goes out, keys and the mouse come in. ui/kit/tty.c is the only file that
 * knows curses. At most one tty is open in a process; every call comes from the thread that opened
 * it, or the program ends. */
#ifndef UI_KIT_TTY_H
#define UI_KIT_TTY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ui/kit/canvas.h"
#include "ui/kit/theme.h"

struct tty;

enum tty_what {
	TTY_NOTHING, /* no more for now */
	TTY_KEY,     /* key: a character or enum key */
	TTY_PASTE,   /* key: a character that was pasted */
	TTY_CLICK,   /* row, column */
	TTY_DOUBLE,
	TTY_WHEEL_UP,
	TTY_WHEEL_DOWN
};

struct tty_event {
	enum tty_what what;
	int key;
	int row, column;
};

/* Is there a terminal to take? -1 with a sentence when stdin or stdout is none, or TERM names none
 * that can be painted on. */
int tty_check(struct err *e);

/* Takes the terminal over: alternate screen, raw keys, no cursor; stderr goes to stderr_path (NULL:
 * nowhere) until tty_close. NULL with a sentence when stdin or stdout is no terminal or TERM is
 * none that can be painted on: nothing was touched then. Should the program crash or exit, the
 * terminal is restored all the same. */
struct tty *tty_open(const char *stderr_path, struct err *e);
void tty_close(struct tty *t);       /* NULL is fine */
int tty_fd(const struct tty *t);     /* readable while keys wait */
bool tty_ascii(const struct tty *t); /* the locale has no UTF-8 */
void tty_size(const struct tty *t, int *rows, int *columns);
void tty_resize(struct tty *t); /* asks the terminal for its size: after SIGWINCH */
void tty_theme(struct tty *t, const struct theme *theme); /* NO_COLOR is obeyed here */
/* Sends what changed since the last one. */
void tty_paint(struct tty *t, const struct canvas *c);
struct tty_event tty_take(struct tty *t); /* never waits */
void tty_redraw(struct tty *t);           /* the next tty_paint sends everything */
/* To the terminal's clipboard, where it takes OSC 52. */
void tty_copy(struct tty *t, const char *text);

/* Gives the terminal back and stops the process (the whole foreground job when the key was ours to
 * read) until SIGCONT, then takes the terminal again. Where stopping is not possible it returns at
 * once. */
void tty_suspend(struct tty *t, bool whole_job);
/* After a SIGCONT that was not ours: takes the terminal again. */
void tty_continue(struct tty *t);

#endif
