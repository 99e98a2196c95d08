/* The structured log: one line of `ts level module message key=value` per call,
 * to a file, never to the screen. Any thread; before log_open (or with no path)
 * warnings go to stderr. Rotates once at 10 MB to FILE.1. No call but log_open and
 * log_close waits for the disk: lines that it is too slow for are dropped and counted. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/err.h"
#include "base/instant.h"

#define LOG_CLOSE_MS 2000 /* how long the end waits for the last lines */
#define LOG_LATE_MS  5000 /* a write that takes longer is trouble */

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

int log_open(const char *path, enum log_level least, struct err *e);
bool log_close(void); /* false: the disk did not take the last lines in time */
/* Secrets in the message are masked by base/redact before they are written. */
void log_put(enum log_level level, const char *module, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Why lines do not reach the disk. */
struct log_trouble {
	int failed; /* errno of the write; 0: it hangs */
	struct instant since;
};
bool log_is_kept(struct instant now, struct log_trouble *out); /* false fills out */
/* Writes what waits, unless the disk hangs already: for the signal handler of a program that dies.
 */
void log_last_words(void);

#endif
