/* The terminal as it was found, and how to get back there without curses: from exit() and from
 * crashes. One per process. The thread of the tty calls; only the handlers run elsewhere. */
#ifndef UI_KIT_RESCUE_H
#define UI_KIT_RESCUE_H

#include <stdbool.h>

#include "base/err.h"

int rescue_begin(struct err *e); /* remembers the line modes; -1 when stdin has none */
/* reset: the bytes that make the terminal usable again. From here crashes and exit() are watched.
 * stderr will go to stderr_path (NULL or not to be opened: nowhere) while the terminal is taken. */
void rescue_prepare(const char *reset, const char *stderr_path);
void rescue_take(void); /* the terminal is ours: stderr is diverted */
bool rescue_taken(void);
void rescue_give(void); /* it is the shell's again: modes and stderr as they were */
void rescue_end(void);

/* Stops the process (or its whole job) until SIGCONT. SIGTSTP and SIGCONT must be blocked in every
 * thread. False where there is no job control: it went on at once. */
bool rescue_stop(bool whole_job);

#endif
