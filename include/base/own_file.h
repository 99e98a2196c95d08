/* Files of ours in a directory that others may once have had their hands on: never written through
 * a link, nor when they are another user's or have a second name. */
#ifndef BASE_OWN_FILE_H
#define BASE_OWN_FILE_H

#include "base/err.h"

/* Opens for writing, made 0600 when it is not there; flags beside that, as open's. A descriptor
 * that is closed on exec, or -1: ERR_INPUT for what is not ours, else ERR_SYSTEM. */
int own_file_open(const char *path, int flags, struct err *e);
/* 0 when it is not there or ours, without opening it. */
int own_file_look(const char *path, struct err *e);

#endif
