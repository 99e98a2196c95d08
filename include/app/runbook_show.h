/* Runbooks as `k911 runbook list` and `show` print them: for people, or as JSON (schema
 * k911/runbook/v1, texts in both languages). What a team wrote may hold anything: it is made safe. */
#ifndef APP_RUNBOOK_SHOW_H
#define APP_RUNBOOK_SHOW_H

#include "base/buf.h"
#include "ops/run/runbook_set.h"

void runbook_list_text(struct buf *out, const struct runbook_set *s);
void runbook_list_json(struct buf *out, const struct runbook_set *s);
void runbook_show_text(struct buf *out, const struct runbook *r);
void runbook_show_json(struct buf *out, const struct runbook *r);

/* The guards and deeds that a runbook may be made of. */
void runbook_show_words(struct buf *out);
void runbook_show_words_json(struct buf *out);

#endif
