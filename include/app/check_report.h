/* What `k911 check` prints: one JSON document, or a page for people. Pure. */
#ifndef APP_CHECK_REPORT_H
#define APP_CHECK_REPORT_H

#include <stdbool.h>

#include "base/buf.h"
#include "model/checks.h"

void check_report_json(struct buf *out, const struct snapshot *s, const struct checks *h);
void check_report_text(
	struct buf *out, const struct snapshot *s, const struct checks *h, bool colour);

#endif
