/* Which language and codeset: before any thread starts. */
#ifndef APP_LANGUAGE_H
#define APP_LANGUAGE_H

#include "base/err.h"

/* lang: "auto" (the environment's), "en", "zh_CN" (also "zh"). ERR_USAGE for another. Sets the
 * locale for good; numbers stay C. */
int language_set(const char *lang, const char *self, struct err *e);

#endif
