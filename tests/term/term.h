/* A terminal for tests: runs the real binary on a pty and reads its screen.
 *
 * One thread. The screen changes only while a function here is reading: term_pump and the waits.
 * Times are milliseconds unless the name says otherwise. Rows and columns count from 0.
 * Patterns are POSIX extended regular expressions over the whole screen, one line per row, so that
 * ^ and $ stand at the edges of a row; blanks at the end of a row are cut. */
#ifndef TERM_TERM_H
#define TERM_TERM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct term;

struct term_options {
	const char *const *argv; /* argv[0] is looked up in PATH; NULL ends it */
	/* Over the caller's environment: "NAME=VALUE" sets, "NAME" removes; NULL for none. TERM is
	 * xterm-256color unless set here. */
	const char *const *env;
	const char *dir; /* NULL: the caller's */
	int rows, cols;  /* 0: 24 and 80 */
};

/* Gives a running program, or NULL with errno (a program that is not there is ENOENT). */
struct term *term_start(const struct term_options *o);
void term_free(struct term *t); /* kills what still runs; NULL is fine */

int term_pump(struct term *t, int ms); /* reads for up to ms; 1 something came, 0 not, -1 ended */
int term_fd(const struct term *t);     /* readable while output waits */
pid_t term_pid(const struct term *t);

/* Input. In keys, <Enter> <Tab> <S-Tab> <Esc> <Space> <BS> <Del> <Ins> <Home> <End> <PgUp> <PgDn>
 * <Up> <Down> <Left> <Right> <F1>..<F12> <C-x> <M-x> <lt> are keys and the rest is typed as it is.
 * -1 on a key without a name, with nothing sent after it. */
int term_keys(struct term *t, const char *keys);
void term_write(struct term *t, const char *bytes, size_t n);
void term_click(struct term *t, int row, int col, int button); /* 1 left, 4 and 5 the wheel */
int term_resize(struct term *t, int rows, int cols);
int term_signal(struct term *t, int sig);

/* The screen. Strings are UTF-8 and the caller's to free. */
char *term_line(const struct term *t, int row); /* "" outside the screen */
char *term_screen(const struct term *t);        /* every row with its newline */
void term_size(const struct term *t, int *rows, int *cols);
bool term_shows(const struct term *t, const char *pattern);

struct term_cell {
	char text[28];   /* "" right of a wide character; " " where nothing is */
	int width;       /* 1 or 2 */
	uint32_t fg, bg; /* 0xRRGGBB, reverse video already applied */
	bool plain_bg;   /* the terminal's own background */
	bool bold, underline, italic, reverse;
};
bool term_cell(const struct term *t, int row, int col, struct term_cell *cell);
bool term_cursor(const struct term *t, int *row, int *col); /* true while visible */

/* Waits; each gives the time it took, or -1 when the time was up or the program ended first. */
double term_wait(struct term *t, const char *pattern, int ms);
double term_wait_gone(struct term *t, const char *pattern, int ms);
/* From the key to the first changed cell (text or colour) within rows [first, past). */
double term_time_to_change(struct term *t, const char *keys, int first, int past, int ms);

/* True once it ended; status as from waitpid. Reads what it still had to say. */
bool term_exited(struct term *t, int ms, int *status);
void term_writes(struct term *t, const char *bytes); /* as if the program had written them */
/* NULL when the terminal is as the program found it, else what was left behind, in words. */
const char *term_mess(struct term *t);
bool term_alt_screen(const struct term *t); /* on now */
uint64_t term_bytes(const struct term *t);  /* output so far */

/* title NULL: none; -1 and errno */
int term_svg(const struct term *t, FILE *out, const char *title);

#endif
