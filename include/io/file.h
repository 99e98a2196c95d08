/* Files: whole reads with a ceiling, atomic writes, directories. Blocking. */
#ifndef IO_FILE_H
#define IO_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* The whole file as a new NUL-terminated string; *n may be NULL. */
int file_read(const char *path, size_t max, char **text, size_t *n, struct err *e);
/* The same of a file with a secret, or with what must be the user's choice (a URL, what is done on
 * nodes): ERR_INPUT when it is neither this user's nor root's, or others may write to it. */
int file_read_secret(const char *path, size_t max, char **text, size_t *n, struct err *e);
/* Writes PATH.part, fsyncs, renames, fsyncs the directory. */
int file_write(const char *path, const void *bytes, size_t n, mode_t mode, struct err *e);
int file_make_dirs(const char *path, mode_t mode, struct err *e);
bool file_exists(const char *path);
char *file_expand(const char *path); /* ~ and ~/x by HOME; new */
/* relative to file's directory unless absolute; new */
char *file_beside(const char *file, const char *relative);
/* The XDG directories with /k911 appended; new strings. NULL when HOME is unset too. */
char *file_config_dir(void);
char *file_state_dir(void);
/* $XDG_RUNTIME_DIR/k911, 0700; NULL when unset, another's, or too long for a socket. */
char *file_runtime_dir(void);

#endif
