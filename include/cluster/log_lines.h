/* The lines of a log, from bytes that are cut anywhere: without their ends, and a line without one
 * is cut every 16 KiB. One thread. */
#ifndef CLUSTER_LOG_LINES_H
#define CLUSTER_LOG_LINES_H

#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/vec.h"

#define LOG_LINE_MAX (16u << 10)

struct log_lines {
	struct buf rest; /* the line that has no end yet */
	VEC(struct rstr *) whole;
};

void log_lines_init(struct log_lines *l);
void log_lines_done(struct log_lines *l); /* with those that were not taken */
void log_lines_feed(struct log_lines *l, const char *bytes, size_t n);
void log_lines_end(struct log_lines *l); /* what has no end is the last line */
/* The whole lines move out: an array of n, and each of them, is the caller's. */
struct rstr **log_lines_take(struct log_lines *l, size_t *n);

#endif
