/* gettext: _("...") translates now, N_("...") marks a string in a table that is
 * translated where it is shown. English is the key; 简体中文 in src/app/share/po. */
#ifndef BASE_I18N_H
#define BASE_I18N_H

#include <libintl.h>

#define _(text)          gettext(text)
#define N_(text)         text
#define P_(one, many, n) ngettext((one), (many), (unsigned long)(n))

#endif
