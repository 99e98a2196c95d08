/* The structured log: one line of `ts level module message key=value` per call,
 * to a file, never to the screen. Any thread; before log_open (or with no path)
 * warnings go to stderr. Rotates once at 10 MB to FILE.1. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

int log_open(const char *path, enum log_level least, struct err *e);
void log_close(void);
/* Secrets in the message are masked by base/redact before they are written. */
void log_put(enum log_level level, const char *module, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
