/* Themes: the built-in files and the user's own, into values for the screen. */
#ifndef APP_THEME_LOAD_H
#define APP_THEME_LOAD_H

#include <stddef.h>

#include "base/embedded_file.h"
#include "base/err.h"
#include "ui/kit/theme.h"

extern const struct embedded_files theme_files; /* the built-in ones: themes/ */

/* first: the theme to begin with: a built-in's name, one in $XDG_CONFIG_HOME/k911/themes, or a
 * file's path. All built-in ones follow it. *out is new (free). ERR_INPUT with file:line:column,
 * ERR_MISSING with the names there are. */
int theme_load_all(const char *first, struct theme **out, size_t *n, struct err *e);

#endif
