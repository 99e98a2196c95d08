/* Who speaks in the journal: the user who runs k911, behind sudo too, and this host. Main thread,
 * before any other. */
#ifndef APP_AUTHOR_H
#define APP_AUTHOR_H

#include "ops/journal/journal_draft.h"

void author_learn(struct author *a);

#endif
