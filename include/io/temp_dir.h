/* Directories that live as long as their process: ssh's sockets, the practice cluster with its
 * keys. A process that was killed leaves its own behind; whoever makes the next one removes it.
 * Blocking. */
#ifndef IO_TEMP_DIR_H
#define IO_TEMP_DIR_H

#include "base/err.h"

struct temp_dir {
	char *path; /* NULL: none */
	int lock_fd;
};

/* Removes what dead processes of this user left under that prefix, then makes PARENT/PREFIXxxxxxx,
 * 0700. What has no lock file of ours in it, or one that is held, is never touched. */
int temp_dir_open(struct temp_dir *s, const char *parent, const char *prefix, struct err *e);
/* Removes it with all that is in it; private keys and tokens are overwritten first. */
void temp_dir_close(struct temp_dir *s); /* one that was never opened, but zeroed, is fine */

#endif
