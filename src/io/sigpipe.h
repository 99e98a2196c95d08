/* Keeps SIGPIPE from this thread around writes to a peer that may be gone. Private to io. */
#ifndef SRC_IO_SIGPIPE_H
#define SRC_IO_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>

struct sigpipe {
	bool was_pending;
	sigset_t mask;
};

void sigpipe_block(struct sigpipe *s);
void sigpipe_restore(const struct sigpipe *s); /* takes back what came meanwhile */

#endif
