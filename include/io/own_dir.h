/* Directories that are the user's alone, checked as ssh checks its own. Blocking. */
#ifndef IO_OWN_DIR_H
#define IO_OWN_DIR_H

#include "base/err.h"

/* Makes it and what is missing above it, 0700, and gives its path without links, new. ERR_INPUT
 * when it is another user's, when its group or others may write to it, or when somebody else could
 * put another in its place. */
int own_dir_make(const char *path, char **real, struct err *e);

#endif
