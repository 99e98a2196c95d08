/* The program itself on a terminal, started as an operator does: in a home of its own, English and
 * UTF-8 unless a test says otherwise. What fails to show fails the test, with the screen. */
#ifndef HELP_CONSOLE_H
#define HELP_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

#include "term/term.h"

#define CONSOLE_SOON 15000 /* ms: a deadline on a busy machine, no promise */

struct console {
	struct term *t;
	char home[64]; /* new and empty; gone with console_end */
};

struct console_options {
	const char *args;       /* separated by spaces; "%h" in it stands for the home */
	const char *const *env; /* over what is said above, as in term.h; NULL: none */
	const char *shell;      /* a script that runs "$K911"; args are not used then */
	int rows, cols;         /* 0: 36 and 120 */
};

const char *console_program(void);    /* $K911, absolute */
void console_home(struct console *c); /* only the home, to put files in before the start */
/* Makes the home if there is none. */
void console_start(struct console *c, const struct console_options *o);
void console_end(struct console *c); /* kills what still runs, removes the home */
/* Writes home/name, its directories too. */
void console_file(const struct console *c, const char *name, const char *text);

void console_sees(struct console *c, const char *pattern);
void console_loses(struct console *c, const char *pattern);
void console_keys(struct console *c, const char *keys);
/* Where text stands: its first cell. False when it does not. */
bool console_find(const struct console *c, const char *text, int *row, int *col);
/* Ends with this exit code, nothing left behind on the terminal. */
void console_exits(struct console *c, int code, int within_ms);

#endif
