/* What ssh meant by ending with 255. Pure; any thread. */
#ifndef CLUSTER_SSH_FAILURE_H
#define CLUSTER_SSH_FAILURE_H

#include "base/err.h"

/* From what ssh wrote to stderr. Fills e with a code and a sentence that says what to do; -1
 * always. */
int ssh_failure(const char *host, const char *errors, struct err *e);
/* The last line that is not empty, made safe: what a failed program says last is usually why. */
void ssh_last_line(const char *text, char *dst, size_t size);

#endif
